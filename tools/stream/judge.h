/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * judge.h - by which rules and windows is this message judged, while their files change?
 *
 * One judge for a program, one seat for each thread that scans. Without judge_hear the
 * files are read once, and all messages are judged alike. With it they are looked at
 * between messages, at most once a second, or after the signal; where they have changed
 * they are read again, all or nothing: bad ones are told, and the old ones stay.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "app/setup.h"

typedef struct judge judge;
typedef struct law
    law; /* one set of rules and windows; lives until its last seat leaves */

/* Load what `s` asks for, which is borrowed until judge_free. 0 and *ret; or the exit
 * status 2, told. */
int judge_new(const setup *s, judge **ret);
/* After the last seat is left. */
void judge_free(judge *j);
/* From now on the files are looked at, and that signal asks the one judge of this program
 * to read them again. Thread: main. */
void judge_hear(int signal_number);

/* A place to judge from. All zero but `judge`, and seat_leave in the end. */
typedef struct seat {
    judge *judge;
    law *law;
    ndr_scanner *scanner;
} seat;

/*
 * Judge a message by what is in force now. With `recipient`s (addresses of the envelope)
 * those go before what its header says; it is junk only if it is junk to each of them.
 * *ret lives until the next message. 0 or an ndr_code. Thread: the seat's.
 */
int seat_scan(seat *s, ndr_message *m, const char *const *recipient, size_t count,
              ndr_extend_fn *extend, void *ctx, ndr_verdict *ret, ndr_error *err);
void seat_leave(seat *s);

#endif
