#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/context.hpp"
#include "broker/group_service.hpp"
#include "broker/request.hpp"

/// What the group handlers share: the way to a coordinator and back.
namespace horolog::broker {

/// Only on the connection's shard: it reads the connection.
inline coordinator::Caller caller_of(const Request& request) {
  coordinator::Caller caller;
  caller.version = request.version();
  caller.client_id = request.header.client_id.value_or("");
  caller.client_host = "/" + request.connection->peer.host;
  return caller;
}

/// Sends a request about one group to its coordinator and answers with what comes back. `refuse`
/// makes the answer when there is no coordinator to ask (loading, or not available).
template <typename Answer>
void forward(Context& context, Request request, const std::string& group, GroupInput input,
             std::function<Answer(wire::ErrorCode)> refuse) {
  coordinator::Caller caller = caller_of(request);
  auto held = std::make_shared<Request>(std::move(request));
  context.groups.call(group, std::move(caller), std::move(input),
                      [held, refuse = std::move(refuse)](wire::ErrorCode error,
                                                         coordinator::Response* response) {
                        held->reply(response == nullptr ? refuse(error)
                                                        : std::get<Answer>(*response));
                      });
}

/// Collects the parts of an answer that several coordinators give, on several shards.
template <typename Part>
class Gather {
 public:
  /// `done` runs once, when all parts are there, on the shard of the last.
  Gather(std::size_t parts, std::function<void(std::vector<Part>)> done)
      : left_(parts), parts_(parts), done_(std::move(done)) {}

  void set(std::size_t index, Part part) {
    {
      const std::lock_guard lock(mutex_);
      parts_[index] = std::move(part);
      if (--left_ != 0) return;
    }
    done_(std::move(parts_));
  }

 private:
  std::mutex mutex_;
  std::size_t left_;
  std::vector<Part> parts_;
  std::function<void(std::vector<Part>)> done_;
};

}  // namespace horolog::broker
