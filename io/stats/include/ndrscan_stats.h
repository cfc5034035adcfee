/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_stats.h - how many bounces came to which domain when, and was that a storm?
 *
 *   run -> counts (an SQLite file) -> series of a domain -> outlook: its storms
 *
 * Counts are kept in steps of five minutes of arrival. Reading the same message
 * again, from wherever it lies by then, does not count it again: it is known by its
 * recipient, its Message-ID and its topmost Received field.
 */
#ifndef NDRSCAN_STATS_H
#define NDRSCAN_STATS_H

#include "ndrscan.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NDR_STEP_S 300 /* seconds of a step; a step is named by its first second */

/* ---- counting ------------------------------------------------------------ */

typedef struct ndr_counts ndr_counts;

/* What came of what was looked at. */
typedef struct ndr_counts_added {
    uint64_t counted; /* bounces that are new */
    uint64_t changed; /* were counted before, with another kind or verdict */
    uint64_t known;   /* were counted before */
    uint64_t undated; /* without a time of arrival: not counted */
    uint64_t old;     /* from before what is remembered of single bounces: not counted */
    uint64_t
        missed; /* another program kept the file: not counted, by who is in passing */
} ndr_counts_added;

/*
 * Open the file of counts, made with mode 0600 when it is not there, for as many
 * workers as a run has. NDR_E_SYS, NDR_E_DAMAGED (no file of counts), NDR_E_LIMIT (one
 * of a newer version), NDR_E_NOMEM.
 */
NDR_API int
ndr_counts_open(const char *path, unsigned workers, ndr_counts **ret, ndr_error *err);
/*
 * The same for who must not be held up: opening, beginning to write and ending that wait
 * at most wait_ms (over 0) each for another program, opening with NDR_E_SYS and EAGAIN
 * then. What ndr_counts_close could not write by that is `missed`, and no failure: it is
 * not counted, and whoever scans it later counts it.
 */
NDR_API int
ndr_counts_open_in_passing(const char *path, unsigned workers, unsigned wait_ms,
                           ndr_counts **ret, ndr_error *err);
/*
 * The same as ndr_counts_open for who must start at once: a file that another program
 * keeps for longer than wait_ms is opened by the first ndr_counts_flush that can, else by
 * ndr_counts_close, and what is looked at waits for that as it does for writing.
 */
NDR_API int ndr_counts_open_soon(const char *path, unsigned workers, unsigned wait_ms,
                                 ndr_counts **ret, ndr_error *err);
/*
 * Take note of a verdict; what is no bounce is passed over. For ndr_run_opts.look, whose
 * scanner must hold windows against the arrival. 0 or NDR_E_NOMEM. Thread: the worker's.
 */
NDR_API int ndr_counts_look(ndr_counts *c, unsigned worker, const ndr_message *m,
                            const ndr_verdict *v, ndr_error *err);
/*
 * Write what waits, if it is much or waits for seconds, in one transaction; what is
 * written is counted, whatever comes of the run. While another program writes to the file
 * it waits on, up to 600,000 bounces. After a failure nothing more is kept.
 * Thread: one, while workers look.
 */
NDR_API int ndr_counts_flush(ndr_counts *c, ndr_error *err);
/* Write all that waits and close; *ret (NULL allowed) is filled. Frees c whatever it
 * answers; a failure of an earlier flush is told again. */
NDR_API int ndr_counts_close(ndr_counts *c, ndr_counts_added *ret, ndr_error *err);

/* ---- reading --------------------------------------------------------------- */

typedef struct ndr_step_count {
    int64_t step;
    uint64_t bounces, junk;
} ndr_step_count;

/* Bounces to one domain, by step, ascending; steps without any are left out. */
typedef struct ndr_series {
    char domain[256]; /* NUL-terminated; "" of bounces whose recipient is not known */
    ndr_step_count *row;
    size_t count;
} ndr_series;

/* What a file holds of a time. */
typedef struct ndr_series_list {
    ndr_series *series; /* by domain in byte order */
    size_t count;
    int64_t begin; /* the first step of the whole file; NDR_TIME_UNKNOWN: it is empty */
    int64_t end;   /* the last one */
    int64_t fresh; /* when it was last written: later bounces it cannot know */
} ndr_series_list;

