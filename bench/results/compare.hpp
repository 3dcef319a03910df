#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/results/document.hpp"

namespace horolog::bench {

/// What the repetitions of two measurements allow to say.
enum class Verdict : std::uint8_t {
  same,     ///< no difference that stands out of the noise
  better,   ///< the second is better
  worse,    ///< the second is worse
  too_few,  ///< no difference could stand out, however large: repeat more often
};
const char* to_string(Verdict verdict);

/// Ranks say more than means where runs scatter by a factor of two: a difference counts when a
/// two-sided Mann-Whitney test (exact, ties counted as half) gives it less than one chance in
/// twenty of being luck, and the medians differ by more than 3 %. With three repetitions or fewer a
/// side that test can never be passed.
struct Judgement {
  Verdict verdict = Verdict::same;
  double ratio = 1;   ///< median of the second over median of the first
  double chance = 1;  ///< of such a difference by luck
};
Judgement judge(const std::vector<double>& first, const std::vector<double>& second,
                bool more_is_better);

/// One line of a comparison: a field of one piece of work by one system, in both documents.
struct Comparison {
  std::string work;
  std::string system;
  std::string title;
  double first = 0;
  double second = 0;
  Judgement judgement;
};
std::vector<Comparison> compare(const Document& first, const Document& second);
/// For people: what got better or worse, then what did not; which machine settings differ.
std::string write_comparison(const Document& first, const Document& second);

}  // namespace horolog::bench
