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
    static const enum ndr_act act[MOVER_WHATS] = {
        [MOVER_PREVIEW] = NDR_ACT_PREVIEW, [MOVER_APPLY] = NDR_ACT_APPLY,
        [MOVER_UNDO] = NDR_ACT_UNDO,       [MOVER_RUNS] = NDR_ACT_LOOK,
        [MOVER_BLOCK] = NDR_ACT_SWITCH,    [MOVER_UNBLOCK] = NDR_ACT_SWITCH,
        [MOVER_AUTO_ON] = NDR_ACT_SWITCH,  [MOVER_AUTO_OFF] = NDR_ACT_SWITCH};
    return act[what];
}

bool
mover_admitted(const mover_order *o, const ndr_admins *people, const ndr_admin **ret_who)
{
    *ret_who = NULL;
    const bool changes = mover_switches(o->what) && o->what != MOVER_SETTLE;
    if (changes && o->domain[0] == '\0') /* a window is one domain's */
        return false;
    if (o->person[0] == '\0')
        return true;
    if (o->what == MOVER_SETTLE)
        return false;
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

/* Is it text up to a NUL in its room? */
static bool
is_text(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

bool
mover_admit(const mover_packet *p, size_t bytes, const ndr_admins *people,
            mover_order *ret)
{
    const ndr_admin *who;
    if (bytes < MOVER_PACKET_HEAD || bytes - MOVER_PACKET_HEAD >= sizeof p->words ||
        p->what >= MOVER_WHATS || !is_text(p->person, sizeof p->person) ||
        !is_text(p->domain, sizeof p->domain) || !is_text(p->way, sizeof p->way) ||
        !is_text(p->peer, sizeof p->peer) || !is_text(p->address, sizeof p->address))
        return false;
    *ret = (mover_order){.what = (enum mover_what)p->what,
                         .generation = p->generation,
                         .below = p->below != 0,
                         .words_bytes = bytes - MOVER_PACKET_HEAD};
    memcpy(ret->person, p->person, strlen(p->person));
    memcpy(ret->domain, p->domain, strlen(p->domain));
    memcpy(ret->way, p->way, strlen(p->way));
    memcpy(ret->peer, p->peer, strlen(p->peer));
    memcpy(ret->address, p->address, strlen(p->address));
    memcpy(ret->words, p->words, ret->words_bytes);
    const ndr_slice words = {(const unsigned char *)ret->words, ret->words_bytes};
    return (ret->what != MOVER_UNDO || mover_is_run(words)) &&
           mover_admitted(ret, people, &who);
}
