#pragma once

#include <string>
#include <vector>

#include "coordinator/core.hpp"

namespace horolog::coordinator {

class ClassicGroups;
class Offsets;

/// What administrators ask of groups: describe, list, delete.
class GroupAdmin {
 public:
  GroupAdmin(Core& core, ClassicGroups& members, Offsets& offsets)
      : core_(core), members_(members), offsets_(offsets) {}

  /// Those of a DescribeGroups request that belong to this partition.
  void describe(const Caller& caller, const std::vector<std::string>& groups);
  void list(const Caller& caller, const wire::ListGroupsRequest& request);
  void remove(const Caller& caller, const std::vector<std::string>& groups);

 private:
  Core& core_;
  ClassicGroups& members_;
  Offsets& offsets_;
};

}  // namespace horolog::coordinator
