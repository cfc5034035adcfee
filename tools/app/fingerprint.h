/* SPDX-License-Identifier: BSD-3-Clause */
/* fingerprint.h - have the files of rules, windows, identity and mailboxes changed? */
#ifndef PRINT_FILES_H
#define PRINT_FILES_H

#include "setup.h"

/*
 * A number that is another one when a file that `s` asks for, or a file of a folder of
 * them, was written to, replaced, added or removed. *newest rises to the latest change,
 * in seconds UTC. Reads no file.
 */
uint64_t fingerprint_files(const setup *s, int64_t *newest);

#endif
