#include "coordinator/transaction_openings.hpp"

#include <limits>

#include "coordinator/transaction_endings.hpp"

namespace horolog::coordinator {

using wire::ErrorCode;

namespace {

constexpr std::int16_t first_init_version_with_fenced = 4;
constexpr std::int16_t first_add_version_with_fenced = 2;
/// A record key holds no longer text.
constexpr std::size_t longest_id = std::numeric_limits<std::int16_t>::max();

bool names_a_producer(const wire::InitProducerIdRequest& request) {
  return request.producer_id != no_producer_id;
}

bool is_current(const TransactionMetadata& now, const wire::InitProducerIdRequest& request) {
  return request.producer_id == now.producer_id && request.producer_epoch == now.producer_epoch;
}

/// Whether the producer may be told the id's present state at all (KIP-360). Its epoch is looked at
/// when it comes to bumping.
bool may_go_on(const TransactionMetadata& now, const wire::InitProducerIdRequest& request) {
  if (!names_a_producer(request)) return true;
  // A zombie must not abort its successor's transaction, as it could in Kafka.
  if (now.is(TransactionState::ongoing)) return is_current(now, request);
  if (request.producer_id == now.producer_id) return true;
  if (now.will_be(request.producer_id, request.producer_epoch)) return true;
  // A retry of the call, or of the EndTxn, that went over to a new producer id.
  return request.producer_id == now.previous_producer_id &&
         request.producer_epoch >= exhausted_producer_epoch;
}

ErrorCode check_request(const wire::InitProducerIdRequest& request, std::int32_t max_timeout_ms) {
  const std::string& id = request.transactional_id.value_or("");
  if (id.empty() || id.size() > longest_id) return ErrorCode::invalid_request;
  const bool has_epoch = request.producer_epoch != no_producer_epoch;
  if (names_a_producer(request) != has_epoch) return ErrorCode::invalid_request;
  if (request.transaction_timeout_ms <= 0 || request.transaction_timeout_ms > max_timeout_ms) {
    return ErrorCode::invalid_transaction_timeout;
  }
  return ErrorCode::none;
}

ErrorCode check_producer(const Transaction* transaction, const TransactionalProducer& producer) {
  if (producer.transactional_id.empty()) return ErrorCode::invalid_request;
  if (transaction == nullptr) return ErrorCode::invalid_producer_id_mapping;
  const TransactionMetadata& now = transaction->metadata;
  if (now.will_be(producer.producer_id, producer.producer_epoch)) return ErrorCode::none;
  if (now.producer_id != producer.producer_id) return ErrorCode::invalid_producer_id_mapping;
  if (now.producer_epoch != producer.producer_epoch) return ErrorCode::producer_fenced;
  return ErrorCode::none;
}

}  // namespace

void TransactionOpenings::refuse_init(const Caller& caller, ErrorCode error,
                                      const Transaction* from) {
  wire::InitProducerIdResponse response;
  response.error_code = error;
  response.producer_epoch = no_producer_epoch;
  core_.reply(caller.token, response, from);
}

ParkedRequest TransactionOpenings::again(const Caller& caller,
                                         const wire::InitProducerIdRequest& request) {
  return {[this, caller, request] { init_producer_id(caller, request); },
          [this, caller](ErrorCode error) { refuse_init(caller, error, nullptr); }};
}

void TransactionOpenings::init_producer_id(const Caller& caller,
                                           const wire::InitProducerIdRequest& request) {
  const ErrorCode error = check_request(request, core_.settings.max_timeout_ms);
  if (error != ErrorCode::none) return refuse_init(caller, error, nullptr);
  const std::string& id = *request.transactional_id;
  Transaction* transaction = core_.find(id);
  if (transaction == nullptr) return create(caller, request);
  if (!may_go_on(transaction->metadata, request)) {
    return refuse_init(caller, fenced(caller.version, first_init_version_with_fenced), transaction);
  }
  const bool open = transaction->metadata.is(TransactionState::ongoing);
  if (!open && !transaction->is_ending()) return renew(caller, request, *transaction);
  const bool abort = !transaction->is_ending();
  core_.park(id, *transaction, again(caller, request));
  if (abort) endings_.abort_by_broker(id);
}

void TransactionOpenings::create(const Caller& caller, const wire::InitProducerIdRequest& request) {
  if (core_.transactions.size() >= core_.settings.max_transactional_ids) {
    return refuse_init(caller, ErrorCode::policy_violation, nullptr);
  }
  const auto producer_id = core_.take_producer_id(again(caller, request));
  if (!producer_id) return;
  TransactionMetadata metadata;
  metadata.producer_id = *producer_id;
  metadata.previous_producer_id = *producer_id;
  metadata.producer_epoch = 0;
  initialise(caller, request, std::move(metadata), no_producer_epoch);
}

void TransactionOpenings::renew(const Caller& caller, const wire::InitProducerIdRequest& request,
                                const Transaction& transaction) {
  TransactionMetadata metadata = transaction.metadata;
  const bool named = names_a_producer(request);
  const bool current = is_current(metadata, request);
  const ProducerEpoch last_epoch = named ? metadata.producer_epoch : no_producer_epoch;
  if (named && !current) {
    if (request.producer_epoch != transaction.last_epoch) {
      return refuse_init(caller, fenced(caller.version, first_init_version_with_fenced),
                         &transaction);
    }
    // It did not hear the answer. Nobody else has called since, or there would be no last epoch.
    return initialise(caller, request, std::move(metadata), transaction.last_epoch);
  }
  metadata.previous_producer_id = metadata.producer_id;
  if (metadata.is_exhausted()) {
    const auto producer_id = core_.take_producer_id(again(caller, request));
    if (!producer_id) return;
    metadata.producer_id = *producer_id;
    metadata.producer_epoch = 0;
  } else {
    ++metadata.producer_epoch;
  }
  initialise(caller, request, std::move(metadata), last_epoch);
}

void TransactionOpenings::initialise(const Caller& caller,
                                     const wire::InitProducerIdRequest& request,
                                     TransactionMetadata metadata, ProducerEpoch last_epoch) {
  metadata.state = TransactionState::empty;
  metadata.timeout_ms = request.transaction_timeout_ms;
  metadata.partitions.clear();
  metadata.start = no_timestamp;
  metadata.last_update = core_.now.wall_ms;
  Transaction& transaction = core_.store(*request.transactional_id, std::move(metadata));
  transaction.last_epoch = last_epoch;
  wire::InitProducerIdResponse response;
  response.producer_id = transaction.metadata.producer_id;
  response.producer_epoch = transaction.metadata.producer_epoch;
  core_.reply(caller.token, response, &transaction);
}

void TransactionOpenings::add_partitions(const Caller& caller,
                                         const TransactionalProducer& producer,
                                         const std::vector<TopicPartition>& partitions,
                                         TransactionVersion client_version) {
  const std::string& id = producer.transactional_id;
  Transaction* transaction = core_.find(id);
  ErrorCode error = check_producer(transaction, producer);
  if (error != ErrorCode::none) {
    if (error == ErrorCode::producer_fenced && client_version == first_transaction_version) {
      error = fenced(caller.version, first_add_version_with_fenced);
    }
    return core_.reply(caller.token, PartitionsAdded{error}, transaction);
  }
  if (transaction->is_ending()) {
    return core_.park(id, *transaction,
                      {[this, caller, producer, partitions, client_version] {
                         add_partitions(caller, producer, partitions, client_version);
                       },
                       [this, caller](ErrorCode reason) {
                         core_.reply_after(caller.token, PartitionsAdded{reason}, 0);
                       }});
  }
  TransactionMetadata metadata = transaction->metadata;
  const bool begins = !metadata.is(TransactionState::ongoing);
  const std::size_t before = metadata.partitions.size();
  metadata.partitions.insert(partitions.begin(), partitions.end());
  if (begins || metadata.partitions.size() != before) {
    if (begins) metadata.start = core_.now.wall_ms;
    metadata.state = TransactionState::ongoing;
    metadata.previous_producer_id = metadata.producer_id;
    metadata.last_update = core_.now.wall_ms;
    metadata.client_version = client_version;
    core_.store(id, std::move(metadata));
    if (begins) endings_.start_clock(id, *transaction);
  }
  core_.reply(caller.token, PartitionsAdded{}, transaction);
}

void TransactionOpenings::verify(const Caller& caller, const TransactionalProducer& producer,
                                 const std::vector<TopicPartition>& partitions) {
  const Transaction* transaction = core_.find(producer.transactional_id);
  ErrorCode error = check_producer(transaction, producer);
  if (error == ErrorCode::none && transaction->metadata.is_decided()) {
    error = ErrorCode::concurrent_transactions;
  }
  PartitionsVerified verified;
  for (const TopicPartition& partition : partitions) {
    const bool lacks =
        error == ErrorCode::none && !transaction->metadata.partitions.contains(partition);
    verified.errors.push_back(lacks ? ErrorCode::transaction_abortable : error);
  }
  core_.reply(caller.token, std::move(verified), transaction);
}

}  // namespace horolog::coordinator
