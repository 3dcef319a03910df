// horolog produce: records from text.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "horolog/producer.hpp"
#include "tools/cluster_settings.hpp"
#include "tools/delivery_tally.hpp"
#include "tools/record_input.hpp"
#include "tools/stream_commands.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {
    {.name = "topic", .key = true},
    {.name = "partition", .type = ColumnType::integer, .key = true, .title = "PART"},
    {"records", ColumnType::integer, "delivered by this run"},
    {.name = "first_offset", .type = ColumnType::integer,
     .meaning = "of them; null with acks=0", .title = "FIRST"},
    {.name = "last_offset", .type = ColumnType::integer, .title = "LAST"},
};
constexpr SectionSpec output[] = {{"partitions", columns}};

constexpr std::int64_t default_delivery_ms = 30'000;
/// With every batch synced before it is answered, larger ones mean fewer syncs.
constexpr std::int64_t default_batch_bytes = 512 * 1024;
constexpr std::int64_t least_batch_bytes = 256;
/// The broker says what is too large for a topic, not this program.
constexpr std::size_t record_bytes = std::size_t{16} * 1024 * 1024;
constexpr std::size_t memory_bytes = 4 * record_bytes;

/// What the flags add to every record.
struct Additions {
  std::string topic;
  std::optional<std::string> key;
  std::vector<Header> headers;
  std::optional<PartitionIndex> partition;
  TimestampMs timestamp = no_timestamp;
  bool tombstones = false;
};

Result<std::unique_ptr<RecordReader>> make_reader(const Context& context) {
  const auto format = context.text("--format");
  const auto delimiter = context.text("--key-delimiter");
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

/// Sends what the input has until its end, or until something fails.
class Sending {
 public:
  Sending(Producer& producer, DeliveryTally& tally, const Additions& add)
      : producer_(producer), tally_(tally), add_(add) {}

  /// The error of the input; deliveries that fail are in the tally.
  /// `known`: the topics there are, unless the broker may create others.
  Status run(RecordInput& input, const std::optional<TopicSizes>& known) {
    InputRecord record;
    while (tally_.count_failed() == 0) {
      HOROLOG_ASSIGN(const bool there, input.next(record));
      if (!there) return {};
      const std::string_view topic = add_.topic.empty() ? record.topic.value_or("") : add_.topic;
      const PartitionIndex partition = add_.partition.value_or(record.partition);
      if (const Status good = check(topic, partition, known); !good) {
        return good.error().with_context(fmt::format("{}:{}", input.name(), input.line()));
      }
      send(topic, partition, record, input.line());
    }
    return {};
  }

 private:
  /// What the broker would not say until a timeout has passed.
  static Status check(std::string_view topic, PartitionIndex partition,
                      const std::optional<TopicSizes>& known) {
    if (topic.empty()) {
      return Error(Errc::invalid_argument,
                   "the record names no topic: name it behind 'horolog produce'");
    }
    if (!known) return {};
    const auto found = known->find(topic);
    if (found == known->end()) {
      return Error(Errc::not_found, fmt::format("there is no topic '{}'", topic));
    }
    if (partition < found->second) return {};
    return Error(Errc::invalid_argument,
                 fmt::format("topic '{}' has {} partitions: there is no partition {}", topic,
                             found->second, partition));
  }

  void send(std::string_view topic, PartitionIndex partition, InputRecord& record,
            std::uint64_t line) {
    for (const Header& each : add_.headers) record.headers.push_back({each.key, each.value});
    OutgoingRecord outgoing{.topic = topic,
                            .partition = partition,
                            .key = record.key.is_null() ? Bytes(add_.key) : record.key,
                            .value = record.value,
                            .headers = record.headers,
                            .timestamp = record.timestamp == no_timestamp ? add_.timestamp
                                                                          : record.timestamp};
    if (add_.tombstones && outgoing.value.size() == 0) outgoing.value = Bytes();
    const Status taken = producer_.send(outgoing, tally_.callback(topic, line));
    if (!taken) tally_.failed(line, taken.error());
    record.headers.resize(record.headers.size() - add_.headers.size());
  }

  Producer& producer_;
  DeliveryTally& tally_;
  const Additions& add_;
};

void print_delivered(Context& context, const DeliveryTally& tally) {
  Report report;
  Section& section = report.add(output[0]);
  for (const auto& [id, partition] : tally.partitions()) {
    const bool known = partition.first != no_offset;
    section.rows.push_back({id.topic, std::int64_t{id.partition}, partition.records,
                            known ? Cell(partition.first) : Cell(),
                            known ? Cell(partition.last) : Cell()});
  }
  context.print(report);
}

/// Says what went wrong and gives the code that fits.
Exit report_outcome(Context& context, const DeliveryTally& tally, const RecordInput& input,
                    const Status& read) {
  const std::int64_t failed = tally.count_failed();
  const std::int64_t delivered = tally.count_delivered();
  Exit code = Exit::ok;
  if (failed > 0) {
    for (const DeliveryTally::Failure& each : tally.failures()) {
      const Exit one = fail_cluster(context, each.error,
                                    fmt::format("{}:{}", input.name(), each.line));
      if (code == Exit::ok) code = one;
    }
    context.fail(code, fmt::format("{} of {} records were not delivered; nothing behind line {} "
                                   "was read",
                                   failed, failed + delivered, input.line()));
  }
  if (!read) {
    const Exit one = fail_cluster(context, read.error());
    if (code == Exit::ok) code = one;
    context.fail(code, fmt::format("nothing from line {} on was sent; {} records were delivered",
                                   input.line(), delivered));
  }
  return code != Exit::ok && delivered > 0 ? Exit::partial : code;
}

/// A file descriptor that is closed again, unless it is stdin.
class InputFile {
 public:
  explicit InputFile(int fd) : fd_(fd) {}
  ~InputFile() {
    if (fd_ > STDIN_FILENO) close(fd_);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::span<const SectionSpec> produce_output() { return output; }

Exit run_produce(Context& context) {
  auto reader = make_reader(context);
  if (!reader) return context.fail(reader.error());
  const auto add = read_additions(context);
  if (!add) return context.fail(add.error());
  const std::string path = context.text("--file").value_or("-");
  const bool from_stdin = path == "-";
  const InputFile file(from_stdin ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) {
    return context.fail(errno == ENOENT ? Exit::not_found : Exit::failed,
                        fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  }
  std::optional<TopicSizes> known;
  if (!context.has("--create")) {
    auto sizes = topic_sizes(context, add->topic);
    if (!sizes && sizes.error().code() == Errc::not_found) {
      return context.fail(sizes.error(),
                          "'horolog topic create' makes it; --create lets the broker do it");
    }
    if (!sizes) return fail_cluster(context, sizes.error());
    known = std::move(*sizes);
  }
  DeliveryTally tally;
  auto producer = Producer::open(producer_options(context));
  if (!producer) return fail_cluster(context, producer.error());
  if (from_stdin && context.console().in_is_terminal) {
    context.note("each line is a record; Ctrl-D ends");
  }
  RecordInput input(file.fd(), from_stdin ? "stdin" : path, **reader);
  const Status read = Sending(*producer, tally, *add).run(input, known);
  // The delivery timeout ends every record before this does.
  constexpr std::chrono::hours long_enough{24};
  const Status flushed = producer->close(long_enough);
  if (!flushed && tally.count_failed() == 0) tally.failed(input.line(), flushed.error());
  if (tally.count_delivered() > 0) print_delivered(context, tally);
  return report_outcome(context, tally, input, read);
}

}  // namespace horolog::command
