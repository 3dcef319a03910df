#include <fmt/format.h>

#include "client/consumer_core.hpp"

namespace horolog::client {
namespace {

Error no_group() {
  return Error(Errc::invalid_argument,
               "the consumer has no group to commit to; name one when opening it");
}

}  // namespace

void ConsumerCore::commit_async(std::optional<Offsets> offsets, CommitDone done) {
  std::optional<Error> refused;
  {
    const std::lock_guard lock(shared_->mutex);
    if (const Status open = check_open(); !open) {
      refused = open.error();
    } else if (!shared_->membership) {
      refused = no_group();
    } else {
      if (!offsets) offsets = positions();
      auto tell = [shared = std::weak_ptr(shared_), done = std::move(done)](Status status) {
        const auto self = shared.lock();
        if (!self || !done) return;
        const std::lock_guard inner(self->mutex);
        self->told.push_back([done, status = std::move(status)] { done(status); });
      };
      if (offsets->empty()) {
        shared_->cluster->loop().post([tell] { tell({}); });
      } else {
        shared_->commits.add({.offsets = std::move(*offsets),
                              .who = shared_->membership->identity(),
                              .due = shared_->now() +
                                     to_ns(shared_->cluster->options().request_timeout),
                              .done = std::move(tell)});
      }
    }
  }
  if (refused && done) return done(*refused);
  kick();
}

Status ConsumerCore::commit(std::optional<Offsets> offsets, Timeout timeout) {
  auto promise = std::make_shared<std::promise<Status>>();
  auto answer = promise->get_future();
  {
    const std::lock_guard lock(shared_->mutex);
    HOROLOG_TRY(check_open());
    if (!shared_->membership) return no_group();
    if (!offsets) offsets = positions();
    if (offsets->empty()) return {};
    if (subscribed_ && !shared_->membership->joined()) {
      return Error(Errc::busy, fmt::format("cannot commit: this consumer is not in group {} at "
                                           "the moment; poll() first",
                                           shared_->options.group))
          .with_remedy(Remedy::retry);
    }
    shared_->commits.add({.offsets = std::move(*offsets),
                          .who = shared_->membership->identity(),
                          .due = shared_->now() + to_ns(timeout),
                          .done = [promise](Status status) {
                            promise->set_value(std::move(status));
                          }});
  }
  kick();
  const Status status = answer.get();
  call_told();
  return status;
}

Result<Offsets> ConsumerCore::committed(const std::vector<TopicPartition>& partitions,
                                        Timeout timeout) {
  {
    const std::lock_guard lock(shared_->mutex);
    HOROLOG_TRY(check_open());
    if (!shared_->membership) return no_group();
  }
  if (partitions.empty()) return Offsets();
  return wait_for<Offsets>([this, &partitions, timeout](auto done) {
    fetch_committed(shared_->cluster, shared_->options.group, partitions, to_ns(timeout),
                    std::move(done));
  });
}

Result<FoundOffsets> ConsumerCore::offsets_for(std::map<TopicPartition, TimestampMs> times,
                                               std::optional<Isolation> isolation,
                                               Timeout timeout) {
  {
    const std::lock_guard lock(shared_->mutex);
    HOROLOG_TRY(check_open());
  }
  const Isolation level = isolation.value_or(shared_->options.isolation);
  return wait_for<FoundOffsets>([this, &times, level, timeout](auto done) {
    look_up_offsets(shared_->cluster, std::move(times), level, to_ns(timeout), std::move(done));
  });
}

Result<PartitionIndex> ConsumerCore::partitions_for(const std::string& topic, Timeout timeout) {
  {
    const std::lock_guard lock(shared_->mutex);
    HOROLOG_TRY(check_open());
  }
  return wait_for<PartitionIndex>([this, &topic, timeout](auto done) {
    shared_->cluster->topic(topic, to_ns(timeout), false, [done](const auto& found) {
      if (!found) return done(found.error());
      done(static_cast<PartitionIndex>((*found)->partitions.size()));
    });
  });
}

}  // namespace horolog::client
