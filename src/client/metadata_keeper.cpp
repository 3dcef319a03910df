#include "client/metadata_keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "client/backoff.hpp"
#include "client/broker_error.hpp"
#include "client/loop.hpp"
#include "protocol/messages/metadata.hpp"

namespace horolog::client {
namespace {

/// How often "no such topic" is believed to be news that has not got around yet.
constexpr int unknown_topic_tries = 3;

}  // namespace

MetadataKeeper::MetadataKeeper(Host host)
    : host_(std::move(host)), deadline_(host_.loop.deadlines(), [this] { wake(); }) {}

std::shared_ptr<const Metadata> MetadataKeeper::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void MetadataKeeper::set(Metadata next) {
  {
    const std::lock_guard lock(mutex_);
    current_ = std::make_shared<const Metadata>(std::move(next));
  }
  host_.changed();
}

void MetadataKeeper::wait(Waiter waiter) {
  const std::string topic = waiter.topic;
  const bool create = waiter.create;
  waiting_.push_back({std::move(waiter), round_});
  if (!topic.empty()) {
    touch(topic);
    next_.question.topics.insert(topic);
    next_.question.create |= create;
  }
  plan(true);
}

void MetadataKeeper::refresh(Question question, std::function<void(Status)> done) {
  Question& next = next_.question;
  next.all |= question.all;
  next.create |= question.create;
  next.topics.merge(question.topics);
  next.timeout_ns = std::max(next.timeout_ns, question.timeout_ns);
  next_.done.push_back(std::move(done));
  plan(true);
}

void MetadataKeeper::touch(const std::string& topic) { used_[topic] = host_.loop.now(); }

void MetadataKeeper::learn_broker(BrokerInfo broker) {
  const BrokerInfo* known = current_->broker(broker.id);
  if (known != nullptr && known->address == broker.address) return;
  set(current_->with_broker(std::move(broker)));
}

void MetadataKeeper::learn_leader(const TopicPartition& tp, NodeId leader, LeaderEpoch epoch) {
  const PartitionInfo* known = current_->partition(tp.topic, tp.partition);
  if (known == nullptr) return;
  if (leader == no_node) {
    next_.question.topics.insert(tp.topic);
    plan(false);
  }
  Metadata next = current_->with_leader(tp, leader, epoch);
  if (next.version != current_->version) set(std::move(next));
}

void MetadataKeeper::plan(bool at_once) {
  if (closed_) return;
  const MonoNs now = host_.loop.now();
  const Backoff backoff =
      Backoff::of(host_.options.retry_backoff, host_.options.retry_backoff_max);
  const MonoNs at =
      at_once ? now : now + backoff.delay(std::max(in_a_row_, 1U), host_.loop.random());
  start_at_ = next_.wanted ? std::min(start_at_, at) : at;
  next_.wanted = true;
  arm();
}

void MetadataKeeper::wake() {
  const MonoNs now = host_.loop.now();
  std::list<Waiting> late;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto next = std::next(at);
    if (at->waiter.due <= now) late.splice(late.end(), waiting_, at);
    at = next;
  }
  if (next_.wanted && !running_ && start_at_ <= now) start_round();
  if (stale_at_ != 0 && stale_at_ <= now && !running_) {
    stale_at_ = 0;
    next_.question.topics.merge(in_use());
    plan(true);
  }
  arm();
  for (Waiting& one : late) {
    const auto error = topic_errors_.find(one.waiter.topic);
    const std::string what = one.waiter.topic.empty()
                                 ? "the cluster's brokers were not learned in time"
                                 : "topic " + one.waiter.topic + " was not found in time";
    if (error != topic_errors_.end()) {
      one.waiter.fail(broker_error(error->second, what));
    } else {
      one.waiter.fail(Error(Errc::timed_out, what + host_.trouble()));
    }
  }
}

void MetadataKeeper::arm() {
  MonoNs next = std::numeric_limits<MonoNs>::max();
  for (const Waiting& one : waiting_) next = std::min(next, one.waiter.due);
  if (next_.wanted && !running_) next = std::min(next, start_at_);
  if (stale_at_ != 0 && !running_) next = std::min(next, stale_at_);
  if (next == std::numeric_limits<MonoNs>::max() || closed_) return deadline_.clear();
  deadline_.set(next);
}

