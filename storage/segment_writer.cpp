#include "storage/segment_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.hpp"
#include "storage/mapped_guard.hpp"

namespace horolog::storage {
namespace {

constexpr std::uint64_t page_bytes = 4096;
/// A partition that has seen less than this is not worth a chunk.
constexpr std::uint64_t chunk_worth_bytes = 32 * limits::KiB;
constexpr std::uint64_t chunk_worth_writes = 16;
/// How much is prewritten and synced at a time: what an append or a commit may have to wait for.
constexpr std::uint64_t piece_bytes = limits::MiB;
/// Measured in CPU seconds per GB: a memcpy into prewritten space 0.11 at any size, after 0.27 or
/// more for preparing it; a growing pwrite 0.21 at 256 KiB, 0.29 at 16 KiB, 0.88 at 1 KiB, 2.5 at
/// 200 bytes. Zeros written first also double what the disk has to take. So a file that takes a
/// stream of large writes is left to grow; prewritten space is for small and single appends, whose
/// syncs would otherwise wait for block allocation.
constexpr TimestampMs window_ms = 200;
constexpr std::uint64_t streaming_window_bytes = 16 * limits::MiB;
constexpr std::uint64_t streaming_write_bytes = 16 * limits::KiB;
/// A chunk that lasted shorter than this was too small, one that lasted longer than that too large:
/// what is prepared follows the traffic, since preparing competes with commits for the disk.
constexpr TimestampMs chunk_lasts_at_least_ms = 500;
constexpr TimestampMs chunk_lasts_at_most_ms = 4'000;

constexpr std::array<std::byte, piece_bytes> zeros{};

}  // namespace

void SegmentWriter::measure(std::size_t size, TimestampMs now) {
  last_write_ms_.store(now, std::memory_order_relaxed);
  bytes_written_ += size;
  ++writes_;
  window_bytes_ += size;
  ++window_writes_;
  const bool stream = window_bytes_ >= streaming_window_bytes &&
                      window_bytes_ / window_writes_ >= streaming_write_bytes;
  if (now >= window_start_ && now - window_start_ < window_ms) {
    streaming_ = streaming_ || stream;
    return;
  }
  streaming_ = stream;
  window_start_ = now;
  window_bytes_ = 0;
  window_writes_ = 0;
}

Status SegmentWriter::write(std::span<const ByteView> parts, std::size_t size,
                            std::uint64_t position, Durability durability, TimestampMs now) {
  HOROLOG_ASSIGN(const auto file, segment_->open());
  measure(size, now);
  if (position + size > file_size()) {
    overtaken_ = true;
    const std::lock_guard lock(grow_mutex_);
    if (position + size > file_size()) return grow(*file, parts, size, position);
  }
  return durability == Durability::commit ? overwrite(*file, parts, position)
                                          : copy(*file, parts, position);
}

/// Through the mapping a write dirties the whole folio it touches, and a sync then writes all of it
/// (prewritten space is cached in folios of up to a megabyte: 350 us a sync instead of 130). pwrite
/// dirties the blocks it touches.
Status SegmentWriter::overwrite(const SegmentFile& file, std::span<const ByteView> parts,
                                std::uint64_t position) {
  const Status written = file.file().write_parts(parts, position);
  if (written) return written;
  const std::lock_guard lock(grow_mutex_);
  return take_back(file, position, written.error());
}

Status SegmentWriter::copy(const SegmentFile& file, std::span<const ByteView> parts,
                           std::uint64_t position) {
  std::byte* to = file.map() + position;
  for (const ByteView part : parts) {
    if (!guarded_copy(to, part.data(), part.size())) {
      broken_ = true;
      return Error(Errc::io, fmt::format("cannot write to the mapping of {} at byte {}: the disk "
                                         "failed",
                                         file.file().path(), position));
    }
    to += part.size();
  }
  return {};
}

Status SegmentWriter::grow(const SegmentFile& file, std::span<const ByteView> parts,
                           std::size_t size, std::uint64_t position) {
  const Status written = file.file().write_parts(parts, position);
  if (!written) return take_back(file, position, written.error());
  file_size_.store(position + size, std::memory_order_release);
  return {};
}

Status SegmentWriter::take_back(const SegmentFile& file, std::uint64_t size, Error error) {
  if (!file.file().truncate(size)) {
    broken_ = true;
    return error;
  }
  file_size_.store(size, std::memory_order_release);
  return error;
}

bool SegmentWriter::wants_prepare(std::uint64_t end, const LogConfig& config) const {
  const std::uint64_t size = file_size();
  if (size >= segment_->capacity() || broken()) return false;
  if (config.preallocate) return true;
  if (bytes_written_ < chunk_worth_bytes && writes_ < chunk_worth_writes) return false;
  if (streaming_) return false;
  return size - end < std::max<std::uint64_t>(chunk_bytes_, limits::chunk_bytes_min) / 2;
}

std::uint64_t SegmentWriter::next_chunk() {
  const TimestampMs now = last_write_ms_.load(std::memory_order_relaxed);
  const TimestampMs lasted = now - std::exchange(prepared_ms_, now);
  std::uint64_t chunk = chunk_bytes_;
  if (lasted < chunk_lasts_at_least_ms) chunk *= 2;
  if (lasted > chunk_lasts_at_most_ms) chunk /= 2;
  return std::clamp<std::uint64_t>(chunk, limits::chunk_bytes_min, limits::chunk_bytes_max);
}

Status SegmentWriter::prepare(const LogConfig& config) {
  HOROLOG_ASSIGN(const auto file, segment_->open());
  const std::uint64_t capacity = segment_->capacity();
  const std::uint64_t chunk = next_chunk();
  chunk_bytes_ = chunk;
  overtaken_ = false;
  const std::uint64_t target =
      config.preallocate ? capacity : std::min(capacity, file_size() + chunk);
  while (file_size() < target && !overtaken_ && !broken()) {
    const std::lock_guard lock(grow_mutex_);
    if (sealed_) return {};
    const std::uint64_t from = file_size();
    const std::uint64_t to = std::min(target, (from / page_bytes) * page_bytes + piece_bytes);
    if (to <= from) break;
    const Status written =
        file->file().write_at(ByteView(zeros).first(static_cast<std::size_t>(to - from)), from);
    if (!written) return take_back(*file, from, written.error());
    // Synced here, so that the commits that follow find nothing but the batches to write.
    if (config.durability == Durability::commit) {
      const Status synced = file->file().sync_data();
      if (!synced) {
        broken_ = true;
        return synced;
      }
    }
    file_size_.store(to, std::memory_order_release);
  }
  return {};
}

Status SegmentWriter::seal(std::uint64_t end) {
  {
    const std::lock_guard lock(grow_mutex_);
    sealed_ = true;
  }
  return trim(end);
}

Status SegmentWriter::trim(std::uint64_t end) {
  const std::lock_guard lock(grow_mutex_);
  chunk_bytes_ = 0;
  bytes_written_ = 0;
  writes_ = 0;
  if (file_size() <= end) return {};
  HOROLOG_ASSIGN(const auto file, segment_->open());
  HOROLOG_TRY(file->file().truncate(end));
  file_size_.store(end, std::memory_order_release);
  return {};
}

}  // namespace horolog::storage
