#include <gtest/gtest.h>

#include <unistd.h>

#include "storage/file.hpp"
#include "storage/mapped_guard.hpp"
#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// The file seam: the real implementation, and the one in memory that tests stand on.
namespace horolog {
namespace {

using namespace storage;

class FileSystemTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      fs_ = make_posix_file_system();
      root_ = directory_.path();
    } else {
      fs_ = std::make_unique<test::MemoryFileSystem>();
      root_ = "/data";
    }
  }
  std::string path(const std::string& name) const { return root_ + '/' + name; }
  std::unique_ptr<File> create(const std::string& name) {
    return fs_->open(path(name), OpenMode::create_new).value();
  }
  test::TemporaryDirectory directory_;
  std::unique_ptr<FileSystem> fs_;
  std::string root_;
};

TEST_P(FileSystemTest, WritesReadsAndTruncates) {
  const auto file = create("a");
  const std::array<ByteView, 3> parts{as_bytes("one "), as_bytes(""), as_bytes("two")};
  ASSERT_TRUE(file->write_parts(parts, 2).ok());
  EXPECT_EQ(*file->size(), 9u);
  ByteBuffer out(20);
  EXPECT_EQ(*file->read_at(out, 0), 9u);
  EXPECT_EQ(as_text(ByteView(out).first(9)), std::string_view("\0\0one two", 9));
  EXPECT_EQ(*file->read_at(out, 9), 0u);
  ASSERT_TRUE(file->truncate(4).ok());
  ASSERT_TRUE(file->truncate(8).ok());
  EXPECT_EQ(*file->read_at(out, 0), 8u);
  EXPECT_EQ(as_text(ByteView(out).first(8)), std::string_view("\0\0on\0\0\0\0", 8));
  ASSERT_TRUE(file->allocate(8, 100).ok());
  EXPECT_EQ(*file->size(), 108u);
  EXPECT_TRUE(file->sync_data().ok());
  ASSERT_TRUE(file->set_modified(1'234'567).ok());
  EXPECT_EQ(*file->modified(), 1'234'567);
}

TEST_P(FileSystemTest, AMappingSeesWhatTheFileGrowsInto) {
  const auto file = create("a");
  const auto map = file->map(1 << 20, Access::read_write).value();
  ASSERT_TRUE(file->write_at(as_bytes("hello"), 0).ok());
  EXPECT_EQ(as_text({map->data(), 5}), "hello");
  map->data()[0] = std::byte{'j'};
  ByteBuffer out(5);
  EXPECT_EQ(*file->read_at(out, 0), 5u);
  EXPECT_EQ(as_text(out), "jello");
  ASSERT_TRUE(fs_->remove(path("a")).ok());
  EXPECT_EQ(as_text({map->data(), 5}), "jello") << "removing a file leaves its mappings alone";
}

TEST_P(FileSystemTest, NamesAndDirectories) {
  ASSERT_TRUE(fs_->make_directories(path("d/e")).ok());
  ASSERT_TRUE(fs_->make_directories(path("d/e")).ok());
  EXPECT_TRUE(fs_->is_directory(path("d/e")));
  create("d/b");
  create("d/a");
  EXPECT_EQ(*fs_->list(path("d")), (std::vector<std::string>{"a", "b", "e"}));
  EXPECT_EQ(fs_->open(path("d/a"), OpenMode::create_new).error().code(), Errc::already_exists);
  EXPECT_EQ(fs_->open(path("none"), OpenMode::read).error().code(), Errc::not_found);
  EXPECT_EQ(fs_->list(path("none")).error().code(), Errc::not_found);
  EXPECT_EQ(fs_->remove(path("none")).error().code(), Errc::not_found);
  ASSERT_TRUE(fs_->rename(path("d/a"), path("d/c")).ok());
  EXPECT_FALSE(fs_->exists(path("d/a")));
  ASSERT_TRUE(fs_->rename(path("d/e"), path("f")).ok());
  EXPECT_TRUE(fs_->is_directory(path("f")));
  ASSERT_TRUE(fs_->remove_directory(path("d")).ok());
  EXPECT_FALSE(fs_->exists(path("d")));
  EXPECT_TRUE(fs_->sync_directory(root_).ok());
  EXPECT_TRUE(fs_->sync_all(root_).ok());
  EXPECT_GT(fs_->space(root_)->free_bytes, 0u);
}

