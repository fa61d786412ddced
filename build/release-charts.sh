#!/usr/bin/env bash
# Copies the charts to FOLDER with the images of REGISTRY in their values, for "helm package": without, they name images that are on
# the nodes already.
# usage: release-charts.sh REGISTRY FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 2 ] && [ -n "$1" ] || { echo "usage: release-charts.sh REGISTRY FOLDER" >&2; exit 2; }
registry=$1 folder=$2

mkdir -p "$folder"
# Each repository of ours, by chart and image; a release with one of them forgotten would start no pod.
while read -r chart image; do
  [ -e "$folder/$chart" ] || cp -r "charts/$chart" "$folder/"
  values=$folder/$chart/values.yaml
  grep -qx " *repository: $image" "$values" || { echo "charts/$chart/values.yaml: no repository is $image" >&2; exit 1; }
  sed -i "s|^\( *repository: \)$image\$|\1$registry/$image|" "$values"
  sed -i "s#\(repository\` | \`\"\)$image\"#\1$registry/$image\"#" "$folder/$chart/README.md"
done <<'IMAGES'
vip-operator vip-operator
vip-operator vip-sidecar
nginx-vip vip-sidecar
IMAGES
