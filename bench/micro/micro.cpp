#include "bench/micro/micro.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace horolog::bench {

void run_micro(std::span<const std::string_view> args) {
  std::vector<std::string> texts = {"horolog-bench micro"};
  texts.insert(texts.end(), args.begin(), args.end());
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  auto count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}

}  // namespace horolog::bench
