#include "storage/meta_properties.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace horolog::storage {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\f");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\f") - first + 1);
}

Result<std::int32_t> number(const std::map<std::string, std::string, std::less<>>& values,
                            std::string_view key, const std::string& path) {
  const auto found = values.find(key);
  if (found == values.end()) {
    return Error(Errc::corrupt, fmt::format("{} has no line '{}=…'", path, key));
  }
  const std::string& text = found->second;
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return Error(Errc::corrupt, fmt::format("{}: '{}={}' is no number", path, key, text));
  }
  return value;
}

}  // namespace

std::string format_meta_properties(const MetaProperties& meta) {
  return fmt::format("version={}\ncluster.id={}\nnode.id={}\ndirectory.id={}\n",
                     meta_properties_version, meta.cluster_id, meta.node_id,
                     meta.directory_id.to_string());
}

Result<MetaProperties> parse_meta_properties(ByteView text, const std::string& path) {
  std::map<std::string, std::string, std::less<>> values;
  std::string_view rest = as_text(text);
  for (int line_number = 1; !rest.empty(); ++line_number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line.starts_with('#') || line.starts_with('!')) continue;
    const std::size_t separator = line.find_first_of("=:");
    if (separator == std::string_view::npos) {
      return Error(Errc::corrupt, fmt::format("{} line {} is not 'key=value'", path, line_number));
    }
    values[std::string(trim(line.substr(0, separator)))] = trim(line.substr(separator + 1));
  }
  HOROLOG_ASSIGN(const std::int32_t version, number(values, "version", path));
  if (version != meta_properties_version) {
    return Error(Errc::unsupported,
                 fmt::format("{} has version {}, this program reads version {}: {}", path, version,
                             meta_properties_version,
                             version > meta_properties_version
                                 ? "the directory was written by a newer version, start that one"
                                 : "migrate the directory to KRaft first"));
  }
  MetaProperties meta;
  HOROLOG_ASSIGN(meta.node_id, number(values, "node.id", path));
  const auto cluster = values.find("cluster.id");
  if (cluster == values.end() || cluster->second.empty()) {
    return Error(Errc::corrupt, fmt::format("{} has no line 'cluster.id=…'", path));
  }
  meta.cluster_id = cluster->second;
  const auto directory = values.find("directory.id");
  const auto id = directory == values.end() ? std::nullopt : Uuid::parse(directory->second);
  if (!id) {
    return Error(Errc::corrupt,
                 fmt::format("{} has no valid line 'directory.id=<22 characters>'", path));
  }
  meta.directory_id = *id;
  return meta;
}

}  // namespace horolog::storage
