#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/backoff.hpp"
#include "client/broker_error.hpp"
#include "client/cluster.hpp"
#include "horolog/admin.hpp"
#include "net/deadline.hpp"

namespace horolog::client {

/// Whether the same question may be answered soon, perhaps by another broker.
bool admin_retries(wire::ErrorCode code);

/// One admin request about several things (keys): asks whom it concerns, asks again for those whose
/// broker was the wrong one or not ready, until each is settled or time is over. Lives until then
/// by the callbacks that hold it. Belongs to the loop's thread.
template <typename Key, typename Value>
class Sweep : public std::enable_shared_from_this<Sweep<Key, Value>> {
 public:
  using Indexes = std::vector<std::size_t>;
  using Ask = std::function<void(std::shared_ptr<Sweep> sweep, Target target, Indexes which)>;

  struct Plan {
    /// Who answers for a key. Asked about together are keys led by the same broker, keys of the
    /// same group or transactional id, and keys that need no special broker.
    std::function<Target(const Key&)> target;
    /// Sends one request; must settle() or put off() every index it was given, later.
    Ask ask;
    std::string what;  ///< "describe group": for errors, before the key
    std::function<std::string(const Key&)> name;
  };

  Sweep(std::shared_ptr<Cluster> cluster, std::vector<Key> keys, Plan plan,
        Admin::Then<PerItem<Key, Value>> then)
      : cluster_(std::move(cluster)),
        keys_(std::move(keys)),
        plan_(std::move(plan)),
        then_(std::move(then)),
        outcomes_(keys_.size()),
        due_(cluster_->loop().now() + to_ns(cluster_->options().request_timeout)),
        pause_(cluster_->loop().deadlines(), [this] { round(); }) {}

  void start() {
    self_ = this->shared_from_this();
    if (keys_.empty()) return finish();
    round();
  }

  const Key& key(std::size_t i) const { return keys_[i]; }
  Cluster& cluster() { return *cluster_; }
  CallOptions options(wire::VersionRange cap = {0, 0x7FFF}) const {
    return {.cap = cap, .timeout_ns = std::max<MonoNs>(due_ - cluster_->loop().now(), 1)};
  }
  /// "cannot describe group g".
  std::string cannot(std::size_t i) const {
    return "cannot " + plan_.what + " " + plan_.name(keys_[i]);
  }

  void settle(std::size_t i, Result<Value> outcome) {
    if (outcomes_[i]) return;
    outcomes_[i] = std::move(outcome);
    part_done();
  }
  /// By a broker's error code; ErrorCode::none must have been handled.
  void fail(std::size_t i, wire::ErrorCode code,
            const std::optional<std::string>& text = std::nullopt) {
    Error error = broker_error(code, cannot(i), text);
    if (admin_retries(code)) return put_off(i, std::move(error));
    settle(i, std::move(error));
  }
  /// To be asked again, unless time is over.
  void put_off(std::size_t i, Error why) {
    if (outcomes_[i]) return;
    const Target target = plan_.target(keys_[i]);
    if (target.kind == Target::Kind::leader) cluster_->leader_failed(target.partition);
    if (target.kind == Target::Kind::coordinator) {
      cluster_->coordinator_failed(target.coordinator_kind, target.key);
    }
    if (target.kind == Target::Kind::controller) moved_controller_ = true;
    again_.emplace(i, std::move(why));
    part_done();
  }
  /// The whole request came to nothing.
  void broke(const Indexes& which, const Error& why) {
    for (const std::size_t i : which) {
      if (why.code() == Errc::closed) {
        put_off(i, why.with_context(cannot(i)));
      } else {
        settle(i, why.with_context(cannot(i)));
      }
    }
  }
  /// What the answer did not mention.
  void left_out(const Indexes& which) {
    for (const std::size_t i : which) {
      if (outcomes_[i] || again_.contains(i)) continue;
      settle(i, Error(Errc::corrupt, cannot(i) + ": the broker's answer leaves it out"));
    }
  }

