#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Starts the program as ./run does, on a display of its own, and waits until it shows its window and has the demo open.
# Usage: realwindow.sh BITLATHE
set -euo pipefail
program=$1

for tool in xvfb-run xwininfo; do
    if ! command -v "$tool" > /dev/null; then
        echo "skipped: there is no $tool here"
        exit 77
    fi
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME=$folder XDG_CONFIG_HOME=$folder/config XDG_DATA_HOME=$folder/data XDG_CACHE_HOME=$folder/cache
export QT_QPA_PLATFORM=xcb
unset WAYLAND_DISPLAY

# It has no reason to end by itself. Its title names the model once that is open.
xvfb-run --auto-servernum --server-args="-screen 0 1280x800x24" bash -c '
    "$0" --demo &
    program=$!
    for _ in $(seq 1 600); do
        window=$(xwininfo -root -tree 2> /dev/null | grep -m1 "demo-llama.*Bitlathe" || true)
        [ -n "$window" ] && break
        kill -0 "$program" || break
        sleep 0.1
    done
    kill "$program" || true
    wait "$program" || true
    [ -n "$window" ] && echo "$window"
' "$program"
