#!/usr/bin/env bash
# The long form of the crash and fault tests: 200 kill -9 rounds, 200 power cuts, a million records
# behind a proxy that drops answers, 20 seeds of transactions under kills, fencing and lost answers,
# failing and full disks, too few descriptors, malformed requests, thousands of slow clients, the
# randomised storage tests with new seeds, cron against a walk through every minute, the client
# library while its broker is killed 50 times, and 200 kills each under task workers and under a
# thousand fires a second (50 on Apache Kafka).
# Needs root and loop devices. About two hours on two cores. Everything printed goes to
# build/soak/log as well; every suite prints its seed; the last lines sum up.
#   tools/soak.sh [NAME=VALUE …]     kills=200 cuts=200 repeat=5 limits=20 answers=334000
#                                    frames=500000 clients=5000 seconds=75 scale=20
#                                    seeds=20 producers=16 storms=10 library=50 stops=10 fires=200
#                                    fires_on_kafka=50 tasks=200 tasks_on_kafka=50
#   tools/soak.sh kills=20 cuts=20   a shorter one
set -uo pipefail
cd "$(dirname "$0")/.."
kills=200 cuts=200 repeat=5 limits=20 answers=334000 frames=500000 clients=5000 seconds=75 scale=20
seeds=20 producers=16 storms=10 library=50 stops=10 fires=200
fires_on_kafka=50 tasks=200 tasks_on_kafka=50
for word in "$@"; do
  name=${word%%=*} value=${word#*=}
  case $name in
    kills | cuts | repeat | limits | answers | frames | clients | seconds | scale) ;;
    seeds | producers | storms | library | stops | fires | fires_on_kafka) ;;
    tasks | tasks_on_kafka) ;;
    *) echo "soak: no figure '$name' (see the head of $0)" >&2 && exit 2 ;;
  esac
  [[ $value =~ ^[0-9]+$ ]] || { echo "soak: $name=$value is not a number" >&2 && exit 2; }
  printf -v "$name" %s "$value"
done

out=build/soak
mkdir -p "$out"
exec > >(tee "$out/log") 2>&1
tools/setup.sh --tests || exit 1
cmake --preset release > "$out/build.log" &&
  cmake --build --preset release --target horologd test_storage test_record \
    test_timekeeping own_member own_producer own_consumer own_copy horolog-scheduler \
    stopping_scheduler own_worker horolog >> "$out/build.log" || {
  tail -20 "$out/build.log"
  exit 1
}
echo "commit $(git rev-parse --short HEAD 2> /dev/null || echo unknown), started $(date -u +%FT%TZ)"
work=$(mktemp -d "${TMPDIR:-/var/tmp}/horolog-soak-XXXXXX")
export TMPDIR=$work
running=
finish() {
  [ -z "$running" ] || { kill "$running" 2> /dev/null && wait "$running"; }
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# step COMMAND…: in the background, so that a signal to us reaches it. Returns its exit code.
step() {
  "$@" &
  running=$!
  wait "$running"
  local code=$?
  running=
  return $code
}

failed=0
seed=$((RANDOM * 32768 + RANDOM))
filter='RecoveryTest.*:CrashStateTest.*:ModelTest.*:FaultTest.*:LogStoreCrash.*'
from=$SECONDS
echo "== storage: seed $seed, $scale times the usual rounds"
HOROLOG_TEST_SEED=$seed HOROLOG_TEST_SCALE=$scale \
  step build/release/bin/test_storage --gtest_filter="$filter" --gtest_brief=1 || failed=1
step build/release/bin/test_record --gtest_brief=1 || failed=1
echo "== storage: $((SECONDS - from)) s"
from=$SECONDS
echo "== timekeeping: every minute around every change of the clock, 1973 to 2037, 30 zones"
HOROLOG_TEST_SEED=$seed HOROLOG_TEST_SCALE=$scale \
  step build/release/bin/test_timekeeping --gtest_brief=1 || failed=1
echo "== timekeeping: $((SECONDS - from)) s"

rm -f "$out/soak.json"
suites=(kill powercut idempotence chaos damage eio disk hostile slow badinput taskkills fires)
step python3 tests/crash/run.py "${suites[@]/#/--suite=}" --kills "$kills" --cuts "$cuts" \
  --repeat "$repeat" --limits "$limits" --answers "$answers" --frames "$frames" \
  --clients "$clients" --slow-seconds "$seconds" --seeds "$seeds" --producers "$producers" \
  --storms "$storms" --task-rounds "$tasks" --fires "$fires" \
  --kafka-fires "$fires_on_kafka" --json "$out/soak.json" || failed=1
from=$SECONDS
echo "== tasks: $tasks_on_kafka kills on Apache Kafka"
step python3 tests/crash/run.py --suite taskkills --target kafka \
  --task-rounds "$tasks_on_kafka" || failed=1
echo "== tasks: $((SECONDS - from)) s"
from=$SECONDS
echo "== client library: $library kills under one producer and one consumer"
HOROLOG_KILLS=$library step python3 tests/interop/run.py --suite own_groups \
  --client confluent-kafka || failed=1
echo "== client library: $((SECONDS - from)) s"
from=$SECONDS
echo "== scheduler: stopped at crossings 1 to $stops of each step of a transaction"
SCHEDULER_STOP_CROSSINGS=$(seq -s, 1 "$stops") step python3 tests/interop/run.py \
  --suite scheduler_stops --client confluent-kafka || failed=1
echo "== scheduler: the same on Apache Kafka, crossings 2 and 5; what else may happen to it there"
SCHEDULER_STOP_CROSSINGS=2,5 step python3 tests/interop/run.py --target kafka \
  --suite scheduler_stops --suite scheduler_clients --suite scheduler_harm \
  --suite scheduler_targets --client confluent-kafka || failed=1
echo "== scheduler: $((SECONDS - from)) s"
verdict=good
[ $failed = 0 ] || verdict=FAILED
echo "soak: $verdict in $SECONDS s: $(python3 -c \
  'import json, sys; print(json.load(open(sys.argv[1]))["summary"])' "$out/soak.json")"
exit $failed
