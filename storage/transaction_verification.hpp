#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/error_code.hpp"
#include "record/batch.hpp"

namespace horolog::storage {

/// Says that the transaction coordinator is being asked about a producer's next batch (KIP-890).
/// Opaque; good for the log that gave it, until it is used or something happens in between.
struct VerificationToken {
  std::uint64_t value = 0;
  bool operator==(const VerificationToken&) const = default;
};

/// The producers of one partition whose transaction is being verified. The first transactional
/// batch may only be appended with the token that was given out before the coordinator was asked:
/// a marker in between makes it stale, so that a late batch cannot open a transaction that nobody
/// will ever end. Not thread-safe: lives under the append mutex. Kept in memory only: after a
/// restart producers are verified anew.
class TransactionVerification {
 public:
  /// Several requests of one producer epoch share a token. `epoch_bumps`: the client's epoch rises
  /// with every transaction (TV2), so a producer unknown here has to start at sequence 0.
  VerificationToken begin(ProducerId id, ProducerEpoch epoch, std::int32_t first_sequence,
                          bool epoch_bumps);
  /// May this batch open a transaction? `known`: batches of the producer are remembered here.
  wire::ErrorCode check(const record::BatchHeader& batch,
                        const std::optional<VerificationToken>& token, bool known) const;
  /// Something of the producer's transaction has been written.
  void forget(ProducerId id) { pending_.erase(id); }
  /// Forgets those that never led to an append.
  void expire(TimestampMs now, std::int64_t expiration_ms);
  std::size_t size() const { return pending_.size(); }

 private:
  struct Pending {
    VerificationToken token;
    ProducerEpoch epoch = -1;
    std::int32_t lowest_sequence = -1;
    bool epoch_bumps = false;
    /// When expire() first saw it.
    TimestampMs seen_ms = no_timestamp;
  };
  VerificationToken next_token() { return {.value = ++last_token_}; }
  void make_room();

  std::unordered_map<ProducerId, Pending> pending_;
  std::uint64_t last_token_ = 0;
};

}  // namespace horolog::storage
