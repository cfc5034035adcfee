# SPDX-License-Identifier: BSD-3-Clause
# what looks like a bounce and has no rule: counted, listed on request, never reported as a bounce
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
mkdir mail
cp "$DATA/suspect.eml" "$DATA/bounce.eml" "$DATA/letter.eml" mail
$S -q --emit suspects mail
$S -q --emit suspects --output paths mail
$S --output summary mail
# text that is no mail is none, whatever it says: nor does it become a draft
mkdir text
printf x >text/one
printf 'Tuesday: ask bob@example.org why\n\nbob@example.org: 550 5.1.1 unknown\n' >text/notes
printf '#include <stdio.h>\n/* bob@example.org: 550 5.1.1 unknown */\nint main(void) { return 0; }\n' >text/a.c
printf '#!/bin/sh\necho "550 5.1.1 <bob@example.org> unknown"\n' >text/a.sh
printf '<html><body>550 5.1.1 bob@example.org unknown</body></html>\n' >text/a.html
printf '<svg xmlns="http://www.w3.org/2000/svg"><text>550 5.1.1 unknown</text></svg>\n' >text/a.svg
printf '{"to": "bob@example.org", "reply": "550 5.1.1 unknown"}\n' >text/a.json
printf 'from: bob@example.org\nsubject: 550 5.1.1 bob@example.org\n' >text/a.yaml
printf 'May 14 12:00:00 mx postfix/smtp[1]: 9A1: to=<bob@example.org>, dsn=5.1.1, status=bounced (host said: 550 5.1.1 unknown)\n' >text/mail.log
printf 'NTUwIDUuMS4xIDxib2JAZXhhbXBsZS5vcmc+IHVua25vd24K\n' >text/base64
cat >absent.yaml <<'END'
candidates:
  - {in: subject, absent: true}
  - {in: from, absent: true}
END
S="$S --rules absent.yaml"
$S -q --emit suspects --output paths text
$S -q --emit bounces --output paths text
"$NDRSCAN" rules suggest --no-shipped-rules --rules "$DATA/rules.yaml" --rules absent.yaml text
