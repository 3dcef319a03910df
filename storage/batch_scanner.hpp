#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "storage/file.hpp"
#include "storage/header_cursor.hpp"

namespace horolog::storage {

/// Where and why a walk over a log file ended.
struct ScanEnd {
  enum class Why : std::uint8_t {
    file_end,    ///< exactly at the end of the file
    zeros,       ///< at prewritten space: 61 zero bytes, or only zeros to the end
    incomplete,  ///< a batch that might be the next one goes beyond the end of the file
    bad_crc,     ///< a whole batch that might be the next one, but its checksum is wrong
    no_batch,    ///< bytes that cannot be the next batch
  };
  Why why = Why::file_end;
  std::uint64_t position = 0;  ///< everything before is good batches
  Offset next_offset = 0;
  /// Where the failing batch would end; position when that is not known.
  std::uint64_t suspect_end = 0;
};

/// Walks the batches of a log file from `position`, where the batch with base offset `expected`
/// must start, as recovery does: each must follow the one before, have magic 2, lie within the
/// file and have a good CRC. Reads with read_at(), so that a failing disk is an error and not a
/// signal. With `gaps` a batch may start at a later offset than expected (compaction).
Result<ScanEnd> scan_batches(const File& file, std::uint64_t position, Offset expected, bool gaps,
                             const std::function<void(const BatchFrame&)>& found);

/// The end of the last non-zero byte at or above `from`; `from` when there is none.
Result<std::uint64_t> last_nonzero(const File& file, std::uint64_t from);

}  // namespace horolog::storage
