# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by build-packages.sh and build-folder.sh: builds what is packaged, in build/package of this checkout.

# Of all that carries a time: the last commit, or the changelog's file where there is no repository.
set_source_date() {
    if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
        SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)
    fi
    export SOURCE_DATE_EPOCH
}

# The commit, with a word where the checkout has changes; nothing where there is no repository.
commit_built() {
    local commit
    commit=$(git rev-parse HEAD 2>/dev/null) || return 0
    if [ -n "$(git status --porcelain)" ]; then
        commit="$commit with changes"
    fi
    printf '%s' "$commit"
}

# Takes --headless (no window) and --no-cuda; without the latter the plug-in is built where there is a CUDA compiler.
# Other arguments are left in the array rest.
build_release() {
    local window=ON cuda=OFF argument
    rest=()
    if command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ]; then
        cuda=ON
    fi
    for argument in "$@"; do
        case $argument in
            --headless) window=OFF ;;
            --no-cuda) cuda=OFF ;;
            *) rest+=("$argument") ;;
        esac
    done
    set_source_date
    umask 022
    cmake --preset package "-DBITLATHE_GUI=$window" "-DBITLATHE_CUDA=$cuda" "-DBITLATHE_COMMIT=$(commit_built)" \
        "-DBITLATHE_HOMEPAGE=${BITLATHE_HOMEPAGE:-}" >/dev/null
    cmake --build --preset package -j "${BITLATHE_JOBS:-$(nproc)}"
    if [ "$cuda" = OFF ]; then
        echo "Built without the CUDA plug-in."
    fi
}