 private:
  void round() {
    Indexes open;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (!outcomes_[i]) open.push_back(i);
    }
    again_.clear();
    pending_ = open.size();
    std::set<std::string> topics;
    for (const std::size_t i : open) {
      const Target target = plan_.target(keys_[i]);
      if (target.kind == Target::Kind::leader) topics.insert(target.partition.topic);
    }
    if (topics.empty()) return ask(open);
    const auto left = std::make_shared<std::size_t>(topics.size());
    for (const std::string& topic : topics) {
      cluster_->topic(topic, options().timeout_ns, false,
                      [this, held = self_, topic, left, open](const auto& found) {
                        if (!found) topic_failed(open, topic, found.error());
                        if (--*left == 0) ask(open);
                      });
    }
  }

  void topic_failed(const Indexes& open, const std::string& topic, const Error& why) {
    for (const std::size_t i : open) {
      const Target target = plan_.target(keys_[i]);
      if (target.partition.topic == topic) settle(i, why.with_context(cannot(i)));
    }
  }

  void ask(const Indexes& open) {
    std::map<NodeId, Indexes> by_leader;
    std::map<std::string, Indexes> by_coordinated;
    Indexes together;
    const auto metadata = cluster_->metadata();
    const auto held = self_;
    for (const std::size_t i : open) {
      if (outcomes_[i]) continue;
      const Target target = plan_.target(keys_[i]);
      if (target.kind == Target::Kind::coordinator) {
        by_coordinated[target.key].push_back(i);
      } else if (target.kind != Target::Kind::leader) {
        together.push_back(i);
      } else if (const auto* known =
                     metadata->partition(target.partition.topic, target.partition.partition)) {
        by_leader[known->leader].push_back(i);
      } else {
        settle(i, Error(Errc::not_found, cannot(i) + ": the topic has no such partition"));
      }
    }
    for (auto& [node, which] : by_leader) {
      if (node == no_node) {
        for (const std::size_t i : which) plan_.ask(held, plan_.target(keys_[i]), {i});
      } else {
        plan_.ask(held, Target::node(node), std::move(which));
      }
    }
    for (auto& [key, which] : by_coordinated) {
      const Target target = plan_.target(keys_[which.front()]);
      plan_.ask(held, target, std::move(which));
    }
    if (!together.empty()) {
      const Target target = plan_.target(keys_[together.front()]);
      plan_.ask(held, target, std::move(together));
    }
  }

  void part_done() {
    if (--pending_ != 0) return;
    if (again_.empty()) return finish();
    const Backoff backoff =
        Backoff::of(cluster_->options().retry_backoff, cluster_->options().retry_backoff_max);
    const MonoNs next =
        cluster_->loop().now() + backoff.delay(++failures_, cluster_->loop().random());
    if (next >= due_) {
      for (auto& [i, why] : again_) outcomes_[i] = std::move(why);
      return finish();
    }
    if (std::exchange(moved_controller_, false)) {
      cluster_->refresh(std::set<std::string>(), 0, [](const Status&) {});
    }
    pause_.set(next);
  }

  void finish() {
    PerItem<Key, Value> result;
    result.reserve(keys_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      result.emplace_back(std::move(keys_[i]), std::move(*outcomes_[i]));
    }
    pause_.clear();
    const auto held = std::move(self_);
    // Never inside the call that asked, and after this frame.
    cluster_->loop().post([then = std::move(then_), shared = std::make_shared<PerItem<Key, Value>>(
                                                        std::move(result)),
                           held] { then(std::move(*shared)); });
  }

  std::shared_ptr<Sweep> self_;  ///< until it is finished
  std::shared_ptr<Cluster> cluster_;
  std::vector<Key> keys_;
  Plan plan_;
  Admin::Then<PerItem<Key, Value>> then_;
  std::vector<std::optional<Result<Value>>> outcomes_;
  std::map<std::size_t, Error> again_;
  std::size_t pending_ = 0;
  std::uint32_t failures_ = 0;
  bool moved_controller_ = false;
  const MonoNs due_;
  net::Deadline pause_;
};

}  // namespace horolog::client
