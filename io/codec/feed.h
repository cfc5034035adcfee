/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * feed.h - bytes in a row, whatever they come out of.
 *
 *   descriptor -> peek -> codec -> limit -> peek -> ... -> items of an archive
 *
 * A feed owns the one it reads from; closing the outermost closes all.
 */
#ifndef NDR_FEED_H
#define NDR_FEED_H

#include "frame/frame.h"
#include "ndrscan_io.h"
#include "prefetch.h"

#include <stdatomic.h>

enum { NDR_FEED_WAIT = -100 }; /* beside the ndr_codes: nothing there yet */

typedef struct ndr_feed ndr_feed;
struct ndr_feed {
    /*
     * Up to `room` (above 0) bytes: how many, 0 at the end, or an ndr_code.
     * Without `wait` it may also answer NDR_FEED_WAIT when the input would
     * block, now or until the descriptor's patience ends. After the end or a code it must
     * not be asked again.
     */
    int64_t (*read)(ndr_feed *f, unsigned char *to, size_t room, bool wait,
                    ndr_error *err);
    void (*close)(ndr_feed *f);
    /* The same, where the bytes lie already: *ret is borrowed until the next call. NULL:
     * this feed has none lying, see ndr_feed_lend. */
    int64_t (*lend)(ndr_feed *f, const unsigned char **ret, bool wait, ndr_error *err);
};

/* As `read`, from wherever the bytes are: `own`, of `room` bytes, if the feed lends none.
 */
int64_t ndr_feed_lend(ndr_feed *f, unsigned char *own, size_t room,
                      const unsigned char **ret, bool wait, ndr_error *err);

/* ---- a descriptor ---------------------------------------------------------- */

/* What ends a wait for input. Set from any thread and any signal handler. */
typedef struct ndr_wake {
    int fd; /* eventfd */
    atomic_bool set;
} ndr_wake;

/* One file as it is stored. Lives with whoever opened it. */
typedef struct ndr_fd_feed {
    ndr_feed feed;
    int fd;
    bool waits;           /* a pipe, terminal or socket: may block */
    bool keep;            /* do not close fd */
    const ndr_wake *wake; /* NULL: waits are not ended */
    int64_t patience_ms;  /* as ndr_now_ms: until then a read without `wait` waits, too */
    uint64_t taken;       /* bytes so far */
    uint64_t planned;     /* that the file had when it was opened: an end before that is
                             damage; 0: unknown */
    ndr_prefetch *ahead;  /* reads on meanwhile, or NULL */
    const unsigned char *block; /* what it gave last, … */
    size_t block_len;           /* … as far as that was not taken yet */
} ndr_fd_feed;

/* A file of `planned` bytes ended behind `bytes`: NDR_E_DAMAGED, with the words for it.
 */
int ndr_feed_shrunk(uint64_t bytes, uint64_t planned, ndr_error *err);

void ndr_fd_feed_init(ndr_fd_feed *f, int fd, bool waits, const ndr_wake *wake);
/* Let a thread read on, if one is to be had; before anything else is done with the feed,
 * and not for what may block. `cache` as in ndr_prefetch_new. */
void ndr_fd_feed_ahead(ndr_fd_feed *f, ndr_page_cache *cache);

/* ---- a look ahead ------------------------------------------------------------ */

enum { NDR_PEEK_BYTES = 4096 };

typedef struct ndr_peek {
    ndr_feed feed;
    ndr_feed *in;
    size_t at, have;
    bool end; /* `in` has ended, with `code` */
    int code; /* 0, or what it failed with: told when the bytes are used up */
    ndr_error err;
    unsigned char bytes[NDR_PEEK_BYTES];
} ndr_peek;

/* A feed that gives what `in` gives; NULL (and `in` closed): no memory. */
ndr_peek *ndr_peek_new(ndr_feed *in);
/* Look further ahead; waits. False when there is no more room or no more input. */
bool ndr_peek_more(ndr_peek *p);

/* ---- codecs ------------------------------------------------------------------ */

/* One way of compression. To add one: a file with its open, a row in codec.c. */
typedef struct ndr_codec ndr_codec;
struct ndr_codec {
    const char *name;
    /* Whether these first bytes of a file are of this kind. `last`: they are all. */
    bool (*bid)(const unsigned char *p, size_t n, bool last);
    /* The decoded feed; takes `in` over whatever it answers. */
    int (*open)(const ndr_codec *c, ndr_feed *in, ndr_feed **ret, ndr_error *err);
};
extern const ndr_codec ndr_codecs[];
extern const size_t ndr_codec_count;

bool ndr_zstd_bid(const unsigned char *p, size_t n, bool last);
int ndr_zstd_open(const ndr_codec *c, ndr_feed *in, ndr_feed **ret, ndr_error *err);
/* gzip, bzip2 and xz, by the codec's name. */
int ndr_filter_open(const ndr_codec *c, ndr_feed *in, ndr_feed **ret, ndr_error *err);

