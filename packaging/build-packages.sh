#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the packages for Debian 12 from this checkout: bitlathe-cli, bitlathe and, where there is a CUDA compiler, bitlathe-cuda.
# usage: packaging/build-packages.sh [--headless] [--no-cuda] [FOLDER]      FOLDER: where they go, packages unless named
set -euo pipefail
cd "$(dirname "$0")/.."
source packaging/install-packages.sh
source packaging/build-release.sh

install_packages dpkg-dev file
build_release "$@"
out=${rest[0]:-packages}
rm -rf build/package/_CPack_Packages
(cd build/package && cpack -G DEB -B "$PWD/made" >/dev/null)
mkdir -p "$out"
for package in build/package/made/*.deb; do
    mv "$package" "$out/"
    (cd "$out" && sha256sum "$(basename "$package")")
done
