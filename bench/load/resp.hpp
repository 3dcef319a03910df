#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

/// As much of Redis' protocol (RESP2) as adding to a stream needs.
namespace horolog::bench {

/// `records` XADD commands, one after the other, of a value of `record_bytes` each.
ByteBuffer stream_adds(const std::string& stream, std::size_t record_bytes, std::size_t records);

/// How many bytes at the start of `bytes` are whole replies, and how many replies those are, at
/// most `wanted`. Bulk strings, simple strings and integers.
struct RespReplies {
  std::size_t bytes = 0;
  std::size_t count = 0;
  std::string error;  ///< the first error among them
};
RespReplies count_replies(std::string_view bytes, std::size_t wanted);

/// Reads the replies to `records` XADD commands; ends the program when one is an error.
void read_stream_answers(int fd, std::size_t records, ByteBuffer& scratch);

/// What an answer means by the server's appendonly and appendfsync.
std::string redis_ack_meaning(const std::string& address);
std::string describe_redis_ack(std::string_view append_only, std::string_view append_fsync);

}  // namespace horolog::bench
