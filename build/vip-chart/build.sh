#!/usr/bin/env bash
# Builds vip-chart from this folder and Debian's Go libraries, offline.
# usage: build.sh OUTPUT
set -euo pipefail
output=$(realpath -m "$1")
cd "$(dirname "$0")"
# Debian keeps libraries by their path without a version. A go.mod beside the sources has Go look for them so, and it takes
# that only from a folder of a GOPATH.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/vip-chart"
cp ./*.go "$work/src/vip-chart"
echo 'module vip-chart' > "$work/src/vip-chart/go.mod"
cd "$work/src/vip-chart"
GO111MODULE=off GOPATH="$work:/usr/share/gocode" GOFLAGS='' GOCACHE="${GOCACHE:-$work/cache}" GOTMPDIR="$work" \
  go build -o "$output" .
