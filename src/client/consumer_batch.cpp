#include "client/consumer_batch.hpp"

#include <utility>

namespace horolog::client {

void BatchStorage::link_headers() {
  std::size_t at = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].headers = std::span(headers).subspan(at, header_counts[i]);
    at += header_counts[i];
  }
}

void BatchStorage::clear() {
  records.clear();
  headers.clear();
  header_counts.clear();
  pins.clear();
  parts.clear();
}

std::shared_ptr<BatchStorage> BatchPool::storage() {
  std::unique_ptr<BatchStorage> free;
  {
    const std::lock_guard lock(mutex_);
    if (!storages_.empty()) {
      free = std::move(storages_.back());
      storages_.pop_back();
    }
  }
  if (!free) free = std::make_unique<BatchStorage>();
  return {free.release(), [pool = shared_from_this()](BatchStorage* used) {
            std::unique_ptr<BatchStorage> back(used);
            back->clear();
            const std::lock_guard lock(pool->mutex_);
            if (pool->storages_.size() < kept) pool->storages_.push_back(std::move(back));
          }};
}

std::shared_ptr<ByteBuffer> BatchPool::buffer() {
  std::unique_ptr<ByteBuffer> free;
  {
    const std::lock_guard lock(mutex_);
    if (!buffers_.empty()) {
      free = std::move(buffers_.back());
      buffers_.pop_back();
    }
  }
  if (!free) free = std::make_unique<ByteBuffer>();
  return {free.release(), [pool = shared_from_this()](ByteBuffer* used) {
            std::unique_ptr<ByteBuffer> back(used);
            if (back->capacity() > kept_buffer_bytes) return;
            const std::lock_guard lock(pool->mutex_);
            if (pool->buffers_.size() < kept) pool->buffers_.push_back(std::move(back));
          }};
}

}  // namespace horolog::client

namespace horolog {

RecordBatch::RecordBatch(std::shared_ptr<client::BatchStorage> storage)
    : storage_(std::move(storage)), records_(storage_->records) {}
RecordBatch::~RecordBatch() = default;
RecordBatch::RecordBatch(RecordBatch&& other) noexcept
    : storage_(std::move(other.storage_)), records_(std::exchange(other.records_, {})) {}
RecordBatch& RecordBatch::operator=(RecordBatch&& other) noexcept {
  storage_ = std::move(other.storage_);
  records_ = std::exchange(other.records_, {});
  return *this;
}

Offsets RecordBatch::offsets() const {
  Offsets out;
  if (!storage_) return out;
  for (const auto& part : storage_->parts) out[*part.partition] = {part.next, "", part.epoch};
  return out;
}

}  // namespace horolog
