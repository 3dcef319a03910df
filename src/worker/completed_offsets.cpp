#include "worker/completed_offsets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>

#include "base/assert.hpp"
#include "worker/base64.hpp"

namespace horolog::worker {
namespace {

constexpr std::string_view mark = "h1", starts_mark = "s:", bitmap_mark = "b:", runs_mark = "r:";
/// A run of the second form takes at most that many bytes for lengths below 2^35.
constexpr std::size_t longest_run = 5;
/// More than any client's metadata can say, and little enough to allocate.
constexpr Offset farthest = Offset{1} << 34;

constexpr std::size_t text_length(std::size_t bytes) {
  return mark.size() + bitmap_mark.size() + (bytes * 4 + 2) / 3;
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80U | (value & 0x7fU));
  out += static_cast<char>(value);
}

bool take_varint(std::string_view& in, Offset& value) {
  std::uint64_t sum = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    if (in.empty()) return false;
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    sum |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) {
      value = static_cast<Offset>(sum);
      return true;
    }
  }
  return false;
}

/// Takes "2000,32" off the front, up to a ';'.
bool take_distances(std::string_view& in, std::vector<Offset>& out) {
  for (bool more = true; more;) {
    Offset value = 0;
    const auto [end, error] = std::from_chars(in.data(), in.data() + in.size(), value);
    if (error != std::errc{} || value < 1 || value > farthest) return false;
    out.push_back(value);
    in.remove_prefix(static_cast<std::size_t>(end - in.data()));
    more = in.starts_with(',');
    if (!in.empty() && in.front() != ',' && in.front() != ';') return false;
    if (more) in.remove_prefix(1);
  }
  return std::is_sorted(out.rbegin(), out.rend());
}

Error corrupt(std::string_view metadata, std::string_view why) {
  return {Errc::corrupt, fmt::format("the committed metadata '{}' is no list of completed offsets: "
                                     "{}", metadata.substr(0, 40), why)};
}

}  // namespace

Result<CompletedOffsets> CompletedOffsets::parse(Offset next, std::string_view metadata) {
  CompletedOffsets out(next);
  // confluent-kafka for Python sends the end of its C string along.
  while (metadata.ends_with('\0')) metadata.remove_suffix(1);
  if (!metadata.starts_with(mark)) return out;
  std::string_view text = metadata.substr(mark.size());
  if (text.starts_with(starts_mark)) {
    text.remove_prefix(starts_mark.size());
    if (!take_distances(text, out.died_below_))
      return corrupt(metadata, "its starts make no sense");
    for (Offset& each : out.died_below_) each += next;
    if (text.empty()) return out;
    text.remove_prefix(1);
  }
  const bool bits = text.starts_with(bitmap_mark);
  if (!bits && !text.starts_with(runs_mark)) return corrupt(metadata, "its form is not known");
  const auto bytes = base64_bytes(text.substr(bitmap_mark.size()));
  if (!bytes) return corrupt(metadata, "not in base64");
  if (bits) {
    for (std::size_t i = 0; i < bytes->size() * 8; ++i) {
      const auto byte = static_cast<std::uint8_t>((*bytes)[i / 8]);
      if ((byte >> i % 8 & 1U) == 0) continue;
      const Offset at = next + 1 + static_cast<Offset>(i);
      insert(out.complete_, at, at + 1);
    }
  } else {
    std::string_view in = *bytes;
    for (Offset at = next; !in.empty();) {
      Offset open = 0, over = 0;
      if (!take_varint(in, open) || !take_varint(in, over) || open < 1 || over < 1 ||
          open > farthest || over > farthest)
        return corrupt(metadata, "its runs make no sense");
      insert(out.complete_, at + open, at + open + over);
      at += open + over;
    }
  }
  if (!out.complete_.empty()) out.top_ = std::prev(out.complete_.end())->second - 1;
  return out;
}

std::string CompletedOffsets::metadata() const {
  std::vector<Offset> below = died_below_;
  below.push_back(started_below_);
  std::sort(below.rbegin(), below.rend());
  // The farthest go first: what is nearest is what may be to blame for most deaths.
  if (below.size() > most_deaths) below.erase(below.begin(), below.end() - most_deaths);
  std::string starts;
  for (const Offset each : below)
    if (each > next_)
      starts += fmt::format("{}{}", starts.empty() ? "" : ",", std::min(each - next_, farthest));
  const std::string above = over();
  if (starts.empty()) return above.empty() ? "" : fmt::format("{}{}", mark, above);
  return fmt::format("{}{}{}{}{}", mark, starts_mark, starts, above.empty() ? "" : ";", above);
}

