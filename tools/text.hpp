#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/types.hpp"

/// Times, durations, sizes and bytes as people write and read them. Pure.
namespace horolog::command {

/// 2026-01-31T09:00:00.000Z
std::string format_time(TimestampMs time);
/// The two largest units: "3h12m", "45.2s", "120ms", "4d3h".
std::string format_duration(std::int64_t ms);
/// Powers of 1024: "1.5 GiB".
std::string format_bytes(std::int64_t bytes);

/// "250ms", "1.5s", "2h", "7d", "1h30m"; a bare number counts seconds. Milliseconds, or nullopt.
std::optional<std::int64_t> parse_duration(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);

/// A point in time and how it was read.
struct ParsedTime {
  TimestampMs time = 0;
  bool zone_assumed = false;  ///< none was written: UTC was taken
};
/// "2026-01-31", "2026-01-31T10:00", "…T10:00:00.123+01:00", "…Z", "now", "-2h" or "2h" (ago),
/// "1769850000000ms" or 13 digits (epoch milliseconds), 10 digits (epoch seconds).
std::optional<ParsedTime> parse_time(std::string_view text, TimestampMs now);

std::vector<std::string_view> split(std::string_view text, char at);
std::string join(const std::vector<std::string>& parts, std::string_view between);

bool is_utf8(ByteView bytes);
std::string to_base64(ByteView bytes);
std::optional<ByteBuffer> from_base64(std::string_view text);
std::string to_hex(ByteView bytes);
std::optional<ByteBuffer> from_hex(std::string_view text);

/// Shell-style: `*` and `?`, over the whole text.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace horolog::command
