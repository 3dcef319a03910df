#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/context.hpp"
#include "broker/coordinator_loader.hpp"
#include "broker/partition.hpp"
#include "coordinator/effects.hpp"
#include "net/deadline.hpp"
#include "net/shard.hpp"
#include "protocol/error_code.hpp"
#include "storage/file.hpp"

namespace horolog::broker {

/// The shell of one coordinator, a pure state machine: gives it the time, appends its records to
/// its partition of the coordinator topic and lets its replies go when what they were computed from
/// is durable. Loads it from the log, and writes snapshots that keep a start short.
///
/// `Kind` says which machine: its types, how it is made, and what is peculiar to it (GroupKind,
/// TransactionKind). Derived classes perform the effects that only their machine has.
///
/// Everything but the constructor runs on `shard`; the coordinator belongs to that thread. Loading
/// and snapshots do their file work on the pool. Kept alive by its pending callbacks.
template <typename Kind>
class CoordinatorHost : public std::enable_shared_from_this<CoordinatorHost<Kind>> {
 public:
  using Machine = typename Kind::Machine;
  using Effects = typename Kind::Effects;
  using Response = typename Kind::Response;
  /// What a request does to the coordinator. Runs on the coordinator's shard.
  using Input = std::function<Effects(Machine&, const coordinator::Caller&, coordinator::Now)>;
  /// Called once: with the answer, or with why there is none. On the coordinator's shard.
  using Answer = std::function<void(wire::ErrorCode, Response*)>;

  /// `partition` may be null (quarantined): then every request is refused.
  CoordinatorHost(Context& context, storage::FileSystem& fs, net::Shard& shard,
                  std::shared_ptr<Partition> partition);
  virtual ~CoordinatorHost() = default;
  CoordinatorHost(const CoordinatorHost&) = delete;
  CoordinatorHost& operator=(const CoordinatorHost&) = delete;

  net::Shard& shard() { return shard_; }
  /// May be null.
  const std::shared_ptr<Partition>& partition() const { return partition_; }
  /// Loads on the pool; requests get COORDINATOR_LOAD_IN_PROGRESS meanwhile.
  void load();
  void call(coordinator::Caller caller, const Input& input, Answer answer);
  /// As call(), but answers as soon as the records are in the log. The answer must not be told to
  /// anyone before the log is durable up to log_end() as it is inside the callback.
  void call_early(coordinator::Caller caller, const Input& input, Answer answer);
  Offset log_end() const { return end_; }
  /// Takes no more requests. Calls back (here, or later on this shard) when a snapshot of the end
  /// stands on disk, or could not be written.
  void stop(std::function<void()> stopped);

 protected:
  enum class State : std::uint8_t { loading, ready, failed, stopped };

  /// With what the next records in a producer's transaction are appended.
  void set_token(std::optional<storage::VerificationToken> token) { token_ = token; }
  /// What this machine wants beside records, replies and time; after the append.
  virtual void perform(Effects&) {}
  /// The machine has been loaded, or never will be.
  virtual void settled() {}

  coordinator::Now now() const;
  State state() const { return state_; }
  Context& context() const { return context_; }
  /// Only in State::ready.
  Machine& machine() { return *machine_; }
  const Machine* machine_if_any() const { return machine_.get(); }
  void apply(Effects effects);
  /// Runs `then` when the records of the write are durable (at once if they are). Forgotten when
  /// the machine is given up.
  void when_written(coordinator::WriteNumber write, std::function<void()> then);
  /// Names the machine of now; lives() tells whether it still is the one that is served.
  std::uint64_t life() const { return life_; }
  bool lives(std::uint64_t life) const { return life_ == life && state_ == State::ready; }
  /// Something has been written to the partition beside the machine's records.
  void written_up_to(Offset end) { end_ = end; }
  /// The log takes no records: what is in memory is ahead of it and must go.
  void give_up(const std::string& reason);

 private:
  using Token = coordinator::Token;
  struct Asked {
    Answer answer;
    bool early = false;
  };
  struct Waiting {
    coordinator::WriteNumber after;
    Token token;  ///< 0: `then` runs instead
    Response response;
    std::function<void()> then;
  };
  struct Loaded {
    std::unique_ptr<Machine> machine;
    LoadedLog log;
  };

  std::shared_ptr<CoordinatorHost> self() { return this->shared_from_this(); }
  static Result<Loaded> read(storage::FileSystem& fs, const storage::PartitionLog& log,
                             const BrokerConfig& config);
  void loaded(Result<Loaded> result);
  void ask(coordinator::Caller caller, const Input& input, Asked asked);
  /// False when the machine had to be given up.
  bool append(const Effects& effects);
  /// The records of a producer's transaction, which the log may refuse.
  void append_and_settle(const Effects& effects);
  Result<storage::AppendInfo> write(const Effects& effects);
  /// Replies wait for the write until the log is durable up to its end of now. That asks for no
  /// sync; wait_for() does, so that a write nobody waits for (the end of a transaction whose
  /// markers stand) costs no group commit of its own.
  void track(coordinator::WriteNumber write);
  void wait_for(Waiting waiting);
  void durable(coordinator::WriteNumber write, std::uint64_t life, bool ok);
  void release();
  void answer(Token token, Response response);
  void wake_at(std::optional<std::int64_t> steady_ms);
  void maybe_snapshot();
  void snapshot(std::function<void()> done);

  Context& context_;
  storage::FileSystem& fs_;
  net::Shard& shard_;
  std::shared_ptr<Partition> partition_;
  State state_ = State::loading;
  std::unique_ptr<Machine> machine_;
  net::Deadline timer_;
  /// Counts coordinators: what was begun for an earlier one does not concern this one.
  std::uint64_t life_ = 0;
  Token next_token_ = 0;
  std::unordered_map<Token, Asked> answers_;
  std::vector<Waiting> waiting_;
  coordinator::WriteNumber durable_write_ = 0;
  Offset end_ = 0;
  std::optional<storage::VerificationToken> token_;
  std::size_t records_since_snapshot_ = 0;
  bool snapshot_running_ = false;
};

}  // namespace horolog::broker
