# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by run, test and .ci/run: installs what building takes and is not there yet.

# Prints those of the named packages that are not installed.
missing_packages() {
    comm -23 <(printf '%s\n' "$@" | sort -u) \
        <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p' | sort -u)
}

# Installs the packages of packaging/apt-packages.txt, and those named, as far as they are missing.
install_packages() {
    if ! command -v dpkg-query >/dev/null; then
        echo "This is no Debian: if the build misses something, packaging/apt-packages.txt says what it takes." >&2
        return
    fi
    local listed missing as_root=()
    mapfile -t listed < <(sed 's/#.*//; s/[[:space:]]*$//; /^$/d' packaging/apt-packages.txt)
    mapfile -t missing < <(missing_packages "${listed[@]}" "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These packages are missing and this user may not install them: ${missing[*]}" >&2
            echo "Run as root: apt-get install ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "Installing ${#missing[@]} packages: ${missing[*]}"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# Configures a preset where it is not yet, and builds it. The rest of the arguments goes to cmake --build.
build_preset() {
    local preset=$1
    shift
    local started=$SECONDS
    if [ ! -f "build/$preset/build.ninja" ]; then
        cmake --preset "$preset" >/dev/null
    fi
    cmake --build --preset "$preset" -j "$(nproc)" "$@"
    echo "Built $preset in $((SECONDS - started)) s."
}
