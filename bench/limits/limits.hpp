#pragma once

#include <span>
#include <string_view>

/// The limit programs: the least that any broker must do for a kind of load, and nothing else. What
/// they reach is what the machine gives; everything the broker reaches is told as a ratio to it.
namespace horolog::bench {

using Arguments = std::span<const std::string_view>;

void limit_produce_sink(Arguments args);
void limit_durable_ack(Arguments args);
void limit_fetch_source(Arguments args);
void limit_dirty_files(Arguments args);
void limit_round_trip(Arguments args);
void limit_small_requests(Arguments args);
void limit_timer(Arguments args);

}  // namespace horolog::bench
