#pragma once

#include <cctz/time_zone.h>

#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "timekeeping/wall.hpp"

namespace horolog::timekeeping {

/// A stretch of time in which a zone keeps its distance from UTC, and the distances around it.
/// Inside, wall = unix + offset runs both ways without gap or repetition.
struct Segment {
  UnixSecond begin = 0;  ///< its first second; far in the past where nothing changed before
  UnixSecond end = 0;    ///< the first second behind it; far in the future where nothing will
  std::int64_t offset = 0;
  std::int64_t offset_before = 0;  ///< that of the segment before, or `offset`
  std::int64_t offset_after = 0;   ///< that of the segment behind, or `offset`

  /// Wall times [begin + offset_before, begin + offset) do not exist.
  bool opens_with_gap() const { return offset_before < offset; }
  /// Wall times [begin + offset, begin + offset_before) were shown once already.
  bool opens_with_fold() const { return offset_before > offset; }
};

/// A time zone of the tz database, or a fixed distance from UTC. A small value; copies share the
/// loaded data, which stay in memory for the life of the process. Safe to use from any thread.
class Zone {
 public:
  /// UTC.
  Zone();
  /// "Europe/Berlin", "UTC", or a fixed distance such as "+05:30". Unknown names are an error; so
  /// is "localtime", because it would mean something else on every machine.
  static Result<Zone> load(std::string_view name);

  const std::string& name() const { return name_; }
  /// Seconds east of UTC at that time.
  std::int64_t offset_at(UnixSecond at) const;
  Segment segment_at(UnixSecond at) const;

 private:
  Zone(std::string name, cctz::time_zone data) : name_(std::move(name)), data_(data) {}

  std::string name_;
  cctz::time_zone data_;
};

}  // namespace horolog::timekeeping
