/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * journal.h - what does a run write down, and how is it read again?
 *
 *   6f0c92b1 ndrscan-journal 2 apply 1210665600 0      a check, then words
 *   ........ tree /var/vmail/example.com/alice
 *   ........ place 64769 131 1210000000 7 9911       device, inode, birth, file system
 *   ........ out 1 0 4711 0 0 cur/1210.M1P1.mx:2,Sa .Junk/cur/1210.M1P1.mx:2,S
 * ~example.com
 *   ........ done 1 512                                what is in between and not `not`
 *   ........ not 7
 *   ........ gone 9                                    in flight, and nowhere to be found
 *   ........ end
 *   ........ decided 3          (undo) it stands against the windows up to number 3
 *   ........ part               (undo) of what its run moved for some domains alone
 *
 * A move's words: number, tree, inode, sequence of the run and number of the move that it
 * puts back, from, to, the domain that it was judged for: "-" where that is not known,
 * with "~" in front where path and header do not both name it. Version 1 has no domains;
 * it is read, and what is added to such a file is the same in both. Bytes that are no
 * printable ASCII, blanks and '%' stand as %XX.
 */
#ifndef NDR_JOURNAL_H
#define NDR_JOURNAL_H

#include "ndrscan_move.h"

/* Append one line: `words` with its check and its end. */
void ndr_journal_line(ndr_buffer *out, ndr_slice words);
/* Append `text`, escaped. */
void ndr_journal_escape(ndr_buffer *out, const char *text);

/* The words of a line that is as it was written. */
bool ndr_journal_believe(ndr_slice line, ndr_slice *ret_words);
/* The text of a word, NUL-terminated. False: it was not escaped so, or does not fit. */
bool ndr_journal_unescape(const char *word, char *ret, size_t size);

/* ---- windows that runs were told of: journal_windows.c ---- */

#define NDR_JOURNAL_WINDOWS "windows" /* the file */
typedef struct ndr_journal_windows ndr_journal_windows;
/* Read the file's bytes; lines that are not as they were written are passed over.
 * *ret_whole: up to the end of the last whole line. 0 or NDR_E_NOMEM. */
int ndr_journal_windows_parse(ndr_slice bytes, ndr_journal_windows **ret,
                              size_t *ret_whole, ndr_error *err);
void ndr_journal_windows_free(ndr_journal_windows *w);
/* The highest number; 0: none. */
uint64_t ndr_journal_windows_last(const ndr_journal_windows *w);
/* Those of a journal: the journal's. */
ndr_journal_windows *ndr_journal_known(const ndr_journal *j);

/* ---- a run's file ---- */

typedef struct ndr_journal_file ndr_journal_file; /* a run and the memory behind it */
/*
 * Read a run's bytes. 0; NDR_E_SYNTAX: another version or no journal; NDR_E_DAMAGED: a
 * bad line with good ones behind it. *ret_good: bytes up to the end of the last good
 * line; what is behind was torn. A file with no whole first line is empty: *ret is NULL.
 */
int ndr_journal_parse(const char *id, uint64_t sequence, ndr_slice bytes,
                      ndr_journal_file **ret, size_t *ret_good, ndr_error *err);
const ndr_journal_run *ndr_journal_file_run(const ndr_journal_file *f);
void ndr_journal_file_free(ndr_journal_file *f);

/* Look where the messages are of which a run does not say what became of them, and write
 * it down; what cannot be looked at now stays open, and `warn` is told. */
int ndr_journal_settle(ndr_journal *j, ndr_journal_run *run,
                       void (*warn)(void *, const char *), void *ctx, ndr_error *err);
/* Open a run's file to add to it; it is the caller's to close. -1 and *err. */
int ndr_journal_reopen(const ndr_journal *j, const char *id, ndr_error *err);

/* Begin a run's file, its first line not yet on the disk: a descriptor into *ret_fd. */
int ndr_journal_begin(ndr_journal *j, const char *verb, uint64_t undoes, bool part,
                      int *ret_fd, const char **ret_id, ndr_error *err);
/*
 * Add lines behind what the file holds. All or nothing: what was written of them in part
 * is cut off again. With `sync` they are on the disk when this answers 0.
 */
int ndr_journal_add(int fd, ndr_slice lines, bool sync, ndr_error *err);

#endif
