#include <fmt/format.h>

#include <algorithm>

#include "storage/directory_layout.hpp"
#include "storage/log_files.hpp"
#include "storage/producer_snapshot.hpp"
#include "storage/transaction_index.hpp"
#include "storage/verify_impl.hpp"

namespace horolog::storage {
namespace {

constexpr std::size_t transaction_entry_bytes = TransactionIndexView::entry_bytes;
constexpr char from_backup[] = "restore the partition's directory from a backup";

class PartitionCheck {
 public:
  PartitionCheck(FileSystem& fs, const PartitionExpectation& expected, VerifyReport& report)
      : fs_(fs), expected_(expected), report_(report) {}

  Status run() {
    ++report_.partitions;
    HOROLOG_ASSIGN(names_, fs_.list(expected_.place));
    HOROLOG_TRY(check_owner());
    HOROLOG_TRY(read_epochs());
    HOROLOG_TRY(check_segments());
    for (const std::string& name : names_) HOROLOG_TRY(check_side_file(name));
    check_offsets();
    return {};
  }

 private:
  std::string file(std::string_view name) const {
    return fmt::format("{}/{}", expected_.name, name);
  }
  std::string place(std::string_view name) const {
    return fmt::format("{}/{}", expected_.place, name);
  }

  Status check_owner();
  Status read_epochs();
  Status check_segments();
  Status check_side_file(const std::string& name);
  Status check_producers(const std::string& name, std::string_view suffix);
  Status check_transaction_index(const std::string& name, Offset base);
  void check_offsets();

