#include "broker/group_host.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "broker/group_snapshot.hpp"
#include "record/builder.hpp"

namespace horolog::broker {

using wire::ErrorCode;

namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t reload_delay_ms = 1'000;
constexpr std::size_t batch_bytes = 512 * limits::KiB;
/// A snapshot is due when a restart would replay more than this, and several times what there is.
constexpr std::size_t records_between_snapshots = 50'000;
constexpr std::size_t snapshot_ratio = 4;

coordinator::Settings settings_of(const BrokerConfig& config) {
  coordinator::Settings settings;
  settings.min_session_timeout_ms = config.group_min_session_timeout_ms;
  settings.max_session_timeout_ms = config.group_max_session_timeout_ms;
  settings.initial_rebalance_delay_ms = config.group_initial_rebalance_delay_ms;
  settings.max_group_size = config.group_max_size;
  settings.offsets_retention_ms = config.offsets_retention_ms;
  settings.offset_metadata_max_bytes = config.offset_metadata_max_bytes;
  return settings;
}

Result<ByteBuffer> build_batches(const std::vector<coordinator::Record>& records,
                                 TimestampMs now) {
  ByteBuffer out;
  record::BatchBuilder builder;
  const auto flush = [&]() -> Status {
    HOROLOG_ASSIGN(const ByteBuffer batch, builder.build());
    out.insert(out.end(), batch.begin(), batch.end());
    return {};
  };
  for (const coordinator::Record& record : records) {
    const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
    builder.add(ByteView(record.key), value, now);
    if (builder.uncompressed_bytes() >= batch_bytes) HOROLOG_TRY(flush());
  }
  if (!builder.empty()) HOROLOG_TRY(flush());
  return out;
}

}  // namespace

