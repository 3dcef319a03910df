#include "storage/partition_log.hpp"

#include <fmt/format.h>

#include "storage/partition_log_impl.hpp"

namespace horolog::storage {

PartitionLog::PartitionLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PartitionLog::~PartitionLog() = default;

Segment::Place PartitionLog::Impl::place() const {
  return {.fs = fs,
          .directory = directory,
          .cache = segment_cache,
          .index_interval_bytes =
              static_cast<std::uint64_t>(current_config()->index_interval_bytes)};
}

Status PartitionLog::Impl::usable() const {
  if (deleted || closed) {
    return Error(Errc::closed, fmt::format("{} is {}", id.to_string(),
                                           deleted ? "deleted" : "closed"));
  }
  if (failed) return failure_error();
  return {};
}

Error PartitionLog::Impl::failure_error() const {
  return Error(Errc::io, fmt::format("{} takes no more writes since: {}; restart after the disk "
                                     "is mended",
                                     id.to_string(), failure));
}

void PartitionLog::Impl::fail(const Error& error) {
  {
    const std::lock_guard lock(failure_mutex);
    if (failed) return;
    failure = error.message();
    failed = true;
  }
  report_failure(error);
}

void PartitionLog::Impl::report_failure(const Error& error) {
  if (on_disk_failure) on_disk_failure(error.with_context(id.to_string()));
}

const TopicPartition& PartitionLog::id() const { return impl_->id; }
const Uuid& PartitionLog::topic_id() const { return impl_->topic_id; }
const std::string& PartitionLog::directory() const { return impl_->directory; }

Offset PartitionLog::log_start_offset() const { return impl_->log_start; }
Offset PartitionLog::high_watermark() const { return impl_->high_watermark; }
Offset PartitionLog::log_end_offset() const { return impl_->end; }
Offset PartitionLog::durable_offset() const { return impl_->durable; }

std::uint64_t PartitionLog::size_bytes() const {
  const LogView view = impl_->current_view();
  return impl_->sealed_bytes + (view.segments->empty() ? 0 : view.end.position);
}

std::size_t PartitionLog::segment_count() const { return impl_->current_view().segments->size(); }

LeaderEpoch PartitionLog::leader_epoch() const { return impl_->leader_epoch; }

EpochEnd PartitionLog::end_of_epoch(LeaderEpoch epoch) const {
  const EpochCache::Entry found = impl_->epochs.end_of(epoch, impl_->end);
  return {.epoch = found.epoch, .end_offset = found.start_offset};
}

std::shared_ptr<const LogConfig> PartitionLog::config() const { return impl_->current_config(); }

void PartitionLog::set_config(std::shared_ptr<const LogConfig> config) {
  const std::lock_guard lock(impl_->publish_mutex);
  impl_->config = std::move(config);
}

bool PartitionLog::dirty() const { return impl_->durable < impl_->end; }
std::uint64_t PartitionLog::dirty_bytes() const { return impl_->dirty_bytes; }

void PartitionLog::expire_producers(TimestampMs now, std::int64_t expiration_ms) {
  const std::lock_guard lock(impl_->append_mutex);
  impl_->producers.expire(now, expiration_ms);
  impl_->verification.expire(now, expiration_ms);
}

void PartitionLog::mark_deleted() {
  // A commit or checkpoint under way finishes first: it must not find its directory renamed and
  // take that for a failing disk.
  const std::lock_guard maintenance(impl_->maintenance_mutex);
  const std::lock_guard commit(impl_->commit_mutex);
  const std::lock_guard lock(impl_->append_mutex);
  impl_->deleted = true;
}

}  // namespace horolog::storage
