#pragma once

#include <cstdint>

#include "horolog/types.hpp"

namespace horolog::scheduler {

/// Several nominal times that share one run record.
struct Span {
  TimestampMs first = 0, last = 0;
  std::int64_t count = 0;

  void add(TimestampMs nominal) {
    if (count++ == 0) first = nominal;
    last = nominal;
  }
};

}  // namespace horolog::scheduler
