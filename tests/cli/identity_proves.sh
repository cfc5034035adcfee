# SPDX-License-Identifier: BSD-3-Clause
# A window keeps the bounce that returns mail of ours, by the key in identity.yaml alone.
mkdir -p config/ndrscan
# the key and the message of RFC 8463 A
cat > config/ndrscan/identity.yaml << 'END'
identities:
  - domain: football.example.com
    dkim:
      - {selector: brisbane, key: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}
END
bounce() {
    cat << END
Return-Path: <>
Delivered-To: joe@football.example.com
Received: from mx.shopping.example.net by mx.football.example.com; Sat, 12 Jul 2003 10:00:00 +0000
From: MAILER-DAEMON@mx.shopping.example.net
To: joe@football.example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

<suzie@shopping.example.net>: user unknown

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shopping.example.net

Final-Recipient: rfc822; suzie@shopping.example.net
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: $1
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
--b--
END
}
bounce 'Is dinner ready?' > ours.eml
bounce 'Cheap watches' > forged.eml
"$NDRSCAN" block football.example.com --from 2003-07-12T00:00:00Z --until 2003-07-14T00:00:00Z > block.out
for mail in ours forged; do
    "$NDRSCAN" scan -q $mail.eml | grep -o '"verdict":"[a-z]*"\|"reason":"[^"]*"\|"whose":"[a-z]*"'
    "$NDRSCAN" identity test $mail.eml
    "$NDRSCAN" filter < $mail.eml | grep '^X-NDR'
done
echo 'identities: []' > none.yaml
"$NDRSCAN" scan -q --identity none.yaml ours.eml | grep -o '"verdict":"[a-z]*"\|"whose":"[a-z]*"'
"$NDRSCAN" identity test --identity none.yaml ours.eml; echo "status $?"
"$NDRSCAN" identity test gone.eml; echo "status $?"
printf 'From: a@example.com\nSubject: Hello\n\nHello.\n' | "$NDRSCAN" identity test -; echo "status $?"
rm config/ndrscan/identity.yaml
"$NDRSCAN" identity test ours.eml; echo "status $?"
