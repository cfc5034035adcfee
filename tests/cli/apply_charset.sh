# SPDX-License-Identifier: BSD-3-Clause
# charset tables are loaded when mail wants them, also once the process is confined
mkdir -p M/cur M/new M/tmp
{
    printf 'Return-Path: <>\nDelivered-To: alice@example.com\nFrom: MAILER-DAEMON@example.org\n'
    printf 'Date: Tue, 13 May 2008 12:00:00 +0000\nSubject: (none)\nMIME-Version: 1.0\n'
    printf 'Content-Type: text/plain; charset=koi8-r\n\n'
    printf 'Ваше сообщение не может быть доставлено\n<nobody@example.net>\n' | iconv -f utf-8 -t koi8-r
} >M/cur/1.a.b:2,S
cat >rules.yaml <<'Y'
candidates:
  - {in: return-path, match: '^<>$'}
rules:
  - id: koi8
    kind: failed
    system: Test
    all:
      - {in: text, match: 'не может быть доставлено'}
    examples: {hit: [], miss: []}
Y
cat >w.yaml <<'Y'
windows:
  - domain: example.com
    from: 2008-05-13T00:00:00Z
    until: 2008-05-14T00:00:00Z
Y
"$NDRSCAN" apply --no-shipped-rules --rules rules.yaml --windows w.yaml --clock date --quiet M
find M -type f | sort
