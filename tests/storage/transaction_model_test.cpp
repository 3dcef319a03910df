#include <gtest/gtest.h>

#include <random>
#include <set>

#include "record/control_record.hpp"
#include "storage/log_files.hpp"
#include "tests/storage/transaction_reference.hpp"
#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// Random transactional histories on a log and on a reference: producers with rising epochs, commits
// and aborts by either protocol, markers without data, what must be refused; rolls, checkpoints,
// retention; clean stops, kills and power cuts. Both views are compared all along.
namespace horolog {
namespace {

using namespace storage;
using test::LogKit;
using test::MemoryFileSystem;
using test::ReferenceBatch;
using test::ReferenceProducer;
using wire::ErrorCode;
using Kind = ReferenceBatch::Kind;

constexpr ProducerId producer_count = 5;

class TransactionRun {
 public:
  /// With `damages`, a restart finds a transaction index damaged or gone; retention is left out
  /// then, since what is made anew knows only the batches that are left.
  TransactionRun(std::uint64_t seed, bool damages)
      : random_(seed), damages_(damages), fs_(std::make_unique<MemoryFileSystem>()) {
    durability_ = below(4) == 0 ? Durability::os : Durability::commit;
  }

  void run(int lives) {
    for (int i = 0; i < lives && !::testing::Test::HasFatalFailure(); ++i) life();
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }
  PartitionLog& log() { return kit_->log(); }

  void life() {
    kit_ = std::make_unique<LogKit>(*fs_);
    kit_->config.segment_bytes = 1'500;
    kit_->config.index_interval_bytes = 300;
    kit_->config.retention_ms = -1;
    kit_->config.file_delete_delay_ms = 0;
    kit_->config.durability = durability_;
    kit_->persisted_log_start = log_start_;
    kit_->options.segments = std::make_shared<SegmentCache>(1 + below(3));
    auto opened = kit_->try_open(clean_, recovery_point_);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    kit_->loaded = std::move(*opened);
    ASSERT_GE(log().log_end_offset(), committed_);
    reference_.truncate(log().log_end_offset());
    ASSERT_EQ(reference_.end(), log().log_end_offset());
    committed_ = log().durable_offset();
    check_all();
    for (std::uint64_t step = below(60); step > 0 && !testing::Test::HasFatalFailure(); --step) {
      work();
      check_offsets();
    }
    check_all();
    clean_ = chance(3);
    if (clean_) {
      ASSERT_TRUE(log().close().ok());
      recovery_point_ = committed_ = log().log_end_offset();
    }
    kit_.reset();
    if (!clean_ && !chance(3)) fs_ = fs_->crash(random_);
    if (damages_) damage();
  }

  void work() {
    switch (below(20)) {
      case 0:
      case 1:
      case 2:
        ASSERT_TRUE(log().commit().ok());
        committed_ = log().durable_offset();
        break;
      case 3: ASSERT_TRUE(log().checkpoint().ok()); break;
      case 4: recovery_point_ = log().durable_offset(); break;
      case 5:
        if (!damages_) shorten();
        break;
      case 6:
      case 7: refused(); break;
      case 8:
      case 9:
      case 10:
      case 11: end_transaction(); break;
      case 12: append({.kind = Kind::plain}); break;
      default: produce();
    }
  }

  void shorten() {
    if (chance(2)) {
      kit_->config.retention_bytes = 4'000;
      log().set_config(std::make_shared<LogConfig>(kit_->config));
      ASSERT_TRUE(log().apply_retention(now_).ok());
    } else {
      const Offset low = log().log_start_offset();
      const Offset span = log().high_watermark() - low;
      const Offset target = low + static_cast<Offset>(below(static_cast<std::uint64_t>(span) + 1));
      ASSERT_TRUE(log().delete_records(chance(8) ? -1 : target, now_).ok());
      committed_ = log().durable_offset();
    }
    log_start_ = kit_->persisted_log_start;
    ASSERT_TRUE(log().purge_deleted(now_).ok());
  }

  ReferenceProducer known(ProducerId id) {
    const auto all = reference_.producers();
    const auto found = all.find(id);
    return found == all.end() ? ReferenceProducer{.epoch = 0} : found->second;
  }

  void produce() {
    const auto id = static_cast<ProducerId>(1 + below(producer_count));
    ReferenceProducer producer = known(id);
    const bool open = producer.transaction_start != no_offset;
    if (!open && chance(10)) {
      ++producer.epoch;
      producer.last_sequence = -1;
    }
    append({.kind = open || !chance(4) ? Kind::transactional : Kind::plain,
            .records = 1 + static_cast<int>(below(3)),
            .producer = id,
            .epoch = producer.epoch,
            .sequence = producer.last_sequence + 1});
  }

