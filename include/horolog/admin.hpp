#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "horolog/admin_types.hpp"
#include "horolog/options.hpp"

namespace horolog {

namespace client {
class Cluster;
}

/// Looks after topics, settings, groups, offsets and transactions of a Kafka cluster or Horolog.
///
/// Every function exists twice: one waits and returns the result, one takes a callback last and
/// returns at once. The callback comes once, on the client's own thread, and must not block; do not
/// call a waiting function from it. All functions may be called on any thread, at the same time.
///
/// A request that meets a leader, coordinator or controller that has moved is repeated until
/// ClientOptions::request_timeout is over. Errors: those of the things named in the result of each
/// thing; the function's own error when nothing could be asked at all. Error::kafka_code() is the
/// broker's code.
class Admin {
 public:
  template <typename T>
  using Then = std::function<void(Result<T>)>;

  /// Errc::invalid_argument: the options. Nothing is connected yet.
  static Result<Admin> open(ClientOptions options);
  /// On connections that others use as well.
  explicit Admin(std::shared_ptr<client::Cluster> cluster);
  /// Ends what still runs, with Errc::cancelled, and its connections.
  ~Admin();
  Admin(Admin&&) noexcept;
  Admin& operator=(Admin&&) noexcept;

  // Cluster and topics.

  Result<ClusterDescription> describe_cluster();
  void describe_cluster(Then<ClusterDescription> then);

  /// Every topic, sorted by name.
  Result<std::vector<TopicDescription>> list_topics();
  void list_topics(Then<std::vector<TopicDescription>> then);

  using Topics = PerItem<std::string, TopicDescription>;
  Result<Topics> describe_topics(std::vector<std::string> names);
  void describe_topics(std::vector<std::string> names, Then<Topics> then);

  using CreatedTopics = PerItem<std::string, CreatedTopic>;
  /// `validate_only`: the broker checks and changes nothing.
  Result<CreatedTopics> create_topics(std::vector<NewTopic> topics, bool validate_only = false);
  void create_topics(std::vector<NewTopic> topics, bool validate_only, Then<CreatedTopics> then);

  using Names = PerItem<std::string, void>;
  Result<Names> delete_topics(std::vector<std::string> names);
  void delete_topics(std::vector<std::string> names, Then<Names> then);

  Result<Names> create_partitions(std::vector<NewPartitions> topics, bool validate_only = false);
  void create_partitions(std::vector<NewPartitions> topics, bool validate_only, Then<Names> then);

  /// Answers with the first offset that each partition has now.
  using LowWatermarks = PerItem<TopicPartition, Offset>;
  Result<LowWatermarks> delete_records(std::vector<RecordsToDelete> records);
  void delete_records(std::vector<RecordsToDelete> records, Then<LowWatermarks> then);

  // Settings.

  using Configs = PerItem<ConfigResource, std::vector<ConfigEntry>>;
  Result<Configs> describe_configs(std::vector<ConfigResource> resources,
                                   bool documentation = false);
  void describe_configs(std::vector<ConfigResource> resources, bool documentation,
                        Then<Configs> then);

  using Altered = PerItem<ConfigResource, void>;
  /// All changes of one resource are made together or not at all.
  Result<Altered> alter_configs(std::vector<ConfigChange> changes, bool validate_only = false);
  void alter_configs(std::vector<ConfigChange> changes, bool validate_only, Then<Altered> then);

  // Groups.

  struct Groups {
    std::vector<GroupListing> groups;  ///< sorted by id
    /// Brokers that could not be asked: their groups are missing.
    std::vector<Error> errors;
  };
  /// Groups in one of `states`; empty: in any.
  Result<Groups> list_groups(std::vector<std::string> states = {});
  void list_groups(std::vector<std::string> states, Then<Groups> then);

  using GroupDescriptions = PerItem<std::string, GroupDescription>;
  /// Groups of the classic protocol and of KIP-848's. Of one that does not exist: state "Dead", or
  /// not_found from a newer broker.
  Result<GroupDescriptions> describe_groups(std::vector<std::string> ids);
  void describe_groups(std::vector<std::string> ids, Then<GroupDescriptions> then);

  Result<Names> delete_groups(std::vector<std::string> ids);
  void delete_groups(std::vector<std::string> ids, Then<Names> then);

  using Offsets = PerItem<TopicPartition, CommittedOffset>;
  using GroupOffsets = PerItem<std::string, Offsets>;
  /// Everything committed by each group, sorted. `require_stable`: waits for open transactions.
  Result<GroupOffsets> list_group_offsets(std::vector<std::string> groups,
                                          bool require_stable = false);
  void list_group_offsets(std::vector<std::string> groups, bool require_stable,
                          Then<GroupOffsets> then);

  using Partitions = PerItem<TopicPartition, void>;
  /// Commits for a group that has no members; otherwise UNKNOWN_MEMBER_ID (Errc::not_found).
  Result<Partitions> alter_group_offsets(std::string group, std::vector<OffsetToCommit> offsets);
  void alter_group_offsets(std::string group, std::vector<OffsetToCommit> offsets,
                           Then<Partitions> then);

  Result<Partitions> delete_group_offsets(std::string group,
                                          std::vector<TopicPartition> partitions);
  void delete_group_offsets(std::string group, std::vector<TopicPartition> partitions,
                            Then<Partitions> then);

  /// Answers per member, named by its id or, without one, its instance id.
  Result<Names> remove_members(std::string group, std::vector<MemberToRemove> members,
                               std::string reason = {});
  void remove_members(std::string group, std::vector<MemberToRemove> members, std::string reason,
                      Then<Names> then);

  // Offsets and storage.

  using ListedOffsets = PerItem<TopicPartition, ListedOffset>;
  /// Each partition at most once; one request per leader.
  Result<ListedOffsets> list_offsets(std::vector<OffsetQuery> queries,
                                     Isolation isolation = Isolation::read_uncommitted);
  void list_offsets(std::vector<OffsetQuery> queries, Isolation isolation,
                    Then<ListedOffsets> then);

  using LogDirectories = PerItem<BrokerId, std::vector<LogDirectory>>;
  /// Of all brokers.
  Result<LogDirectories> describe_log_dirs();
  void describe_log_dirs(Then<LogDirectories> then);

  // Transactions.

  struct Transactions {
    std::vector<TransactionListing> transactions;  ///< sorted by id
    std::vector<Error> errors;                     ///< brokers that could not be asked
  };
  /// In one of `states`, of one of `producers`; empty: any.
  Result<Transactions> list_transactions(std::vector<std::string> states = {},
                                         std::vector<ProducerId> producers = {});
  void list_transactions(std::vector<std::string> states, std::vector<ProducerId> producers,
                         Then<Transactions> then);

  using TransactionDescriptions = PerItem<std::string, TransactionDescription>;
  Result<TransactionDescriptions> describe_transactions(std::vector<std::string> ids);
  void describe_transactions(std::vector<std::string> ids, Then<TransactionDescriptions> then);

  using Producers = PerItem<TopicPartition, std::vector<ProducerState>>;
  Result<Producers> describe_producers(std::vector<TopicPartition> partitions);
  void describe_producers(std::vector<TopicPartition> partitions, Then<Producers> then);

 private:
  std::shared_ptr<client::Cluster> cluster_;
  bool owns_cluster_ = false;
};

}  // namespace horolog
