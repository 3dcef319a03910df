#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "horolog/producer.hpp"
#include "tools/context.hpp"
#include "tools/record_reader.hpp"

/// What the flags of `produce` ask for; Errc::invalid_argument names the flag that is wrong.
namespace horolog::command {

/// What the flags add to every record.
struct Additions {
  std::string topic;
  std::optional<std::string> key;
  std::vector<Header> headers;
  std::optional<PartitionIndex> partition;
  TimestampMs timestamp = no_timestamp;
  bool tombstones = false;
};

Result<Additions> read_additions(const Context& context);

/// How the input is taken apart.
Result<std::unique_ptr<RecordReader>> make_reader(const Context& context);

/// To be called when the others were good.
ProducerOptions producer_options(const Context& context);

}  // namespace horolog::command