  FileSystem& fs_;
  const PartitionExpectation& expected_;
  VerifyReport& report_;
  std::vector<std::string> names_;
  std::vector<EpochCache::Entry> epochs_;
  std::vector<Offset> bases_;
  Offset end_ = 0;
};

Status PartitionCheck::check_owner() {
  const auto owner = read_partition_metadata(fs_, expected_.place);
  if (!owner && owner.error().code() != Errc::corrupt) return owner.error();
  if (!owner) {
    report_.damage(file(log_files::partition_metadata), std::nullopt, owner.error().message(),
                   "write it anew: 'version: 0' and 'topic_id: ' with the id of the catalog");
  } else if (*owner && expected_.topic_id && **owner != *expected_.topic_id) {
    report_.damage(file(log_files::partition_metadata), std::nullopt,
                   fmt::format("the log belongs to topic id {}, the catalog says {}",
                               (*owner)->to_string(), expected_.topic_id->to_string()),
                   "move the directory elsewhere");
  }
  return {};
}

Status PartitionCheck::read_epochs() {
  const std::string path = place(log_files::epochs);
  if (!fs_.exists(path)) return {};
  HOROLOG_ASSIGN(const ByteBuffer bytes, read_for_check(fs_, path, report_));
  auto epochs = EpochCache::decode(bytes);
  if (!epochs) {
    report_.damage(file(log_files::epochs), std::nullopt, epochs.error().message(), from_backup);
  } else {
    epochs_ = std::move(*epochs);
  }
  return {};
}

Status PartitionCheck::check_segments() {
  for (const std::string& name : names_) {
    if (const auto base = log_files::parse(name, log_files::log)) bases_.push_back(*base);
  }
  Offset next = no_offset;
  for (const Offset base : bases_) {
    const bool finished =
        expected_.clean_stop || fs_.exists(log_files::path(expected_.place, base, log_files::sum));
    const SegmentExpectation segment{.partition = expected_,
                                     .base = base,
                                     .next_expected = next,
                                     .unfinished = !finished,
                                     .epochs = epochs_};
    HOROLOG_ASSIGN(next, verify_segment(fs_, segment, report_));
    end_ = next;
  }
  return {};
}

Status PartitionCheck::check_side_file(const std::string& name) {
  if (log_files::parse(name, log_files::snapshot)) {
    return check_producers(name, log_files::snapshot);
  }
  if (log_files::parse(name, log_files::producers)) {
    return check_producers(name, log_files::producers);
  }
  if (const auto base = log_files::parse(name, log_files::transaction_index)) {
    return check_transaction_index(name, *base);
  }
  if (name.find(log_files::cut) != std::string::npos) {
    report_.note(file(name), "what a start took off the end of the log after a crash",
                 "it may be removed");
  }
  for (const std::string_view suffix :
       {log_files::offset_index, log_files::time_index, log_files::sum}) {
    const auto base = log_files::parse(name, suffix);
    if (base && !std::binary_search(bases_.begin(), bases_.end(), *base)) {
      report_.damage(file(name), std::nullopt, "its log is missing", from_backup);
    }
  }
  return {};
}

Status PartitionCheck::check_producers(const std::string& name, std::string_view suffix) {
  HOROLOG_ASSIGN(const ByteBuffer bytes, read_for_check(fs_, place(name), report_));
  std::optional<Error> wrong;
  if (suffix == log_files::snapshot) {
    if (const auto state = decode_snapshot(bytes, 0); !state) wrong = state.error();
  } else {
    if (const auto state = decode_producers(bytes); !state) wrong = state.error();
  }
  if (!wrong) return {};
  if (!expected_.clean_stop) {
    report_.note(file(name), wrong->message(),
                 "a crash may have left it so; a start uses an older one and replays the log");
    return {};
  }
  report_.damage(file(name), std::nullopt, wrong->message(),
                 "remove the file while the broker is stopped: a start uses an older one and "
                 "replays the log");
  return {};
}

/// Entries of 34 bytes: version 0, producer, first, last and last stable offset.
Status PartitionCheck::check_transaction_index(const std::string& name, Offset base) {
  HOROLOG_ASSIGN(const ByteBuffer bytes, read_for_check(fs_, place(name), report_));
  const auto after = std::upper_bound(bases_.begin(), bases_.end(), base);
  const Offset end = after == bases_.end() ? end_ : *after;
  Offset before = base - 1;
  for (std::size_t at = 0; at < bytes.size(); at += transaction_entry_bytes) {
    std::string what;
    if (bytes.size() - at < transaction_entry_bytes) {
      what = "the last entry is cut short";
    } else {
      const auto version = load_be<std::int16_t>(bytes.data() + at);
      const auto producer = load_be<std::int64_t>(bytes.data() + at + 2);
      const auto first = load_be<std::int64_t>(bytes.data() + at + 10);
      const auto last = load_be<std::int64_t>(bytes.data() + at + 18);
      const auto stable = load_be<std::int64_t>(bytes.data() + at + 26);
      if (version != 0) what = fmt::format("version {}", version);
      if (producer < 0) what = fmt::format("producer id {}", producer);
      if (last <= before || last >= end) {
        what = fmt::format("a marker at offset {}, not between {} and {}", last, before + 1, end);
      }
      if (first < 0 || first > last || stable < 0 || stable > last + 1) {
        what = fmt::format("offsets {}, {} and {} do not rise", first, stable, last);
      }
      before = last;
    }
    if (what.empty()) continue;
    report_.damage(file(name), at, fmt::format("entry {}: {}", at / transaction_entry_bytes, what),
                   from_backup);
    return {};
  }
  return {};
}

/// The checkpoint files at the top against the end of the log.
void PartitionCheck::check_offsets() {
  const auto beyond = [&](const char* checkpoint, Offset offset) {
    report_.damage(bases_.empty() ? expected_.name
                                  : log_files::path(expected_.name, bases_.back(), log_files::log),
                   std::nullopt,
                   fmt::format("the log ends at offset {}, {} says {}: records are missing", end_,
                               checkpoint, offset),
                   from_backup);
  };
  if (expected_.recovery_point > end_) {
    beyond(recovery_points_name, expected_.recovery_point);
  } else if (expected_.log_start.value_or(0) > end_) {
    beyond(log_starts_name, *expected_.log_start);
  } else if (expected_.clean_stop && expected_.high_watermark.value_or(0) > end_) {
    beyond(replication_offsets_name, *expected_.high_watermark);
  }
  if (!bases_.empty() && bases_.front() > expected_.log_start.value_or(bases_.front())) {
    report_.damage(expected_.name, std::nullopt,
                   fmt::format("the first segment starts at offset {}, the log at {}",
                               bases_.front(), *expected_.log_start),
                   from_backup);
  }
}

}  // namespace

Status verify_partition(FileSystem& fs, const PartitionExpectation& expected,
                        VerifyReport& report) {
  return PartitionCheck(fs, expected, report).run();
}

}  // namespace horolog::storage
