/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mover_shown.c - who has shown that they are who they are?
 *
 * A password was compared with a hash that the console chose, so it is the hash that is
 * noted: only one that stands in admins.yaml is somebody's.
 */
#include "mover_packet.h"

#include "password_worker.h"

#include <string.h>

void
mover_shown_take(mover_shown *all, ndr_slice hash, int64_t now_ms)
{
    size_t place = 0;
    if (ndr_slice_equal(hash, ndr_slice_of(WORKER_TOKEN))) {
        all->token = true;
        all->token_ms = now_ms;
        return;
    }
    if (hash.len == 0 || hash.len >= NDR_ADMIN_HASH_BYTES ||
        memchr(hash.ptr, '\0', hash.len) != NULL)
        return;
    for (size_t i = 0; i < SHOWN_KEPT; i++) {
        if (ndr_slice_equal(ndr_slice_of(all->row[i].hash), hash)) {
            place = i;
            break;
        }
        if (all->row[place].hash[0] != '\0' &&
            (all->row[i].hash[0] == '\0' || all->row[i].at_ms < all->row[place].at_ms))
            place = i;
    }
    memcpy(all->row[place].hash, hash.ptr, hash.len);
    all->row[place].hash[hash.len] = '\0';
    all->row[place].at_ms = now_ms;
}

static bool
is_fresh(int64_t at_ms, int64_t now_ms)
{
    return now_ms - at_ms < (int64_t)MOVER_SHOWN_S * 1000;
}

bool
mover_shown_by(const mover_shown *all, const ndr_admin *who, int64_t now_ms)
{
    if (who == NULL)
        return all->token && is_fresh(all->token_ms, now_ms);
    if (who->proxy != NULL)
        return true;
    for (size_t i = 0; i < SHOWN_KEPT; i++)
        if (all->row[i].hash[0] != '\0' && is_fresh(all->row[i].at_ms, now_ms) &&
            strcmp(all->row[i].hash, who->password) == 0)
            return true;
    return false;
}
