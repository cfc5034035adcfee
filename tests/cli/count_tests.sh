# SPDX-License-Identifier: BSD-3-Clause
# what tools/test ends with: TAP lines count one by one, other programs as one, a program
# that dies behind its last good line has failed, a build that was not made has too
cat >log.json <<'END'
{"name": "tap", "result": "OK", "stdout": "1..3\nok 1 - a\nok 2 - b # SKIP no corpus\nok 3 - c\n"}
{"name": "bad tap", "result": "FAIL", "stdout": "1..2\nok 1 - a\nnot ok 2 - b\n# not ok - bad tap\n"}
{"name": "died", "result": "ERROR", "stdout": "1..2\nok 1 - a\n"}
{"name": "plain", "result": "OK"}
{"name": "wrong", "result": "FAIL", "stdout": "words"}
{"name": "slow", "result": "TIMEOUT"}
{"name": "left out", "result": "SKIP"}
END
count="$CASES/../../tools/count-tests"
/usr/bin/python3 "$count" build=log.json; echo "exit $?"
grep -v 'tap"\|died\|wrong\|slow\|left' log.json >good.json
/usr/bin/python3 "$count" build=good.json; echo "exit $?"
/usr/bin/python3 "$count" --broken 1 build=good.json; echo "exit $?"
/usr/bin/python3 "$count" build=nowhere.json; echo "exit $?"
