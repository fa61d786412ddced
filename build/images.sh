#!/usr/bin/env bash
# Makes the images of the operator and of the sidecar as OCI archives: the programs of artifacts/bin as they are, the few
# libraries of this machine's Debian that they load, and nothing else: no shell, no package manager. Needs no registry.
# usage: images.sh NAME…        (vip-operator, vip-sidecar)
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/artifacts/bin
out=$PWD/artifacts/images
dotnet_root=${DOTNET_ROOT:-$(dirname "$(realpath "$(command -v dotnet)")")}
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
revision=$(git rev-parse HEAD 2> /dev/null || echo unknown)
# All times are the commit's, so that the same commit on the same machine makes the same image.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || echo 0)}
created=$(date --utc --date="@$epoch" +%Y-%m-%dT%H:%M:%SZ)
case "$(uname -m)" in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) echo "No image for $(uname -m)." >&2; exit 1 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# Libraries that .NET loads when it needs them are not among those that ldd tells of.
loaded_later=(libssl.so.3 libcrypto.so.3)

# What a program needs to start, into $1.
base() {
  local root=$1; shift
  mkdir -p "$root/etc/ssl/certs" "$root/tmp"
  chmod 1777 "$root/tmp"
  printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n' > "$root/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' > "$root/etc/group"
  echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  local library
  for library in $(libraries "$@"); do
    install -D "$(realpath "$library")" "$root$library"
  done
}

libraries() {
  {
    ldd "$@" | sed -nE 's:^[^/]*(/[^ ]+) \(0x.*:\1:p'
    local name
    for name in "${loaded_later[@]}"; do
      ldconfig -p | sed -nE "s:.*\b$name \(.*x86-64.*\) => (.*):\1:p; s:.*\b$name \(.*AArch64.*\) => (.*):\1:p" | head -n 1
    done
  } | sort -u
}

# SPDX 2.3: the Debian packages whose files were copied, and the NuGet packages that were linked in.
sbom() {
  local name=$1 project=$2; shift 2
  {
    for library in $(libraries "$@") /etc/ssl/certs/ca-certificates.crt; do
      dpkg-query --search "$(realpath "$library")" 2> /dev/null || dpkg-query --search "${library#/usr}" 2> /dev/null || true
    done | cut -d: -f1 | sort -u | xargs -r dpkg-query --show --showformat='deb\t${binary:Package}\t${Version}\n'
    printf 'deb\tca-certificates\t%s\n' "$(dpkg-query --show --showformat='${Version}' ca-certificates)"
    printf 'nuget\tMicrosoft.NETCore.App\t%s\n' "$(basename "$dotnet_root"/shared/Microsoft.NETCore.App/*)"
    dotnet list "$project" package --include-transitive --format json \
      | jq -r '.projects[].frameworks[]? | (.topLevelPackages // []) + (.transitivePackages // []) | .[] | select(.id | test("Analyzers|StaticGenerator|ILLink") | not) | "nuget\t\(.id)\t\(.resolvedVersion)"'
  } | sort -u | jq --raw-input --slurp --arg name "$name" --arg version "$version" --arg created "$created" --arg revision "$revision" '
    {
      spdxVersion: "SPDX-2.3", dataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT", name: $name,
      documentNamespace: "urn:vipoperator:\($name):\($revision)",
      creationInfo: { created: $created, creators: ["Tool: build/images.sh"] },
      packages: ([{ SPDXID: "SPDXRef-image", name: $name, versionInfo: $version, downloadLocation: "NOASSERTION", licenseConcluded: "Apache-2.0" }]
        + [split("\n")[] | select(length > 0) | split("\t") | {
            SPDXID: "SPDXRef-\(.[0])-\(.[1] | gsub("[^A-Za-z0-9.]"; "-"))", name: .[1], versionInfo: .[2], downloadLocation: "NOASSERTION",
            externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl",
              referenceLocator: (if .[0] == "deb" then "pkg:deb/debian/\(.[1])@\(.[2] | @uri)" else "pkg:nuget/\(.[1])@\(.[2])" end) }] }])
    } | .relationships = [{ spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: "SPDXRef-image" }]
      + [.packages[1:][] | { spdxElementId: "SPDXRef-image", relationshipType: "CONTAINS", relatedSpdxElement: .SPDXID }]'
}

