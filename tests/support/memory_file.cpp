#include "tests/support/memory_file.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace horolog::test {
namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t sector_bytes = 512;
constexpr std::size_t reserved_bytes = (std::size_t{1} << 30) + (1 << 20);

Error missing(const std::string& path) {
  return Error(Errc::not_found, "no file " + path, ENOENT);
}

std::size_t round_up(std::size_t size) { return (size + page_bytes - 1) / page_bytes * page_bytes; }

}  // namespace

class MemoryFileSystem::Inode {
 public:
  Inode() {
    void* at = ::mmap(nullptr, reserved_bytes, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) std::abort();
    data_ = static_cast<std::byte*>(at);
  }
  ~Inode() { ::munmap(data_, reserved_bytes); }
  Inode(const Inode&) = delete;
  Inode& operator=(const Inode&) = delete;

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  ByteView bytes() const { return {data_, size_}; }

  void resize(std::size_t size) {
    const std::lock_guard lock(mutex);
    const std::size_t accessible = round_up(size_);
    const std::size_t wanted = round_up(size);
    if (size < size_) std::memset(data_ + size, 0, size_ - size);
    if (wanted > accessible) {
      ::mprotect(data_ + accessible, wanted - accessible, PROT_READ | PROT_WRITE);
    } else if (wanted < accessible) {
      ::mprotect(data_ + wanted, accessible - wanted, PROT_NONE);
    }
    size_ = size;
  }

  void grow(std::size_t size) {
    if (size > size_) resize(size);
  }

  void sync() {
    const std::lock_guard lock(mutex);
    durable.assign(data_, data_ + size_);
  }

  /// A copy in which what was not synced survived by chance.
  std::shared_ptr<Inode> crashed(std::mt19937_64& random, double survival) const {
    const auto made = std::make_shared<Inode>();
    std::bernoulli_distribution survives(survival);
    const std::size_t size = survives(random) ? size_.load() : durable.size();
    made->resize(size);
    if (!durable.empty()) std::memcpy(made->data_, durable.data(), std::min(size, durable.size()));
    for (std::size_t at = 0; at < std::min<std::size_t>(size, size_); at += sector_bytes) {
      const std::size_t span = std::min(sector_bytes, std::min<std::size_t>(size, size_) - at);
      if (std::memcmp(made->data_ + at, data_ + at, span) == 0 || !survives(random)) continue;
      std::memcpy(made->data_ + at, data_ + at, span);
    }
    made->sync();
    made->modified = modified.load();
    return made;
  }

  std::mutex mutex;
  ByteBuffer durable;
  std::atomic<TimestampMs> modified{0};

 private:
  std::byte* data_ = nullptr;
  std::atomic<std::size_t> size_{0};
};

namespace {

using Inode = MemoryFileSystem::Inode;

class MemoryMapping final : public storage::MappedRegion {
 public:
  MemoryMapping(std::shared_ptr<Inode> inode, std::size_t size) : inode_(std::move(inode)) {
    data_ = inode_->data();
    size_ = size;
  }

 private:
  std::shared_ptr<Inode> inode_;
};

class MemoryFile final : public storage::File {
 public:
  MemoryFile(std::shared_ptr<Inode> inode, std::string path)
      : inode_(std::move(inode)), path_(std::move(path)) {}

