/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_pass.c - how is mail judged and moved while `ndrscan watch` stays? */
#define _GNU_SOURCE /* memfd_create */
#include "watch.h"

#include "app/child.h"
#include "app/commands.h"
#include "app/diag.h"
#include "app/text.h"
#include "ndr_clock.h"

#include <jansson.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    BUSY_MS = 2000,   /* of rest at most, when passes that move nothing follow closely */
    AGAIN_MS = 5000,  /* after another run was in the way */
    LATER_MS = 60000, /* after what somebody has to mend */
};

/* ---- children -------------------------------------------------------------------- */

/* Messages that the run under way moved. Its news has no context. */
static json_int_t moved;

/* What the end of apply says of itself. */
static void
tell_end(const json_t *o)
{
    number a, b;
    const char *type = json_string_value(json_object_get(o, "type"));
    if (type == NULL || strcmp(type, "end") != 0)
        return;
    const char *run = json_string_value(json_object_get(o, "run"));
    const json_int_t junked = json_integer_value(json_object_get(o, "junked"));
    const json_int_t released = json_integer_value(json_object_get(o, "released"));
    moved += junked + released;
    if (run != NULL && junked + released > 0)
        diag("%s to Junk, %s brought back; to undo: ndrscan undo %s",
             text_count(a, (uint64_t)junked), text_count(b, (uint64_t)released), run);
}

static bool
add_all(strings *to, const strings *from)
{
    for (size_t i = 0; i < from->count; i++)
        if (!strings_add(to, from->at[i]))
            return false;
    return true;
}

/* `ndrscan apply` with these words in front of the Maildirs. False: no memory. */
static bool
apply_words(const watch *w, strings *ret)
{
    return strings_add(ret, "ndrscan") && strings_add(ret, "apply") &&
           strings_add(ret, "--progress=json") && add_all(ret, &w->common) &&
           add_all(ret, &w->config_copy.words) && add_all(ret, &w->moving);
}

/* Ends `words` with NULL, runs it and frees it. */
static int
run_words(const watch *w, strings *words, bool good, int in, int out)
{
    int status = -1;
    if (good && strings_add(words, "")) {
        free(words->at[--words->count]);
        words->at[words->count] = NULL;
        status = child_run(&(child_opts){.program = w->program,
                                         .word = words->at,
                                         .in = in,
                                         .out = out,
                                         .open = &w->open,
                                         .mute = "warning: " IN_FORCE_NAME,
                                         .news = tell_end});
    } else {
        diag("out of memory");
    }
    strings_free(words);
    return status;
}

/* ---- everything ------------------------------------------------------------------- */

/* Count what lies there while there is no window to apply: a storm is to show. */
static void
count_everything(const watch *w)
{
    strings words = {0};
    bool good = strings_add(&words, "ndrscan") && strings_add(&words, "scan") &&
                strings_add(&words, "--quiet") &&
                strings_add(&words, "--output=summary") &&
                strings_add(&words, "--stats") && strings_add(&words, w->stats) &&
                add_all(&words, &w->common) && add_all(&words, &w->config_copy.words);
    if (w->recursive)
        good = good && strings_add(&words, "--recursive");
    good = good && strings_add(&words, "--");
    for (size_t i = 0; i < w->operand_count; i++)
        good = good && strings_add(&words, w->operand[i]);
    (void)run_words(w, &words, good, w->null, w->null);
}

/* How long mail waits after a pass that began then. What was moved is followed by a rest,
 * so that a storm is not a run a message; and a stream of mail that is no junk, by rests
 * that grow, so that it is not a process a message either. */
static int64_t
rest_after(watch *w, int64_t began)
{
    const bool close = began - w->ended_at <= 2 * (w->quiet_ms + GATHER_MS);
    const int64_t longer = 2 * w->quiet_ms < BUSY_MS ? 2 * w->quiet_ms : BUSY_MS;
    w->quiet_ms = moved == 0 && close ? longer : QUIET_MS;
    return moved > 0 ? w->every_ms : w->quiet_ms;
}

/* Another run, or one that had to stop: again in a while. */
static void
look_again(watch *w, int64_t began, int status)
{
    const int64_t rest = rest_after(w, began);
    moved = 0;
    w->everything = !watch_is_ending() && status != EXIT_READ && status != EXIT_DAMAGED;
    w->ended_at = ndr_now_ms();
    w->pass_at = w->ended_at + (w->everything ? (int64_t)AGAIN_MS : rest);
}

