#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "scheduler/records.hpp"

namespace horolog::scheduler {

/// The headers of a command that are ours, by name, each at most once except `horolog-when`; what
/// the other schedulers' dialects say stands under our names.
class HeaderFields {
 public:
  /// Refuses unknown `horolog-` headers, nulls, repetitions and contradictions between dialects.
  /// `retry` allows the headers that only a retry carries in.
  static Result<HeaderFields> read(const Headers& headers, bool retry);

  std::optional<std::string> text(std::string_view name) const;
  /// horolog-when, as often as it is there.
  const std::vector<std::string>& conditions() const { return conditions_; }
  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }
  /// Errors name the header and what it may be.
  Result<std::optional<std::int64_t>> integer(std::string_view name, std::int64_t least,
                                              std::int64_t most) const;
  Result<std::optional<std::int64_t>> duration(std::string_view name) const;
  Result<std::optional<bool>> boolean(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> conditions_;
};

}  // namespace horolog::scheduler
