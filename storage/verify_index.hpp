#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "record/batch.hpp"
#include "storage/verify_impl.hpp"

/// The two indices of a segment, checked against its batches while those are walked once. Of each
/// index only the first contradiction is reported.
namespace horolog::storage {

/// What both have in common: the file, and how its damage is told.
class IndexCheck {
 protected:
  IndexCheck(const SegmentExpectation& expected, VerifyReport& report, std::string_view suffix,
             std::size_t entry_bytes)
      : expected_(expected), report_(report), suffix_(suffix), entry_bytes_(entry_bytes) {}

 public:
  /// Reads the file; a missing one is damage unless a start would make it anyway.
  Status read(FileSystem& fs);

 protected:
  void wrong(const std::string& what);
  bool done() const { return bad_ || next_ >= bytes_.size() / entry_bytes_; }

  const SegmentExpectation& expected_;
  ByteBuffer bytes_;
  std::size_t next_ = 0;  ///< entry that was not met in the log yet

 private:
  VerifyReport& report_;
  std::string_view suffix_;
  std::size_t entry_bytes_;
  bool bad_ = false;
};

class OffsetIndexCheck : public IndexCheck {
 public:
  OffsetIndexCheck(const SegmentExpectation& expected, VerifyReport& report);
  /// The next batch and where it lies.
  void see(const record::BatchView& batch, std::uint64_t position);
  /// There are no more batches.
  void end();
};

class TimeIndexCheck : public IndexCheck {
 public:
  TimeIndexCheck(const SegmentExpectation& expected, VerifyReport& report);
  /// `largest` is the largest timestamp up to and with this batch.
  void see(const record::BatchView& batch, TimestampMs largest);
  void end();

 private:
  TimestampMs largest_ = no_timestamp;  ///< of the batches so far
  TimestampMs last_timestamp_ = no_timestamp;
};

}  // namespace horolog::storage
