#pragma once

#include <span>
#include <string_view>

namespace horolog::bench {

/// Commands that start brokers themselves, or run other commands several times.
void run_recovery(std::span<const std::string_view> args);
void run_partitions(std::span<const std::string_view> args);
void run_idle(std::span<const std::string_view> args);
void run_cleaning(std::span<const std::string_view> args);
void run_repeated(std::span<const std::string_view> args);
void run_versus(std::span<const std::string_view> args);
/// Exit status 3 when something got worse.
void run_compare(std::span<const std::string_view> args);
void run_render(std::span<const std::string_view> args);

}  // namespace horolog::bench
