#include "bench/metrics_page.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>

#include "bench/options.hpp"
#include "bench/socket.hpp"

namespace horolog::bench {

std::optional<double> metric_in(std::string_view page, std::string_view name) {
  std::optional<double> sum;
  while (!page.empty()) {
    const std::string_view line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(line.size() + 1, page.size()));
    if (!line.starts_with(name) || line.size() == name.size()) continue;
    const char next = line[name.size()];
    if (next != ' ' && next != '{') continue;
    const std::string_view text = line.substr(line.rfind(' ') + 1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc()) sum = sum.value_or(0) + value;
  }
  return sum;
}

std::string metrics_page(const std::string& address) {
  const Descriptor socket = connect_to(address);
  const std::string request =
      fmt::format("GET /metrics HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", address);
  send_all(socket.get(), as_bytes(request));
  std::string page;
  char buffer[16 << 10];
  for (;;) {
    const ssize_t got = recv(socket.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) system_error("metrics of " + address);
    if (got == 0) break;
    page.append(buffer, static_cast<std::size_t>(got));
  }
  if (!page.starts_with("HTTP/1.1 200")) {
    run_error(fmt::format("http://{}/metrics answers: {}", address, page.substr(0, 80)));
  }
  return page;
}

}  // namespace horolog::bench
