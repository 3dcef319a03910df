#include "broker/transaction_host.hpp"

#include <atomic>
#include <utility>

#include "broker/coordinator_host_impl.hpp"
#include "broker/producer_ids.hpp"
#include "broker/transaction_markers.hpp"
#include "coordinator/transaction_records.hpp"

namespace horolog::broker {

template class CoordinatorHost<TransactionKind>;

using wire::ErrorCode;

namespace {

constexpr std::int64_t marker_retry_ms = 100;

coordinator::TransactionSettings settings_of(const BrokerConfig& config) {
  coordinator::TransactionSettings settings;
  settings.max_timeout_ms = config.transaction_max_timeout_ms;
  settings.id_expiration_ms = config.transactional_id_expiration_ms;
  settings.expiration_interval_ms = config.transactional_id_cleanup_interval_ms;
  return settings;
}

/// The partition will never take this marker, and needs none.
bool is_settled(ErrorCode error) {
  return error == ErrorCode::none || error == ErrorCode::unknown_topic_or_partition ||
         error == ErrorCode::invalid_producer_epoch ||
         error == ErrorCode::transaction_coordinator_fenced;
}

}  // namespace

std::unique_ptr<coordinator::TransactionCoordinator> TransactionKind::make(
    const BrokerConfig& config) {
  return std::make_unique<coordinator::TransactionCoordinator>(settings_of(config));
}

void TransactionKind::configure(Machine& machine, const BrokerConfig& config) {
  machine.change_settings(settings_of(config));
}

Replay TransactionKind::replay(Machine& machine) {
  return {.record = [&machine](ByteView key, std::optional<ByteView> value,
                               ProducerId) { return machine.replay(key, value); },
          .marker = [](ProducerId, bool) { return Status(); }};
}

coordinator::TransactionEffects TransactionKind::on_loaded(Machine& machine,
                                                           const storage::PartitionLog& log,
                                                           coordinator::Now now) {
  return machine.on_loaded(log.leader_epoch(), now);
}

std::size_t TransactionKind::size(const Machine& machine) { return machine.size(); }

std::vector<storage::StoredRecord> TransactionKind::records(const Machine& machine) {
  std::vector<storage::StoredRecord> out;
  machine.for_each_record([&](const coordinator::TransactionRecord& record) {
    coordinator::Record encoded =
        coordinator::encode_record(record, coordinator::epoch_bump_transaction_version);
    out.push_back({std::move(encoded.key), std::move(encoded.value).value(), no_producer_id});
  });
  return out;
}

std::optional<RecordsTransaction> TransactionKind::transaction_of(const Effects&) {
  return std::nullopt;
}

coordinator::TransactionEffects TransactionKind::settle(Machine&, ErrorCode, coordinator::Now) {
  HOROLOG_ASSERT(false);  // its records are in nobody's transaction
  return {};
}

TransactionHost::TransactionHost(Context& context, storage::FileSystem& fs, net::Shard& shard,
                                 std::shared_ptr<Partition> partition, TransactionMetrics& metrics,
                                 std::function<void()> settled)
    : CoordinatorHost(context, fs, shard, std::move(partition)),
      metrics_(metrics),
      settled_(std::move(settled)),
      retry_timer_(shard.deadlines(), [this] { retry_markers(); }) {}

std::shared_ptr<TransactionHost> TransactionHost::self() {
  return std::static_pointer_cast<TransactionHost>(shared_from_this());
}

void TransactionHost::settled() {
  if (auto call = std::exchange(settled_, nullptr)) call();
}

bool TransactionHost::may_be_open(ProducerId producer_id, ProducerEpoch epoch,
                                  const TopicPartition& partition) const {
  return machine_if_any() == nullptr ||
         machine_if_any()->may_be_open(producer_id, epoch, partition);
}

void TransactionHost::count(TransactionCounts& counts) const {
  if (machine_if_any() == nullptr) return;
  machine_if_any()->for_each_record([&](const coordinator::TransactionRecord& record) {
    ++counts.ids;
    if (record.value->is(coordinator::TransactionState::ongoing)) ++counts.open;
    if (record.value->is_decided()) ++counts.ending;
  });
}

void TransactionHost::perform(coordinator::TransactionEffects& effects) {
  for (const auto& wanted : effects.make_durable) make_durable(wanted);
  for (auto& wanted : effects.markers) {
    (wanted.commit ? metrics_.commits : metrics_.aborts).add();
    const auto after = wanted.after;
    when_written(after, [this, wanted = std::move(wanted)] { send_markers(wanted); });
  }
  if (effects.producer_ids_wanted > 0) supply_producer_ids(effects.producer_ids_wanted);
}

void TransactionHost::make_durable(const coordinator::MakeDurable& wanted) {
  struct Progress {
    std::size_t left;
    bool ok = true;
  };
  const auto progress = std::make_shared<Progress>(Progress{wanted.partitions.size()});
  const auto one_done = [this, self = self(), life = life(), progress,
                         ticket = wanted.ticket](bool ok) {
    progress->ok = progress->ok && ok;
    if (--progress->left > 0 || !lives(life)) return;
    apply(machine().on_partitions_durable(ticket, progress->ok, now()));
  };
  for (const TopicPartition& id : wanted.partitions) {
    const auto partition = context().partitions.find(id.topic, id.partition);
    if (partition == nullptr) {
      // A damaged partition cannot promise anything; one that was deleted has nothing to lose.
      const bool ok = !context().store.quarantine_reason(id);
      shard().post([one_done, ok] { one_done(ok); });
      continue;
    }
    partition->when_durable(partition->log().log_end_offset(), shard(),
                            [this, one_done](bool durable) {
                              // If not, it was deleted, or the disk failed.
                              one_done(durable || !context().store.failure());
                            });
  }
}

void TransactionHost::send_markers(const coordinator::SendMarkers& wanted) {
  storage::TransactionMarker marker;
  marker.producer_id = wanted.producer_id;
  marker.producer_epoch = wanted.producer_epoch;
  marker.coordinator_epoch = wanted.coordinator_epoch;
  marker.commit = wanted.commit;
  marker.transaction_version = wanted.transaction_version;
  const auto together = std::make_shared<MarkerGroup>(context().flusher,
                                                      wanted.partitions.size());
  for (const TopicPartition& id : wanted.partitions) {
    send_marker({life(), wanted.ticket, marker, id}, together);
  }
}

void TransactionHost::send_marker(const MarkerLeft& left,
                                  const std::shared_ptr<MarkerGroup>& together) {
  write_marker(
      context(), left.partition, left.marker, shard(),
      [this, self = self(), left](ErrorCode error) { marker_answered(left, error); }, together);
}

void TransactionHost::marker_answered(const MarkerLeft& left, ErrorCode error) {
  if (!lives(left.life)) return;
  if (is_settled(error)) {
    if (error == ErrorCode::none) {
      metrics_.markers.add();
    } else {
      log::info("transactions", "a partition needs no marker any more",
                {log::field("partition", left.partition.to_string()),
                 log::field("producer_id", left.marker.producer_id),
                 log::field("reason", wire::to_string(error))});
    }
    return apply(machine().on_marker_written(left.ticket, left.partition, now()));
  }
  if (context().store.failure()) return;
  metrics_.marker_retries.add();
  log::debug("transactions", "a marker is written again",
             {log::field("partition", left.partition.to_string()),
              log::field("producer_id", left.marker.producer_id),
              log::field("reason", wire::to_string(error))});
  if (retries_.empty()) {
    retry_timer_.set(context().clock.mono_ns() + marker_retry_ms * detail::ns_per_ms);
  }
  retries_.push_back(left);
}

void TransactionHost::retry_markers() {
  for (const MarkerLeft& left : std::exchange(retries_, {})) {
    if (lives(left.life)) send_marker(left, nullptr);
  }
}

void TransactionHost::supply_producer_ids(std::size_t wanted) {
  std::vector<ProducerId> ids;
  while (ids.size() < wanted) {
    const auto id = context().producer_ids.take();
    if (!id) break;
    ids.push_back(*id);
  }
  const auto give = [this, self = self(), life = life()](std::vector<ProducerId> supply) {
    shard().post([self, life, supply] { self->give_producer_ids(life, supply); });
  };
  if (ids.size() == wanted) return give(std::move(ids));
  context().pool.post([this, give, ids, wanted]() mutable {
    while (ids.size() < wanted) {
      const auto id = context().producer_ids.take_blocking();
      if (!id) {
        log::error("producer_ids", id.error().message());
        break;
      }
      ids.push_back(*id);
    }
    give(std::move(ids));
  });
}

void TransactionHost::give_producer_ids(std::uint64_t life, std::vector<ProducerId> ids) {
  if (!lives(life)) return;
  apply(ids.empty() ? machine().on_no_producer_ids(now()) : machine().on_producer_ids(ids, now()));
}

}  // namespace horolog::broker
