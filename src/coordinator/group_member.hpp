#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "coordinator/effects.hpp"
#include "protocol/messages/join_group.hpp"

namespace horolog::coordinator {

/// A request that is parked until the group moves on.
struct Parked {
  Token token = 0;
  std::int16_t version = 0;
};

using MemberProtocols = std::vector<wire::JoinGroupRequest::Protocol>;

/// A member of a classic group. Who waits for a join is kept by the group, which counts them.
struct Member {
  std::string id;
  std::optional<std::string> instance_id;  ///< static membership (KIP-345)
  std::string client_id;
  std::string client_host;
  std::int32_t rebalance_timeout_ms = 0;
  std::int32_t session_timeout_ms = 0;
  /// In the member's order of preference; the metadata are opaque.
  MemberProtocols protocols;
  ByteBuffer assignment;
  std::optional<Parked> join;
  std::optional<Parked> sync;
  /// Has not yet heard its id: it cannot send heartbeats.
  bool is_new = false;

  bool is_static() const { return instance_id.has_value(); }
  /// A parked member is waiting for us, so it owes no heartbeat.
  bool owes_heartbeat() const { return is_new || (!join && !sync); }
  /// nullptr when the member does not support the protocol.
  const ByteBuffer* metadata(std::string_view protocol) const {
    for (const auto& offered : protocols) {
      if (offered.name == protocol) return &offered.metadata;
    }
    return nullptr;
  }
  /// Same protocols with the same metadata in the same order: a retry, not a change.
  bool offers(const MemberProtocols& other) const {
    if (protocols.size() != other.size()) return false;
    for (std::size_t i = 0; i < protocols.size(); ++i) {
      if (protocols[i].name != other[i].name) return false;
      if (protocols[i].metadata != other[i].metadata) return false;
    }
    return true;
  }
};

}  // namespace horolog::coordinator