GroupHost::GroupHost(Context& context, storage::FileSystem& fs, net::Shard& shard,
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

coordinator::Now GroupHost::now() const {
  return {context_.clock.wall_ms(), context_.clock.mono_ns() / ns_per_ms};
}

void GroupHost::load() {
  if (state_ != State::loading) return;
  if (partition_->log().log_end_offset() == 0) {
    // A new topic: nothing to read, and nobody has to be told to wait.
    LoadedGroups empty;
    empty.machine = make_coordinator(settings_of(*context_.config()));
    return loaded(std::move(empty));
  }
  context_.pool.post([self = shared_from_this(), settings = settings_of(*context_.config())] {
    auto result = std::make_shared<Result<LoadedGroups>>(
        load_groups(self->fs_, self->partition_->log(), settings));
    self->shard_.post([self, result] { self->loaded(std::move(*result)); });
  });
}

void GroupHost::loaded(Result<LoadedGroups> result) {
  if (state_ != State::loading) return;
  if (!result) {
    state_ = State::failed;
    log::error("groups", "cannot load: its groups are unavailable until the next start",
               {log::field("partition", partition_->id().to_string()),
                log::field("error", result.error().message())});
    return;
  }
  machine_ = std::move(result->machine);
  ++life_;
  durable_write_ = 0;
  end_ = result->end;
  records_since_snapshot_ = result->replayed;
  state_ = State::ready;
  log::debug("groups", "loaded",
             {log::field("partition", partition_->id().to_string()),
              log::field("groups", machine_->persisted().groups().size()),
              log::field("offsets", machine_->persisted().offset_count()),
              log::field("replayed", result->replayed)});
  apply(machine_->on_loaded(now()));
}

void GroupHost::call(coordinator::Caller caller, const GroupInput& input, GroupAnswer answer) {
  if (state_ != State::ready) {
    const ErrorCode error = state_ == State::loading ? ErrorCode::coordinator_load_in_progress
                                                     : ErrorCode::coordinator_not_available;
    return answer(error, nullptr);
  }
  caller.token = ++next_token_;
  answers_.emplace(caller.token, std::move(answer));
  machine_->change_settings(settings_of(*context_.config()));
  apply(input(*machine_, caller, now()));
}

void GroupHost::on_topic_deleted(const std::string& topic) {
  if (state_ == State::ready) apply(machine_->on_topic_deleted(topic, now()));
}

void GroupHost::apply(coordinator::Effects effects) {
  if (!effects.records.empty() && !append(effects)) return;
  for (coordinator::Reply& reply : effects.replies) {
    if (reply.after <= durable_write_) {
      answer(reply.token, std::move(reply.response));
    } else {
      waiting_.push_back({reply.after, reply.token, std::move(reply.response)});
    }
  }
  if (state_ != State::ready) return;
  wake_at(effects.wake_at_ms);
  maybe_snapshot();
}

bool GroupHost::append(const coordinator::Effects& effects) {
  const TimestampMs wall = context_.clock.wall_ms();
  auto batches = build_batches(effects.records, wall);
  if (!batches) {
    give_up(batches.error().message());
    return false;
  }
  const auto info = partition_->append(*batches, storage::Origin::coordinator, wall, true);
  if (!info || info->error != ErrorCode::none) {
    give_up(info ? std::string(wire::to_string(info->error)) : info.error().message());
    return false;
  }
  end_ = info->last_offset + 1;
  records_since_snapshot_ += effects.records.size();
  partition_->when_durable(end_, shard_,
                           [self = shared_from_this(), write = effects.write, life = life_](
                               bool ok) { self->durable(write, life, ok); });
  return true;
}

void GroupHost::durable(coordinator::WriteNumber write, std::uint64_t life, bool ok) {
  if (life != life_ || state_ == State::failed) return;
  if (!ok) {
    give_up("the log directory failed, or the topic was deleted");
    return;
  }
  durable_write_ = std::max(durable_write_, write);
  release();
}

void GroupHost::release() {
  std::vector<Waiting> due;
  std::vector<Waiting> held;
  for (Waiting& waiting : waiting_) {
    (waiting.after <= durable_write_ ? due : held).push_back(std::move(waiting));
  }
  waiting_ = std::move(held);
  for (Waiting& waiting : due) answer(waiting.token, std::move(waiting.response));
}

void GroupHost::answer(coordinator::Token token, coordinator::Response response) {
  const auto found = answers_.find(token);
  HOROLOG_ASSERT(found != answers_.end());
  const GroupAnswer callback = std::move(found->second);
  answers_.erase(found);
  callback(ErrorCode::none, &response);
}

void GroupHost::wake_at(std::optional<std::int64_t> steady_ms) {
  if (steady_ms) {
    timer_.set(*steady_ms * ns_per_ms);
  } else {
    timer_.clear();
  }
}

void GroupHost::give_up(const std::string& reason) {
  log::error("groups", "cannot write: its groups are read again from the log",
             {log::field("partition", partition_->id().to_string()),
              log::field("reason", reason)});
  machine_.reset();
  ++life_;
  waiting_.clear();
  const auto pending = std::exchange(answers_, {});
  for (const auto& [token, callback] : pending) {
    callback(ErrorCode::coordinator_not_available, nullptr);
  }
  if (state_ == State::stopped) return;
  if (context_.store.failure()) {
    state_ = State::failed;
    timer_.clear();
    return;
  }
  state_ = State::loading;
  timer_.set(context_.clock.mono_ns() + reload_delay_ms * ns_per_ms);
}

void GroupHost::collect(std::vector<CommittedOffset>& out) const {
  if (machine_ == nullptr) return;
  for (const auto& [group, persisted] : machine_->persisted().groups()) {
    for (const auto& [topic, partitions] : persisted.offsets) {
      for (const auto& [index, value] : partitions) {
        out.push_back({group, topic, index, value.offset});
      }
    }
  }
}

void GroupHost::maybe_snapshot() {
  const std::size_t due = std::max(records_between_snapshots,
                                   snapshot_ratio * machine_->persisted().offset_count());
  if (records_since_snapshot_ < due || snapshot_running_) return;
  snapshot([] {});
}

void GroupHost::snapshot(std::function<void()> done) {
  auto bytes = std::make_shared<ByteBuffer>(encode_group_snapshot(machine_->persisted(), end_));
  records_since_snapshot_ = 0;
  snapshot_running_ = true;
  const auto write = [self = shared_from_this(), bytes, done = std::move(done)](bool durable) {
    if (!durable) {
      self->snapshot_running_ = false;
      return done();
    }
    self->context_.pool.post([self, bytes, done] {
      const Status written =
          write_group_snapshot(self->fs_, self->partition_->log().directory(), *bytes);
      if (!written) {
        log::warn("groups", "cannot write the snapshot: the next start reads more",
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

void GroupHost::stop(std::function<void()> stopped) {
  timer_.clear();
  const bool was_ready = state_ == State::ready;
  state_ = State::stopped;
  if (!was_ready) return stopped();
  // What still waits for a sync is answered by it; what waits for other members never will be.
  std::vector<coordinator::Token> parked;
  for (const auto& [token, callback] : answers_) {
    const bool due = std::any_of(waiting_.begin(), waiting_.end(),
                                 [t = token](const Waiting& w) { return w.token == t; });
    if (!due) parked.push_back(token);
  }
  for (const coordinator::Token token : parked) {
    const GroupAnswer callback = std::move(answers_.at(token));
    answers_.erase(token);
    callback(ErrorCode::coordinator_not_available, nullptr);
  }
  if (records_since_snapshot_ == 0) return stopped();
  snapshot(std::move(stopped));
}

}  // namespace horolog::broker
