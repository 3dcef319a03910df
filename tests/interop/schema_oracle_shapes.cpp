// Prints the shape of every message and persisted record in every version as one JSON document a
// line, then the served table: schema_oracle.py compares them with Apache Kafka's own schemas.

#include <fmt/format.h>

#include "protocol/api_table.hpp"
#include "protocol/shape.hpp"
#include "tests/protocol/all_messages.hpp"

int main() {
  using namespace horolog::wire;
  for_each_message([](const MessageType& type, std::int16_t version) {
    Shape shape(*type.api, version);
    type.make()->visit(shape);
    fmt::print("{}\n", std::move(shape).take());
  });
  for (const ApiRow& row : served_apis()) {
    fmt::print(R"({{"served":"{}","key":{},"min":{},"max":{},"advertised_min":{},)"
               R"("advertised_max":{},"flexible_since":{}}})"
               "\n",
               row.name, static_cast<std::int16_t>(row.key), row.served.min, row.served.max,
               row.advertised.min, row.advertised.max, row.flexible_since);
  }
}
