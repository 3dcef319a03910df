#!/usr/bin/env bash
# Apache Kafka on loopback, for comparisons and interoperability tests. Needs Java 17+ and Maven
# (the first run fetches the published artifacts; later runs are offline).
#
#   kafka.sh start DIR PORT [key=value ...]   start a KRaft node (controller on PORT+1), wait for it
#   kafka.sh stop DIR                         end that node, by the pid in DIR/pid
#   kafka.sh tool CLASS [argument ...]        run a command-line class of Kafka's
#   kafka.sh classpath                        print the class path
#
# Environment: KAFKA_VERSION (4.3.1), KAFKA_LIBS (where the jars are kept), KAFKA_HEAP (JVM heap
# options of the node), KAFKA_LOG (log level, default WARN).
set -euo pipefail

KAFKA_VERSION=${KAFKA_VERSION:-4.3.1}
cache=${KAFKA_LIBS:-${XDG_CACHE_HOME:-$HOME/.cache}/kafka-$KAFKA_VERSION}
logging=$cache/log4j2.xml

fail() {
  echo "kafka.sh: $*" >&2
  exit 1
}

dependency() { # group artifact version
  printf '    <dependency><groupId>%s</groupId><artifactId>%s</artifactId>' "$1" "$2"
  printf '<version>%s</version></dependency>\n' "$3"
}

fetch_jars() {
  [ -e "$cache/.complete" ] && return 0
  command -v java >/dev/null || fail "java is missing: apt-get install openjdk-17-jre-headless"
  command -v mvn >/dev/null || fail "mvn is missing: apt-get install maven"
  mkdir -p "$cache" "$HOME/.m2"
  # Two starts at once must not fill one folder together, nor two Mavens their one repository.
  exec 9>"$HOME/.m2/horolog.lock"
  flock 9
  if [ ! -e "$cache/.complete" ]; then
    {
      echo '<project xmlns="http://maven.apache.org/POM/4.0.0">'
      echo '  <modelVersion>4.0.0</modelVersion>'
      echo '  <groupId>local</groupId><artifactId>kafka-node</artifactId>'
      echo '  <version>1</version><packaging>pom</packaging>'
      echo '  <dependencies>'
      dependency org.apache.kafka kafka_2.13 "$KAFKA_VERSION"
      dependency org.apache.kafka kafka-tools "$KAFKA_VERSION"
      dependency org.apache.logging.log4j log4j-slf4j-impl 2.25.1
      echo '  </dependencies>'
      echo '</project>'
    } >"$cache/pom.xml"
    echo "kafka.sh: fetching Apache Kafka $KAFKA_VERSION into $cache" >&2
    mvn --batch-mode --quiet --file "$cache/pom.xml" dependency:copy-dependencies \
      -DoutputDirectory="$cache/jars" >&2 || fail "Maven could not fetch the artifacts"
    cat >"$logging" <<'XML'
<Configuration>
  <Appenders>
    <Console name="stderr" target="SYSTEM_ERR"><PatternLayout pattern="%d %p %c{1} %m%n"/></Console>
  </Appenders>
  <Loggers>
    <Root level="${sys:kafka.log:-WARN}"><AppenderRef ref="stderr"/></Root>
  </Loggers>
</Configuration>
XML
    touch "$cache/.complete"
  fi
  exec 9>&-
}

java_class() { java "-Dlog4j2.configurationFile=$logging" -cp "$cache/jars/*" "$@"; }

write_config() { # file dir port [key=value ...]
  local file=$1 dir=$2 port=$3
  shift 3
  {
    echo "node.id=1"
    echo "process.roles=broker,controller"
    echo "controller.listener.names=CONTROLLER"
    echo "controller.quorum.voters=1@127.0.0.1:$((port + 1))"
    echo "listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))"
    echo "advertised.listeners=PLAINTEXT://127.0.0.1:$port"
    echo "log.dirs=$dir/data"
    echo "group.initial.rebalance.delay.ms=0"
    # One node holds one replica of everything.
    echo "offsets.topic.replication.factor=1"
    echo "transaction.state.log.replication.factor=1"
    echo "transaction.state.log.min.isr=1"
    echo "share.coordinator.state.topic.replication.factor=1"
    echo "share.coordinator.state.topic.min.isr=1"
    local pair
    for pair in "$@"; do echo "$pair"; done
  } >"$file"
}

running() { # dir
  [ -s "$1/pid" ] && kill -0 "$(cat "$1/pid")" 2>/dev/null
}

start() {
  [ $# -ge 2 ] || fail "start needs a folder and a port"
  local dir=$1 port=$2
  shift 2
  fetch_jars
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  running "$dir" && fail "a node runs already in $dir (pid $(cat "$dir/pid"))"
  (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null && fail "port $port is in use"

  write_config "$dir/server.properties" "$dir" "$port" "$@"
  if [ ! -e "$dir/data/meta.properties" ]; then
    local id
    id=$(java_class kafka.tools.StorageTool random-uuid 2>/dev/null)
    java_class kafka.tools.StorageTool format -t "$id" -c "$dir/server.properties" \
      >"$dir/format.log" 2>&1 || fail "format failed: $(tail -3 "$dir/format.log")"
  fi
  # shellcheck disable=SC2086  # heap options are several words
  java -server ${KAFKA_HEAP:--Xms1g -Xmx1g} -XX:+UseG1GC -XX:MaxGCPauseMillis=20 \
    "-Dkafka.log=${KAFKA_LOG:-WARN}" "-Dlog4j2.configurationFile=$logging" \
    -cp "$cache/jars/*" kafka.Kafka "$dir/server.properties" \
    >"$dir/out.log" 2>&1 </dev/null &
  local pid=$!
  echo "$pid" >"$dir/pid"
  local deadline=$((SECONDS + 180)) # on a busy machine
  while [ $SECONDS -lt $deadline ]; do
    if ! kill -0 "$pid" 2>/dev/null; then
      rm -f "$dir/pid"
      fail "the node ended while starting: $(tail -5 "$dir/out.log")"
    fi
    if (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "127.0.0.1:$port"
      return 0
    fi
    sleep 0.1
  done
  kill "$pid" 2>/dev/null || true
  fail "no answer on 127.0.0.1:$port after 180 s; see $dir/out.log"
}

stop() {
  [ $# -eq 1 ] || fail "stop needs the folder that start was given"
  [ -s "$1/pid" ] || fail "no pid file in $1: nothing was started there"
  local pid deadline=$((SECONDS + 30))
  pid=$(cat "$1/pid")
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    if [ $SECONDS -ge $deadline ]; then
      echo "kafka.sh: pid $pid did not stop within 30 s, killing it" >&2
      kill -9 "$pid"
      break
    fi
    sleep 0.1
  done
  rm -f "$1/pid"
}

command=${1:-}
[ $# -gt 0 ] && shift
case $command in
  start) start "$@" ;;
  stop) stop "$@" ;;
  tool)
    [ $# -ge 1 ] || fail "tool needs a class name, for example kafka.tools.StorageTool"
    fetch_jars
    java_class -Xmx512m "$@"
    ;;
  classpath)
    fetch_jars
    echo "$cache/jars/*"
    ;;
  *)
    sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