std::set<std::string> MetadataKeeper::in_use() {
  const MonoNs old = host_.loop.now() - to_ns(host_.options.metadata_max_age);
  std::erase_if(used_, [&](const auto& entry) { return entry.second < old; });
  std::set<std::string> names;
  for (const auto& [name, when] : used_) names.insert(name);
  return names;
}

void MetadataKeeper::start_round() {
  running_ = true;
  ++round_;
  auto round = std::make_shared<Round>(std::exchange(next_, {}));
  host_.ask(round->question,
            [this, round](Result<std::shared_ptr<const wire::MetadataResponse>> answer) {
              finish_round(std::move(*round), std::move(answer));
            });
}

void MetadataKeeper::finish_round(
    Round round, Result<std::shared_ptr<const wire::MetadataResponse>> answer) {
  if (closed_) {
    for (const auto& done : round.done) done(answer.error());
    return;
  }
  running_ = false;
  Status status = answer ? Status() : Status(answer.error());
  if (answer && (*answer)->error_code != wire::ErrorCode::none) {
    status = broker_error((*answer)->error_code, "cannot look up the cluster");
  } else if (answer && (*answer)->brokers.empty() && current_->brokers.empty()) {
    status = Error(Errc::busy, "the cluster names no brokers yet").with_remedy(Remedy::retry);
  }
  ++in_a_row_;
  if (status) {
    const wire::MetadataResponse& message = **answer;
    stale_at_ = host_.loop.now() + to_ns(host_.options.metadata_max_age);
    if (round.question.all) topic_errors_.clear();
    for (const auto& topic : message.topics) {
      if (!topic.name) continue;
      if (topic.error_code == wire::ErrorCode::none) {
        topic_errors_.erase(*topic.name);
      } else {
        topic_errors_[*topic.name] = topic.error_code;
      }
    }
    set(current_->after(message, round.question.all, host_.loop.now()));
  }
  serve_waiters(status);
  for (const auto& done : round.done) done(status);
  arm();
}

void MetadataKeeper::serve_waiters(const Status& status) {
  bool left = false;
  // A waiter may add others, which wait for a later round.
  std::list<Waiting> served;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto next = std::next(at);
    if (at->since_round < round_) served.splice(served.end(), waiting_, at);
    at = next;
  }
  while (!served.empty()) {
    std::list<Waiting> one;
    one.splice(one.end(), served, served.begin());
    if (status && one.front().waiter.retry()) continue;
    if (closed_) {
      one.front().waiter.fail(Error(Errc::cancelled, "the client was closed"));
      continue;
    }
    if (const auto error = hopeless(one.front(), status)) {
      one.front().waiter.fail(*error);
      continue;
    }
    left = true;
    const Waiter& waiter = one.front().waiter;
    if (!waiter.topic.empty()) next_.question.topics.insert(waiter.topic);
    next_.question.create |= waiter.create;
    waiting_.splice(waiting_.end(), one);
  }
  if (left) {
    plan(false);
  } else {
    in_a_row_ = 0;
  }
}

std::optional<Error> MetadataKeeper::hopeless(Waiting& waiting, const Status& status) const {
  if (!status) {
    const bool passes = host_.options.wait_for_brokers || status.error().retriable();
    return passes ? std::nullopt : std::optional(status.error());
  }
  const auto error = topic_errors_.find(waiting.waiter.topic);
  if (error == topic_errors_.end()) return std::nullopt;
  if (wire::is_retriable(error->second)) {
    const bool unknown = error->second == wire::ErrorCode::unknown_topic_or_partition;
    if (!unknown || waiting.waiter.create) return std::nullopt;
    if (++waiting.tries < unknown_topic_tries) return std::nullopt;
  }
  return broker_error(error->second, fmt::format("topic {}", waiting.waiter.topic));
}

void MetadataKeeper::close(const Error& why) {
  closed_ = true;
  deadline_.clear();
  auto waiting = std::exchange(waiting_, {});
  Round next = std::exchange(next_, {});
  for (Waiting& one : waiting) one.waiter.fail(why);
  for (const auto& done : next.done) done(why);
}

}  // namespace horolog::client
