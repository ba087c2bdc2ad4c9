#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tries packages or the folder in a bare Debian 12: installs, runs both programs there, removes, looks for what is left.
# usage: packaging/smoke-test.sh FILE...        the .deb files of one version, or one .tar.xz; as root
# BITLATHE_MIRROR names a mirror of Debian, BITLATHE_BARE_ROOT an existing bare root to copy instead of making one.
set -euo pipefail
mirror=${BITLATHE_MIRROR:-http://deb.debian.org/debian}
if [ "$(id -u)" -ne 0 ] || [ $# -eq 0 ]; then
    sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2
    exit 2
fi
files=()
for file in "$@"; do files+=("$(realpath "$file")"); done

work=$(mktemp -d)
root=$work/root
end() {
    umount "$root/proc" "$root/dev" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap end EXIT

step() { printf '\n== %s\n' "$*"; }
# As someone who is not root, with a home of their own and nothing of this machine's environment.
inside() {
    chroot "$root" /usr/bin/setpriv --reuid 65534 --regid 65534 --clear-groups \
        /usr/bin/env -i PATH="$path" HOME=/home/user LANG=C.UTF-8 "$@"
}

step "A bare Debian 12"
if [ -n "${BITLATHE_BARE_ROOT:-}" ]; then
    cp -a "$BITLATHE_BARE_ROOT" "$root"
else
    debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/debootstrap.log" ||
        { tail -20 "$work/debootstrap.log" >&2; exit 1; }
fi
cp /etc/resolv.conf "$root/etc/"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mkdir -p "$root/home/user" "$root/files"
chown 65534:65534 "$root/home/user"
cp "${files[@]}" "$root/files/"

path=/usr/bin:/bin
case ${files[0]} in
    *.deb)
        step "Installing"
        chroot "$root" apt-get update -q >/dev/null
        chroot "$root" /bin/sh -c 'DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends /files/*.deb' \
            >"$work/install.log" 2>&1 || { tail -20 "$work/install.log" >&2; exit 1; }
        # shellcheck disable=SC2016 # what dpkg-query fills in
        mapfile -t installed < <(chroot "$root" dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' 'bitlathe*' | sed -n 's/^ii //p')
        printf '%s\n' "${installed[@]}"
        ;;
    *)
        step "Unpacking"
        mkdir -p "$root/somewhere/else"
        tar -C "$root/somewhere/else" --no-same-owner -xf "${files[0]}"
        path=/$(cd "$root" && echo somewhere/else/*/bin):$path
        ls "$root/somewhere/else"
        ;;
esac
window=no
if inside /bin/sh -c 'command -v bitlathe' >/dev/null; then window=yes; fi

step "bitlathe-cli --version"
inside bitlathe-cli --version
inside bitlathe-cli completions bash >/dev/null

step "A small model of random weights, rounded to 4 bits and verified"
inside bitlathe-cli generate-model --shape 82m --out /home/user/model --quiet
inside bitlathe-cli inspect /home/user/model | sed -n 1,8p
inside bitlathe-cli quantize /home/user/model --method rtn --bits 4 --group-size 128 --format compressed-tensors \
    --out /home/user/model-int4 --quiet | tail -5
inside bitlathe-cli verify /home/user/model-int4
before=$(du -sb "$root/home/user/model" | cut -f1)
after=$(du -sb "$root/home/user/model-int4" | cut -f1)
echo "$before bytes before, $after after"
[ "$after" -lt "$before" ]

if [ "$window" = yes ]; then
    step "The window, on the bundled model"
    inside bitlathe --version
    inside bitlathe -platform offscreen --screenshots /home/user/pictures --page compare --theme light --language en
    ls -l "$root/home/user/pictures"
    [ -s "$root/home/user/pictures/compare-light-en.png" ]
fi

case ${files[0]} in
    *.deb)
        step "Removing"
        chroot "$root" dpkg-query -L "${installed[@]}" | sort -u >"$work/installed"
        chroot "$root" apt-get purge -y -q "${installed[@]}" >"$work/purge.log" 2>&1 ||
            { tail -20 "$work/purge.log" >&2; exit 1; }
        left=$(while read -r file; do
            if [ -L "$root$file" ] || [ -f "$root$file" ]; then echo "$file"; fi
        done <"$work/installed"
        find "$root/usr" "$root/etc" "$root/var/lib/dpkg/info" "$root/opt" -iname '*bitlathe*')
        if [ -n "$left" ]; then
            printf 'left after the removal:\n%s\n' "$left" >&2
            exit 1
        fi
        echo "Nothing is left of $(grep -c . "$work/installed") files and folders."
        ;;
esac
echo "Smoke test passed."
