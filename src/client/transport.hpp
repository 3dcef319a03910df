#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "horolog/error.hpp"
#include "net/byte_stream.hpp"
#include "net/endpoint.hpp"

namespace horolog::client {

class Loop;

/// Where the byte streams to brokers come from: TCP, a broker in this process, a test's script.
class Transport {
 public:
  virtual ~Transport() = default;

  /// A connection attempt that runs. Destroying it ends it: `done` is not called any more.
  class Attempt {
   public:
    virtual ~Attempt() = default;
  };
  using Stream = std::unique_ptr<net::ByteStream>;
  using Opened = std::function<void(Result<Stream>)>;

  /// Called on the loop's thread. `done` is called there, once, never inside this call; an error
  /// says which addresses were tried. The stream belongs to the loop's thread.
  virtual std::unique_ptr<Attempt> open(Loop& loop, const net::Endpoint& to, Opened done) = 0;
};

/// Looks the name up and tries its addresses in turn.
std::shared_ptr<Transport> tcp_transport();

/// Streams made by a function, for a broker in this process and for tests:
///
///     local_transport([&](Loop& loop, const net::Endpoint& to) -> Result<Transport::Stream> {
///       net::Shard& shard = shards.least_loaded();
///       auto [ours, theirs] = net::MemoryStream::pair({loop, {"client", 0}}, {shard, to});
///       server.serve(std::move(theirs), shard, "LOCAL", "User:scheduler");
///       return Transport::Stream(std::move(ours));
///     });
///
/// Every address that the broker gives leads to the same function. It runs on the loop's thread.
using MakeStream = std::function<Result<Transport::Stream>(Loop&, const net::Endpoint&)>;
std::shared_ptr<Transport> local_transport(MakeStream make);

}  // namespace horolog::client
