#pragma once

#include <array>
#include <string>

#include "horolog/error.hpp"
#include "protocol/visitor.hpp"

namespace horolog::wire {

/// Decodes one message. Trusts nothing: no length reaches past the bytes given, arrays grow as
/// their elements arrive, and counts are bounded by base/limits.hpp. The first error sticks, and
/// everything read after it is a default value; complete() reports it.
///
/// The bytes must outlive the decoded message, because Records borrow from them.
class Reader final : public Visitor {
 public:
  Reader(const Api& api, std::int16_t version, ByteView bytes);

  /// The first error, or an error if bytes are left over.
  Status complete();
  /// As complete(), but whatever follows the message is the caller's business.
  Status complete_prefix();
  /// What has not been read yet.
  ByteView rest() const { return {at_, end_}; }

 private:
  void value(bool& field) override;
  void value(std::int8_t& field) override { number(field); }
  void value(std::int16_t& field) override { number(field); }
  void value(std::uint16_t& field) override { number(field); }
  void value(std::int32_t& field) override { number(field); }
  void value(std::int64_t& field) override { number(field); }
  void value(double& field) override;
  void value(ErrorCode& field) override;
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

  /// What a length prefix counts, with its width in messages without compact lengths.
  enum class Prefix : std::uint8_t { text, bytes, elements };

  template <typename T>
  void number(T& field) {
    if (const std::byte* from = take(sizeof(T))) field = load_be<T>(from);
  }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  /// `size` bytes, or null (and a sticky error) if there are not so many.
  const std::byte* take(std::size_t size);
  std::uint32_t varint();
  /// A length prefix; nullopt = null, also after an error.
  std::optional<std::size_t> length(Prefix what);
  std::optional<ByteView> text();
  std::optional<ByteView> blob();
  void fail(Errc code, const std::string& what);

  /// Tagged structs may hold tagged structs; no schema nests them deeper than this.
  static constexpr std::size_t max_tag_depth = 8;

  const std::byte* const begin_;
  const std::byte* at_;
  const std::byte* end_;
  std::array<const std::byte*, max_tag_depth> outer_ends_{};
  std::size_t tag_depth_ = 0;
  std::size_t elements_ = 0;
  std::optional<Error> error_;
};

}  // namespace horolog::wire
