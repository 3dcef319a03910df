#include "storage/posix_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>

#include "base/assert.hpp"
#include "storage/mapped_guard.hpp"
#include "storage/posix_error.hpp"

namespace horolog::storage {
namespace {

/// cachestat(2), Linux 6.5: younger than Debian 12's headers.
constexpr long cachestat_number = 451;
struct CacheRange {
  std::uint64_t offset;
  std::uint64_t length;
};
struct CacheCounts {
  std::uint64_t cached;
  std::uint64_t dirty;
  std::uint64_t writeback;
  std::uint64_t evicted;
  std::uint64_t recently_evicted;
};

class PosixMapping final : public MappedRegion {
 public:
  PosixMapping(void* data, std::size_t size, const std::string& path) {
    data_ = static_cast<std::byte*>(data);
    size_ = size;
    register_mapping(data_, size_, path);
  }
  ~PosixMapping() override {
    unregister_mapping(data_);
    ::munmap(data_, size_);
  }
};

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  // The result of close() is not looked at: what matters was synced before.
  ~PosixFile() override { ::close(descriptor_); }

  const std::string& path() const override { return path_; }
  int descriptor() const override { return descriptor_; }

  Result<std::uint64_t> size() const override {
    struct stat info {};
    if (::fstat(descriptor_, &info) != 0) return posix_error("look at", path_);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Result<std::size_t> read_at(MutableBytes out, std::uint64_t position) const override {
    return read(out, position, 0);
  }
  Result<std::size_t> read_at_nowait(MutableBytes out, std::uint64_t position) const override {
    return read(out, position, RWF_NOWAIT);
  }

  bool is_cached(std::uint64_t position, std::uint64_t length) const override {
    constexpr std::uint64_t page = 4096;
    const std::uint64_t first = position / page;
    const std::uint64_t pages = (position + length + page - 1) / page - first;
    CacheRange range{first * page, pages * page};
    CacheCounts counts{};
    // A kernel before 6.5 does not have the call: then nothing is known.
    if (::syscall(cachestat_number, descriptor_, &range, &counts, 0) != 0) return false;
    return counts.cached == pages;
  }

  Status write_at(ByteView bytes, std::uint64_t position) override {
    return write_parts({&bytes, 1}, position);
  }

  Status write_parts(std::span<const ByteView> parts, std::uint64_t position) override {
    HOROLOG_ASSERT(parts.size() <= max_parts);
    std::array<iovec, max_parts> vectors{};
    int count = 0;
    std::size_t left = 0;
    for (const ByteView part : parts) {
      if (part.empty()) continue;
      vectors[count++] = {const_cast<std::byte*>(part.data()), part.size()};
      left += part.size();
    }
    iovec* next = vectors.data();
    while (left > 0) {
      const ssize_t written = ::pwritev(descriptor_, next, count, static_cast<off_t>(position));
      if (written < 0) {
        if (errno == EINTR) continue;
        return posix_error("write to", path_);
      }
      if (written == 0) return posix_error(EIO, "write to", path_);
      position += static_cast<std::uint64_t>(written);
      left -= static_cast<std::size_t>(written);
      auto gone = static_cast<std::size_t>(written);
      while (count > 0 && gone >= next->iov_len) {
        gone -= next->iov_len;
        ++next;
        --count;
      }
      if (count > 0 && gone > 0) {
        next->iov_base = static_cast<std::byte*>(next->iov_base) + gone;
        next->iov_len -= gone;
      }
    }
    return {};
  }

  Status truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
      return posix_error("truncate", path_);
    }
    return {};
  }

  Status allocate(std::uint64_t position, std::uint64_t length) override {
    const int failed = ::posix_fallocate(descriptor_, static_cast<off_t>(position),
                                         static_cast<off_t>(length));
    if (failed != 0) return posix_error(failed, "allocate space for", path_);
    return {};
  }

  Status sync_data() override {
    if (::fdatasync(descriptor_) != 0) return posix_error("sync", path_);
    return {};
  }

  Status set_modified(TimestampMs time) override {
    const timespec at{static_cast<time_t>(time / 1000),
                      static_cast<long>(time % 1000) * 1'000'000};
    const timespec times[2] = {{0, UTIME_OMIT}, at};
    if (::futimens(descriptor_, times) != 0) return posix_error("set the time of", path_);
    return {};
  }

  Result<TimestampMs> modified() const override {
    struct stat info {};
    if (::fstat(descriptor_, &info) != 0) return posix_error("look at", path_);
    return static_cast<TimestampMs>(info.st_mtim.tv_sec) * 1000 +
           info.st_mtim.tv_nsec / 1'000'000;
  }

  Result<std::shared_ptr<MappedRegion>> map(std::size_t length, Access access) override {
    const int protection = access == Access::read ? PROT_READ : PROT_READ | PROT_WRITE;
    void* data = ::mmap(nullptr, length, protection, MAP_SHARED, descriptor_, 0);
    if (data == MAP_FAILED) return posix_error("map", path_);
    return std::shared_ptr<MappedRegion>(std::make_shared<PosixMapping>(data, length, path_));
  }

 private:
  static constexpr std::size_t max_parts = 8;

  Result<std::size_t> read(MutableBytes out, std::uint64_t position, int flags) const {
    std::size_t done = 0;
    while (done < out.size()) {
      const iovec vector{out.data() + done, out.size() - done};
      const ssize_t got =
          ::preadv2(descriptor_, &vector, 1, static_cast<off_t>(position + done), flags);
      if (got == 0) break;
      if (got < 0) {
        if (errno == EINTR) continue;
        // A file system without RWF_NOWAIT can only be read by waiting, on the blocking pool.
        const bool would_wait = flags != 0 && (errno == EAGAIN || errno == EOPNOTSUPP);
        if (would_wait && done > 0) break;
        return posix_error(would_wait ? EAGAIN : errno, "read", path_);
      }
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  const int descriptor_;
  const std::string path_;
};

}  // namespace

std::unique_ptr<File> make_posix_file(int descriptor, std::string path) {
  return std::make_unique<PosixFile>(descriptor, std::move(path));
}

}  // namespace horolog::storage
