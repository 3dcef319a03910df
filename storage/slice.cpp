#include "storage/slice.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "storage/segment_file.hpp"

namespace horolog::storage {

int Slice::descriptor() const { return file_ ? file_->file().descriptor() : -1; }

ByteView Slice::mapped() const {
  if (!file_ || file_->map() == nullptr || position_ + size_ > file_->map_size()) return {};
  return {file_->map() + position_, size_};
}

bool Slice::is_cached(std::size_t at, std::size_t bytes) const {
  HOROLOG_ASSERT(at + bytes <= size_);
  return file_ && file_->file().is_cached(position_ + at, bytes);
}

MutableBytes Slice::within(std::size_t at, MutableBytes out) const {
  HOROLOG_ASSERT(at <= size_);
  return out.first(std::min(out.size(), size_ - at));
}

Result<std::size_t> Slice::read_nowait(std::size_t at, MutableBytes out) const {
  if (!file_) return std::size_t{0};
  return file_->file().read_at_nowait(within(at, out), position_ + at);
}

Result<std::size_t> Slice::read(std::size_t at, MutableBytes out) const {
  if (!file_) return std::size_t{0};
  return file_->file().read_at(within(at, out), position_ + at);
}

}  // namespace horolog::storage