void
watch_apply_everything(watch *w)
{
    strings words = {0};
    const int64_t began = ndr_now_ms();
    watch_mail_forget(w->mail);
    if (!w->config_copy.any) {
        w->everything = false; /* until they are mended */
        return;
    }
    if (!w->config_copy.windows) {
        diag("no windows yet, so nothing is junk: 'ndrscan block' opens one");
        if (w->stats != NULL)
            count_everything(w);
        w->everything = false; /* until there are */
        return;
    }
    bool good = apply_words(w, &words);
    if (w->stats != NULL)
        good = good && strings_add(&words, "--stats") && strings_add(&words, w->stats);
    if (w->recursive)
        good = good && strings_add(&words, "--recursive");
    good = good && strings_add(&words, "--");
    for (size_t i = 0; i < w->operand_count; i++)
        good = good && strings_add(&words, w->operand[i]);
    const int status = run_words(w, &words, good, w->null, w->null);
    look_again(w, began, status);
    if (status == EXIT_NOT_RUN) {
        w->pass_at = ndr_now_ms() + LATER_MS;
        diag("trying again in a minute");
    }
}

/* ---- what is new ------------------------------------------------------------------- */

/* The names that wait, and the Maildirs that they are in. */
typedef struct batch {
    FILE *names;
    strings maildirs;
    const maildir *last;
    size_t count;
} batch;

static int
take_name(void *ctx, const maildir *m, const char *path, ndr_error *err)
{
    batch *b = ctx;
    if (b->last != m && !strings_add(&b->maildirs, m->full))
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    b->last = m;
    b->count++;
    if (fwrite(path, strlen(path) + 1, 1, b->names) != 1)
        return ndr_fail(err, NDR_E_SYS, "keep the names of new mail");
    return 0;
}

/* The records of the junk among these names go to `out`. */
static int
scan_batch(const watch *w, int names, int out)
{
    strings words = {0};
    bool good = strings_add(&words, "ndrscan") && strings_add(&words, "scan") &&
                strings_add(&words, "--quiet") && strings_add(&words, "--emit=junk") &&
                strings_add(&words, "--output=jsonl") &&
                strings_add(&words, "--format=message") &&
                strings_add(&words, "--count-proofs") && strings_add(&words, "-0") &&
                strings_add(&words, "--files-from=-") && add_all(&words, &w->common) &&
                add_all(&words, &w->config_copy.words);
    if (w->stats != NULL)
        good = good && strings_add(&words, "--stats") && strings_add(&words, w->stats);
    return run_words(w, &words, good, names, out);
}

static int
move_batch(const watch *w, const batch *b, int records)
{
    strings words = {0};
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", records);
    bool good = apply_words(w, &words) && strings_add(&words, "--from-verdicts") &&
                strings_add(&words, path) && strings_add(&words, "--");
    good = good && add_all(&words, &b->maildirs);
    return run_words(w, &words, good, w->null, w->null);
}

void
watch_apply_new(watch *w)
{
    batch b = {0};
    ndr_error err = {0};
    const int64_t began = ndr_now_ms();
    int status = -1;
    /* apply opens the records by their number: they are left open for it */
    const int names = memfd_create("names", MFD_CLOEXEC);
    const int records = memfd_create("records", 0);
    const int copy = names >= 0 ? fcntl(names, F_DUPFD_CLOEXEC, 0) : -1;
    b.names = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (b.names == NULL || records < 0) {
        diag("keep the names of new mail: %s", strerror(errno));
    } else if (watch_mail_take(w->mail, take_name, &b, &err) != 0 ||
               fflush(b.names) != 0 || lseek(names, 0, SEEK_SET) != 0) {
        diag("%s", err.text[0] != '\0' ? err.text : strerror(errno));
    } else if (b.count == 0) {
        status = EXIT_READ;
    } else {
        status = scan_batch(w, names, records);
        if ((status == EXIT_READ || status == EXIT_DAMAGED) &&
            lseek(records, 0, SEEK_END) > 0)
            status = move_batch(w, &b, records);
    }
    if (status != EXIT_READ || b.count > 0)
        look_again(w, began, status);
    if (b.names != NULL)
        (void)fclose(b.names); /* its bytes were flushed */
    if (names >= 0)
        (void)close(names);
    if (records >= 0)
        (void)close(records);
    strings_free(&b.maildirs);
}
