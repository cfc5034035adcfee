# SPDX-License-Identifier: BSD-3-Clause
# a standard output that does not block and is full for a while gets all the same
"$NDRSCAN" explain --no-shipped-rules --rules "$DATA/rules.yaml" "$DATA/mixed.mbox" >want
cat >slow.py <<'PY'
import fcntl, os, subprocess, sys, time
r, w = os.pipe()
fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
os.set_blocking(w, False)
p = subprocess.Popen(sys.argv[1:], stdout=w)
os.close(w)
time.sleep(0.3)
got = open(r, "rb").read()
print(len(got) > 4096, got == open("want", "rb").read(), p.wait())
PY
/usr/bin/python3 slow.py \
    "$NDRSCAN" explain --no-shipped-rules --rules "$DATA/rules.yaml" "$DATA/mixed.mbox"
