/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_write.h - in which shape does the heap lie on the disk? */
#ifndef GEN_WRITE_H
#define GEN_WRITE_H

#include "gen_message.h"

enum gen_format {
    FORMAT_MBOX,
    FORMAT_MBOX_ZST,       /* one frame */
    FORMAT_MBOX_ZST_MULTI, /* a frame for each MiB, cut wherever it falls */
    FORMAT_MAILDIR,
    FORMAT_FILES,
    FORMAT_TAR_ZST, /* of a Maildir */
    FORMAT_COUNT,
};
extern const char *const format_names[FORMAT_COUNT];

typedef struct writer writer;

/* Where a message went. */
typedef struct place {
    char path[200];  /* below the output folder or in the archive; "" in an mbox */
    uint64_t offset; /* of its first header field in the decompressed mbox, else 0 */
    uint64_t length; /* as stored, without From_ line and the empty line behind it */
} place;

/* `path` is a file, a folder that is made, or "-". Ends the program on any failure,
 * as all of these do. */
writer *writer_open(enum gen_format format, const char *path, bool crlf);
/* Bytes of `body` are left as they are. */
place writer_put(writer *w, const gen_message *m, const text *body);
/* Bytes written before any compression. */
uint64_t writer_bytes(const writer *w);
void writer_close(writer *w);

#endif
