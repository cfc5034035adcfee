# SPDX-License-Identifier: BSD-3-Clause
# Whose mail came back: a window keeps what RFC 8463's example proves ours, in each output.
mkdir -p config/ndrscan M/cur M/new M/tmp
cat > config/ndrscan/identity.yaml <<'EOF'
identities:
  - domain: football.example.com
    dkim: [{selector: brisbane, key: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}]
    all-mail: [dkim]
    since: 2018-01-01T00:00:00Z
EOF
cat > w.yaml <<'EOF'
windows:
  - {domain: football.example.com, from: 2018-06-01T00:00:00Z, until: 2018-07-01T00:00:00Z}
EOF
sed 's/}$/, take: forged}/' w.yaml > forged.yaml
sed 's/}$/, take: all}/' w.yaml > all.yaml
bounce() { # whom it did not reach; what it returns
    printf 'Return-Path: <>\nDelivered-To: joe@football.example.com\nReceived: from mx.example.net by mx.football.example.com; Mon, 11 Jun 2018 10:00:00 +0000\nFrom: MAILER-DAEMON@mx.example.net\nMessage-ID: <%s@mx.example.net>\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nYour message could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; %s\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\n' "$1" "$1"
    cat "$2"
    printf '\n--b--\n'
}
cat > signed.eml <<'EOF'
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
EOF
cat > forged.eml <<'EOF'
Received: from [192.0.2.66] by relay.example.org; Sun, 10 Jun 2018 09:00:00 +0000
From: Joe <joe@football.example.com>
To: victim@shopping.example.net
Subject: cheap
Date: Sun, 10 Jun 2018 09:00:00 +0000
Message-ID: <1@football.example.com>
MIME-Version: 1.0
Content-Type: text/plain
X-Mailer: Cheap Mailer 1.0
X-Priority: 3

Buy.
EOF
bounce suzie@shopping.example.net signed.eml > M/new/1.a
bounce victim@shopping.example.net forged.eml > M/new/2.a
bounce other@shopping.example.net signed.eml > M/new/3.a
scan() { "$NDRSCAN" scan -q --emit all "$@" M; }
for w in w forged all; do
    echo "$w"
    scan --windows $w.yaml | grep -o '"verdict":"[a-z]*"\|"evidence".*}\],\?\|"evidence".*]}\|"reason":"[^"]*"'
done
scan --windows w.yaml --output summary 2>&1 | sed '/^messages a second/d'
"$NDRSCAN" check --windows w.yaml < M/new/1.a
"$NDRSCAN" filter --windows w.yaml < M/new/2.a | head -5
"$NDRSCAN" explain --windows w.yaml M/new/1.a | sed -n '/^Whose/,/^$/p'
echo 'windows: []' > none.yaml
"$NDRSCAN" apply --dry-run --windows none.yaml --try w.yaml M 2>&1
echo "of what stays, a preview tells what stays under its own window"
sed 's/2018-06-01/2018-05-01/; s/2018-07-01/2018-06-01/' w.yaml > may.yaml
for try in w may; do
    "$NDRSCAN" apply --dry-run --windows w.yaml --try $try.yaml --progress json M 2>&1 | sed -n 's/.*"spared"/"spared"/p'
    "$NDRSCAN" apply --dry-run --windows w.yaml --try $try.yaml M 2>&1 | grep kept
done
"$NDRSCAN" apply --windows w.yaml --progress json M 2>&1 | grep -o '"spared".*\]'
find M -type f ! -name maildirfolder | LC_ALL=C sort
scan --windows w.yaml --stats stats.db --output summary >/dev/null 2>&1
AT="--stats stats.db --windows w.yaml --since 2018-06-11T06:00:00Z --at 2018-06-11T12:00:00Z"
"$NDRSCAN" report $AT | sed -n '/^Blocked/,/window/p'
"$NDRSCAN" report $AT --output json | grep -o '"whose":{[^}]*}'
for w in w forged; do
    "$NDRSCAN" report ${AT%% --windows*} --windows $w.yaml ${AT##*w.yaml} --output json | grep -o '"state":"[A-Za-z]*"\|"take":"[a-z]*"'
done
