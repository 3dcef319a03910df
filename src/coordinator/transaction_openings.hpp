#pragma once

#include <string>
#include <vector>

#include "coordinator/transaction_core.hpp"

namespace horolog::coordinator {

class TransactionEndings;

/// How transactions begin and grow: producer ids and epochs, and the partitions that take part.
class TransactionOpenings {
 public:
  TransactionOpenings(TransactionCore& core, TransactionEndings& endings)
      : core_(core), endings_(endings) {}

  void init_producer_id(const Caller& caller, const wire::InitProducerIdRequest& request);
  void add_partitions(const Caller& caller, const TransactionalProducer& producer,
                      const std::vector<TopicPartition>& partitions,
                      TransactionVersion client_version);
  void verify(const Caller& caller, const TransactionalProducer& producer,
              const std::vector<TopicPartition>& partitions);

 private:
  /// A new epoch of the id's producer id, or a new producer id where there is no epoch left.
  void renew(const Caller& caller, const wire::InitProducerIdRequest& request,
             const Transaction& transaction);
  /// Stores state Empty under this producer id and epoch, and answers with them.
  void initialise(const Caller& caller, const wire::InitProducerIdRequest& request,
                  TransactionMetadata metadata, ProducerEpoch last_epoch);
  void create(const Caller& caller, const wire::InitProducerIdRequest& request);
  ParkedRequest again(const Caller& caller, const wire::InitProducerIdRequest& request);
  void refuse_init(const Caller& caller, wire::ErrorCode error, const Transaction* from);

  TransactionCore& core_;
  TransactionEndings& endings_;
};

}  // namespace horolog::coordinator
