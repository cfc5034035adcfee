/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * policy.h - by which rules and windows is this message judged, while their files change?
 *
 * One set of policies for a program, one scanner for each thread that scans. Without
 * policies_hear the files are read once, and all messages are judged alike. With it they
 * are looked at between messages, at most once a second, or after the signal; where they
 * have changed they are read again, all or nothing: bad ones are told, and the old ones
 * stay.
 */
#ifndef POLICY_H
#define POLICY_H

#include "app/setup.h"

typedef struct policies policies;
typedef struct policy
    policy; /* one set of rules and windows; lives until its last scanner leaves */

/* Load what `s` asks for, which is borrowed until policies_free. 0 and *ret; or the exit
 * status 2, told. */
int policies_new(const setup *s, policies **ret);
/* Say which windows are in force, now and whenever the files have changed; for who stays.
 * Or, for one message, warn where no window was ever made. Thread: main. */
void policies_tell_windows(policies *j);
void policies_warn_windows(const policies *j);
/* After the last scanner is done. */
void policies_free(policies *j);
/* From now on the files are looked at, and that signal asks the policies of this program
 * to read them again. Thread: main. */
void policies_hear(int signal_number);

/* What judges messages by the policy in force. All zero but `policies`, and
 * policy_scanner_done in the end. */
typedef struct policy_scanner {
    policies *policies;
    policy *policy;
    ndr_scanner *scanner;
} policy_scanner;

/*
 * Judge a message by what is in force now. With `recipient`s (addresses of the envelope)
 * those go before what its header says; it is junk only if it is junk to each of them.
 * *ret lives until the next message. 0 or an ndr_code. Thread: the scanner's.
 */
int policy_scanner_scan(policy_scanner *s, ndr_message *m, const char *const *recipient,
                        size_t count, ndr_extend_fn *extend, void *ctx, ndr_verdict *ret,
                        ndr_error *err);
void policy_scanner_done(policy_scanner *s);

#endif
