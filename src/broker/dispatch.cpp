#include "broker/dispatch.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "broker/connection_state.hpp"
#include "broker/fetch_poll.hpp"
#include "broker/handlers.hpp"
#include "protocol/api_table.hpp"
#include "protocol/codec.hpp"

namespace horolog::broker {
namespace {

using wire::ApiKey;

constexpr Handler table[] = {
    {ApiKey::produce, handle_produce},
    {ApiKey::fetch, handle_fetch},
    {ApiKey::list_offsets, handle_list_offsets},
    {ApiKey::metadata, handle_metadata},
    {ApiKey::offset_commit, handle_offset_commit},
    {ApiKey::offset_fetch, handle_offset_fetch},
    {ApiKey::find_coordinator, handle_find_coordinator},
    {ApiKey::join_group, handle_join_group},
    {ApiKey::heartbeat, handle_heartbeat},
    {ApiKey::leave_group, handle_leave_group},
    {ApiKey::sync_group, handle_sync_group},
    {ApiKey::describe_groups, handle_describe_groups},
    {ApiKey::list_groups, handle_list_groups},
    {ApiKey::api_versions, handle_api_versions},
    {ApiKey::create_topics, handle_create_topics},
    {ApiKey::delete_topics, handle_delete_topics},
    {ApiKey::delete_records, handle_delete_records},
    {ApiKey::init_producer_id, handle_init_producer_id},
    {ApiKey::offset_for_leader_epoch, handle_offset_for_leader_epoch},
    {ApiKey::add_partitions_to_txn, handle_add_partitions_to_txn},
    {ApiKey::add_offsets_to_txn, handle_add_offsets_to_txn},
    {ApiKey::end_txn, handle_end_txn},
    {ApiKey::write_txn_markers, handle_write_txn_markers},
    {ApiKey::txn_offset_commit, handle_txn_offset_commit},
    {ApiKey::describe_acls, handle_describe_acls},
    {ApiKey::create_acls, handle_create_acls},
    {ApiKey::delete_acls, handle_delete_acls},
    {ApiKey::describe_configs, handle_describe_configs},
    {ApiKey::alter_configs, handle_alter_configs},
    {ApiKey::alter_replica_log_dirs, handle_alter_replica_log_dirs},
    {ApiKey::describe_log_dirs, handle_describe_log_dirs},
    {ApiKey::create_partitions, handle_create_partitions},
    {ApiKey::create_delegation_token, handle_create_delegation_token},
    {ApiKey::renew_delegation_token, handle_renew_delegation_token},
    {ApiKey::expire_delegation_token, handle_expire_delegation_token},
    {ApiKey::describe_delegation_token, handle_describe_delegation_token},
    {ApiKey::delete_groups, handle_delete_groups},
    {ApiKey::elect_leaders, handle_elect_leaders},
    {ApiKey::incremental_alter_configs, handle_incremental_alter_configs},
    {ApiKey::alter_partition_reassignments, handle_alter_partition_reassignments},
    {ApiKey::list_partition_reassignments, handle_list_partition_reassignments},
    {ApiKey::offset_delete, handle_offset_delete},
    {ApiKey::describe_client_quotas, handle_describe_client_quotas},
    {ApiKey::describe_user_scram_credentials, handle_describe_user_scram_credentials},
    {ApiKey::alter_user_scram_credentials, handle_alter_user_scram_credentials},
    {ApiKey::describe_quorum, handle_describe_quorum},
    {ApiKey::update_features, handle_update_features},
    {ApiKey::describe_cluster, handle_describe_cluster},
    {ApiKey::describe_producers, handle_describe_producers},
    {ApiKey::describe_transactions, handle_describe_transactions},
    {ApiKey::list_transactions, handle_list_transactions},
    {ApiKey::list_config_resources, handle_list_config_resources},
    {ApiKey::describe_topic_partitions, handle_describe_topic_partitions},
};

HandlerFunction find_handler(ApiKey key) {
  static const auto by_key = [] {
    std::array<HandlerFunction, RequestMetrics::api_slots> functions{};
    for (const Handler& handler : table) {
      functions.at(static_cast<std::size_t>(handler.key)) = handler.run;
    }
    return functions;
  }();
  const auto index = static_cast<std::size_t>(key);
  return index < by_key.size() ? by_key[index] : nullptr;
}

}  // namespace

std::span<const Handler> handlers() { return table; }

Dispatcher::Dispatcher(Context& context) : context_(context) {
  for (const wire::ApiRow& api : wire::served_apis()) {
    HOROLOG_ASSERT(find_handler(api.key) != nullptr);
  }
}

void Dispatcher::handle(net::ConnectionInfo& connection, net::Request frame,
                        net::Responder responder) {
  Request request;
  request.connection = &connection;
  request.frame = std::move(frame);
  request.responder = std::move(responder);
  request.metrics = &context_.metrics;
  request.clock = &context_.clock;
  auto header = wire::decode_request_frame(request.frame.bytes);
  if (!header) {
    request.close("malformed request header: " + header.error().message());
    return;
  }
  request.header = std::move(header->header);
  request.body = header->body;
  const auto key = static_cast<ApiKey>(request.header.api_key);
  const wire::ApiRow* served = wire::find_api(key);
  if (served == nullptr) {
    request.close(
        fmt::format("API {} ({}) is not served", static_cast<int>(key), wire::to_string(key)));
    return;
  }
  if (!served->served.contains(request.version()) && key != ApiKey::api_versions) {
    request.close(fmt::format("{} version {} is not served (versions {} to {} are)",
                              wire::to_string(key), request.version(), served->served.min,
                              served->served.max));
    return;
  }
  find_handler(key)(context_, std::move(request));
}

void Dispatcher::connection_closed(net::ConnectionInfo& connection) {
  if (const auto fetch = ConnectionState::of(connection).fetch.lock()) fetch->connection_closed();
}

}  // namespace horolog::broker
