#!/usr/bin/env bash
# Writes what is made from the charts, so that it is said in one place only: deploy/ for those without helm, the tables in the
# charts' READMEs; and the copies that the operator's chart carries, of crds/ and of nginx-vip's sidecar. A test holds what is committed against it.
# usage: charts.sh [FOLDER]   (writes there instead of into the source tree)
set -euo pipefail
cd "$(dirname "$0")/.."
into=${1:-.}
tool=${VIPOPERATOR_CHART_TOOL:-artifacts/tools/vip-chart}
[ -x "$tool" ] || build/vip-chart/build.sh "$tool"

mkdir -p "$into/charts/vip-operator/files/crds"
[ "$into" != . ] || rm -f charts/vip-operator/files/crds/*
cp crds/*.yaml "$into/charts/vip-operator/files/crds/"
mkdir -p "$into/charts/vip-operator/templates"
cp charts/nginx-vip/templates/_sidecar.tpl "$into/charts/vip-operator/templates/"

for chart in vip-operator nginx-vip; do
  readme=charts/$chart/README.md
  table=$("$tool" values "charts/$chart")
  mkdir -p "$into/charts/$chart"
  awk -v table="$table" '
    BEGIN { gsub(/\\/, "\\\\", table) }
    /^<!-- values -->$/ { print; print ""; print table; print ""; skip = 1; next }
    /^<!-- end of values -->$/ { skip = 0 }
    !skip { print }' "$readme" > "$into/charts/$chart/README.new"
  mv "$into/charts/$chart/README.new" "$into/charts/$chart/README.md"
done

# The templates of the operator's chart that are named, as kubectl is to apply them.
manifests() {
  local shown=()
  for template in "$@"; do shown+=(--show-only "templates/$template.yaml"); done
  "$tool" template charts/vip-operator --name vip-operator --namespace vip-operator "${shown[@]}" \
    | sed -e '/^    helm.sh\/chart:/d' -e 's/^    app.kubernetes.io\/managed-by: Helm$/    app.kubernetes.io\/managed-by: kubectl/' -e '/^# Source: /d'
}

mkdir -p "$into/deploy"
{
  echo '# Made of charts/vip-operator by "make charts": the operator, and all that it may do in the cluster.'
  echo '# docs/installing.md says how to apply it. The image names no registry: it is on the nodes already, or yours is written before it.'
  printf 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: vip-operator\n'
  manifests serviceaccount rbac policy networkpolicy pdb service deployment
} > "$into/deploy/operator.yaml"
{
  echo '# Made of charts/vip-operator by "make charts": what sidecars may do.'
  manifests sidecar-rbac sidecar-policy | tail -n +2
} > "$into/deploy/sidecar.yaml"
