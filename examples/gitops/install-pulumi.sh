#!/usr/bin/env bash
# Installs one release of the Pulumi CLI, where no action of the pipeline does it.
#
#   install-pulumi.sh VERSION SHA256 FOLDER
#
# SHA256 is that of pulumi-vVERSION-linux-x64.tar.gz in the release's file pulumi-VERSION-checksums.txt. The programs
# are in FOLDER/pulumi afterwards.
set -euo pipefail

if [[ $# != 3 || ! $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+$ || ! $2 =~ ^[0-9a-f]{64}$ ]]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 64
fi
version=$1 sha256=$2 folder=$3

mkdir -p "$folder"
archive=$folder/pulumi.tar.gz
curl --fail --silent --show-error --location --proto '=https' --output "$archive" \
    "https://get.pulumi.com/releases/sdk/pulumi-v$version-linux-x64.tar.gz"
printf '%s  %s\n' "$sha256" "$archive" | sha256sum --check --strict --quiet
tar --extract --gzip --file "$archive" --directory "$folder"
rm "$archive"
