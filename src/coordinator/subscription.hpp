#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/bytes.hpp"

namespace horolog::coordinator {

/// The protocol type of Kafka consumers; only for it are the member metadata more than bytes to us.
inline constexpr std::string_view consumer_protocol_type = "consumer";

/// The topics in a consumer's subscription (ConsumerProtocolSubscription). Only the fields of
/// version 0 are read, which every version begins with. nullopt when the bytes are no subscription.
std::optional<std::set<std::string>> subscribed_topics(ByteView metadata);

}  // namespace horolog::coordinator
