#include "bench/nodes.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <ctime>
#include <filesystem>
#include <fstream>

#include "bench/report.hpp"
#include "bench/socket.hpp"

namespace horolog::bench {
namespace {

namespace fs = std::filesystem;

constexpr int start_attempts = 1000;

bool can_bind(const Descriptor& fd, std::uint16_t& port) {
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  self.sin_port = htons(port);
  socklen_t size = sizeof self;
  auto* const generic = reinterpret_cast<sockaddr*>(&self);
  if (bind(fd.get(), generic, size) != 0) return false;
  getsockname(fd.get(), generic, &size);
  port = ntohs(self.sin_port);
  return true;
}

/// A loopback port whose neighbour is free too (metrics, or Apache Kafka's controller).
std::uint16_t free_port() {
  for (;;) {
    const Descriptor first(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Descriptor second(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    std::uint16_t port = 0;
    if (!can_bind(first, port) || port == 65535) continue;
    auto next = static_cast<std::uint16_t>(port + 1);
    if (can_bind(second, next)) return port;
  }
}

/// Until something listens there.
void wait_for_listener(const std::string& what, std::uint16_t port) {
  for (int attempt = 0; attempt < start_attempts; ++attempt) {
    const Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer.sin_port = htons(port);
    if (connect(fd.get(), reinterpret_cast<sockaddr*>(&peer), sizeof peer) == 0) return;
    const timespec pause{0, 10'000'000};
    nanosleep(&pause, nullptr);
  }
  run_error(what + " does not listen; its folder has its log");
}

}  // namespace

std::vector<std::string> Node::load_words() const {
  return {"--bootstrap", address(), "--broker-pid", std::to_string(pid())};
}

HorologNode::HorologNode(const std::string& program, const std::string& folder,
                         const std::vector<std::string>& settings) {
  fs::create_directories(folder);
  const std::uint16_t port = free_port();
  address_ = fmt::format("127.0.0.1:{}", port);
  admin_ = fmt::format("127.0.0.1:{}", port + 1);
  std::vector<std::string> command = {program,    "--data-dir", folder + "/data", "--listen",
                                      address_, "--set",      "admin.listener=" + admin_};
  for (const std::string& setting : settings) command.insert(command.end(), {"--set", setting});
  const std::int64_t began = mono_ns();
  process_ = std::make_unique<Process>(command, folder + "/stderr.log");
  const std::string line = process_->read_line();
  ready_seconds_ = static_cast<double>(mono_ns() - began) / 1e9;
  if (line.find("ready") == std::string::npos) {
    std::ifstream log(folder + "/stderr.log");
    const std::string text{std::istreambuf_iterator<char>(log), {}};
    run_error(fmt::format("{} did not start: {}", program, text));
  }
}

std::vector<std::string> HorologNode::load_words() const {
  std::vector<std::string> words = Node::load_words();
  words.insert(words.end(), {"--admin", admin_});
  return words;
}

KafkaNode::KafkaNode(const std::string& script, const std::string& folder)
    : script_(script), folder_(folder) {
  if (!fs::exists(script)) {
    run_error(script + " is missing: name bench/peers/kafka.sh by --kafka-script");
  }
  const std::uint16_t port = free_port();
  address_ = fmt::format("127.0.0.1:{}", port);
  run_program({script, "start", folder, std::to_string(port)});
  std::ifstream(folder + "/pid") >> pid_;
  // It is the script's child, not ours: nothing else would end it.
  undo_at_exit(this, [script, folder] { run_quietly({script, "stop", folder}); });
}

KafkaNode::~KafkaNode() {
  forget_undo(this);
  run_quietly({script_, "stop", folder_});
}

RedisNode::RedisNode(const std::string& program, const std::string& folder) {
  fs::create_directories(folder);
  const std::uint16_t port = free_port();
  address_ = fmt::format("127.0.0.1:{}", port);
  process_ = std::make_unique<Process>(
      std::vector<std::string>{program, "--port", std::to_string(port), "--bind", "127.0.0.1",
                               "--dir", folder, "--daemonize", "no", "--save", "",
                               "--appendonly", "yes", "--appendfsync", "always", "--logfile",
                               folder + "/redis.log"},
      folder + "/stderr.log");
  wait_for_listener(program, port);
}

ScratchFolder::ScratchFolder(const std::string& parent)
    : path_(fmt::format("{}/horolog-bench-{}-{}", parent, getpid(), mono_ns() % 1'000'000)) {
  fs::create_directories(path_);
  path_ = fs::canonical(path_);
  undo_at_exit(this, [path = path_] {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  });
}

ScratchFolder::~ScratchFolder() {
  forget_undo(this);
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::vector<OptionSpec> with_node_options(std::vector<OptionSpec> own) {
  own.push_back({"horologd", "", "the broker's program; by default the one beside this"});
  own.push_back({"dir", ".", "where data go, in a folder that is removed: the disk that is meant"});
  return own;
}

std::string horologd_of(const Options& options) {
  std::string program = options.text("horologd");
  if (program.empty()) program = fs::path(own_path()).parent_path() / "horologd";
  if (!fs::exists(program)) usage_error(program + " is missing: name the program by --horologd");
  return program;
}

}  // namespace horolog::bench
