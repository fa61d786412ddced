#!/usr/bin/env bash
# Makes the images of the operator and of the sidecar as OCI archives: the programs of artifacts/bin as they are, the few
# libraries of this machine's Debian that they load, and nothing else: no shell, no package manager. Needs no registry.
# usage: images.sh RID NAME…        (linux-x64, linux-arm64; vip-operator, vip-sidecar)
#
# Of another architecture than this machine's, Debian's packages are fetched and taken apart; nothing is installed, and what apt knows
# of this machine stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."
rid=$1; shift
case "$rid" in
  linux-x64) architecture=amd64 multiarch=x86_64-linux-gnu ;;
  linux-arm64) architecture=arm64 multiarch=aarch64-linux-gnu ;;
  *) echo "No image for $rid; allowed are linux-x64 and linux-arm64." >&2; exit 2 ;;
esac
own=$(dpkg --print-architecture)
if [ "$architecture" = "$own" ]; then
  bin=$PWD/artifacts/bin root= suffix=
else
  bin=$PWD/artifacts/bin/$rid root=$PWD/artifacts/debian/$architecture suffix=-$architecture
fi
out=$PWD/artifacts/images
dotnet_root=${DOTNET_ROOT:-$(dirname "$(realpath "$(command -v dotnet)")")}
runtime_version=$(basename "$dotnet_root/shared/Microsoft.NETCore.App/"*)
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
revision=$(git rev-parse HEAD 2> /dev/null || echo unknown)
# All times are the commit's, so that the same commit on the same machine makes the same image.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || echo 0)}
created=$(date --utc --date="@$epoch" +%Y-%m-%dT%H:%M:%SZ)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# Libraries that .NET loads when it needs them are not among those that a program names.
loaded_later=(libssl.so.3 libcrypto.so.3)

