#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/socket.hpp"
#include "horolog/types.hpp"

namespace horolog::bench {

/// Blocking requests on one connection: what a load needs before and after it runs. Failures end
/// the program with a message.
class Broker {
 public:
  explicit Broker(const std::string& address);

  /// Creates `topic` with those configs ("key=value") and waits until every partition has a leader.
  void create_topic(const std::string& topic, std::int32_t partitions,
                    const std::vector<std::string>& configs);
  /// The end of a partition as consumers see it.
  Offset end_offset(const std::string& topic, std::int32_t partition);
  /// A producer id of its own, with epoch 0.
  ProducerId new_producer();

 private:
  template <typename Response, typename Request>
  Response call(const Request& request, std::int16_t version);

  std::string address_;
  Descriptor socket_;
};

/// The options that every load has, and what follows from them.
std::vector<OptionSpec> with_load_options(std::vector<OptionSpec> own);

struct LoadTarget {
  explicit LoadTarget(const Options& options);

  std::string address;
  std::string topic;
  std::int32_t partitions;
  std::vector<std::string> configs;
  /// Of --broker-pid, when given.
  std::optional<std::int64_t> pid;

  /// Creates the topic unless --create no. Seconds until every partition had its leader.
  double prepare() const;
  std::optional<ProcessUsage> usage() const;

 private:
  bool create_;
};

}  // namespace horolog::bench
