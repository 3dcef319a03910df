#include "scheduler/mirror_value.hpp"

#include "scheduler/state_record.hpp"

namespace horolog::scheduler {
namespace {

void append_text(ByteBuffer& out, std::string_view text) {
  append_be(out, static_cast<std::int32_t>(text.size()));
  const ByteView bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_text(ByteBuffer& out, const std::optional<std::string>& text) {
  if (text) return append_text(out, std::string_view(*text));
  append_be(out, std::int32_t{-1});
}

class Cut {
 public:
  explicit Cut(ByteView bytes) : rest_(bytes) {}

  template <typename T>
  Result<T> number() {
    if (rest_.size() < sizeof(T)) return cut_short();
    const T value = load_be<T>(rest_.data());
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }
  Result<std::optional<std::string_view>> text() {
    HOROLOG_ASSIGN(const auto size, number<std::int32_t>());
    if (size < 0) return std::optional<std::string_view>();
    if (rest_.size() < static_cast<std::size_t>(size)) return cut_short();
    const std::string_view out = as_text(rest_.first(static_cast<std::size_t>(size)));
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
    return std::optional(out);
  }

 private:
  static Error cut_short() { return {Errc::corrupt, "a value of the mirror is cut short"}; }

  ByteView rest_;
};

std::optional<std::string> owned(const std::optional<std::string_view>& text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

Result<MirrorHead> read_head(Cut& cut) {
  MirrorHead head;
  HOROLOG_ASSIGN(head.version, cut.number<std::int64_t>());
  HOROLOG_ASSIGN(head.wake, cut.number<std::int64_t>());
  HOROLOG_ASSIGN(const auto key, cut.text());
  head.key = key.value_or("");
  return head;
}

}  // namespace

ByteBuffer mirror_value(const MirrorHead& head, const Entry& entry) {
  ByteBuffer out;
  append_be(out, head.version);
  append_be(out, head.wake);
  append_text(out, head.key);
  if (entry.definition) {
    const OutRecord record = definition_record(*entry.definition);
    append_text(out, record.value);
    append_be(out, static_cast<std::int32_t>(record.headers.size()));
    for (const Header& header : record.headers) {
      append_text(out, std::string_view(header.name));
      append_text(out, header.value);
    }
  } else {
    append_text(out, std::optional<std::string>());
    append_be(out, std::int32_t{-1});
  }
  append_text(out, entry.cursor.blank() ? std::optional<std::string>() : entry.cursor.to_text());
  return out;
}

Result<MirrorHead> mirror_head(ByteView value) {
  Cut cut(value);
  return read_head(cut);
}

Result<Entry> mirror_entry(ByteView value, const CalendarLookup& calendars) {
  Cut cut(value);
  HOROLOG_ASSIGN(const MirrorHead head, read_head(cut));
  OutRecord record;
  HOROLOG_ASSIGN(const auto payload, cut.text());
  record.value = owned(payload);
  HOROLOG_ASSIGN(const auto headers, cut.number<std::int32_t>());
  for (std::int32_t i = 0; i < headers; ++i) {
    HOROLOG_ASSIGN(const auto name, cut.text());
    HOROLOG_ASSIGN(const auto text, cut.text());
    record.headers.push_back({std::string(name.value_or("")), owned(text)});
  }
  Entry entry;
  if (headers >= 0) {
    HOROLOG_ASSIGN(entry.definition, read_definition(head.key, std::move(record), calendars));
  }
  HOROLOG_ASSIGN(const auto cursor, cut.text());
  if (cursor) {
    HOROLOG_ASSIGN(entry.cursor, Cursor::parse(*cursor));
  }
  return entry;
}

}  // namespace horolog::scheduler
