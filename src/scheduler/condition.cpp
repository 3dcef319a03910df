#include "scheduler/condition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "scheduler/names.hpp"
#include "scheduler/run_record.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {
namespace {

using timekeeping::DurationMs;
using timekeeping::quoted;
using timekeeping::spec_error;

constexpr std::size_t longest_topic = 249;

/// A word of a condition, without its quotes.
struct Word {
  std::string text;
  std::size_t column = 1;
};

/// Cuts at spaces; what stands in double quotes is one word, or a part of one.
Result<std::vector<Word>> words_of(std::string_view text, std::string_view what) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    Word word{.text = {}, .column = at + 1};
    for (std::size_t opened = 0; at < text.size() && (opened != 0 || text[at] != ' '); ++at) {
      if (text[at] != '"') {
        word.text += text[at];
      } else {
        opened = opened == 0 ? at + 1 : 0;
      }
      if (at + 1 == text.size() && opened != 0)
        return spec_error(what, opened, "the quotes are not closed", "write a \" at the end");
    }
    words.push_back(std::move(word));
  }
  return words;
}

class ConditionReader {
 public:
  ConditionReader(std::string_view text, std::string_view what, std::vector<Word> words)
      : what_(what), end_column_(text.size() + 1), words_(std::move(words)) {
    condition_.text = text;
  }

  Result<Condition> read() {
    HOROLOG_ASSIGN(const Word kind, next("a condition",
                                         "write after, record, silence, count or lag"));
    if (kind.text == "after") {
      HOROLOG_TRY(read_after());
    } else if (kind.text == "record") {
      HOROLOG_TRY(read_record());
    } else if (kind.text == "silence") {
      HOROLOG_TRY(read_silence());
    } else if (kind.text == "count") {
      HOROLOG_TRY(read_count());
    } else if (kind.text == "lag") {
      HOROLOG_TRY(read_lag());
    } else {
      return spec_error(what_, kind.column, quoted(kind.text) + " is no condition",
                        "write after, record, silence, count or lag");
    }
    if (at_ < words_.size())
      return spec_error(what_, words_[at_].column, quoted(words_[at_].text) + " is too much",
                        "drop it; a name with spaces stands in double quotes");
    return std::move(condition_);
  }

 private:
  Result<Word> next(std::string_view missing, std::string_view fix) {
    if (at_ == words_.size())
      return spec_error(what_, end_column_, fmt::format("{} is missing", missing), fix);
    return words_[at_++];
  }
  bool take(std::string_view word) {
    if (at_ == words_.size() || words_[at_].text != word) return false;
    ++at_;
    return true;
  }

