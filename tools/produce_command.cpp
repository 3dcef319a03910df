// horolog produce: records from text.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "horolog/producer.hpp"
#include "tools/cluster_settings.hpp"
#include "tools/delivery_tally.hpp"
#include "tools/produce_options.hpp"
#include "tools/progress.hpp"
#include "tools/record_input.hpp"
#include "tools/stream_commands.hpp"

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

/// How far the input and the deliveries are.
std::string progress_text(int fd, const DeliveryTally& tally) {
  const std::string delivered = fmt::format("{} records delivered", tally.count_delivered());
  struct stat about {};
  if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return delivered;
  const auto read = static_cast<std::uint64_t>(std::max<off_t>(lseek(fd, 0, SEEK_CUR), 0));
  return fmt::format("{}  {}", progress_bar(read, static_cast<std::uint64_t>(about.st_size)),
                     delivered);
}

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
  // Not where the person types the records: the line would be drawn over them.
  auto progress = std::make_optional<Progress>(context, [&] {
    return progress_text(file.fd(), tally);
  });
  if (from_stdin && context.console().in_is_terminal) progress.reset();
  const Status read = Sending(*producer, tally, *add).run(input, known);
  // The delivery timeout ends every record before this does.
  constexpr std::chrono::hours long_enough{24};
  const Status flushed = producer->close(long_enough);
  progress.reset();
  if (!flushed && tally.count_failed() == 0) tally.failed(input.line(), flushed.error());
  if (tally.count_delivered() > 0) print_delivered(context, tally);
  return report_outcome(context, tally, input, read);
}

}  // namespace horolog::command
