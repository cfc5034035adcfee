/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_io.h - bytes in, verdicts out.
 *
 * Formats are told by content: zstd, gzip, bzip2, xz and tar by their magic,
 * mbox by a From_ line, all else is one message. Damage is never silence: it
 * is noted on the batch and the run goes on with the next file.
 */
#ifndef NDRSCAN_IO_H
#define NDRSCAN_IO_H

#include "ndrscan.h"

/* ---- sources ----------------------------------------------------------- */

enum ndr_format {
    NDR_FORMAT_AUTO,
    NDR_FORMAT_MBOX,    /* "mbox": From_ lines, RFC 4155 */
    NDR_FORMAT_MBOXCL2, /* "mboxcl2": Content-Length counts, nothing is quoted */
    NDR_FORMAT_MAILDIR, /* "maildir": folders are Maildirs */
    NDR_FORMAT_MESSAGE, /* "message": each file is one message */
};
/* The format of a word; -1 when it is none. */
NDR_API int ndr_format_find(const char *word);

typedef struct ndr_input_opts {
    const char *const *path; /* files, folders, "-" for standard input; in order */
    size_t path_count;
    const char *files_from; /* a file of paths, "-" for standard input; or NULL */
    bool files_from_nul;    /* its paths end in NUL, not in a line end */
    enum ndr_format format;
    bool recursive;                /* folders are trees of Maildirs and message files */
    size_t message_limit_bytes;    /* 0: 64 MiB */
    size_t range_bytes;            /* of a plain mbox handed to one worker; 0: 1 MiB */
    size_t batch_bytes;            /* of a stream in one batch; 0: 1 MiB */
    uint64_t expanded_limit_bytes; /* of one compressed source; 0: 1000 times its size,
                                      and never below 64 MiB */
} ndr_input_opts;

/*
 * One source for all inputs, in the order given: paths, then the list's. A
 * named path may be a link, or "-" (in a list that is a file's name); a FIFO,
 * a device or a socket is trouble.
 *
 *   file     by its content; empty: nothing. A compressed one is what is in it.
 *   folder   with cur/ or new/ in it: a Maildir, cur, then new, then its .Sub
 *            folders; else its files. Named "cur" or "new" itself: that half.
 *            With `recursive` a tree of both, a folder's files before its folders.
 *            Names in byte order. Links, FIFOs, devices, sockets, Maildir names
 *            that begin with a dot and mail servers' own files (dovecot.index and
 *            the like) are passed over.
 *   archive  its regular members, each like a file; index counts through all
 *
 * A file in cur/ or new/ is one message, and no trouble when it is gone by the
 * time it is read. What breaks off is trouble; what was decoded before is
 * given, and the message that was cut has NDR_MSG_DAMAGED. A From_ line before
 * the only message of a file is its envelope.
 *
 * Paths are borrowed until close. A path that is
 * not there is trouble when its turn comes, not a failure here. Fails
 * with NDR_E_SYNTAX when standard input is asked for twice, or with no memory.
 */
NDR_API int ndr_input_open(const ndr_input_opts *opts, ndr_source **ret, ndr_error *err);
/*
 * Bytes of input known so far and whether that is all there will be (standard
 * input and folders not yet listed leave it open). Thread: any.
 */
NDR_API bool ndr_input_total(const ndr_source *s, uint64_t *ret_bytes);

/* ---- archives ----------------------------------------------------------- */

enum { NDR_PACK_FRAME_BYTES = 4 << 20 };

typedef struct ndr_pack_opts {
    const char *const *path; /* as in ndr_input_opts; at least one */
    size_t path_count;
    enum ndr_format format; /* any but NDR_FORMAT_MBOXCL2 */
    bool recursive;
    unsigned threads;        /* that compress; 0: 1 */
    int level;               /* of compression, as zstd counts them */
    size_t frame_bytes;      /* content of a frame, about; 0: NDR_PACK_FRAME_BYTES; 8 MiB
                                at most */
    const atomic_bool *stop; /* becomes true to stop; may be NULL */
} ndr_pack_opts;

typedef struct ndr_pack_stats {
    uint64_t content_bytes, stored_bytes, frames;
} ndr_pack_stats;

/*
 * Write all mail in `path` to `fd` (borrowed) as one mbox, compressed in frames that
 * begin at a From_ line each, in zstd's seekable format: a table of them is at the end.
 * An mbox's bytes stay as they are; a message gets a From_ line and mboxrd's quoting.
 * The same bytes for any number of threads. 0; or what a source or `fd` failed with,
 * NDR_E_STOPPED: then what was written is no archive.
 */
NDR_API int
ndr_pack(const ndr_pack_opts *opts, int fd, ndr_pack_stats *ret, ndr_error *err);

/* ---- framing, for whoever has bytes already ------------------------------- */

/*
 * Offset of the first message boundary (the 'F' of a From_ line) at or after
 * `from`; n when there is none that these bytes prove. A boundary stands at the start
 * of the bytes or behind an empty line, begins "From " and ends in a postmark
 * (ndr_postmark_parse). `at_start` says whether p[0] begins the file. Line
 * ends are LF or CRLF. The line must be whole (its LF within n) unless `last`.
 * Pure. Source: RFC 4155.
 */
NDR_API size_t ndr_mbox_find(const unsigned char *p, size_t n, size_t from, bool at_start,
                             bool last);
/* The same, backwards: the last boundary below n, or n when there is none. */
NDR_API size_t ndr_mbox_find_last(const unsigned char *p, size_t n, bool at_start);

/* ---- sinks ------------------------------------------------------------- */

enum ndr_output {
    NDR_OUTPUT_JSONL,   /* "jsonl": io/verdict.schema.json, a line each */
    NDR_OUTPUT_TSV,     /* "tsv": a header line, then the same columns each line */
    NDR_OUTPUT_PATHS,   /* "paths": the source's path, once a line */
    NDR_OUTPUT_PATHS0,  /* "paths0": the same, NUL behind each */
    NDR_OUTPUT_SUMMARY, /* "summary": nothing a message */
};
/* The output of a word; -1 when it is none. */
NDR_API int ndr_output_find(const char *word);
/*
 * A sink that writes to `fd` (borrowed, not closed). A paths sink writes a
 * source with several emitted messages once.
 */
NDR_API int ndr_output_open(enum ndr_output kind, int fd, ndr_sink **ret, ndr_error *err);

/* `text` as the inside of a JSON string, without the quotes, appended to `out`:
 * always valid, bytes that are not UTF-8 become U+FFFD. */
NDR_API void ndr_json_text(ndr_buffer *out, ndr_slice text);

#endif
