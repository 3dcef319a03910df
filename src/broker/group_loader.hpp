#pragma once

#include <functional>
#include <memory>

#include "coordinator/coordinator.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"
#include "storage/partition_log.hpp"

namespace horolog::broker {

struct LoadedGroups {
  std::unique_ptr<coordinator::Coordinator> machine;
  Offset snapshot_offset = 0;  ///< 0 = there was none
  Offset end = 0;
  std::size_t replayed = 0;  ///< records read from the log
};

/// One that knows no groups.
std::unique_ptr<coordinator::Coordinator> make_coordinator(const coordinator::Settings& settings);

/// Rebuilds a coordinator from its partition: the snapshot, then the log from there. Blocks: on the
/// pool. Errc::corrupt when a record below the log end does not decode: serving without it would
/// give out wrong offsets.
Result<LoadedGroups> load_groups(storage::FileSystem& fs, const storage::PartitionLog& log,
                                 const coordinator::Settings& settings);

}  // namespace horolog::broker
