#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/types.hpp"

namespace horolog::bench {

/// One program, twice: with our own library and with librdkafka. Records are handed over one by one
/// with a callback that counts; what is read is counted, and its bytes are added up.
struct ClientShape {
  std::string address;
  std::string topic;
  std::int32_t partitions = 1;
  std::uint64_t records = 0;
  ByteBuffer value{};
  int linger_ms = 0;
  std::size_t batch_bytes = 0;
  bool produce = false;
  /// A second thread reads while the first sends; without produce, it reads what is there.
  bool consume = false;
  std::vector<Offset> from{};  ///< where to read from, by partition
};

struct ClientOutcome {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t read = 0;
  std::uint64_t read_bytes = 0;
  /// By C++'s operator new in the second half of the sending and of the reading, in the process.
  std::uint64_t allocations = 0;
};

ClientOutcome run_own_client(const ClientShape& shape);
/// Ends the program when it was built without librdkafka.
ClientOutcome run_librdkafka_client(const ClientShape& shape);

/// How often this process has asked for memory by C++'s operator new.
std::uint64_t allocations_so_far();

}  // namespace horolog::bench
