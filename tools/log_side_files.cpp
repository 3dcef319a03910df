#include "tools/log_side_files.hpp"

#include <fmt/format.h>

#include "storage/coordinator_snapshot.hpp"
#include "storage/epoch_cache.hpp"
#include "storage/log_files.hpp"
#include "storage/offset_index.hpp"
#include "storage/producer_snapshot.hpp"
#include "storage/segment_sum.hpp"
#include "storage/time_index.hpp"
#include "storage/transaction_index.hpp"
#include "tools/log_decode.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

namespace log_files = storage::log_files;

constexpr Column index_columns[] = {{"offset", ColumnType::integer},
                                    {"position", ColumnType::integer}};
constexpr Column time_columns[] = {{"timestamp", ColumnType::time},
                                   {"offset", ColumnType::integer}};
constexpr Column transaction_columns[] = {{"producer_id", ColumnType::integer},
                                          {"first_offset", ColumnType::integer},
                                          {"last_offset", ColumnType::integer},
                                          {"last_stable_offset", ColumnType::integer}};
constexpr Column producer_columns[] = {
    {"producer_id", ColumnType::integer},
    {"producer_epoch", ColumnType::integer},
    {"last_sequence", ColumnType::integer},
    {"last_offset", ColumnType::integer},
    {"last_timestamp", ColumnType::time},
    {"batches", ColumnType::integer, "remembered"},
    {"transaction_start", ColumnType::integer, "of the open transaction"},
};
constexpr Column sum_columns[] = {
    {"suffix"}, {"bytes", ColumnType::bytes}, {"xxh3", ColumnType::text, "128 bits"}};
constexpr Column epoch_columns[] = {{"leader_epoch", ColumnType::integer},
                                    {"start_offset", ColumnType::integer}};
constexpr Column state_columns[] = {
    {"below_offset", ColumnType::integer, "what the log says from here on is not in it"},
    {"transaction", ColumnType::integer, "the producer whose open transaction it waits for"},
    {"meaning"}};
constexpr Column line_columns[] = {{"text"}};
constexpr SectionSpec output[] = {
    {"index", index_columns},       {"timeindex", time_columns},
    {"aborted", transaction_columns}, {"producer", producer_columns},
    {"sum", sum_columns},           {"epoch", epoch_columns},
    {"state", state_columns},       {"line", line_columns}};

/// Indices that a broker has open are longer than what is in them.
template <typename View>
Status whole_entries(ByteView bytes) {
  if (bytes.size() % View::entry_bytes == 0) return {};
  return Error(Errc::corrupt, fmt::format("{} bytes behind the last whole entry",
                                          bytes.size() % View::entry_bytes));
}

Status dump_offset_index(Offset base, ByteView bytes, EntryStream& stream) {
  const storage::OffsetIndexView view(bytes, base);
  for (std::size_t i = 0; i < view.count(); ++i) {
    const auto entry = view.at(i);
    if (i > 0 && entry.position == 0) break;
    stream.put(output[0], {entry.offset, static_cast<std::int64_t>(entry.position)});
  }
  return whole_entries<storage::OffsetIndexView>(bytes);
}

Status dump_time_index(Offset base, ByteView bytes, EntryStream& stream) {
  const storage::TimeIndexView view(bytes, base);
  for (std::size_t i = 0; i < view.count(); ++i) {
    const auto entry = view.at(i);
    if (i > 0 && entry.timestamp == 0) break;
    stream.put(output[1], {entry.timestamp, entry.offset});
  }
  return whole_entries<storage::TimeIndexView>(bytes);
}

Status dump_transaction_index(ByteView bytes, EntryStream& stream) {
  const storage::TransactionIndexView view(bytes);
  for (const auto& entry : view.entries()) {
    stream.put(output[2], {entry.producer_id, entry.first_offset, entry.last_offset,
                           entry.last_stable_offset});
  }
  return whole_entries<storage::TransactionIndexView>(bytes);
}

