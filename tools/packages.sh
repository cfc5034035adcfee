# SPDX-License-Identifier: BSD-3-Clause
# packages.sh - which Debian packages does ndrscan need? Sourced by tools/demo and tools/test.

build_packages="gcc libc6-dev meson ninja-build pkg-config libzstd-dev zlib1g-dev libbz2-dev liblzma-dev libcyaml-dev libarchive-dev
libyaml-dev libidn2-dev libxxhash-dev libsqlite3-dev libssl-dev libjansson-dev libcmocka-dev scdoc python3"
test_packages="g++ python3-yaml python3-jsonschema zstd xz-utils bzip2 p7zip-full util-linux strace tzdata"
# without these: no comparison of our MIME walk with GMime's, none of our DKIM with dkimpy's and libopendkim's, no milter, no web console,
# no browser and no single sign-on to test it with, no power cuts (what tests/wiring needs it installs itself, or is skipped)
optional_packages="zsh fish libgmime-3.0-dev python3-dkim python3-nacl libopendkim-dev libmilter-dev libmicrohttpd-dev libcrypt-dev chromium e2fsprogs xfsprogs abigail-tools slurm-wlm munge parallel apache2-bin libapache2-mod-auth-openidc python3-jwcrypto"
# Debian's npm and the one that others package exclude each other: either will do
command -v npm >/dev/null || optional_packages="$optional_packages npm"

# have PACKAGE: is it installed?
have() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need PACKAGE...: install those that are not there; as root, or through sudo.
need() {
    missing=
    for p in "$@"; do
        have "$p" || missing="$missing $p"
    done
    # Hyperscan or its fork Vectorscan: either will do, and they exclude each other
    if ! have libhyperscan-dev && ! have libvectorscan-dev; then
        if [ "$(dpkg --print-architecture)" = amd64 ]; then
            missing="$missing libhyperscan-dev"
        else
            missing="$missing libvectorscan-dev"
        fi
    fi
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null; then
        as_root=sudo
    else
        echo "these packages are missing; install them as root and start again:" >&2
        echo "  apt-get install$missing" >&2
        exit 1
    fi
    echo "installing$missing"
    # shellcheck disable=SC2086 # words, not one name
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq -y --no-install-recommends install $missing >/dev/null || {
        echo "apt-get failed; install these yourself:$missing" >&2
        exit 1
    }
}
