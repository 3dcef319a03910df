#include "storage/transaction_index.hpp"

namespace horolog::storage {
namespace {
constexpr std::int16_t version = 0;
}

TransactionIndexEntry TransactionIndexView::at(std::size_t index) const {
  const std::byte* entry = bytes_.data() + index * entry_bytes;
  return {.producer_id = load_be<std::int64_t>(entry + 2),
          .first_offset = load_be<std::int64_t>(entry + 10),
          .last_offset = load_be<std::int64_t>(entry + 18),
          .last_stable_offset = load_be<std::int64_t>(entry + 26)};
}

std::vector<TransactionIndexEntry> TransactionIndexView::entries() const {
  std::vector<TransactionIndexEntry> all;
  all.reserve(count());
  for (std::size_t i = 0; i < count(); ++i) all.push_back(at(i));
  return all;
}

std::size_t TransactionIndexView::lower_bound(Offset offset) const {
  std::size_t low = 0;
  std::size_t high = count();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (at(middle).last_offset < offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool TransactionIndexView::collect(Offset from, Offset to,
                                   std::vector<AbortedTransaction>& out) const {
  for (std::size_t i = lower_bound(from); i < count(); ++i) {
    const TransactionIndexEntry entry = at(i);
    if (entry.first_offset < to) {
      out.push_back({.producer_id = entry.producer_id, .first_offset = entry.first_offset});
    }
    if (entry.last_stable_offset >= to) return true;
  }
  return false;
}

std::size_t TransactionIndexView::plausible_entries(Offset base_offset, Offset end_offset) const {
  Offset previous = base_offset - 1;
  for (std::size_t i = 0; i < count(); ++i) {
    const TransactionIndexEntry entry = at(i);
    const bool plausible = load_be<std::int16_t>(bytes_.data() + i * entry_bytes) == version &&
                           entry.producer_id >= 0 && entry.first_offset >= 0 &&
                           entry.first_offset < entry.last_offset &&
                           entry.last_offset > previous && entry.last_offset < end_offset &&
                           entry.last_stable_offset >= 0 &&
                           entry.last_stable_offset <= entry.last_offset + 1;
    if (!plausible) return i;
    previous = entry.last_offset;
  }
  return count();
}

void TransactionIndexView::append(ByteBuffer& index, const TransactionIndexEntry& entry) {
  append_be(index, version);
  append_be(index, entry.producer_id);
  append_be(index, entry.first_offset);
  append_be(index, entry.last_offset);
  append_be(index, entry.last_stable_offset);
}

}  // namespace horolog::storage
