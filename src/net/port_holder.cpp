#include "net/port_holder.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace horolog::net {
namespace {

namespace fs = std::filesystem;

/// IPv4 is held as an IPv4-mapped IPv6 address, so that both tables compare.
using Address = std::array<unsigned char, 16>;

constexpr Address mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};

bool is_any(const Address& address) {
  return address == Address{} || address == mapped_prefix;
}

std::optional<Address> parse_address(const std::string& host) {
  Address address = mapped_prefix;
  if (host.empty()) return Address{};
  if (inet_pton(AF_INET, host.c_str(), address.data() + 12) == 1) return address;
  if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

/// The kernel prints an address as 32-bit words in the machine's byte order.
std::optional<Address> parse_table_address(const std::string& hex) {
  if (hex.size() != 8 && hex.size() != 32) return std::nullopt;
  Address address = mapped_prefix;
  const std::size_t first = 16 - hex.size() / 2;
  for (std::size_t word = 0; word < hex.size() / 8; ++word) {
    std::uint32_t value = 0;
    const char* begin = hex.data() + word * 8;
    if (std::from_chars(begin, begin + 8, value, 16).ptr != begin + 8) return std::nullopt;
    std::memcpy(address.data() + first + word * 4, &value, sizeof value);
  }
  return address;
}

/// A row of /proc/net/tcp: "sl local_address rem_address st … uid timeout inode".
struct TableRow {
  Address address{};
  std::uint16_t port = 0;
  std::string inode;
};

std::optional<TableRow> parse_listening_row(const std::string& line) {
  std::istringstream words(line);
  std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout;
  TableRow row;
  words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >>
      row.inode;
  constexpr std::string_view listening = "0A";
  const std::size_t colon = local.find(':');
  if (!words || state != listening || colon == std::string::npos) return std::nullopt;
  const auto address = parse_table_address(local.substr(0, colon));
  const char* begin = local.data() + colon + 1;
  const auto port = std::from_chars(begin, local.data() + local.size(), row.port, 16);
  if (!address || port.ec != std::errc{}) return std::nullopt;
  row.address = *address;
  return row;
}

std::set<std::string> listening_sockets(const Endpoint& endpoint, const std::string& proc) {
  const auto wanted = parse_address(endpoint.host);
  std::set<std::string> sockets;
  for (const char* table : {"/net/tcp", "/net/tcp6"}) {
    std::ifstream file(proc + table);
    std::string line;
    while (std::getline(file, line)) {
      const auto row = parse_listening_row(line);
      if (!row || row->port != endpoint.port) continue;
      const bool conflicts = !wanted || is_any(*wanted) || is_any(row->address) ||
                             row->address == *wanted;
      if (conflicts) sockets.insert("socket:[" + row->inode + "]");
    }
  }
  return sockets;
}

bool holds_one_of(const fs::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator at(process / "fd", error), end; !error && at != end;
       at.increment(error)) {
    std::error_code unreadable;
    if (sockets.contains(fs::read_symlink(at->path(), unreadable).string())) return true;
  }
  return false;
}

}  // namespace

std::optional<PortHolder> find_port_holder(const Endpoint& endpoint, const std::string& proc) {
  const std::set<std::string> sockets = listening_sockets(endpoint, proc);
  if (sockets.empty()) return std::nullopt;
  std::error_code error;
  for (fs::directory_iterator at(proc, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    PortHolder holder;
    const auto pid = std::from_chars(name.data(), name.data() + name.size(), holder.pid);
    if (pid.ec != std::errc{} || pid.ptr != name.data() + name.size()) continue;
    if (!holds_one_of(at->path(), sockets)) continue;
    std::ifstream comm(at->path() / "comm");
    std::getline(comm, holder.process);
    return holder;
  }
  return std::nullopt;
}

std::string port_in_use_message(const Endpoint& endpoint, const std::string& proc) {
  const auto holder = find_port_holder(endpoint, proc);
  if (!holder) {
    return fmt::format("cannot listen on {}: in use by a process that the system does not name",
                       endpoint.to_string());
  }
  return fmt::format("cannot listen on {}: in use by pid {} ({})", endpoint.to_string(),
                     holder->pid, holder->process);
}

}  // namespace horolog::net