# A layer from a folder: root's, and as old as the commit.
add_layer() {
  find "$2" -exec touch --no-dereference --date="@$epoch" {} +
  umoci insert --rootless --image "$1" --history.created "$created" --history.created_by "build/images.sh $3" "$2" /
}

image() {
  local name=$1 title=$2 user=$3; shift 3
  local layout=$work/$name reference=$work/$name:$version
  umoci init --layout "$layout"
  umoci new --image "$reference"
  local layer
  for layer in "$work/layers/$name"/*; do
    add_layer "$reference" "$layer" "$(basename "$layer")"
  done
  local -a environment=()
  for variable in "$@"; do environment+=(--config.env "$variable"); done
  umoci config --image "$reference" --no-history --architecture "$architecture" --os linux --created "$created" \
    --config.user "$user" --config.entrypoint "/usr/local/bin/$name" "${environment[@]}" \
    --config.label "org.opencontainers.image.title=$name" \
    --config.label "org.opencontainers.image.description=$title" \
    --config.label "org.opencontainers.image.version=$version" \
    --config.label "org.opencontainers.image.revision=$revision" \
    --config.label "org.opencontainers.image.created=$created" \
    --config.label "org.opencontainers.image.licenses=Apache-2.0"
  umoci gc --layout "$layout"
  tar --create --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --file "$out/$name.tar" -C "$layout" .
  cp "$work/layers/$name/9-program/usr/share/sbom/$name.spdx.json" "$out/"
  echo "$out/$name.tar: $(du --apparent-size --human-readable "$out/$name.tar" | cut -f1), $name:$version for linux/$architecture"
}

program_layer() {
  local name=$1 project=$2 layer=$work/layers/$1/9-program; shift 2
  local program
  for program in "$@"; do
    install -D "$bin/$program" "$layer/usr/local/bin/$program"
  done
  mkdir -p "$layer/usr/share/sbom"
  sbom "$name" "$project" "${@/#/$bin/}" > "$layer/usr/share/sbom/$name.spdx.json"
}

for name in "$@"; do
  case "$name" in
    vip-sidecar)
      base "$work/layers/$name/1-base" "$bin/vip-sidecar" "$bin/vip-agent"
      program_layer "$name" src/Agent vip-sidecar vip-agent
      # Root, but for capabilities: those that Kubernetes adds reach only root. The chart drops all others.
      image "$name" "Elects by VRRP which node holds the virtual addresses, and probes the service beside it" 0
      ;;
    vip-operator)
      # The runtime's own libraries load others; tracing with LTTng is left out.
      mapfile -t native < <(find "$dotnet_root"/shared/Microsoft.NETCore.App -name 'lib*.so' -not -name 'libcoreclrtraceptprovider.so')
      base "$work/layers/$name/1-base" "$bin/vip-operator" "${native[@]}"
      runtime=$work/layers/$name/2-runtime/usr/share/dotnet
      mkdir -p "$runtime/host" "$runtime/shared"
      cp -a "$dotnet_root/host/fxr" "$runtime/host/"
      cp -a "$dotnet_root"/shared/Microsoft.{NETCore,AspNetCore}.App "$runtime/shared/"
      find "$runtime" -name 'libcoreclrtraceptprovider.so' -delete
      program_layer "$name" src/Operator vip-operator
      image "$name" "Assigns virtual addresses to pods and reports who answers" 65532 \
        DOTNET_ROOT=/usr/share/dotnet DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_EnableDiagnostics=0
      ;;
    *) echo "usage: images.sh vip-operator|vip-sidecar…" >&2; exit 2 ;;
  esac
done
