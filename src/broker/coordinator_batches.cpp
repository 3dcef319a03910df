#include "broker/coordinator_batches.hpp"

#include "base/limits.hpp"
#include "record/builder.hpp"

namespace horolog::broker {
namespace {

constexpr std::size_t batch_bytes = 512 * limits::KiB;

}  // namespace

Result<ByteBuffer> build_batches(const std::vector<coordinator::Record>& records, TimestampMs now,
                                 std::optional<RecordsTransaction> transaction) {
  record::BatchOptions options;
  if (transaction) {
    options.producer_id = transaction->producer_id;
    options.producer_epoch = transaction->producer_epoch;
    options.transactional = true;
  }
  ByteBuffer out;
  record::BatchBuilder builder(options);
  const auto flush = [&]() -> Status {
    HOROLOG_ASSIGN(const ByteBuffer batch, builder.build());
    out.insert(out.end(), batch.begin(), batch.end());
    return {};
  };
  for (const coordinator::Record& record : records) {
    const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
    builder.add(ByteView(record.key), value, now);
    if (builder.uncompressed_bytes() >= batch_bytes) HOROLOG_TRY(flush());
  }
  if (!builder.empty()) HOROLOG_TRY(flush());
  return out;
}

}  // namespace horolog::broker