  const std::string& path() const override { return path_; }
  Result<std::uint64_t> size() const override { return std::uint64_t{inode_->size()}; }
  Result<std::size_t> read_at(MutableBytes out, std::uint64_t position) const override {
    if (position >= inode_->size()) return std::size_t{0};
    const std::size_t span = std::min<std::size_t>(out.size(), inode_->size() - position);
    std::memcpy(out.data(), inode_->data() + position, span);
    return span;
  }
  Result<std::size_t> read_at_nowait(MutableBytes out, std::uint64_t position) const override {
    return read_at(out, position);
  }
  Status write_at(ByteView bytes, std::uint64_t position) override {
    inode_->grow(position + bytes.size());
    if (!bytes.empty()) std::memcpy(inode_->data() + position, bytes.data(), bytes.size());
    return {};
  }
  Status write_parts(std::span<const ByteView> parts, std::uint64_t position) override {
    for (const ByteView part : parts) {
      HOROLOG_TRY(write_at(part, position));
      position += part.size();
    }
    return {};
  }
  Status truncate(std::uint64_t size) override {
    inode_->resize(size);
    return {};
  }
  Status allocate(std::uint64_t position, std::uint64_t length) override {
    inode_->grow(position + length);
    return {};
  }
  Status sync_data() override {
    inode_->sync();
    return {};
  }
  Status set_modified(TimestampMs time) override {
    inode_->modified = time;
    return {};
  }
  Result<TimestampMs> modified() const override { return inode_->modified.load(); }
  Result<std::shared_ptr<storage::MappedRegion>> map(std::size_t length,
                                                     storage::Access) override {
    if (length > reserved_bytes) return Error(Errc::io, "too large for this file system");
    return std::shared_ptr<storage::MappedRegion>(std::make_shared<MemoryMapping>(inode_, length));
  }

 private:
  std::shared_ptr<Inode> inode_;
  const std::string path_;
};

class NoLock final : public storage::DirectoryLock {};

}  // namespace

MemoryFileSystem::MemoryFileSystem() {
  directories_ = {"/", "/data"};
  durable_directories_ = directories_;
}

void MemoryFileSystem::apply(const Change& change, Names& names,
                             std::set<std::string>& directories) {
  if (!change.from.empty()) {
    if (directories.erase(change.from) != 0 && !change.to.empty()) {
      directories.insert(change.to);
      const std::string prefix = change.from + '/';
      Names moved;
      std::erase_if(names, [&](const auto& entry) {
        if (!entry.first.starts_with(prefix)) return false;
        moved[change.to + entry.first.substr(change.from.size())] = entry.second;
        return true;
      });
      names.merge(moved);
      return;
    }
    names.erase(change.from);
  }
  if (change.to.empty()) return;
  if (change.inode) {
    names[change.to] = change.inode;
  } else {
    directories.insert(change.to);
  }
}

void MemoryFileSystem::changed(const std::string& directory, Change change) {
  apply(change, names_, directories_);
  pending_[directory].push_back(std::move(change));
}

Result<std::unique_ptr<storage::File>> MemoryFileSystem::open(const std::string& path,
                                                              storage::OpenMode mode) {
  const std::lock_guard lock(mutex_);
  auto found = names_.find(path);
  if (found == names_.end()) {
    const bool create =
        mode == storage::OpenMode::create || mode == storage::OpenMode::create_new;
    const std::string parent = storage::parent_directory(path);
    if (!create || !directories_.contains(parent)) return missing(path);
    changed(parent, {.from = {}, .to = path, .inode = std::make_shared<Inode>()});
    found = names_.find(path);
  } else if (mode == storage::OpenMode::create_new) {
    return Error(Errc::already_exists, path + " exists", EEXIST);
  }
  return std::unique_ptr<storage::File>(std::make_unique<MemoryFile>(found->second, path));
}

bool MemoryFileSystem::exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return names_.contains(path) || directories_.contains(path);
}

bool MemoryFileSystem::is_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return directories_.contains(path);
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  if (!directories_.contains(directory)) return missing(directory);
  std::vector<std::string> found;
  const auto add = [&](const std::string& path) {
    if (path != directory && storage::parent_directory(path) == directory) {
      found.push_back(path.substr(path.rfind('/') + 1));
    }
  };
  for (const auto& [path, inode] : names_) add(path);
  for (const std::string& path : directories_) add(path);
  std::sort(found.begin(), found.end());
  return found;
}

