#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "horolog/record.hpp"

namespace horolog {

namespace worker {
struct Job;
}

/// What a handler says of one attempt.
class Outcome {
 public:
  enum class Kind : std::uint8_t { done, failed, dead };

  static Outcome done() { return Outcome(Kind::done, {}); }
  /// Repeated by the retry policy, then put aside. `after`: when, instead of the policy's backoff.
  static Outcome failed(std::string reason,
                        std::optional<std::chrono::milliseconds> after = std::nullopt) {
    Outcome outcome(Kind::failed, std::move(reason));
    outcome.after_ = after;
    return outcome;
  }
  /// Put aside at once, into the dead-letter topic: repeating it would not help.
  static Outcome dead(std::string reason) { return Outcome(Kind::dead, std::move(reason)); }

  /// `return send_mail(…);`: an error is a failed attempt, with the error's text as its reason.
  Outcome(const Status& status)
      : Outcome(status ? Kind::done : Kind::failed, status ? "" : status.error().message()) {}
  Outcome(Error error) : Outcome(Kind::failed, error.message()) {}

  Kind kind() const { return kind_; }
  const std::string& reason() const { return reason_; }
  std::optional<std::chrono::milliseconds> after() const { return after_; }

 private:
  Outcome(Kind kind, std::string reason) : kind_(kind), reason_(std::move(reason)) {}

  Kind kind_;
  std::string reason_;
  std::optional<std::chrono::milliseconds> after_;
};

/// One attempt at a task: the record and what is known of it. Valid while its handler runs; views
/// into it end with that. Any thread may ask cancelled().
class Task {
 public:
  explicit Task(worker::Job& job) : job_(&job) {}

  const RecordView& record() const;
  std::string_view topic() const { return record().topic; }
  Bytes key() const { return record().key; }
  /// Empty when the record's value is null.
  std::string_view value() const { return record().value.text(); }
  /// The first header of that name with a value.
  std::optional<std::string_view> header(std::string_view name) const;

  /// The same for every attempt at this task: what to deduplicate side effects by.
  const std::string& fire_id() const;
  /// The schedule that fired it; nullopt when it was produced plainly.
  const std::optional<std::string>& schedule() const;
  std::int64_t attempt() const;  ///< 1, 2, …
  std::int64_t max_attempts() const;
  /// When the attempt's time is over; nullopt without a timeout.
  std::optional<std::chrono::steady_clock::time_point> deadline() const;
  /// The time is over, its schedule wants it to stop (overlap cancel-other), the partition has gone
  /// to another worker, or this worker is stopping and its drain deadline passed: return soon. What
  /// is returned then may be dropped.
  bool cancelled() const;

 private:
  worker::Job* job_;
};

/// Called on a thread of the worker's pool, by several threads at the same time. An exception is a
/// failed attempt with its what() as the reason.
using Handler = std::function<Outcome(Task& task)>;

/// Around every handler, for metrics, tracing or what handlers share: calls `next` once, or decides
/// without it. On the handler's thread.
using Middleware = std::function<Outcome(Task& task, const Handler& next)>;

}  // namespace horolog
