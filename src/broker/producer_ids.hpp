#pragma once

#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "horolog/error.hpp"
#include "storage/catalog.hpp"

namespace horolog::broker {

/// Hands out producer ids from blocks of 1000 that the catalog reserves durably; ids left over at a
/// stop are never used, so none is ever given twice. Thread-safe.
class ProducerIds {
 public:
  static constexpr std::int32_t block_size = 1000;

  ProducerIds(storage::Catalog& catalog, const Clock& clock) : catalog_(catalog), clock_(clock) {}

  /// nullopt when a new block is needed: then take_blocking(), on the blocking pool.
  std::optional<ProducerId> take();
  Result<ProducerId> take_blocking();

 private:
  storage::Catalog& catalog_;
  const Clock& clock_;
  std::mutex mutex_;
  std::mutex refill_mutex_;  ///< held over the sync, so that one block is fetched at a time
  ProducerId next_ = 0;
  ProducerId end_ = 0;
};

}  // namespace horolog::broker
