# open, coming and ended windows, as of one moment
export TZ=CET-1CEST,M3.5.0,M10.5.0/3
cat > w.yaml <<'EOF'
windows:
  - {domain: open.example, from: 2008-05-13T08:00:00Z, until: 2008-05-15T08:00:00Z, note: spoofed since Tuesday}
  - {domain: ever.example, from: 2008-05-13T08:00:00Z, subdomains: true}
  - {domain: calm.example, from: 2008-05-13T08:00:00Z, until: 2008-05-14T08:10:00Z, until-calm: true}
  - {domain: coming.example, from: 2008-06-13T08:00:00Z, kinds: [failed, receipt], mailboxes: [info, sales]}
  - {domain: ended.example, from: 2008-05-12T08:00:00Z, until: 2008-05-13T05:30:00Z}
EOF
"$NDRSCAN" windows --windows w.yaml --at 2008-05-14T05:00:00Z
echo
"$NDRSCAN" windows list --windows w.yaml --at 2008-05-14T05:00:00Z --output jsonl
"$NDRSCAN" windows
