#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "tools/record_reader.hpp"

namespace horolog::command {

/// Records from a file descriptor. One thread.
class RecordInput {
 public:
  /// Does not own `fd`; `name` is for errors ("stdin", a file's name).
  RecordInput(int fd, std::string name, RecordReader& reader)
      : fd_(fd), name_(std::move(name)), reader_(reader) {}

  /// False at the end. `out` is valid until the next call. Errors begin with "name:line: ".
  Result<bool> next(InputRecord& out);
  /// Where the record that next() gave, or could not give, began.
  std::uint64_t line() const { return line_; }
  const std::string& name() const { return name_; }

 private:
  Status fill();
  Error at_line(const Error& error) const;

  int fd_;
  std::string name_;
  RecordReader& reader_;
  std::string buffer_;
  std::size_t at_ = 0;       ///< of the next record in the buffer
  std::size_t taken_ = 0;    ///< bytes of the record that next() gave
  std::uint64_t line_ = 1;
  bool at_end_ = false;
};

}  // namespace horolog::command
