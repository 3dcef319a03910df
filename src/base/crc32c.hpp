#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace horolog {

/// CRC-32C (Castagnoli; RFC 3720 appendix B.4), the checksum of record batches. `seed` is the
/// result of the bytes before: crc32c(b, crc32c(a)) == crc32c(a + b). Uses the SSE4.2 instruction
/// in three interleaved streams where the processor has it, else tables.
std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0);

/// The two ways by name, for tests and benchmarks.
std::uint32_t crc32c_table(ByteView bytes, std::uint32_t seed = 0);
/// Only where crc32c_has_sse42() says so.
std::uint32_t crc32c_sse42(ByteView bytes, std::uint32_t seed = 0);
bool crc32c_has_sse42();

}  // namespace horolog
