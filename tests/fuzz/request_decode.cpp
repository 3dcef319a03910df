// Any bytes as a request: its body (decode_target.hpp says how), and as a frame with its header.

#include "tests/fuzz/decode_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  horolog::wire::fuzz_decode(horolog::wire::requests(), data, size);
  horolog::wire::fuzz_request_header(data, size);
  return 0;
}
