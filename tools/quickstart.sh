#!/usr/bin/env bash
# From a fresh Debian 12 to a running broker: installs what is missing, builds, starts horologd on
# its defaults (127.0.0.1:9092, data in ./horolog-data), and shows records and a schedule that
# outlive a kill -9, and workers that share tasks and outlive one of them.
#   tools/quickstart.sh          leaves the broker running and prints its pid
#   tools/quickstart.sh --stop   ends it
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$PWD/build/release/bin/horologd
horolog=build/release/bin/horolog
pid_file=$PWD/build/quickstart.pid
log=$PWD/build/quickstart.log
broker=127.0.0.1:9092

bold='' plain=''
if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# running: true when the pid that was written down is still that broker.
running() {
  [ -f "$pid_file" ] && [ "$(readlink -f "/proc/$(cat "$pid_file")/exe" 2> /dev/null)" = "$binary" ]
}

stop() {
  if ! running; then
    echo "quickstart: no broker of this checkout runs"
    rm -f "$pid_file"
    return
  fi
  local pid
  pid=$(cat "$pid_file")
  kill "$pid"
  for _ in $(seq 300); do
    running || { rm -f "$pid_file"; echo "quickstart: horologd (pid $pid) has stopped"; return; }
    sleep 0.1
  done
  echo "quickstart: horologd (pid $pid) still runs 30 s after SIGTERM; see $log" >&2
  exit 1
}

start() {
  # Here, not by the child: the line of the run before is not this run's.
  : > "$log.ready"
  # setsid: the broker goes on when the terminal is closed.
  setsid "$binary" > "$log.ready" 2>> "$log" < /dev/null &
  local pid=$!
  echo "$pid" > "$pid_file"
  disown
  for _ in $(seq 300); do
    if [ -s "$log.ready" ]; then
      cat "$log.ready"
      return
    fi
    # Not running(): for a moment the process is still setsid, not yet the broker.
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.1
  done
  tail -5 "$log" >&2
  rm -f "$pid_file"
  echo "quickstart: horologd did not start; the whole log is in $log" >&2
  exit 1
}

# run COMMAND…: shows the command as one would type it, then its output.
run() {
  printf '$ %s\n' "$*"
  bash -c "$*"
}

case "${1:-}" in
  --stop) stop; exit 0 ;;
  "") ;;
  *) sed -n '2,6p' "$0" >&2; exit 2 ;;
esac

tools/setup.sh
say "Building (build/release); the first time takes some minutes"
mkdir -p build
cmake --preset release > build/quickstart-build.log 2>&1 &&
  cmake --build --preset release --target horologd horolog >> build/quickstart-build.log 2>&1 || {
  tail -20 build/quickstart-build.log >&2
  echo "quickstart: the build failed; the whole log is in build/quickstart-build.log" >&2
  exit 1
}
"$binary" --version

say "Starting the broker"
if running; then
  echo "horologd runs already (pid $(cat "$pid_file"))"
else
  start
fi

say "Producing three records with kcat"
run "printf 'apple:1\nbanana:2\ncherry:3\n' | kcat -b $broker -P -t fruit -K: -X acks=all"
echo "(acks=all: the three are on disk, not only in memory)"

say "Consuming them as a member of a group"
format="-f '%k = %s (partition %p, offset %o)\n'"
run "timeout 60 kcat -b $broker -G eaters -X auto.offset.reset=earliest -q -c 3 $format fruit"

say "A schedule is a record too: this one fires every second, into the topic ticks"
# A topic is made by writing to it: schedules write only to what is there.
run "kcat -b $broker -P -t ticks -k quickstart <<< 'the ticks begin'"
rule="-H horolog-every=1s -H horolog-catch-up=all -H horolog-catch-up-window=1m"
since=$(date +%s)
run "kcat -b $broker -P -t horolog.schedules -k tick -H horolog-topic=ticks $rule <<< 'tick'"
run "timeout 60 kcat -b $broker -C -t ticks -o end -c 3 -q -f '%s %h\n' | sed 's/horolog-//g'"

