#include "net/response_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace horolog::net {
namespace {

/// A wrong size would make the client read the next response from the middle of this one.
void check_frame(const Response& response) {
  HOROLOG_ASSERT(response.bytes.size() >= 4);
  const auto size = static_cast<std::size_t>(load_be<std::uint32_t>(response.bytes.data()));
  HOROLOG_ASSERT(size + 4 == response.wire_size());
  std::size_t at = 0;
  for (const Splice& splice : response.splices) {
    HOROLOG_ASSERT(splice.at >= at && splice.at <= response.bytes.size());
    at = splice.at;
  }
}

}  // namespace

std::size_t ResponseQueue::Slot::piece_size(std::size_t piece) const {
  if (piece % 2 == 0) return piece_bytes(piece).size();
  return answer.response.splices[piece / 2].payload->size();
}

ByteView ResponseQueue::Slot::piece_bytes(std::size_t piece) const {
  const auto& [bytes, splices] = answer.response;
  const std::size_t begin = piece == 0 ? 0 : splices[piece / 2 - 1].at;
  const std::size_t end = piece / 2 < splices.size() ? splices[piece / 2].at : bytes.size();
  return {bytes.data() + begin, end - begin};
}

std::uint64_t ResponseQueue::open() {
  slots_.emplace_back();
  ++unanswered_;
  return first_slot_ + slots_.size() - 1;
}

void ResponseQueue::fill(std::uint64_t slot, Answer answer) {
  HOROLOG_ASSERT(slot >= first_slot_ && slot - first_slot_ < slots_.size());
  Slot& place = slots_[slot - first_slot_];
  HOROLOG_ASSERT(!place.answered);
  if (answer.kind == Answer::Kind::response) {
    check_frame(answer.response);
    ready_bytes_ += answer.response.wire_size();
  }
  place.answered = true;
  place.answer = std::move(answer);
  --unanswered_;
  retire();
}

void ResponseQueue::skip_finished(Cursor& cursor) const {
  const Slot& slot = slots_[cursor.slot];
  while (cursor.piece < slot.pieces() && cursor.offset == slot.piece_size(cursor.piece)) {
    ++cursor.piece;
    cursor.offset = 0;
  }
}

ResponseQueue::Gathered ResponseQueue::gather(std::vector<ByteView>& views,
                                              const Chunk& chunk) const {
  views.clear();
  std::size_t total = 0;
  Cursor cursor = cursor_;
  while (cursor.slot < slots_.size() && slots_[cursor.slot].answered) {
    const Slot& slot = slots_[cursor.slot];
    if (slot.answer.kind == Answer::Kind::close) return {Stop::close, nullptr, 0};
    if (slot.answer.kind == Answer::Kind::response) skip_finished(cursor);
    if (slot.answer.kind == Answer::Kind::nothing || cursor.piece == slot.pieces()) {
      cursor = {cursor.slot + 1, 0, 0};
      continue;
    }
    if (views.size() == views_per_write || total >= bytes_per_write) {
      return {Stop::full, nullptr, 0};
    }
    ByteView piece;
    if (cursor.piece % 2 == 0) {
      piece = slot.piece_bytes(cursor.piece);
    } else {
      const auto& payload = slot.answer.response.splices[cursor.piece / 2].payload;
      if (payload->size() <= small_payload_bytes) piece = payload->mapped();
      if (piece.empty()) {
        if (chunk.payload != payload.get() || cursor.offset < chunk.from ||
            cursor.offset >= chunk.from + chunk.bytes.size()) {
          return {Stop::payload, payload, cursor.offset};
        }
        views.push_back(chunk.bytes.subspan(cursor.offset - chunk.from));
        return {Stop::full, nullptr, 0};
      }
    }
    views.push_back(piece.subspan(cursor.offset));
    total += views.back().size();
    cursor.offset += views.back().size();
  }
  return {Stop::end, nullptr, 0};
}

void ResponseQueue::advance(std::size_t n) {
  ready_bytes_ -= n;
  for (;;) {
    retire();
    if (n == 0) return;
    HOROLOG_ASSERT(!slots_.empty() && slots_.front().answered);
    skip_finished(cursor_);
    const std::size_t step = std::min(n, slots_.front().piece_size(cursor_.piece) - cursor_.offset);
    cursor_.offset += step;
    n -= step;
  }
}

void ResponseQueue::retire() {
  while (!slots_.empty() && slots_.front().answered) {
    const Slot& front = slots_.front();
    if (front.answer.kind == Answer::Kind::close) return;
    if (front.answer.kind == Answer::Kind::response) {
      skip_finished(cursor_);
      if (cursor_.piece < front.pieces()) return;
    }
    slots_.pop_front();
    ++first_slot_;
    cursor_ = {};
  }
}

const std::string& ResponseQueue::close_reason() const {
  HOROLOG_ASSERT(!slots_.empty() && slots_.front().answer.kind == Answer::Kind::close);
  return slots_.front().answer.reason;
}

void ResponseQueue::clear() {
  slots_.clear();
  unanswered_ = 0;
  ready_bytes_ = 0;
  cursor_ = {};
}

}  // namespace horolog::net
