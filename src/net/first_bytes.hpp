#pragma once

#include <string>

#include "base/bytes.hpp"

namespace horolog::net {

/// What a peer that does not speak the Kafka protocol seems to speak, judged by the first bytes it
/// sent, and what its owner may want to change.
std::string describe_first_bytes(ByteView bytes);

}  // namespace horolog::net
