# SPDX-License-Identifier: BSD-3-Clause
# a rules file that is not there
"$NDRSCAN" scan --rules nowhere.yaml "$DATA/bounce.eml"
