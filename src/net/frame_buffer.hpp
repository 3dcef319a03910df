#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "net/frame.hpp"

namespace horolog::net {

/// Cuts a byte stream into frames (int32 length, bytes). Does no I/O and makes no decision about
/// memory: it says where the next bytes should be read to, and asks for a frame when it knows the
/// length of one.
///
/// Small frames arrive many at a time in a scratch buffer that the caller lends for one round;
/// what is started of a frame goes straight into the frame's own memory.
///
///     read_targets(scratch) → read → commit(n) → next() until it needs bytes → next round
///
/// A round that ends early (the caller cannot take more frames now) is ended with park(), which
/// saves what has not been cut yet; next() goes on from there later.
class FrameBuffer {
 public:
  explicit FrameBuffer(std::size_t frame_limit_bytes) : frame_limit_(frame_limit_bytes) {}

  enum class Step : std::uint8_t {
    need_bytes,  ///< read more
    need_frame,  ///< the length is known: call start() with a frame of needed_bytes()
    frame,       ///< take() it
    bad_length,  ///< negative or above the limit; first_bytes() shows what came
  };
  Step next();

  std::size_t needed_bytes() const;
  void start(std::shared_ptr<Frame> frame);
  std::shared_ptr<Frame> take();

  /// Where to read to: the rest of a started frame, the scratch buffer, or both.
  /// Only when next() needs bytes.
  std::span<const MutableBytes> read_targets(MutableBytes scratch);
  /// `n` bytes have been read into the targets.
  void commit(std::size_t n);
  /// Saves what still lies in the scratch buffer, which may then be used for something else.
  void park();

  /// Whether a frame has been started and not been completed.
  bool mid_frame() const { return header_have_ != 0; }
  /// Bytes of the started frame that are here.
  std::size_t frame_have() const { return frame_have_; }
  /// What came where a length was expected (at most 16 bytes).
  ByteView first_bytes() const { return {first_.data(), first_size_}; }

 private:
  void check() const;
  std::int32_t length() const { return load_be<std::int32_t>(header_.data()); }
  void drop_from_rest(std::size_t n);

  static constexpr std::size_t header_bytes = 4;
  /// A frame of at least this size is read into its own memory as far as possible.
  static constexpr std::size_t large_bytes = 16 * 1024;
  /// How much to read besides when large frames follow each other: the next length, and small
  /// frames in between.
  static constexpr std::size_t peek_bytes = 1024;

  const std::size_t frame_limit_;
  std::array<std::byte, header_bytes> header_{};
  std::size_t header_have_ = 0;
  std::shared_ptr<Frame> frame_;
  std::size_t frame_have_ = 0;
  bool last_was_large_ = false;

  std::array<MutableBytes, 2> targets_{};
  std::size_t target_count_ = 0;
  ByteView rest_;  ///< read and not cut: in the scratch buffer, or in parked_
  ByteBuffer parked_;
  std::array<std::byte, 16> first_{};
  std::size_t first_size_ = 0;
};

}  // namespace horolog::net
