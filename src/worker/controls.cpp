#include "worker/controls.hpp"

#include <fmt/format.h>

#include "base/json_fields.hpp"
#include "worker/names.hpp"

namespace horolog::worker {

std::string ControlNote::to_text() const {
  JsonFields fields;
  fields.set(field::at_ms, at_ms);
  if (!reason.empty()) fields.set(field::reason, std::string_view(reason));
  return fields.to_text();
}

ControlNote ControlNote::parse(std::string_view text) {
  const auto fields = JsonFields::parse(text);
  if (!fields) return {};
  return {fields->number(field::at_ms).value_or(no_timestamp),
          fields->text(field::reason).value_or("")};
}

std::string pause_key(std::string_view topic) {
  return fmt::format("{}{}", control::pause_prefix, topic);
}

std::string cancel_key(std::string_view fire_id) {
  return fmt::format("{}{}", control::cancel_prefix, fire_id);
}

bool Controls::apply(std::string_view key, std::optional<std::string_view> value,
                     TimestampMs written_ms) {
  Notes* notes = nullptr;
  for (const auto& [prefix, its] : {std::pair(control::pause_prefix, &paused_),
                                    std::pair(control::cancel_prefix, &cancelled_)}) {
    if (!key.starts_with(prefix)) continue;
    notes = its;
    key.remove_prefix(prefix.size());
  }
  if (notes == nullptr) return false;
  if (!value) {
    const auto at = notes->find(key);
    if (at == notes->end()) return false;
    notes->erase(at);
    return true;
  }
  ControlNote note = ControlNote::parse(*value);
  if (note.at_ms == no_timestamp) note.at_ms = written_ms;
  return notes->insert_or_assign(std::string(key), std::move(note)).second;
}

const ControlNote* Controls::cancel_of(std::string_view fire_id) const {
  const auto at = cancelled_.find(fire_id);
  return at == cancelled_.end() ? nullptr : &at->second;
}

std::vector<std::string> Controls::stale_cancels(TimestampMs now) const {
  std::vector<std::string> out;
  for (const auto& [fire_id, note] : cancelled_)
    if (note.at_ms != no_timestamp && now - note.at_ms > longest_cancel_ms) out.push_back(fire_id);
  return out;
}

}  // namespace horolog::worker
