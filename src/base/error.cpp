#include "horolog/error.hpp"

#include "base/assert.hpp"

namespace horolog {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::not_found: return "not_found";
    case Errc::already_exists: return "already_exists";
    case Errc::corrupt: return "corrupt";
    case Errc::unsupported: return "unsupported";
    case Errc::io: return "io";
    case Errc::disk_full: return "disk_full";
    case Errc::out_of_range: return "out_of_range";
    case Errc::too_large: return "too_large";
    case Errc::busy: return "busy";
    case Errc::closed: return "closed";
    case Errc::timed_out: return "timed_out";
    case Errc::cancelled: return "cancelled";
  }
  return "unknown";
}

Error Error::with_context(std::string_view context) const& {
  std::string text(context);
  text += ": ";
  text += message_;
  Error error = *this;
  error.message_ = std::move(text);
  return error;
}

namespace detail {

void bad_result_access(const char* what, const Error* error) {
  std::string text = "Result::";
  text += what;
  text += "() on the other alternative";
  if (error != nullptr) text += ": " + error->message();
  assert_failed(text.c_str(), __FILE__, __LINE__);
}

}  // namespace detail
}  // namespace horolog
