#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/support/faulty_file.hpp"
#include "tests/support/memory_file.hpp"
#include "tests/support/store_kit.hpp"

// A power cut after every step of creating and deleting topics: what was acknowledged is there,
// what was not is there whole or not at all, and the directory opens.
namespace horolog::storage {
namespace {

using test::FaultyFileSystem;
using test::MemoryFileSystem;
using test::Op;
using test::store_now;
using test::try_open_store;

/// What a client was told.
struct Told {
  std::set<std::string> created;
  std::set<std::string> deleted;
  std::set<std::string> undecided;
};

/// Creates a, b and c, writes to a, deletes a, creates it anew. Stops at the first failure.
void run_scenario(FileSystem& fs, Told& told) {
  auto opened = try_open_store(fs);
  if (!opened) return;
  LogStore& store = **opened;
  const auto create = [&](const std::string& name) {
    told.undecided.insert(name);
    const auto topic = store.catalog().create_topic(name, 2, {{"retention.ms", "7"}}, store_now);
    if (!topic || !store.sync_with_catalog(store_now)) return false;
    told.undecided.erase(name);
    told.created.insert(name);
    told.deleted.erase(name);
    return true;
  };
  for (const char* name : {"a", "b", "c"}) {
    if (!create(name)) return;
  }
  const auto log = store.find({"a", 0});
  const auto appended = log->append(test::make_batch({.records = 3}), Origin::client, store_now);
  if (!appended || !log->commit() || !store.write_checkpoints()) return;
  const auto topic = store.catalog().snapshot()->find("a");
  told.undecided.insert("a");
  if (!store.catalog().delete_topic(topic->id, store_now)) return;
  told.created.erase("a");
  told.undecided.erase("a");
  told.deleted.insert("a");
  if (!store.drop_logs(*topic) || !store.purge_deleted(store_now)) return;
  if (!create("a")) return;
  [[maybe_unused]] const Status closed = store.close(store_now);
}

void check(MemoryFileSystem& fs, const Told& told, const std::string& where) {
  auto opened = try_open_store(fs);
  ASSERT_TRUE(opened.ok()) << where << ": " << opened.error().message();
  const auto catalog = (*opened)->catalog().snapshot();
  EXPECT_TRUE((*opened)->report().quarantined.empty()) << where;
  for (const std::string& name : told.created) {
    if (told.undecided.contains(name)) continue;
    const auto topic = catalog->find(name);
    ASSERT_NE(topic, nullptr) << where << ": lost topic " << name;
    EXPECT_EQ(topic->partitions, 2) << where;
    EXPECT_EQ(topic->configs.at("retention.ms"), "7") << where;
    EXPECT_NE((*opened)->find({name, 1}), nullptr) << where;
  }
  for (const std::string& name : told.deleted) {
    if (told.undecided.contains(name)) continue;
    EXPECT_EQ(catalog->find(name), nullptr) << where;
  }
  for (const auto& [name, topic] : catalog->topics) {
    EXPECT_EQ(topic->partitions, 2) << where << ": half a topic " << name;
  }
  ASSERT_TRUE((*opened)->catalog().create_topic("after", 1, {}, store_now).ok()) << where;
}

TEST(LogStoreCrash, AtEveryStep) {
  std::mt19937_64 random(test::test_seed(20261122));
  for (const Op op :
       {Op::open, Op::write, Op::truncate, Op::sync, Op::sync_directory, Op::rename}) {
    for (int nth = 1;; ++nth) {
      MemoryFileSystem inner;
      FaultyFileSystem fs(inner);
      fs.set_fault({.op = op, .nth = nth, .lasting = true, .partial = true});
      Told told;
      run_scenario(fs, told);
      const std::string where =
          "op " + std::to_string(static_cast<int>(op)) + ", call " + std::to_string(nth);
      const auto killed = inner.copy();
      check(*killed, told, where + ", killed");
      for (int cut = 0; cut < 3; ++cut) {
        const auto crashed = inner.crash(random);
        check(*crashed, told, where + ", power cut");
      }
      if (HasFatalFailure() || !fs.struck()) break;
      ASSERT_LT(nth, 500);
    }
  }
}

}  // namespace
}  // namespace horolog::storage
