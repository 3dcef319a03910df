#include "tools/log_headers.hpp"

#include <algorithm>
#include <array>

#include "record/batch.hpp"
#include "storage/header_cursor.hpp"

namespace horolog::command {

Result<HeaderSummary> summarize_headers(const storage::File& file, Offset base) {
  HeaderSummary summary;
  summary.end_offset = base;
  HOROLOG_ASSIGN(const std::uint64_t size, file.size());
  std::array<std::byte, record::layout::records> bytes;
  while (summary.bytes + bytes.size() <= size) {
    HOROLOG_ASSIGN(const std::size_t got, file.read_at(bytes, summary.bytes));
    if (got < bytes.size()) break;
    const record::BatchHeader header = storage::load_batch_header(bytes.data());
    const std::int64_t length = std::int64_t{header.batch_length} +
                                static_cast<std::int64_t>(record::layout::log_overhead);
    const bool whole = length >= static_cast<std::int64_t>(bytes.size()) &&
                       static_cast<std::uint64_t>(length) <= size - summary.bytes;
    if (header.magic != record::magic_v2 || !whole || header.base_offset < summary.end_offset) {
      break;
    }
    if (summary.batches++ == 0) summary.first_timestamp = header.base_timestamp;
    summary.records += static_cast<std::uint64_t>(std::max(header.record_count, 0));
    summary.bytes += static_cast<std::uint64_t>(length);
    summary.end_offset = header.base_offset + header.last_offset_delta + 1;
    summary.max_timestamp = std::max(summary.max_timestamp, header.max_timestamp);
  }
  return summary;
}

}  // namespace horolog::command
