#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "horolog/error.hpp"
#include "horolog/producer_record.hpp"
#include "horolog/record.hpp"
#include "horolog/types.hpp"
#include "record/codec.hpp"

namespace horolog::client {

struct PartitionQueue;

/// What a batch is sent as, beside its records.
struct BatchIdentity {
  ProducerId producer_id = no_producer_id;
  ProducerEpoch epoch = -1;
  std::int32_t base_sequence = -1;
  bool transactional = false;
};

/// Records of one partition on their way: first filled by callers, then sent, perhaps again and
/// again, until it is answered or given up. Records are encoded where they stay: behind room for
/// the batch's header. Belongs to one thread at a time; the Accumulator owns all of them and gives
/// them out again, so that a producer that has warmed up does not allocate.
class ProducerBatch {
 public:
  /// Makes it ready for records of a partition, in memory of at least `capacity` bytes.
  void start(PartitionQueue& queue, std::size_t capacity, std::uint64_t number, MonoNs now);

  /// Copies the record in; false, and nothing happened, when it does not fit. `record.timestamp` is
  /// set. The callback is moved from only when it did fit.
  bool append(const OutgoingRecord& record, DeliveryCallback& callback);
  /// The bytes that a batch of this record alone would take, at most.
  static std::size_t size_alone(const OutgoingRecord& record);

  std::int32_t count() const { return count_; }
  /// Header and records, before compression.
  std::size_t size() const { return size_; }
  /// What the batch counts for in the bound on memory.
  std::size_t charged() const { return charged_; }

  /// Compresses (once), and writes header and checksum. May be called again, with another identity.
  Status seal(record::Codec codec, int level);
  /// What goes on the wire: valid from seal() to the next seal() or start().
  ByteView wire() const { return wire_; }
  const BatchIdentity& identity() const { return identity_; }
  /// Takes effect with the next seal().
  void identify(const BatchIdentity& identity) { identity_ = identity; }
  bool has_sequence() const { return identity_.base_sequence >= 0; }
  /// The sequence after the batch's last.
  std::int32_t next_sequence() const;

  /// Moves the records from `first` on, with their callbacks, to the empty batch `to`, which has
  /// memory enough; it is sent as what follows this one. Both have to be sealed again.
  void split(std::int32_t first, ProducerBatch& to);

  /// Tells every record's callback, once.
  void complete(const Result<Offset>& base_offset, TimestampMs append_time);

  PartitionQueue* queue = nullptr;
  ProducerBatch* next = nullptr;          ///< in the list that it stands in
  ProducerBatch* older = nullptr;         ///< among all that are not completed
  ProducerBatch* younger = nullptr;
  std::uint64_t number = 0;               ///< they are numbered as they are started
  MonoNs created_ns = 0;
  std::uint32_t attempts = 0;
  /// A broker may have appended it although no answer said so.
  bool maybe_persisted = false;

 private:
  struct Delivery {
    std::int32_t index;
    TimestampMs timestamp;
    DeliveryCallback callback;
  };

  std::byte* encode(std::byte* at, const OutgoingRecord& record, std::size_t body_bytes) const;

  std::unique_ptr<std::byte[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t charged_ = 0;
  std::size_t size_ = 0;
  std::int32_t count_ = 0;
  TimestampMs base_timestamp_ = no_timestamp;
  TimestampMs max_timestamp_ = no_timestamp;
  std::vector<Delivery> deliveries_;
  ByteBuffer compressed_;
  bool is_compressed_ = false;
  ByteView wire_;
  BatchIdentity identity_;
};

/// First in, first out, through ProducerBatch::next; owns nothing.
class BatchList {
 public:
  bool empty() const { return first_ == nullptr; }
  ProducerBatch* front() const { return first_; }
  ProducerBatch* back() const { return last_; }
  void push_back(ProducerBatch* batch);
  ProducerBatch* pop_front();

 private:
  ProducerBatch* first_ = nullptr;
  ProducerBatch* last_ = nullptr;
};

}  // namespace horolog::client
