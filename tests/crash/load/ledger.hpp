// What the load program knows to be true: every acknowledged record, every acknowledged commit and
// everything a consumer has seen. verify() holds it against the log after the last restart.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace crash {

// Who wrote a record and the how-manieth of its partition it was. Travels in the record's value.
struct Id {
  int producer = -1;
  std::int64_t sequence = -1;
  bool operator==(const Id&) const = default;
};

std::string value_of(const Id& id, std::size_t size);
Id id_of(const void* data, std::size_t size);

struct Acked {
  Id id;
  std::int64_t offset;  // -1: acknowledged as a duplicate, the place is not told
};

// Thread rule: every function may be called from any thread.
class Ledger {
 public:
  explicit Ledger(int partitions);

  void acknowledged(int partition, const Id& id, std::int64_t offset);
  void failed(const std::string& why);
  void consumed(int partition, std::int64_t offset, const Id& id);
  void committed(int partition, std::int64_t offset);
  // A committed offset that was read back: below an acknowledged commit is a violation.
  void committed_read(int partition, std::int64_t offset, std::int64_t at_least);

  std::int64_t acknowledged_count() const;
  std::int64_t last_commit(int partition) const;

  // Compares with the whole log, log[partition][offset]; returns the report as JSON members and
  // adds the number of violations. `exactly_once` names the idempotent producers.
  std::string verify(const std::vector<std::vector<Id>>& log, const std::vector<bool>& exactly_once,
                     std::int64_t& violations) const;

 private:
  void complain(const std::string& text);

  mutable std::mutex mutex_;
  std::vector<std::vector<Acked>> acked_;
  std::vector<std::vector<Id>> consumed_;
  std::vector<std::int64_t> commits_;
  std::int64_t acked_count_ = 0;
  std::int64_t commit_count_ = 0;
  std::int64_t commits_back_ = 0;
  std::int64_t holes_seen_ = 0;
  std::int64_t failures_ = 0;
};

}  // namespace crash
