#pragma once

#include <bit>
#include <cstdint>
#include <deque>
#include <random>

#include "protocol/visitor.hpp"

namespace horolog::wire {

/// Fills every field that stands in a version with random values: nulls where they are allowed,
/// short arrays, all tagged fields. Records borrow from the filler, so keep it.
class RandomFill final : public Visitor {
 public:
  RandomFill(const Api& api, std::int16_t version, std::mt19937_64& random)
      : Visitor(api, version, Mode::read), random_(random) {}

 private:
  void value(bool& field) override { field = below(2) == 1; }
  void value(std::int8_t& field) override { number(field); }
  void value(std::int16_t& field) override { number(field); }
  void value(std::uint16_t& field) override { number(field); }
  void value(std::int32_t& field) override { number(field); }
  void value(std::int64_t& field) override { number(field); }
  void value(double& field) override {
    std::int64_t bits = 0;
    number(bits);
    field = std::bit_cast<double>(bits);
  }
  void value(ErrorCode& field) override {
    field = static_cast<ErrorCode>(static_cast<int>(below(140)) - 1);
  }
  void value(Uuid& field) override {
    for (auto& byte : field.bytes) number(byte);
  }
  void value(std::string& field) override {
    field.resize(length());
    for (char& c : field) c = static_cast<char>(below(256));
  }
  void value(std::optional<std::string>& field) override {
    field.reset();
    if (!null()) value(field.emplace());
  }
  void value(ByteBuffer& field) override {
    field.resize(length());
    for (std::byte& byte : field) byte = static_cast<std::byte>(below(256));
  }
  void value(std::optional<ByteBuffer>& field) override {
    field.reset();
    if (!null()) value(field.emplace());
  }
  void value(Records& field) override {
    field = Records::none();
    if (null()) return;
    value(record_data_.emplace_back());
    field = Records::inline_bytes(record_data_.back());
  }
  std::optional<std::size_t> begin_array(std::optional<std::size_t>, std::size_t) override {
    if (null()) return std::nullopt;
    return below(4);
  }
  bool begin_optional(bool) override { return !null(); }
  std::size_t tag_count(std::size_t) override {
    next_tags_.push_back(0);
    return tags_tried;
  }
  std::uint32_t begin_tag(std::uint32_t) override { return next_tags_.back()++; }
  void end_tag(bool) override {
    if (next_tags_.back() == tags_tried) next_tags_.pop_back();
  }

  template <typename T>
  void number(T& field) {
    // Small numbers and edges are likelier to find mistakes than the middle of the range.
    switch (below(4)) {
      case 0:
        field = static_cast<T>(below(3));
        break;
      case 1:
        field = std::numeric_limits<T>::max();
        break;
      case 2:
        field = std::numeric_limits<T>::min();
        break;
      default:
        field = static_cast<T>(random_());
    }
  }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  /// Lengths on both sides of 127, where a compact length takes its second byte.
  std::size_t length() { return below(8) == 0 ? 120 + below(20) : below(10); }
  bool null() { return nullable() && below(3) == 0; }

  static constexpr std::uint32_t tags_tried = 12;

  std::mt19937_64& random_;
  std::deque<ByteBuffer> record_data_;
  std::vector<std::uint32_t> next_tags_;
};

}  // namespace horolog::wire
