/* SPDX-License-Identifier: BSD-3-Clause */
/* large_file.h - how can a file be shared out that is too large for one batch? */
#ifndef NDR_LARGE_FILE_H
#define NDR_LARGE_FILE_H

#include "codec/feed.h"

#include <sys/stat.h>

enum ndr_large {
    NDR_LARGE_NONE,   /* one message, or nothing: better left to a worker */
    NDR_LARGE_MBOX,   /* by ranges of its bytes */
    NDR_LARGE_FRAMES, /* by frames of zstd with an mbox in them */
    NDR_LARGE_STREAM, /* not at all: it is read in order */
};

typedef struct ndr_large_file {
    int fd; /* -1 with NDR_LARGE_NONE */
    struct stat st;
    enum ndr_large how;
    enum ndr_marks marks; /* of an mbox and of what is in frames */
    bool packed;          /* a stream behind a codec */
} ndr_large_file;

/*
 * Open `name` in the folder `dir`, or AT_FDCWD, and tell. `named`: links are followed.
 * Frames are worth it when there is more than one run of `frames_bytes` of content. 0;
 * NDR_E_SYS; NDR_E_SYNTAX for what is no mail file. Thread: any.
 */
int ndr_large_open(int dir, const char *name, bool named, enum ndr_format format,
                   uint64_t frames_bytes, ndr_large_file *ret, ndr_error *err);

/* What a file is, from its first bytes; *ret_code 0 or NDR_E_SYS. */
enum ndr_sniff ndr_large_sniff(int fd, ndr_sniffed *ret, ndr_error *err, int *ret_code);

#endif
