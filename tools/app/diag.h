/* SPDX-License-Identifier: BSD-3-Clause */
/* diag.h - how does the command tell trouble on standard error? */
#ifndef SAY_H
#define SAY_H

#include "ndrscan.h"

/* "ndrscan: words", one line, made safe for terminals, in one write. */
void diag(const char *format, ...) NDR_PRINTF(1, 2);

/*
 * From now on this process, and those it starts, tell in another form: "text"; "journal",
 * a line with its level in front, as systemd's journal reads it; "syslog", to syslog(3);
 * "json", an object a line. Any other word is "text". Thread: main, while it is alone.
 */
void diag_log_to(const char *form);

/* "ndrscan: SOURCE: words": for ndr_run_opts.trouble; `ctx` may be anything. */
void diag_trouble(void *ctx, const char *source, const char *text);

/*
 * Put `bytes` on a file descriptor, all of them. 0; or an ndr_code, with
 * EPIPE and the like in err->sys_errno.
 */
int put_all(int fd, ndr_slice bytes, ndr_error *err);

/*
 * A program that is started without its first three descriptors would open mail, or a
 * connection, as one of them and then print into it. What cannot be used for its purpose
 * takes the place: reading from 0 and writing to 1 and 2 fail. False: even that cannot be
 * had. First thing in main.
 */
bool hold_standard_descriptors(void);

/* Close standard output's stdio buffer: 0, or the exit status 2, told. A
 * reader that went away counts as served. */
int finish_stdout(void);

/* Exit status after writing to standard output failed with `err`: 0 when its
 * reader went away, else 2, told. */
int output_failed(const ndr_error *err);

#endif
