#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "tools/record_format.hpp"
#include "tools/record_json.hpp"

namespace horolog::command {

/// Takes records off the front of a text. Pure; keeps no state between records.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  /// The record at the front of `input`, and how many bytes it took, which is at least one; 0 when
  /// it is not there in full, and `at_end` says that no more will come. `out` borrows from `input`
  /// and from this reader, until the next call.
  /// Errc::invalid_argument says what does not fit, and at which byte of the record.
  virtual Result<std::size_t> read(std::string_view input, bool at_end, InputRecord& out) = 0;
};

/// A record a line: the value, or a key, the delimiter and the value. A line without the delimiter
/// has no key.
std::unique_ptr<RecordReader> make_line_reader(std::string key_delimiter);

/// A JSON object a line.
std::unique_ptr<RecordReader> make_json_reader();

/// By a template, from parse_template() for reading. Errc::invalid_argument when it does not say
/// where a field ends. A text that ends at a line's end may lack the last one.
Result<std::unique_ptr<RecordReader>> make_template_reader(RecordTemplate pieces);

}  // namespace horolog::command
