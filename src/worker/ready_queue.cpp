#include "worker/ready_queue.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace horolog::worker {

ReadyQueue::ReadyQueue(Options options)
    : options_(std::move(options)), rate_(options_.per_second) {}

ReadyQueue::Lane& ReadyQueue::lane(const std::string& name) {
  const auto [at, made] = lanes_.try_emplace(name);
  if (!made) return at->second;
  const auto known = options_.lanes.find(name);
  if (known != options_.lanes.end()) at->second.options = known->second;
  at->second.rate = RateLimit(at->second.options.per_second);
  return at->second;
}

void ReadyQueue::place(const std::string& name, Lane& lane, double pass, bool now_eligible) {
  eligible_.erase({lane.pass, name});
  lane.pass = pass;
  if (now_eligible) eligible_.emplace(pass, name);
}

void ReadyQueue::push(Waiting task) {
  ++size_;
  if (task.key != 0) {
    Key& key = keys_[task.key];
    if (key.taken >= options_.per_key) {
      key.behind.push_back(std::move(task));
      return;
    }
    ++key.taken;
  }
  make_ready(std::move(task));
}

void ReadyQueue::make_ready(Waiting task) {
  const std::string name = task.lane;
  Lane& its = lane(name);
  // One that was idle has no claim to what the others got meanwhile.
  const double pass = its.waiting == 0 ? std::max(its.pass, pass_) : its.pass;
  its.ready[static_cast<std::size_t>(task.priority)].push_back(std::move(task));
  ++its.waiting;
  place(name, its, pass, eligible(its));
}

Waiting ReadyQueue::take_from(Lane& lane, MonoNs now) {
  std::deque<Waiting>* best = nullptr;
  MonoNs best_rank = 0;
  for (std::size_t priority = lane.ready.size(); priority-- > 0;) {
    std::deque<Waiting>& queue = lane.ready[priority];
    if (queue.empty()) continue;
    const MonoNs rank = static_cast<MonoNs>(priority) * options_.ageing_ns +
                        (now - queue.front().since);
    if (best != nullptr && rank <= best_rank) continue;
    best = &queue;
    best_rank = rank;
  }
  HOROLOG_ASSERT(best != nullptr);
  Waiting task = std::move(best->front());
  best->pop_front();
  return task;
}

std::optional<Waiting> ReadyQueue::pop(MonoNs now) {
  if (!rate_.open(now)) return std::nullopt;
  for (const auto& [pass, name] : eligible_) {
    Lane& its = lanes_.at(name);
    if (!its.rate.open(now)) continue;
    Waiting task = take_from(its, now);
    --its.waiting;
    ++its.active;
    --size_;
    its.rate.take(now);
    rate_.take(now);
    pass_ = pass;
    place(task.lane, its, pass + 1 / its.options.share, eligible(its));
    return task;
  }
  return std::nullopt;
}

void ReadyQueue::finish(const Waiting& task) {
  leave_key(task);
  set_aside(task);
}

void ReadyQueue::set_aside(const Waiting& task) {
  Lane& its = lane(task.lane);
  HOROLOG_ASSERT(its.active > 0);
  --its.active;
  place(task.lane, its, its.pass, eligible(its));
  forget_if_idle(task.lane);
}

void ReadyQueue::bring_back(Waiting task) {
  ++size_;
  make_ready(std::move(task));
}

void ReadyQueue::drop_aside(const Waiting& task) { leave_key(task); }

void ReadyQueue::leave_key(const Waiting& task) {
  if (task.key == 0) return;
  const auto at = keys_.find(task.key);
  HOROLOG_ASSERT(at != keys_.end() && at->second.taken > 0);
  Key& key = at->second;
  --key.taken;
  if (!key.behind.empty()) {
    Waiting next = std::move(key.behind.front());
    key.behind.pop_front();
    ++key.taken;
    make_ready(std::move(next));
  } else if (key.taken == 0) {
    keys_.erase(at);
  }
}

void ReadyQueue::forget_if_idle(const std::string& name) {
  const auto at = lanes_.find(name);
  // A rate must be remembered; and so are the lanes that were configured.
  if (at->second.waiting == 0 && at->second.active == 0 && !options_.lanes.contains(name))
    lanes_.erase(at);
}

std::optional<MonoNs> ReadyQueue::wake_at(MonoNs now) const {
  if (eligible_.empty()) return std::nullopt;
  if (!rate_.open(now)) return rate_.opens_at();
  std::optional<MonoNs> first;
  for (const auto& [pass, name] : eligible_) {
    const RateLimit& rate = lanes_.at(name).rate;
    const MonoNs opens = rate.open(now) ? now : rate.opens_at();
    first = first ? std::min(*first, opens) : opens;
  }
  return first;
}

}  // namespace horolog::worker
