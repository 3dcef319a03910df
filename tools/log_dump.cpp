#include <fmt/format.h>

#include <filesystem>
#include <limits>

#include "storage/directory_layout.hpp"
#include "storage/log_files.hpp"
#include "tools/entry_stream.hpp"
#include "tools/log_commands.hpp"
#include "tools/log_decode.hpp"
#include "tools/log_side_files.hpp"
#include "tools/log_walk.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

namespace log_files = storage::log_files;

constexpr Column file_columns[] = {{"name"}, {"bytes", ColumnType::bytes}};
constexpr Column batch_columns[] = {
    {"position", ColumnType::integer, "byte in the file"},
    {"size", ColumnType::bytes},
    {"base_offset", ColumnType::integer},
    {"last_offset", ColumnType::integer},
    {"records", ColumnType::integer},
    {"codec"},
    {"leader_epoch", ColumnType::integer},
    {"base_timestamp", ColumnType::time},
    {"max_timestamp", ColumnType::time},
    {"producer_id", ColumnType::integer},
    {"producer_epoch", ColumnType::integer},
    {"base_sequence", ColumnType::integer},
    {"transactional", ColumnType::flag},
    {"control", ColumnType::flag},
    {"append_time", ColumnType::flag, "timestamps are the broker's"},
    {"crc", ColumnType::integer},
};
constexpr Column record_columns[] = {
    {"offset", ColumnType::integer},
    {"timestamp", ColumnType::time},
    {"key"},
    {"key_base64", ColumnType::text, "in its place where it is no UTF-8"},
    {"value"},
    {"value_base64", ColumnType::text, "in its place where it is no UTF-8"},
    {"headers", ColumnType::text, "name=value, separated by commas"},
    {"meaning", ColumnType::text, "in place of both, of what a coordinator or the catalog wrote"},
};
constexpr Column damage_columns[] = {
    {"file"},
    {"position", ColumnType::integer},
    {"skipped", ColumnType::bytes, "until the next good batch or the end"},
    {"what"},
};
constexpr Column space_columns[] = {
    {"position", ColumnType::integer},
    {"bytes", ColumnType::bytes},
};
constexpr SectionSpec output[] = {{"file", file_columns},     {"batch", batch_columns},
                                  {"record", record_columns}, {"damage", damage_columns},
                                  {"space", space_columns}};

Cell known(std::int64_t value) { return value < 0 ? Cell() : Cell(value); }

/// A text cell, or a base64 one, of bytes that may be null.
void put_bytes(std::vector<Cell>& row, const std::optional<ByteView>& bytes) {
  const bool text = bytes && is_utf8(*bytes);
  row.push_back(text ? Cell(std::string(as_text(*bytes))) : Cell());
  row.push_back(bytes && !text ? Cell(to_base64(*bytes)) : Cell());
}

class Dumper {
 public:
  explicit Dumper(Context& context)
      : context_(context),
        stream_(context),
        records_(context.has("--records")),
        from_(context.integer("--from", 0)),
        to_(context.integer("--to", std::numeric_limits<std::int64_t>::max())),
        left_(context.integer("--max", std::numeric_limits<std::int64_t>::max())) {}

  Exit run(const std::string& path) {
    const Status done = fs_->is_directory(path) ? dump_directory(path) : dump_file(path);
    stream_.finish();
    if (!done) return context_.fail(done.error());
    if (damaged_ == 0) return Exit::ok;
    return context_.fail(Exit::damaged,
                         fmt::format("{} damaged places were skipped", damaged_),
                         "'horolog log verify' says what else is wrong, and what to do");
  }

 private:
  Status dump_directory(const std::string& path) {
    HOROLOG_ASSIGN(const auto names, fs_->list(path));
    bool any = false;
    for (const std::string& name : names) {
      const bool log = log_files::parse(name, log_files::log).has_value();
      any = any || log;
      if (log || !context_.has("--logs-only")) HOROLOG_TRY(dump_file(path + "/" + name));
    }
    if (any) return {};
    return Error(Errc::invalid_argument,
                 fmt::format("{} holds no .log file: name the directory of a partition", path));
  }

  Status dump_file(const std::string& path) {
    if (!fs_->exists(path)) return Error(Errc::not_found, path + " does not exist");
    if (fs_->is_directory(path)) return {};
    const std::string name = std::filesystem::path(path).filename().string();
    HOROLOG_ASSIGN(const auto file, fs_->open(path, storage::OpenMode::read));
    HOROLOG_ASSIGN(const std::uint64_t size, file->size());
    const bool log =
        name.find(log_files::log) != std::string::npos || name.ends_with(".checkpoint");
    if (!log && !knows_side_file(name)) return {};
    stream_.put(output[0], {path, static_cast<std::int64_t>(size)});
    if (log) {
      content_ = content_of_path(path);
      return walk_log(*file, [&](const WalkItem& item) { return see(path, item); });
    }
    HOROLOG_ASSIGN(const ByteBuffer bytes, storage::read_whole_file(*fs_, path));
    const Status good = dump_side_file(name, bytes, stream_);
    if (!good) put_damage(path, 0, static_cast<std::int64_t>(size), good.error().message());
    return {};
  }

