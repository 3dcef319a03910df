#include "client/consumer_core.hpp"

#include <fmt/format.h>

#include <limits>


namespace horolog::client {
namespace {

Error invalid(std::string text) { return Error(Errc::invalid_argument, std::move(text)); }

Status check_options(const ConsumerOptions& options) {
  using std::chrono::milliseconds;
  if (options.max_poll_records == 0) return invalid("max_poll_records: 0 would give no records");
  if (options.partition_max_bytes <= 0 || options.fetch_max_bytes <= 0 ||
      options.buffered_bytes == 0) {
    return invalid("partition_max_bytes, fetch_max_bytes and buffered_bytes must be above 0");
  }
  if (options.fetch_min_bytes < 0 || options.fetch_max_wait < milliseconds(0) ||
      options.fetch_max_wait > milliseconds(3'600'000)) {
    return invalid("fetch_min_bytes must not be negative, fetch_max_wait from 0 to an hour");
  }
  if (options.heartbeat_interval <= milliseconds(0) ||
      options.heartbeat_interval >= options.session_timeout) {
    return invalid(fmt::format("heartbeat_interval ({} ms) must be above 0 and below "
                               "session_timeout ({} ms): a third of it is usual",
                               options.heartbeat_interval.count(),
                               options.session_timeout.count()));
  }
  constexpr milliseconds longest(std::numeric_limits<std::int32_t>::max());
  if (options.session_timeout > longest || options.max_poll_interval > longest ||
      options.max_poll_interval <= milliseconds(0)) {
    return invalid("session_timeout and max_poll_interval must be above 0 and below 24 days");
  }
  if (options.group.empty() && !options.topics.empty()) {
    return invalid("topics: to subscribe takes a group; name one, or use assign()");
  }
  if (options.instance_id && options.instance_id->empty()) {
    return invalid("instance_id: must not be empty");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<ConsumerCore>> ConsumerCore::make(ConsumerOptions options,
                                                         std::shared_ptr<Cluster> cluster,
                                                         bool own) {
  HOROLOG_TRY(check_options(options));
  HOROLOG_ASSIGN(auto assignors, make_assignors(options.assignors));
  auto shared = std::make_shared<ConsumerShared>(std::move(options), std::move(cluster));
  const ConsumerOptions& kept = shared->options;
  if (!kept.group.empty()) {
    const ClientOptions& client = shared->cluster->options();
    Membership::Settings settings{
        .group = kept.group,
        .instance_id = kept.instance_id,
        .session_timeout = kept.session_timeout,
        .heartbeat_interval = kept.heartbeat_interval,
        .max_poll_interval = kept.max_poll_interval,
        .backoff = Backoff::of(client.retry_backoff, client.retry_backoff_max),
        .random = [loop = &shared->cluster->loop()] { return loop->random(); }};
    shared->membership.emplace(std::move(settings), std::move(assignors));
  }
  auto core = std::make_shared<ConsumerCore>(shared, own);
  if (!kept.topics.empty()) {
    HOROLOG_TRY(core->subscribe({kept.topics.begin(), kept.topics.end()}, {}));
  }
  return core;
}

ConsumerCore::ConsumerCore(std::shared_ptr<ConsumerShared> shared, bool own)
    : shared_(std::move(shared)), own_(own) {
  shared_->cluster->loop().run([this] { loop_side_ = std::make_shared<ConsumerLoop>(shared_); });
}

ConsumerCore::~ConsumerCore() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->closed = true;
  }
  shared_->cluster->loop().run([this] {
    loop_side_->stop();
    loop_side_.reset();
  });
  if (own_) shared_->cluster->close();
}

void ConsumerCore::kick() {
  shared_->cluster->loop().post([weak = std::weak_ptr(loop_side_)] {
    if (const auto loop_side = weak.lock()) loop_side->pump();
  });
}

Status ConsumerCore::check_open() const {
  if (!shared_->closed) return {};
  return Error(Errc::closed, "the consumer is closed");
}

Status ConsumerCore::check_free(bool for_group) const {
  HOROLOG_TRY(check_open());
  if (for_group && !shared_->membership) {
    return invalid("subscribe: the consumer has no group; name one when opening it, or use "
                   "assign()");
  }
  if (for_group ? assigned_ : subscribed_) {
    return invalid("the consumer has partitions by the other of subscribe() and assign(): "
                   "unsubscribe() first");
  }
  return {};
}

Status ConsumerCore::subscribe(std::set<std::string> topics, RebalanceListener listener) {
  const std::lock_guard lock(shared_->mutex);
  HOROLOG_TRY(check_free(true));
  if (topics.empty()) return invalid("subscribe: no topics; unsubscribe() ends a subscription");
  subscribed_ = true;
  listener_ = std::move(listener);
  shared_->pattern.reset();
  shared_->subscription = topics;
  shared_->membership->subscribe(std::move(topics), shared_->now());
  kick();
  return {};
}

Status ConsumerCore::subscribe_pattern(const std::string& pattern, RebalanceListener listener) {
  std::optional<std::regex> compiled;
  try {
    compiled.emplace(pattern, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& error) {
    return invalid(fmt::format("subscribe: '{}' is no regular expression: {}", pattern,
                               error.what()));
  }
  {
    const std::lock_guard lock(shared_->mutex);
    HOROLOG_TRY(check_free(true));
    subscribed_ = true;
    listener_ = std::move(listener);
    shared_->pattern = std::move(compiled);
    shared_->pattern_error.reset();
  }
  shared_->cluster->loop().post([weak = std::weak_ptr(loop_side_)] {
    if (const auto loop_side = weak.lock()) loop_side->list_topics();
  });
  return {};
}

Status ConsumerCore::assign(const std::vector<TopicPartition>& partitions) {
  const std::lock_guard lock(shared_->mutex);
  HOROLOG_TRY(check_free(false));
  for (const TopicPartition& tp : partitions) {
    if (tp.partition < 0 || tp.topic.empty()) {
      return invalid(fmt::format("assign: '{}' is no partition", tp.to_string()));
    }
  }
  assigned_ = !partitions.empty();
  shared_->positions.set(partitions);
  kick();
  return {};
}

std::set<TopicPartition> ConsumerCore::assignment() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->positions.assigned();
}

std::set<std::string> ConsumerCore::subscription() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->subscription;
}

Status ConsumerCore::check_assigned(const std::vector<TopicPartition>& partitions) const {
  HOROLOG_TRY(check_open());
  for (const TopicPartition& tp : partitions) {
    if (!shared_->positions.has(tp)) {
      return invalid(fmt::format("{} is not assigned to this consumer", tp.to_string()));
    }
  }
  return {};
}

Result<Offset> ConsumerCore::position(const TopicPartition& tp, Timeout timeout) {
  using Stage = FetchPositions::Stage;
  std::unique_lock lock(shared_->mutex);
  HOROLOG_TRY(check_assigned({tp}));
  const FetchPositions::Partition* partition = nullptr;
  const bool known = shared_->changed.wait_for(lock, timeout, [&] {
    partition = shared_->positions.find(tp);
    return partition == nullptr || partition->position != no_offset ||
           partition->stage == Stage::failed;
  });
  if (!known) {
    return Error(Errc::timed_out, fmt::format("the position of {} is not known yet",
                                              tp.to_string()));
  }
  if (partition == nullptr) return invalid(tp.to_string() + " is not assigned any more");
  if (partition->position == no_offset) return *partition->error;
  return partition->position;
}

Status ConsumerCore::seek(const TopicPartition& tp, Offset offset, LeaderEpoch epoch) {
  const std::lock_guard lock(shared_->mutex);
  HOROLOG_TRY(check_assigned({tp}));
  if (offset < 0) {
    return invalid(fmt::format("seek: offset {} of {} is negative", offset, tp.to_string()));
  }
  shared_->positions.seek(tp, offset, epoch);
  kick();
  return {};
}

Status ConsumerCore::reset(std::vector<TopicPartition> partitions, TimestampMs time) {
  const std::lock_guard lock(shared_->mutex);
  HOROLOG_TRY(check_assigned(partitions));
  if (partitions.empty()) {
    const auto all = shared_->positions.assigned();
    partitions.assign(all.begin(), all.end());
  }
  for (const TopicPartition& tp : partitions) shared_->positions.reset(tp, time);
  kick();
  return {};
}

Status ConsumerCore::pause(const std::vector<TopicPartition>& partitions, bool paused) {
  const std::lock_guard lock(shared_->mutex);
  HOROLOG_TRY(check_assigned(partitions));
  for (const TopicPartition& tp : partitions) shared_->positions.pause(tp, paused);
  kick();
  return {};
}

std::set<TopicPartition> ConsumerCore::paused() const {
  const std::lock_guard lock(shared_->mutex);
  std::set<TopicPartition> out;
  for (const auto& [tp, partition] : shared_->positions.all()) {
    if (partition.paused) out.insert(tp);
  }
  return out;
}

std::optional<std::int64_t> ConsumerCore::lag(const TopicPartition& tp) const {
  const std::lock_guard lock(shared_->mutex);
  const FetchPositions::Partition* partition = shared_->positions.find(tp);
  if (partition == nullptr || partition->position == no_offset) return std::nullopt;
  const Offset end = shared_->options.isolation == Isolation::read_committed
                         ? partition->last_stable
                         : partition->high_watermark;
  if (end < 0) return std::nullopt;
  return std::max<Offset>(end - partition->position, 0);
}

GroupMetadata ConsumerCore::group_metadata() const {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->membership) return shared_->membership->identity();
  GroupMetadata nobody;
  nobody.group = shared_->options.group;
  return nobody;
}

}  // namespace horolog::client
