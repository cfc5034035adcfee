# SPDX-License-Identifier: BSD-3-Clause
# Keys are found in the settings of mail servers; their public halves are written down.
command -v openssl > /dev/null || exit 77
umask 077
rsa() { openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:"${2:-2048}" -out "$1" 2> /dev/null; }
# keys differ from run to run: their public halves are held against openssl's
keys() { sed 's/p=[^"]*/p=.../' "$1"; }
public() { openssl pkey -in "$1" -pubout -outform DER 2> /dev/null | base64 -w0; }
raw() { openssl pkey -in "$1" -pubout -outform DER 2> /dev/null | tail -c 32 | base64 -w0; }
init() { "$NDRSCAN" identity init "$@" 2>&1; echo "status $?"; }
identity=config/ndrscan/identity.yaml

echo '# OpenDKIM: a table, for two domains, and a key of another'
mkdir -p open/etc/opendkim/keys
rsa open/etc/opendkim/keys/a.private
openssl pkey -in open/etc/opendkim/keys/a.private -traditional -out open/etc/opendkim/keys/b.private
printf 'Syslog yes\nKeyTable\trefile:/etc/opendkim/KeyTable # ours\n' > open/etc/opendkim.conf
printf 'a._domainkey.example.com example.com:a:/etc/opendkim/keys/a.private\nb %%:b:/etc/opendkim/keys/b.private\nc example.net:c:/nowhere\n' > open/etc/opendkim/KeyTable
touch -d 2024-02-01T00:00:00Z open/etc/opendkim/keys/*
init Example.COM --root "$HOME/open" --dry-run
ls config 2> /dev/null
init Example.COM --root "$HOME/open"
keys $identity
grep -c "p=$(public open/etc/opendkim/keys/a.private)\"" $identity
stat -c %a $identity
grep -c PRIVATE $identity
init example.com --root "$HOME/open"
echo '# a file that has a version alone'
cp $identity whole
printf 'version: 1\n' > $identity
init example.com --root "$HOME/open" > /dev/null
keys $identity
mv whole $identity
echo '# one that cannot be read: nothing is written'
init example.net --root "$HOME/open"

echo '# rspamd: a block of the domain, and the folder'
mkdir -p r/etc/rspamd/local.d r/var/lib/rspamd/dkim
openssl genpkey -algorithm ED25519 -out ed.pem
openssl pkey -in ed.pem -outform DER | tail -c 32 | base64 > r/var/lib/rspamd/dkim/example.org.ed.key
rsa r/var/lib/rspamd/dkim/other.example.mail.key
rsa r/var/lib/rspamd/named.key 1024
cat > r/etc/rspamd/local.d/dkim_signing.conf << 'END'
# ours
path = "/var/lib/rspamd/dkim/$domain.$selector.key";
selector = "mail";
domain {
  example.org {
    selectors [
      { path: "/var/lib/rspamd/named.key"; selector: "named" },
      { selector = ed; }
    ]
  }
}
END
touch -d 2025-02-01T00:00:00Z r/var/lib/rspamd/*.key r/var/lib/rspamd/dkim/*
init example.org --root "$HOME/r"
grep -c "k=ed25519; p=$(raw ed.pem)\"" $identity
init other.example --root "$HOME/r" --dry-run

echo '# rspamd: maps'
mkdir -p m/etc/rspamd/local.d m/etc/keys
rsa m/etc/keys/example.net.fast.pem
rsa m/etc/keys/own.pem
cat > m/etc/rspamd/local.d/dkim_signing.conf << 'END'
path = "/etc/keys/$domain.$selector.pem";
selector_map = "$LOCAL_CONFDIR/selectors.map";
path_map = "file:///etc/rspamd/paths.map"; # of those with a key of their own
END
printf '# domain selector\nexample.edu own\n\nEXAMPLE.NET  fast # by hand\n' > m/etc/rspamd/selectors.map
printf 'example.edu /etc/keys/$selector.pem\n' > m/etc/rspamd/paths.map
init example.net --root "$HOME/m" --dry-run
init example.edu --root "$HOME/m" --dry-run
rm m/etc/rspamd/paths.map
init example.net --root "$HOME/m" --dry-run

echo '# Exim: macros, and a file of the domain'
mkdir -p e/etc/exim4/dkim
rsa e/etc/exim4/dkim/example.edu.pem
cat > e/etc/exim4/exim4.conf << 'END'
KEYS = /etc/exim4/dkim
DKIM_KEY = ${if exists{KEYS/$dkim_domain.pem}{KEYS/$dkim_domain.pem}{0}}
begin transports
local:
  driver = appendfile
remote_smtp:
  driver = smtp
  dkim_domain = example.net : \
     example.edu
  dkim_selector = x
  dkim_private_key = DKIM_KEY
END
touch -d 2025-03-01T00:00:00Z e/etc/exim4/dkim/*
init example.edu --root "$HOME/e"
sed -i 's/^DKIM_KEY.*/DKIM_KEY = ${lookup{$dkim_domain}lsearch{KEYS}}/' e/etc/exim4/exim4.conf
init example.edu --root "$HOME/e"

echo '# a key by its name: private, public, in a zone'
rsa new.pem; touch -d 2026-01-01T00:00:00Z new.pem
init example.com --key new.pem --selector new
openssl pkey -in new.pem -pubout -out pub.pem
init example.com --key pub.pem --selector new
p=$(public new.pem)
printf 'zone._domainkey\tIN\tTXT\t( "v=DKIM1; h=sha256; k=rsa; "\n\t  "p=%s"\n\t  "%s" )  ; ----- DKIM key zone for example.com\n' "$(echo "$p" | cut -c 1-200)" "$(echo "$p" | cut -c 201-)" > zone.txt
init example.com --key zone.txt
grep -c "p=$p" $identity
echo '# mistakes'
rsa short.pem 512
init example.com --key short.pem --selector short
rsa x.pem
init example.com --key x.pem --selector new
init example.com --key x.pem
init example.com --key gone.pem --selector new
init example.com --selector new
init
init 'a b'
init example.ch --root "$HOME/e"
init example.com --key zone.txt --selector zone
openssl genrsa -aes128 -passout pass:x -out enc.pem 2> /dev/null
init example.com --key enc.pem --selector enc

echo '# what is written by hand stays'
cat > hand.yaml << 'END'
identities:
- domain: example.net   # theirs
  hosts: [mx.example.net]
  # no key yet
- domain: example.com
  dkim:
  # the first
  - selector: one
    key: 'v=DKIM1; p='
  sent-days: 7
END
init example.net --key new.pem --selector new --identity hand.yaml
init example.com --key new.pem --selector 2026 --identity hand.yaml
init example.org --key new.pem --selector new --identity hand.yaml
sed 's/p=[^"'"'"']*/p=.../; s/since: .*Z/since: .../' hand.yaml
printf 'identities: [{domain: example.com}]\n' > flow.yaml
init example.com --key new.pem --selector new --identity flow.yaml
cat flow.yaml

echo '# all of it'
"$NDRSCAN" identity check; "$NDRSCAN" identity list
sed -i 's/2048/20/; s/^    hosts/    host/; s/all-mail/allmail/' hand.yaml
printf 'identities:\n  - domain: example.com\n    hots: [a.example]\n' > bad.yaml
"$NDRSCAN" identity check bad.yaml; echo "status $?"
"$NDRSCAN" identity list gone.yaml; echo "status $?"
"$NDRSCAN" identity check hand.yaml
