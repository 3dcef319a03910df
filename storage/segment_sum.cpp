#include "storage/segment_sum.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/limits.hpp"
#include "storage/log_files.hpp"

namespace horolog::storage {
namespace {

constexpr std::size_t read_bytes = 256 * limits::KiB;
constexpr std::size_t digest_chars = 32;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

Error bad_sum() { return Error(Errc::corrupt, "a .sum file does not decode"); }

}  // namespace

ByteBuffer encode_sums(const std::vector<FileSum>& sums) {
  std::string text = fmt::format("0\n{}\n", sums.size());
  for (const FileSum& sum : sums) {
    text += fmt::format("{} {} {}\n", sum.suffix.substr(1), sum.bytes, sum.digest);
  }
  return to_buffer(as_bytes(text));
}

Result<std::vector<FileSum>> decode_sums(ByteView bytes) {
  std::string_view text = as_text(bytes);
  std::vector<FileSum> sums;
  if (take_line(text) != "0") return bad_sum();
  const std::string_view count = take_line(text);
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return bad_sum();
    FileSum sum;
    sum.suffix = fmt::format(".{}", line.substr(0, first));
    const auto [end, failed] =
        std::from_chars(line.data() + first + 1, line.data() + second, sum.bytes);
    sum.digest = line.substr(second + 1);
    if (failed != std::errc() || end != line.data() + second) return bad_sum();
    if (sum.digest.size() != digest_chars) return bad_sum();
    sums.push_back(std::move(sum));
  }
  if (count != std::to_string(sums.size()) || sums.empty()) return bad_sum();
  return sums;
}

Result<FileSum> sum_file(FileSystem& fs, const std::string& directory, Offset base,
                         std::string_view suffix, std::string_view state) {
  const std::string name = log_files::path(directory, base, suffix) + std::string(state);
  HOROLOG_ASSIGN(const auto file, fs.open(name, OpenMode::read));
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> hash_state(
      XXH3_createState(), &XXH3_freeState);
  XXH3_128bits_reset(hash_state.get());
  ByteBuffer buffer(read_bytes);
  std::uint64_t position = 0;
  while (true) {
    HOROLOG_ASSIGN(const std::size_t got, file->read_at(buffer, position));
    XXH3_128bits_update(hash_state.get(), buffer.data(), got);
    position += got;
    if (got < buffer.size()) break;
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(hash_state.get());
  return FileSum{.suffix = std::string(suffix),
                 .bytes = position,
                 .digest = fmt::format("{:016x}{:016x}", hash.high64, hash.low64)};
}

Status write_sums(FileSystem& fs, const std::string& directory, Offset base,
                  std::string_view state) {
  std::vector<FileSum> sums;
  for (const auto suffix : {log_files::log, log_files::offset_index, log_files::time_index,
                            log_files::transaction_index}) {
    const bool optional = suffix == log_files::transaction_index;
    const std::string name = log_files::path(directory, base, suffix) + std::string(state);
    if (optional && !fs.exists(name)) continue;
    HOROLOG_ASSIGN(FileSum sum, sum_file(fs, directory, base, suffix, state));
    sums.push_back(std::move(sum));
  }
  const std::string name = log_files::path(directory, base, log_files::sum) + std::string(state);
  return replace_file_unlisted(fs, name, encode_sums(sums));
}

Result<std::vector<FileSum>> read_sums(FileSystem& fs, const std::string& directory, Offset base) {
  const std::string name = log_files::path(directory, base, log_files::sum);
  HOROLOG_ASSIGN(const ByteBuffer bytes, read_whole_file(fs, name));
  auto sums = decode_sums(bytes);
  if (!sums) return sums.error().with_context(name);
  return sums;
}

Result<bool> is_finished(FileSystem& fs, const std::string& directory, Offset base,
                         std::uint64_t log_bytes) {
  const auto sums = read_sums(fs, directory, base);
  if (!sums) {
    const Errc code = sums.error().code();
    if (code == Errc::not_found || code == Errc::corrupt) return false;
    return sums.error();
  }
  return std::any_of(sums->begin(), sums->end(), [&](const FileSum& sum) {
    return sum.suffix == log_files::log && sum.bytes == log_bytes;
  });
}

}  // namespace horolog::storage
