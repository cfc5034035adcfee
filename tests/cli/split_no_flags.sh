# SPDX-License-Identifier: BSD-3-Clause
# a file system whose rename has no flags: both files get their names, or neither does
command -v strace >/dev/null && strace -o log true 2>/dev/null || { echo "skipped: tracing is not allowed here"; exit 77; }
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" # a tracer is there already
split() {
    strace -f -o log -e trace=renameat2,link,linkat -e inject=renameat2:error=EINVAL "$@" \
        "$NDRSCAN" split --no-shipped-rules --rules "$DATA/rules.yaml" --windows "$DATA/windows.yaml" \
        --junk junk --keep keep "$DATA/mixed.mbox"
    echo "exit status $?"
    ls -A | grep -v -x log
}
split -e inject=linkat:error=EIO:when=2
split
cat junk keep | wc -c
