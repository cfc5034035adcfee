# SPDX-License-Identifier: BSD-3-Clause
# what bash, zsh and fish offer behind the same words, where they are installed: verbs, options and their
# words, and what only this host knows, domains and windows
made=$(dirname "$NDRSCAN")
command -v zsh >/dev/null && command -v fish >/dev/null || { echo 'skipped: needs zsh and fish' >&2; exit 77; }
mkdir bin && printf '#!/bin/sh\nexec "%s" "$@"\n' "$NDRSCAN" >bin/ndrscan && chmod +x bin/ndrscan
export PATH="$PWD/bin:$PATH"
ndrscan block example.com 2>/dev/null >&2
ndrscan block example.net 2>/dev/null >&2
in_bash() {
    bash --norc -c 'compopt() { :; }; . "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ndrscan
        printf "%s\n" "${COMPREPLY[@]}"' bash "$made/ndrscan.bash" "$@"
}
in_fish() { fish --no-config -c 'source $argv[1]; complete -C "$argv[2]"' "$made/ndrscan.fish" "$*" | cut -f1; }
# the functions of zsh's own, without a terminal: they print what they would offer
in_zsh() {
    zsh -f -c '_describe() { print -rl -- ${${(P)2}%%:*} }
        compadd() { shift; print -rl -- $@ }
        _arguments() { for spec in $@; do case $spec in
            (\*:name:*) ${spec#\*:name:} ;;
            (\*--*) print -r -- ${${spec#\*}%%[=\[]*} $(print -r -- $spec | sed -n "s/.*:(\(.*\))$/\1/p") ;; esac; done }
        file=$1; shift; words=("$@"); CURRENT=$#; . $file' zsh "$made/_ndrscan" "$@"
}
sorted() { sort | grep -E "$1" | tr '\n' ' '; echo; }
for shell in bash zsh fish; do
    echo "-- $shell"
    in_$shell ndrscan b | sorted '^block$'
    in_$shell ndrscan windows '' | sorted '^(check|history|settle)$'
    in_$shell ndrscan unblock '' | sorted '^example'
    in_$shell ndrscan scan --outpu | sorted '^--output( |$)'
done
in_bash ndrscan scan --output '' | sorted .
in_fish ndrscan scan --output '' | sorted .
exit 0
