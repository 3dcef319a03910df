#include "tools/produce_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tools/cluster_settings.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr std::int64_t default_delivery_ms = 30'000;
/// With every batch synced before it is answered, larger ones mean fewer syncs.
constexpr std::int64_t default_batch_bytes = 512 * 1024;
constexpr std::int64_t least_batch_bytes = 256;
/// The broker says what is too large for a topic, not this program.
constexpr std::size_t record_bytes = std::size_t{16} * 1024 * 1024;
constexpr std::size_t memory_bytes = 4 * record_bytes;

/// --key-delimiter, or what Kafka's console producer calls it.
Result<std::optional<std::string>> key_delimiter(const Context& context) {
  auto delimiter = context.text("--key-delimiter");
  std::string separator = "\\t";
  bool parse_key = false;
  for (const std::string& word : context.all("--property")) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value = word.substr(equals + 1);
    if (name == "key.separator") {
      separator = value;
    } else if (name == "parse.key" && (value == "true" || value == "false")) {
      parse_key = value == "true";
    } else {
      return Error(Errc::invalid_argument,
                   fmt::format("--property: '{}' is neither parse.key=true nor key.separator=TEXT",
                               word));
    }
  }
  if (parse_key && !delimiter) delimiter = separator;
  return delimiter;
}

}  // namespace

Result<std::unique_ptr<RecordReader>> make_reader(const Context& context) {
  const auto format = context.text("--format");
  HOROLOG_ASSIGN(const auto delimiter, key_delimiter(context));
  if (context.has("--json") + format.has_value() + delimiter.has_value() > 1) {
    return Error(Errc::invalid_argument,
                 "--json, --format and --key-delimiter exclude each other");
  }
  if (context.has("--json")) return make_json_reader();
  if (!format && !delimiter) return make_line_reader("");
  // A delimiter knows the escapes of a template.
  HOROLOG_ASSIGN(auto pieces, parse_template(format ? *format : *delimiter, FormatUse::read));
  if (format) return make_template_reader(std::move(pieces));
  if (pieces.size() != 1 || pieces[0].kind != FormatPiece::Kind::literal) {
    return Error(Errc::invalid_argument,
                 fmt::format("--key-delimiter '{}' is no plain text", *delimiter));
  }
  return make_line_reader(pieces[0].text);
}

Result<Additions> read_additions(const Context& context) {
  Additions add;
  if (!context.args().empty()) add.topic = context.args()[0];
  add.key = context.text("--key");
  add.tombstones = context.has("--tombstone");
  for (const std::string& word : context.all("--header")) {
    const std::size_t equals = word.find('=');
    add.headers.push_back({word.substr(0, equals), word.substr(equals + 1)});
  }
  if (context.has("--partition")) {
    const std::int64_t number = context.integer("--partition", any_partition);
    if (number < any_partition || number > std::numeric_limits<PartitionIndex>::max()) {
      return Error(Errc::invalid_argument, fmt::format("--partition: {} is no partition", number));
    }
    add.partition = static_cast<PartitionIndex>(number);
  }
  const std::int64_t batch = context.integer("--batch-bytes", default_batch_bytes);
  if (batch < least_batch_bytes || batch > static_cast<std::int64_t>(record_bytes)) {
    return Error(Errc::invalid_argument,
                 fmt::format("--batch-bytes: {} to {}", least_batch_bytes, record_bytes));
  }
  if (const auto word = context.text("--timestamp")) {
    const auto time = parse_time(*word, context.now());
    if (!time) {
      return Error(Errc::invalid_argument,
                   fmt::format("--timestamp: '{}' is no time: write it like "
                               "2026-01-31T10:00+01:00 or in milliseconds",
                               *word));
    }
    add.timestamp = time->time;
  }
  return add;
}

ProducerOptions producer_options(const Context& context) {
  ProducerOptions options;
  options.client = client_options(context);
  options.client.wait_for_brokers = true;
  const std::string acks = context.text("--acks").value_or("all");
  options.acks = acks == "leader" || acks == "1" ? Acks::leader
                 : acks == "none" || acks == "0" ? Acks::none
                                                 : Acks::all;
  options.idempotent = options.acks == Acks::all;
  const std::string codec = context.text("--compression").value_or("none");
  constexpr std::string_view codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  options.compression =
      static_cast<Compression>(std::ranges::find(codecs, codec) - std::begin(codecs));
  options.batch_bytes =
      static_cast<std::size_t>(context.integer("--batch-bytes", default_batch_bytes));
  options.max_request_bytes = record_bytes;
  options.buffer_memory = memory_bytes;
  options.delivery_timeout =
      std::chrono::milliseconds(context.duration_ms("--delivery-timeout", default_delivery_ms));
  options.max_block = options.delivery_timeout;
  options.create_topics = context.has("--create");
  return options;
}

}  // namespace horolog::command
