// What Tasks does with dead letters: each is settled once, in one transaction with its outcome.

#include <fmt/format.h>

#include <future>
#include <utility>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "horolog/consumer.hpp"
#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"
#include "worker/dead_letters.hpp"
#include "worker/names.hpp"
#include "worker/tasks_core.hpp"

namespace horolog::worker {
namespace {

namespace event = scheduler::event;

/// offset.metadata.max.bytes of a broker that nobody has changed.
constexpr std::size_t metadata_bytes = 4'096;

std::string group_of(const std::string& letters) {
  return fmt::format("{}{}", letters, settled_suffix);
}

Result<DeadLetters> read_letters(const std::shared_ptr<client::Cluster>& cluster,
                                 const std::string& letters) {
  const auto timeout = cluster->options().request_timeout;
  ConsumerOptions options;
  options.group = group_of(letters);
  options.auto_commit = false;
  HOROLOG_ASSIGN(Consumer consumer, Consumer::open(std::move(options), cluster));
  HOROLOG_ASSIGN(const PartitionIndex count, consumer.partitions_for(letters, timeout));
  std::vector<TopicPartition> places;
  client::CommittedReader::From from;
  for (PartitionIndex p = 0; p < count; ++p) {
    places.push_back({letters, p});
    from[places.back()] = no_offset;
  }
  HOROLOG_ASSIGN(const Offsets committed, consumer.committed(places, timeout));
  DeadLetters out;
  for (const auto& [place, at] : committed) {
    HOROLOG_ASSIGN(auto settled, CompletedOffsets::parse(at.offset, at.metadata));
    out.settled_before(place, std::move(settled));
  }
  HOROLOG_ASSIGN(auto reader, client::CommittedReader::open(cluster, from));
  Status read;
  HOROLOG_TRY(reader.read_to_end([&](const RecordView& record) {
    if (read) read = out.add(record);
  }));
  HOROLOG_TRY(std::move(read));
  return out;
}

/// One transaction about letters of one topic. A second one, wherever it is, fences it.
class Settling {
 public:
  static Result<Settling> begin(std::shared_ptr<client::Cluster> cluster, std::string letters) {
    ProducerOptions options;
    options.create_topics = false;
    const auto timeout = cluster->options().request_timeout;
    options.max_block = options.delivery_timeout = timeout;
    options.transactional_id = group_of(letters);
    HOROLOG_ASSIGN(Producer producer, Producer::open(std::move(options), cluster));
    HOROLOG_TRY(producer.init_transactions(timeout));
    HOROLOG_ASSIGN(const PartitionIndex runs,
                   client::count_partitions(cluster, std::string(scheduler::topic::runs)));
    // Read only now: what an earlier one had begun is over.
    HOROLOG_ASSIGN(DeadLetters known, read_letters(cluster, letters));
    HOROLOG_TRY(producer.begin_transaction());
    return Settling(std::move(producer), std::move(known), group_of(letters), runs, timeout);
  }

  const DeadLetters& letters() const { return letters_; }

  /// Sends them once more; gives the new tasks' fire ids, in the order of the letters.
  Result<std::vector<std::string>> send_again(const std::vector<DeadLetter>& chosen) {
    std::vector<std::future<Result<Position>>> sent;
    for (const DeadLetter& letter : chosen) {
      std::vector<HeaderView> headers;
      for (const Header& each : letter.headers) headers.push_back({each.key, each.value});
      sent.push_back(producer_.submit({.topic = letter.topic, .key = letter.key,
                                       .value = letter.value, .headers = headers}));
    }
    HOROLOG_TRY(producer_.flush(timeout_));
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      HOROLOG_ASSIGN(const Position at, sent[i].get());
      ids.push_back(scheduler::produced_fire_id(chosen[i].topic, at.partition, at.offset));
    }
    return ids;
  }

