#include "tools/record_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/json_fields.hpp"
#include "base/nearest_name.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

void append_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = static_cast<unsigned char>(text[i]);
    if (code >= 0x20 && code != '"' && code != '\\') continue;
    out += text.substr(copied, i - copied);
    copied = i + 1;
    if (code >= 0x20) {
      out += '\\';
      out += text[i];
    } else if (code == '\n') {
      out += "\\n";
    } else {
      out += "\\u00";
      out += digits[code >> 4];
      out += digits[code & 15];
    }
  }
  out += text.substr(copied);
  out += '"';
}

void append_integer(std::string& out, std::int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

/// A member; what stands before it is there already.
void append_bytes(std::string& out, std::string_view name, const Bytes& bytes) {
  out += '"';
  out += name;
  if (bytes.is_null()) {
    out += "\": null";
  } else if (is_utf8(bytes.view())) {
    out += "\": ";
    append_string(out, bytes.text());
  } else {
    out += "_base64\": \"";
    out += to_base64(bytes.view());
    out += '"';
  }
}

Error wrong(std::string text) { return {Errc::invalid_argument, std::move(text)}; }

std::string_view keep(Scratch& scratch, std::string text) {
  return scratch.emplace_back(std::move(text));
}

/// `name` or `name`_base64 of an object. Bytes are null for null and when neither is there.
Result<Bytes> take_bytes(const JsonFields& fields, std::string_view name, Scratch& scratch) {
  const std::string coded = fmt::format("{}_base64", name);
  const std::string* raw = fields.raw(name);
  if (raw != nullptr && fields.has(coded)) {
    return wrong(fmt::format("has both {} and {}", name, coded));
  }
  if (const auto text = fields.text(coded)) {
    const auto decoded = from_base64(*text);
    if (!decoded) return wrong(fmt::format("{} is no base64", coded));
    return Bytes(keep(scratch, std::string(as_text(*decoded))));
  }
  if (fields.has(coded)) return wrong(fmt::format("{} is no string", coded));
  if (raw == nullptr || *raw == "null") return Bytes();
  if (auto text = fields.text(name)) return Bytes(keep(scratch, std::move(*text)));
  return Bytes(keep(scratch, *raw));
}

Status check_names(const JsonFields& fields, std::span<const std::string_view> known) {
  std::string unknown;
  fields.each([&](std::string_view name, const std::string&) {
    if (unknown.empty() && std::ranges::find(known, name) == known.end()) unknown = name;
  });
  if (unknown.empty()) return {};
  const auto near = nearest_name(unknown, {known.begin(), known.end()});
  return wrong(fmt::format("has the unknown field '{}'{}", unknown,
                           near ? fmt::format(": did you mean '{}'?", *near) : ""));
}

Status take_headers(const std::string& array, Scratch& scratch, InputRecord& out) {
  auto elements = JsonFields::elements(array);
  if (!elements) return wrong(fmt::format("headers: {}", elements.error().message()));
  constexpr std::string_view known[] = {"key", "key_base64", "value", "value_base64"};
  for (const std::string& element : *elements) {
    const auto header = JsonFields::parse(element);
    if (!header) return wrong("headers: each is an object with key and value");
    if (const Status good = check_names(*header, known); !good) {
      return wrong(fmt::format("headers: one {}", good.error().message()));
    }
    const auto key = take_bytes(*header, "key", scratch);
    if (!key) return wrong(fmt::format("headers: one {}", key.error().message()));
    if (key->is_null()) return wrong("headers: one has no key");
    const auto value = take_bytes(*header, "value", scratch);
    if (!value) return wrong(fmt::format("headers: one {}", value.error().message()));
    out.headers.push_back({key->text(), *value});
  }
  return {};
}

Status take_place(const JsonFields& fields, InputRecord& out) {
  if (fields.has("partition")) {
    const auto number = fields.number("partition");
    if (!number || *number < any_partition ||
        *number > std::numeric_limits<PartitionIndex>::max()) {
      return wrong("partition is no number of a partition");
    }
    out.partition = static_cast<PartitionIndex>(*number);
  }
  if (fields.has("timestamp_ms")) {
    const auto number = fields.number("timestamp_ms");
    if (!number) return wrong("timestamp_ms is no whole number");
    out.timestamp = *number;
  } else if (const auto written = fields.text("timestamp")) {
    const auto time = parse_time(*written, 0);
    if (!time || time->zone_assumed) return wrong("timestamp is no time with a zone");
    out.timestamp = time->time;
  } else if (fields.has("timestamp")) {
    const auto number = fields.number("timestamp");
    if (!number) return wrong("timestamp is neither a time nor milliseconds");
    out.timestamp = *number;
  }
  return {};
}

}  // namespace

void append_record_json(std::string& out, const RecordView& record) {
  out += "{\"topic\": ";
  append_string(out, record.topic);
  out += ", \"partition\": ";
  append_integer(out, record.partition);
  out += ", \"offset\": ";
  append_integer(out, record.offset);
  out += ", \"timestamp\": \"";
  out += format_time(record.timestamp);
  out += "\", \"timestamp_ms\": ";
  append_integer(out, record.timestamp);
  out += ", ";
  append_bytes(out, "key", record.key);
  out += ", ";
  append_bytes(out, "value", record.value);
  out += ", \"headers\": [";
  for (std::size_t i = 0; i < record.headers.size(); ++i) {
    out += i == 0 ? "{" : ", {";
    append_bytes(out, "key", record.headers[i].key);
    out += ", ";
    append_bytes(out, "value", record.headers[i].value);
    out += '}';
  }
  out += "]}\n";
}

Status parse_record_json(std::string_view line, Scratch& scratch, InputRecord& out) {
  const auto fields = JsonFields::parse(line);
  if (!fields) return wrong(fields.error().message());
  constexpr std::string_view known[] = {"topic", "partition",  "offset", "timestamp",
                                        "timestamp_ms", "key", "key_base64", "value",
                                        "value_base64", "headers"};
  HOROLOG_TRY(check_names(*fields, known));
  if (!fields->has("value") && !fields->has("value_base64")) {
    return wrong("has no value; null deletes the key");
  }
  if (fields->has("topic")) {
    auto topic = fields->text("topic");
    if (!topic) return wrong("topic is no string");
    out.topic = keep(scratch, std::move(*topic));
  }
  HOROLOG_TRY(take_place(*fields, out));
  HOROLOG_ASSIGN(out.key, take_bytes(*fields, "key", scratch));
  HOROLOG_ASSIGN(out.value, take_bytes(*fields, "value", scratch));
  const std::string* headers = fields->raw("headers");
  if (headers == nullptr || *headers == "null") return {};
  return take_headers(*headers, scratch, out);
}

}  // namespace horolog::command