  Status read_topic() {
    HOROLOG_ASSIGN(const Word word, next("the topic", "name it, as in 'record orders'"));
    const bool known = std::all_of(word.text.begin(), word.text.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '.' || c == '_' || c == '-';
    });
    if (!known || word.text.empty() || word.text.size() > longest_topic)
      return spec_error(what_, word.column, quoted(word.text) + " is no topic's name",
                        "letters, digits, '.', '_' and '-' may be in it");
    if (word.text.starts_with("__"))
      return spec_error(what_, word.column, quoted(word.text) + " is an internal topic",
                        "watch one of your own");
    if (word.text.starts_with("horolog.") && condition_.kind != ConditionKind::lag)
      return spec_error(what_, word.column, quoted(word.text) + " is the scheduler's own topic",
                        "to wait for the runs of a schedule, write 'after SCHEDULE'");
    condition_.topic = word.text;
    condition_.topic_column = word.column;
    return {};
  }

  /// key=K and header.H=V, as many as there are.
  Status read_filters() {
    constexpr std::string_view key = "key=", header = "header.";
    for (; at_ < words_.size(); ++at_) {
      const std::string& text = words_[at_].text;
      if (text.starts_with(key)) {
        if (condition_.key)
          return spec_error(what_, words_[at_].column, "a second key", "keep one");
        condition_.key = text.substr(key.size());
      } else if (text.starts_with(header)) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == header.size())
          return spec_error(what_, words_[at_].column, quoted(text) + " is no header with a value",
                            "write header.NAME=VALUE");
        condition_.headers.emplace_back(text.substr(header.size(), equals - header.size()),
                                        text.substr(equals + 1));
      } else {
        return {};
      }
    }
    return {};
  }

  Status read_length(std::string_view behind) {
    HOROLOG_ASSIGN(const Word word, next(fmt::format("the time behind '{}'", behind),
                                         "write a length such as 90s or 1h30m"));
    HOROLOG_ASSIGN(const DurationMs length,
                   timekeeping::parse_duration(word.text, timekeeping::DurationStyle::any, what_,
                                               word.column));
    if (length < 1)
      return spec_error(what_, word.column, quoted(word.text) + " is no time at all",
                        "write a millisecond or more");
    condition_.length = length;
    return {};
  }

  Status read_number(std::int64_t least) {
    HOROLOG_ASSIGN(const Word word, next("the number", "write how many records"));
    const char* last = word.text.data() + word.text.size();
    const auto [end, error] = std::from_chars(word.text.data(), last, condition_.number);
    if (error != std::errc{} || end != last || condition_.number < least)
      return spec_error(what_, word.column, quoted(word.text) + " is no number of records",
                        fmt::format("write a whole number from {}", least));
    return {};
  }

  Status read_after() {
    condition_.kind = ConditionKind::after;
    HOROLOG_ASSIGN(const Word name, next("the schedule", "name it, as in 'after import'"));
    if (name.text.empty())
      return spec_error(what_, name.column, "the schedule's name is empty", "write it");
    condition_.schedule = name.text;
    if (at_ == words_.size()) return {};
    const Word end = words_[at_++];
    if (end.text == "failed") {
      condition_.end = RunEnd::failed;
    } else if (end.text == "done") {
      condition_.end = RunEnd::done;
    } else if (end.text != "succeeded") {
      return spec_error(what_, end.column, quoted(end.text) + " is no end of a run",
                        "write succeeded, failed or done; a name with spaces stands in double "
                        "quotes");
    }
    return {};
  }

  Status read_record() {
    condition_.kind = ConditionKind::record;
    HOROLOG_TRY(read_topic());
    HOROLOG_TRY(read_filters());
    condition_.restart = take("restart");
    return {};
  }

  Status read_silence() {
    condition_.kind = ConditionKind::silence;
    HOROLOG_TRY(read_topic());
    HOROLOG_TRY(read_filters());
    HOROLOG_ASSIGN(const Word word, next("'for'", "write for how long, as in 'for 5m'"));
    if (word.text != "for")
      return spec_error(what_, word.column, quoted(word.text) + " stands where 'for' should",
                        "write for how long, as in 'for 5m'");
    return read_length("for");
  }

  Status read_count() {
    condition_.kind = ConditionKind::count;
    HOROLOG_TRY(read_topic());
    HOROLOG_TRY(read_filters());
    HOROLOG_TRY(read_number(1));
    return take("or") ? read_length("or") : Status();
  }

  Status read_lag() {
    condition_.kind = ConditionKind::lag;
    HOROLOG_ASSIGN(const Word group, next("the group", "name the consumer group, then the topic"));
    condition_.group = group.text;
    HOROLOG_TRY(read_topic());
    HOROLOG_ASSIGN(const Word side, next("'above' or 'below'", "as in 'above 1000'"));
    if (side.text != "above" && side.text != "below")
      return spec_error(what_, side.column, quoted(side.text) + " is neither above nor below",
                        "as in 'above 1000'");
    condition_.above = side.text == "above";
    HOROLOG_TRY(read_number(condition_.above ? 0 : 1));
    return take("for") ? read_length("for") : Status();
  }

  const std::string_view what_;
  const std::size_t end_column_;
  const std::vector<Word> words_;
  std::size_t at_ = 0;
  Condition condition_;
};

}  // namespace

bool Condition::takes(const OutRecord& record) const {
  if (key && record.key != key) return false;
  return std::all_of(headers.begin(), headers.end(), [&](const auto& wanted) {
    return std::any_of(record.headers.begin(), record.headers.end(), [&](const Header& header) {
      return header.name == wanted.first && header.value == wanted.second;
    });
  });
}

bool Condition::takes_end(std::string_view event) const {
  if (!ends_run(event)) return false;
  return end == RunEnd::done || (event == event::succeeded) == (end == RunEnd::succeeded);
}

Result<Condition> parse_condition(std::string_view text, std::string_view what) {
  HOROLOG_ASSIGN(std::vector<Word> words, words_of(text, what));
  return ConditionReader(text, what, std::move(words)).read();
}

}  // namespace horolog::scheduler
