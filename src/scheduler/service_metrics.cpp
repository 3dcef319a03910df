#include "scheduler/service_metrics.hpp"

#include <string_view>

namespace horolog::scheduler {

void ServiceMetrics::write(admin::MetricsWriter& out) const {
  const auto count = [&](std::string_view name, std::string_view help, const Counter& counter) {
    out.counter(name, help, counter.value());
  };
  count("horolog_scheduler_fired_total", "Records fired.", fired);
  count("horolog_scheduler_missed_total", "Nominal times given up by catch-up.", missed);
  count("horolog_scheduler_skipped_total", "Run records of fires that were skipped.", skipped);
  count("horolog_scheduler_rejected_total", "Commands rejected.", rejected);
  count("horolog_scheduler_stalled_total", "Times that a target stopped taking records.",
        stalled);
  count("horolog_scheduler_commands_total", "Commands read.", commands);
  count("horolog_scheduler_transactions_committed_total", "Transactions committed.", committed);
  count("horolog_scheduler_transactions_aborted_total",
        "Transactions aborted or of unknown outcome.", aborted);
  count("horolog_scheduler_takeovers_total", "Takeovers of partitions begun.", takeovers);
  out.gauge("horolog_scheduler_partitions_owned", "Partitions whose schedules are fired here.",
            static_cast<double>(owned.value()));
  out.gauge("horolog_scheduler_pending", "Schedules in the partitions owned here.",
            static_cast<double>(pending.value()));
  const auto later = [&](std::string_view than, const Gauge& value) {
    out.gauge("horolog_scheduler_pending_later",
              "Schedules in mirrors that are due later than that, by whole buckets.",
              static_cast<double>(value.value()), {{"than", than}});
  };
  later("1h", later_than_hour);
  later("1d", later_than_day);
  out.gauge("horolog_scheduler_command_lag_records",
            "Offsets of commands that are committed and not read yet.",
            static_cast<double>(lag.value()));
  out.gauge("horolog_scheduler_mirror_schedules", "Schedules that lie in the mirrors on disk.",
            static_cast<double>(mirrored.value()));
  out.gauge("horolog_scheduler_mirror_memory_bytes", "Memory of the mirrors' indexes and timers.",
            static_cast<double>(mirror_memory.value()));
  out.gauge("horolog_scheduler_mirror_file_bytes", "Files of the mirrors.",
            static_cast<double>(mirror_file.value()));
  out.histogram("horolog_scheduler_fire_lateness_seconds",
                "From the due time until the fire was committed.", lateness.snapshot());
  out.histogram("horolog_scheduler_tick_duration_seconds",
                "One tick of a partition, with its transaction.", tick.snapshot());
}

}  // namespace horolog::scheduler
