#include <vector>

#include "base/nearest_name.hpp"
#include "horologd/setting_spec.hpp"

namespace horolog {

std::optional<std::string_view> nearest_setting(std::string_view name) {
  std::vector<std::string_view> known = ignored_names();
  for (const SettingSpec& spec : setting_table()) known.push_back(spec.name);
  return nearest_name(name, known);
}

}  // namespace horolog