  void append(ReferenceBatch batch) {
    const test::BatchSpec spec{.records = batch.records,
                               .value_bytes = 1 + below(150),
                               .timestamp = ++now_,
                               .producer_id = batch.producer,
                               .producer_epoch = batch.epoch,
                               .sequence = batch.sequence};
    const AppendInfo info = batch.kind == Kind::plain ? kit_->append(spec, now_)
                                                      : kit_->append_verified(spec, now_);
    ASSERT_EQ(info.error, ErrorCode::none);
    ASSERT_EQ(info.base_offset, reference_.end());
    batch.base = info.base_offset;
    reference_.batches.push_back(batch);
  }

  void end_transaction() {
    const auto id = static_cast<ProducerId>(1 + below(producer_count));
    const ReferenceProducer producer = known(id);
    // Without an open one the marker is written all the same; seldom, to have some transactions.
    if (producer.transaction_start == no_offset && !chance(4)) return;
    const bool rises = chance(2);
    if (chance(20)) ++coordinator_epoch_;
    ReferenceBatch marker{.kind = chance(2) ? Kind::commit : Kind::abort,
                          .producer = id,
                          .epoch = static_cast<ProducerEpoch>(producer.epoch + (rises ? 1 : 0)),
                          .coordinator_epoch = coordinator_epoch_};
    const AppendInfo info = kit_->end_transaction(marker_of(marker, rises ? 2 : 0), ++now_);
    ASSERT_EQ(info.error, ErrorCode::none);
    marker.base = info.base_offset;
    ASSERT_EQ(marker.base, reference_.end());
    reference_.batches.push_back(marker);
  }

  static TransactionMarker marker_of(const ReferenceBatch& batch, std::int16_t version) {
    return {.producer_id = batch.producer,
            .producer_epoch = batch.epoch,
            .coordinator_epoch = batch.coordinator_epoch,
            .commit = batch.kind == Kind::commit,
            .transaction_version = version};
  }

  /// Nothing of this may be taken.
  void refused() {
    const auto id = static_cast<ProducerId>(1 + below(producer_count));
    const auto all = reference_.producers();
    const auto found = all.find(id);
    if (found == all.end()) return;
    const ReferenceProducer& producer = found->second;
    const bool open = producer.transaction_start != no_offset;
    test::BatchSpec spec{.producer_id = id,
                         .producer_epoch = producer.epoch,
                         .sequence = producer.last_sequence + 1};
    if (open) {
      ASSERT_EQ(kit_->append(spec).error, ErrorCode::invalid_txn_state);
    } else {
      spec.transactional = true;
      ASSERT_EQ(kit_->append(spec).error, ErrorCode::invalid_txn_state);
    }
    ++spec.sequence;
    spec.transactional = open;
    ASSERT_EQ(kit_->append(spec).error, ErrorCode::out_of_order_sequence_number);
    if (producer.epoch > 0) {
      --spec.producer_epoch;
      ASSERT_EQ(kit_->append_verified(spec).error, ErrorCode::invalid_producer_epoch);
      ASSERT_EQ(kit_->end_transaction({.producer_id = id, .producer_epoch = spec.producer_epoch,
                                       .coordinator_epoch = coordinator_epoch_})
                    .error,
                ErrorCode::invalid_producer_epoch);
    }
    if (producer.coordinator_epoch > 0) {
      ASSERT_EQ(kit_->end_transaction({.producer_id = id, .producer_epoch = producer.epoch,
                                       .coordinator_epoch = producer.coordinator_epoch - 1})
                    .error,
                ErrorCode::transaction_coordinator_fenced);
    }
  }

  void check_offsets() {
    ASSERT_EQ(log().log_end_offset(), reference_.end());
    ASSERT_EQ(log().last_stable_offset(),
              reference_.last_stable(log().high_watermark(), log().log_start_offset()));
  }

  void check_all() {
    check_offsets();
    const Offset start = log().log_start_offset();
    const Offset end = log().high_watermark();
    for (int i = 0; i < 5; ++i) {
      const auto width = static_cast<std::uint64_t>(end - start + 1);
      const Offset from = start + static_cast<Offset>(below(width));
      const Offset to = from + static_cast<Offset>(below(30));
      ASSERT_EQ(log().aborted_transactions(from, to).value(), reference_.aborted(from, to))
          << from << " to " << to;
      check_view(from);
    }
    check_view(start);
    check_producers();
    const auto all = test::read_records(log(), start, Visibility::high_watermark);
    ASSERT_EQ(static_cast<Offset>(all.size()), end - start);
  }

