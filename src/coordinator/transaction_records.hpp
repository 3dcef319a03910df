#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "coordinator/effects.hpp"
#include "coordinator/transaction_state.hpp"
#include "horolog/error.hpp"

/// The records of __transaction_state. A key is an int16 record type (0) and the transactional id;
/// a value is an int16 version and the fields of TransactionLogValue.
namespace horolog::coordinator {

/// The state of a transactional id, or (no value) its removal.
struct TransactionRecord {
  std::string transactional_id;
  std::optional<TransactionMetadata> value;
};

/// As Apache Kafka 4.3.1 writes it: value version 1 where the finalised transaction.version is 1 or
/// more, version 0 below (then the neighbouring producer ids and the client's version are lost).
Record encode_record(const TransactionRecord& record, TransactionVersion finalised);

/// nullopt for a key of another type, which is passed over. Errc::corrupt for bytes that do not
/// decode or say what no coordinator writes (an unknown state, a partition twice, partitions in
/// state Empty), Errc::unsupported for a value version from the future.
Result<std::optional<TransactionRecord>> decode_transaction_record(ByteView key,
                                                                   std::optional<ByteView> value);

}  // namespace horolog::coordinator
