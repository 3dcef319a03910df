#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace horolog::command {

/// Very many keys in little memory: their bytes, and 16 bytes for each. One thread.
class KeyList {
 public:
  void add(std::string_view key) {
    places_.push_back({bytes_.size(), static_cast<std::uint32_t>(key.size())});
    bytes_ += key;
  }
  std::size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  /// Valid until the next add().
  std::string_view operator[](std::size_t index) const { return text(places_[index]); }
  void sort() {
    std::sort(places_.begin(), places_.end(),
              [this](const Place& a, const Place& b) { return text(a) < text(b); });
  }
  /// At most `count` of them, from `first` on.
  std::vector<std::string> part(std::size_t first, std::size_t count) const {
    std::vector<std::string> out;
    for (std::size_t i = first; i < std::min(places_.size(), first + count); ++i)
      out.emplace_back((*this)[i]);
    return out;
  }

 private:
  struct Place {
    std::uint64_t begin;
    std::uint32_t size;
  };
  std::string_view text(const Place& place) const {
    return std::string_view(bytes_).substr(place.begin, place.size);
  }

  std::string bytes_;
  std::vector<Place> places_;
};

}  // namespace horolog::command