/*
 * Read the steps of [from, until), of these kinds (NDR_KIND_BIT()s; 0: all), of one
 * domain or (NULL) of all. 0 and *ret (ndr_series_list_clear it), or what
 * ndr_counts_open says; a file that is not there is NDR_E_SYS, ENOENT. Thread: any.
 */
NDR_API int ndr_counts_read(const char *path, int64_t from, int64_t until, unsigned kinds,
                            const char *domain, ndr_series_list *ret, ndr_error *err);
NDR_API void ndr_series_list_clear(ndr_series_list *list);
/*
 * Whose mail came back with the bounces to `domain` of the steps of [from, until), by
 * enum ndr_whose: all 0 where it was never asked. Otherwise as ndr_counts_read.
 */
NDR_API int
ndr_counts_whose(const char *path, int64_t from, int64_t until, const char *domain,
                 uint64_t ret[NDR_WHOSE_COUNT], ndr_error *err);

/* Of the bounces of a step, whose mail came back. */
typedef struct ndr_step_proof {
    int64_t step;
    uint64_t bounces, junk;
    uint64_t judged; /* of `bounces`: enough came back to tell (ndr_evidence.judged) */
    uint64_t ours;   /* of `judged`: proven ours, or forwarded by us */
    uint64_t forged; /* of `judged`: proven not ours */
} ndr_step_proof;

/* The same by step, ascending; steps without any bounce are left out. */
typedef struct ndr_proof_series {
    ndr_step_proof *row;
    size_t count;
} ndr_proof_series;

/* What a file holds at one moment, whatever is written meanwhile. */
typedef struct ndr_counts_view ndr_counts_view;

/* Look at a file. 0 and *ret, or what ndr_counts_read says. Thread: one at a time. */
NDR_API int ndr_counts_view_open(const char *path, ndr_counts_view **ret, ndr_error *err);
NDR_API void ndr_counts_view_close(ndr_counts_view *v); /* NULL allowed */
/* The first step of the whole file, or NDR_TIME_UNKNOWN; and when it was last written. */
NDR_API int64_t ndr_counts_view_begin(const ndr_counts_view *v);
NDR_API int64_t ndr_counts_view_fresh(const ndr_counts_view *v);
/* Name each domain to which at least so many came from that step on, in byte order, until
 * `tell` answers other than 0: it is answered. 0, or as ndr_counts_read. */
NDR_API int
ndr_counts_view_busy(ndr_counts_view *v, int64_t from, uint64_t least,
                     int (*tell)(void *ctx, const char *domain, uint64_t came), void *ctx,
                     ndr_error *err);
/* Bounces to `domain` in the steps of [from, until), with whose mail came back. 0 and
 * *ret (ndr_proof_series_clear it), or as ndr_counts_read. */
NDR_API int ndr_counts_view_proofs(ndr_counts_view *v, const char *domain, int64_t from,
                                   int64_t until, ndr_proof_series *ret, ndr_error *err);
NDR_API void ndr_proof_series_clear(ndr_proof_series *s);

/* ---- storms ------------------------------------------------------------------ */

#define NDR_STORM_PAST_S (28 * 86400) /* how much past the usual rate is taken from */
#define NDR_CALM_S       1800         /* how long it is calm before a storm has ended */

typedef struct ndr_storm {
    int64_t began;
    int64_t told;    /* the step in which it was first sure */
    int64_t ended;   /* when it became calm; NDR_TIME_OPEN while it is on */
    int64_t peak_at; /* the step with the most */
    uint64_t peak;   /* bounces in it */
    uint64_t bounces, junk;
    double usual;     /* bounces a step, usual when it began */
    bool usual_known; /* there was enough past to tell */
    unsigned resumed; /* how often it was taken for calm and went on */
} ndr_storm;

/* What a domain's counts come to. */
typedef struct ndr_outlook {
    ndr_storm *storm; /* in the order of time */
    size_t count;
    int64_t calm_since; /* NDR_TIME_UNKNOWN while it is not calm */
    double usual;       /* bounces a step, now */
    bool usual_known;
} ndr_outlook;

/*
 * Tell the storms of a series up to `now`. `begin`: since when there are counts at all
 * (ndr_series_list.begin), NDR_STORM_PAST_S before what matters when there is as much.
 * The method is in ndrscan-report(1). Pure. 0 and *ret (ndr_outlook_clear it), or
 * NDR_E_NOMEM. Thread: any.
 */
