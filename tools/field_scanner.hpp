#pragma once

#include <regex.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "tools/record_format.hpp"

/// How single fields of a record are found in a text that may not have come in full. Pure.
namespace horolog::command {

/// A POSIX extended regular expression over bytes; it takes neither recursion nor a copy, however
/// long the text.
class BytePattern {
 public:
  /// Errc::invalid_argument with the reason.
  static Result<BytePattern> compile(const std::string& pattern);

  bool found_in(std::string_view text) const;
  /// How many bytes at the front of `text` match; nullopt when none do.
  std::optional<std::size_t> match_front(std::string_view text) const;

 private:
  struct Free {
    void operator()(regex_t* compiled) const {
      regfree(compiled);
      delete compiled;
    }
  };
  explicit BytePattern(std::unique_ptr<regex_t, Free> compiled) : compiled_(std::move(compiled)) {}
  std::unique_ptr<regex_t, Free> compiled_;
};

/// Bytes of the JSON value at the front; 0 when it is not there in full, nullopt when what is
/// there begins no value. Checks brackets and quotes only.
std::optional<std::size_t> json_extent(std::string_view text, bool at_end);

struct ScannedNumber {
  std::int64_t value = 0;
  std::size_t size = 0;  ///< 0: not there in full
};
/// The number at the front, in the form of a template's piece.
Result<ScannedNumber> scan_number(std::string_view text, bool at_end, const FormatPiece& piece);

}  // namespace horolog::command
