#include "broker/fetch_session_cache.hpp"

#include <random>
#include <utility>

namespace horolog::broker {

std::shared_ptr<FetchSession> FetchSessionCache::create(std::size_t partitions, bool by_topic_id,
                                                        MonoNs now) {
  const std::lock_guard lock(mutex_);
  const std::int32_t id = unused_id();
  if (sessions_.size() >= slots_) {
    const auto weakest = find_weakest(partitions, id, now);
    if (weakest == sessions_.end()) return nullptr;
    weakest->second->closed.store(true);
    sessions_.erase(weakest);
  }
  auto session = std::make_shared<FetchSession>(id, by_topic_id, now);
  sessions_.emplace(id, session);
  return session;
}

std::shared_ptr<FetchSession> FetchSessionCache::find(std::int32_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

void FetchSessionCache::remove(std::int32_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  found->second->closed.store(true);
  sessions_.erase(found);
}

std::size_t FetchSessionCache::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

std::int32_t FetchSessionCache::unused_id() const {
  // Random, so that a client cannot guess its way into another's session.
  static thread_local std::mt19937_64 random{std::random_device{}()};
  std::uniform_int_distribution<std::int32_t> ids(1);
  for (;;) {
    const std::int32_t id = ids(random);
    if (!sessions_.contains(id)) return id;
  }
}

FetchSessionCache::Sessions::iterator FetchSessionCache::find_weakest(std::size_t partitions,
                                                                      std::int32_t id, MonoNs now) {
  auto oldest = sessions_.end();
  auto smallest = sessions_.end();
  const auto rank = [](const FetchSession& session) {
    return std::pair(session.shown_size.load(std::memory_order_relaxed), session.id());
  };
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    const FetchSession& session = *it->second;
    if (oldest == sessions_.end() || session.last_used.load() < oldest->second->last_used.load()) {
      oldest = it;
    }
    if (now - session.created() <= eviction_age) continue;
    if (smallest == sessions_.end() || rank(session) < rank(*smallest->second)) smallest = it;
  }
  if (oldest != sessions_.end() && now - oldest->second->last_used.load() > eviction_age) {
    return oldest;
  }
  if (smallest == sessions_.end() || std::pair(partitions, id) < rank(*smallest->second)) {
    return sessions_.end();
  }
  return smallest;
}

}  // namespace horolog::broker
