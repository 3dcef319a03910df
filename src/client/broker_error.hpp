#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "protocol/error_code.hpp"

namespace horolog::client {

/// The Error for what a broker answered. `what` says what was asked of whom ("cannot create topic
/// orders"); `broker_text` is the broker's own message, when it sent one:
///
///     cannot create topic orders: TOPIC_ALREADY_EXISTS (36): a topic of this name exists; …
Error broker_error(wire::ErrorCode code, std::string_view what,
                   const std::optional<std::string>& broker_text = std::nullopt);

/// Nothing for ErrorCode::none, else broker_error().
Status broker_status(wire::ErrorCode code, std::string_view what,
                     const std::optional<std::string>& broker_text = std::nullopt);

/// The coarse code of a Kafka error.
Errc errc_of(wire::ErrorCode code);
/// What a caller can do about it.
Remedy remedy_of(wire::ErrorCode code);

}  // namespace horolog::client
