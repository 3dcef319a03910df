#include "admin/responses.hpp"

#include <fmt/format.h>

#include "base/json.hpp"

namespace horolog::admin {
namespace {

constexpr std::string_view json = "application/json";
// Prometheus' name of its text format.
constexpr std::string_view exposition = "text/plain; version=0.0.4; charset=utf-8";

Answer readiness(const Source& source) {
  const auto reasons = source.not_ready_reasons();
  if (reasons.empty()) return {200, std::string(json), "{\"ready\":true,\"reasons\":[]}\n"};
  std::string list;
  for (const std::string& reason : reasons) list += (list.empty() ? "" : ",") + json_string(reason);
  return {503, std::string(json), fmt::format("{{\"ready\":false,\"reasons\":[{}]}}\n", list)};
}

Answer metrics(const Source& source, std::string_view version) {
  MetricsWriter writer;
  writer.gauge("horolog_build_info", "Always 1; the labels say which build this is.", 1,
               {{"version", version}});
  source.collect(writer);
  return {200, std::string(exposition), writer.text()};
}

}  // namespace

Answer text_answer(unsigned status, std::string_view text) {
  return {status, "text/plain; charset=utf-8", std::string(text) + '\n'};
}

Answer answer_get(std::string_view target, const Source& source, std::string_view version) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path == "/livez" || path == "/healthz") return text_answer(200, "ok");
  if (path == "/readyz") return readiness(source);
  if (path == "/metrics") return metrics(source, version);
  if (path == "/version") {
    return {200, std::string(json), fmt::format("{{\"name\":\"horologd\",\"version\":{}}}\n",
                                                json_string(version))};
  }
  return text_answer(404, "not found; here are /livez, /readyz, /metrics and /version");
}

}  // namespace horolog::admin
