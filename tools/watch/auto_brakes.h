/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_brakes.h - what keeps a window from opening itself? */
#ifndef AUTO_BRAKES_H
#define AUTO_BRAKES_H

#include "ndrscan.h"

enum {
    AUTO_FRESH_S = 600,       /* older statistics open nothing, */
    AUTO_CLOCK_S = 300,       /* nor those of another time: a clock that was set */
    AUTO_CLOCK_HOLD_S = 1800, /* holds all for so long */
    AUTO_PAST_S = 14 * 86400, /* so much past there has to be */
    AUTO_BACK_S = 6 * 3600,   /* a window begins at most so long ago, */
    AUTO_LONGEST_S = 86400,   /* and ends after this, whatever goes on */
    AUTO_AGAIN_S = 2 * 3600,  /* another so soon waits longer for calm */
    AUTO_DAY_S = 86400,       /* of which the third only tells */
    AUTO_A_DAY = 2,
    AUTO_PERSON_S = 86400, /* who ended a window is not overruled for so long */
    AUTO_TIMES_MOST = 8,
    AUTO_OURS_LEAST = 8, /* bounces of ours that were known in 28 days */
};

/* The first that holds counts. */
enum auto_brake {
    AUTO_GO,
    AUTO_STALE,      /* the statistics are too old */
    AUTO_CLOCK,      /* the clock was set */
    AUTO_YOUNG,      /* too little past */
    AUTO_UNKNOWN,    /* no identity knows the domain */
    AUTO_UNSIGNED,   /* a window of forged ones would take nothing */
    AUTO_UNSEEN,     /* nothing shows that mail of ours is known as such */
    AUTO_PERSON,     /* somebody ended a window of it */
    AUTO_THIRD,      /* twice today is enough */
    AUTO_DRY,        /* it was asked only to tell */
    AUTO_MANY,       /* so many are open already */
    AUTO_MANY_OWNER, /* of this owner */
    AUTO_BRAKES
};

typedef struct auto_facts {
    int64_t now;
    int64_t fresh, begin; /* of the statistics; NDR_TIME_UNKNOWN: there is nothing */
    int64_t clock_set;    /* when the clock was set last; NDR_TIME_UNKNOWN: never */
    enum ndr_take take;
    bool known, all_mail; /* to the identity: the domain; that all its mail is signed */
    uint64_t past_judged, past_ours;
    int64_t person_off; /* when somebody ended a window of it; NDR_TIME_UNKNOWN: never */
    size_t today;       /* windows of it that opened themselves in the last day */
    size_t open, open_owner; /* that are open */
    size_t most, most_owner;
    bool dry;
} auto_facts;

/* Pure. */
enum auto_brake auto_brake_of(const auto_facts *f);
/* Why, behind "no window opened itself: "; static. */
const char *auto_brake_words(enum auto_brake brake);
/* "stale", "person": by which programs know it, and app/words its sentence in each
 * language, under auto_why_CODE. Static; "" for AUTO_GO. */
const char *auto_brake_code(enum auto_brake brake);
/* Is it the operator's affair, not the domain's? */
bool auto_brake_is_operators(enum auto_brake brake);
/* How many times as long it has to be calm, of a window that opens at `now` after one
 * that had `times` (0: none) ended at `ended`. */
unsigned auto_times(int64_t now, int64_t ended, unsigned times);

#endif
