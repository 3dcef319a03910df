#include "coordinator/transaction_coordinator.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;
using Kind = TransactionTimerKey::Kind;

TransactionCoordinator::TransactionCoordinator(const TransactionSettings& settings)
    : endings_(core_), openings_(core_, endings_), admin_(core_) {
  core_.settings = settings;
}

Status TransactionCoordinator::replay(ByteView key, std::optional<ByteView> value) {
  HOROLOG_ASSIGN(const auto record, decode_transaction_record(key, value));
  if (record) core_.replay(*record);
  return {};
}

void TransactionCoordinator::begin(Now now) {
  core_.now = now;
  core_.effects = TransactionEffects();
}

TransactionEffects TransactionCoordinator::finish() {
  core_.effects.wake_at_ms = core_.timers.next();
  return std::move(core_.effects);
}

TransactionEffects TransactionCoordinator::on_loaded(std::int32_t coordinator_epoch, Now now) {
  begin(now);
  core_.coordinator_epoch = coordinator_epoch;
  std::vector<std::string> ids;
  for (const auto& [id, transaction] : core_.transactions) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  for (const std::string& id : ids) endings_.resume(id);
  core_.set_timer(Kind::expiration, "", core_.settings.expiration_interval_ms);
  return finish();
}

TransactionEffects TransactionCoordinator::init_producer_id(
    const Caller& caller, const wire::InitProducerIdRequest& request, Now now) {
  begin(now);
  openings_.init_producer_id(caller, request);
  return finish();
}

TransactionEffects TransactionCoordinator::add_partitions(
    const Caller& caller, const TransactionalProducer& producer,
    const std::vector<TopicPartition>& partitions, TransactionVersion client_version, Now now) {
  begin(now);
  openings_.add_partitions(caller, producer, partitions, client_version);
  return finish();
}

TransactionEffects TransactionCoordinator::verify(const Caller& caller,
                                                  const TransactionalProducer& producer,
                                                  const std::vector<TopicPartition>& partitions,
                                                  Now now) {
  begin(now);
  openings_.verify(caller, producer, partitions);
  return finish();
}

TransactionEffects TransactionCoordinator::end(const Caller& caller,
                                               const TransactionalProducer& producer, bool commit,
                                               Now now) {
  begin(now);
  endings_.end(caller, producer, commit);
  return finish();
}

TransactionEffects TransactionCoordinator::describe(const Caller& caller,
                                                    const std::vector<std::string>& ids, Now now) {
  begin(now);
  admin_.describe(caller, ids);
  return finish();
}

TransactionEffects TransactionCoordinator::list(const Caller& caller,
                                                const TransactionFilter& filter, Now now) {
  begin(now);
  admin_.list(caller, filter);
  return finish();
}

TransactionEffects TransactionCoordinator::on_producer_ids(const std::vector<ProducerId>& ids,
                                                           Now now) {
  begin(now);
  core_.spare_ids.insert(core_.spare_ids.end(), ids.begin(), ids.end());
  const auto waiting = std::exchange(core_.waiting_for_ids, {});
  for (const ParkedRequest& request : waiting) request.retry();
  return finish();
}

TransactionEffects TransactionCoordinator::on_no_producer_ids(Now now) {
  begin(now);
  const auto waiting = std::exchange(core_.waiting_for_ids, {});
  for (const ParkedRequest& request : waiting) {
    request.refuse(ErrorCode::coordinator_not_available);
  }
  return finish();
}

TransactionEffects TransactionCoordinator::on_partitions_durable(TransactionTicket ticket, bool ok,
                                                                 Now now) {
  begin(now);
  endings_.on_partitions_durable(ticket, ok);
  return finish();
}

TransactionEffects TransactionCoordinator::on_marker_written(TransactionTicket ticket,
                                                             const TopicPartition& partition,
                                                             Now now) {
  begin(now);
  endings_.on_marker_written(ticket, partition);
  return finish();
}

TransactionEffects TransactionCoordinator::on_time(Now now) {
  begin(now);
  while (const auto key = core_.timers.pop_due(now.steady_ms)) {
    switch (key->kind) {
      case Kind::timeout:
        endings_.on_timeout(key->transactional_id);
        break;
      case Kind::parked:
        endings_.give_up_parked(key->transactional_id);
        break;
      case Kind::expiration:
        admin_.expire();
        core_.set_timer(Kind::expiration, "", core_.settings.expiration_interval_ms);
        break;
    }
  }
  return finish();
}

namespace {

bool concerns(const TransactionMetadata& metadata, ProducerEpoch epoch) {
  if (metadata.is(TransactionState::ongoing)) return epoch == metadata.producer_epoch;
  if (!metadata.is_decided()) return false;
  const bool bumped = metadata.client_version >= epoch_bump_transaction_version;
  return epoch < metadata.producer_epoch || (epoch == metadata.producer_epoch && !bumped);
}

}  // namespace

bool TransactionCoordinator::may_be_open(ProducerId producer_id, ProducerEpoch epoch,
                                         const TopicPartition& partition) const {
  return std::any_of(core_.transactions.begin(), core_.transactions.end(), [&](const auto& entry) {
    const TransactionMetadata& metadata = entry.second.metadata;
    return metadata.producer_id == producer_id && metadata.partitions.contains(partition) &&
           concerns(metadata, epoch);
  });
}

const TransactionMetadata* TransactionCoordinator::find(std::string_view transactional_id) const {
  const auto found = core_.transactions.find(transactional_id);
  return found == core_.transactions.end() ? nullptr : &found->second.metadata;
}

void TransactionCoordinator::for_each_record(
    const std::function<void(const TransactionRecord&)>& visit) const {
  std::vector<const TransactionCore::Transactions::value_type*> ordered;
  ordered.reserve(core_.transactions.size());
  for (const auto& entry : core_.transactions) ordered.push_back(&entry);
  std::sort(ordered.begin(), ordered.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* entry : ordered) visit({entry->first, entry->second.metadata});
}

}  // namespace horolog::coordinator
