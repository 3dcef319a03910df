#pragma once

#include <span>
#include <string_view>

namespace horolog::bench {

/// Load on a broker that runs already: Horolog or any other that speaks the protocol. Each takes
/// its command line, creates the topic it needs, prints one JSON object and ends.
void run_produce(std::span<const std::string_view> args);
void run_consume(std::span<const std::string_view> args);
void run_latency(std::span<const std::string_view> args);
/// latency, end to end.
void run_end_to_end(std::span<const std::string_view> args);
void run_durable(std::span<const std::string_view> args);
void run_connect(std::span<const std::string_view> args);
void run_group(std::span<const std::string_view> args);
void run_client(std::span<const std::string_view> args);
void run_task(std::span<const std::string_view> args);
void run_txn(std::span<const std::string_view> args);
void run_lateness(std::span<const std::string_view> args);

}  // namespace horolog::bench
