# SPDX-License-Identifier: BSD-3-Clause
# chroot.sh - a fresh Debian to build or to install in; sourced by build-deb and all that try its packages.
#
# Kept as tar files below ${XDG_CACHE_HOME:-~/.cache}/ndrscan/packaging, made anew when the list of packages
# changes; delete the folder to have today's Debian.

mirror=${NDR_MIRROR:-http://deb.debian.org/debian}
# what test-install, test-services and test-ansible start with: one Debian serves all
trial_packages="postfix procmail maildrop dovecot-core dovecot-lmtpd dovecot-sieve python3 iproute2 ca-certificates systemd"
kept=${XDG_CACHE_HOME:-$HOME/.cache}/ndrscan/packaging

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# want PROGRAM PACKAGE [PROGRAM PACKAGE]...: all are there, or what to install is said.
want() {
    missing=
    while [ $# -gt 1 ]; do
        command -v "$1" >/dev/null || missing="$missing $2"
        shift 2
    done
    [ -z "$missing" ] || die "these packages are missing: apt-get install$missing"
}

# suite_of 12|13|NAME: the suite's name
suite_of() {
    case $1 in
    12) echo bookworm ;;
    13) echo trixie ;;
    *) echo "$1" ;;
    esac
}

# suite_number NAME: 12, 13, or the name
suite_number() {
    case $1 in
    bookworm) echo 12 ;;
    trixie) echo 13 ;;
    *) echo "$1" ;;
    esac
}

# chroot_tar SUITE VARIANT PACKAGES [MMDEBSTRAP-OPTIONS...]: the name of a tar file with that Debian in it
chroot_tar() {
    suite=$1 variant=$2 packages=$(echo "$3" | tr -s ' \n' ',,')
    shift 3
    key=$(echo "$suite $variant $packages $mirror $*" | sha256sum | cut -c1-12)
    tar=$kept/$suite-$variant-$key.tar
    if [ ! -e "$tar" ]; then
        mkdir -p "$kept"
        echo "making a Debian $suite ($variant) in $tar" >&2
        mmdebstrap --quiet --variant="$variant" --include="$packages" \
            --aptopt='Acquire::Languages "none"' "$@" "$suite" "$tar.new.tar" "$mirror" >"$tar.log" 2>&1 || {
            tail -n 20 "$tar.log" >&2
            rm -f "$tar.new.tar"
            return 1
        }
        rm "$tar.log"
        mv "$tar.new.tar" "$tar"
    fi
    echo "$tar"
}

# unpack TAR FOLDER: a Debian of its own to spoil
unpack() {
    mkdir -p "$2"
    # devices are the host's, see inside
    tar -x -C "$2" --numeric-owner --exclude='./dev/*' -f "$1"
}

# inside [--net] FOLDER COMMAND...: run it there, in namespaces that end with it; without --net there is no net.
inside() {
    without=-n
    if [ "$1" = --net ]; then
        without=
        shift
    fi
    root=$1
    shift
    unshare -m -p -u -i $without -f --kill-child --propagation private sh -c '
        root=$1
        shift
        hostname debian
        mount -t proc proc "$root/proc"
        mount -t tmpfs -o mode=755 tmpfs "$root/dev"
        for d in null zero full random urandom tty; do
            : >"$root/dev/$d" && mount --bind "/dev/$d" "$root/dev/$d"
        done
        mkdir "$root/dev/shm" "$root/dev/pts"
        mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
        ln -s pts/ptmx "$root/dev/ptmx"
        ln -s /proc/self/fd "$root/dev/fd"
        ln -s fd/0 "$root/dev/stdin"
        ln -s fd/1 "$root/dev/stdout"
        ln -s fd/2 "$root/dev/stderr"
        ip link set lo up 2>/dev/null || true
        exec chroot "$root" "$@"' inside "$root" "$@"
}

# with_needs ROOT PACKAGES: install from the net what the packages in its /trial depend on, and PACKAGES; not they themselves
with_needs() {
    cp /etc/resolv.conf "$1/etc/resolv.conf" 2>/dev/null || true
    inside --net "$1" sh -c "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends install \
        $2 /trial/*.deb && dpkg --purge ndrscan ndrscan-milter ndrscan-console libndrscan0 libndrscan-dev" >"$1/trial/apt.log" 2>&1 || {
        tail -n 30 "$1/trial/apt.log" >&2
        die "what the packages depend on cannot be installed"
    }
}

# boot ROOT TRIAL: start systemd there, without a net, let TRIAL say its say, and end; it ends with 'all is as it should be'
boot() {
    cat >"$1/etc/systemd/system/trial.service" <<UNIT
[Unit]
After=multi-user.target
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 $2
StandardOutput=file:/trial/told
StandardError=file:/trial/told
[Install]
WantedBy=multi-user.target
UNIT
    ln -s ../trial.service "$1/etc/systemd/system/multi-user.target.wants/trial.service" 2>/dev/null ||
        inside "$1" systemctl enable trial.service
    timeout --kill-after=20 600 systemd-nspawn --quiet --directory="$1" --machine="ndrscan-trial-$$" --register=no --keep-unit \
        --private-network --boot </dev/null >"$1/trial/boot.log" 2>&1 || true
    cat "$1/trial/told" 2>/dev/null || {
        tail -n 30 "$1/trial/boot.log" >&2
        die "it did not boot"
    }
    grep -q '^all is as it should be$' "$1/trial/told" || die "not all is as it should be, see above"
}
