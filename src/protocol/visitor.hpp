#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "horolog/types.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"
#include "protocol/field.hpp"
#include "protocol/records.hpp"

namespace horolog::wire {

class Visitor;

/// A struct that describes its fields to a Visitor.
template <typename T>
concept Described = requires(T& object, Visitor& v) { object.describe(v); };

namespace detail {
template <typename T>
inline constexpr bool can_be_null = std::is_same_v<T, Records>;
template <typename T>
inline constexpr bool can_be_null<std::optional<T>> = true;
}  // namespace detail

/// Walks the fields of one message in one version, in wire order. Each message says once what it
/// consists of (`describe`); reading, writing, printing and checking are subclasses of this.
///
/// A field's protocol default is its initialiser in the struct: nothing else states defaults.
/// Not thread safe; one Visitor serves one walk.
class Visitor {
 public:
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  virtual ~Visitor() = default;

  /// Visits a field in its place in the message.
  template <typename T>
  void operator()(std::string_view name, T& field, Field rule = always) {
    if (!rule.stands_in(version_)) return absent(name, field, rule);
    enter<T>(name, rule, nullptr);
    if (rule.plain_length) {
      const bool flexible = std::exchange(flexible_, false);
      visit(field);
      flexible_ = flexible;
    } else {
      visit(field);
    }
  }

  /// Ends a struct: every struct calls this last, with its tagged fields if it has any.
  template <typename... T>
  void end(Tag<T>... tags) {
    if (!flexible_) {
      (absent(tags.name, tags.field, tags.rule), ...);
    } else if (mode_ == Mode::read) {
      read_tags(tags...);
    } else if (mode_ == Mode::write) {
      write_tags(tags...);
    } else {
      (list_tag(tags), ...);
    }
  }

  /// Visits a whole struct: the message itself, an element or a nested struct.
  template <Described T>
  void visit(T& object) {
    const Scope outer = std::exchange(
        scope_, Scope{reinterpret_cast<const std::byte*>(&object), sizeof(T), &defaults<T>});
    begin_struct();
    object.describe(*this);
    end_struct();
    scope_ = outer;
  }

  std::int16_t version() const { return version_; }

 protected:
  enum class Mode : std::uint8_t {
    read,    ///< sets the fields
    write,   ///< takes the fields' values in wire form; never changes them
    list,    ///< names the fields and takes their values; never changes them
    sample,  ///< as list, with one default element in place of an array's elements
  };

  Visitor(const Api& api, std::int16_t version, Mode mode)
      : api_(api), version_(version), mode_(mode), flexible_(api.flexible(version)) {}

  // What subclasses do with each type. Nullable types hold null only where nullable() says so.
  virtual void value(bool& field) = 0;
  virtual void value(std::int8_t& field) = 0;
  virtual void value(std::int16_t& field) = 0;
  virtual void value(std::uint16_t& field) = 0;
  virtual void value(std::int32_t& field) = 0;
  virtual void value(std::int64_t& field) = 0;
  virtual void value(double& field) = 0;
  virtual void value(ErrorCode& field) = 0;
  virtual void value(Uuid& field) = 0;
  virtual void value(std::string& field) = 0;
  virtual void value(std::optional<std::string>& field) = 0;
  virtual void value(ByteBuffer& field) = 0;
  virtual void value(std::optional<ByteBuffer>& field) = 0;
  virtual void value(Records& field) = 0;

  /// Starts an array of `size` elements (nullopt = null), each at least `smallest` bytes on the
  /// wire. Returns the size to go on with: a reading visitor's own, otherwise the one given.
  virtual std::optional<std::size_t> begin_array(std::optional<std::size_t> size,
                                                 std::size_t smallest) = 0;
  virtual void end_array() {}
  /// Starts a struct that may be null. Returns whether it is there: reading, as read; otherwise as
  /// given.
  virtual bool begin_optional(bool present) = 0;
  virtual void begin_struct() {}
  virtual void end_struct() {}
  /// Listing visitors: the field whose value comes next; `tag` is null for untagged fields.
  virtual void begin_field(std::string_view, Field, const std::uint32_t* /*tag*/) {}
  /// The number of tagged fields: reading, the one read; writing, the one given.
  virtual std::size_t tag_count(std::size_t count) { return count; }
  /// Starts a tagged field and returns its number (reading: the one read).
  virtual std::uint32_t begin_tag(std::uint32_t number) { return number; }
  /// Ends a tagged field; reading, `known` says whether its value was visited.
  virtual void end_tag(bool /*known*/) {}

  const Api& api() const { return api_; }
  bool flexible() const { return flexible_; }
  /// Whether the field being visited may be null in this version.
  bool nullable() const { return nullable_; }
  /// The field being visited.
  std::string_view field_name() const { return name_; }

  /// Stops the process: the caller set a field to what this version cannot carry.
  [[noreturn]] void cannot_carry(std::string_view name) const;

  /// Set by a reading visitor on its first error: nothing is visited deeper from then on.
  bool failed_ = false;

 private:
  /// The struct being described, and the default instance of its type: a field's default is what
  /// stands in that instance at the same place.
  struct Scope {
    const std::byte* object = nullptr;
    std::size_t size = 0;
    const void* (*defaults)() = nullptr;
  };
  template <typename T>
  static const void* defaults() {
    static const T instance{};
    return &instance;
  }

