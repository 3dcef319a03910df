#pragma once

#include <cstdint>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"

namespace horolog::command {

/// What the headers of a log file's batches say; records and checksums are not looked at.
struct HeaderSummary {
  Offset end_offset = 0;
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  ///< where the walk ended: at the end, at zeros, or at what is no batch
  TimestampMs first_timestamp = no_timestamp;
  TimestampMs max_timestamp = no_timestamp;
};

Result<HeaderSummary> summarize_headers(const storage::File& file, Offset base);

}  // namespace horolog::command
