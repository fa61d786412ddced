#!/usr/bin/env bash
# Builds and runs every test project, one after another, and ends with "N passed, N failed, N skipped".
# A project named *.Netns.Tests needs root; without it, sudo is asked for, and without that its tests skip aloud.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/sbin:/sbin"
# The network tests run the programs as they ship.
export VIPOPERATOR_BIN="$PWD/artifacts/bin"
# Tables that tests fill, shown at the end. Made here, or root would make them and the user could not remove them.
export VIPOPERATOR_REPORTS="$PWD/artifacts/reports"
mkdir -p "$VIPOPERATOR_REPORTS"
for table in interop-matrix fault-table churn; do : > "$VIPOPERATOR_REPORTS/$table.md"; done

dotnet build VipOperator.sln --nologo --verbosity quiet || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

sudo=()
if [ "$(id -u)" -ne 0 ] && command -v sudo > /dev/null; then
  echo "The network tests need root; sudo may ask for a password."
  # Not "sudo -v": that may ask for a password even where commands need none.
  if sudo true; then
    sudo=(sudo --preserve-env=PATH,DOTNET_ROOT,VIPOPERATOR_BIN,VIPOPERATOR_REPORTS,KUBEBUILDER_ASSETS)
  else
    echo "Without root they are skipped."
  fi
fi

passed=0 failed=0 skipped=0 broken=()
count() { sed -nE "s/^ *$1: ([0-9]+).*/\1/p" "$2" | tail -n 1; }

for project in tests/*.Tests; do
  name=$(basename "$project")
  as_root=()
  [[ $name == *.Netns.Tests ]] && as_root=("${sudo[@]}")
  echo "── $name"
  log=$(mktemp)
  # Made here, or root would make it and the user could not remove it.
  mkdir -p "$project/bin/Debug/net10.0/TestResults"
  "${as_root[@]}" timeout --kill-after=30 400 "$project/bin/Debug/net10.0/$name" --no-ansi --progress off 2>&1 | tee "$log" | grep -v '^Running tests'
  status=${PIPESTATUS[0]}
  p=$(count succeeded "$log") f=$(count failed "$log") s=$(count skipped "$log")
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  # A project that ends without a verdict (crash, time-out, no test found) is a failure of its own.
  if [ "$status" -ne 0 ] && [ "${f:-0}" -eq 0 ]; then
    failed=$((failed + 1))
    broken+=("$name ended with status $status")
  fi
  rm -f "$log"
done

for table in "$VIPOPERATOR_REPORTS"/*.md; do
  [ ! -s "$table" ] || { echo "── $(basename "$table" .md)"; cat "$table"; }
done
[ ${#broken[@]} -eq 0 ] || printf '%s\n' "${broken[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
