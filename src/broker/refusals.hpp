#pragma once

#include <string>
#include <string_view>

#include "broker/context.hpp"
#include "protocol/api_key.hpp"
#include "protocol/error_code.hpp"

namespace horolog::broker {

/// What a client asked for that it must not: which thing, and why not.
struct Refused {
  wire::ApiKey api{};
  std::string who;  ///< Request::who()
  /// "topic", "partition", "resource": what `id` is.
  std::string_view kind;
  std::string id;
  wire::ErrorCode error{};
  std::string reason;
};

/// One line that names client, id and reason; not more lines a second than Context::refusals lets
/// through. Any thread.
void log_refused(Context& context, const Refused& refused);

/// Whether an error of a produced batch lies in what the client sent: others have their own lines,
/// or pass by themselves.
bool is_clients_fault(wire::ErrorCode error);

}  // namespace horolog::broker
