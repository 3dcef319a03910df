#pragma once

#include <map>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "horolog/options.hpp"
#include "horolog/types.hpp"
#include "tools/context.hpp"

/// What every command that talks to a cluster needs, whichever client it uses.
namespace horolog::command {

/// The command's settings, for a client that gives up when no broker can be reached.
ClientOptions client_options(const Context& context);

/// Reports an error of the cluster with the protocol's name and code and what to do, and gives the
/// exit code that fits.
Exit fail_cluster(Context& context, const Error& error, std::string_view what = {});
/// The code alone.
Exit exit_for_cluster(const Error& error);

/// How many partitions each topic has. Errc::not_found, with the nearest name, when `wanted` is no
/// topic; an empty one is not looked for.
using TopicSizes = std::map<std::string, PartitionIndex, std::less<>>;
Result<TopicSizes> topic_sizes(const Context& context, const std::string& wanted);

}  // namespace horolog::command
