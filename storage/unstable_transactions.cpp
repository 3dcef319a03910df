#include "storage/unstable_transactions.hpp"

#include "base/assert.hpp"

namespace horolog::storage {

void UnstableTransactions::begin(const LogPosition& first) {
  by_first_.emplace(first.offset, first);
}

void UnstableTransactions::end(Offset first, Offset marker) {
  HOROLOG_ASSERT(ended_.empty() || ended_.back().marker < marker);
  ended_.push_back({.first = first, .marker = marker});
}

void UnstableTransactions::advance(Offset high_watermark) {
  while (!ended_.empty() && ended_.front().marker < high_watermark) {
    by_first_.erase(ended_.front().first);
    ended_.pop_front();
  }
}

const LogPosition* UnstableTransactions::oldest() const {
  return by_first_.empty() ? nullptr : &by_first_.begin()->second;
}

}  // namespace horolog::storage
