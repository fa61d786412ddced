#!/usr/bin/env bash
# Installs the Debian packages that a make target needs, after saying which; does nothing when all commands are there.
# usage: install-packages.sh build|lab|test|bench|images|charts|fuzz, or install-packages.sh cross TRIPLET
set -euo pipefail

# command:package; a command that is there needs no package.
declare -a build=(gcc:gcc ld:binutils /usr/include/zlib.h:zlib1g-dev)
declare -a lab=(nginx:nginx-light ip:iproute2 tcpdump:tcpdump socat:socat curl:curl kubectl:kubernetes-client)
declare -a test=(keepalived:keepalived tshark:tshark /usr/lib/frr/vrrpd:frr nft:nftables ping:iputils-ping promtool:prometheus sysctl:procps umoci:umoci skopeo:skopeo /usr/lib/python3/dist-packages/aiosmtpd:python3-aiosmtpd)
# The renderer of the charts: helm's template engine and functions, as libraries.
declare -a charts=(
  go:golang-go
  /usr/share/gocode/src/github.com/Masterminds/sprig:golang-github-masterminds-sprig-dev
  /usr/share/gocode/src/github.com/xeipuuv/gojsonschema:golang-github-xeipuuv-gojsonschema-dev
  /usr/share/gocode/src/sigs.k8s.io/yaml:golang-k8s-sigs-yaml-dev
  /usr/share/gocode/src/gopkg.in/yaml.v3:golang-gopkg-yaml.v3-dev
)
declare -a images=(umoci:umoci jq:jq git:git /etc/ssl/certs/ca-certificates.crt:ca-certificates)
declare -a bench=(nginx:nginx-light ip:iproute2 tcpdump:tcpdump curl:curl keepalived:keepalived)
declare -a fuzz=(afl-fuzz:afl++)
# A compiler for another architecture, with its C library.
triplet=${2:-}
declare -a cross=("$triplet-gcc:gcc-${triplet//_/-}" "/usr/$triplet/include/stdio.h:libc6-dev-$(case "$triplet" in aarch64*) echo arm64 ;; *) echo amd64 ;; esac)-cross")

case "${1:-}" in
  build) wanted=("${build[@]}") ;;
  lab) wanted=("${build[@]}" "${lab[@]}") ;;
  test) wanted=("${build[@]}" "${lab[@]}" "${test[@]}" "${images[@]}" "${charts[@]}") ;;
  bench) wanted=("${build[@]}" "${bench[@]}") ;;
  charts) wanted=("${charts[@]}") ;;
  images) wanted=("${build[@]}" "${images[@]}") ;;
  fuzz) wanted=("${fuzz[@]}") ;;
  cross) wanted=("${cross[@]}") ;;
  *) echo "usage: $0 build|lab|test|bench|images|charts|fuzz|cross" >&2; exit 2 ;;
esac

if ! command -v dotnet > /dev/null; then
  echo "The .NET 10 SDK is needed: no 'dotnet' on the PATH." >&2
  exit 1
fi

missing=()
for entry in "${wanted[@]}"; do
  what=${entry%%:*}
  case "$what" in
    /*) [ -e "$what" ] || missing+=("${entry##*:}") ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$what" > /dev/null || missing+=("${entry##*:}") ;;
  esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get > /dev/null; then
  echo "Needed and not found; install them with this system's package manager: ${missing[*]}" >&2
  exit 1
fi

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || { echo "Root is needed to install: ${missing[*]}" >&2; exit 1; }
  sudo=(sudo)
fi

echo "Installing Debian packages: ${missing[*]}"
"${sudo[@]}" true || { echo "Root is needed to install them." >&2; exit 1; }
# The daemons among them are run by the lab and the tests alone: the packages must neither start nor enable them.
policy=/usr/sbin/policy-rc.d
services=()
for service in nginx keepalived frr prometheus prometheus-node-exporter; do
  [ -e "/lib/systemd/system/$service.service" ] || services+=("$service")
done
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" > /dev/null
  "${sudo[@]}" chmod 755 "$policy"
  trap '"${sudo[@]}" rm -f "$policy"' EXIT
fi
log=$(mktemp)
if ! { "${sudo[@]}" apt-get update -q \
  && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } > "$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "Installing failed; the whole output is in $log." >&2
  exit 1
fi
rm -f "$log"
if command -v systemctl > /dev/null; then
  for service in "${services[@]}"; do
    [ ! -e "/lib/systemd/system/$service.service" ] || "${sudo[@]}" systemctl disable -q "$service" 2> /dev/null || true
  done
fi
