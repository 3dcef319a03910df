#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "client/response_of.hpp"
#include "horolog/error.hpp"
#include "net/frame.hpp"
#include "protocol/codec.hpp"

namespace horolog::client {

using NodeId = std::int32_t;
inline constexpr NodeId no_node = -1;

/// Record data that is written to the socket from where it lies. `owner` is held until it has been
/// written (or never will be).
struct Piece {
  ByteView bytes;
  std::shared_ptr<const void> owner;
};

/// A request to be sent. Where its Records are spliced (wire::Records::spliced), `pieces` holds
/// their bytes, in the order of the fields.
template <typename R>
struct Outgoing {
  Outgoing(R message_) : message(std::move(message_)) {}
  Outgoing(R message_, std::vector<Piece> pieces_)
      : message(std::move(message_)), pieces(std::move(pieces_)) {}

  R message;
  std::vector<Piece> pieces;
};

/// An answer. Records in the message borrow from the frame: hold it (and nothing else) for as long
/// as they are used, on any thread.
template <typename M>
struct Reply {
  M message;
  std::int16_t version = 0;  ///< of the API, as negotiated with this broker
  NodeId node = no_node;     ///< who answered; negative: a bootstrap address whose id is unknown
  std::shared_ptr<const net::Frame> frame;

  M* operator->() { return &message; }
  const M* operator->() const { return &message; }
};

/// What may be left to the default of a call.
struct CallOptions {
  /// Versions that the caller can use, within what the message's schema has.
  wire::VersionRange cap{0, 0x7FFF};
  /// For everything: finding the broker, connecting, sending, the answer. 0: request_timeout.
  MonoNs timeout_ns = 0;
  /// False for Produce with acks=0: done with a default message when the bytes have been written.
  bool answered = true;
};

/// A call with its types erased: what connections carry. Belongs to the loop's thread. Exactly one
/// of answer() and fail() is called, once.
class Call {
 public:
  Call(const wire::Api& request, const wire::Api& response, const CallOptions& options)
      : request_api(request), response_api(response), cap(options.cap),
        answered(options.answered) {}
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  struct Encoded {
    wire::Spliced frame;
    std::vector<Piece> pieces;
  };
  /// Called once, when the request is about to be written.
  virtual Encoded encode(std::int16_t version, std::int32_t correlation_id,
                         const std::string& client_id) = 0;
  /// Decodes `body`, which lies in `frame`, and hands it on. An error (which was handed on as well)
  /// means that the peer is not to be trusted further. Null frame: nothing was to be answered.
  virtual Status answer(ByteView body, std::int16_t version, NodeId node,
                        std::shared_ptr<const net::Frame> frame) = 0;
  virtual void fail(Error error) = 0;

  const wire::Api& request_api;
  const wire::Api& response_api;
  const wire::VersionRange cap;
  const bool answered;
  MonoNs due = 0;
};

template <typename R>
class TypedCall final : public Call {
 public:
  using M = typename wire::ResponseOf<R>::type;
  using Build = std::function<Outgoing<R>(std::int16_t version)>;
  using Done = std::function<void(Result<Reply<M>>)>;

  TypedCall(Build build, Done done, const CallOptions& options)
      : Call(R::api, M::api, options), build_(std::move(build)), done_(std::move(done)) {}

  Encoded encode(std::int16_t version, std::int32_t correlation_id,
                 const std::string& client_id) override {
    Outgoing<R> out = std::exchange(build_, nullptr)(version);
    return {wire::encode_request(out.message, version, correlation_id, client_id),
            std::move(out.pieces)};
  }

  Status answer(ByteView body, std::int16_t version, NodeId node,
                std::shared_ptr<const net::Frame> frame) override {
    Result<M> message = frame ? wire::decode<M>(body, version) : Result<M>(M{});
    if (!message) {
      fail(message.error());
      return message.error();
    }
    finish(Reply<M>{std::move(*message), version, node, std::move(frame)});
    return {};
  }

  void fail(Error error) override { finish(std::move(error)); }

 private:
  void finish(Result<Reply<M>> result) {
    HOROLOG_ASSERT(done_);
    std::exchange(done_, nullptr)(std::move(result));
  }

  Build build_;
  Done done_;
};

}  // namespace horolog::client
