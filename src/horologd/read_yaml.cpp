#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <map>

#include "horologd/assignment.hpp"

namespace horolog {
namespace {

/// Walks a parsed document. yaml-cpp keeps duplicate keys and resolves scalars by YAML 1.1 (010 is
/// eight, no is false), so keys are compared here and scalars are taken as the text they are.
class YamlReader {
 public:
  YamlReader(const std::string& name, const std::string& text, Assignments& out,
             Problems& problems)
      : name_(name), lines_(lines_of(text)), out_(out), problems_(problems) {}

  void read(const YAML::Node& root) {
    if (root.IsNull()) return;
    if (!root.IsMap()) {
      fail(place(root.Mark()), "the file must be a map of settings, such as 'node.id: 1'");
      return;
    }
    read_map(root, "", 0);
  }

  Place place(const YAML::Mark& mark) const {
    Place place{name_, mark.line + 1, mark.column + 1, ""};
    const auto line = static_cast<std::size_t>(mark.line);
    if (mark.line >= 0 && line < lines_.size()) place.line_text = lines_[line];
    return place;
  }

  void fail(Place where, std::string message) {
    problems_.push_back({true, std::move(where), std::move(message)});
  }

 private:
  // Names have at most eight parts; an alias that contains itself would never end.
  static constexpr int max_depth = 16;

  void read_map(const YAML::Node& map, const std::string& prefix, int depth) {
    if (depth > max_depth) {
      fail(place(map.Mark()), "nested too deeply for a setting's name");
      return;
    }
    for (const auto& entry : map) {
      const Place key_place = place(entry.first.Mark());
      if (!entry.first.IsScalar()) {
        fail(key_place, "a key must be the name of a setting, or a part of one");
        continue;
      }
      const std::string name = prefix + entry.first.Scalar();
      if (entry.second.IsMap() && entry.second.size() != 0) {
        read_map(entry.second, name + '.', depth + 1);
      } else {
        read_leaf(name, key_place, entry.second);
      }
    }
  }

  void read_leaf(const std::string& name, const Place& key_place, const YAML::Node& value) {
    const auto [first, fresh] = seen_.emplace(name, key_place);
    if (!fresh) {
      fail(key_place, fmt::format("duplicate key '{}' (first set in line {})", name,
                                  first->second.line));
      return;
    }
    std::string text;
    if (value.IsScalar()) {
      text = value.Scalar();
    } else if (value.IsSequence()) {
      if (!read_list(name, value, text)) return;
    } else {
      fail(key_place, fmt::format("'{}' has no value (write \"\" for an empty one)", name));
      return;
    }
    const bool has_spot = value.IsScalar() && value.Mark().line >= 0;
    out_.push_back({name, text, SettingSource::file, key_place,
                    has_spot ? place(value.Mark()) : key_place});
  }

  bool read_list(const std::string& name, const YAML::Node& list, std::string& text) {
    for (const auto& item : list) {
      if (!item.IsScalar()) {
        fail(place(item.Mark()), fmt::format("'{}' must be a list of plain values", name));
        return false;
      }
      text += text.empty() ? "" : ",";
      text += item.Scalar();
    }
    return true;
  }

  const std::string& name_;
  const std::vector<std::string> lines_;
  Assignments& out_;
  Problems& problems_;
  std::map<std::string, Place> seen_;
};

}  // namespace

void read_yaml(const std::string& name, const std::string& text, Assignments& out,
               Problems& problems) {
  YamlReader reader(name, text, out, problems);
  // The one place where exceptions are caught: yaml-cpp reports syntax errors by throwing.
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      reader.fail(reader.place(documents[1].Mark()), "a second document: use one per file");
      return;
    }
    for (const YAML::Node& document : documents) reader.read(document);
  } catch (const YAML::Exception& error) {
    reader.fail(reader.place(error.mark), "not valid YAML: " + error.msg);
  }
}

}  // namespace horolog
