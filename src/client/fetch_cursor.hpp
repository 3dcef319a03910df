#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "client/consumer_batch.hpp"
#include "horolog/consumer_options.hpp"
#include "net/frame.hpp"
#include "protocol/messages/fetch.hpp"
#include "record/batch.hpp"
#include "record/record.hpp"

namespace horolog::client {

/// One partition's part of an answer to Fetch.
struct FetchedPart {
  std::shared_ptr<const TopicPartition> partition;
  std::shared_ptr<const void> frame;  ///< what `records` lie in
  ByteView records;
  std::vector<wire::FetchResponse::AbortedTransaction> aborted;
};

/// Reads the records out of it, some at a time. Checks frames and CRCs, decompresses, leaves out
/// control batches, what is before the position and, with read_committed, what was aborted. Trusts
/// nothing in the bytes. One thread at a time; the views it adds point into what it pins.
class FetchCursor {
 public:
  struct Options {
    Isolation isolation = Isolation::read_uncommitted;
    bool check_crcs = true;
  };

  /// `from`: the first offset wanted. The bytes may start before it.
  FetchCursor(FetchedPart part, Offset from, LeaderEpoch epoch, Options options,
              std::shared_ptr<BatchPool> pool);

  /// Adds records to `out` until it has `max`, or until all is read. Errc::corrupt and so on name
  /// partition and offset; what had been added stays good, and position() is before the damage.
  Status read(std::size_t max, BatchStorage& out);
  bool done() const { return done_; }

  /// The next offset that was not handed out, and the epoch of what is before it.
  Offset position() const { return position_; }
  LeaderEpoch epoch() const { return epoch_; }
  std::size_t bytes() const { return part_.records.size(); }
  const std::shared_ptr<const TopicPartition>& partition() const { return part_.partition; }

 private:
  Status next_batch();
  Status check_batch(const record::BatchView& batch) const;
  bool is_aborted(const record::BatchView& batch);
  void read_records(std::size_t max, BatchStorage& out);
  Error damaged(const Error& what) const;

  FetchedPart part_;
  Options options_;
  std::shared_ptr<BatchPool> pool_;
  record::BatchIterator batches_;
  std::optional<record::RecordReader> reader_;
  record::BatchView batch_;
  std::shared_ptr<ByteBuffer> decompressed_;
  Offset position_;
  const Offset from_;
  LeaderEpoch epoch_;
  std::size_t aborted_seen_ = 0;
  std::set<ProducerId> aborting_;
  bool done_ = false;
};

/// The offset after the last whole batch in `records`; nullopt when there is none or the bytes are
/// damaged.
std::optional<Offset> offset_after(ByteView records);

}  // namespace horolog::client
