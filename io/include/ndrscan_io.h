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

#ifdef __cplusplus
extern "C" {
#endif

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

/* Bytes of one message that are looked at, where nothing else is said: with what else is
 * held, a run stays under 64 MiB and 4 MiB a worker. */
enum { NDR_MESSAGE_BYTES = 40 << 20 };

typedef struct ndr_input_opts {
    size_t size;             /* NDR_SIZED(ndr_input_opts) */
    const char *const *path; /* files, folders, "-" for standard input; in order */
    size_t path_count;
    const char *files_from; /* a file of paths, "-" for standard input; or NULL */
    bool files_from_nul;    /* its paths end in NUL, not in a line end */
    enum ndr_format format;
    bool recursive;                /* folders are trees of Maildirs and message files */
    size_t message_limit_bytes;    /* 0: NDR_MESSAGE_BYTES */
    size_t range_bytes;            /* of a plain mbox handed to one worker; 0: 1 MiB */
    size_t batch_bytes;            /* of a stream in one batch; 0: 1 MiB */
    uint64_t expanded_limit_bytes; /* of one compressed source; 0: 1000 times its size,
                                      and never below 64 MiB */
    bool read_ahead; /* a large compressed source that cannot be decoded in parts is read
                        by a thread of its own, files that are not in the page cache, of a
                        folder, a list or a plan, by up to 32 */
    uint64_t cold_limit_bytes; /* once so much was read that was not in the page cache, it
                        is dropped from there again; 0: half of the memory available,
                        UINT64_MAX: it stays; see ndr_input_cold_left */
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

/*
 * The cold_limit_bytes of the next source, where several are read one after the other:
 * what is left of this one's. Never 0. Thread: any.
 */
NDR_API uint64_t ndr_input_cold_left(const ndr_source *s);

/* ---- files with mail in them ---------------------------------------------- */

/*
 * Who may read a new file that is made of others: at most those who may read each of
 * them. All zero, then take or limit each; a source that is never taken (a pipe) leaves
 * the new file to its owner alone.
 */
typedef struct ndr_privacy {
    bool some, limited, one_uid, one_gid;
    unsigned mode, limit;
    unsigned uid, gid;
    /* of the folders that do not let all pass */
    bool shut, shut_one_uid, shut_one_gid;
    unsigned shut_uid, shut_gid;
} ndr_privacy;

/* An open file, or a folder on the way to one, is a source. */
NDR_API void ndr_privacy_take(ndr_privacy *p, int fd);
/* All folders from / down to the one that holds this open file or folder: who cannot pass
 * each of them reads nothing below. Where they cannot be told, it is the maker's alone.
 */
NDR_API void ndr_privacy_take_way(ndr_privacy *p, int fd);
/* No more than `mode` allows. */
NDR_API void ndr_privacy_limit(ndr_privacy *p, unsigned mode);
/*
 * Give the file its permissions, less the umask, and where that is allowed the owner and
 * group that all sources have. Until then keep it at 0600. 0 or NDR_E_SYS. Thread: one,
 * while no other makes files.
 */
NDR_API int ndr_privacy_apply(const ndr_privacy *p, int fd, ndr_error *err);

/* ---- archives ----------------------------------------------------------- */

enum { NDR_PACK_FRAME_BYTES = 4 << 20 };

typedef struct ndr_pack_opts {
    size_t size;             /* NDR_SIZED(ndr_pack_opts) */
    const char *const *path; /* as in ndr_input_opts; at least one */
    size_t path_count;
    enum ndr_format format; /* any but NDR_FORMAT_MBOXCL2 */
    bool recursive;
    unsigned threads;     /* that compress; 0: 1 */
    int level;            /* of compression, as zstd counts them */
    size_t frame_bytes;   /* content of a frame, about; 0: NDR_PACK_FRAME_BYTES; 8 MiB
                             at most */
    const ndr_stop *stop; /* asked to stop; may be NULL */
    bool read_ahead;      /* as in ndr_input_opts, and a large file whatever it holds */
    uint64_t cold_limit_bytes; /* as in ndr_input_opts */
} ndr_pack_opts;

typedef struct ndr_pack_stats {
    uint64_t content_bytes, stored_bytes, frames;
    ndr_privacy privacy; /* of what was read */
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

/* ---- stamps: a verdict in a message's header --------------------------------- */

enum {
    NDR_STAMP_CRLF = 1 << 0,         /* lines end in CRLF */
    NDR_STAMP_SPAMASSASSIN = 1 << 1, /* X-Spam-Flag and X-Spam-Status are ours too */
};

/*
 * The fields that tell a verdict, appended to `out`, each line with its end:
 *
 *   X-NDR-Flag: YES             (a window covers it: junk) or NO
 *   X-NDR-Status: junk, rule=postfix.failed kind=failed status=5.1.1
 *           window=example.com engine=ndrscan/0.1.0
 *   X-NDR-Evidence: ours proof=dkim-to    (only where it was asked whose mail came back)
 *
 * Printable ASCII in lines of at most 78 columns; what comes from mail or rules has all
 * but letters, digits and ".-_/+@" replaced by '?'. `how` is of NDR_STAMP_; `version` is
 * the program's. Pure. Thread: any.
 */
NDR_API void ndr_stamp_fields(const ndr_verdict *v, const char *version, unsigned how,
                              ndr_buffer *out);
/* The value of X-NDR-Status in one line without its end, appended to `out`. */
NDR_API void ndr_stamp_status(const ndr_verdict *v, const char *version, ndr_buffer *out);
/*
 * Where in `message` such fields go: behind a From_ line and what goes on from it, before
 * the first field; *ret_crlf says how the line there ends. At its end, `message` has
 * nothing that could be a field, and where its last line has no end it takes one first.
 */
NDR_API size_t ndr_stamp_place(ndr_slice message, bool *ret_crlf);
/* Whether a field of this name is a stamp, in any case. */
NDR_API bool ndr_stamp_ours(ndr_slice name, unsigned how);

/*
 * Takes fields with the names of ours out of a header that comes piece by piece, each
 * with the lines it is folded into. All zero, then ndr_strip_begin a header.
 */
enum ndr_strip_state { NDR_STRIP_START, NDR_STRIP_LINE, NDR_STRIP_BODY };
typedef struct ndr_strip {
    unsigned how;
    enum ndr_strip_state state;
    bool dropping;
    size_t stripped; /* fields so far */
    ndr_buffer held; /* the start of a line that may be one of ours */
} ndr_strip;
NDR_API void ndr_strip_begin(ndr_strip *s, unsigned how);
/* Append what stays of the header in `bytes` to `out`. How many bytes were taken: fewer
 * than all when the header ended there (s->state is NDR_STRIP_BODY); the rest is body. */
NDR_API size_t ndr_strip_add(ndr_strip *s, ndr_slice bytes, ndr_buffer *out);
/* The message ended: append what was held back. */
NDR_API void ndr_strip_end(ndr_strip *s, ndr_buffer *out);
NDR_API void ndr_strip_free(ndr_strip *s);

/* ---- mail with every byte ----------------------------------------------------- */

/*
 * A stream as a row of messages that together are all its bytes: what a filter and a
 * splitter pass on. A message's bytes begin with its From_ line and end where the next
 * begins; empty lines before the first belong to it.
 */
typedef struct ndr_passthrough ndr_passthrough;

typedef struct ndr_passthrough_opts {
    size_t size;                /* NDR_SIZED(ndr_passthrough_opts) */
    int fd;                     /* borrowed; read from where it stands */
    enum ndr_format format;     /* AUTO (by the first bytes), MBOX or MESSAGE */
    size_t message_limit_bytes; /* 0: NDR_MESSAGE_BYTES; of one message held at once */
    const char *name;           /* what messages give as their source */
} ndr_passthrough_opts;

/* 0 and *ret, or NDR_E_NOMEM. The bytes as they stand; or what they are decompressed,
 * where archives are refused. */
NDR_API int ndr_passthrough_open_packed(const ndr_passthrough_opts *opts,
                                        ndr_passthrough **ret, ndr_error *err);
NDR_API int ndr_passthrough_open(const ndr_passthrough_opts *opts, ndr_passthrough **ret,
                                 ndr_error *err);
NDR_API void ndr_passthrough_close(ndr_passthrough *c);
/*
 * The next message: 1, all its bytes in *ret_bytes (the first `limit` and some when it is
 * larger), and *m as ndr_scan takes it; 0 at the end; or an ndr_code (NDR_E_DAMAGED: a
 * compressed stream broke off, NDR_E_SYNTAX: an archive). Whatever
 * was left of the message before has to be read first. Borrowed until the next call.
 */
NDR_API int ndr_passthrough_next(ndr_passthrough *c, ndr_message *m, ndr_slice *ret_bytes,
                                 ndr_error *err);
/* More bytes of the same message: 1; 0: that was all of it; or an ndr_code. */
NDR_API int
ndr_passthrough_more(ndr_passthrough *c, ndr_slice *ret_bytes, ndr_error *err);

/* ---- files that come about whole ------------------------------------------------- */

/*
 * A new file that is written without a name, or under another in the same folder: new,
 * add at will, finish, name. Freed before it has its name, it leaves nothing behind. A
 * path that ends in ".zst" is compressed with zstd. Thread: any, one at a time.
 */
typedef struct ndr_copy ndr_copy;
/* Begin; it will be read by whom `privacy` allows, and by no more than what it replaces.
 * NDR_E_SYS (EEXIST) when there is one and `replace` is not set; NDR_E_SYNTAX when there
 * is something else. */
NDR_API int ndr_copy_new(const char *path, const ndr_privacy *privacy, bool replace,
                         ndr_copy **ret, ndr_error *err);
NDR_API int ndr_copy_add(ndr_copy *c, ndr_slice bytes, ndr_error *err);
/* All is in it: write it out and sync it. */
NDR_API int ndr_copy_finish(ndr_copy *c, ndr_error *err);
/* Give it its name, and sync the folder. */
NDR_API int ndr_copy_name(ndr_copy *c, ndr_error *err);
/* Take the name back; what was replaced has it again. */
NDR_API void ndr_copy_unname(ndr_copy *c);
/* Its name until then, NULL when it has none: for a signal handler to unlink. */
NDR_API const char *ndr_copy_temporary(const ndr_copy *c);
NDR_API void ndr_copy_free(ndr_copy *c); /* NULL allowed */

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

#ifdef __cplusplus
}
#endif

#endif
