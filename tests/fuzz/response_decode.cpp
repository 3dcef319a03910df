// Any bytes as a response or a persisted record: the first two choose type and version, the rest is
// the body. What decodes must encode, print, and decode again to the same text.

#include "tests/fuzz/decode_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0 && data[0] >= 128) {
    horolog::wire::fuzz_decode(horolog::wire::PersistedRecords{}, data, size);
  } else {
    horolog::wire::fuzz_decode(horolog::wire::Responses{}, data, size);
  }
  return 0;
}
