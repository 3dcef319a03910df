#pragma once

#include <span>

#include "broker/request.hpp"
#include "protocol/api_key.hpp"

/// The list of what the broker serves: one function per API, one file per API family. Versions
/// stand in protocol/api_table.hpp. Handlers run on the connection's shard, in request order, and
/// must not block: they answer at once, or move the Request to where the answer will be known.
namespace horolog::broker {

using HandlerFunction = void (*)(Context&, Request);

struct Handler {
  wire::ApiKey key;
  HandlerFunction run;
};

/// One entry per API in protocol/api_table.hpp; a test checks that neither has more than the other.
std::span<const Handler> handlers();

// api_versions.cpp
void handle_api_versions(Context&, Request);
// produce.cpp
void handle_produce(Context&, Request);
// fetch.cpp
void handle_fetch(Context&, Request);
// list_offsets.cpp
void handle_list_offsets(Context&, Request);
void handle_offset_for_leader_epoch(Context&, Request);
// metadata.cpp
void handle_metadata(Context&, Request);
void handle_describe_cluster(Context&, Request);
// init_producer_id.cpp
void handle_init_producer_id(Context&, Request);
// create_topics.cpp, delete_topics.cpp, create_partitions.cpp, delete_records.cpp
void handle_create_topics(Context&, Request);
void handle_delete_topics(Context&, Request);
void handle_create_partitions(Context&, Request);
void handle_delete_records(Context&, Request);
// describe_configs.cpp, alter_configs.cpp
void handle_describe_configs(Context&, Request);
void handle_alter_configs(Context&, Request);
void handle_incremental_alter_configs(Context&, Request);
// find_coordinator.cpp
void handle_find_coordinator(Context&, Request);
// group_membership.cpp
void handle_join_group(Context&, Request);
void handle_sync_group(Context&, Request);
void handle_heartbeat(Context&, Request);
void handle_leave_group(Context&, Request);
// group_offsets.cpp
void handle_offset_commit(Context&, Request);
void handle_offset_fetch(Context&, Request);
void handle_offset_delete(Context&, Request);
// transaction_requests.cpp
void handle_add_partitions_to_txn(Context&, Request);
void handle_add_offsets_to_txn(Context&, Request);
void handle_end_txn(Context&, Request);
// txn_offset_commit.cpp
void handle_txn_offset_commit(Context&, Request);
// write_txn_markers.cpp
void handle_write_txn_markers(Context&, Request);
// transaction_admin.cpp
void handle_describe_transactions(Context&, Request);
void handle_list_transactions(Context&, Request);
void handle_describe_producers(Context&, Request);
// group_admin.cpp
void handle_describe_groups(Context&, Request);
void handle_list_groups(Context&, Request);
void handle_delete_groups(Context&, Request);
// elect_leaders.cpp, partition_reassignments.cpp
void handle_elect_leaders(Context&, Request);
void handle_alter_partition_reassignments(Context&, Request);
void handle_list_partition_reassignments(Context&, Request);
// log_dirs.cpp
void handle_describe_log_dirs(Context&, Request);
void handle_alter_replica_log_dirs(Context&, Request);
// describe_topic_partitions.cpp, list_config_resources.cpp
void handle_describe_topic_partitions(Context&, Request);
void handle_list_config_resources(Context&, Request);
// describe_quorum.cpp, update_features.cpp
void handle_describe_quorum(Context&, Request);
void handle_update_features(Context&, Request);
// acls.cpp, client_quotas.cpp
void handle_describe_acls(Context&, Request);
void handle_create_acls(Context&, Request);
void handle_delete_acls(Context&, Request);
void handle_describe_client_quotas(Context&, Request);
// scram_credentials.cpp
void handle_describe_user_scram_credentials(Context&, Request);
void handle_alter_user_scram_credentials(Context&, Request);
// delegation_tokens.cpp
void handle_create_delegation_token(Context&, Request);
void handle_renew_delegation_token(Context&, Request);
void handle_expire_delegation_token(Context&, Request);
void handle_describe_delegation_token(Context&, Request);

}  // namespace horolog::broker
