#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/effects.hpp"
#include "coordinator/group_member.hpp"
#include "protocol/error_code.hpp"
#include "protocol/records/group_metadata.hpp"

namespace horolog::coordinator {

/// Where a classic group stands. Kafka's fifth state, Dead, is a group that is not there.
///
///     Empty ─▶ PreparingRebalance ─▶ CompletingRebalance ─▶ Stable
///       ▲            │  ▲                    │                 │
///       └────────────┘  └────────────────────┴─────────────────┘
enum class GroupState : std::uint8_t {
  empty,                 ///< no members; perhaps offsets
  preparing_rebalance,   ///< waiting for the members to join
  completing_rebalance,  ///< waiting for the leader's assignment
  stable,
};

/// Kafka's spelling, as DescribeGroups and ListGroups show it.
std::string_view to_string(GroupState state);

/// A classic group: the soft state of one generation and of the rebalance to the next. Holds data
/// and its rules; what an outcome means for requests and timers is ClassicGroups' business.
class Group {
 public:
  using Members = std::map<std::string, Member, std::less<>>;

  explicit Group(std::string id) : id_(std::move(id)) {}
  /// The group as its record tells: Stable with these members, or Empty.
  static Group from_record(std::string id, const wire::GroupMetadataValue& value);
  /// The record of the group as it is now. Every member must support the selected protocol.
  wire::GroupMetadataValue to_record() const;

  const std::string& id() const { return id_; }
  GroupState state() const { return state_; }
  bool is(GroupState state) const { return state_ == state; }
  GroupState previous_state() const { return previous_state_; }
  std::int32_t generation() const { return generation_; }
  const std::optional<std::string>& protocol_type() const { return protocol_type_; }
  const std::optional<std::string>& protocol_name() const { return protocol_name_; }
  const std::optional<std::string>& leader() const { return leader_; }
  bool is_leader(std::string_view member_id) const { return leader_ && *leader_ == member_id; }
  TimestampMs state_since() const { return state_since_; }
  const Members& members() const { return members_; }
  std::vector<std::string> member_ids() const;
  Member* find(std::string_view member_id);
  /// The member that holds a static id, or nullptr.
  Member* find_static(std::string_view instance_id);

  void transition_to(GroupState state, TimestampMs now);

  /// The first member brings the group's protocol type.
  void set_protocol_type(const std::string& type) { protocol_type_ = type; }
  void add(Member member);
  /// Removes a member or a pending join; the next member becomes leader if it led. By value: the
  /// caller's name is often the member's own.
  void remove(std::string member_id);
  /// A static member came back without its id: the same member under a new one.
  Member& rename_static(std::string old_id, const std::string& new_id);
  void update(Member& member, const wire::JoinGroupRequest& request);

  void add_pending_join(const std::string& member_id) { pending_joins_.insert(member_id); }
  bool is_pending_join(std::string_view id) const { return pending_joins_.contains(id); }
  std::size_t pending_joins() const { return pending_joins_.size(); }

  void park_join(Member& member, Parked parked);
  /// Whoever waited for the member's join; it waits no longer.
  std::optional<Parked> unpark_join(Member& member);
  std::size_t parked_joins() const { return parked_joins_; }
  bool all_joined() const { return parked_joins_ == members_.size() && pending_joins_.empty(); }

  void expect_sync(const std::string& member_id) { pending_syncs_.insert(member_id); }
  void sync_arrived(const std::string& member_id) { pending_syncs_.erase(member_id); }
  const std::set<std::string>& pending_syncs() const { return pending_syncs_; }
  void forget_syncs() { pending_syncs_.clear(); }

  /// Whether a joiner may come in: for an empty group any protocol will do.
  bool supports(std::string_view protocol_type, const MemberProtocols& protocols) const;
  /// Of the protocols that all members support, the one with the most first votes; among equals
  /// the first by name.
  std::string select_protocol() const;
  /// Makes a member that has joined leader if the leader has not. False: nobody has joined.
  bool elect_joined_leader();
  /// Next generation: CompletingRebalance with a selected protocol, or Empty.
  void start_generation(TimestampMs now);
  /// The longest of the members' rebalance timeouts.
  std::int32_t rebalance_timeout_ms() const;

  /// Errors of Kafka's member check: unknown_member_id, fenced_instance_id, none.
  wire::ErrorCode check_member(std::string_view member_id,
                               const std::optional<std::string>& instance_id) const;

  bool is_consumer_group() const;
  /// nullopt: not a consumer group, or a subscription that does not parse.
  const std::optional<std::set<std::string>>& subscribed_topics() const { return topics_; }
  /// When in doubt a consumer group counts as subscribed: its offsets are kept.
  bool is_subscribed(const std::string& topic) const;

  /// The last write that this group's state depends on.
  WriteNumber last_write = 0;
  /// During an initial rebalance: somebody joined since the delay was last set.
  bool new_member_added = false;
  std::int64_t initial_delay_ms = 0;
  std::int64_t initial_delay_left_ms = 0;

 private:
  void count_protocols(const Member& member, int by);
  void compute_topics();

  std::string id_;
  GroupState state_ = GroupState::empty;
  GroupState previous_state_ = GroupState::empty;
  std::int32_t generation_ = 0;
  std::optional<std::string> protocol_type_;
  std::optional<std::string> protocol_name_;
  std::optional<std::string> leader_;
  TimestampMs state_since_ = no_timestamp;
  Members members_;
  std::map<std::string, std::string, std::less<>> static_members_;
  std::map<std::string, std::size_t, std::less<>> protocol_counts_;
  std::set<std::string, std::less<>> pending_joins_;
  std::set<std::string> pending_syncs_;
  std::size_t parked_joins_ = 0;
  std::optional<std::set<std::string>> topics_;
};

}  // namespace horolog::coordinator