  /// Reads as a consumer of committed records does (KIP-98).
  void check_view(Offset from) {
    const Offset stable = log().last_stable_offset();
    std::vector<Offset> seen;
    for (Offset at = from; at < stable;) {
      const auto read = log().read(at, 1 + below(1'000), Visibility::last_stable);
      ASSERT_TRUE(read.ok()) << read.error().message();
      ASSERT_GT(read->next_offset, at);
      auto aborted = log().aborted_transactions(at, read->next_offset).value();
      std::sort(aborted.begin(), aborted.end(), [](const auto& a, const auto& b) {
        return a.first_offset < b.first_offset;
      });
      Offset next = at;
      consume(*read, aborted, seen, next);
      ASSERT_EQ(next, read->next_offset);
      at = next;
    }
    ASSERT_EQ(seen, reference_.committed(from, stable)) << "from " << from << " to " << stable;
  }

  static void consume(const ReadInfo& read, const std::vector<AbortedTransaction>& aborted,
                      std::vector<Offset>& seen, Offset& next) {
    std::set<ProducerId> skipped;
    auto upcoming = aborted.begin();
    for (const Slice& slice : read.slices) {
      const ByteBuffer bytes = test::bytes_of(slice);
      for (record::BatchIterator it(bytes); it.next();) {
        const record::BatchView& batch = it.batch();
        next = batch.next_offset();
        while (upcoming != aborted.end() && upcoming->first_offset <= batch.last_offset()) {
          skipped.insert(upcoming++->producer_id);
        }
        if (batch.is_control()) {
          const auto marker = record::end_transaction_marker(batch).value();
          if (marker && !marker->commit) skipped.erase(batch.producer_id());
          continue;
        }
        if (!batch.is_transactional() || !skipped.contains(batch.producer_id())) {
          seen.push_back(batch.base_offset());
        }
      }
    }
  }

  void check_producers() {
    const auto expected = reference_.producers();
    const auto found = log().active_producers();
    ASSERT_EQ(found.size(), expected.size());
    for (const ActiveProducer& producer : found) {
      const ReferenceProducer& reference = expected.at(producer.id);
      ASSERT_EQ(producer.epoch, reference.epoch) << producer.id;
      ASSERT_EQ(producer.last_sequence, reference.last_sequence) << producer.id;
      ASSERT_EQ(producer.coordinator_epoch, reference.coordinator_epoch) << producer.id;
      ASSERT_EQ(producer.current_transaction_start, reference.transaction_start) << producer.id;
    }
  }

  void damage() {
    for (const std::string& path : fs_->files()) {
      if (!path.ends_with(log_files::transaction_index) || !chance(2)) continue;
      ByteBuffer bytes = fs_->content(path);
      if (bytes.empty() || chance(4)) {
        ASSERT_TRUE(fs_->remove(path).ok());
      } else if (chance(2)) {
        bytes.resize(below(bytes.size()));
        fs_->set_content(path, bytes);
      } else {
        bytes[below(bytes.size())] ^= static_cast<std::byte>(1 + below(255));
        fs_->set_content(path, bytes);
      }
    }
  }

  std::mt19937_64 random_;
  const bool damages_;
  std::unique_ptr<MemoryFileSystem> fs_;
  std::unique_ptr<LogKit> kit_;
  test::TransactionReference reference_;
  Durability durability_ = Durability::commit;
  bool clean_ = false;
  Offset committed_ = 0;
  Offset recovery_point_ = 0;
  Offset log_start_ = 0;
  std::int32_t coordinator_epoch_ = 0;
  TimestampMs now_ = 1'000;
};

void run_histories(bool damages) {
  const std::uint64_t seed = test::test_seed(1'411);
  for (int i = 0; i < test::test_rounds(60) && !testing::Test::HasFatalFailure(); ++i) {
    SCOPED_TRACE(i);
    TransactionRun(seed + static_cast<std::uint64_t>(i), damages).run(12);
  }
}

TEST(TransactionModelTest, TheLogBehavesLikeTheReference) { run_histories(false); }
TEST(TransactionModelTest, AlsoWhenTransactionIndicesAreDamaged) { run_histories(true); }

}  // namespace
}  // namespace horolog
