#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/net/rig.hpp"

namespace horolog::net {

/// A payload whose reads a test can make slow or fail.
class TextPayload final : public Payload {
 public:
  TextPayload(std::string text, bool mapped) : text_(std::move(text)), mapped_(mapped) {}

  std::size_t size() const override { return text_.size(); }
  ByteView mapped() const override { return mapped_ ? as_bytes(text_) : ByteView{}; }
  Result<std::size_t> read_nowait(std::size_t at, MutableBytes out) const override {
    ++nowait_reads;
    if (at >= cold_from) return Error(Errc::busy, "not in the page cache");
    return copy(at, out);
  }
  Result<std::size_t> read_blocking(std::size_t at, MutableBytes out) const override {
    ++blocking_reads;
    if (at >= broken_from) return Error(Errc::io, "the disk is broken");
    return copy(at, out);
  }

  std::size_t cold_from = ~std::size_t{0};
  std::size_t broken_from = ~std::size_t{0};
  mutable std::atomic<int> nowait_reads{0};
  mutable std::atomic<int> blocking_reads{0};

 private:
  std::size_t copy(std::size_t at, MutableBytes out) const {
    const std::size_t n = std::min(out.size(), text_.size() - at);
    std::copy_n(as_bytes(text_).data() + at, n, out.data());
    return n;
  }

  std::string text_;
  bool mapped_;
};

/// head, the payloads one after the other, tail.
inline Response spliced_response(const std::string& head,
                                 std::vector<std::shared_ptr<const Payload>> payloads,
                                 const std::string& tail) {
  std::size_t size = head.size() + tail.size();
  for (const auto& payload : payloads) size += payload->size();
  Response response;
  append_be(response.bytes, static_cast<std::int32_t>(size));
  for (const char c : head) response.bytes.push_back(static_cast<std::byte>(c));
  const std::size_t at = response.bytes.size();
  for (auto& payload : payloads) response.splices.push_back({at, std::move(payload)});
  for (const char c : tail) response.bytes.push_back(static_cast<std::byte>(c));
  return response;
}

inline Response spliced_response(const std::string& head, const std::vector<std::string>& payloads,
                                 const std::string& tail, bool mapped) {
  std::vector<std::shared_ptr<const Payload>> made;
  for (const auto& text : payloads) made.push_back(std::make_shared<TextPayload>(text, mapped));
  return spliced_response(head, std::move(made), tail);
}

/// What a peer must receive for `response`.
inline std::string wire_text(const Response& response) {
  std::string text;
  std::size_t at = 0;
  const std::string bytes(as_text(response.bytes));
  for (const Splice& splice : response.splices) {
    text += bytes.substr(at, splice.at - at);
    at = splice.at;
    std::string payload(splice.payload->size(), '\0');
    const MutableBytes into{reinterpret_cast<std::byte*>(payload.data()), payload.size()};
    if (!payload.empty()) splice.payload->read_blocking(0, into).value();
    text += payload;
  }
  return text + bytes.substr(at);
}

}  // namespace horolog::net
