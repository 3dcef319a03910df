#include "storage/resource_limits.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "base/log.hpp"

namespace horolog::storage {
namespace {

/// vm.max_map_count of a stock kernel.
constexpr std::size_t default_map_count = 65'530;
constexpr std::size_t at_least = 64;
/// Below this a busy broker spends its time opening segments.
constexpr std::size_t comfortable_descriptors = 4'096;

}  // namespace

std::size_t open_segments_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return at_least;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  if (limit.rlim_cur < comfortable_descriptors) {
    log::warn("storage", "few file descriptors: raise the limit (ulimit -n, LimitNOFILE=)",
              {log::field("limit", limit.rlim_cur)});
  }
  const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
  return std::max(at_least, std::min(descriptors / 2, default_map_count / 2));
}

}  // namespace horolog::storage
