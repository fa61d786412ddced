#!/usr/bin/env bash
# On the kind cluster that kubectl speaks to, with the images vip-operator:ci and vip-sidecar:ci on its nodes: installs the
# charts, takes an address of the nodes' network, and asks it while the Active pod is deleted and its node is drained.
set -euo pipefail
cd "$(dirname "$0")/.."

# The 250th address of the IPv4 network that docker gave the nodes, which its own allocation reaches last.
subnet=$(docker network inspect kind | jq -r '.[0].IPAM.Config[].Subnet | select(contains(":") | not)')
address=$(cut -d. -f1-2 <<< "$subnet").255.250
echo "The address is $address, of $subnet."

helm upgrade --install vip-operator charts/vip-operator --namespace vip-operator --create-namespace \
  --set image.tag=ci --set image.pullPolicy=Never --wait --timeout 3m
helm upgrade --install web charts/nginx-vip \
  --set "virtualIP.addresses={$address}" --set virtualIP.name=web \
  --set sidecar.image.tag=ci --set sidecar.image.pullPolicy=Never --wait --timeout 3m
kubectl wait vip/web --for=condition=Ready --timeout=60s
kubectl get vip,vipm -o wide

# Pods of others get the sidecar by a label, either way. What was just installed takes a moment to be in force.
kubectl create rolebinding vip-sidecar-default --clusterrole=vip-sidecar --serviceaccount=default:default
for mode in webhook auto; do
  helm upgrade vip-operator charts/vip-operator --namespace vip-operator --reuse-values \
    --set "injection.mode=$mode" --set injection.sidecar.image.tag=ci --wait --timeout 3m
  for _ in $(seq 30); do
    containers=$(kubectl run injected --image=nginx:1.28 --labels=vipoperator.io/inject=true --overrides='{"spec":{"hostNetwork":true}}' \
      --dry-run=server --output jsonpath='{.spec.containers[*].name}') && break
    sleep 2
  done
  echo "injection.mode=$mode: $containers"
  [ "$containers" = "injected vip-sidecar" ]
done

# Asks ten times a second from a container beside the nodes, and prints what was not answered.
docker run --detach --name client --network kind --entrypoint sh nginx:1.28 -c \
  "while :; do curl --silent --max-time 0.5 --output /dev/null http://$address/ || echo missed; sleep 0.1; done" > /dev/null
trap 'docker rm --force client > /dev/null' EXIT

active() { kubectl get vip web --output jsonpath='{.status.activeNode}'; }
moves_from() {
  for _ in $(seq 60); do
    now=$(active)
    [ -z "$now" ] || [ "$now" = "$1" ] || { echo "$1 → $now"; return; }
    sleep 1
  done
  echo "The address did not move from $1." >&2
  exit 1
}

first=$(active)
kubectl drain "$first" --ignore-daemonsets --force --delete-emptydir-data --timeout=2m
kubectl annotate node "$first" vipoperator.io/evacuate=true
moves_from "$first"
kubectl annotate node "$first" vipoperator.io/evacuate-
kubectl uncordon "$first"

second=$(active)
kubectl delete pod "$(kubectl get vip web --output jsonpath='{.status.activePod}')" --wait=false
moves_from "$second"
kubectl wait vip/web --for=condition=Ready --timeout=120s

missed=$(docker logs client | grep --count missed || true)
echo "$missed requests were not answered over a drain and a deletion."
[ "$missed" -le 5 ]