say "kill -9"
pid=$(cat "$pid_file")
printf '$ kill -9 %s\n' "$pid"
kill -9 "$pid"
while running; do sleep 0.05; done
start

say "Everything is still there"
run "kcat -b $broker -C -t fruit -o beginning -e -q $format"

say "The schedule went on: what fell due in between was fired late, once, and in its order"
# From the second after the command on; waits for three fires that came after the kill.
until_second=$(($(date +%s) + 3))
ticks() {
  kcat -b $broker -C -t ticks -o beginning -e -q -X isolation.level=read_committed -f '%h\n' |
    sed -n 's/.*horolog-nominal-time=\([0-9]*\)000.*/\1/p' | awk -v since="$since" '$1 > since + 1'
}
for _ in $(seq 100); do
  [ "$(ticks | tail -1)" -lt "$until_second" ] 2> /dev/null || break
  sleep 0.3
done
ticks | awk 'NR > 1 && $1 != last + 1 { print "a gap after second " last; bad = 1 }
  { last = $1 } NR == 1 { first = $1 }
  END { if (NR < 3) bad = 1
        printf "%d fires, for every second from %d to %d%s\n", NR, first, last, bad ? ": NO" : ""
        exit bad }'

say "Fired records are tasks: three workers share them, one of them is killed"
run "$horolog topic create jobs --partitions 6 --if-not-exists --output name"
printf '$ for n in 1 2 3 4 5 6; do %s schedule create job-$n --topic jobs --every 1s; done\n' \
  "$horolog"
for n in 1 2 3 4 5 6; do
  "$horolog" schedule create "job-$n" --topic jobs --every 1s --value "job $n" > /dev/null
done
workers=()
trap 'kill "${workers[@]}" 2> /dev/null || true' EXIT
for n in 1 2 3; do
  printf '$ %s task work jobs --exec "cat > /dev/null" --name worker-%s &\n' "$horolog" "$n"
  "$horolog" task work jobs --exec 'cat > /dev/null' --name "worker-$n" \
    > "build/quickstart-worker-$n.log" 2>&1 &
  workers+=($!)
done
# done_tasks: how many tasks are complete, and how many still wait.
done_tasks() {
  "$horolog" task stats jobs --output json |
    awk -F'[:,]' '/"waiting"/ || /"succeeded"/ {
      for (i = 1; i < NF; ++i) {
        if ($i ~ /"waiting"/) waiting += $(i + 1)
        if ($i ~ /"succeeded"/) done += $(i + 1)
      }
    } END { print done + 0, waiting + 0 }'
}
# wait_for_tasks LEAST: until so many are complete and none waits, a minute at most.
wait_for_tasks() {
  local complete=0 waiting=0
  for _ in $(seq 120); do
    read -r complete waiting <<< "$(done_tasks)"
    [ "$complete" -lt "$1" ] || [ "$waiting" -gt 6 ] || break
    sleep 0.5
  done
  echo "$complete"
}
complete=$(wait_for_tasks 12)
printf '$ kill -9 %s        # worker-2\n' "${workers[1]}"
disown "${workers[1]}"
kill -9 "${workers[1]}"
# Its share goes to the others when its session has ended, ten seconds later.
wait_for_tasks $((complete + 72)) > /dev/null
run "$horolog schedule rm --prefix job- --yes --output name"
run "$horolog task stats jobs"
kill "${workers[0]}" "${workers[2]}"
wait "${workers[0]}" "${workers[2]}" || true

say "The broker runs"
cat <<END
  address   $broker        (any Kafka client connects to it as it is)
  pid       $(cat "$pid_file")
  data      $PWD/horolog-data
  log       $log
  stop it   tools/quickstart.sh --stop

Three to play with:
  kcat -b $broker -C -t ticks -o end -q -f '%s %h\n'        (watch the ticks)
  kcat -b $broker -P -t horolog.schedules -k tick -H horolog-action=pause <<< x
  printf 'tick:' | kcat -b $broker -P -t horolog.schedules -K: -Z      (no value: cancelled)
END
