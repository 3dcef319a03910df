#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/call.hpp"
#include "client/served.hpp"
#include "client/transport.hpp"
#include "horolog/options.hpp"
#include "net/byte_stream.hpp"
#include "net/deadline.hpp"
#include "net/frame_buffer.hpp"

namespace horolog::client {

class Loop;

/// One connection to one broker, from connecting to its end: it agrees on versions, writes requests
/// in the order given, without waiting for answers, and matches the answers to them. Anything that
/// is not the answer to the oldest request closes it: a peer that is wrong once is not believed
/// again. A connection that has ended stays so; who wants another makes one.
///
/// Belongs to the loop's thread. Owned by shared_ptr.
class Connection final : public net::IoWaiter, public std::enable_shared_from_this<Connection> {
 public:
  struct Peer {
    NodeId node = no_node;
    net::Endpoint address;
    std::string name;  ///< for errors: "broker 1 at host:9092"
  };
  struct Events {
    std::function<void()> ready;
    /// Called once, unless close() was called; never inside send(). The calls that had been sent
    /// have failed before.
    std::function<void(Error)> ended;
  };

  Connection(Loop& loop, const ClientOptions& options, Peer peer, Events events);
  ~Connection() override;

  void open(Transport& transport);
  /// Ends it now: the calls in flight fail with `why`, and no event is called any more.
  void close(const Error& why);

  /// Versions are agreed: send() may be called.
  bool ready() const { return state_ == State::ready; }
  /// Fails the call when there is no common version, else it is on its way.
  void send(std::unique_ptr<Call> call);
  std::size_t in_flight() const { return flying_.size(); }
  /// When the last request was sent or the last answer came.
  MonoNs active_at() const { return active_at_; }

  const Served& served() const { return served_; }
  const Peer& peer() const { return peer_; }

  void readable() override;
  void writable() override;

 private:
  enum class State : std::uint8_t { opening, negotiating, ready, ended };
  struct Flying {
    std::unique_ptr<Call> call;
    std::int32_t correlation_id;
    std::int16_t version;
  };
  /// Bytes to be written, and what they lie in.
  struct Chunk {
    ByteView bytes;
    std::shared_ptr<const void> owner;
    std::unique_ptr<Call> unanswered;  ///< done when this has been written
  };

  void opened(Result<Transport::Stream> stream);
  void negotiate(std::int16_t version);
  void negotiated(const Result<wire::ApiVersionsResponse>& answer);
  void write_call(std::unique_ptr<Call> call, std::int16_t version);
  void enqueue(Call::Encoded encoded);
  void flush_soon();
  void flush();
  void written(std::size_t bytes);
  void read();
  bool cut();
  bool take_frame(std::shared_ptr<net::Frame> frame);
  void watch(MonoNs due);
  void deadline_missed();
  Error lost(std::string_view what) const;
  Error strange_bytes() const;
  void end(const Error& why);
  void fail_all(const Error& why);

  Loop& loop_;
  const ClientOptions& options_;
  const Peer peer_;
  Events events_;
  State state_ = State::opening;
  std::unique_ptr<Transport::Attempt> attempt_;
  std::unique_ptr<net::ByteStream> stream_;
  net::FrameBuffer frames_;
  Served served_;
  std::deque<Flying> flying_;
  std::deque<Chunk> output_;
  std::vector<ByteView> views_;
  std::size_t output_at_ = 0;  ///< bytes of the first chunk that are written
  std::int32_t next_correlation_id_ = 0;
  net::Deadline deadline_;
  MonoNs watched_ = 0;
  MonoNs active_at_ = 0;
  bool flush_posted_ = false;
  bool write_waiting_ = false;
  bool read_waiting_ = false;
  bool answered_once_ = false;
  std::int16_t asked_version_ = 0;  ///< of ApiVersions
};

}  // namespace horolog::client
