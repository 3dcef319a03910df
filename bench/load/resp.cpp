#include "bench/load/resp.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <random>

#include "bench/options.hpp"
#include "bench/socket.hpp"

namespace horolog::bench {
namespace {

std::string bulk(std::string_view text) {
  return fmt::format("${}\r\n{}\r\n", text.size(), text);
}

/// The value of one setting, by CONFIG GET.
std::string setting(const Descriptor& socket, std::string_view name) {
  send_all(socket.get(), as_bytes("*3\r\n" + bulk("CONFIG") + bulk("GET") + bulk(name)));
  // An array of two bulk strings, name and value; both are short.
  std::string text;
  char buffer[512];
  std::size_t lines = 0;
  while (lines < 5) {
    const ssize_t got = recv(socket.get(), buffer, sizeof buffer, 0);
    if (got <= 0) run_error("redis closed the connection on CONFIG GET");
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.front() == '-') run_error("redis: " + text);
    lines = 0;
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
      ++lines;
    }
  }
  const std::string head = text.substr(0, text.rfind("\r\n"));
  return head.substr(head.rfind('\n') + 1);
}

}  // namespace

ByteBuffer stream_adds(const std::string& stream, std::size_t record_bytes, std::size_t records) {
  std::mt19937_64 random(42);
  std::string value(record_bytes, ' ');
  std::string out;
  for (std::size_t n = 0; n < records; ++n) {
    for (char& c : value) c = static_cast<char>('a' + random() % 26);
    out += "*5\r\n" + bulk("XADD") + bulk(stream) + bulk("*") + bulk("v") + bulk(value);
  }
  const ByteView bytes = as_bytes(out);
  return {bytes.begin(), bytes.end()};
}

RespReplies count_replies(std::string_view bytes, std::size_t wanted) {
  RespReplies replies;
  while (replies.count < wanted) {
    const std::string_view rest = bytes.substr(replies.bytes);
    const auto line_end = rest.find("\r\n");
    if (line_end == std::string_view::npos) break;
    std::size_t size = line_end + 2;
    if (rest[0] == '$') {
      std::int64_t length = 0;
      std::from_chars(rest.data() + 1, rest.data() + line_end, length);
      if (length >= 0) size += static_cast<std::size_t>(length) + 2;
    } else if (rest[0] == '-' && replies.error.empty()) {
      replies.error = rest.substr(1, line_end - 1);
    }
    if (rest.size() < size) break;
    replies.bytes += size;
    ++replies.count;
  }
  return replies;
}

void read_stream_answers(int fd, std::size_t records, ByteBuffer& scratch) {
  // What is left in `scratch` belongs to the next answer.
  std::size_t left = records;
  for (;;) {
    const std::string_view held(reinterpret_cast<const char*>(scratch.data()), scratch.size());
    const RespReplies replies = count_replies(held, left);
    if (!replies.error.empty()) run_error("redis: " + replies.error);
    left -= replies.count;
    scratch.erase(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(replies.bytes));
    if (left == 0) return;
    std::byte buffer[16 << 10];
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) run_error("redis closed the connection");
    scratch.insert(scratch.end(), buffer, buffer + got);
  }
}

std::string describe_redis_ack(std::string_view append_only, std::string_view append_fsync) {
  if (append_only == "yes" && append_fsync == "always") {
    return "DURABLE: appended and synced to disk before the answer";
  }
  return "IN MEMORY: a power cut may take it back";
}

std::string redis_ack_meaning(const std::string& address) {
  const Descriptor socket = connect_to(address);
  return describe_redis_ack(setting(socket, "appendonly"), setting(socket, "appendfsync"));
}

}  // namespace horolog::bench
