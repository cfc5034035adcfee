/* SPDX-License-Identifier: BSD-3-Clause */
/* kept_json.h - how do programs keep a little JSON beside the windows? */
#ifndef KEPT_JSON_H
#define KEPT_JSON_H

#include "ndrscan.h"

#include <jansson.h>

/* One such file of the folder of windows. */
typedef struct kept_file {
    const char *name, *beside; /* beside: its name until it is whole */
    const char *holds;         /* "windows that opened themselves" */
    const char *remedy;        /* of one that is damaged */
    int version;               /* that this program writes, as "version" */
} kept_file;

/* Read it. 0 and *ret, NULL where it is not there; NDR_E_DAMAGED for what is no such
 * file, NDR_E_LIMIT for one of a newer version, with the remedy; NDR_E_SYS, NDR_E_NOMEM.
 */
int kept_json_read(const char *dir, const kept_file *f, json_t **ret, ndr_error *err);
/* Replace it, whole and synced. 0, or an ndr_code. */
int kept_json_write(const char *dir, const kept_file *f, const ndr_buffer *text,
                    ndr_error *err);
/* Say that it is damaged, and hand on NDR_E_DAMAGED. */
int
kept_json_damaged(const char *dir, const kept_file *f, const char *what, ndr_error *err);
/* When it was written last; false: it is not there. */
bool kept_json_time(const char *dir, const kept_file *f, int64_t *ret);
/* As if it were written at this time: without a change of the folder, which others take
 * for a change of windows. False: it is not there. */
bool kept_json_touch(const char *dir, const kept_file *f, int64_t at);

#endif
