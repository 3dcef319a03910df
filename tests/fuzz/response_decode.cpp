// Any bytes as a response or, where the first is above 127, as a persisted record.

#include "tests/fuzz/decode_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bool persisted = size > 0 && data[0] >= 128;
  horolog::wire::fuzz_decode(
      persisted ? horolog::wire::persisted_records() : horolog::wire::responses(), data, size);
  return 0;
}
