#include "storage/batch_scanner.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "record/batch.hpp"
#include "storage/file_window.hpp"

namespace horolog::storage {
namespace {

constexpr std::size_t window_bytes = 256 * limits::KiB;
namespace layout = record::layout;

bool could_be_next(const record::BatchHeader& header, Offset expected, bool gaps) {
  return header.magic == record::magic_v2 &&
         (header.base_offset == expected || (gaps && header.base_offset > expected)) &&
         header.batch_length >= static_cast<std::int32_t>(layout::records - layout::log_overhead) &&
         header.last_offset_delta >= 0;
}

}  // namespace

Result<ScanEnd> scan_batches(const File& file, std::uint64_t position, Offset expected, bool gaps,
                             const std::function<void(const BatchFrame&)>& found) {
  using Why = ScanEnd::Why;
  HOROLOG_ASSIGN(const std::uint64_t file_size, file.size());
  FileWindow window(file, file_size, window_bytes);
  const auto ended = [&](Why why, std::uint64_t suspect_end) {
    return ScanEnd{.why = why,
                   .position = position,
                   .next_offset = expected,
                   .suspect_end = suspect_end};
  };
  while (position < file_size) {
    HOROLOG_ASSIGN(const ByteView head, window.at(position, layout::records));
    if (record::is_zero_tail(head)) return ended(Why::zeros, position);
    if (head.size() < layout::records) return ended(Why::incomplete, file_size);
    BatchFrame frame{.header = load_batch_header(head.data()), .position = position, .size = 0};
    if (!could_be_next(frame.header, expected, gaps)) return ended(Why::no_batch, position);
    frame.size = layout::log_overhead + static_cast<std::uint32_t>(frame.header.batch_length);
    if (frame.end() > file_size) return ended(Why::incomplete, file_size);
    HOROLOG_ASSIGN(const ByteView bytes,
                   window.at(position, static_cast<std::size_t>(frame.size)));
    const auto batch = record::parse_batch(bytes);
    if (!batch) return ended(Why::no_batch, position);
    if (!record::verify_crc(*batch)) return ended(Why::bad_crc, frame.end());
    found(frame);
    position = frame.end();
    expected = frame.last_offset() + 1;
  }
  return ended(Why::file_end, position);
}

Result<std::uint64_t> last_nonzero(const File& file, std::uint64_t from) {
  HOROLOG_ASSIGN(std::uint64_t end, file.size());
  ByteBuffer buffer(window_bytes);
  while (end > from) {
    const auto span = static_cast<std::size_t>(std::min<std::uint64_t>(end - from, window_bytes));
    const MutableBytes bytes = MutableBytes(buffer).first(span);
    HOROLOG_ASSIGN(const std::size_t got, file.read_at(bytes, end - span));
    for (std::size_t i = got; i > 0; --i) {
      if (bytes[i - 1] != std::byte{0}) return end - span + i;
    }
    end -= span;
  }
  return from;
}

}  // namespace horolog::storage
