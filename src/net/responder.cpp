#include <utility>

#include "base/assert.hpp"
#include "net/request_handler.hpp"

namespace horolog::net {

void Responder::send(Response response) {
  Answer answer;
  answer.kind = Answer::Kind::response;
  answer.response = std::move(response);
  give(std::move(answer));
}

void Responder::send_nothing() {
  Answer answer;
  answer.kind = Answer::Kind::nothing;
  give(std::move(answer));
}

void Responder::close(std::string reason) {
  Answer answer;
  answer.kind = Answer::Kind::close;
  answer.reason = std::move(reason);
  give(std::move(answer));
}

void Responder::give(Answer answer) {
  HOROLOG_ASSERT(sink_ != nullptr);
  const std::shared_ptr<ResponseSink> sink = std::move(sink_);
  sink->finish(slot_, std::move(answer));
}

void Responder::drop() noexcept {
  if (sink_) close("the request was dropped without an answer");
}

}  // namespace horolog::net
