#include "tools/record_reader.hpp"

#include <fmt/format.h>

namespace horolog::command {
namespace {

/// What lines have in common: where they end.
class ByLine : public RecordReader {
 public:
  Result<std::size_t> read(std::string_view input, bool at_end, InputRecord& out) final {
    const std::size_t end = input.find('\n');
    if (end == std::string_view::npos && !at_end) return std::size_t{0};
    HOROLOG_TRY(take(input.substr(0, end), out));
    return end == std::string_view::npos ? input.size() : end + 1;
  }

 private:
  virtual Status take(std::string_view line, InputRecord& out) = 0;
};

class LineReader final : public ByLine {
 public:
  explicit LineReader(std::string delimiter) : delimiter_(std::move(delimiter)) {}

 private:
  Status take(std::string_view line, InputRecord& out) override {
    out.key = Bytes();
    const std::size_t middle =
        delimiter_.empty() ? std::string_view::npos : line.find(delimiter_);
    if (middle == std::string_view::npos) {
      out.value = line;
    } else {
      out.key = line.substr(0, middle);
      out.value = line.substr(middle + delimiter_.size());
    }
    return {};
  }

  const std::string delimiter_;
};

class JsonReader final : public ByLine {
  Status take(std::string_view line, InputRecord& out) override {
    scratch_.clear();
    out = InputRecord();
    return parse_record_json(line, scratch_, out);
  }

  Scratch scratch_;
};

}  // namespace

std::unique_ptr<RecordReader> make_line_reader(std::string key_delimiter) {
  return std::make_unique<LineReader>(std::move(key_delimiter));
}

std::unique_ptr<RecordReader> make_json_reader() { return std::make_unique<JsonReader>(); }

}  // namespace horolog::command
