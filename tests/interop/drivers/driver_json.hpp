// The little JSON that the librdkafka driver reads and writes, one value a line.
#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace json {

struct Record {
  int partition = 0;
  std::int64_t timestamp = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

inline const std::string alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

inline std::string from_base64(const std::string& text) {
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(alphabet.find(c));
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xff);
    }
  }
  return out;
}

inline std::string to_base64(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::string out;
  for (std::size_t i = 0; i < size; i += 3) {
    unsigned bits = static_cast<unsigned>(bytes[i]) << 16;
    if (i + 1 < size) bits |= static_cast<unsigned>(bytes[i + 1]) << 8;
    if (i + 2 < size) bits |= bytes[i + 2];
    out += alphabet[bits >> 18 & 63];
    out += alphabet[bits >> 12 & 63];
    out += i + 1 < size ? alphabet[bits >> 6 & 63] : '=';
    out += i + 2 < size ? alphabet[bits & 63] : '=';
  }
  return out;
}

inline std::string quote(const std::string& text) { return '"' + text + '"'; }

inline std::string field(const void* data, std::size_t size) {
  return data ? quote(to_base64(data, size)) : "null";
}

inline std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  std::istringstream in(list);
  for (std::string word; std::getline(in, word, ',');) out.push_back(word);
  return out;
}

// The harness writes each record also in this plain form, so that no JSON parser is needed here:
// partition timestamp key value [header-name header-value]…, base64 throughout, "-" for null and
// "=" for empty.
inline std::vector<Record> read_records(const std::string& path) {
  const auto decode = [](const std::string& word) -> std::optional<std::string> {
    if (word == "-") return std::nullopt;
    return from_base64(word);
  };
  std::vector<Record> out;
  std::ifstream in(path + ".plain");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    Record r;
    std::string key, value, name;
    words >> r.partition >> r.timestamp >> key >> value;
    r.key = decode(key);
    r.value = decode(value);
    while (words >> name >> value) r.headers.emplace_back(from_base64(name), decode(value));
    out.push_back(std::move(r));
  }
  return out;
}

inline void print_record(const std::string& codec, RdKafka::Message& m) {
  std::ostringstream line;
  line << "{\"codec\": " << quote(codec) << ", \"p\": " << m.partition()
       << ", \"o\": " << m.offset() << ", \"t\": " << m.timestamp().timestamp
       << ", \"k\": " << field(m.key_pointer(), m.key_len())
       << ", \"v\": " << field(m.payload(), m.len()) << ", \"h\": [";
  bool first = true;
  if (m.headers() != nullptr) {
    for (const auto& h : m.headers()->get_all()) {
      line << (first ? "[" : ", [") << quote(h.key()) << ", "
           << field(h.value(), h.value_size()) << "]";
      first = false;
    }
  }
  std::cout << line.str() << "]}\n" << std::flush;
}

}  // namespace json
