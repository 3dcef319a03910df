#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "net/response.hpp"
#include "storage/slice.hpp"

namespace horolog::broker {

/// The records of one partition in a fetch response, read from the segment files while the socket
/// drains. Pins the segments until it is destroyed.
class SlicePayload final : public net::Payload {
 public:
  explicit SlicePayload(std::vector<storage::Slice> slices);

  std::size_t size() const override { return size_; }
  ByteView mapped() const override;
  net::FileRange cached_range(std::size_t at, std::size_t most) const override;
  Result<std::size_t> read_nowait(std::size_t at, MutableBytes out) const override;
  Result<std::size_t> read_blocking(std::size_t at, MutableBytes out) const override;

 private:
  /// The slice that holds byte `at`, and where in it.
  std::pair<const storage::Slice*, std::size_t> locate(std::size_t at) const;

  std::vector<storage::Slice> slices_;
  std::size_t size_ = 0;
};

}  // namespace horolog::broker