  template <typename T>
  void enter(std::string_view name, Field rule, const std::uint32_t* tag) {
    name_ = name;
    nullable_ = detail::can_be_null<T> && rule.null_first <= version_;
    if (mode_ >= Mode::list) begin_field(name, rule, tag);
  }

  // Found by overload where a field is no struct and no array.
  template <typename T>
  void visit(T& field) {
    value(field);
  }
  template <typename T>
  void visit(std::vector<T>& items) {
    elements(items, *begin_array(items.size(), smallest<T>()));
    end_array();
  }
  void visit(ByteBuffer& field) { value(field); }
  void visit(std::optional<ByteBuffer>& field) { value(field); }
  template <typename T>
  void visit(std::optional<std::vector<T>>& items) {
    const auto given = items ? std::optional(items->size()) : std::nullopt;
    const auto count = begin_array(given, smallest<T>());
    nullable_ = false;  // the elements never are
    if (mode_ == Mode::read) {
      if (count) {
        elements(items.emplace(), *count);
      } else {
        items.reset();
      }
    } else if (mode_ == Mode::sample) {
      std::vector<T> none;
      elements(none, 0);
    } else if (items) {
      elements(*items, items->size());
    }
    end_array();
  }

  template <Described T>
  void visit(std::optional<T>& object) {
    const bool present = begin_optional(object.has_value());
    if (mode_ == Mode::read) {
      object.reset();
      if (present) visit(object.emplace());
    } else if (mode_ == Mode::sample) {
      T sample{};
      visit(sample);
    } else if (object) {
      visit(*object);
    }
  }

  /// Grows as elements arrive: the count comes from the peer and only bounds the loop.
  template <typename T>
  void elements(std::vector<T>& items, std::size_t count) {
    if (mode_ == Mode::read) {
      items.clear();
      items.reserve(std::min(count, limits::first_reserve));
      for (std::size_t i = 0; i < count && !failed_; ++i) visit(items.emplace_back());
    } else if (mode_ == Mode::sample) {
      T sample{};
      visit(sample);
    } else {
      for (T& item : items) visit(item);
    }
  }

  /// Fewest bytes an element can have on the wire.
  template <typename T>
  static constexpr std::size_t smallest() {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Uuid>) {
      return sizeof(T);
    } else {
      return 1;
    }
  }

  template <typename T>
  bool has_default(const T& field) const {
    const auto at = reinterpret_cast<const std::byte*>(&field) - scope_.object;
    HOROLOG_ASSERT(at >= 0 && static_cast<std::size_t>(at) + sizeof(T) <= scope_.size);
    const auto* base = static_cast<const std::byte*>(scope_.defaults());
    return same(field, *reinterpret_cast<const T*>(base + at));
  }
  template <typename T>
  static bool same(const T& a, const T& b) {
    return a == b;
  }
  // The default of an array is always empty or null.
  template <typename T>
  static bool same(const std::vector<T>& a, const std::vector<T>&) {
    return a.empty();
  }
  template <typename T>
  static bool same(const std::optional<std::vector<T>>& a, const std::optional<std::vector<T>>& b) {
    return a.has_value() == b.has_value() && (!a || a->empty());
  }
  // That of a struct that may be null is null.
  template <Described T>
  static bool same(const std::optional<T>& a, const std::optional<T>&) {
    return !a;
  }
  static bool same(const Records& a, const Records& b) { return a.size == b.size; }

  template <typename T>
  void absent(std::string_view name, const T& field, Field rule) const {
    if (mode_ == Mode::write && !rule.may_drop && !has_default(field)) cannot_carry(name);
  }
  template <typename... T>
  void read_tags(Tag<T>&... tags) {
    const std::size_t count = tag_count(0);
    for (std::size_t i = 0; i < count && !failed_; ++i) {
      [[maybe_unused]] const std::uint32_t number = begin_tag(0);
      end_tag((read_tag(tags, number) || ...));
    }
  }
  template <typename T>
  bool read_tag(Tag<T>& tag, std::uint32_t number) {
    if (failed_ || tag.number != number || !tag.rule.stands_in(version_)) return false;
    enter<T>(tag.name, tag.rule, &tag.number);
    visit(tag.field);
    return true;
  }

  template <typename... T>
  void write_tags(Tag<T>&... tags) {
    tag_count((std::size_t{0} + ... + (carries(tags) ? 1 : 0)));
    (write_tag(tags), ...);
  }
  template <typename T>
  bool carries(const Tag<T>& tag) const {
    return tag.rule.stands_in(version_) && !has_default(tag.field);
  }
  template <typename T>
  void write_tag(Tag<T>& tag) {
    if (!tag.rule.stands_in(version_)) return absent(tag.name, tag.field, tag.rule);
    if (!carries(tag)) return;
    enter<T>(tag.name, tag.rule, &tag.number);
    begin_tag(tag.number);
    visit(tag.field);
    end_tag(true);
  }

  template <typename T>
  void list_tag(Tag<T>& tag) {
    if (!tag.rule.stands_in(version_)) return;
    enter<T>(tag.name, tag.rule, &tag.number);
    visit(tag.field);
  }

  const Api& api_;
  const std::int16_t version_;
  const Mode mode_;
  bool flexible_;
  bool nullable_ = false;
  std::string_view name_;
  Scope scope_;
};

}  // namespace horolog::wire