void dump_producers(const storage::ProducerState& state, EntryStream& stream) {
  for (const auto& [id, entry] : state.entries()) {
    const storage::ProducerBatch* last = entry.last();
    stream.put(output[3],
               {id, std::int64_t{entry.epoch},
                last != nullptr ? Cell(std::int64_t{last->last_sequence}) : Cell(),
                last != nullptr ? Cell(last->last_offset) : Cell(),
                entry.last_timestamp >= 0 ? Cell(entry.last_timestamp) : Cell(),
                std::int64_t{entry.batch_count},
                entry.in_transaction() ? Cell(entry.transaction_start) : Cell()});
  }
}

Status dump_state(const storage::SnapshotFile& file, LogContent content, ByteView bytes,
                  EntryStream& stream) {
  HOROLOG_ASSIGN(const auto snapshot, storage::decode_snapshot(file, bytes));
  for (const storage::StoredRecord& stored : snapshot.records) {
    record::RecordView record;
    record.key = ByteView(stored.key);
    record.value = ByteView(stored.value);
    stream.put(output[6], {snapshot.offset,
                           stored.transaction >= 0 ? Cell(stored.transaction) : Cell(),
                           decode_record(content, record)});
  }
  return {};
}

Status dump_sums(ByteView bytes, EntryStream& stream) {
  HOROLOG_ASSIGN(const auto sums, storage::decode_sums(bytes));
  for (const storage::FileSum& sum : sums) {
    stream.put(output[4], {sum.suffix, static_cast<std::int64_t>(sum.bytes), sum.digest});
  }
  return {};
}

Status dump_epochs(ByteView bytes, EntryStream& stream) {
  HOROLOG_ASSIGN(const auto entries, storage::EpochCache::decode(bytes));
  for (const auto& entry : entries) {
    stream.put(output[5], {std::int64_t{entry.epoch}, entry.start_offset});
  }
  return {};
}

bool numbered(const std::string& name, std::string_view suffix) {
  return log_files::parse(name, suffix).has_value();
}

}  // namespace

bool knows_side_file(const std::string& name) {
  for (const std::string_view suffix :
       {log_files::offset_index, log_files::time_index, log_files::transaction_index,
        log_files::snapshot, log_files::producers, log_files::sum}) {
    if (numbered(name, suffix)) return true;
  }
  return name == log_files::epochs || name == log_files::partition_metadata ||
         name == storage::group_snapshot.name || name == storage::transaction_snapshot.name ||
         name == "meta.properties" || name.ends_with("-checkpoint");
}

Status dump_side_file(const std::string& name, ByteView bytes, EntryStream& stream) {
  if (const auto base = log_files::parse(name, log_files::offset_index)) {
    return dump_offset_index(*base, bytes, stream);
  }
  if (const auto base = log_files::parse(name, log_files::time_index)) {
    return dump_time_index(*base, bytes, stream);
  }
  if (numbered(name, log_files::transaction_index)) return dump_transaction_index(bytes, stream);
  if (numbered(name, log_files::snapshot)) {
    HOROLOG_ASSIGN(const auto state, storage::decode_snapshot(bytes, 0));
    dump_producers(state, stream);
    return {};
  }
  if (numbered(name, log_files::producers)) {
    HOROLOG_ASSIGN(const auto producers, storage::decode_producers(bytes));
    dump_producers(producers.state, stream);
    return {};
  }
  if (numbered(name, log_files::sum)) return dump_sums(bytes, stream);
  if (name == log_files::epochs) return dump_epochs(bytes, stream);
  if (name == storage::group_snapshot.name) {
    return dump_state(storage::group_snapshot, LogContent::group_offsets, bytes, stream);
  }
  if (name == storage::transaction_snapshot.name) {
    return dump_state(storage::transaction_snapshot, LogContent::transactions, bytes, stream);
  }
  for (const std::string_view line : split(as_text(bytes), '\n')) {
    if (!line.empty()) stream.put(output[7], {std::string(line)});
  }
  return {};
}

std::span<const SectionSpec> side_file_output() { return output; }

}  // namespace horolog::command
