/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_windows.c - which options do the verbs take that are about windows? */
#include "rows.h"

/* clang-format off */

static const option_row check_rows[] = {END};
const verb verb_windows_check = {
    "windows check", "FILE|DIR...",
    "check block windows, count those open now",
    "Exit status: 0 all right (entries that overlap are warned of), 2 an error.\n",
    check_rows,
};