std::size_t CompletedOffsets::deaths(Offset offset) const {
  return static_cast<std::size_t>(std::count_if(died_below_.begin(), died_below_.end(),
                                                [&](Offset end) { return offset < end; }));
}

std::string CompletedOffsets::over() const {
  if (complete_.empty()) return {};
  const auto reach = static_cast<std::size_t>(std::prev(complete_.end())->second - 1 - next_);
  std::string as_runs = runs();
  // A far-off end would make a huge bitmap only to be thrown away.
  if (reach / 8 > as_runs.size()) return fmt::format("{}{}", runs_mark, base64_text(as_runs));
  const std::string as_bits = bitmap();
  const bool shorter = as_runs.size() < as_bits.size();
  return fmt::format("{}{}", shorter ? runs_mark : bitmap_mark,
                     base64_text(shorter ? as_runs : as_bits));
}

std::string CompletedOffsets::bitmap() const {
  const auto reach = static_cast<std::size_t>(std::prev(complete_.end())->second - 1 - next_);
  std::string bytes((reach + 7) / 8, '\0');
  for (const auto& [first, end] : complete_) {
    for (Offset at = first; at < end; ++at) {
      const auto i = static_cast<std::size_t>(at - next_ - 1);
      bytes[i / 8] = static_cast<char>(static_cast<std::uint8_t>(bytes[i / 8]) | 1U << i % 8);
    }
  }
  return bytes;
}

std::string CompletedOffsets::runs() const {
  std::string bytes;
  Offset at = next_;
  for (const auto& [first, end] : complete_) {
    put_varint(bytes, static_cast<std::uint64_t>(first - at));
    put_varint(bytes, static_cast<std::uint64_t>(end - first));
    at = end;
  }
  return bytes;
}

std::size_t CompletedOffsets::count_above() const {
  std::size_t count = 0;
  for (const auto& [first, end] : complete_) count += static_cast<std::size_t>(end - first);
  return count;
}

bool CompletedOffsets::contains(Offset offset) const {
  return offset < next_ || holds(complete_, offset) || holds(gaps_, offset);
}

bool CompletedOffsets::try_start(Offset offset, std::size_t metadata_bytes) {
  HOROLOG_ASSERT(!contains(offset));
  const Offset top = std::max(top_, offset);
  const auto reach = static_cast<std::size_t>(top - next_);
  // Each task that is over may begin an interval of its own: the worst order of ends.
  const std::size_t intervals = complete_.size() + started_ + 1;
  const bool fits = text_length((reach + 7) / 8) <= metadata_bytes ||
                    (reach < static_cast<std::size_t>(farthest) &&
                     text_length(intervals * 2 * longest_run) <= metadata_bytes);
  if (!fits && offset != next_) return false;
  top_ = top;
  ++started_;
  return true;
}

void CompletedOffsets::complete(Offset offset) {
  HOROLOG_ASSERT(started_ > 0);
  --started_;
  if (offset < next_) return;
  insert(complete_, offset, offset + 1);
  top_ = std::max(top_, offset);
  advance();
}

void CompletedOffsets::gap(Offset first, Offset end) {
  first = std::max(first, next_);
  if (first >= end) return;
  insert(gaps_, first, end);
  advance();
}

void CompletedOffsets::advance() {
  const auto pass = [this](Intervals& intervals) {
    const auto first = intervals.begin();
    if (first == intervals.end() || first->first > next_) return false;
    next_ = std::max(next_, first->second);
    intervals.erase(first);
    return true;
  };
  while (pass(complete_) || pass(gaps_)) {
  }
  top_ = std::max(top_, next_);
}

void CompletedOffsets::insert(Intervals& intervals, Offset first, Offset end) {
  auto after = intervals.upper_bound(first);
  if (after != intervals.begin() && std::prev(after)->second >= first) {
    --after;
    first = after->first;
    end = std::max(end, after->second);
    after = intervals.erase(after);
  }
  while (after != intervals.end() && after->first <= end) {
    end = std::max(end, after->second);
    after = intervals.erase(after);
  }
  intervals.emplace(first, end);
}

bool CompletedOffsets::holds(const Intervals& intervals, Offset offset) {
  const auto after = intervals.upper_bound(offset);
  return after != intervals.begin() && std::prev(after)->second > offset;
}

}  // namespace horolog::worker
