#include "bench/load/fetch_stream.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "bench/options.hpp"
#include "record/batch.hpp"

namespace horolog::bench {
namespace {

constexpr std::size_t buffer_bytes = 256 << 10;

}  // namespace

FetchStream::FetchStream(const std::string& address, const std::string& topic,
                         std::int32_t partition, Offset from, std::int32_t max_bytes,
                         std::int32_t max_wait_ms, bool read_committed)
    : partition_(partition),
      offset_(from),
      offset_at_(fetch_offset_at(topic)),
      layout_(topic),
      request_(fetch_frame(topic, partition, from, max_bytes, max_wait_ms, 1,
                           read_committed)),
      socket_(connect_to(address)),
      buffer_(buffer_bytes) {}

void FetchStream::ask() {
  store_be(request_.data() + offset_at_, offset_);
  send_all(socket_.get(), request_);
}

std::size_t FetchStream::fill() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size()) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  ssize_t got = 0;
  do {
    got = recv(socket_.get(), buffer_.data() + end_, buffer_.size() - end_, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) system_error("recv");
  if (got == 0) run_error("the broker closed the connection on a fetch");
  end_ += static_cast<std::size_t>(got);
  return static_cast<std::size_t>(got);
}

void FetchStream::need(std::size_t bytes) {
  while (end_ - begin_ < bytes) fill();
}

std::uint64_t FetchStream::take() {
  need(4 + layout_.records);
  const std::byte* const head = buffer_.data() + begin_ + 4;
  const auto top = load_be<std::int16_t>(head + layout_.top_error);
  if (top != 0) run_error(fmt::format("fetch: error {}", top));
  const auto error = load_be<std::int16_t>(head + layout_.partition_error);
  if (error != 0) run_error(fmt::format("fetch of partition {}: error {}", partition_, error));
  const auto aborted = std::max(load_be<std::int32_t>(head + layout_.aborted_count), 0);
  const std::size_t shift = static_cast<std::size_t>(aborted) * FetchLayout::aborted_bytes;
  need(4 + layout_.records + shift);
  const auto records = std::max(
      load_be<std::int32_t>(buffer_.data() + begin_ + 4 + layout_.records_size + shift), 0);
  begin_ += 4 + layout_.records + shift;
  std::uint64_t left = static_cast<std::uint64_t>(records);
  while (left > 0) {
    // A batch that is cut short by the response's size ends the answer.
    const std::uint64_t header = std::min<std::uint64_t>(left, record::layout::records);
    need(header);
    std::uint64_t size = left;
    if (header == record::layout::records) {
      const std::byte* const at = buffer_.data() + begin_;
      const auto length = load_be<std::int32_t>(at + record::layout::batch_length);
      size = record::layout::log_overhead + static_cast<std::uint64_t>(std::max(length, 0));
      if (size <= left) {
        offset_ = load_be<std::int64_t>(at) + 1 +
                  load_be<std::int32_t>(at + record::layout::last_offset_delta);
      }
      size = std::clamp<std::uint64_t>(size, record::layout::records, left);
    }
    left -= size;
    while (size > 0) {
      if (begin_ == end_) fill();
      const std::uint64_t step = std::min<std::uint64_t>(size, end_ - begin_);
      begin_ += step;
      size -= step;
    }
  }
  return static_cast<std::uint64_t>(records);
}

}  // namespace horolog::bench
