#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "bench/limits/limits.hpp"
#include "bench/limits/target_file.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/socket.hpp"

/// A file in the page cache to a socket, whose other end receives and discards.
namespace horolog::bench {
namespace {

struct Source {
  int file;
  std::uint64_t file_bytes;
  std::size_t chunk;
};

void by_sendfile(int socket, const Source& source) {
  off_t at = 0;
  while (at < static_cast<off_t>(source.file_bytes)) {
    if (sendfile(socket, source.file, &at, source.chunk) < 0) system_error("sendfile");
  }
}

void by_read_and_send(int socket, const Source& source) {
  ByteBuffer buffer(source.chunk);
  for (std::uint64_t at = 0; at < source.file_bytes;) {
    const ssize_t got = pread(source.file, buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (got <= 0) system_error("pread");
    send_all(socket, ByteView(buffer).first(static_cast<std::size_t>(got)));
    at += static_cast<std::uint64_t>(got);
  }
}

void by_map(int socket, const Source& source) {
  void* map = mmap(nullptr, source.file_bytes, PROT_READ, MAP_SHARED, source.file, 0);
  if (map == MAP_FAILED) system_error("mmap");
  const ByteView bytes(static_cast<const std::byte*>(map), source.file_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += source.chunk) {
    send_all(socket, bytes.subspan(at, std::min(source.chunk, bytes.size() - at)));
  }
  munmap(map, source.file_bytes);
}

struct Method {
  std::string_view name;
  void (*run)(int socket, const Source& source);
};
constexpr Method methods[] = {
    {"sendfile", by_sendfile}, {"pread+send", by_read_and_send}, {"mmap+send", by_map}};

struct Measured {
  double seconds;
  double server_cpu_seconds;
};

Measured measure(const Method& method, const Source& source, std::uint64_t bytes) {
  std::string address;
  const Descriptor listener = listen_on_loopback(address);
  double cpu = 0;
  std::thread server([&] {
    const Descriptor peer = accept_from(listener);
    for (std::uint64_t sent = 0; sent < bytes; sent += source.file_bytes) {
      method.run(peer.get(), source);
    }
    cpu = thread_cpu_seconds();
  });
  const Descriptor socket = connect_to(address);
  ByteBuffer buffer(256 << 10);
  const std::int64_t start = mono_ns();
  while (true) {
    const ssize_t got = recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0) system_error("recv");
    if (got == 0) break;
  }
  const double seconds = static_cast<double>(mono_ns() - start) / 1e9;
  server.join();
  return {seconds, cpu};
}

}  // namespace

void limit_fetch_source(Arguments args) {
  const Options options("limits fetch-source",
                        {{"dir", ".", "folder for the file"},
                         {"chunk", "", "bytes per call; by default both 128K and 1M"},
                         {"bytes", "2G", "bytes to send by each method"},
                         {"file-bytes", "512M", "size of the file, cached"}},
                        args);
  TargetFile file(options.text("dir"), TargetFile::Kind::prewritten, options.bytes("file-bytes"));
  const std::uint64_t file_bytes = options.bytes("file-bytes");
  const std::uint64_t bytes =
      std::max(options.bytes("bytes") / file_bytes, std::uint64_t{1}) * file_bytes;
  std::vector<std::size_t> chunks = {128 << 10, 1 << 20};
  if (!options.text("chunk").empty()) chunks = {options.bytes("chunk")};
  Report report("limits fetch-source");
  report.add("bytes", bytes);
  std::string best;
  double best_rate = 0;
  for (const std::size_t chunk : chunks) {
    for (const Method& method : methods) {
      const std::string name = fmt::format("{}_{}K", method.name, chunk >> 10);
      const Measured measured = measure(method, {file.fd(), file_bytes, chunk}, bytes);
      const double rate = static_cast<double>(bytes) / 1e6 / measured.seconds;
      report.add(name + "_mb_per_s", rate);
      report.add(name + "_cpu_s_per_gb",
                 measured.server_cpu_seconds / (static_cast<double>(bytes) / 1e9));
      if (rate > best_rate) best = name;
      best_rate = std::max(rate, best_rate);
    }
  }
  report.add("best", best);
  report.add("mb_per_s", best_rate);
  report.print();
}

}  // namespace horolog::bench
