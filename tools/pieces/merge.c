/* SPDX-License-Identifier: BSD-3-Clause */
/* merge.c - do these results make up one run? */
#include "merge.h"

#include "app/commands.h"
#include "app/diag.h"
#include "ndr_file.h"
#include "pieces_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOLD_MOST = 20 }; /* refusals of one run */

void
merge_free(merge *m)
{
    for (size_t i = 0; m->dir != NULL && i < m->dirs; i++)
        if (m->dir[i] >= 0)
            (void)close(m->dir[i]); /* was only read */
    free(m->dir);
    free(m->piece);
    tally_free(&m->tally);
    ndr_stats_clear(&m->counts);
    plan_file_free(&m->plan);
    *m = (merge){0};
}

static int
tell(const ndr_error *err)
{
    diag("%s", err->text);
    return err->code == NDR_E_SYS || err->code == NDR_E_NOMEM ? pieces_status(err)
                                                              : EXIT_REFUSED;
}

/* ---- the plan -----------------------------------------------------------------------
 */

/* Plans in the folders, by name: the first, and one that is another. */
typedef struct found {
    const char *dir;
    ndr_buffer first, other;
} found;

static int
look_for_plan(void *ctx, const struct dirent *e)
{
    found *f = ctx;
    if (strncmp(e->d_name, "plan-", 5) != 0 || strlen(e->d_name) != 21)
        return 0;
    const unsigned char *last =
        f->first.len > 0 ? f->first.ptr + f->first.len - 22 : NULL;
    if (last != NULL && memcmp(last, e->d_name, 22) == 0)
        return 0;
    ndr_buffer *to = f->first.len == 0 ? &f->first : &f->other;
    if (to->len > 0)
        return 0;
    ndr_buffer_printf(to, "%s/%s", f->dir, e->d_name);
    ndr_buffer_byte(to, '\0');
    return 0;
}

static int
read_plan(merge *m, const char *path)
{
    ndr_error err = {0};
    const int code = plan_file_read(path, &m->plan, &err);
    return code == 0 ? 0 : tell(&err);
}

