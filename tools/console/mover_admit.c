/* SPDX-License-Identifier: BSD-3-Clause */
/* mover_admit.c - may what the console asks for be done? */
#include "mover_packet.h"

#include <string.h>

bool
mover_is_run(ndr_slice id)
{
    if (id.len == 0 || id.len > 64 || id.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < id.len; i++) {
        const unsigned char c = id.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'))
            return false;
    }
    return true;
}

static enum ndr_act
act_of(enum mover_what what)
{
    static const enum ndr_act act[MOVER_WHATS] = {[MOVER_PREVIEW] = NDR_ACT_PREVIEW,
                                                  [MOVER_APPLY] = NDR_ACT_APPLY,
                                                  [MOVER_UNDO] = NDR_ACT_UNDO,
                                                  [MOVER_RUNS] = NDR_ACT_LOOK};
    return act[what];
}

bool
mover_admitted(const mover_order *o, const ndr_admins *people, const ndr_admin **ret_who)
{
    *ret_who = NULL;
    if (o->person[0] == '\0')
        return true;
    const ndr_admin *who = ndr_admins_find(people, o->person);
    if (who == NULL || who->generation != o->generation ||
        !ndr_role_may(who->role, act_of(o->what)))
        return false;
    if (o->domain[0] != '\0' &&
        !ndr_admin_may(who, act_of(o->what), ndr_slice_of(o->domain), o->below))
        return false;
    *ret_who = who;
    return true;
}

bool
mover_admit(const mover_packet *p, size_t bytes, const ndr_admins *people,
            mover_order *ret)
{
    const ndr_admin *who;
    if (bytes < MOVER_PACKET_HEAD || bytes - MOVER_PACKET_HEAD >= sizeof p->words ||
        p->what >= MOVER_WHATS || memchr(p->person, '\0', sizeof p->person) == NULL ||
        memchr(p->domain, '\0', sizeof p->domain) == NULL)
        return false;
    *ret = (mover_order){.what = (enum mover_what)p->what,
                         .generation = p->generation,
                         .below = p->below != 0,
                         .words_bytes = bytes - MOVER_PACKET_HEAD};
    memcpy(ret->person, p->person, strlen(p->person));
    memcpy(ret->domain, p->domain, strlen(p->domain));
    memcpy(ret->words, p->words, ret->words_bytes);
    const ndr_slice words = {(const unsigned char *)ret->words, ret->words_bytes};
    return (ret->what != MOVER_UNDO || mover_is_run(words)) &&
           mover_admitted(ret, people, &who);
}
