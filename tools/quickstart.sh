#!/usr/bin/env bash
# From a fresh Debian 12 to a running broker: installs what is missing, builds, starts horologd on
# its defaults (127.0.0.1:9092, data in ./horolog-data), and shows records that outlive a kill -9.
#   tools/quickstart.sh          leaves the broker running and prints its pid
#   tools/quickstart.sh --stop   ends it
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$PWD/build/release/bin/horologd
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
  *) sed -n '2,5p' "$0" >&2; exit 2 ;;
esac

tools/setup.sh
say "Building (build/release); the first time takes some minutes"
mkdir -p build
cmake --preset release > build/quickstart-build.log 2>&1 &&
  cmake --build --preset release --target horologd >> build/quickstart-build.log 2>&1 || {
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

say "kill -9"
pid=$(cat "$pid_file")
printf '$ kill -9 %s\n' "$pid"
kill -9 "$pid"
while running; do sleep 0.05; done
start

say "Everything is still there"
run "kcat -b $broker -C -t fruit -o beginning -e -q $format"

say "The broker runs"
cat <<END
  address   $broker        (any Kafka client connects to it as it is)
  pid       $(cat "$pid_file")
  data      $PWD/horolog-data
  log       $log
  stop it   tools/quickstart.sh --stop
END
