# SPDX-License-Identifier: BSD-3-Clause
# suspects become a draft that rules check takes, the same each time; other mail is told apart
R="--no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/suspect.eml" one.eml
sed -e 's/carol@example.org/dave@example.net/; s/Cheap watches/Hello/; s/robot-1/robot-2/' one.eml >two.eml
sed -e '/^Subject:/s/.*/Subject: Es war niemand zu Hause/; s/^found nobody at home/niemand war da/' \
    -e 's/^The mail robot.*/Der Roboter bedauert./; s/^Your letter.*/Ihr Brief vom 14.05.2008/' \
    -e 's/550 5.1.1 nobody.*/550 5.1.1 unbekannt verzogen/' one.eml >three.eml
"$NDRSCAN" rules suggest $R one.eml two.eml three.eml "$DATA/letter.eml" >draft.yaml
cat draft.yaml
"$NDRSCAN" rules check --no-shipped-rules --rules draft.yaml
"$NDRSCAN" scan -q --output paths --rules draft.yaml --no-shipped-rules one.eml two.eml three.eml
"$NDRSCAN" rules suggest $R "$DATA/letter.eml"
echo $?
