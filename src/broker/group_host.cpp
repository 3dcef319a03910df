#include "broker/group_host.hpp"

#include "broker/coordinator_host_impl.hpp"
#include "broker/transaction_markers.hpp"

namespace horolog::broker {

template class CoordinatorHost<GroupKind>;

namespace {

coordinator::Settings settings_of(const BrokerConfig& config) {
  coordinator::Settings settings;
  settings.min_session_timeout_ms = config.group_min_session_timeout_ms;
  settings.max_session_timeout_ms = config.group_max_session_timeout_ms;
  settings.initial_rebalance_delay_ms = config.group_initial_rebalance_delay_ms;
  settings.max_group_size = config.group_max_size;
  settings.offsets_retention_ms = config.offsets_retention_ms;
  settings.offset_metadata_max_bytes = config.offset_metadata_max_bytes;
  return settings;
}

}  // namespace

std::unique_ptr<coordinator::Coordinator> GroupKind::make(const BrokerConfig& config) {
  return std::make_unique<coordinator::Coordinator>(settings_of(config),
                                                    [] { return Uuid::random(); });
}

void GroupKind::configure(Machine& machine, const BrokerConfig& config) {
  machine.change_settings(settings_of(config));
}

Replay GroupKind::replay(Machine& machine) {
  return {.record = [&machine](ByteView key, std::optional<ByteView> value,
                               ProducerId transaction) {
            return machine.replay(key, value, transaction);
          },
          .marker = [&machine](ProducerId transaction, bool commit) {
            machine.replay_marker(transaction, commit);
            return Status();
          }};
}

coordinator::Effects GroupKind::on_loaded(Machine& machine, const storage::PartitionLog&,
                                          coordinator::Now now) {
  return machine.on_loaded(now);
}

std::size_t GroupKind::size(const Machine& machine) { return machine.persisted().offset_count(); }

std::vector<storage::StoredRecord> GroupKind::records(const Machine& machine) {
  std::vector<storage::StoredRecord> out;
  machine.persisted().for_each_record(
      [&](const coordinator::AnyRecord& record, ProducerId transaction) {
        coordinator::Record encoded = coordinator::encode_record(record);
        out.push_back({std::move(encoded.key), std::move(encoded.value).value(), transaction});
      });
  return out;
}

std::optional<RecordsTransaction> GroupKind::transaction_of(const Effects& effects) {
  if (!effects.transaction) return std::nullopt;
  return RecordsTransaction{effects.transaction->producer_id, effects.transaction->producer_epoch};
}

coordinator::Effects GroupKind::settle(Machine& machine, wire::ErrorCode outcome,
                                       coordinator::Now now) {
  return machine.settle_transactional(outcome, now);
}

void GroupHost::on_topic_deleted(const std::string& topic) {
  if (state() == State::ready) apply(machine().on_topic_deleted(topic, now()));
}

void GroupHost::call_in_transaction(coordinator::Caller caller, const Input& input,
                                    std::optional<storage::VerificationToken> token,
                                    Answer answer) {
  set_token(token);
  call(std::move(caller), input, std::move(answer));
  set_token({});
}

void GroupHost::write_marker(const storage::TransactionMarker& marker, net::Shard& shard,
                             std::function<void(wire::ErrorCode)> done, bool in_group) {
  using wire::ErrorCode;
  const auto answer = [&shard, done = std::move(done)](ErrorCode error) {
    shard.post([done, error] { done(error); });
  };
  if (state() != State::ready) {
    return answer(state() == State::loading ? ErrorCode::coordinator_load_in_progress
                                            : ErrorCode::coordinator_not_available);
  }
  const auto info = partition()->append_marker(marker, context().clock.wall_ms());
  if (!info) return answer(ErrorCode::kafka_storage_error);
  if (info->error != ErrorCode::none) return answer(info->error);
  written_up_to(info->last_offset + 1);
  apply(machine().on_transaction_marker(marker.producer_id, marker.commit, now()));
  await_marker(*partition(), info->last_offset + 1, shard, in_group, [answer](bool durable) {
    answer(durable ? ErrorCode::none : ErrorCode::kafka_storage_error);
  });
}

void GroupHost::collect(std::vector<CommittedOffset>& out) const {
  if (machine_if_any() == nullptr) return;
  for (const auto& [group, persisted] : machine_if_any()->persisted().groups()) {
    for (const auto& [topic, partitions] : persisted.offsets) {
      for (const auto& [index, value] : partitions) {
        out.push_back({group, topic, index, value.offset});
      }
    }
  }
}

}  // namespace horolog::broker
