#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "horolog/types.hpp"

namespace horolog::command {

/// Finds the timestamp of the record at an offset of a log that can only be asked "which is the
/// first record with a timestamp of at least t": halves the span of time until the answer is that
/// record, or the span is a millisecond. Pure: next() says what to ask, answer() takes it.
class TimestampSearch {
 public:
  static constexpr int most_rounds = 48;

  /// `newest` is the largest timestamp in the log; `last` says that nothing follows the offset.
  TimestampSearch(Offset offset, bool last, TimestampMs newest)
      : offset_(offset), high_(newest), try_newest_(last) {}

  /// nullopt when the result is known.
  std::optional<TimestampMs> next() {
    if (result_) return std::nullopt;
    if (low_ >= high_) {
      result_ = low_;
      return std::nullopt;
    }
    if (!asked_oldest_) {
      asked_oldest_ = true;
      return asked_ = 0;
    }
    // Of the last record the newest timestamp is the likely one.
    if (std::exchange(try_newest_, false)) return asked_ = high_;
    return asked_ = low_ + (high_ - low_ + 1) / 2;
  }

  /// The record found and its timestamp; nullopt when nothing is as new.
  void answer(std::optional<Offset> found, TimestampMs time) {
    if (found == offset_) {
      result_ = time;
    } else if (found && *found < offset_) {
      low_ = std::max(asked_, time);
    } else {
      high_ = std::max(asked_ - 1, low_);
    }
  }

  std::optional<TimestampMs> result() const { return result_; }

 private:
  Offset offset_;
  TimestampMs low_ = 0;  ///< the record is at least as new
  TimestampMs high_;     ///< and at most
  TimestampMs asked_ = 0;
  bool try_newest_;
  bool asked_oldest_ = false;
  std::optional<TimestampMs> result_;
};

}  // namespace horolog::command
