#include "net/frame_buffer.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace horolog::net {

void FrameBuffer::check() const {
  HOROLOG_ASSERT(header_have_ <= header_bytes);
  HOROLOG_ASSERT(!frame_ || header_have_ == header_bytes);
  HOROLOG_ASSERT(frame_have_ == 0 || frame_);
  HOROLOG_ASSERT(!frame_ || frame_have_ <= frame_->size());
  // What lies uncut belongs behind the started frame, so it must be complete (or not started).
  HOROLOG_ASSERT(!frame_ || rest_.empty() || frame_have_ == frame_->size());
}

void FrameBuffer::drop_from_rest(std::size_t n) {
  rest_ = rest_.subspan(n);
  if (rest_.empty() && !parked_.empty()) parked_ = {};
}

FrameBuffer::Step FrameBuffer::next() {
  check();
  if (frame_) return frame_have_ == frame_->size() ? Step::frame : Step::need_bytes;
  if (header_have_ < header_bytes) {
    const std::size_t n = std::min(header_bytes - header_have_, rest_.size());
    std::copy_n(rest_.data(), n, header_.data() + header_have_);
    header_have_ += n;
    if (header_have_ < header_bytes) {
      drop_from_rest(n);
      return Step::need_bytes;
    }
    const std::int32_t size = length();
    if (size < 0 || static_cast<std::size_t>(size) > frame_limit_) {
      std::copy_n(header_.data(), header_bytes, first_.data());
      const ByteView more = rest_.subspan(n);
      first_size_ = header_bytes + std::min(more.size(), first_.size() - header_bytes);
      std::copy_n(more.data(), first_size_ - header_bytes, first_.data() + header_bytes);
      header_have_ -= n;  // asked again, it says the same again
      return Step::bad_length;
    }
    drop_from_rest(n);
  }
  return Step::need_frame;
}

std::size_t FrameBuffer::needed_bytes() const {
  HOROLOG_ASSERT(header_have_ == header_bytes && !frame_);
  return static_cast<std::size_t>(length());
}

void FrameBuffer::start(std::shared_ptr<Frame> frame) {
  HOROLOG_ASSERT(frame && frame->size() == needed_bytes());
  frame_ = std::move(frame);
  frame_have_ = std::min(frame_->size(), rest_.size());
  std::copy_n(rest_.data(), frame_have_, frame_->bytes().data());
  drop_from_rest(frame_have_);
  last_was_large_ = frame_->size() >= large_bytes;
  check();
}

std::shared_ptr<Frame> FrameBuffer::take() {
  HOROLOG_ASSERT(frame_ && frame_have_ == frame_->size());
  header_have_ = 0;
  frame_have_ = 0;
  return std::exchange(frame_, nullptr);
}

std::span<const MutableBytes> FrameBuffer::read_targets(MutableBytes scratch) {
  HOROLOG_ASSERT(rest_.empty());
  if (last_was_large_) scratch = scratch.first(std::min(scratch.size(), peek_bytes));
  target_count_ = 0;
  if (frame_) targets_[target_count_++] = frame_->bytes().subspan(frame_have_);
  targets_[target_count_++] = scratch;
  return {targets_.data(), target_count_};
}

void FrameBuffer::commit(std::size_t n) {
  if (frame_) {
    const std::size_t own = std::min(n, frame_->size() - frame_have_);
    frame_have_ += own;
    n -= own;
  }
  HOROLOG_ASSERT(target_count_ != 0 && n <= targets_[target_count_ - 1].size());
  rest_ = targets_[target_count_ - 1].first(n);
  target_count_ = 0;
  check();
}

void FrameBuffer::park() {
  if (rest_.empty() || !parked_.empty()) return;
  parked_.assign(rest_.begin(), rest_.end());
  rest_ = parked_;
}

}  // namespace horolog::net