  static LogContent content_of_path(const std::string& path) {
    const auto parent = std::filesystem::absolute(path).parent_path().filename().string();
    const auto id = storage::parse_partition_directory(parent);
    if (parent == "__cluster_metadata-0" || path.ends_with("bootstrap.checkpoint")) {
      return LogContent::metadata;
    }
    return id ? content_of(id->topic) : LogContent::data;
  }

  bool see(const std::string& path, const WalkItem& item) {
    const auto position = static_cast<std::int64_t>(item.position);
    const auto size = static_cast<std::int64_t>(item.size);
    if (item.kind == WalkItem::Kind::damage) {
      put_damage(path, position, size, item.what);
      return true;
    }
    if (item.kind == WalkItem::Kind::prewritten) {
      stream_.put(output[4], {position, size});
      return true;
    }
    const record::BatchView& batch = item.batch;
    if (batch.last_offset() < from_) return true;
    if (batch.base_offset() >= to_ || left_-- <= 0) return false;
    stream_.put(
        output[1],
        {position, size, batch.base_offset(), batch.last_offset(),
         std::int64_t{batch.record_count()},
         batch.has_known_codec() ? std::string(record::to_string(batch.codec())) : "unknown",
         known(batch.leader_epoch()), known(batch.base_timestamp()), known(batch.max_timestamp()),
         known(batch.producer_id()), known(batch.producer_epoch()), known(batch.base_sequence()),
         batch.is_transactional(), batch.is_control(), batch.is_log_append_time(),
         std::int64_t{batch.crc()}});
    if (records_) dump_records(path, position, batch);
    return true;
  }

  void dump_records(const std::string& path, std::int64_t position,
                    const record::BatchView& batch) {
    auto reader = record::RecordReader::open(batch, scratch_);
    if (!reader) return put_damage(path, position, 0, reader.error().message());
    while (reader->next()) {
      const record::RecordView& record = reader->record();
      if (record.offset < from_ || record.offset >= to_) continue;
      const std::string meaning =
          batch.is_control() ? decode_control(record) : decode_record(content_, record);
      // What was decoded need not be read in its raw form too.
      const bool decoded = !meaning.empty() && !meaning.starts_with('(');
      std::vector<Cell> row{record.offset, known(record.timestamp)};
      put_bytes(row, decoded ? std::nullopt : record.key);
      put_bytes(row, decoded ? std::nullopt : record.value);
      std::string headers;
      for (const record::HeaderView& header : record.headers) {
        const ByteView value = header.value.value_or(ByteView());
        headers += fmt::format("{}{}={}", headers.empty() ? "" : ",", header.key,
                               is_utf8(value) ? std::string(as_text(value)) : to_base64(value));
      }
      row.push_back(headers.empty() ? Cell() : Cell(headers));
      row.push_back(meaning.empty() ? Cell() : Cell(meaning));
      stream_.put(output[2], row);
    }
    if (const Status good = reader->status(); !good) {
      put_damage(path, position, 0, good.error().message());
    }
  }

  void put_damage(const std::string& path, std::int64_t position, std::int64_t skipped,
                  const std::string& what) {
    ++damaged_;
    stream_.put(output[3], {path, position, skipped, what});
  }

  Context& context_;
  EntryStream stream_;
  const std::unique_ptr<storage::FileSystem> fs_ = storage::make_posix_file_system();
  const bool records_;
  const Offset from_;
  const Offset to_;
  std::int64_t left_;
  LogContent content_ = LogContent::data;
  ByteBuffer scratch_;
  std::size_t damaged_ = 0;
};

}  // namespace

std::span<const SectionSpec> log_dump_output() {
  static const std::vector<SectionSpec> all = [] {
    std::vector<SectionSpec> specs(std::begin(output), std::end(output));
    for (const SectionSpec& spec : side_file_output()) specs.push_back(spec);
    return specs;
  }();
  return all;
}

Exit run_log_dump(Context& context) {
  if (!EntryStream::serves(context.mode())) {
    return context.fail(Exit::usage, "log dump prints text, --output json or jsonl");
  }
  return Dumper(context).run(context.args()[0]);
}

}  // namespace horolog::command