NDR_API int ndr_outlook_of(const ndr_series *s, int64_t begin, int64_t now,
                           ndr_outlook *ret, ndr_error *err);
NDR_API void ndr_outlook_clear(ndr_outlook *o);
/* The usual rate, bounces a step, of each of `count` steps from `step` on, for plots;
 * -1 where there was not enough past. Otherwise as ndr_outlook_of. */
NDR_API int ndr_usual_rates(const ndr_series *s, int64_t begin, int64_t step,
                            size_t count, double *ret, ndr_error *err);

enum ndr_state {
    NDR_STATE_STORM,   /* "Many": one is on, by the count alone, and no window is open */
    NDR_STATE_BLOCKED, /* "Blocked": a window is open */
    NDR_STATE_CALM,    /* "Calm": one has ended within the last day, no window is open */
    NDR_STATE_QUIET,   /* "Quiet" */
};
/* The state at `now` with or without an open window. Cannot fail. */
NDR_API enum ndr_state ndr_outlook_state(const ndr_outlook *o, bool blocked, int64_t now);
/* The word for a state. Static. */
NDR_API const char *ndr_state_name(enum ndr_state state);

/*
 * Should this window, open at `now`, end now? True when it has until_calm, has been
 * open for NDR_CALM_S and its domain has been calm as long. `now` must not be later than
 * what is known (ndr_series_list.fresh): silence of a file that nobody writes is no calm.
 * `o` is of the window's domain; with subdomains, ask of each. Cannot fail.
 */
NDR_API bool ndr_window_is_over(const ndr_window *w, const ndr_outlook *o, int64_t now);
/*
 * The same of all domains that `w` covers, from counts that were read up to `now` and
 * from NDR_STORM_PAST_S before: every one must be calm, and what is later than
 * list->fresh is not known. A window that is not open at `now` is not over. 0 and *ret,
 * or NDR_E_NOMEM. Thread: any.
 */
NDR_API int ndr_window_settled(const ndr_window *w, const ndr_series_list *list,
                               int64_t now, bool *ret, ndr_error *err);

/* ---- windows that open themselves ------------------------------------------------ */

/* What a step comes to when it is over. */
typedef struct ndr_alarm {
    int64_t step;
    bool many;      /* more bounces came than are usual, */
    bool not_ours;  /* and so many of them are not ours that a window would be right */
    bool on;        /* such a storm is on: it was not calm since */
    int64_t began;  /* since when, if it is on or there are many */
    unsigned steps; /* that tell so: what follows came in them */
    uint64_t bounces, judged, ours, forged;
    double usual;                    /* bounces a step, */
    bool usual_known;                /* if there was enough past to tell */
    uint64_t past_judged, past_ours; /* of the 28 days before, storms left out */
} ndr_alarm;

/* Goes through a domain's series, step by step. */
typedef struct ndr_alarms ndr_alarms;

/*
 * Begin with the first step. `begin` is that of the file's counts, `take` what the window
 * would take: NDR_TAKE_NOT_OURS, or NDR_TAKE_FORGED, for which all that is not proven
 * forged counts as ours. `now`: the step that it is in may still fill, and is not looked
 * at. Nothing of `s` is borrowed. The method is in ndrscan-watch(1). Pure. 0 and *ret, or
 * NDR_E_NOMEM. Thread: any, one at a time.
 */
NDR_API int ndr_alarms_new(const ndr_proof_series *s, int64_t begin, int64_t now,
                           enum ndr_take take, ndr_alarms **ret, ndr_error *err);
NDR_API void ndr_alarms_free(ndr_alarms *a); /* NULL allowed */
/* The next step; false: there is none that is over. */
NDR_API bool ndr_alarms_next(ndr_alarms *a, ndr_alarm *ret);
/*
 * At the end of the last step that was told: is it over, for a window that opened itself
 * at `opened`? Calm is asked of `times` as many steps as usually: 30 minutes after it
 * opened for 1. Where these steps tell of no storm that was on then, it is as if one
 * began at `opened`, or with the counts where these begin later.
 * Cannot fail.
 */
NDR_API bool ndr_alarms_are_over(const ndr_alarms *a, int64_t opened, unsigned times);

#ifdef __cplusplus
}
#endif

#endif