TEST_P(FileSystemTest, ReplaceFileReplacesAll) {
  ASSERT_TRUE(replace_file(*fs_, path("x"), as_bytes("a long first content")).ok());
  ASSERT_TRUE(replace_file(*fs_, path("x"), as_bytes("second")).ok());
  EXPECT_EQ(as_text(*read_whole_file(*fs_, path("x"))), "second");
  EXPECT_FALSE(fs_->exists(path("x.tmp")));
}

INSTANTIATE_TEST_SUITE_P(Both, FileSystemTest, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "posix" : "memory"; });

TEST(PosixFileSystemTest, ALockNamesItsHolder) {
  const test::TemporaryDirectory directory;
  const auto fs = make_posix_file_system();
  auto first = fs->lock(directory.path() + "/.lock");
  ASSERT_TRUE(first.ok());
  const auto second = fs->lock(directory.path() + "/.lock");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Errc::busy);
  EXPECT_NE(second.error().message().find(std::to_string(::getpid())), std::string::npos);
  *first = nullptr;
  EXPECT_TRUE(fs->lock(directory.path() + "/.lock").ok());
}

TEST(PosixFileSystemTest, ErrorsNameThePathAndTheFix) {
  const auto fs = make_posix_file_system();
  const auto file = fs->open("/proc/none/such", OpenMode::create);
  ASSERT_FALSE(file.ok());
  EXPECT_NE(file.error().message().find("/proc/none/such"), std::string::npos);
  EXPECT_EQ(file.error().os_error(), ENOENT);
}

TEST(MappedGuardTest, AGuardedCopyBeyondTheFileFailsAndAnUnguardedOneNamesTheFile) {
  const test::TemporaryDirectory directory;
  const auto fs = make_posix_file_system();
  const auto file = fs->open(directory.path() + "/short", OpenMode::create_new).value();
  ASSERT_TRUE(file->write_at(as_bytes("data"), 0).ok());
  install_mapped_guard();
  const auto map = file->map(1 << 20, Access::read_write).value();
  ByteBuffer out(4);
  EXPECT_TRUE(guarded_copy(out.data(), map->data(), 4));
  EXPECT_FALSE(guarded_copy(out.data(), map->data() + 8'192, 4));
  EXPECT_FALSE(guarded_copy(map->data() + 8'192, out.data(), 4));
  EXPECT_TRUE(guarded_copy(out.data(), map->data(), 4)) << "and it goes on";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        install_mapped_guard();
        volatile std::byte sink = map->data()[8'192];
        static_cast<void>(sink);
      },
      "short at byte 8192");
}

TEST(MemoryFileSystemTest, ACrashTakesWhatWasNotSyncedAndNothingElse) {
  const std::uint64_t seed = test::test_seed(3);
  std::mt19937_64 random(seed);
  int lost_names = 0;
  int lost_bytes = 0;
  for (int round = 0; round < 100; ++round) {
    test::MemoryFileSystem fs;
    ASSERT_TRUE(replace_file(fs, "/data/kept", as_bytes("kept")).ok());
    const auto file = fs.open("/data/new", OpenMode::create).value();
    ASSERT_TRUE(file->write_at(as_bytes("new"), 0).ok());
    const auto old = fs.open("/data/kept", OpenMode::read_write).value();
    ASSERT_TRUE(old->write_at(as_bytes("K"), 0).ok());
    const auto left = fs.crash(random);
    const std::string kept(as_text(left->content("/data/kept")));
    ASSERT_TRUE(kept == "kept" || kept == "Kept");
    lost_bytes += kept == "kept";
    lost_names += !left->exists("/data/new");
  }
  EXPECT_GT(lost_names, 10);
  EXPECT_LT(lost_names, 90);
  EXPECT_GT(lost_bytes, 10);
  EXPECT_LT(lost_bytes, 90);
}

}  // namespace
}  // namespace horolog
