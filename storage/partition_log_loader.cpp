#include "storage/partition_log_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/log.hpp"
#include "storage/compaction_swap.hpp"
#include "storage/log_files.hpp"
#include "storage/partition_log_impl.hpp"
#include "storage/producer_snapshot.hpp"
#include "storage/recovery.hpp"
#include "storage/segment_sum.hpp"
#include "storage/transaction_recovery.hpp"

namespace horolog::storage {

/// Builds one PartitionLog out of its files.
struct PartitionLogLoader {
  PartitionLogLoader(FileSystem& file_system, LoadOptions load_options)
      : fs(file_system), options(std::move(load_options)) {}

  Result<LoadedLog> run();

 private:
  void configure();
  Result<std::vector<Offset>> clean_up_and_list();
  std::size_t first_unsynced() const;
  Status open_below(std::size_t count);
  Status open_clean();
  Status recover();
  Status finish_start();
  Status start_over(Offset end);
  Status load_epochs(Offset end);
  Status load_producers(Offset end);
  void keep_producers(const std::shared_ptr<Segment>& segment, const ProducerState& state);
  Status place_open_transactions();
  void publish(Offset end);

  FileSystem& fs;
  const LoadOptions options;
  LoadedLog loaded;
  std::unique_ptr<PartitionLog::Impl> impl = std::make_unique<PartitionLog::Impl>();
  SegmentList segments;
  std::set<Offset> finished;  ///< bases of the segments that are as they were finished
  std::vector<EpochCache::Entry> walked_epochs;
};

void PartitionLogLoader::configure() {
  impl->fs = &fs;
  impl->id = options.id;
  impl->topic_id = options.topic_id;
  impl->directory = options.directory;
  impl->segment_cache = options.segments;
  impl->persist_log_start = options.persist_log_start;
  impl->on_disk_failure = options.on_disk_failure;
  impl->config = options.config;
  impl->leader_epoch = options.leader_epoch;
  impl->cleaned_offset = options.cleaned_offset;
}

Result<std::vector<Offset>> PartitionLogLoader::clean_up_and_list() {
  std::vector<Offset> bases;
  if (!fs.is_directory(options.directory)) return bases;
  impl->directory_made = true;
  HOROLOG_TRY(settle_interrupted_clean(fs, options.directory));
  HOROLOG_ASSIGN(const auto names, fs.list(options.directory));
  for (const std::string& name : names) {
    if (name.ends_with(log_files::temporary) || name.ends_with(log_files::deleted)) {
      HOROLOG_TRY(fs.remove(options.directory + '/' + name));
    } else if (const auto base = log_files::parse(name, log_files::log)) {
      bases.push_back(*base);
    }
  }
  impl->directory_synced =
      fs.exists(options.directory + '/' + std::string(log_files::partition_metadata));
  return bases;
}

std::size_t PartitionLogLoader::first_unsynced() const {
  std::size_t index = 0;
  while (index + 1 < segments.size() &&
         segments[index + 1]->base_offset() <= options.recovery_point) {
    ++index;
  }
  return index;
}

Status PartitionLogLoader::open_below(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Offset next = segments[i + 1]->base_offset();
    HOROLOG_ASSIGN(const bool as_finished, open_trusted(fs, options.directory, *segments[i], next,
                                                        options.config->cleanup_compact));
    if (as_finished) {
      finished.insert(segments[i]->base_offset());
      continue;
    }
    HOROLOG_ASSIGN(const auto file, segments[i]->open());
    HOROLOG_ASSIGN(const std::uint64_t size, file->file().size());
    impl->unfinished.push_back({.segment = segments[i],
                                .writer = std::make_shared<SegmentWriter>(segments[i], size),
                                .producers = {}});
  }
  return {};
}

Status PartitionLogLoader::open_clean() {
  HOROLOG_TRY(open_below(segments.size() - 1));
  HOROLOG_ASSIGN([[maybe_unused]] const bool as_finished,
                 open_trusted(fs, options.directory, *segments.back(), no_offset));
  if (segments.back()->end_offset() < options.recovery_point) {
    return Error(Errc::corrupt, fmt::format("{} ends at offset {}, below its recovery point {}",
                                            options.directory, segments.back()->end_offset(),
                                            options.recovery_point));
  }
  return {};
}

