#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "horolog/admin.hpp"
#include "tools/cluster_settings.hpp"
#include "tools/context.hpp"

/// What the commands that use the admin client share.
namespace horolog::command {

/// How the command's settings reach the cluster: it gives up rather than waits.
ClientOptions client_options(const Context& context);

/// Opens the admin client with the command's settings; nothing is connected yet.
Result<Admin> open_admin(const Context& context);

/// Reports the items that failed. ok when none did, partial when some did; the one item's own code
/// when there is but one.
template <typename Key, typename Value, typename Name>
Exit report_failures(Context& context, const PerItem<Key, Value>& items, const Name& name) {
  Exit code = Exit::ok;
  std::size_t failed = 0;
  for (const auto& [key, result] : items) {
    if (result) continue;
    ++failed;
    code = fail_cluster(context, result.error(), name(key));
  }
  return failed > 0 && failed < items.size() ? Exit::partial : code;
}

/// Topic names by the words given: names as they are, with --regex as regular expressions over the
/// whole name (ECMAScript). Errc::not_found names the word that matches nothing, and the nearest
/// name. Every topic but the internal ones when no word is given.
Result<std::vector<TopicDescription>> select_topics(Admin& admin,
                                                    const std::vector<std::string>& words,
                                                    bool regex, bool internal);

/// The partitions of topics written as "orders" or "orders:0,2-4".
Result<std::vector<TopicPartition>> select_partitions(Admin& admin,
                                                      const std::vector<std::string>& words);

/// The group's name, checked against the groups there are: Errc::not_found with the nearest.
Error unknown_group(const std::vector<GroupListing>& known, const std::string& name);

std::string name_of(const TopicPartition& id);

}  // namespace horolog::command
