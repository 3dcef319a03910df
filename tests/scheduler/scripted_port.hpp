#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"
#include "scheduler/partition_port.hpp"
#include "scripted_watch.hpp"

namespace horolog::scheduler::testing {

/// One partition of a cluster in memory, shared by the ports of several owners. A transaction ends
/// as the test has scripted it; the last port to call init_producer() is the only one not fenced.
struct FakeCluster {
  struct Log {
    std::vector<InRecord> committed;
    Offset start = 0;
    Offset end = 0;         ///< markers and aborted records count
    Offset stable_end = 0;  ///< less than `end` while a transaction is open
  };
  std::map<Feed, Log> logs;
  FakeTopics watched;
  std::vector<Fire> fires;
  std::vector<RunRecord> runs;
  Offset committed = no_offset;
  std::string metadata;  ///< of what is committed
  TopicIdentity topics{"c", "commands-1", "state-1"};
  std::int32_t generation = 1;
  int producer = 0;

  void append(Feed feed, TimestampMs at, OutRecord record) {
    Log& log = logs[feed];
    log.committed.push_back({log.end++, at, std::move(record)});
    log.stable_end = log.end;
  }
  void marker(Feed feed) {
    Log& log = logs[feed];
    log.stable_end = ++log.end;
  }
};

class ScriptedPort final : public PartitionPort {
 public:
  explicit ScriptedPort(FakeCluster& cluster) : watch(cluster.watched), cluster_(cluster) {}

  Status init_producer() override {
    calls.push_back("init");
    if (fail_init) return Error(Errc::timed_out, "scripted");
    mine_ = ++cluster_.producer;
    return {};
  }
  Result<TopicIdentity> topics() override {
    calls.push_back("topics");
    if (fail_topics) return *fail_topics;
    found_ = cluster_.topics;
    return found_;
  }
  Result<Committed> committed() override {
    calls.push_back("committed");
    return Committed{cluster_.committed, TopicIdentity::parse(cluster_.metadata)};
  }
  Result<Offset> log_end(Feed feed) override {
    calls.push_back("end");
    return cluster_.logs[feed].end;
  }
  Result<Offset> stable_end(Feed feed) override { return cluster_.logs[feed].stable_end; }
  Result<Offset> log_start(Feed feed) override { return cluster_.logs[feed].start; }
  Result<Batch> read(Feed feed, Offset from, int) override {
    FakeCluster::Log& log = cluster_.logs[feed];
    if (feed == Feed::state) {
      calls.push_back("replay");
      state_read_from.push_back(from);
      // The markers of the owner before arrive while we wait for them.
      if (late_markers > 0 && from >= log.stable_end && --late_markers == 0)
        log.stable_end = log.end;
    }
    if (from < log.start) return Error(Errc::out_of_range, "below the log's start");
    if (from > log.end) return Error(Errc::out_of_range, "behind the log's end");
    Batch batch{.records = {}, .next = std::max(from, log.stable_end), .end = log.stable_end};
    for (const InRecord& in : log.committed)
      if (in.offset >= from && in.offset < log.stable_end) batch.records.push_back(in);
    return batch;
  }
  WatchedTopics* watched_topics() override { return &watch; }
  Written write(const Transaction& transaction, const Membership& membership) override {
    calls.push_back("write");
    Written written;
    if (!script.empty()) {
      written = script.front();
      script.pop_front();
    }
    const auto bad = std::find_if(transaction.fires.begin(), transaction.fires.end(),
                                  [this](const Fire& f) { return f.topic == broken_target; });
    if (mine_ != cluster_.producer) {
      written.kind = Written::Kind::lost;
    } else if (membership.generation != cluster_.generation) {
      written.kind = Written::Kind::old_generation;
    } else if (bad != transaction.fires.end()) {
      written = {Written::Kind::target_failed, broken_target, "scripted"};
    }
    const bool happened = written.kind == Written::Kind::committed ||
                          (written.kind == Written::Kind::unresolved && unresolved_commits);
    if (happened) commit(transaction);
    written.state_next = cluster_.logs[Feed::state].end;
    cluster_.marker(Feed::state);
    return written;
  }

  ScriptedWatch watch;
  std::vector<std::string> calls;
  /// Where each read of the state began.
  std::vector<Offset> state_read_from;
  std::deque<Written> script;
  std::string broken_target;
  bool fail_init = false;
  std::optional<Error> fail_topics;
  bool unresolved_commits = true;
  int late_markers = 0;
  std::int64_t written_at = 0;

 private:
  /// The runs are watched as well, where the test has made them a topic.
  void add_run(const RunRecord& run) {
    const auto at = cluster_.watched.topics.find(std::string(topic::runs));
    if (at == cluster_.watched.topics.end()) return;
    auto& log = at->second.front();
    log.push_back({static_cast<Offset>(log.size()), written_at, run.to_record()});
  }
  void commit(const Transaction& transaction) {
    for (const OutRecord& record : transaction.state)
      cluster_.append(Feed::state, written_at, record);
    for (const Fire& fire : transaction.fires) cluster_.fires.push_back(fire);
    for (const RunRecord& run : transaction.runs) {
      cluster_.runs.push_back(run);
      cluster_.append(Feed::runs, written_at, run.to_record());
      add_run(run);
    }
    cluster_.committed = transaction.next_command;
    cluster_.metadata = found_.to_text();
  }

  FakeCluster& cluster_;
  TopicIdentity found_;
  int mine_ = 0;
};

}  // namespace horolog::scheduler::testing
