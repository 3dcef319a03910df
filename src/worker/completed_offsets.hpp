#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::worker {

/// Which tasks of one partition are over: all below next(), and some above it. That is what a group
/// commits, the second part as text in the commit's metadata (FORMAT.md), of a bounded length.
///
/// A task may only start when its end could still be written down, whichever tasks end first: ask
/// try_start(). And it says how often workers may have started a task and died: see deaths().
/// Offsets without a record (markers of transactions, compacted ones) are gaps: they
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

  /// What deaths() and start_below() may add to the text at most: to be left free of try_start()'s.
  static constexpr std::size_t longest_starts = 64;
  static constexpr std::size_t most_deaths = 5;
  /// How many workers died (or lost the partition) while they may have been at this one.
  std::size_t deaths(Offset offset) const;
  /// What is not over below `end` may have been started by this worker: until it says otherwise
  /// with leave(), a death counts for them.
  void start_below(Offset end) { started_below_ = std::max(started_below_, end); }
  Offset started_below() const { return started_below_; }
  void leave() { started_below_ = 0; }

  bool operator==(const CompletedOffsets&) const = default;

 private:
  /// Disjoint and not adjacent: first → end.
  using Intervals = std::map<Offset, Offset>;
  static void insert(Intervals& intervals, Offset first, Offset end);
  static bool holds(const Intervals& intervals, Offset offset);
  void advance();
  std::string over() const;
  std::string bitmap() const;
  std::string runs() const;

  Offset next_;
  Intervals complete_;  ///< all above next_
  Intervals gaps_;
  /// Highest offset that was ever started or complete: how far a bitmap may have to reach.
  Offset top_;
  std::size_t started_ = 0;
  /// Of each worker that died: where what it had started ends. Falling.
  std::vector<Offset> died_below_;
  Offset started_below_ = 0;
};

}  // namespace horolog::worker
