#include "broker/slice_payload.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace horolog::broker {

SlicePayload::SlicePayload(std::vector<storage::Slice> slices) : slices_(std::move(slices)) {
  for (const storage::Slice& slice : slices_) size_ += slice.size();
}

ByteView SlicePayload::mapped() const {
  return slices_.size() == 1 ? slices_.front().mapped() : ByteView{};
}

std::pair<const storage::Slice*, std::size_t> SlicePayload::locate(std::size_t at) const {
  for (const storage::Slice& slice : slices_) {
    if (at < slice.size()) return {&slice, at};
    at -= slice.size();
  }
  assert_failed("read beyond the end of a fetch payload", __FILE__, __LINE__);
}

net::FileRange SlicePayload::cached_range(std::size_t at, std::size_t most) const {
  const auto [slice, within] = locate(at);
  const std::size_t bytes = std::min(most, slice->size() - within);
  if (!slice->is_cached(within, bytes)) return {};
  return {slice->descriptor(), slice->position() + within, bytes};
}

Result<std::size_t> SlicePayload::read_nowait(std::size_t at, MutableBytes out) const {
  const auto [slice, within] = locate(at);
  return slice->read_nowait(within, out.first(std::min(out.size(), slice->size() - within)));
}

Result<std::size_t> SlicePayload::read_blocking(std::size_t at, MutableBytes out) const {
  const auto [slice, within] = locate(at);
  return slice->read(within, out.first(std::min(out.size(), slice->size() - within)));
}

}  // namespace horolog::broker
