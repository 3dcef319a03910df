// Fetch 4–18, with incremental sessions (KIP-227). What a request does is in rooms of their own:
// fetch_session* keeps a client's partitions between requests, fetch_reader reads one of them, and
// fetch_poll waits and answers. Records are sent from the segment files, never copied here.

#include <utility>

#include "broker/connection_state.hpp"
#include "broker/fetch_poll.hpp"
#include "broker/handlers.hpp"
#include "protocol/messages/fetch.hpp"

namespace horolog::broker {
namespace {

/// Consumers send -1; -2 is a debugging consumer. Others claim to be replicas (CVE-2018-1288).
constexpr std::int32_t lowest_replica_id = 0;

}  // namespace

void handle_fetch(Context& context, Request request) {
  auto asked = request.decode<wire::FetchRequest>();
  if (!asked) return;
  if (asked->replica_id >= lowest_replica_id ||
      asked->replica_state.replica_id >= lowest_replica_id) {
    request.close("a fetch that claims to come from a replica: there are none");
    return;
  }
  ConnectionState& state = ConnectionState::of(*request.connection);
  const auto poll = std::make_shared<FetchPoll>(context, std::move(request), std::move(*asked));
  state.fetch = poll;
  poll->start();
}

}  // namespace horolog::broker
