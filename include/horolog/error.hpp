#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

/// The one error type and the one result type of Horolog: library, broker and tools alike.
///
/// Three kinds of failure exist, and only one of them is an Error. A bug stops the process
/// (HOROLOG_ASSERT). What the world does to us (disk, peer, corrupt bytes, bad input) is an Error
/// inside a Result. An outcome that the protocol names (UNKNOWN_MEMBER_ID) is data in a response.
namespace horolog {

/// What went wrong, coarsely: enough to decide what to do next. The text says the rest.
enum class Errc : std::uint8_t {
  invalid_argument,  ///< the caller's input cannot be right, now or later
  not_found,         ///< the thing named does not exist
  already_exists,    ///< the thing to be created is there
  corrupt,           ///< bytes do not decode, or contradict their checksum
  unsupported,       ///< well-formed, but this version or feature is not served
  io,                ///< the operating system failed an operation on a file or socket
  disk_full,         ///< no space, or less than the low-water mark; retriable
  out_of_range,      ///< a position or offset outside what exists
  too_large,         ///< above a limit; the text names the limit
  busy,              ///< held by somebody else (lock, port)
  closed,            ///< the object or peer has gone
  timed_out,         ///< a deadline passed
  cancelled,         ///< stopped by its caller
};

/// The name of a code as it stands in log lines, e.g. "disk_full".
std::string_view to_string(Errc code);

/// What the caller can do about an Error, where that is known.
enum class Remedy : std::uint8_t {
  none,               ///< nothing in general: the code and the text say what is wrong
  retry,              ///< the same call may succeed later
  abort_transaction,  ///< abort the transaction; its producer can go on after that
  reopen,             ///< the client object is done for: close it and open another
};

/// A code, what happened in words (what, where, the likely fix), and errno where there was one.
class Error {
 public:
  Error(Errc code, std::string message, int os_error = 0)
      : code_(code), os_error_(os_error), message_(std::move(message)) {}

  /// An error that a broker's answer named: its code in the Kafka protocol is kept.
  static Error from_broker(Errc code, std::int16_t kafka_code, Remedy remedy, std::string message) {
    Error error(code, std::move(message));
    error.kafka_code_ = kafka_code;
    error.remedy_ = remedy;
    return error;
  }

  Errc code() const { return code_; }
  /// errno of the failed call, or 0.
  int os_error() const { return os_error_; }
  /// The error code of the Kafka protocol when a broker's answer is the cause, or 0.
  std::int16_t kafka_code() const { return kafka_code_; }
  Remedy remedy() const { return remedy_; }
  bool retriable() const { return remedy_ == Remedy::retry; }
  /// The same error with another remedy.
  Error with_remedy(Remedy remedy) const& {
    Error copy = *this;
    copy.remedy_ = remedy;
    return copy;
  }
  const std::string& message() const { return message_; }

  /// The same error with "context: " put before its message.
  Error with_context(std::string_view context) const&;

 private:
  Errc code_;
  Remedy remedy_ = Remedy::none;
  std::int16_t kafka_code_ = 0;
  int os_error_;
  std::string message_;
};

namespace detail {
/// Stops the process: value() of a failed Result, or error() of a good one, is a bug.
[[noreturn]] void bad_result_access(const char* what, const Error* error);
}  // namespace detail

/// Either a T or an Error. Never empty (a moved-from Result may only be destroyed or assigned).
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // Implicit on purpose: `return value;` and `return Error{…};` are how functions end.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return *checked(); }
  const T& value() const& { return *const_cast<Result*>(this)->checked(); }
  T&& value() && { return std::move(*checked()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return checked(); }
  const T* operator->() const { return const_cast<Result*>(this)->checked(); }

  const Error& error() const& { return checked_error(); }
  Error error() && { return checked_error(); }

  T value_or(T other) && { return ok() ? std::move(*this).value() : std::move(other); }

 private:
  T* checked() {
    if (!ok()) detail::bad_result_access("value", std::get_if<1>(&state_));
    return std::get_if<0>(&state_);
  }
  const Error& checked_error() const {
    if (ok()) detail::bad_result_access("error", nullptr);
    return *std::get_if<1>(&state_);
  }

  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  void value() const {
    if (!ok()) detail::bad_result_access("value", std::get_if<1>(&state_));
  }
  const Error& error() const {
    if (ok()) detail::bad_result_access("error", nullptr);
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<std::monostate, Error> state_;
};

using Status = Result<void>;

}  // namespace horolog

/// Leaves the enclosing function with the error of `expression`, if it has one.
#define HOROLOG_TRY(expression)                                              \
  do {                                                                       \
    if (auto horolog_status = (expression); !horolog_status)                 \
      return ::horolog::Error(std::move(horolog_status).error());            \
  } while (false)

#define HOROLOG_CONCAT_INNER(a, b) a##b
#define HOROLOG_CONCAT(a, b) HOROLOG_CONCAT_INNER(a, b)
/// `HOROLOG_ASSIGN(auto file, fs.open(path));`: the value, or leaves with the error.
#define HOROLOG_ASSIGN(declaration, expression)                                       \
  auto HOROLOG_CONCAT(horolog_result_, __LINE__) = (expression);                      \
  if (!HOROLOG_CONCAT(horolog_result_, __LINE__))                                     \
    return ::horolog::Error(std::move(HOROLOG_CONCAT(horolog_result_, __LINE__)).error()); \
  declaration = std::move(HOROLOG_CONCAT(horolog_result_, __LINE__)).value()
