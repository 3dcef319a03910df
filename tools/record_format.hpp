#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/record.hpp"

/// Records as text by a template: rpk's grammar, for printing and for reading. Pure.
///
///     %t topic   %k key   %v value   %T %K %V their lengths
///     %p partition   %o offset   %e leader epoch   %d timestamp   %i number in this run
///     %x producer id   %y producer epoch   %a{compression} and other attributes
///     %H number of headers   %h{%k=%v } each header   %[ %| %] log start, stable and end offset
///     %% %{ %} themselves   \n \t \r \0 \\ \xFF
///
/// Behind text in braces: {hex} {base64} {base64raw}, for reading {json} {re[PATTERN]} too, for
/// printing {unpack[>hI$]}. Behind numbers: {ascii} {hex} {hex64} … {hex4} {big64} … {big8}
/// {little64} … {little8} {byte} {bool}; {20} behind a length, for reading, is that length and
/// takes nothing from the input. %a is {compression} in words, {timestamp-type} (0 the producer's,
/// 1 the broker's), {transactional-bit} or {control-bit}; a form of numbers may follow:
/// {compression;hex8}, {transactional-bit;bool}. Behind %d also {rfc3339}, {strftime[%F %T]} and
/// {go[2006-01-02T15:04:05Z07:00]}, in UTC; plain it is milliseconds.
namespace horolog::command {

/// One thing of a template.
struct FormatPiece {
  enum class Kind : std::uint8_t {
    literal,
    topic,
    key,
    value,
    topic_size,
    key_size,
    value_size,
    partition,
    offset,
    leader_epoch,
    producer_id,
    producer_epoch,
    compression,
    timestamp_type,
    transactional_bit,
    control_bit,
    timestamp,
    counter,
    header_count,
    headers,
    log_start,
    stable,
    end,
  };
  /// How bytes or a number are written.
  enum class Form : std::uint8_t {
    plain,
    word,  ///< of compression
    hex,  ///< of a number: `bits` wide, 0 for as wide as needed
    base64,
    base64raw,
    json,
    regex,
    unpack,
    big,
    little,
    boolean,
    fixed,  ///< a length that stands in the template
    rfc3339,
    strftime,
    go,
  };
  Kind kind = Kind::literal;
  Form form = Form::plain;
  unsigned bits = 0;         ///< of hex, big and little
  std::int64_t number = 0;   ///< of fixed
  std::string text;          ///< a literal; the pattern of strftime, go, regex and unpack
  std::vector<FormatPiece> nested;  ///< of headers

  bool is_text() const {
    return kind == Kind::topic || kind == Kind::key || kind == Kind::value;
  }
};

using RecordTemplate = std::vector<FormatPiece>;

/// Whether pieces are to print records or to read them: a few forms go one way only.
enum class FormatUse : std::uint8_t { print, read };

/// The error names what is wrong and at which character of the template.
Result<RecordTemplate> parse_template(std::string_view text, FormatUse use);

/// What a printed record may show besides itself.
struct FormatContext {
  std::int64_t counter = 0;
  Offset log_start = no_offset;
  Offset stable = no_offset;
  Offset end = no_offset;
};
/// Appends and allocates nothing else for the plain forms.
void append_record(std::string& out, const RecordTemplate& pieces, const RecordView& record,
                   const FormatContext& context);

}  // namespace horolog::command
