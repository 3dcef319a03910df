#include "storage/check_data.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "storage/coordinator_snapshot.hpp"
#include "storage/directory_layout.hpp"

namespace horolog::storage {
namespace {

/// The snapshots of the coordinators in one partition.
Status check_coordinator_snapshots(FileSystem& fs, const std::string& place,
                                   const std::string& name, VerifyReport& report) {
  for (const auto& file : {group_snapshot, transaction_snapshot}) {
    const auto found = read_snapshot(fs, file, place);
    if (found) continue;
    if (found.error().code() == Errc::io) return found.error();
    report.damage(fmt::format("{}/{}", name, file.name), std::nullopt, found.error().message(),
                  "remove the file: without it a start reads the whole log");
  }
  return {};
}

std::string_view name_of(Finding::Severity severity) {
  return severity == Finding::Severity::damage ? "damage" : "note";
}

}  // namespace

Result<VerifyReport> check_data(const std::string& directory, ReadBytes* watched) {
  const auto fs = make_posix_file_system();
  const auto partition = partition_place(*fs, directory);
  std::unique_ptr<DirectoryLock> lock;
  const std::string lock_file =
      fmt::format("{}/{}", partition ? partition->data_directory : directory, lock_name);
  if (fs->exists(lock_file)) {
    auto taken = fs->lock_for_reading(lock_file);
    if (!taken) return taken.error();
    lock = std::move(*taken);
  }
  if (partition) {
    HOROLOG_ASSIGN(auto report, verify_one_partition(*fs, *partition, watched));
    HOROLOG_TRY(check_coordinator_snapshots(*fs, directory, partition->name, report));
    return report;
  }
  HOROLOG_ASSIGN(auto report, verify_directory(*fs, directory, watched));
  HOROLOG_ASSIGN(const auto content, scan_directory(*fs, directory));
  for (const TopicPartition& id : content.partitions) {
    const std::string name = id.to_string();
    HOROLOG_TRY(check_coordinator_snapshots(*fs, directory + "/" + name, name, report));
  }
  return report;
}

std::string report_text(const std::string& directory, const VerifyReport& report,
                        double seconds) {
  std::string out;
  std::size_t damaged = 0;
  for (const Finding& finding : report.findings) {
    damaged += finding.severity == Finding::Severity::damage ? 1 : 0;
    const std::string at =
        finding.position ? fmt::format(", byte {}", *finding.position) : std::string();
    out += fmt::format("{}: {}{}: {}\n", name_of(finding.severity), finding.file, at, finding.what);
    if (!finding.fix.empty()) out += fmt::format("  fix: {}\n", finding.fix);
  }
  return out + fmt::format(
                   "{}: {}; {} partitions, {} segments, {} batches, {} records, {:.1f} MB "
                   "in {:.1f} s; last stop: {}\n",
                   directory, damaged == 0 ? "sound" : fmt::format("{} damaged places", damaged),
                   report.partitions, report.segments, report.batches, report.records,
                   static_cast<double>(report.bytes) / 1e6, seconds,
                   report.clean_stop ? "clean" : "unclean");
}

std::string report_json(const std::string& directory, const VerifyReport& report,
                        double seconds) {
  std::string findings;
  for (const Finding& finding : report.findings) {
    findings += fmt::format(
        "{}\n    {{\"severity\": \"{}\", \"file\": {}, \"position\": {}, \"what\": {}, \"fix\": "
        "{}}}",
        findings.empty() ? "" : ",", name_of(finding.severity), json_string(finding.file),
        finding.position ? std::to_string(*finding.position) : "null", json_string(finding.what),
        json_string(finding.fix));
  }
  return fmt::format(
      "{{\n  \"directory\": {},\n  \"sound\": {},\n  \"clean_stop\": {},\n  \"partitions\": {},\n"
      "  \"segments\": {},\n  \"batches\": {},\n  \"records\": {},\n  \"bytes\": {},\n"
      "  \"seconds\": {:.3f},\n  \"findings\": [{}]\n}}\n",
      json_string(directory), !report.damaged(), report.clean_stop, report.partitions,
      report.segments, report.batches, report.records, report.bytes, seconds,
      findings.empty() ? "" : findings + "\n  ");
}

}  // namespace horolog::storage
