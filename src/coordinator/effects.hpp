#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/types.hpp"
#include "protocol/messages/delete_groups.hpp"
#include "protocol/messages/describe_groups.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/list_groups.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_delete.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "protocol/messages/sync_group.hpp"
#include "protocol/messages/txn_offset_commit.hpp"

/// What goes into a coordinator and what comes out of it. A coordinator does no I/O and reads no
/// clock: its shell passes the time in, appends the records, sends the replies when they are due
/// and calls again at the wake-up time.
namespace horolog::coordinator {

/// Both clocks at one instant. Sessions and rebalances run on the steady one, so that a step of the
/// date expels nobody; what is persisted (commit times) carries the date.
struct Now {
  TimestampMs wall_ms = 0;
  std::int64_t steady_ms = 0;
};

/// Names a request to the shell that will answer it.
using Token = std::uint64_t;

/// Who asks.
struct Caller {
  Token token = 0;
  std::int16_t version = 0;  ///< of the API
  std::string client_id;
  std::string client_host;  ///< as Kafka prints it: "/127.0.0.1"
};

/// Numbers the effects that carry records, from 1; 0 = none.
using WriteNumber = std::uint64_t;

/// One record of __consumer_offsets, in Kafka's exact bytes. No value = tombstone.
struct Record {
  ByteBuffer key;
  std::optional<ByteBuffer> value;

  bool operator==(const Record&) const = default;
};

/// The answer to one group of an OffsetFetch; the shell spells it as the version asks.
using FetchedGroup = wire::OffsetFetchResponse::Group;
using DescribedGroups = std::vector<wire::DescribeGroupsResponse::Group>;
using ListedGroups = std::vector<wire::ListGroupsResponse::Group>;
using DeletedGroups = std::vector<wire::DeleteGroupsResponse::Group>;

using Response =
    std::variant<wire::JoinGroupResponse, wire::SyncGroupResponse, wire::HeartbeatResponse,
                 wire::LeaveGroupResponse, wire::OffsetCommitResponse, FetchedGroup,
                 wire::TxnOffsetCommitResponse, wire::OffsetDeleteResponse, DescribedGroups,
                 ListedGroups, DeletedGroups>;

/// A reply leaves when everything it was computed from is durable: when the records of write
/// `after`, and with them of all earlier ones, are (0 = at once).
struct Reply {
  Token token = 0;
  Response response;
  WriteNumber after = 0;
};

/// Whose transactional batch records belong in.
struct TransactionalBatch {
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = -1;
};

struct Effects {
  /// To be appended in this order, before the records of any later effects. They have been replayed
  /// into the coordinator already: a shell that cannot append them must discard the coordinator
  /// and load a new one from the log.
  std::vector<Record> records;
  /// The number of this write: of the records, or of the marker that on_transaction_marker() was
  /// told of.
  WriteNumber write = 0;
  /// The records are a producer's offset commits: they go into one transactional batch of its,
  /// which the log may refuse. They have NOT been replayed, so nothing is lost then: the shell
  /// appends them and gives settle_transactional() the outcome, before any other input.
  std::optional<TransactionalBatch> transaction;
  std::vector<Reply> replies;
  /// When on_time() wants to be called, on the steady clock; replaces the time asked for before.
  std::optional<std::int64_t> wake_at_ms;
};

}  // namespace horolog::coordinator
