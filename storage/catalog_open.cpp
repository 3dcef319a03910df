#include <fmt/format.h>

#include "base/log.hpp"
#include "storage/catalog_bootstrap.hpp"
#include "storage/catalog_impl.hpp"
#include "storage/catalog_state.hpp"

namespace horolog::storage {
namespace {

/// The topic id that Kafka gives its metadata log: 1.
constexpr char metadata_partition_file[] = "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ";

/// Everything but the log first, each file atomically: a crash leaves a directory that the next
/// start completes.
Status bootstrap(FileSystem& fs, const std::string& directory, const MetaProperties& meta,
                 TimestampMs now) {
  const std::string path = directory + "/" + metadata_directory;
  HOROLOG_TRY(fs.make_directories(path));
  HOROLOG_TRY(fs.sync_directory(directory));
  HOROLOG_TRY(replace_file(fs, directory + "/bootstrap.checkpoint", bootstrap_checkpoint(now)));
  HOROLOG_TRY(replace_file(fs, path + "/partition.metadata", as_bytes(metadata_partition_file)));
  HOROLOG_TRY(replace_file(fs, path + "/leader-epoch-checkpoint",
                           as_bytes(fmt::format("0\n1\n{} 0\n", metadata_log_epoch))));
  HOROLOG_TRY(replace_file(fs, path + "/quorum-state", as_bytes(quorum_state(meta.node_id))));
  return replace_file(fs, path + fmt::format("/{:020}.log", 0), bootstrap_log(meta, now));
}

bool has_log(FileSystem& fs, const std::string& path) {
  const auto names = fs.list(path);
  if (!names) return false;
  for (const std::string& name : *names) {
    if (name.ends_with(".log")) return true;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<Catalog::Impl>> Catalog::Impl::open(FileSystem& fs,
                                                           const std::string& directory,
                                                           MetaProperties meta, TimestampMs now) {
  const std::string path = directory + "/" + metadata_directory;
  if (!has_log(fs, path)) HOROLOG_TRY(bootstrap(fs, directory, meta, now));
  auto impl = std::make_unique<Impl>();
  CatalogSnapshot empty;
  empty.cluster_id = meta.cluster_id;
  empty.node_id = meta.node_id;
  CatalogState state(empty);
  HOROLOG_ASSIGN(impl->log, CatalogLog::open(fs, path, [&](const record::BatchView& batch) {
                   return state.apply(batch);
                 }));
  for (const std::string& type : state.ignored()) {
    log::warn("catalog", "records that this version keeps but does not act on",
              {log::field("type", type)});
  }
  impl->removed = state.removed();
  impl->current = state.finish();
  impl->meta = std::move(meta);
  return impl;
}

}  // namespace horolog::storage
