#include "tests/crash/load/ledger.hpp"

#include <charconv>
#include <iostream>
#include <sstream>

namespace crash {

namespace {

// The sequences of one producer that a partition holds. They are dense but for what was lost, so a
// bit each will do: a soak counts tens of millions.
class Sequences {
 public:
  // False if it was there already.
  bool insert(std::int64_t sequence) {
    if (sequence < 0) return true;
    if (sequence >= static_cast<std::int64_t>(bits_.size()))
      bits_.resize(sequence + sequence / 2 + 64);
    const bool fresh = !bits_[sequence];
    bits_[sequence] = true;
    return fresh;
  }
  bool contains(std::int64_t sequence) const {
    return sequence >= 0 && sequence < static_cast<std::int64_t>(bits_.size()) && bits_[sequence];
  }

 private:
  std::vector<bool> bits_;
};

}  // namespace

std::string value_of(const Id& id, std::size_t size) {
  std::string text = std::to_string(id.producer) + ' ' + std::to_string(id.sequence) + ' ';
  if (text.size() < size) text.append(size - text.size(), 'x');
  return text;
}

Id id_of(const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  const char* end = at + size;
  Id id;
  const auto first = std::from_chars(at, end, id.producer);
  if (first.ec != std::errc() || first.ptr == end) return {};
  const auto second = std::from_chars(first.ptr + 1, end, id.sequence);
  return second.ec == std::errc() ? id : Id{};
}

Ledger::Ledger(int partitions)
    : acked_(partitions), consumed_(partitions), commits_(partitions, -1) {}

void Ledger::complain(const std::string& text) { std::cerr << "violation: " << text << std::endl; }

void Ledger::acknowledged(int partition, const Id& id, std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  acked_[partition].push_back({id, offset});
  ++acked_count_;
}

void Ledger::failed(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (++failures_ <= 5) complain(why);
}

void Ledger::consumed(int partition, std::int64_t offset, const Id& id) {
  const std::lock_guard lock(mutex_);
  auto& seen = consumed_[partition];
  const auto next = static_cast<std::int64_t>(seen.size());
  if (offset != next && ++holes_seen_ <= 5)
    complain("partition " + std::to_string(partition) + ": consumed offset " +
             std::to_string(offset) + " where " + std::to_string(next) + " comes next");
  if (offset >= next) seen.resize(offset);
  if (offset >= next) seen.push_back(id);
}

void Ledger::committed(int partition, std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  commits_[partition] = offset;
  ++commit_count_;
}

void Ledger::committed_read(int partition, std::int64_t offset, std::int64_t at_least) {
  const std::lock_guard lock(mutex_);
  if (offset >= at_least) return;
  ++commits_back_;
  complain("partition " + std::to_string(partition) + ": committed " + std::to_string(at_least) +
           " but " + std::to_string(offset) + " is read back");
}

std::int64_t Ledger::acknowledged_count() const {
  const std::lock_guard lock(mutex_);
  return acked_count_;
}

std::int64_t Ledger::last_commit(int partition) const {
  const std::lock_guard lock(mutex_);
  return commits_[partition];
}

std::string Ledger::verify(const std::vector<std::vector<Id>>& log,
                           const std::vector<bool>& exactly_once,
                           std::int64_t& violations) const {
  const std::lock_guard lock(mutex_);
  std::int64_t records = 0, lost = 0, moved = 0, duplicates = 0, disorder = 0, changed = 0;
  for (std::size_t p = 0; p < log.size(); ++p) {
    const auto size = static_cast<std::int64_t>(log[p].size());
    records += size;
    std::map<int, Sequences> present;
    std::map<int, std::int64_t> last;
    for (const Id& id : log[p]) {
      const bool fresh = present[id.producer].insert(id.sequence);
      const bool once = id.producer >= 0 && exactly_once[id.producer];
      if (once && !fresh) ++duplicates;
      const auto before = last.try_emplace(id.producer, -1).first;
      if (once && fresh && id.sequence != before->second + 1) ++disorder;
      before->second = id.sequence;
    }
    for (const Acked& a : acked_[p]) {
      const auto of = present.find(a.id.producer);
      const bool there = of != present.end() && of->second.contains(a.id.sequence);
      if (!there) ++lost;
      if (there && a.offset >= 0 && (a.offset >= size || log[p][a.offset] != a.id)) ++moved;
    }
    for (std::size_t o = 0; o < consumed_[p].size(); ++o)
      if (o >= log[p].size() || consumed_[p][o] != log[p][o]) ++changed;
  }
  violations +=
      lost + moved + duplicates + disorder + changed + holes_seen_ + commits_back_ + failures_;
  std::ostringstream out;
  out << "\"records\": " << records << ", \"acked\": " << acked_count_ << ", \"lost\": " << lost
      << ", \"moved\": " << moved << ", \"duplicates\": " << duplicates
      << ", \"out_of_order\": " << disorder << ", \"consumed_changed\": " << changed
      << ", \"consumed_holes\": " << holes_seen_ << ", \"commits\": " << commit_count_
      << ", \"commits_back\": " << commits_back_ << ", \"failed_deliveries\": " << failures_;
  return out.str();
}

}  // namespace crash
