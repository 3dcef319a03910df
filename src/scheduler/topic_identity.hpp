#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::scheduler {

/// Which topics a partition's position and state are of: one that is deleted and made anew has the
/// same name and another id. Empty where the cluster gives none.
struct TopicIdentity {
  std::string cluster;
  std::string commands;
  std::string state;

  static TopicIdentity of(std::string cluster, const Uuid& commands, const Uuid& state);
  /// As the group's position carries it, in its metadata.
  std::string to_text() const;
  /// All empty when the metadata is something else.
  static TopicIdentity parse(std::string_view metadata);

  bool operator==(const TopicIdentity&) const = default;
};

/// An error when a topic of `before` was made anew: it says which, and what to do. A copy in
/// another cluster is taken for what it is named; so is a topic without an id.
Status check_same_topics(const TopicIdentity& before, const TopicIdentity& now);

}  // namespace horolog::scheduler
