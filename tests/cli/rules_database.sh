# SPDX-License-Identifier: BSD-3-Clause
# the shipped rules come compiled: no folder is made for them, nothing is compiled without a HOME;
# root's own database is for all users, whatever the umask, and only where nobody else could write
filter() { "$NDRSCAN" filter --no-windows "$@" <"$DATA/bounce.eml" | sed -n 2p; }
say() { sed "s#$PWD#HERE#g"; }
unset XDG_CACHE_HOME
export HOME="$PWD/home"
mkdir home
filter
env -u HOME "$NDRSCAN" filter --no-windows -v <"$DATA/bounce.eml" | sed -n 2p
find home
echo '-- installed'
(umask 077; "$NDRSCAN" rules compile --install) | say
stat -c '%a %n' system/var/cache/ndrscan system/var/cache/ndrscan/*
filter -v
"$NDRSCAN" rules compile --native --install | say
filter -v
echo '-- one that is no good is passed over, for the one that came with ndrscan'
echo torn >system/var/cache/ndrscan/shipped.ndrc
filter -v
chmod g+w system/var
"$NDRSCAN" rules compile --install | say
filter -v
echo '-- own rules are kept, but never in a folder of mail'
own() { "$NDRSCAN" filter --no-windows --no-shipped-rules --rules "$DATA/rules.yaml" <"$DATA/bounce.eml" | sed -n 2p; }
for mail in 'cur new' 'maildirfolder/' 'dovecot.index.log' '../home/dovecot-uidlist'; do
    rm -rf home && mkdir home
    for name in $mail; do mkdir -p "home/$name"; done
    own
    find home -name '.c*'
done
mkdir -p home/a/b
HOME="$PWD/home/a/b" own
find home -name '.c*'
rm -rf home && mkdir home
own
find home -name '.c*'
echo '-- mistakes'
"$NDRSCAN" rules compile 2>&1
"$NDRSCAN" rules compile --install --to x 2>&1
"$NDRSCAN" rules compile --to nowhere/x 2>&1
"$NDRSCAN" rules compile --install x 2>&1
exit 0