Status MemoryFileSystem::make_directories(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (directories_.contains(path)) return {};
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string part = path.substr(0, at);
    if (directories_.contains(part)) continue;
    changed(storage::parent_directory(part), {.from = {}, .to = part, .inode = nullptr});
  }
  changed(storage::parent_directory(path), {.from = {}, .to = path, .inode = nullptr});
  return {};
}

Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(from);
  if (found == names_.end() && !directories_.contains(from)) return missing(from);
  const auto inode = found == names_.end() ? nullptr : found->second;
  changed(storage::parent_directory(from), {.from = from, .to = to, .inode = inode});
  return {};
}

Status MemoryFileSystem::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!names_.contains(path)) return missing(path);
  changed(storage::parent_directory(path), {.from = path, .to = {}, .inode = nullptr});
  return {};
}

Status MemoryFileSystem::remove_directory(const std::string& path) {
  HOROLOG_ASSIGN(const auto inside, list(path));
  for (const std::string& name : inside) HOROLOG_TRY(remove(path + '/' + name));
  const std::lock_guard lock(mutex_);
  changed(storage::parent_directory(path), {.from = path, .to = {}, .inode = nullptr});
  return {};
}

Status MemoryFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!directories_.contains(path)) return missing(path);
  for (const Change& change : pending_[path]) apply(change, durable_names_, durable_directories_);
  pending_.erase(path);
  return {};
}

Status MemoryFileSystem::sync_all(const std::string&) {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, inode] : names_) inode->sync();
  durable_names_ = names_;
  durable_directories_ = directories_;
  pending_.clear();
  return {};
}

Result<storage::DiskSpace> MemoryFileSystem::space(const std::string&) {
  return storage::DiskSpace{.total_bytes = 1ULL << 40, .free_bytes = 1ULL << 40};
}

Result<std::unique_ptr<storage::DirectoryLock>> MemoryFileSystem::lock(const std::string&) {
  return std::unique_ptr<storage::DirectoryLock>(std::make_unique<NoLock>());
}

Result<std::unique_ptr<storage::DirectoryLock>> MemoryFileSystem::lock_for_reading(
    const std::string&) {
  return std::unique_ptr<storage::DirectoryLock>(std::make_unique<NoLock>());
}

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::crash(std::mt19937_64& random) const {
  const std::lock_guard lock(mutex_);
  auto left = std::make_unique<MemoryFileSystem>();
  Names names = durable_names_;
  std::set<std::string> directories = durable_directories_;
  for (const auto& [directory, changes] : pending_) {
    const std::size_t kept = random() % (changes.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) apply(changes[i], names, directories);
  }
  constexpr double chances[] = {0.0, 0.5, 0.9, 1.0};
  const double survival = chances[random() % 4];
  for (const auto& [path, inode] : names) {
    // A name whose directory did not survive is gone with it.
    if (!directories.contains(storage::parent_directory(path))) continue;
    left->names_[path] = inode->crashed(random, survival);
  }
  left->directories_ = directories;
  left->durable_names_ = left->names_;
  left->durable_directories_ = directories;
  return left;
}

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::copy() const {
  const std::lock_guard lock(mutex_);
  auto made = std::make_unique<MemoryFileSystem>();
  std::mt19937_64 unused;
  for (const auto& [path, inode] : names_) made->names_[path] = inode->crashed(unused, 1.0);
  made->directories_ = directories_;
  made->durable_names_ = made->names_;
  made->durable_directories_ = directories_;
  return made;
}

ByteBuffer MemoryFileSystem::content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return to_buffer(names_.at(path)->bytes());
}

void MemoryFileSystem::set_content(const std::string& path, ByteView bytes) {
  const std::lock_guard lock(mutex_);
  auto& inode = names_[path];
  if (!inode) inode = std::make_shared<Inode>();
  inode->resize(bytes.size());
  if (!bytes.empty()) std::memcpy(inode->data(), bytes.data(), bytes.size());
  inode->sync();
}

std::vector<std::string> MemoryFileSystem::files() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [path, inode] : names_) all.push_back(path);
  return all;
}

}  // namespace horolog::test
