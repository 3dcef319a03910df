// Any bytes as a request: the first two choose API and version, the rest is the body. What decodes
// must encode, print, and decode again to the same text.

#include "tests/fuzz/decode_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  horolog::wire::fuzz_decode(horolog::wire::Requests{}, data, size);
  horolog::wire::fuzz_request_header(data, size);
  return 0;
}