/* ---- what is it? --------------------------------------------------------------- */

enum ndr_sniff {
    NDR_SNIFF_MORE,  /* cannot be told yet */
    NDR_SNIFF_EMPTY, /* no bytes */
    NDR_SNIFF_CODEC,
    NDR_SNIFF_ARCHIVE,
    NDR_SNIFF_MBOX,
    NDR_SNIFF_EMLX,    /* one message with its length in front */
    NDR_SNIFF_ALIEN,   /* what holds no mail, or none that is to be had like this */
    NDR_SNIFF_MESSAGE, /* anything else */
};

enum ndr_archive_kind { NDR_ARCHIVE_TAR, NDR_ARCHIVE_ZIP, NDR_ARCHIVE_7Z };

/* What the bytes told besides. */
typedef struct ndr_sniffed {
    const ndr_codec *codec;        /* with CODEC; else NULL */
    enum ndr_archive_kind archive; /* with ARCHIVE */
    enum ndr_marks marks;          /* with MBOX; else DATED */
    const char *alien;             /* with ALIEN: "is ...: ...", the way round in it */
} ndr_sniffed;

/* What the first bytes of a file say; `last` says that they are all there are
 * or will be looked at. Pure. */
enum ndr_sniff ndr_sniff(const unsigned char *p, size_t n, bool last, ndr_sniffed *ret);

/* The words for what is no mail, by its first bytes, or NULL. More than 512 of them, or
 * all, tell best. Pure. */
const char *ndr_alien(const unsigned char *p, size_t n);

/* ---- Apple's messages ---------------------------------------------------------- */

/* Whether an .emlx file begins so: a line with the message's length, and a field. */
bool ndr_emlx_bid(const unsigned char *p, size_t n);
/* The message in it, without what is behind. *ret_at is where it begins in the file.
 * Takes `in`, which shows the front, over whatever it answers. */
int ndr_emlx_open(ndr_peek *in, ndr_feed **ret, uint64_t *ret_at, ndr_error *err);

/* ---- a stored file as a row of items ----------------------------------------- */

enum ndr_framing {
    NDR_FRAME_MBOX, /* by From_ lines */
    NDR_FRAME_CL2,  /* by From_ lines and Content-Length */
    NDR_FRAME_ONE,  /* all of it is one message */
};

/* Decodes layer by layer, by content, and walks an archive's members. An archive in an
 * archive is trouble. */
typedef struct ndr_unpack {
    enum ndr_format format;
    uint64_t expanded_limit_bytes; /* 0: by the rule of ndr_input_opts */
    uint64_t expanded_least;       /* by that rule, however little is stored */
    uint64_t stored_bytes;         /* of the file; 0: unknown */
    const ndr_fd_feed *stored;     /* counts what was taken of it */
    ndr_feed *in;                  /* all layers of the file */
    struct archive *archive;       /* the members in it, or NULL */
    enum ndr_archive_kind kind;    /* of it */
    ndr_peek *front;      /* of `in`, if there are no codecs: it can be rewound */
    int64_t stored_at;    /* where the file began at its descriptor; or -1 */
    ndr_feed *entry;      /* the current member's layers */
    bool started, broken; /* broken: nothing can be read any more */
    unsigned char *block; /* what the archive is read through */
    ndr_error block_err;
    uint64_t given; /* bytes of all members so far, holes included */

    /* the current item */
    ndr_feed *item;
    uint64_t item_at; /* of its first byte in the member or file */
    enum ndr_framing framing;
    enum ndr_marks marks;
    const char *member; /* NULL when the file is no archive */
    int64_t file_time, framed;
} ndr_unpack;

/* What a file of so many bytes may expand to; `limit_bytes` 0: by the rule. */
uint64_t ndr_expanded_limit(uint64_t limit_bytes, uint64_t stored_bytes);

/* What each of so many files of one folder may expand to, however short it is. */
uint64_t ndr_expanded_least(size_t files);

/* Take `in` over. Reads nothing yet; cannot fail. `stored` is borrowed. */
void ndr_unpack_open(ndr_unpack *u, ndr_feed *in, const ndr_fd_feed *stored,
                     uint64_t stored_bytes, enum ndr_format format,
                     uint64_t expanded_limit_bytes);
/* The next item: 1, 0 when there is none, or an ndr_code (see `broken`). */
int ndr_unpack_next(ndr_unpack *u, ndr_error *err);
/* The item's bytes, like ndr_feed.read. */
int64_t
ndr_unpack_read(ndr_unpack *u, unsigned char *to, size_t room, bool wait, ndr_error *err);
void ndr_unpack_close(ndr_unpack *u);

#endif
