#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/response.hpp"

namespace horolog::net {

/// The answers of one connection in the order of its requests, and how far they have been written.
/// Does no I/O. Belongs to one thread.
class ResponseQueue {
 public:
  /// A place for the answer to the next request.
  std::uint64_t open();
  void fill(std::uint64_t slot, Answer answer);

  /// Places that are not done with: unanswered, or not yet written completely.
  std::size_t size() const { return slots_.size(); }
  bool empty() const { return slots_.empty(); }
  std::size_t unanswered() const { return unanswered_; }
  /// Bytes of answers that can or will be written, payloads included.
  std::size_t ready_bytes() const { return ready_bytes_; }

  /// Bytes of a payload that have been read and wait to be written.
  struct Chunk {
    const Payload* payload = nullptr;
    std::size_t from = 0;
    ByteView bytes;
  };
  enum class Stop : std::uint8_t {
    end,      ///< nothing more is ready
    full,     ///< enough for one write
    payload,  ///< bytes of a payload must be read first
    close,    ///< the connection ends here
  };
  struct Gathered {
    Stop stop = Stop::end;
    std::shared_ptr<const Payload> payload;  ///< of Stop::payload
    std::size_t at = 0;                      ///< the byte in it to be read next
  };
  /// Puts what comes next on the wire into `views` (valid until advance() or fill()).
  Gathered gather(std::vector<ByteView>& views, const Chunk& chunk) const;
  /// `n` bytes of what was gathered have been written.
  void advance(std::size_t n);
  /// Why the connection ends; only after Stop::close with no views.
  const std::string& close_reason() const;
  /// Forgets everything; answers to open places are ignored from then on.
  void clear();

  /// Mapped payloads up to this size are written together with what surrounds them.
  static constexpr std::size_t small_payload_bytes = 32 * 1024;
  static constexpr std::size_t views_per_write = 64;
  static constexpr std::size_t bytes_per_write = 256 * 1024;

 private:
  struct Slot {
    bool answered = false;
    Answer answer;
    std::size_t pieces() const { return 2 * answer.response.splices.size() + 1; }
    /// Pieces alternate: bytes, payload, bytes, … (some may be empty).
    std::size_t piece_size(std::size_t piece) const;
    ByteView piece_bytes(std::size_t piece) const;
  };
  struct Cursor {
    std::size_t slot = 0;
    std::size_t piece = 0;
    std::size_t offset = 0;
  };
  void skip_finished(Cursor& cursor) const;
  void retire();

  std::deque<Slot> slots_;
  std::uint64_t first_slot_ = 0;  ///< number of slots_.front()
  std::size_t unanswered_ = 0;
  std::size_t ready_bytes_ = 0;
  Cursor cursor_;  ///< slot is always 0
};

}  // namespace horolog::net
