#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/options.hpp"
#include "bench/process.hpp"

/// Servers that a benchmark starts on loopback in a folder of its own, measures and ends.
namespace horolog::bench {

class Node {
 public:
  virtual ~Node() = default;
  virtual std::string address() const = 0;
  virtual std::int64_t pid() const = 0;
  /// Words for a load's command line: where it is, and what of it can be measured.
  virtual std::vector<std::string> load_words() const;
};

/// horologd. `folder` keeps its data: what is there already is used.
class HorologNode : public Node {
 public:
  HorologNode(const std::string& program, const std::string& folder,
              const std::vector<std::string>& settings = {});

  std::string address() const override { return address_; }
  std::int64_t pid() const override { return process_->pid(); }
  std::string admin() const { return admin_; }
  std::vector<std::string> load_words() const override;
  /// From the start of the process until it said that it is ready.
  double ready_seconds() const { return ready_seconds_; }
  Process& process() { return *process_; }

 private:
  std::string address_;
  std::string admin_;
  std::unique_ptr<Process> process_;
  double ready_seconds_ = 0;
};

/// Apache Kafka by bench/peers/kafka.sh, with its own defaults.
class KafkaNode : public Node {
 public:
  KafkaNode(const std::string& script, const std::string& folder);
  ~KafkaNode() override;

  std::string address() const override { return address_; }
  std::int64_t pid() const override { return pid_; }

 private:
  std::string script_;
  std::string folder_;
  std::string address_;
  std::int64_t pid_ = 0;
};

/// redis-server with an append-only file that is synced before every answer.
class RedisNode : public Node {
 public:
  RedisNode(const std::string& program, const std::string& folder);

  std::string address() const override { return address_; }
  std::int64_t pid() const override { return process_->pid(); }

 private:
  std::string address_;
  std::unique_ptr<Process> process_;
};

/// A folder that is made, and removed with all that is in it.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

/// The options of every command that starts horologd, and their values.
std::vector<OptionSpec> with_node_options(std::vector<OptionSpec> own);
std::string horologd_of(const Options& options);

}  // namespace horolog::bench
