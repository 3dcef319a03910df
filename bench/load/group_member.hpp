#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/error_code.hpp"

namespace horolog::bench {

/// A member of a consumer group as far as a rebalance goes: the requests that are due, and what
/// their answers mean. A state machine without I/O.
class GroupMember {
 public:
  explicit GroupMember(std::string group) : group_(std::move(group)) {}

  /// From now on it wants to join anew, with a subscription that differs from the last one's.
  void rejoin();
  /// From now on it asks whether the group rebalances. Only when it is stable.
  void check();
  ByteBuffer request() const;
  /// False for an error that ends it.
  bool on_response(ByteView frame);

  bool is_stable() const { return step_ == Step::stable; }
  std::int32_t generation() const { return generation_; }
  wire::ErrorCode error() const { return error_; }

 private:
  enum class Step : std::uint8_t { join, sync, heartbeat, stable };
  bool take(wire::ErrorCode error, Step next);

  std::string group_;
  std::string member_id_;
  std::int32_t generation_ = -1;
  std::uint8_t subscription_ = 0;
  std::vector<std::string> others_;  ///< of the leader: everybody who needs an assignment
  Step step_ = Step::join;
  wire::ErrorCode error_ = wire::ErrorCode::none;
};

}  // namespace horolog::bench
