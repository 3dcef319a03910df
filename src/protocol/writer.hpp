#pragma once

#include <array>
#include <bit>

#include "protocol/visitor.hpp"

namespace horolog::wire {

/// `size` bytes of record data belong before byte `at` of an encoded message.
struct Splice {
  std::size_t at = 0;
  std::size_t size = 0;

  bool operator==(const Splice&) const = default;
};

/// An encoded message or frame whose record data is sent by somebody else: bytes up to the first
/// splice, that splice's data, and so on. Splices stand in the order of the fields. Length prefixes
/// count the spliced data.
struct Spliced {
  ByteBuffer bytes;
  std::vector<Splice> splices;

  /// Bytes that will be on the wire in the end.
  std::size_t total_size() const {
    std::size_t total = bytes.size();
    for (const Splice& splice : splices) total += splice.size;
    return total;
  }
};

/// Encodes one message behind what `out` holds already. Stops the process when a field is set
/// that the version cannot carry and the schema does not let go, or is null where it may not be:
/// both are mistakes of the code that filled the message. Text above the protocol's 32,767 bytes is
/// cut.
class Writer final : public Visitor {
 public:
  Writer(const Api& api, std::int16_t version, Spliced out);

  Spliced take() &&;

 private:
  void value(bool& field) override { number(std::uint8_t{field}); }
  void value(std::int8_t& field) override { number(field); }
  void value(std::int16_t& field) override { number(field); }
  void value(std::uint16_t& field) override { number(field); }
  void value(std::int32_t& field) override { number(field); }
  void value(std::int64_t& field) override { number(field); }
  void value(double& field) override { number(std::bit_cast<std::int64_t>(field)); }
  void value(ErrorCode& field) override { number(static_cast<std::int16_t>(field)); }
  void value(Uuid& field) override;
  void value(std::string& field) override;
  void value(std::optional<std::string>& field) override;
  void value(ByteBuffer& field) override;
  void value(std::optional<ByteBuffer>& field) override;
  void value(Records& field) override;
  std::optional<std::size_t> begin_array(std::optional<std::size_t> size,
                                         std::size_t smallest) override;
  bool begin_optional(bool present) override;
  std::size_t tag_count(std::size_t count) override;
  std::uint32_t begin_tag(std::uint32_t number) override;
  void end_tag(bool known) override;

  template <typename T>
  void number(T value) {
    store_be(grow(sizeof(T)), value);
  }
  /// Room for `size` more bytes at the end.
  std::byte* grow(std::size_t size);
  void varint(std::uint32_t value);
  void length(std::size_t size, bool text);
  void null(bool text);
  void text(std::string_view whole);
  void blob(ByteView bytes);

  static constexpr std::size_t max_tag_depth = 8;

  Spliced out_;
  std::size_t size_;
  std::array<std::size_t, max_tag_depth> tag_starts_{};
  std::size_t tag_depth_ = 0;
};

}  // namespace horolog::wire