static int
find_plan(merge *m)
{
    found f = {0};
    for (size_t i = 0; i < m->dirs; i++) {
        f.dir = m->path[i];
        (void)ndr_folder_each(openat(m->dir[i], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                              look_for_plan, &f); /* what is not found is told below */
    }
    int status = EXIT_REFUSED;
    if (f.first.failed || f.other.failed) {
        diag("out of memory");
        status = EXIT_TERMINATED;
    } else if (f.first.len == 0) {
        diag("no results of ndrscan scan --out-dir are in '%s'", m->path[0]);
    } else if (f.other.len > 0) {
        diag("the shards did not see the same mail, or had other options, rules or "
             "windows: '%s' and '%s' differ. Run all of them again by one plan (ndrscan "
             "scan --plan), or say which it is with --plan FILE",
             (const char *)f.first.ptr, (const char *)f.other.ptr);
    } else {
        status = read_plan(m, (const char *)f.first.ptr);
    }
    ndr_buffer_free(&f.first);
    ndr_buffer_free(&f.other);
    return status;
}

int
merge_open(merge *m, const char *const *path, size_t count, const char *plan_path)
{
    *m = (merge){.path = path};
    m->dir = calloc(count, sizeof *m->dir);
    if (m->dir == NULL) {
        diag("out of memory");
        return EXIT_TERMINATED;
    }
    for (; m->dirs < count; m->dirs++) {
        m->dir[m->dirs] = open(path[m->dirs], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (m->dir[m->dirs] < 0) {
            ndr_error err = {0};
            (void)ndr_fail(&err, NDR_E_SYS, "open '%s'", path[m->dirs]);
            if (err.sys_errno != ENOENT) {
                diag("%s", err.text);
                return pieces_status(&err);
            }
            diag("there are no results '%s'; workers make them: ndrscan scan --shard K/N "
                 "--out-dir %s",
                 path[m->dirs], path[m->dirs]);
            return EXIT_NOT_RUN;
        }
    }
    ndr_buffer name = {0};
    struct stat st;
    int status = 0;
    if (plan_path == NULL) {
        status = find_plan(m);
    } else {
        const bool folder = stat(plan_path, &st) == 0 && S_ISDIR(st.st_mode);
        ndr_buffer_printf(&name, "%s%s", plan_path, folder ? "/" PLAN_FILE : "");
        ndr_buffer_byte(&name, '\0');
        status = name.failed ? EXIT_TERMINATED : read_plan(m, (const char *)name.ptr);
    }
    ndr_buffer_free(&name);
    if (status != 0)
        return status;
    const char *output = m->plan.settings.value[SETTING_OUTPUT];
    const int at = output != NULL ? settings_word(settings_outputs, output) : -1;
    m->piece = calloc(m->plan.plan.piece_count + 1, sizeof *m->piece);
    if (m->piece == NULL || at < 0) {
        diag(at < 0 ? "the plan has an output that is unknown here" : "out of memory");
        return at < 0 ? EXIT_REFUSED : EXIT_TERMINATED;
    }
    m->output = (enum ndr_output)at;
    return 0;
}

/* ---- each piece
 * ------------------------------------------------------------------------ */

/* Tell why a piece cannot be merged; the first of them, the rest is counted. */
static void
refuse(merge *m, const ndr_plan_piece *k, const char *why)
{
    if (m->refused++ < TOLD_MOST)
        piece_refuse(&m->plan.plan, k, settings_outputs[m->output], why);
}

/* Was it judged by other counts of weak proofs than the first piece, or by none? */
static bool
is_judged_otherwise(merge *m, const end_record *e)
{
    if (!settings_count_first(&m->plan.settings))
        return false;
    if (!m->judged_by.known)
        m->judged_by = e->judged_by;
    return !e->judged_by.known || e->judged_by.sum != m->judged_by.sum;
}

/* What a result was made with in another way than the plan has it; NULL: nothing. */
static const char *
other_setting(const merge *m, const end_record *e)
{
    static char words[200];
    const enum setting at = settings_differ(&e->settings, &m->plan.settings);
    if (at == SETTING_COUNT)
        return NULL;
    const char *had = e->settings.value[at], *has = m->plan.settings.value[at];
    (void)snprintf(words, sizeof words,
                   "was made with another %s than the plan has: %s, "
                   "not %s",
                   setting_name(at), had != NULL ? had : "none",
                   has != NULL ? has : "none");
    return words;
}

static void
add_counts(merge *m, const end_record *e)
{
    ndr_stats *t = &m->counts;
    const ndr_stats *c = &e->counts;
    t->messages += c->messages;
    t->bytes += c->bytes;
    t->bounces += c->bounces;
    t->junk += c->junk;
    t->suspects += c->suspects;
    t->truncated += c->truncated;
    t->judged += c->judged;
    t->spared += c->spared;
    t->sources_failed += c->sources_failed;
    for (int k = 0; k < NDR_KIND_COUNT; k++)
        t->by_kind[k] += c->by_kind[k];
    for (int k = 0; k < NDR_WHOSE_COUNT; k++)
        t->by_whose[k] += c->by_whose[k];
    tally_join(&m->tally, &e->tally);
}

/* Keep what is needed to write it. */
static void
take_piece(merge *m, size_t at, const end_record *e)
{
    const ndr_plan *plan = &m->plan.plan;
    merge_piece *p = &m->piece[at];
    p->broken = e->broken;
    p->changed = e->stamp != plan->piece[at].stamp;
    p->records_bytes = e->records_bytes;
    p->records_hash = e->records_hash;
    p->messages = e->counts.messages;
    p->content = e->content;
    p->counted = e->counted;
    const merge_piece *last = at > 0 ? p - 1 : NULL;
    if (plan->piece[at].number > 0 && last != NULL) { /* of the same file */
        p->index_base = last->index_base + last->messages;
        p->offset_base = last->offset_base + last->content;
        p->dropped = last->broken || last->dropped;
    }
    m->changed += p->changed;
    if (p->dropped)
        return;
    add_counts(m, e);
    for (size_t i = 0; i < e->trouble_count; i++)
        diag("%s: %s; the rest was scanned", e->trouble[i].source, e->trouble[i].text);
}

/* 0, or an ndr_code that ends it; what cannot be merged is counted in m->refused. */
static int
check_piece(merge *m, size_t at, ndr_error *err)
{
    const ndr_plan_piece *k = &m->plan.plan.piece[at];
    const char *output = settings_outputs[m->output];
    end_record first = {0};
    bool any = false;
    for (size_t i = 0; i < m->dirs; i++) {
        end_record e;
        int fd;
        merge_piece p = {.dir = (uint32_t)i};
        const int got =
            result_read(m->dir[i], k, output, &e, &fd, &p.zstd, &p.until, err);
        if (got == NDR_E_DAMAGED || got == NDR_E_LIMIT) {
            refuse(m, k, err->text);
            any = true;
            continue;
        }
        if (got < 0)
            return got;
        if (got == 0)
            continue;
        (void)close(fd); /* was only read */
        if (!any) {
            first = e;
            m->piece[at] = p;
        } else {
            if (e.stamp != first.stamp || e.sum != first.sum ||
                e.records_hash != first.records_hash ||
                (e.counted.known && first.counted.known &&
                 e.counted.sum != first.counted.sum))
                refuse(m, k, "two results of it differ; remove one");
            else if (!first.counted.known && e.counted.known) {
                first.counted = e.counted;
                m->piece[at] = p; /* whose counts are beside it */
            }
            end_record_free(&e);
        }
        any = true;
    }
    if (!any)
        refuse(m, k, "has no result: its shard has not done it yet");
    else if (other_setting(m, &first) != NULL && first.id[0] == k->id[0])
        refuse(m, k, other_setting(m, &first));
    else if (is_judged_otherwise(m, &first))
        refuse(m, k,
               "was judged by other counts of weak proofs than the pieces before "
               "it: run the workers again");
    else if (first.lied)
        refuse(m, k,
               "the file's seek table is not of its frames; make a plan, which finds "
               "them itself: ndrscan scan --plan");
    if (any && first.id[0] == k->id[0])
        take_piece(m, at, &first);
    end_record_free(&first);
    return 0;
}

int
merge_check(merge *m)
{
    const ndr_plan *plan = &m->plan.plan;
    ndr_error err = {0};
    int code = 0;
    for (size_t i = 0; code == 0 && i < plan->piece_count; i++)
        code = check_piece(m, i, &err);
    if (code != 0)
        return tell(&err);
    if (m->refused > TOLD_MOST)
        diag("and %zu more", m->refused - TOLD_MOST);
    if (m->refused > 0) {
        diag("nothing is merged: %zu of %zu pieces cannot be", m->refused,
             plan->piece_count);
        return EXIT_REFUSED;
    }
    for (size_t i = 0; i < plan->trouble_count; i++)
        diag("%s: %s; the rest was scanned", ndr_plan_text(plan, plan->trouble[i].path),
             ndr_plan_text(plan, plan->trouble[i].text));
    m->counts.sources_failed += plan->trouble_count;
    if (m->changed > 0)
        diag("%zu of %zu pieces are of mail that changed between the plan and the scan: "
             "they are of what was there then",
             m->changed, plan->piece_count);
    tally_add_window(&m->tally, 0, m->plan.window_count, 0); /* where none junked any */
    return tally_stats(&m->tally, &m->counts, &err) == 0 ? 0 : tell(&err);
}
