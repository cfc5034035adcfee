/* SPDX-License-Identifier: BSD-3-Clause */
/* notify.h - how does a service manager know how we are? */
#ifndef NOTIFY_H
#define NOTIFY_H

/*
 * Tell it `state`, such as "READY=1", where it asked by $NOTIFY_SOCKET; else nothing is
 * done. What cannot be told is not: it is news, nothing more.
 * Source: sd_notify(3), systemd's protocol.
 */
void notify(const char *state);

#endif