  Status settle(const DeadLetter& letter, std::string_view event_name, std::string reason) {
    HOROLOG_TRY(letters_.settle(letter, metadata_bytes));
    const auto run = settled_record(letter, event_name, std::move(reason),
                                    SystemClock().wall_ms());
    return producer_.send(
        {.topic = scheduler::topic::runs,
         .partition = scheduler::canonical_partition(letter.schedule.value_or(letter.fire_id),
                                                     runs_),
         .key = run.key,
         .value = run.value});
  }

  Status commit() {
    std::vector<OffsetToCommit> offsets;
    for (const auto& [place, settled] : letters_.changed())
      offsets.push_back({.partition = place, .offset = settled.next(),
                         .metadata = settled.metadata()});
    HOROLOG_TRY(producer_.send_offsets(std::move(offsets), {.group = group_}, timeout_));
    return producer_.commit_transaction(timeout_);
  }

 private:
  Settling(Producer producer, DeadLetters letters, std::string group, PartitionIndex runs,
           std::chrono::milliseconds timeout)
      : producer_(std::move(producer)),
        letters_(std::move(letters)),
        group_(std::move(group)),
        runs_(runs),
        timeout_(timeout) {}

  Producer producer_;
  DeadLetters letters_;
  std::string group_;
  PartitionIndex runs_;
  std::chrono::milliseconds timeout_;
};

Error no_letter(const TaskInfo& task, const std::string& letters) {
  return {Errc::not_found,
          fmt::format("task {} is dead, and {} has no letter of it that is not settled: it was "
                      "sent again or discarded, or its retention has passed", task.fire_id,
                      letters)};
}

}  // namespace

Result<std::vector<DeadLetter>> TasksCore::dead_letters(const std::string& topic) {
  HOROLOG_ASSIGN(const DeadLetters letters, read_letters(cluster_, letters_topic(topic)));
  return letters.all();
}

Result<std::vector<DeadLetter>> TasksCore::retry_dead(const std::string& topic) {
  HOROLOG_ASSIGN(auto settling, Settling::begin(cluster_, letters_topic(topic)));
  std::vector<DeadLetter> chosen = settling.letters().open();
  if (chosen.empty()) return chosen;
  HOROLOG_ASSIGN(const auto ids, settling.send_again(chosen));
  for (std::size_t i = 0; i < chosen.size(); ++i)
    HOROLOG_TRY(settling.settle(chosen[i], event::retried, "sent again as " + ids[i]));
  HOROLOG_TRY(settling.commit());
  return chosen;
}

Result<TaskRetry> TasksCore::retry_letter(const TaskInfo& task) {
  const std::string letters = letters_topic(task.topic);
  HOROLOG_ASSIGN(auto settling, Settling::begin(cluster_, letters));
  const DeadLetter* const found = settling.letters().find_open(task.fire_id);
  if (found == nullptr) return no_letter(task, letters);
  const DeadLetter letter = *found;
  HOROLOG_ASSIGN(const auto ids, settling.send_again({letter}));
  HOROLOG_TRY(settling.settle(letter, event::retried, "sent again as " + ids[0]));
  HOROLOG_TRY(settling.commit());
  return TaskRetry{TaskRetry::Kind::again, ids[0], letter.topic};
}

Status TasksCore::discard(const std::string& fire_id, const std::string& reason) {
  HOROLOG_ASSIGN(const TaskInfo task, describe(fire_id));
  if (task.state() != event::dead) return Error(Errc::busy, refusal(task, "discarded"));
  const std::string letters = letters_topic(task.topic);
  HOROLOG_ASSIGN(auto settling, Settling::begin(cluster_, letters));
  const DeadLetter* const found = settling.letters().find_open(fire_id);
  if (found == nullptr) return no_letter(task, letters);
  const DeadLetter letter = *found;
  HOROLOG_TRY(settling.settle(letter, event::discarded, reason));
  return settling.commit();
}

}  // namespace horolog::worker
