#pragma once

// The members of CoordinatorHost; included where a kind of host is instantiated.

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "broker/coordinator_batches.hpp"
#include "broker/coordinator_host.hpp"

namespace horolog::broker {

namespace detail {
inline constexpr std::int64_t ns_per_ms = 1'000'000;
inline constexpr std::int64_t reload_delay_ms = 1'000;
/// A snapshot is due when a restart would replay more than this, and several times what there is.
inline constexpr std::size_t records_between_snapshots = 50'000;
inline constexpr std::size_t snapshot_ratio = 4;
}  // namespace detail

template <typename Kind>
CoordinatorHost<Kind>::CoordinatorHost(Context& context, storage::FileSystem& fs, net::Shard& shard,
                                       std::shared_ptr<Partition> partition)
    : context_(context),
      fs_(fs),
      shard_(shard),
      partition_(std::move(partition)),
      timer_(shard.deadlines(), [this] {
        if (state_ == State::ready) {
          apply(machine_->on_time(now()));
        } else {
          load();
        }
      }) {
  if (partition_ == nullptr) state_ = State::failed;
}

template <typename Kind>
coordinator::Now CoordinatorHost<Kind>::now() const {
  return {context_.clock.wall_ms(), context_.clock.mono_ns() / detail::ns_per_ms};
}

template <typename Kind>
auto CoordinatorHost<Kind>::read(storage::FileSystem& fs, const storage::PartitionLog& log,
                                 const BrokerConfig& config) -> Result<Loaded> {
  Loaded loaded;
  loaded.machine = Kind::make(config);
  HOROLOG_ASSIGN(loaded.log,
                 load_coordinator(fs, log, Kind::snapshot_file, Kind::replay(*loaded.machine)));
  return loaded;
}

template <typename Kind>
void CoordinatorHost<Kind>::load() {
  if (state_ == State::failed) return settled();
  if (state_ != State::loading) return;
  if (partition_->log().log_end_offset() == 0) {
    // A new topic: nothing to read, and nobody has to be told to wait.
    return loaded(Loaded{Kind::make(*context_.config()), {}});
  }
  context_.pool.post([self = self(), config = context_.config()] {
    auto result =
        std::make_shared<Result<Loaded>>(read(self->fs_, self->partition_->log(), *config));
    // Others will be told what follows from the log (a decision's markers), so all of it must be
    // durable. After a start it is; when a failed write made us read it again, perhaps not yet.
    const Offset end = *result ? (*result)->log.end : 0;
    self->partition_->when_durable(end, self->shard_, [self, result](bool durable) {
      if (!durable) *result = Error(Errc::io, "the log cannot be made durable");
      self->loaded(std::move(*result));
    });
  });
}

template <typename Kind>
void CoordinatorHost<Kind>::loaded(Result<Loaded> result) {
  if (state_ != State::loading) return;
  if (!result) {
    state_ = State::failed;
    log::error(Kind::area, "cannot load: what it coordinates is unavailable until the next start",
               {log::field("partition", partition_->id().to_string()),
                log::field("error", result.error().message())});
    return settled();
  }
  machine_ = std::move(result->machine);
  ++life_;
  durable_write_ = 0;
  end_ = result->log.end;
  records_since_snapshot_ = result->log.replayed;
  state_ = State::ready;
  log::debug(
      Kind::area, "loaded",
      {log::field("partition", partition_->id().to_string()),
       log::field("entries", Kind::size(*machine_)), log::field("replayed", result->log.replayed)});
  apply(Kind::on_loaded(*machine_, partition_->log(), now()));
  settled();
}

template <typename Kind>
void CoordinatorHost<Kind>::call(coordinator::Caller caller, const Input& input, Answer answer) {
  ask(std::move(caller), input, {std::move(answer), false});
}

template <typename Kind>
void CoordinatorHost<Kind>::call_early(coordinator::Caller caller, const Input& input,
                                       Answer answer) {
  ask(std::move(caller), input, {std::move(answer), true});
}

template <typename Kind>
void CoordinatorHost<Kind>::ask(coordinator::Caller caller, const Input& input, Asked asked) {
  if (state_ != State::ready) {
    using wire::ErrorCode;
    const ErrorCode error = state_ == State::loading ? ErrorCode::coordinator_load_in_progress
                                                     : ErrorCode::coordinator_not_available;
    return asked.answer(error, nullptr);
  }
  caller.token = ++next_token_;
  answers_.emplace(caller.token, std::move(asked));
  Kind::configure(*machine_, *context_.config());
  apply(input(*machine_, caller, now()));
}

template <typename Kind>
void CoordinatorHost<Kind>::apply(Effects effects) {
  if (Kind::transaction_of(effects)) {
    append_and_settle(effects);
  } else if (!effects.records.empty()) {
    if (!append(effects)) return;
  } else if (effects.write != 0) {
    track(effects.write);
  }
  perform(effects);
  for (auto& reply : effects.replies) {
    const auto asked = answers_.find(reply.token);
    HOROLOG_ASSERT(asked != answers_.end());
    if (reply.after <= durable_write_ || asked->second.early) {
      answer(reply.token, std::move(reply.response));
    } else {
      wait_for({reply.after, reply.token, std::move(reply.response), nullptr});
    }
  }
  if (state_ != State::ready) return;
  wake_at(effects.wake_at_ms);
  maybe_snapshot();
}

template <typename Kind>
Result<storage::AppendInfo> CoordinatorHost<Kind>::write(const Effects& effects) {
  const TimestampMs wall = context_.clock.wall_ms();
  HOROLOG_ASSIGN(const ByteBuffer batches,
                 build_batches(effects.records, wall, Kind::transaction_of(effects)));
  auto info = partition_->append(batches, storage::Origin::coordinator, wall, Urgency::later,
                                 token_);
  if (info && info->error == wire::ErrorCode::none) {
    end_ = info->last_offset + 1;
    records_since_snapshot_ += effects.records.size();
    track(effects.write);
  }
  return info;
}

template <typename Kind>
bool CoordinatorHost<Kind>::append(const Effects& effects) {
  const auto info = write(effects);
  if (info && info->error == wire::ErrorCode::none) return true;
  give_up(info ? std::string(wire::to_string(info->error)) : info.error().message());
  return false;
}

template <typename Kind>
void CoordinatorHost<Kind>::append_and_settle(const Effects& effects) {
  const auto info = write(effects);
  apply(Kind::settle(*machine_, info ? info->error : wire::ErrorCode::kafka_storage_error, now()));
}

template <typename Kind>
void CoordinatorHost<Kind>::track(coordinator::WriteNumber write) {
  partition_->once_durable(end_, shard_, [self = self(), write, life = life_](bool ok) {
    self->durable(write, life, ok);
  });
}

template <typename Kind>
void CoordinatorHost<Kind>::durable(coordinator::WriteNumber write, std::uint64_t life, bool ok) {
  if (life != life_ || state_ == State::failed) return;
  if (!ok) {
    give_up("the log directory failed, or the topic was deleted");
    return;
  }
  durable_write_ = std::max(durable_write_, write);
  release();
}

template <typename Kind>
void CoordinatorHost<Kind>::release() {
  std::vector<Waiting> due;
  std::vector<Waiting> held;
  for (Waiting& waiting : waiting_) {
    (waiting.after <= durable_write_ ? due : held).push_back(std::move(waiting));
  }
  waiting_ = std::move(held);
  for (Waiting& waiting : due) {
    if (waiting.then) {
      waiting.then();
    } else {
      answer(waiting.token, std::move(waiting.response));
    }
  }
}

template <typename Kind>
void CoordinatorHost<Kind>::when_written(coordinator::WriteNumber write,
                                         std::function<void()> then) {
  if (write <= durable_write_) return then();
  wait_for({write, 0, {}, std::move(then)});
}

template <typename Kind>
void CoordinatorHost<Kind>::wait_for(Waiting waiting) {
  waiting_.push_back(std::move(waiting));
  // Every write so far lies below the end.
  partition_->hurry_to(end_);
}

template <typename Kind>
void CoordinatorHost<Kind>::answer(Token token, Response response) {
  const auto found = answers_.find(token);
  HOROLOG_ASSERT(found != answers_.end());
  const Answer callback = std::move(found->second.answer);
  answers_.erase(found);
  callback(wire::ErrorCode::none, &response);
}

template <typename Kind>
void CoordinatorHost<Kind>::wake_at(std::optional<std::int64_t> steady_ms) {
  if (steady_ms) {
    timer_.set(*steady_ms * detail::ns_per_ms);
  } else {
    timer_.clear();
  }
}

template <typename Kind>
void CoordinatorHost<Kind>::give_up(const std::string& reason) {
  log::error(Kind::area, "cannot write: what it coordinates is read again from the log",
             {log::field("partition", partition_->id().to_string()), log::field("reason", reason)});
  machine_.reset();
  ++life_;
  waiting_.clear();
  const auto pending = std::exchange(answers_, {});
  for (const auto& [token, asked] : pending) {
    asked.answer(wire::ErrorCode::coordinator_not_available, nullptr);
  }
  if (state_ == State::stopped) return;
  if (context_.store.failure()) {
    state_ = State::failed;
    timer_.clear();
    return;
  }
  state_ = State::loading;
  timer_.set(context_.clock.mono_ns() + detail::reload_delay_ms * detail::ns_per_ms);
}

template <typename Kind>
void CoordinatorHost<Kind>::maybe_snapshot() {
  const std::size_t due =
      std::max(detail::records_between_snapshots, detail::snapshot_ratio * Kind::size(*machine_));
  if (records_since_snapshot_ < due || snapshot_running_) return;
  snapshot([] {});
}

template <typename Kind>
void CoordinatorHost<Kind>::snapshot(std::function<void()> done) {
  auto bytes = std::make_shared<ByteBuffer>(
      encode_snapshot(Kind::snapshot_file, {end_, Kind::records(*machine_)}));
  records_since_snapshot_ = 0;
  snapshot_running_ = true;
  const auto write = [self = self(), bytes, done = std::move(done)](bool durable) {
    if (!durable) {
      self->snapshot_running_ = false;
      return done();
    }
    self->context_.pool.post([self, bytes, done] {
      const Status written = write_snapshot(self->fs_, Kind::snapshot_file,
                                            self->partition_->log().directory(), *bytes);
      if (!written) {
        log::warn(Kind::area, "cannot write the snapshot: the next start reads more",
                  {log::field("error", written.error().message())});
      }
      self->shard_.post([self, done] {
        self->snapshot_running_ = false;
        done();
      });
    });
  };
  partition_->when_durable(end_, shard_, write);
}

template <typename Kind>
void CoordinatorHost<Kind>::stop(std::function<void()> stopped) {
  timer_.clear();
  const bool was_ready = state_ == State::ready;
  state_ = State::stopped;
  if (!was_ready) return stopped();
  // What still waits for a sync is answered by it; what waits for others never will be.
  std::vector<Token> parked;
  for (const auto& [token, asked] : answers_) {
    const bool due = std::any_of(waiting_.begin(), waiting_.end(),
                                 [t = token](const Waiting& w) { return w.token == t; });
    if (!due) parked.push_back(token);
  }
  for (const Token token : parked) {
    const Answer callback = std::move(answers_.at(token).answer);
    answers_.erase(token);
    callback(wire::ErrorCode::coordinator_not_available, nullptr);
  }
  if (records_since_snapshot_ == 0) return stopped();
  snapshot(std::move(stopped));
}

}  // namespace horolog::broker
