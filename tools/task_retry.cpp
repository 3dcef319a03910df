// horolog task dlq retry: dead letters become tasks again, each once.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "horolog/consumer.hpp"
#include "horolog/producer.hpp"
#include "scheduler/names.hpp"
#include "tools/cluster_access.hpp"
#include "tools/task_commands.hpp"
#include "tools/topic_scan.hpp"
#include "worker/names.hpp"

namespace horolog::command {
namespace {

using namespace std::chrono_literals;

constexpr Column retry_columns[] = {
    {.name = "topic", .key = true},
    {"tasks", ColumnType::integer, "sent, or to be sent with --execute"},
    {"sent", ColumnType::flag},
};
constexpr SectionSpec retry_output[] = {{"retried", retry_columns}};

struct Letter {
  TopicPartition place;
  Offset offset = 0;
  std::string topic;
  std::optional<std::string> key, value;
  std::vector<Header> headers;
};

/// What a new task takes along: the headers that are not ours, and how it is to be worked on. Its
/// expiry has been meant for the first time.
bool travels(std::string_view name) {
  namespace header = scheduler::header;
  constexpr std::array kept{header::max_attempts, header::backoff, header::timeout,
                            header::priority, header::lane};
  return !name.starts_with(scheduler::header_prefix) ||
         std::find(kept.begin(), kept.end(), name) != kept.end();
}

Letter letter_of(const RecordView& record) {
  Letter letter{.place = {std::string(record.topic), record.partition},
                .offset = record.offset,
                .topic = {},
                .key = record.key.to_owned(),
                .value = record.value.to_owned(),
                .headers = {}};
  for (const HeaderView& each : record.headers) {
    if (each.key == worker::header::dead_topic) letter.topic = std::string(each.value.text());
    if (travels(each.key)) letter.headers.push_back({std::string(each.key), each.value.to_owned()});
  }
  return letter;
}

/// Where the group has got to: what was sent before.
Result<std::map<TopicPartition, Offset>> sent_before(const Context& context,
                                                     const std::string& letters,
                                                     const std::string& group) {
  ConsumerOptions options;
  options.client = client_options(context);
  options.group = group;
  const auto timeout = options.client.request_timeout;
  HOROLOG_ASSIGN(Consumer consumer, Consumer::open(std::move(options)));
  HOROLOG_ASSIGN(const PartitionIndex count, consumer.partitions_for(letters, timeout));
  std::vector<TopicPartition> partitions;
  for (PartitionIndex p = 0; p < count; ++p) partitions.push_back({letters, p});
  HOROLOG_ASSIGN(const Offsets committed, consumer.committed(partitions, timeout));
  std::map<TopicPartition, Offset> out;
  for (const auto& [tp, at] : committed) out.emplace(tp, at.offset);
  return out;
}

Result<Producer> open_producer(const Context& context, const std::string& group) {
  ProducerOptions options;
  options.client = client_options(context);
  options.create_topics = false;
  options.max_block = options.delivery_timeout = options.client.request_timeout;
  // One at a time: a second call of this command fences the first.
  options.transactional_id = group;
  const auto timeout = options.client.request_timeout;
  HOROLOG_ASSIGN(Producer producer, Producer::open(std::move(options)));
  HOROLOG_TRY(producer.init_transactions(timeout));
  return producer;
}

Status send_all(Producer& producer, const std::vector<Letter>& letters, const std::string& group,
                std::chrono::milliseconds timeout) {
  HOROLOG_TRY(producer.begin_transaction());
  std::map<TopicPartition, Offset> next;
  for (const Letter& letter : letters) {
    std::vector<HeaderView> headers;
    for (const Header& each : letter.headers) headers.push_back({each.key, Bytes(each.value)});
    HOROLOG_TRY(producer.send({.topic = letter.topic, .key = letter.key, .value = letter.value,
                               .headers = headers}));
    next[letter.place] = letter.offset + 1;
  }
  std::vector<OffsetToCommit> offsets;
  for (const auto& [tp, offset] : next) offsets.push_back({.partition = tp, .offset = offset});
  HOROLOG_TRY(producer.send_offsets(std::move(offsets), {.group = group}, timeout));
  return producer.commit_transaction(timeout);
}

Result<std::vector<Letter>> read_letters(const Context& context, const std::string& topic,
                                         const std::map<TopicPartition, Offset>& from) {
  std::vector<Letter> letters;
  std::optional<Error> strange;
  HOROLOG_TRY(scan_topic(context, topic, {.offsets = from}, [&](const RecordView& record) {
    letters.push_back(letter_of(record));
    if (!letters.back().topic.empty()) return;
    strange = Error(Errc::corrupt, fmt::format("{}:{}:{} has no {}: it is no dead letter",
                                               record.topic, record.partition, record.offset,
                                               worker::header::dead_topic));
  }));
  if (strange) return *strange;
  return letters;
}

}  // namespace

std::span<const SectionSpec> task_dlq_retry_output() { return retry_output; }

Exit run_task_dlq_retry(Context& context) {
  std::string topic = context.args()[0];
  if (!topic.ends_with(worker::dead_letter_suffix)) topic += worker::dead_letter_suffix;
  const std::string group = topic + "-retried";
  const bool execute = context.has("--execute");
  std::optional<Producer> producer;
  if (execute) {
    auto opened = open_producer(context, group);
    if (!opened) return fail_cluster(context, opened.error(), topic);
    producer = std::move(*opened);
  }
  const auto from = sent_before(context, topic, group);
  if (!from) return fail_cluster(context, from.error(), topic);
  const auto letters = read_letters(context, topic, *from);
  if (!letters) return fail_cluster(context, letters.error(), topic);
  if (execute && !letters->empty()) {
    const auto timeout = client_options(context).request_timeout;
    if (const auto sent = send_all(*producer, *letters, group, timeout); !sent)
      return fail_cluster(context, sent.error(), "nothing was sent");
  }
  std::map<std::string, std::int64_t> counts;
  for (const Letter& letter : *letters) ++counts[letter.topic];
  Report report;
  Section& section = report.add(retry_output[0]);
  for (const auto& [name, count] : counts) section.rows.push_back({name, count, execute});
  context.print(report);
  if (!execute && !letters->empty()) context.note("nothing was sent: add --execute");
  return Exit::ok;
}

}  // namespace horolog::command
