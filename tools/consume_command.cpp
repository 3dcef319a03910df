// horolog consume: records as text.

#include <cstdio>

#include "tools/cluster_settings.hpp"
#include "tools/consume_run.hpp"
#include "tools/stream_commands.hpp"

namespace horolog::command {
namespace {

/// Enough for many writes, few enough to stay in the processor's cache.
constexpr std::size_t records_a_poll = 2000;
constexpr std::int32_t partition_fetch_bytes = 4 << 20;

ConsumerOptions consumer_options(const Context& context, const ConsumeRequest& request) {
  ConsumerOptions options;
  options.client = client_options(context);
  options.client.wait_for_brokers = true;
  options.group = request.group;
  options.auto_commit = false;
  // By hand an offset that is not there is an error; a group begins where it was told to.
  options.offset_reset = request.group.empty() ? OffsetReset::none
                         : request.range.from.kind == OffsetPoint::Kind::end
                             ? OffsetReset::latest
                             : OffsetReset::earliest;
  if (request.committed) options.isolation = Isolation::read_committed;
  options.max_poll_records = records_a_poll;
  options.partition_max_bytes = partition_fetch_bytes;
  return options;
}

}  // namespace

Exit run_consume(Context& context) {
  const auto request = read_consume_request(context);
  if (!request) return context.fail(request.error());
  auto plan = plan_consume(context, *request);
  if (!plan) return fail_cluster(context, plan.error());
  for (const std::string& note : plan->notes) context.note(note);
  auto consumer = Consumer::open(consumer_options(context, *request));
  if (!consumer) return fail_cluster(context, consumer.error());
  catch_stop_signals();
  std::fflush(context.console().out);
  StreamOutput output(fileno(context.console().out));
  ConsumeRun run(context, *request, *consumer, output);
  const Status started =
      request->group.empty() ? run.assign(plan->ranges) : run.subscribe(plan->topics);
  if (!started) return fail_cluster(context, started.error());
  const Status done = run.run();
  if (!done) return fail_cluster(context, done.error());
  return stop_requested() ? Exit::interrupted : Exit::ok;
}

}  // namespace horolog::command
