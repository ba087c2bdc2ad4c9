#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tests and figures on a machine with a GPU that has no build tree.
#
#   run.sh pack BUILD FILE.tar.xz   packs what is needed: the programs, stripped, and the libraries they load; at most 60 MiB
#   run.sh [TEST ...]               where that was unpacked: runs the tests of the GPU, all or of the programs that are named, and
#                                   `bench --ops`; prints one JSON document and ends with 1 where a test failed:
#                                   {device, driver, tests: [{program, name, result, message}], passed, failed, skipped, operations}
#                                   What the tests say is on stderr.
#
# The machine needs a driver and libcublasLt.so.13 (in LD_LIBRARY_PATH or /usr/local/cuda); PREFIX, such as
# "compute-sanitizer --error-exitcode 9", runs before each test program.
set -eu

most_mib=60

pack() {
    build=$1
    file=$2
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    mkdir -p "$folder/bin" "$folder/lib"
    cp "$0" "$folder/run.sh"
    for program in tests/tst_kernels_backend tests/tst_kernels_columns tests/tst_kernels_cuda tests/tst_kernels_cudablock tests/tst_kernels_packed tests/tst_kernels_products \
            tests/tst_core_model_devicemodel tests/tst_core_quant_gptqdevice tests/bench_devicequant bin/bitlathe-cli bin/libbitlathe_cuda.so; do
        strip -o "$folder/bin/$(basename "$program")" "$build/$program"
    done
    # Libraries of the C and C++ runtime are every machine's own.
    ldd "$folder"/bin/* | awk '/=> \// {print $3}' | sort -u |
        grep -vE '/(ld-linux|libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s)[.-]' | while read -r library; do
        strip -o "$folder/lib/$(basename "$library")" "$library"
    done
    tar -C "$folder" -cJf "$file" .
    mib=$(du -m "$file" | cut -f1)
    echo "$file: $mib MiB"
    [ "$mib" -le "$most_mib" ]
}

quoted() {
    printf '"%s"' "$(printf '%s' "$1" | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g')"
}

# The lines of a test program as JSON, a comma before each but the first of all.
results() {
    awk -v program="$1" '
        function text(value) { gsub(/\\/, "\\\\", value); gsub(/"/, "\\\"", value); gsub(/[\001-\037]/, " ", value); return "\"" value "\"" }
        /^(PASS|FAIL!|SKIP) *: / {
            result = $1 == "FAIL!" ? "failed" : $1 == "SKIP" ? "skipped" : "passed"
            line = $0; sub(/^[A-Z!]+ *: [A-Za-z]+::/, "", line)
            name = line; sub(/\).*/, ")", name)
            message = substr(line, length(name) + 2)
            print ",{\"program\":" text(program) ",\"name\":" text(name) ",\"result\":\"" result "\",\"message\":" text(message) "}"
        }'
}

run() {
    here=$(cd "$(dirname "$0")" && pwd)
    export LD_LIBRARY_PATH="$here/lib:${LD_LIBRARY_PATH:-}" BITLATHE_CUDA_PLUGIN="$here/bin/libbitlathe_cuda.so" QT_QPA_PLATFORM=offscreen
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    [ $# -gt 0 ] || set -- tst_kernels_cuda tst_kernels_cudablock tst_kernels_backend tst_kernels_columns tst_kernels_packed tst_kernels_products \
        tst_core_model_devicemodel tst_core_quant_gptqdevice
    : >"$work/tests"
    for program in "$@"; do
        code=0
        # Rows of the processor have run where this was built.
        rows=$("$here/bin/$program" -datatags 2>/dev/null | awk '$3 == "cuda" { print $2 ":cuda" }')
        # shellcheck disable=SC2086 # Words of PREFIX and names of tests.
        ${PREFIX:-} "$here/bin/$program" $rows >"$work/out" 2>&1 || code=$?
        cat "$work/out" >&2
        results "$program" <"$work/out" >>"$work/tests"
        # One that crashed or was found out by the PREFIX says nothing of its own.
        if [ "$code" -ne 0 ] && ! grep -q "^FAIL!" "$work/out"; then
            echo ",{\"program\":\"$program\",\"name\":\"exit code\",\"result\":\"failed\",\"message\":\"$code\"}" >>"$work/tests"
        fi
    done
    operations=null
    if [ -z "${PREFIX:-}" ] && "$here/bin/bitlathe-cli" bench --ops --device cuda --json --quiet >"$work/ops"; then
        operations=$(cat "$work/ops")
    fi
    facts=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -1) || facts=
    failed=$(grep -c '"result":"failed"' "$work/tests" || true)
    printf '{"device":%s,"driver":%s,"tests":[%s],"passed":%s,"failed":%s,"skipped":%s,"operations":%s}\n' \
        "$(quoted "${facts%,*}")" "$(quoted "${facts##*, }")" "$(tr -d '\n' <"$work/tests" | sed 's/^,//')" \
        "$(grep -c '"result":"passed"' "$work/tests" || true)" "$failed" \
        "$(grep -c '"result":"skipped"' "$work/tests" || true)" "$operations"
    [ "$failed" -eq 0 ]
}

if [ "${1:-}" = pack ]; then
    pack "$2" "$3"
else
    run "$@"
fi
