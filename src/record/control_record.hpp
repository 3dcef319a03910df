#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "record/batch.hpp"

/// Control batches that end transactions (KIP-98): transactional and control bit set, no sequence,
/// one record, never compressed. All integers are big-endian:
///
///     key:   | version int16 = 0 | type int16: 0 abort, 1 commit |
///     value: | version int16 = 0 | coordinator epoch int32 |
namespace horolog::record {

/// What the record in such a batch says; producer id and epoch are in the batch's header.
struct EndTransactionMarker {
  bool commit = false;
  /// Leader epoch of the `__transaction_state` partition that decided.
  std::int32_t coordinator_epoch = -1;
  bool operator==(const EndTransactionMarker&) const = default;
};

ByteBuffer build_end_transaction(const EndTransactionMarker& marker, ProducerId producer_id,
                                 ProducerEpoch producer_epoch, TimestampMs now);

/// The marker in a control batch; nullopt for control batches of other types and for one that
/// cleaning has emptied. Errc::corrupt when the record does not decode. The CRC is not checked.
Result<std::optional<EndTransactionMarker>> end_transaction_marker(const BatchView& batch);

}  // namespace horolog::record
