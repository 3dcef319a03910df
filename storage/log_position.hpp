#pragma once

#include <cstdint>

#include "horolog/types.hpp"

namespace horolog::storage {

/// An offset and where its batch starts (or would).
struct LogPosition {
  Offset offset = 0;
  Offset segment_base = 0;
  std::uint64_t position = 0;
};

}  // namespace horolog::storage
