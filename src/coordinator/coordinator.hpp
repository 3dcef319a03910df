#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/classic_groups.hpp"
#include "coordinator/core.hpp"
#include "coordinator/effects.hpp"
#include "coordinator/group_admin.hpp"
#include "coordinator/offsets.hpp"
#include "coordinator/settings.hpp"

namespace horolog::coordinator {

/// The groups of one partition of __consumer_offsets, as a state machine: an input and the time go
/// in, effects come out. Nothing in here waits, locks, reads a clock or touches a file, and the
/// same inputs give the same effects.
///
/// What is persisted (committed offsets, the last completed generation of each group) changes by
/// replaying records only, live and at recovery alike. Beside it lives the soft state of running
/// rebalances, which a restart forgets and clients rebuild.
///
/// Life: replay() the log in order, then on_loaded() once, then requests and on_time(). One thread
/// at a time. Every request is answered exactly once, in the effects of this or of a later input.
class Coordinator {
 public:
  /// `new_id` gives a fresh random id per call; it names members.
  Coordinator(const Settings& settings, std::function<Uuid()> new_id);
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  /// `transaction`: the producer in whose transactional batch the record stands, if any.
  Status replay(ByteView key, std::optional<ByteView> value,
                ProducerId transaction = no_producer_id);
  void replay(const AnyRecord& record, ProducerId transaction = no_producer_id);
  /// A control batch: the producer's transaction ends here.
  void replay_marker(ProducerId transaction, bool commit);
  Effects on_loaded(Now now);

  Effects join(const Caller& caller, wire::JoinGroupRequest request, Now now);
  Effects sync(const Caller& caller, const wire::SyncGroupRequest& request, Now now);
  Effects heartbeat(const Caller& caller, const wire::HeartbeatRequest& request, Now now);
  Effects leave(const Caller& caller, const wire::LeaveGroupRequest& request, Now now);

  Effects commit(const Caller& caller, const wire::OffsetCommitRequest& request, Now now);
  /// TxnOffsetCommit of a producer whose transaction comprises this partition. Either the answer,
  /// or records in a transactional batch (see Effects::transaction), answered when it is settled.
  Effects commit_transactional(const Caller& caller, const wire::TxnOffsetCommitRequest& request,
                               Now now);
  /// Whether the log took the batch that commit_transactional() has just asked for: none, or the
  /// protocol's error, which the producer is told.
  Effects settle_transactional(wire::ErrorCode outcome, Now now);
  /// `require_stable`: what an open transaction would change is UNSTABLE_OFFSET_COMMIT (KIP-447).
  Effects fetch(const Caller& caller, const wire::OffsetFetchRequest::Group& request, Now now,
                bool require_stable = false);
  Effects delete_offsets(const Caller& caller, const wire::OffsetDeleteRequest& request, Now now);

  Effects describe(const Caller& caller, const std::vector<std::string>& groups, Now now);
  Effects list(const Caller& caller, const wire::ListGroupsRequest& request, Now now);
  Effects delete_groups(const Caller& caller, const std::vector<std::string>& groups, Now now);

  /// A marker that has just been appended to this partition ends the producer's transaction. It is
  /// a write like that of records, and numbered: Effects::write.
  Effects on_transaction_marker(ProducerId transaction, bool commit, Now now);
  /// Its committed offsets mean nothing any more.
  Effects on_topic_deleted(const std::string& topic, Now now);
  /// At or after the time that earlier effects asked for; too early does no harm.
  Effects on_time(Now now);
  /// From the next input on.
  void change_settings(const Settings& settings) { core_.settings = settings; }

  const PersistedState& persisted() const { return core_.persisted; }
  const Core::Groups& groups() const { return core_.groups; }
  WriteNumber writes() const { return core_.writes; }

 private:
  void begin(Now now);
  Effects finish();

  Core core_;
  ClassicGroups members_;
  Offsets offsets_;
  GroupAdmin admin_;
};

}  // namespace horolog::coordinator
