#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the folder that runs from any place: both programs with the libraries, plug-ins and words of Qt that they use, as a
# tar.xz. Not in it are the C and C++ libraries, of which those of Debian 12 or newer are needed (glibc 2.36).
# usage: packaging/build-folder.sh [--headless] [--no-cuda] [FOLDER]        FOLDER: where the file goes, packages unless named
set -euo pipefail
cd "$(dirname "$0")/.."
source packaging/install-packages.sh
source packaging/build-release.sh

install_packages patchelf xz-utils
build_release "$@"
out=$(mkdir -p "${rest[0]:-packages}" && cd "${rest[0]:-packages}" && pwd)
version=$(sed -n 's/^project(Bitlathe VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
name=bitlathe-$version-linux-$(uname -m)
stage=$PWD/build/package/folder
made=$stage/$name
rm -rf "$stage"
mkdir -p "$made"
cmake --install build/package --prefix "$made" --strip >/dev/null

# The libraries that a file opens, but for those of the C and C++ compiler.
libraries_of() {
    ldd "$@" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | sort -u |
        grep -Ev '/(libc|libm|libdl|librt|libpthread|libresolv|libstdc\+\+|libgcc_s|ld-linux[^/]*)\.so' || true
}

programs=("$made"/bin/*)
if [ -x "$made/bin/bitlathe" ]; then
    plugins=$(qtpaths6 --query QT_INSTALL_PLUGINS)
    for plugin in platforms/libqxcb platforms/libqoffscreen platforms/libqminimal iconengines/libqsvgicon \
        imageformats/libqsvg imageformats/libqjpeg platforminputcontexts/libcomposeplatforminputcontextplugin \
        platforminputcontexts/libibusplatforminputcontextplugin; do
        install -D -m 755 "$plugins/$plugin.so" "$made/plugins/$plugin.so"
    done
    install -D -m 644 "$(qtpaths6 --query QT_INSTALL_TRANSLATIONS)/qtbase_zh_CN.qm" "$made/translations/qtbase_zh_CN.qm"
    printf '[Paths]\nPrefix = ..\nPlugins = plugins\nTranslations = translations\n' >"$made/bin/qt.conf"
    programs+=("$made"/plugins/*/*.so)
fi
mkdir -p "$made/lib"
mapfile -t libraries < <(libraries_of "${programs[@]}")
install -m 644 "${libraries[@]}" "$made/lib/"
# Packages know some libraries by their name below /usr, others by that without.
mapfile -t packages < <({ dpkg-query -S "${libraries[@]}" "${libraries[@]/#//usr}" "${libraries[@]#/usr}" 2>/dev/null || true; } |
    sed -n 's/^\([^:, ]*\):.*/\1/p' | sort -u)
for package in "${packages[@]}"; do
    install -D -m 644 "/usr/share/doc/$package/copyright" "$made/share/doc/licences/$package"
done

# Where each finds the others, from wherever the folder lies.
for file in "$made"/bin/bitlathe*; do patchelf --force-rpath --set-rpath "\$ORIGIN/../lib" "$file"; done
for file in "$made"/lib/*.so*; do patchelf --force-rpath --set-rpath "\$ORIGIN" "$file"; done
if [ -d "$made/plugins" ]; then
    for file in "$made"/plugins/*/*.so; do patchelf --force-rpath --set-rpath "\$ORIGIN/../../lib" "$file"; done
fi
mkdir -p "$made/share/doc/licences"
cp LICENSES/* "$made/share/doc/licences/"
cp README.md CHANGELOG.md "$made/"

find "$made" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mode=go-w --format=gnu \
    --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" | xz -6 -T1 >"$out/$name.tar.xz"
(cd "$out" && sha256sum "$name.tar.xz")
