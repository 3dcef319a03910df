#include "storage/batch_reader.hpp"

#include <fmt/format.h>

#include "base/limits.hpp"
#include "storage/header_cursor.hpp"

namespace horolog::storage {
namespace {
constexpr std::size_t window_bytes = limits::MiB;
namespace layout = record::layout;
}  // namespace

BatchReader::BatchReader(std::shared_ptr<const SegmentFile> file, std::uint64_t position,
                         std::uint64_t end)
    : file_(std::move(file)),
      next_(position),
      end_(end),
      window_(file_->file(), end, window_bytes) {}

Result<bool> BatchReader::next() {
  if (next_ >= end_) return false;
  const auto bad = [&](std::string_view why) {
    return Error(Errc::corrupt,
                 fmt::format("{}: no batch at byte {}: {}", file_->file().path(), next_, why));
  };
  HOROLOG_ASSIGN(const ByteView head, window_.at(next_, layout::records));
  if (head.size() < layout::records) return bad("the file ends within its header");
  const record::BatchHeader header = load_batch_header(head.data());
  const std::int64_t size = std::int64_t{header.batch_length} + std::int64_t{layout::log_overhead};
  if (size < std::int64_t{layout::records} || static_cast<std::uint64_t>(size) > end_ - next_) {
    return bad("its length cannot be");
  }
  HOROLOG_ASSIGN(const ByteView bytes, window_.at(next_, static_cast<std::size_t>(size)));
  auto batch = record::parse_batch(bytes);
  if (!batch) return bad(batch.error().message());
  batch_ = *batch;
  next_ += batch_.size();
  return true;
}

}  // namespace horolog::storage
