#include <algorithm>
#include <chrono>
#include <map>

#include "client/cluster.hpp"
#include "client/schedule_names.hpp"
#include "client/schedule_records.hpp"
#include "client/schedules_core.hpp"

namespace horolog::client {
namespace {

using namespace schedule_names;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Kind = CommandDecision::Kind;

constexpr milliseconds look_again{50};

/// What the topics have said so far about some commands.
class Verdicts {
 public:
  explicit Verdicts(const std::vector<SentCommand>& commands) : commands_(commands) {
    out_.resize(commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const SentCommand& command = commands[i];
      index_[{command.partition, command.offset}] = i;
      Offset& last = last_[command.partition];
      last = std::max(last, command.offset);
    }
  }

  CommittedReader::From from() const {
    CommittedReader::From from;
    const auto begin = [&](std::string_view topic, PartitionIndex partition, Offset offset) {
      const auto [at, added] = from.try_emplace({std::string(topic), partition}, offset);
      if (!added) at->second = std::min(at->second, offset);
    };
    for (const SentCommand& command : commands_) {
      begin(topic::state, command.partition, command.state_from);
      begin(topic::runs, command.partition, command.runs_from);
    }
    return from;
  }

  Status see(const RecordView& record) {
    if (record.topic == topic::state) {
      HOROLOG_ASSIGN(const auto next, read_next_command(record));
      if (next) read_until_[record.partition] = *next;
      return {};
    }
    const auto run = read_run(record);
    // What others write into the history is not ours to judge here.
    if (!run || !run->origin_partition || !run->origin_offset) return {};
    const auto at = index_.find({*run->origin_partition, *run->origin_offset});
    if (at == index_.end()) return {};
    CommandDecision& decision = out_[at->second];
    if (run->event == event::warned) {
      decision.warnings.push_back(run->reason.value_or(""));
    } else if (run->event == event::rejected || run->event == event::stale) {
      decision.kind = run->event == event::stale ? Kind::stale : Kind::rejected;
      decision.reason = run->reason.value_or("");
      decision.column = run->column;
    }
    return {};
  }

  /// Every command has been read by its scheduler.
  bool all_read() const {
    return std::all_of(last_.begin(), last_.end(),
                       [&](const auto& each) { return has_read(each.first, each.second); });
  }
  /// Those that were read, and not refused, are accepted.
  std::vector<CommandDecision> finish() && {
    for (std::size_t i = 0; i < commands_.size(); ++i)
      if (out_[i].kind == Kind::undecided && has_read(commands_[i].partition, commands_[i].offset))
        out_[i].kind = Kind::accepted;
    return std::move(out_);
  }

 private:
  bool has_read(PartitionIndex partition, Offset offset) const {
    const auto at = read_until_.find(partition);
    return at != read_until_.end() && at->second > offset;
  }

  const std::vector<SentCommand>& commands_;
  std::vector<CommandDecision> out_;
  std::map<std::pair<PartitionIndex, Offset>, std::size_t> index_;
  std::map<PartitionIndex, Offset> last_, read_until_;
};

}  // namespace

/// The position in the state and the refusal come in one transaction, whose markers reach the two
/// partitions at their own times: so the history is read to its written end once more.
Result<std::vector<CommandDecision>> SchedulesCore::decisions(
    const std::vector<SentCommand>& commands, Schedules::Timeout timeout) {
  if (commands.empty()) return std::vector<CommandDecision>();
  const auto deadline = steady_clock::now() + timeout;
  Verdicts verdicts(commands);
  HOROLOG_ASSIGN(auto reader, CommittedReader::open(cluster_, verdicts.from()));
  Status seen;
  const auto see = [&](const RecordView& record) {
    if (seen) seen = verdicts.see(record);
  };
  while (!verdicts.all_read() && steady_clock::now() < deadline) {
    HOROLOG_TRY(reader.poll(look_again, see));
    HOROLOG_TRY(seen);
  }
  const Status ended = reader.read_to_end(see, true, std::max(deadline, steady_clock::now() +
                                                                            milliseconds(2'000)));
  HOROLOG_TRY(seen);
  if (!ended && ended.error().code() != Errc::timed_out) return ended.error();
  return std::move(verdicts).finish();
}

}  // namespace horolog::client
