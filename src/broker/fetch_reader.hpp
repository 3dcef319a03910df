#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "broker/context.hpp"
#include "broker/fetch_partition.hpp"
#include "protocol/messages/fetch.hpp"
#include "storage/slice.hpp"

namespace horolog::broker {

/// What one look at one partition gave.
struct FetchedPartition {
  FetchPartition::Answer answer;
  std::vector<storage::Slice> slices;  ///< of answer.records
  /// Null when the partition does not exist: answer.error_code says why.
  std::shared_ptr<Partition> partition;
  /// An error or a diverging epoch: to be told at once.
  bool answer_now = false;
  /// There is nothing to tell at this offset, whatever the limits are.
  bool quiet = false;
};

/// Reads single partitions for one fetch request: finds them, checks epochs, reads up to what the
/// isolation level shows. Records are never copied. Belongs to the request's shard.
class FetchReader {
 public:
  FetchReader(Context& context, std::int8_t isolation_level)
      : context_(context), isolation_level_(isolation_level) {}

  /// At most `max_bytes` of records, but for the first batch when `whole_batch` is set. `waiting`:
  /// the request has looked before.
  FetchedPartition read(FetchPartition& wanted, std::size_t max_bytes, bool whole_batch,
                        bool waiting) const;

 private:
  wire::ErrorCode find(FetchPartition& wanted, std::shared_ptr<Partition>& partition) const;
  wire::ErrorCode resolve(FetchPartition& wanted, std::shared_ptr<Partition>& partition) const;
  void read_log(const FetchPartition& wanted, std::size_t max_bytes, bool whole_batch,
                FetchedPartition& out) const;

  Context& context_;
  std::int8_t isolation_level_;
};

}  // namespace horolog::broker
