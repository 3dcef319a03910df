#include "tests/support/faulty_file.hpp"

namespace horolog::test {
namespace {

class FaultyFile final : public storage::File {
 public:
  FaultyFile(std::unique_ptr<storage::File> inner, FaultyFileSystem& owner)
      : inner_(std::move(inner)), owner_(owner) {}

  const std::string& path() const override { return inner_->path(); }
  int descriptor() const override { return inner_->descriptor(); }
  Result<std::uint64_t> size() const override { return inner_->size(); }
  Result<std::size_t> read_at(MutableBytes out, std::uint64_t position) const override {
    return inner_->read_at(out, position);
  }
  Result<std::size_t> read_at_nowait(MutableBytes out, std::uint64_t position) const override {
    return inner_->read_at_nowait(out, position);
  }
  Status write_at(ByteView bytes, std::uint64_t position) override {
    return write_parts({&bytes, 1}, position);
  }
  Status write_parts(std::span<const ByteView> parts, std::uint64_t position) override {
    auto error = owner_.check(Op::write, path());
    if (!error) return inner_->write_parts(parts, position);
    if (owner_.fault_is_partial()) {
      const ByteView last = parts.back();
      HOROLOG_TRY(inner_->write_at(last.first(last.size() / 2), position));
    }
    return *error;
  }
  Status truncate(std::uint64_t size) override {
    if (auto error = owner_.check(Op::truncate, path())) return *error;
    return inner_->truncate(size);
  }
  Status allocate(std::uint64_t position, std::uint64_t length) override {
    return inner_->allocate(position, length);
  }
  Status sync_data() override {
    if (auto error = owner_.check(Op::sync, path())) return *error;
    return inner_->sync_data();
  }
  Status set_modified(TimestampMs time) override { return inner_->set_modified(time); }
  Result<TimestampMs> modified() const override { return inner_->modified(); }
  Result<std::shared_ptr<storage::MappedRegion>> map(std::size_t length,
                                                     storage::Access access) override {
    if (auto error = owner_.check(Op::map, path())) return *error;
    return inner_->map(length, access);
  }

 private:
  std::unique_ptr<storage::File> inner_;
  FaultyFileSystem& owner_;
};

}  // namespace

void FaultyFileSystem::set_fault(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  seen_ = 0;
  struck_ = false;
}

void FaultyFileSystem::clear_fault() {
  const std::lock_guard lock(mutex_);
  fault_.reset();
}

int FaultyFileSystem::count(Op op) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(op);
  return found == counts_.end() ? 0 : found->second;
}

bool FaultyFileSystem::struck() const {
  const std::lock_guard lock(mutex_);
  return struck_;
}

bool FaultyFileSystem::fault_is_partial() const {
  const std::lock_guard lock(mutex_);
  return fault_ && fault_->partial;
}

std::optional<Error> FaultyFileSystem::check(Op op, const std::string& path) {
  if (watch_) watch_(op, path);
  const std::lock_guard lock(mutex_);
  ++counts_[op];
  if (fault_ && struck_ && fault_->then_also == op) {
    return Error(fault_->code, "injected fault on " + path, fault_->os_error);
  }
  if (!fault_) return std::nullopt;
  const bool meant = fault_->op == op || (fault_->op == Op::any && op != Op::map);
  if (!meant) return std::nullopt;
  ++seen_;
  if (seen_ != fault_->nth && !(fault_->lasting && seen_ > fault_->nth)) return std::nullopt;
  struck_ = true;
  return Error(fault_->code, "injected fault on " + path, fault_->os_error);
}

Result<std::unique_ptr<storage::File>> FaultyFileSystem::open(const std::string& path,
                                                              storage::OpenMode mode) {
  if (auto error = check(Op::open, path)) return *error;
  HOROLOG_ASSIGN(auto file, inner_.open(path, mode));
  return std::unique_ptr<storage::File>(std::make_unique<FaultyFile>(std::move(file), *this));
}

Status FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  if (auto error = check(Op::rename, from)) return *error;
  return inner_.rename(from, to);
}

Status FaultyFileSystem::remove(const std::string& path) {
  if (auto error = check(Op::remove, path)) return *error;
  return inner_.remove(path);
}

Status FaultyFileSystem::sync_directory(const std::string& path) {
  if (auto error = check(Op::sync_directory, path)) return *error;
  return inner_.sync_directory(path);
}

}  // namespace horolog::test
