#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "client/fetch_cursor.hpp"
#include "record/builder.hpp"
#include "record/control_record.hpp"

namespace horolog::client {

/// Builds what a broker answers to a fetch: batches one after the other.
class FetchKit {
 public:
  /// A batch of `values`, the first at the offset reached so far.
  FetchKit& batch(const std::vector<std::string>& values, record::BatchOptions options = {}) {
    options.base_offset = next_;
    options.leader_epoch = epoch_;
    record::BatchBuilder builder(options);
    for (const std::string& value : values) {
      const record::HeaderView header{"h", as_bytes(value)};
      builder.add(as_bytes("key"), as_bytes(value), 1000 + next_++, {&header, 1});
    }
    return raw(*builder.build());
  }
  FetchKit& transactional(ProducerId producer, const std::vector<std::string>& values) {
    record::BatchOptions options;
    options.producer_id = producer;
    options.producer_epoch = 0;
    options.base_sequence = 0;
    options.transactional = true;
    return batch(values, options);
  }
  FetchKit& marker(ProducerId producer, bool commit) {
    ByteBuffer bytes = record::build_end_transaction({.commit = commit}, producer, 0, 1);
    record::set_base_offset(bytes, next_++);
    return raw(bytes);
  }
  FetchKit& raw(const ByteBuffer& bytes) {
    bytes_->insert(bytes_->end(), bytes.begin(), bytes.end());
    return *this;
  }
  FetchKit& start_at(Offset offset) {
    next_ = offset;
    return *this;
  }

  FetchKit& epoch(LeaderEpoch epoch) {
    epoch_ = epoch;
    return *this;
  }

  ByteBuffer& bytes() { return *bytes_; }
  /// The offset of the next record.
  Offset end() const { return next_; }
  FetchedPart part(std::vector<wire::FetchResponse::AbortedTransaction> aborted = {}) const {
    return {.partition = std::make_shared<const TopicPartition>(TopicPartition{"t", 0}),
            .frame = bytes_,
            .records = *bytes_,
            .aborted = std::move(aborted)};
  }

 private:
  std::shared_ptr<ByteBuffer> bytes_ = std::make_shared<ByteBuffer>();
  Offset next_ = 0;
  LeaderEpoch epoch_ = 3;
};

inline std::vector<std::string> values_of(const BatchStorage& storage) {
  std::vector<std::string> out;
  for (const RecordView& record : storage.records) out.emplace_back(record.value.text());
  return out;
}

}  // namespace horolog::client
