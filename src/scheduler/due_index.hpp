#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "horolog/types.hpp"

namespace horolog::scheduler {

/// When each schedule wakes, ordered, apart per target: a stalled target is passed over without
/// walking its schedules. Keys and targets are copied in. One thread at a time.
class DueIndex {
  using Place = std::pair<TimestampMs, std::string>;

 public:
  struct Due {
    TimestampMs wake = 0;
    std::string key;
    std::string target;
  };

  /// nullopt takes the key out.
  void set(const std::string& key, const std::string& target, std::optional<TimestampMs> wake);
  /// The earliest time at which anything wakes, stalled or not.
  std::optional<TimestampMs> first() const;
  /// How many keys are in it.
  std::size_t size() const { return places_.size(); }
  /// How many wake by `until`.
  std::size_t count_until(TimestampMs until) const;

  /// Walks what wakes by `until`, earliest first, until `visit(due)` returns false. Targets that
  /// `skip(target)` names are left out.
  template <typename Skip, typename Visit>
  void walk(TimestampMs until, Skip&& skip, Visit&& visit) const {
    struct Head {
      std::set<Place>::const_iterator at, end;
      const std::string* target;
      bool operator<(const Head& other) const { return *at < *other.at; }
    };
    std::multiset<Head> heads;
    for (const auto& [target, places] : by_target_)
      if (!skip(target) && places.begin()->first <= until)
        heads.insert({places.begin(), places.end(), &target});
    while (!heads.empty()) {
      Head head = *heads.begin();
      heads.erase(heads.begin());
      if (!visit(Due{head.at->first, head.at->second, *head.target})) return;
      if (++head.at != head.end && head.at->first <= until) heads.insert(head);
    }
  }

 private:
  std::map<std::string, std::set<Place>> by_target_;
  std::unordered_map<std::string, std::pair<TimestampMs, std::string>> places_;
};

}  // namespace horolog::scheduler