Status PartitionLogLoader::recover() {
  loaded.recovered = true;
  impl->changed = true;
  impl->unfinished.clear();
  finished.clear();
  const std::size_t first = first_unsynced();
  HOROLOG_TRY(open_below(first));
  const RecoveryInput input{.fs = &fs,
                            .directory = options.directory,
                            .recovery_point = options.recovery_point,
                            .verify_bytes = options.verify_bytes,
                            .compacted = options.config->cleanup_compact};
  HOROLOG_ASSIGN(RecoveryOutcome outcome, recover_segments(input, segments, first));
  // The process may have died before the first commit: then not even the name of the directory is
  // on disk, and a power cut would take with it what is served from now on.
  if (outcome.touched) HOROLOG_TRY(fs.sync_directory(parent_directory(options.directory)));
  loaded.recovered_bytes = outcome.recovered_bytes;
  loaded.cut_bytes = outcome.cut_bytes;
  loaded.torn_bytes = outcome.torn_bytes;
  walked_epochs = std::move(outcome.epochs);
  for (std::size_t i = first; i + 1 < segments.size(); ++i) {
    impl->unfinished.push_back(
        {.segment = segments[i],
         .writer = std::make_shared<SegmentWriter>(segments[i], segments[i]->size()),
         .producers = {}});
  }
  return {};
}

/// Every record lies below the log start: only the number where to go on is left.
Status PartitionLogLoader::start_over(Offset end) {
  for (const auto& segment : segments) {
    HOROLOG_ASSIGN(const auto names, segment->rename_deleted());
    for (const std::string& name : names) HOROLOG_TRY(fs.remove(name));
  }
  segments.clear();
  impl->unfinished.clear();
  publish(end);
  return fs.sync_directory(options.directory);
}

void PartitionLogLoader::publish(Offset end) {
  LogView& view = impl->view;
  view.segments = std::make_shared<SegmentList>(segments);
  view.end = {.offset = end, .segment_base = end, .position = 0};
  if (!segments.empty()) {
    view.end.segment_base = segments.back()->base_offset();
    view.end.position = segments.back()->size();
  }
  const Offset first = segments.empty() ? end : segments.front()->base_offset();
  view.log_start = std::max(options.log_start, first);
  view.durable = view.high_watermark = view.end;
  impl->log_start = view.log_start;
  impl->high_watermark = impl->durable = impl->end = end;
  impl->update_last_stable();
  std::uint64_t sealed = 0;
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) sealed += segments[i]->size();
  impl->sealed_bytes = sealed;
}

Status PartitionLogLoader::load_epochs(Offset end) {
  const std::string name = options.directory + '/' + std::string(log_files::epochs);
  if (impl->directory_made && fs.exists(name)) {
    HOROLOG_ASSIGN(const ByteBuffer bytes, read_whole_file(fs, name));
    // Damaged: what the batches above the recovery point say is all there is to know.
    if (auto entries = EpochCache::decode(bytes)) impl->epochs.reset(std::move(*entries));
  }
  impl->epochs.truncate_back(end);
  const bool shortened = impl->epochs.take_changed();
  for (const EpochCache::Entry& entry : walked_epochs) {
    impl->epochs.assign(entry.epoch, entry.start_offset);
  }
  // The recovery point will soon cover these batches, and nobody will look at their epochs again.
  if (impl->epochs.take_changed()) {
    HOROLOG_TRY(replace_file(fs, name, EpochCache::encode(impl->epochs.entries())));
  } else if (shortened) {
    impl->epochs.set_changed();
  }
  impl->leader_epoch = std::max(options.leader_epoch, impl->epochs.latest());
  impl->epochs.assign(impl->leader_epoch, end);
  return {};
}

Status PartitionLogLoader::load_producers(Offset end) {
  HOROLOG_ASSIGN(const auto names, fs.list(options.directory));
  bool removed = false;
  for (const std::string& name : names) {
    for (const auto suffix : {log_files::snapshot, log_files::producers}) {
      // It describes batches that did not survive; the same offsets will be given out again.
      const auto offset = log_files::parse(name, suffix);
      if (!offset || *offset <= end) continue;
      HOROLOG_TRY(fs.remove(options.directory + '/' + name));
      removed = true;
    }
  }
  // Nor may it come back when the log has grown beyond that offset.
  if (removed) HOROLOG_TRY(fs.sync_directory(options.directory));
  HOROLOG_ASSIGN(LoadedProducers found,
                 load_producer_files(fs, options.directory, end, options.now));
  const TransactionRecoveryInput input{.fs = &fs,
                                       .directory = options.directory,
                                       .now = options.now,
                                       .finished = finished,
                                       .passed = [this](const auto& segment, const auto& state) {
                                         keep_producers(segment, state);
                                       }};
  HOROLOG_ASSIGN(const bool made_anew, recover_transactions(input, segments, found));
  // Else a clean stop would find nothing to write.
  if (made_anew) impl->changed = true;
  impl->producers = std::move(found.state);
  return {};
}

