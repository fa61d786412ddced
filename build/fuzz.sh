#!/usr/bin/env bash
# Fuzzes each target for DURATION seconds, guided by coverage, and fails if an input made one throw or hang.
# Finds stay in artifacts/fuzz/found; "dotnet artifacts/fuzz/bin/Fuzz.dll TARGET FILE" shows the exception.
# usage: fuzz.sh [TARGET…]; advertisement, contract, netlink and configuration without
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/artifacts/fuzz
duration=${DURATION:-60}
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(advertisement contract netlink configuration)

rm -rf "$work/bin" "$work/instrumented" "$work/seeds" "$work/found"
dotnet publish tests/Fuzz --nologo --verbosity quiet -c Release -o "$work/bin" -p:PublishAot=false -p:SelfContained=false
[ -x "$work/tools/sharpfuzz" ] || dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path "$work/tools" > /dev/null
dotnet "$work/bin/Fuzz.dll" seeds "$work/seeds"
cp -r "$work/bin" "$work/instrumented"
for assembly in Vrrp Sidecar.Contract vip-sidecar vip-agent YamlDotNet; do
  "$work/tools/sharpfuzz" "$work/instrumented/$assembly.dll"
done

# The machine may hand crashes to a helper and scale its clock: nothing that matters to managed code.
export AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
failed=0
mkdir -p "$work/found"
for target in "${targets[@]}"; do
  log=$work/$target.log
  if ! afl-fuzz -V "$duration" -t 5000 -m none -i "$work/seeds/$target" -o "$work/found/$target" \
    dotnet "$work/instrumented/Fuzz.dll" "$target" > "$log" 2>&1; then
    echo "$target: afl-fuzz did not run"
    tail -n 20 "$log"
    exit 1
  fi
  stats=$work/found/$target/default/fuzzer_stats
  value() { sed -nE "s/^$1 *: *//p" "$stats"; }
  found=$(find "$work/found/$target/default/crashes" "$work/found/$target/default/hangs" -name 'id:*' | wc -l)
  echo "$target: $(value execs_done) inputs, $(value corpus_count) of them different, $found made it throw or hang"
  [ "$found" -eq 0 ] || failed=1
done
exit "$failed"
