#!/usr/bin/env bash
# Installs the Debian 12 packages that Horolog needs. Safe to run again: only what is missing is
# installed.
#   tools/setup.sh            everything needed to build and run the broker
#   tools/setup.sh --tests    also what the tests use: other languages' clients, sanitizers, the JVM
set -euo pipefail

build=(
  build-essential cmake ninja-build ccache git pkg-config
  libboost1.81-dev libfmt-dev libyaml-cpp-dev libcctz-dev tzdata
  libxxhash-dev libzstd-dev liblz4-dev libsnappy-dev zlib1g-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  kcat python3
)
tests=(
  clang-19 llvm-19 libclang-rt-19-dev
  librdkafka-dev
  python3-venv python3-yaml
  default-jdk-headless maven
  nodejs npm golang-1.19-go
  curl e2fsprogs util-linux procps prometheus redis-server
)

wanted=("${build[@]}")
[ "${1:-}" = "--tests" ] && wanted+=("${tests[@]}")

# A toolchain that is already on the PATH (a newer Go, Node or Java, say) is kept: the package of
# the same purpose is then not installed over it.
has() {
  case "$1" in
    nodejs) command -v node ;;
    npm) command -v npm ;;
    maven) command -v mvn ;;
    default-jdk-headless) command -v javac ;;
    prometheus) command -v promtool ;;
    redis-server) command -v redis-server ;;
    *) dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed' ;;
  esac > /dev/null
}

missing=()
for package in "${wanted[@]}"; do has "$package" || missing+=("$package"); done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: all ${#wanted[@]} packages are there"
  exit 0
fi
sudo=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo > /dev/null || {
    echo "setup: you are not root and have no sudo; ask for these packages: ${missing[*]}" >&2
    exit 1
  }
  sudo=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${sudo[@]}" apt-get update -qq
# A service that a package brings along (prometheus) must not be started by its installation.
policy=/usr/sbin/policy-rc.d
made_policy=no
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" > /dev/null
  "${sudo[@]}" chmod +x "$policy"
  made_policy=yes
fi
cleanup() { [ "$made_policy" = no ] || "${sudo[@]}" rm -f "$policy"; }
trap cleanup EXIT
log=$(mktemp)
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" > "$log" 2>&1 || {
  tail -20 "$log" >&2
  echo "setup: apt-get failed; the whole log is in $log" >&2
  exit 1
}
rm -f "$log"
echo "setup: done"
