#include "coordinator/subscription.hpp"

#include "protocol/codec.hpp"
#include "protocol/records/consumer_protocol.hpp"

namespace horolog::coordinator {

std::optional<std::set<std::string>> subscribed_topics(ByteView metadata) {
  if (metadata.size() < sizeof(std::int16_t)) return std::nullopt;
  if (load_be<std::int16_t>(metadata.data()) < 0) return std::nullopt;
  const auto subscription = wire::decode_prefix<wire::ConsumerProtocolSubscription>(
      metadata.subspan(sizeof(std::int16_t)), 0);
  if (!subscription) return std::nullopt;
  return std::set<std::string>(subscription->topics.begin(), subscription->topics.end());
}

}  // namespace horolog::coordinator
