#pragma once

#include <xxhash.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.hpp"
#include "scheduler/local_file.hpp"

namespace horolog::scheduler {

struct FreeDigestState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};
using DigestState = std::unique_ptr<XXH3_state_t, FreeDigestState>;

/// Writes a file from its start to its end with an XXH3 digest over all of it as the last eight
/// bytes. It stands under another name until finish() gives it its own in one step: whoever opens
/// that finds the file before or the new one, whole. Integers are big-endian; a text is its length
/// as uint32 and its bytes. One thread at a time.
class CheckpointWriter {
 public:
  static Result<CheckpointWriter> create(const std::string& path);

  template <typename T>
  Status number(T value) {
    static_assert(std::is_integral_v<T>);
    append_be(buffer_, value);
    return buffer_.size() < buffer_bytes ? Status() : flush();
  }
  Status text(std::string_view bytes);
  Status finish();

 private:
  static constexpr std::size_t buffer_bytes = 256U << 10;

  CheckpointWriter(LocalFile file, std::string path);
  Status flush();

  LocalFile file_;
  std::string path_;
  ByteBuffer buffer_;
  std::uint64_t written_ = 0;
  DigestState digest_;
};

/// Reads what CheckpointWriter wrote. One thread at a time.
class CheckpointReader {
 public:
  /// nullopt: there is no such file. Errc::corrupt when it is not whole, or not what was written:
  /// that is known before anything of it is used.
  static Result<std::optional<CheckpointReader>> open(const std::string& path);

  /// Errc::corrupt at the file's end.
  template <typename T>
  Result<T> number() {
    HOROLOG_TRY(have(sizeof(T)));
    const T value = load_be<T>(buffer_.data() + at_);
    at_ += sizeof(T);
    return value;
  }
  Result<std::string> text();
  /// Errc::corrupt when something is left.
  Status finish() const;

 private:
  static constexpr std::size_t buffer_bytes = 256U << 10;
  static constexpr std::size_t digest_bytes = 8;

  CheckpointReader(LocalFile file, std::uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {}
  Status verify() const;
  Status have(std::size_t bytes);
  Error not_whole() const;

  LocalFile file_;
  std::uint64_t bytes_;  ///< without the digest
  std::uint64_t read_ = 0;
  ByteBuffer buffer_;
  std::size_t at_ = 0;
};

}  // namespace horolog::scheduler
