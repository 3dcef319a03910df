#include "client/assignor.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace horolog::client {
namespace {

std::unique_ptr<Assignor> assignor_named(std::string_view name) {
  if (name == "range") return range_assignor();
  if (name == "roundrobin") return round_robin_assignor();
  if (name == "sticky") return sticky_assignor();
  if (name == "cooperative-sticky") return cooperative_sticky_assignor();
  return nullptr;
}

}  // namespace

std::optional<ByteBuffer> Assignor::user_data(const std::vector<TopicPartition>&,
                                              std::int32_t) const {
  return std::nullopt;
}

bool member_before(const GroupMember& a, const GroupMember& b) {
  if (a.instance_id.has_value() != b.instance_id.has_value()) return a.instance_id.has_value();
  if (a.instance_id && *a.instance_id != *b.instance_id) return *a.instance_id < *b.instance_id;
  return a.id < b.id;
}

Result<std::vector<std::unique_ptr<Assignor>>> make_assignors(
    const std::vector<std::string>& names) {
  if (names.empty()) {
    return Error(Errc::invalid_argument, "assignors: none is given; the usual one is \"range\"");
  }
  std::vector<std::unique_ptr<Assignor>> out;
  for (const std::string& name : names) {
    auto assignor = assignor_named(name);
    if (!assignor) {
      return Error(Errc::invalid_argument,
                   fmt::format("assignors: '{}' is unknown; there are range, roundrobin, sticky "
                               "and cooperative-sticky", name));
    }
    for (const auto& other : out) {
      if (other->name() == name) {
        return Error(Errc::invalid_argument, fmt::format("assignors: '{}' is given twice", name));
      }
    }
    out.push_back(std::move(assignor));
  }
  return out;
}

}  // namespace horolog::client
