#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the last commit twice, in folders of different names and without the compiler's cache, and says whether packages and
# folder are the same bytes.
# usage: packaging/compare-builds.sh [--headless] [--no-cuda] [FOLDER]     FOLDER: where those of the first build go, if wanted
set -euo pipefail
cd "$(dirname "$0")/.."
source packaging/build-release.sh
set_source_date
export CCACHE_DISABLE=1
options=()
kept=""
for argument in "$@"; do
    case $argument in
        --*) options+=("$argument") ;;
        *) kept=$argument ;;
    esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
places=("$work/one" "$work/another-place")
for place in "${places[@]}"; do
    git clone -q --no-hardlinks . "$place"
    "$place/packaging/build-packages.sh" "${options[@]}" "$place/packages" >"$place.log" 2>&1 || { tail -30 "$place.log"; exit 1; }
    "$place/packaging/build-folder.sh" "${options[@]}" "$place/packages" >>"$place.log" 2>&1 || { tail -30 "$place.log"; exit 1; }
done
differ=no
for file in "${places[0]}"/packages/*; do
    name=$(basename "$file")
    if cmp -s "$file" "${places[1]}/packages/$name"; then
        echo "same    $name  $(sha256sum <"$file" | cut -c1-16)"
    else
        echo "DIFFERS $name"
        differ=yes
    fi
done
if [ -n "$kept" ]; then
    mkdir -p "$kept"
    cp "${places[0]}"/packages/* "$kept/"
fi
[ "$differ" = no ]
