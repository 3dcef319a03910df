#pragma once

#include <span>
#include <string_view>

namespace horolog::bench {

/// Google Benchmark over the library's hot paths; takes that framework's own options, such as
/// --benchmark_filter=Crc.
void run_micro(std::span<const std::string_view> args);

/// What compaction of a log costs. Takes its command line, prints one JSON object and ends.
void run_clean(std::span<const std::string_view> args);

}  // namespace horolog::bench
