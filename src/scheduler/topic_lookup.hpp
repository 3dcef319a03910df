#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "client/cluster.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "scheduler/topic_identity.hpp"
#include "scheduler/watched_topics.hpp"

/// What the scheduler asks a cluster about topics. All of it blocks.
namespace horolog::scheduler {

/// A topic as it is now; `name` stands for it in errors. Errc::not_found without it.
Result<TopicShape> ask_topic(client::Cluster& cluster, const std::string& topic,
                             const std::string& name);

/// What a topic takes: Kafka's defaults where the cluster does not say.
struct TopicLimits {
  std::size_t batch_bytes = 1'048'588;  ///< max.message.bytes: of the largest batch
  bool compacted = false;               ///< cleanup.policy has compact: no records without keys
};
Result<TopicLimits> ask_limits(client::Cluster& cluster, const std::string& topic);

/// Which topics stand under the names of the commands and the state now. Errc::not_found when one
/// does not.
Result<TopicIdentity> ask_identity(client::Cluster& cluster);

}  // namespace horolog::scheduler
