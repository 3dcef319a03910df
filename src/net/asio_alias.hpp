#pragma once

#include <boost/asio.hpp>

namespace horolog {
namespace asio = boost::asio;

namespace net {
/// A TCP socket of a shard: names the executor's type, which saves what any_io_executor costs.
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
}  // namespace net
}  // namespace horolog
