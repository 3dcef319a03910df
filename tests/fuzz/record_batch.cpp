#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "record/batch.hpp"
#include "record/produce_check.hpp"
#include "record/record.hpp"

// Whatever the bytes: no read past the end, no unbounded memory, no broken invariant.

namespace {

using namespace horolog;

void require(bool condition) {
  if (!condition) std::abort();
}

void read_records(const record::BatchView& batch) {
  thread_local ByteBuffer scratch;
  const record::DecompressLimits small{.output_bytes = 1 << 20, .ratio = 1'100};
  auto reader = record::RecordReader::open(batch, scratch, small);
  if (!reader) return;
  std::int64_t sum = 0;
  while (reader->next()) {
    const record::RecordView& r = reader->record();
    require(r.offset >= batch.base_offset() || batch.base_offset() > 0);
    for (const std::byte b : r.key.value_or(ByteView{})) sum += static_cast<int>(b);
    for (const std::byte b : r.value.value_or(ByteView{})) sum += static_cast<int>(b);
    for (const record::HeaderView& h : r.headers) sum += static_cast<std::int64_t>(h.key.size());
  }
  require(sum >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  record::BatchIterator it(bytes);
  std::size_t end = 0;
  while (it.next()) {
    require(it.position() == end);
    end = it.end_position();
    require(end <= size && it.batch().size() >= record::layout::records);
    static_cast<void>(record::verify_crc(it.batch()));
    read_records(it.batch());
  }
  require(it.end_position() == end);
  const auto check = record::validate_produced(bytes, {});
  require(check.ok() == !check.batch.empty());
  return 0;
}
