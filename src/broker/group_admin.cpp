// DescribeGroups 0–6, ListGroups 0–5, DeleteGroups 0–2. Groups of one request may live on several
// coordinators: each is asked, and the answer keeps the order of the request.

#include "broker/group_calls.hpp"
#include "broker/handlers.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

/// READ 3, DELETE 6, DESCRIBE 8, DESCRIBE_CONFIGS 10, ALTER_CONFIGS 11 (KIP-430).
constexpr std::int32_t all_group_operations = 0b1101'0100'1000;

/// Asks the coordinator of every group and answers with one outcome per group. `Outcomes` is what
/// the coordinator gives for a list of groups.
template <typename Outcomes, typename Ask>
void for_each_group(Context& context, const coordinator::Caller& caller,
                    const std::vector<std::string>& groups, Ask ask,
                    std::function<void(Outcomes)> done) {
  if (groups.empty()) return done({});
  using Outcome = typename Outcomes::value_type;
  const auto gather = std::make_shared<Gather<Outcome>>(groups.size(), std::move(done));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    context.groups.call(
        groups[i], caller,
        [ask, group = groups[i]](auto& machine, const auto& from, auto now) {
          return ask(machine, from, std::vector<std::string>{group}, now);
        },
        [gather, i, group = groups[i]](ErrorCode error, coordinator::Response* response) {
          if (response != nullptr) {
            return gather->set(i, std::move(std::get<Outcomes>(*response).at(0)));
          }
          Outcome outcome;
          outcome.group_id = group;
          outcome.error_code = error;
          gather->set(i, std::move(outcome));
        });
  }
}

}  // namespace

void handle_describe_groups(Context& context, Request request) {
  const auto asked = request.decode<wire::DescribeGroupsRequest>();
  if (!asked) return;
  const coordinator::Caller caller = caller_of(request);
  const auto held = std::make_shared<Request>(std::move(request));
  for_each_group<coordinator::DescribedGroups>(
      context, caller, asked->groups,
      [](auto& machine, const auto& from, const auto& groups, auto now) {
        return machine.describe(from, groups, now);
      },
      [held, operations = asked->include_authorized_operations](
          coordinator::DescribedGroups described) {
        wire::DescribeGroupsResponse response;
        response.groups = std::move(described);
        for (auto& group : response.groups) {
          if (operations && group.error_code == ErrorCode::none) {
            group.authorized_operations = all_group_operations;
          }
        }
        held->reply(response);
      });
}

void handle_delete_groups(Context& context, Request request) {
  const auto asked = request.decode<wire::DeleteGroupsRequest>();
  if (!asked) return;
  const coordinator::Caller caller = caller_of(request);
  const auto held = std::make_shared<Request>(std::move(request));
  for_each_group<coordinator::DeletedGroups>(
      context, caller, asked->groups_names,
      [](auto& machine, const auto& from, const auto& groups, auto now) {
        return machine.delete_groups(from, groups, now);
      },
      [held](coordinator::DeletedGroups deleted) {
        wire::DeleteGroupsResponse response;
        response.results = std::move(deleted);
        held->reply(response);
      });
}

void handle_list_groups(Context& context, Request request) {
  auto decoded = request.decode<wire::ListGroupsRequest>();
  if (!decoded) return;
  if (!context.groups.has_topic()) return request.reply(wire::ListGroupsResponse{});
  const auto asked = std::make_shared<const wire::ListGroupsRequest>(std::move(*decoded));
  const coordinator::Caller caller = caller_of(request);
  const auto held = std::make_shared<Request>(std::move(request));
  const auto partitions = static_cast<std::size_t>(context.groups.partitions());
  const auto gather = std::make_shared<Gather<wire::ListGroupsResponse>>(
      partitions, [held](std::vector<wire::ListGroupsResponse> parts) {
        wire::ListGroupsResponse response;
        for (auto& part : parts) {
          if (part.error_code != ErrorCode::none) response.error_code = part.error_code;
          std::move(part.groups.begin(), part.groups.end(), std::back_inserter(response.groups));
        }
        if (response.error_code != ErrorCode::none) response.groups.clear();
        held->reply(response);
      });
  for (std::size_t i = 0; i < partitions; ++i) {
    context.groups.call_partition(
        static_cast<PartitionIndex>(i), caller,
        [asked](auto& machine, const auto& from, auto now) {
          return machine.list(from, *asked, now);
        },
        [gather, i](ErrorCode error, coordinator::Response* response) {
          wire::ListGroupsResponse part;
          part.error_code = error;
          if (response) part.groups = std::move(std::get<coordinator::ListedGroups>(*response));
          gather->set(i, std::move(part));
        });
  }
}

}  // namespace horolog::broker
