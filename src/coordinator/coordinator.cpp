#include "coordinator/coordinator.hpp"

#include "base/assert.hpp"

namespace horolog::coordinator {

Coordinator::Coordinator(const Settings& settings, std::function<Uuid()> new_id)
    : members_(core_), offsets_(core_, members_), admin_(core_, members_, offsets_) {
  core_.settings = settings;
  core_.new_id = std::move(new_id);
}

Status Coordinator::replay(ByteView key, std::optional<ByteView> value, ProducerId transaction) {
  HOROLOG_ASSIGN(const AnyRecord record, decode_record(key, value));
  replay(record, transaction);
  return {};
}

void Coordinator::replay(const AnyRecord& record, ProducerId transaction) {
  core_.persisted.replay(record, transaction);
}

void Coordinator::replay_marker(ProducerId transaction, bool commit) {
  core_.persisted.replay_marker(transaction, commit);
}

Effects Coordinator::on_loaded(Now now) {
  begin(now);
  for (const auto& [id, persisted] : core_.persisted.groups()) {
    if (persisted.metadata) {
      core_.groups.insert_or_assign(id, Group::from_record(id, *persisted.metadata));
    } else {
      core_.find_or_create(id);
    }
  }
  for (const std::string& id : core_.persisted.pending().groups()) core_.find_or_create(id);
  members_.on_loaded();
  core_.set_timer({TimerKey::Kind::expiration, "", ""}, core_.settings.retention_check_interval_ms);
  return finish();
}

void Coordinator::begin(Now now) {
  // Its records are in nobody's hands yet.
  HOROLOG_ASSERT(!offsets_.has_unsettled());
  core_.now = now;
  core_.effects = Effects();
}

Effects Coordinator::finish() {
  core_.effects.wake_at_ms = core_.timers.next();
  return std::move(core_.effects);
}

Effects Coordinator::join(const Caller& caller, wire::JoinGroupRequest request, Now now) {
  begin(now);
  members_.join(caller, std::move(request));
  return finish();
}

Effects Coordinator::sync(const Caller& caller, const wire::SyncGroupRequest& request, Now now) {
  begin(now);
  members_.sync(caller, request);
  return finish();
}

Effects Coordinator::heartbeat(const Caller& caller, const wire::HeartbeatRequest& request,
                               Now now) {
  begin(now);
  members_.heartbeat(caller, request);
  return finish();
}

Effects Coordinator::leave(const Caller& caller, const wire::LeaveGroupRequest& request, Now now) {
  begin(now);
  members_.leave(caller, request);
  return finish();
}

Effects Coordinator::commit(const Caller& caller, const wire::OffsetCommitRequest& request,
                            Now now) {
  begin(now);
  offsets_.commit(caller, request);
  return finish();
}

Effects Coordinator::commit_transactional(const Caller& caller,
                                          const wire::TxnOffsetCommitRequest& request, Now now) {
  begin(now);
  offsets_.commit_transactional(caller, request);
  return finish();
}

Effects Coordinator::settle_transactional(wire::ErrorCode outcome, Now now) {
  core_.now = now;
  core_.effects = Effects();
  offsets_.settle_transactional(outcome);
  return finish();
}

Effects Coordinator::on_transaction_marker(ProducerId transaction, bool commit, Now now) {
  begin(now);
  core_.effects.write = ++core_.writes;
  for (const std::string& id : core_.persisted.replay_marker(transaction, commit)) {
    core_.find_or_create(id).last_write = core_.writes;
  }
  return finish();
}

Effects Coordinator::fetch(const Caller& caller, const wire::OffsetFetchRequest::Group& request,
                           Now now, bool require_stable) {
  begin(now);
  offsets_.fetch(caller, request, require_stable);
  return finish();
}

Effects Coordinator::delete_offsets(const Caller& caller, const wire::OffsetDeleteRequest& request,
                                    Now now) {
  begin(now);
  offsets_.remove(caller, request);
  return finish();
}

Effects Coordinator::describe(const Caller& caller, const std::vector<std::string>& groups,
                              Now now) {
  begin(now);
  admin_.describe(caller, groups);
  return finish();
}

Effects Coordinator::list(const Caller& caller, const wire::ListGroupsRequest& request, Now now) {
  begin(now);
  admin_.list(caller, request);
  return finish();
}

Effects Coordinator::delete_groups(const Caller& caller, const std::vector<std::string>& groups,
                                   Now now) {
  begin(now);
  admin_.remove(caller, groups);
  return finish();
}

Effects Coordinator::on_topic_deleted(const std::string& topic, Now now) {
  begin(now);
  offsets_.on_topic_deleted(topic);
  return finish();
}

Effects Coordinator::on_time(Now now) {
  begin(now);
  while (const auto key = core_.timers.pop_due(now.steady_ms)) {
    if (key->kind == TimerKey::Kind::expiration) {
      offsets_.expire();
      core_.set_timer(*key, core_.settings.retention_check_interval_ms);
    } else {
      members_.on_timer(*key);
    }
  }
  return finish();
}

}  // namespace horolog::coordinator
