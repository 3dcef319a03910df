#!/usr/bin/env bash
# The long form of the crash and fault tests: 200 kill -9 rounds, 200 power cuts, and the other
# fault suites many times over. Needs root and loop devices. Takes about an hour on two cores.
#   tools/soak.sh [KILLS] [CUTS] [REPEATS]     defaults: 200 200 20
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh --tests
cmake --preset release > /dev/null
cmake --build --preset release --target horologd
git rev-parse --short HEAD 2> /dev/null | sed 's/^/commit /' || true
exec python3 tests/crash/run.py --kills "${1:-200}" --cuts "${2:-200}" --repeat "${3:-20}" \
  --json build/test-results/soak.json
