#!/usr/bin/env bash
# Every test of Horolog, as CI runs it: unit tests, foreign clients and tools, oracles, crash rounds
# on the release build; then clang's address and thread sanitizers. Needs root for the power cuts.
#   tools/test.sh               everything, from a bare Debian 12 on
#   tools/test.sh SUITE …       only these: unit schema interop answers readme crash asan ...
# Logs go to build/test-logs, results as JSON to build/test-results. The last line says
# "N passed, N failed"; the exit code is 1 when something failed, is missing or ran nothing.
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD
logs=$root/build/test-logs
out=$root/build/test-results
mkdir -p "$logs" "$out"
all=(unit schema interop answers readme crash asan fuzz smoke tsan)
wanted=("$@")
[ $# -gt 0 ] || wanted=("${all[@]}")
for name in "${wanted[@]}"; do
  [[ " ${all[*]} " == *" $name "* ]] && continue
  echo "test: no suite $name; there are: ${all[*]}" >&2
  exit 2
done
wants() { [[ " ${wanted[*]} " == *" $1 "* ]]; }

passed=0
failed=0
summary=()
began=$SECONDS
tsan_areas=(net broker storage client worker)

# note NAME PASSED FAILED SECONDS: one row of the summary.
note() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  summary+=("$(printf '%-10s %6d passed %4d failed %5d s' "$1" "$2" "$3" "$4")")
  echo "== ${summary[-1]}"
}

# counted NAME COMMAND…: runs a program whose last line is "N passed, N failed …". A program that
# ends without that line, or with code 0 and nothing run, has failed.
counted() {
  local name=$1 from=$SECONDS code line good bad
  shift
  echo "== $name: $*"
  "$@" 2>&1 | tee "$logs/$name.log"
  code=${PIPESTATUS[0]}
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$logs/$name.log" | tail -1)
  if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    good=${BASH_REMATCH[1]} bad=${BASH_REMATCH[2]}
  else
    good=0 bad=1
    echo "== $name: ended with code $code and without counts"
  fi
  [ "$code" = 0 ] || [ "$bad" -gt 0 ] || bad=1
  [ $((good + bad)) -gt 0 ] || bad=1
  note "$name" "$good" "$bad" $((SECONDS - from))
}

# build PRESET [TARGET…]: configures and builds; the log is shown when it fails.
build() {
  local preset=$1
  shift
  {
    cmake --preset "$preset" && cmake --build --preset "$preset" ${1:+--target "$@"}
  } > "$logs/build-$preset.log" 2>&1 || {
    tail -40 "$logs/build-$preset.log"
    return 1
  }
}

# built PRESET [TARGET…]: the same as a row of the summary.
built() {
  local from=$SECONDS
  echo "== build $1"
  if build "$@"; then note "build-$1" 1 0 $((SECONDS - from)); else
    note "build-$1" 0 1 $((SECONDS - from))
    return 1
  fi
}

# unit NAME PRESET REGEX: ctest, counting the GoogleTest cases inside every program.
unit() {
  local name=$1 preset=$2 regex=$3 from=$SECONDS
  local results=$out/$name
  rm -rf "$results"
  mkdir -p "$results"
  GTEST_OUTPUT=json:$results/ ctest --preset "$preset" -R "$regex" --parallel 2 \
    --output-junit "$results/ctest.xml" > "$logs/$name.log" 2>&1
  local code=$?
  [ $code = 0 ] || grep -vE '^\[ +(OK|RUN) ' "$logs/$name.log" | tail -60
  local counts
  counts=$(python3 "$root/tools/unit_counts.py" "$results") || code=1
  sed '$d' <<< "$counts"
  local good bad
  read -r good bad <<< "$(tail -1 <<< "$counts")"
  [ $code = 0 ] || [ "${bad:-0}" -gt 0 ] || bad=1
  [ $((${good:-0} + ${bad:-0})) -gt 0 ] || bad=1
  note "$name" "${good:-0}" "${bad:-0}" $((SECONDS - from))
}

# fuzzing SECONDS: every libFuzzer target for its share of the time.
fuzzing() {
  local targets=("$root"/build/asan/bin/fuzz_*) good=0 bad=0 from=$SECONDS
  if [ ! -e "${targets[0]}" ]; then
    echo "== fuzz: no target in build/asan/bin"
    note fuzz 0 1 0
    return
  fi
  local share=$(($1 / ${#targets[@]}))
  for target in "${targets[@]}"; do
    local name
    name=$(basename "$target")
    local corpus=$root/build/fuzz/$name
    mkdir -p "$corpus"
    if (cd "$corpus" && "$target" -max_total_time=$share -timeout=10 -rss_limit_mb=4096 \
        -print_final_stats=1 -artifact_prefix="$corpus/crash-" "$corpus") \
        > "$logs/$name.log" 2>&1; then
      echo "  ok   $name: $(grep -m1 number_of_executed_units "$logs/$name.log")"
      good=$((good + 1))
    else
      tail -30 "$logs/$name.log"
      bad=$((bad + 1))
    fi
  done
  note fuzz "$good" "$bad" $((SECONDS - from))
}

finish() {
  echo
  printf '%s\n' "${summary[@]}"
  [ $((passed + failed)) -gt 0 ] || failed=1
  echo "$passed passed, $failed failed in $((SECONDS - began)) s"
  [ "$failed" = 0 ] || exit 1
}

if ! "$root/tools/setup.sh" --tests; then
  note setup 0 1 0
  finish
fi
[ $# -gt 0 ] || git rev-parse --short HEAD 2> /dev/null | sed 's/^/commit /'

sanitized=""
if wants unit || wants schema || wants interop || wants answers || wants readme || wants crash; then
  built release || finish
fi
# The sanitizer builds fill the time in which the suites below mostly wait for timeouts.
if wants asan || wants fuzz || wants smoke || wants tsan; then
  (
    renice -n 15 $BASHPID > /dev/null
    if wants asan || wants fuzz || wants smoke; then build asan || exit 1; fi
    if wants tsan; then build tsan "${tsan_areas[@]/#/test_}" || exit 1; fi
  ) &
  sanitized=$!
fi
if wants unit; then unit unit release '.*'; fi
if wants schema; then
  counted schema python3 tests/interop/schema_oracle.py
  counted records python3 tests/interop/record_goldens.py
fi
if wants interop; then
  counted interop python3 tests/interop/run.py --jobs 2 --json "$out/interop.json"
fi
if wants answers; then
  counted answers python3 tests/interop/answer_oracle/run.py --json "$out/answers.json"
fi
if wants readme; then counted readme python3 tests/interop/readme.py; fi
if wants crash; then counted crash python3 tests/crash/run.py; fi

if [ -n "$sanitized" ]; then
  from=$SECONDS
  echo "== waiting for the sanitizer builds"
  if wait "$sanitized"; then
    note build-san 1 0 $((SECONDS - from))
    if wants asan; then unit asan asan '.*'; fi
    if wants fuzz; then fuzzing 120; fi
    if wants smoke; then
      counted smoke python3 tests/interop/run.py --binary build/asan/bin/horologd \
        --suite clients --client kcat --client librdkafka
    fi
    if wants tsan; then unit tsan tsan "^($(IFS='|' && echo "${tsan_areas[*]}"))\$"; fi
  else
    note build-san 0 1 $((SECONDS - from))
  fi
fi
finish
