#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/clock.hpp"
#include "broker/fetch_session.hpp"

namespace horolog::broker {

/// The fetch sessions that clients may continue, at most max.incremental.fetch.session.cache.slots
/// of them. Thread-safe. A connection remembers the session it used last, so only the first request
/// of a session on a connection looks here.
class FetchSessionCache {
 public:
  /// How long a session keeps its place against others, counted from its last use against anybody
  /// and from its creation against larger ones (KIP-227).
  static constexpr MonoNs eviction_age = 120LL * 1'000'000'000;

  explicit FetchSessionCache(std::size_t slots) : slots_(slots) {}

  /// A new session with an id, or null when the cache is full and everybody in it has the better
  /// claim than one of `partitions` partitions.
  std::shared_ptr<FetchSession> create(std::size_t partitions, bool by_topic_id, MonoNs now);
  /// Null when there is none (any more).
  std::shared_ptr<FetchSession> find(std::int32_t id) const;
  /// Frees the slot; the request that is using the session may finish.
  void remove(std::int32_t id);
  std::size_t size() const;

 private:
  using Sessions = std::unordered_map<std::int32_t, std::shared_ptr<FetchSession>>;

  std::int32_t unused_id() const;
  /// The session that gives way to a new one, or end().
  Sessions::iterator find_weakest(std::size_t partitions, std::int32_t id, MonoNs now);

  const std::size_t slots_;
  mutable std::mutex mutex_;
  Sessions sessions_;
};

}  // namespace horolog::broker