/// What finish() will write down beside a segment that was not finished.
void PartitionLogLoader::keep_producers(const std::shared_ptr<Segment>& segment,
                                        const ProducerState& state) {
  for (UnfinishedSegment& sealed : impl->unfinished) {
    if (sealed.segment == segment) sealed.producers = state;
  }
}

/// The state of the producers has the offsets of the transactions that are open; readers stop at
/// their positions.
Status PartitionLogLoader::place_open_transactions() {
  for (const Offset first : impl->producers.open_transactions()) {
    LogPosition at{.offset = first, .segment_base = 0, .position = 0};
    for (const auto& segment : segments) {
      if (first < segment->base_offset() || first >= segment->end_offset()) continue;
      HOROLOG_ASSIGN(const auto file, segment->open());
      at.segment_base = segment->base_offset();
      HOROLOG_ASSIGN(at.position, impl->locate(*segment, *file, first, segment->size()));
    }
    impl->unstable.begin(at);
  }
  return {};
}

Status PartitionLogLoader::finish_start() {
  const Offset end = segments.back()->end_offset();
  HOROLOG_TRY(load_epochs(end));
  HOROLOG_TRY(load_producers(end));
  HOROLOG_TRY(place_open_transactions());
  if (options.log_start > end) return start_over(options.log_start);
  publish(end);
  Segment& active = *segments.back();
  HOROLOG_ASSIGN(const auto file, active.open());
  HOROLOG_ASSIGN(const std::uint64_t size, file->file().size());
  HOROLOG_ASSIGN(const bool sealed, is_finished(fs, options.directory, active.base_offset(), size));
  if (sealed) {
    // What stood behind it was lost. It may have been compacted, and its digests are written: the
    // log goes on in a new one.
    impl->unfinished.push_back({.segment = segments.back(),
                                .writer = std::make_shared<SegmentWriter>(segments.back(), size),
                                .producers = impl->producers});
    impl->sealed_bytes += size;
    return impl->roll(static_cast<std::uint64_t>(options.config->segment_bytes));
  }
  active.make_active(std::max(size, static_cast<std::uint64_t>(options.config->segment_bytes)));
  impl->writer = std::make_shared<SegmentWriter>(segments.back(), size);
  return {};
}

Result<LoadedLog> PartitionLogLoader::run() {
  configure();
  HOROLOG_ASSIGN(const auto bases, clean_up_and_list());
  if (bases.empty()) {
    if (options.recovery_point > options.log_start) {
      return Error(Errc::corrupt,
                   fmt::format("{} holds no segment, but offsets up to {} had been written to "
                               "disk; restore it from a backup",
                               options.directory, options.recovery_point));
    }
    HOROLOG_TRY(load_epochs(options.log_start));
    publish(options.log_start);
  } else {
    for (const Offset base : bases) {
      segments.push_back(std::make_shared<Segment>(impl->place(), base, 0));
    }
    bool clean = options.clean;
    if (clean) {
      const Status opened = open_clean();
      // A clean stop that the files contradict is treated like a crash.
      if (!opened && opened.error().code() != Errc::corrupt) return opened.error();
      clean = opened.ok();
      if (!clean) {
        log::warn("storage", "files contradict the clean stop; recovering the partition",
                  {log::field("directory", options.directory),
                   log::field("reason", opened.error().message())});
      }
    }
    if (!clean) HOROLOG_TRY(recover());
    HOROLOG_TRY(finish_start());
  }
  loaded.log.reset(new PartitionLog(std::move(impl)));
  return std::move(loaded);
}

Result<LoadedLog> load_partition_log(FileSystem& fs, LoadOptions options) {
  return PartitionLogLoader(fs, std::move(options)).run();
}

}  // namespace horolog::storage