# What these libraries are in, of the other architecture.
fetch_debian() {
  [ -n "$root" ] || return 0
  [ -e "$root" ] && return 0
  echo "Fetching Debian's libraries for $architecture …"
  local state=$work/apt
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs" "$state/root" "$(dirname "$root")"
  touch "$state/status"
  local -a options=(
    -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture" -o "Dir::State=$state" -o "Dir::State::lists=$state/lists"
    -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User=root
  )
  apt-get "${options[@]}" --quiet=2 update
  (cd "$state/debs" && apt-get "${options[@]}" --quiet=2 download libc6 libgcc-s1 libstdc++6 zlib1g libssl3)
  local package
  for package in "$state"/debs/*.deb; do
    dpkg-deb --extract "$package" "$state/root"
    dpkg-deb --show --showformat='deb\t${Package}:${Architecture}\t${Version}\n' "$package"
  done > "$state/root/packages"
  # Only when it is complete: it is used again.
  mv "$state/root" "$root"
}

# What a program needs to start, into $1.
base() {
  local layer=$1; shift
  mkdir -p "$layer/etc/ssl/certs" "$layer/tmp"
  chmod 1777 "$layer/tmp"
  printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n' > "$layer/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' > "$layer/etc/group"
  echo 'hosts: files dns' > "$layer/etc/nsswitch.conf"
  cp -L /etc/ssl/certs/ca-certificates.crt "$layer/etc/ssl/certs/"
  local library
  for library in $(libraries "$@"); do
    install -D "$(realpath "$library")" "$layer${library#"$root"}"
  done
}

# The loader of ELF programs and all libraries that they name, and those name, where they are on this machine.
libraries() {
  local -A found=()
  local -a open=("$@" "${loaded_later[@]}")
  local name path
  while [ ${#open[@]} -gt 0 ]; do
    name=${open[0]} open=("${open[@]:1}")
    case "$name" in
      /*) path=$name ;;
      *)
        path=$(library "$name")
        # Of .NET's own, beside each other.
        [ -n "$path" ] || continue
        [ -z "${found[$path]:-}" ] || continue
        found[$path]=1
        ;;
    esac
    mapfile -t -O ${#open[@]} open < <(readelf --dynamic --wide "$path" | sed -nE 's:.*\(NEEDED\).*\[(.*)\]:\1:p')
    # The loader stands in the program by its whole path.
    path=$(readelf --program-headers --wide "$path" | sed -nE 's:.*interpreter\: (.*)\]:\1:p')
    [ -z "$path" ] || found[$root$path]=1
  done
  printf '%s\n' "${!found[@]}" | sort
}

# Where the loader would find a library.
library() {
  local folder
  for folder in /lib/$multiarch /usr/lib/$multiarch /lib /usr/lib; do
    if [ -e "$root$folder/$1" ]; then
      echo "$root$folder/$1"
      return
    fi
  done
}

# .NET's runtime, as it is installed; tracing with LTTng is left out.
copy_runtime() {
  local framework packages files
  mkdir -p "$1/host" "$1/shared"
  if [ -z "$root" ]; then
    cp -a "$dotnet_root/host/fxr" "$1/host/"
    cp -a "$dotnet_root"/shared/Microsoft.{NETCore,AspNetCore}.App "$1/shared/"
  else
    # Of another architecture it comes as packages, which are made for programs that bring it along.
    dotnet restore src/Operator --runtime "$rid" -p:SelfContained=true --verbosity quiet
    packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
    for framework in NETCore AspNetCore; do
      files=$1/shared/Microsoft.$framework.App/$runtime_version
      mkdir -p "$files"
      find "$packages/microsoft.${framework,,}.app.runtime.$rid/$runtime_version/runtimes/$rid" -type f -exec cp {} "$files" \;
    done
    mkdir -p "$1/host/fxr/$runtime_version"
    mv "$1/shared/Microsoft.NETCore.App/$runtime_version/libhostfxr.so" "$1/host/fxr/$runtime_version/"
  fi
  find "$1" -name 'libcoreclrtraceptprovider.so' -delete
}

# SPDX 2.3: the Debian packages whose files were copied, and the NuGet packages that were linked in.
sbom() {
  local name=$1 project=$2; shift 2
  {
    if [ -n "$root" ]; then
      cat "$root/packages"
    else
      for library in $(libraries "$@"); do
        dpkg-query --search "$(realpath "$library")" 2> /dev/null || dpkg-query --search "${library#/usr}" 2> /dev/null || true
      done | cut -d: -f1 | sort -u | xargs -r dpkg-query --show --showformat='deb\t${binary:Package}\t${Version}\n'
    fi
    printf 'deb\tca-certificates\t%s\n' "$(dpkg-query --show --showformat='${Version}' ca-certificates)"
    printf 'nuget\tMicrosoft.NETCore.App\t%s\n' "$runtime_version"
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
  tar --create --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --file "$out/$name$suffix.tar" -C "$layout" .
  cp "$work/layers/$name/9-program/usr/share/sbom/$name.spdx.json" "$out/$name$suffix.spdx.json"
  echo "$out/$name$suffix.tar: $(du --apparent-size --human-readable "$out/$name$suffix.tar" | cut -f1), $name:$version for linux/$architecture"
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

fetch_debian
for name in "$@"; do
  case "$name" in
    vip-sidecar)
      base "$work/layers/$name/1-base" "$bin/vip-sidecar" "$bin/vip-agent"
      program_layer "$name" src/Agent vip-sidecar vip-agent
      # Root, but for capabilities: those that Kubernetes adds reach only root. The chart drops all others.
      image "$name" "Elects by VRRP which node holds the virtual addresses, and probes the service beside it" 0
      ;;
    vip-operator)
      runtime=$work/layers/$name/2-runtime/usr/share/dotnet
      copy_runtime "$runtime"
      # The runtime's own libraries load others.
      mapfile -t native < <(find "$runtime" -name 'lib*.so')
      base "$work/layers/$name/1-base" "$bin/vip-operator" "${native[@]}"
      program_layer "$name" src/Operator vip-operator
      image "$name" "Assigns virtual addresses to pods and reports who answers" 65532 \
        DOTNET_ROOT=/usr/share/dotnet DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_EnableDiagnostics=0
      ;;
    *) echo "usage: images.sh RID vip-operator|vip-sidecar…" >&2; exit 2 ;;
  esac
done
