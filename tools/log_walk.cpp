#include "tools/log_walk.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "storage/batch_scanner.hpp"
#include "storage/file_window.hpp"

namespace horolog::command {
namespace {

constexpr std::size_t piece_bytes = 4 << 20;
constexpr std::size_t header_bytes = record::layout::records;

class Walk {
 public:
  Walk(const storage::File& file, std::uint64_t end,
       const std::function<bool(const WalkItem&)>& seen)
      : file_(file), end_(end), window_(file, end, piece_bytes), seen_(seen) {}

  Status run() {
    HOROLOG_ASSIGN(const std::uint64_t data_end, storage::last_nonzero(file_, 0));
    while (at_ < data_end) {
      HOROLOG_ASSIGN(const auto batch, batch_at(at_));
      if (batch) {
        const std::uint64_t size = batch->size();
        if (!seen_({WalkItem::Kind::batch, at_, size, *batch, {}})) return {};
        at_ += size;
        continue;
      }
      const std::string what = why_;
      HOROLOG_ASSIGN(const std::uint64_t next, next_batch(at_ + 1, data_end));
      if (!seen_({WalkItem::Kind::damage, at_, next - at_, {}, what})) return {};
      at_ = next;
    }
    if (at_ < end_) seen_({WalkItem::Kind::prewritten, at_, end_ - at_, {}, {}});
    return {};
  }

 private:
  /// The batch that starts at `position`; nullopt, and the reason in why_, when none does.
  Result<std::optional<record::BatchView>> batch_at(std::uint64_t position) {
    using None = std::optional<record::BatchView>;
    HOROLOG_ASSIGN(ByteView bytes, window_.at(position, header_bytes));
    if (bytes.size() < header_bytes) {
      why_ = "the file ends within the header of a batch";
      return None();
    }
    const auto length = load_be<std::int32_t>(bytes.data() + record::layout::batch_length);
    const auto magic = std::to_integer<int>(bytes[record::layout::magic]);
    const std::uint64_t size = static_cast<std::uint64_t>(length) + record::layout::log_overhead;
    if (length < 0 || size < header_bytes || magic != record::magic_v2) {
      why_ = fmt::format("no batch of version 2 starts here (magic {}, length {})", magic, length);
      return None();
    }
    if (size > end_ - position) {
      why_ = fmt::format("the batch goes {} bytes beyond the end of the file",
                         size - (end_ - position));
      return None();
    }
    HOROLOG_ASSIGN(bytes, window_.at(position, static_cast<std::size_t>(size)));
    const auto batch = record::parse_batch(bytes);
    if (!batch) {
      why_ = batch.error().message();
      return None();
    }
    if (!record::verify_crc(*batch)) {
      why_ = fmt::format("the checksum of the batch with base offset {} ({} bytes) is wrong",
                         batch->base_offset(), size);
      return None();
    }
    return None(*batch);
  }

  /// Where the next good batch starts, or `data_end`.
  Result<std::uint64_t> next_batch(std::uint64_t position, std::uint64_t data_end) {
    while (position < data_end) {
      HOROLOG_ASSIGN(const ByteView bytes, window_.at(position, piece_bytes / 2));
      if (bytes.size() < header_bytes) return data_end;
      std::uint64_t hop = bytes.size() - header_bytes + 1;
      for (std::size_t i = 0; i + header_bytes <= bytes.size(); ++i) {
        if (!plausible(bytes.subspan(i))) continue;
        hop = i;
        break;
      }
      position += hop;
      if (hop + header_bytes > bytes.size()) continue;
      HOROLOG_ASSIGN(const auto found, batch_at(position));
      if (found) return position;
      ++position;
    }
    return data_end;
  }

  static bool plausible(ByteView at) {
    const std::byte* data = at.data();
    if (std::to_integer<int>(data[record::layout::magic]) != record::magic_v2) return false;
    const auto base = load_be<std::int64_t>(data);
    const auto length = load_be<std::int32_t>(data + record::layout::batch_length);
    const auto count = load_be<std::int32_t>(data + record::layout::record_count);
    const auto delta = load_be<std::int32_t>(data + record::layout::last_offset_delta);
    return base >= 0 && length >= static_cast<std::int32_t>(header_bytes -
                                                            record::layout::log_overhead) &&
           count >= 0 && delta >= count - 1;
  }

  const storage::File& file_;
  const std::uint64_t end_;
  storage::FileWindow window_;
  const std::function<bool(const WalkItem&)>& seen_;
  std::uint64_t at_ = 0;
  std::string why_;
};

}  // namespace

Status walk_log(const storage::File& file, const std::function<bool(const WalkItem&)>& seen) {
  HOROLOG_ASSIGN(const std::uint64_t size, file.size());
  return Walk(file, size, seen).run();
}

}  // namespace horolog::command
