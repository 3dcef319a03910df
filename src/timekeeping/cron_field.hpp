#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "timekeeping/cron.hpp"

namespace horolog::timekeeping {

enum class FieldKind { second, minute, hour, day, month, weekday, year };

/// A word of a cron and the column of its first byte.
struct Word {
  std::string_view text;
  std::size_t column = 1;

  Word part(std::size_t from, std::size_t length = std::string_view::npos) const {
    return {text.substr(from, length), column + from};
  }
};

/// Reads one field of a cron into `out`. Knows the values and names of each kind of field and what
/// the dialect allows; what the two day fields mean together is the caller's.
class FieldReader {
 public:
  FieldReader(FieldKind kind, const CronOptions& options, CronFields& out,
              std::vector<std::string>& surprises);

  Status read(Word field);
  /// The field begins with `*` (or is `?`), as cronie looks at it.
  bool begins_with_star() const { return begins_with_star_; }
  /// robfig's star bit: some `*` or `?` in it without a step above 1.
  bool has_star() const { return has_star_; }
  bool is_question() const { return is_question_; }

 private:
  struct Range {
    int first = 0, last = 0;
    bool open = false;  ///< a lone value, which a step turns into "from here to the end"
    bool star = false;
  };

  Status read_item(Word item);
  Result<bool> read_day_item(Word item);
  Result<bool> read_weekday_item(Word item);
  Result<Range> read_range(Word base);
  Result<Range> read_hash(Word base, std::optional<int> step);
  Result<int> read_step(Word step);
  Result<int> read_value(Word word);
  std::optional<int> named_value(std::string_view word) const;
  Status add(const Range& range, int step);
  void add_value(int value);
  void note_uneven_step(const Range& range, int step);
  Error wrong(const Word& where, std::string_view problem) const;
  Error wrong(const Word& where, std::string_view problem, std::string_view fix) const;

  FieldKind kind_;
  const CronOptions& options_;
  CronFields& out_;
  std::vector<std::string>& surprises_;
  std::string_view name_;
  int min_ = 0, max_ = 0, size_ = 0;
  bool begins_with_star_ = false, has_star_ = false, is_question_ = false;
};

}  // namespace horolog::timekeeping
