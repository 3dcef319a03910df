#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::worker {

/// Which tasks of one partition are over: all below next(), and some above it. That is what a group
/// commits, the second part as text in the commit's metadata (FORMAT.md), of a bounded length.
///
/// A task may only start when its end could still be written down, whichever tasks end first: ask
/// try_start(). Offsets without a record (markers of transactions, compacted ones) are gaps: they
/// let next() pass and are not written down. A value; no I/O.
class CompletedOffsets {
 public:
  explicit CompletedOffsets(Offset next = 0) : next_(next), top_(next) {}
  /// From what a group had committed. Errc::corrupt for metadata that is not of this format; text
  /// without its mark ("h1") is somebody else's and means nothing here.
  static Result<CompletedOffsets> parse(Offset next, std::string_view metadata);

  /// The offset to commit.
  Offset next() const { return next_; }
  /// What is complete above next(); empty when nothing is.
  std::string metadata() const;

  /// How many above next() are over.
  std::size_t count_above() const;

  /// Over, or without a record.
  bool contains(Offset offset) const;
  /// False: not yet, the text could outgrow `metadata_bytes`. Otherwise the offset counts as
  /// started until complete() or give_back().
  bool try_start(Offset offset, std::size_t metadata_bytes);
  void give_back() { --started_; }
  /// A task that was started is over.
  void complete(Offset offset);
  /// [first, end) has no records.
  void gap(Offset first, Offset end);

  bool operator==(const CompletedOffsets&) const = default;

 private:
  /// Disjoint and not adjacent: first → end.
  using Intervals = std::map<Offset, Offset>;
  static void insert(Intervals& intervals, Offset first, Offset end);
  static bool holds(const Intervals& intervals, Offset offset);
  void advance();
  std::string bitmap() const;
  std::string runs() const;

  Offset next_;
  Intervals complete_;  ///< all above next_
  Intervals gaps_;
  /// Highest offset that was ever started or complete: how far a bitmap may have to reach.
  Offset top_;
  std::size_t started_ = 0;
};

}  // namespace horolog::worker
