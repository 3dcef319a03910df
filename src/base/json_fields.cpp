#include "base/json_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/json.hpp"

namespace horolog {
namespace {

constexpr int max_depth = 64;

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6);
    put(0x80 | (c & 63));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 63));
    put(0x80 | (c & 63));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 63));
    put(0x80 | (c >> 6 & 63));
    put(0x80 | (c & 63));
  }
}

/// Steps over JSON text. Every member is false, or leaves nothing, at what is no JSON; position()
/// then says where.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t position() const { return at_; }
  std::string_view since(std::size_t start) const { return text_.substr(start, at_ - start); }

  void space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  bool at_end() {
    space();
    return at_ == text_.size();
  }
  bool take(char c) {
    space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  std::optional<std::string> string() {
    if (!take('"')) return std::nullopt;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) return std::nullopt;
      if (text_[at_] != '\\') {
        out += text_[at_++];
      } else if (!escape(out)) {
        return std::nullopt;
      }
    }
    if (!take('"')) return std::nullopt;
    return out;
  }

  bool value(int depth = 0) {
    space();
    if (at_ == text_.size() || depth > max_depth) return false;
    switch (text_[at_]) {
      case '"': return string().has_value();
      case '{': return members(depth);
      case '[': return items(depth);
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

 private:
  bool number() {
    const std::size_t start = at_;
    while (at_ < text_.size() && std::string_view("+-.eE0123456789").find(text_[at_]) != text_.npos)
      ++at_;
    double parsed = 0;
    const auto [end, error] = std::from_chars(text_.data() + start, text_.data() + at_, parsed);
    return at_ > start && error == std::errc{} && end == text_.data() + at_;
  }
  bool members(int depth) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      space();
      if (!string() || !take(':') || !value(depth + 1)) return false;
    } while (take(','));
    return take('}');
  }
  bool items(int depth) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!value(depth + 1)) return false;
    } while (take(','));
    return take(']');
  }
  std::optional<std::uint32_t> hex4() {
    std::uint32_t c = 0;
    if (at_ + 4 > text_.size()) return std::nullopt;
    const char* start = text_.data() + at_;
    const auto [end, error] = std::from_chars(start, start + 4, c, 16);
    if (error != std::errc{} || end != start + 4) return std::nullopt;
    at_ += 4;
    return c;
  }
  bool escape(std::string& out) {
    if (at_ + 1 >= text_.size()) return false;
    const char kind = text_[at_ + 1];
    at_ += 2;
    constexpr std::string_view names = "\"\\/bfnrt", means = "\"\\/\b\f\n\r\t";
    if (const auto i = names.find(kind); i != names.npos) {
      out += means[i];
      return true;
    }
    if (kind != 'u') return false;
    auto c = hex4();
    if (!c) return false;
    if (*c >= 0xd800 && *c < 0xdc00) {
      if (!word("\\u")) return false;
      const auto low = hex4();
      if (!low || *low < 0xdc00 || *low > 0xdfff) return false;
      c = 0x10000 + ((*c - 0xd800) << 10) + (*low - 0xdc00);
    }
    append_utf8(out, *c);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Error no_json(const Scanner& scan, std::string_view what) {
  return {Errc::corrupt, fmt::format("not {} in JSON: column {}", what, scan.position() + 1)};
}

}  // namespace

Result<JsonFields> JsonFields::parse(std::string_view text) {
  Scanner scan(text);
  JsonFields fields;
  if (!scan.take('{')) return no_json(scan, "an object");
  bool more = !scan.take('}');
  while (more) {
    scan.space();
    auto name = scan.string();
    if (!name || !scan.take(':')) return no_json(scan, "an object");
    scan.space();
    const std::size_t start = scan.position();
    if (!scan.value()) return no_json(scan, "an object");
    fields.set_raw(*name, std::string(scan.since(start)));
    more = scan.take(',');
    if (!more && !scan.take('}')) return no_json(scan, "an object");
  }
  if (!scan.at_end()) return no_json(scan, "one object");
  return fields;
}

Result<std::vector<std::string>> JsonFields::elements(std::string_view array) {
  Scanner scan(array);
  std::vector<std::string> all;
  if (!scan.take('[')) return no_json(scan, "an array");
  bool more = !scan.take(']');
  while (more) {
    scan.space();
    const std::size_t start = scan.position();
    if (!scan.value()) return no_json(scan, "an array");
    all.emplace_back(scan.since(start));
    more = scan.take(',');
    if (!more && !scan.take(']')) return no_json(scan, "an array");
  }
  if (!scan.at_end()) return no_json(scan, "one array");
  return all;
}

const std::string* JsonFields::raw(std::string_view name) const {
  for (const auto& [known, value] : fields_)
    if (known == name) return &value;
  return nullptr;
}

std::optional<std::int64_t> JsonFields::number(std::string_view name) const {
  const std::string* value = raw(name);
  if (value == nullptr) return std::nullopt;
  std::int64_t parsed = 0;
  const char* last = value->data() + value->size();
  const auto [end, error] = std::from_chars(value->data(), last, parsed);
  if (error != std::errc{} || end != last) return std::nullopt;
  return parsed;
}

std::optional<std::string> JsonFields::text(std::string_view name) const {
  const std::string* value = raw(name);
  return value == nullptr ? std::nullopt : Scanner(*value).string();
}

bool JsonFields::flag(std::string_view name) const {
  const std::string* value = raw(name);
  return value != nullptr && *value == "true";
}

void JsonFields::set_raw(std::string_view name, std::string value) {
  for (auto& [known, old] : fields_) {
    if (known != name) continue;
    old = std::move(value);
    return;
  }
  fields_.emplace_back(name, std::move(value));
}

void JsonFields::set(std::string_view name, std::string_view value) {
  set_raw(name, json_string(value));
}

void JsonFields::erase(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return field.first == name; });
}

std::string JsonFields::to_text() const {
  std::string out = "{";
  for (const auto& [name, value] : fields_) {
    if (out.size() > 1) out += ',';
    out += json_string(name);
    out += ':';
    out += value;
  }
  return out + '}';
}

}  // namespace horolog
