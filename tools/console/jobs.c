/* SPDX-License-Identifier: BSD-3-Clause */
/* jobs.c - how far is what the mover does, and what came of it? */
#include "jobs.h"

#include "app/json_writer.h"

#include <jansson.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

enum { LINE_BYTES = 1 << 16, READ_BYTES = 1 << 16 };

static void
clear_list(job_list *l)
{
    const size_t held = l->count < JOB_SAMPLES ? (size_t)l->count : JOB_SAMPLES;
    for (size_t i = 0; i < held; i++) {
        free(l->row[i].path);
        free(l->row[i].recipient);
        free(l->row[i].reason);
    }
    *l = (job_list){0};
}

static void
clear_job(job *j)
{
    if (j->id != 0 && j->fd >= 0)
        (void)close(j->fd);
    ndr_buffer_free(&j->line);
    ndr_buffer_free(&j->mailboxes);
    clear_list(&j->junk);
    clear_list(&j->keep);
    *j = (job){.fd = -1};
}

/* Nobody guesses it, and what a script's numbers hold. */
static int
new_id(uint64_t *ret, ndr_error *err)
{
    do {
        if (getrandom(ret, sizeof *ret, 0) != (ssize_t)sizeof *ret)
            return ndr_fail(err, NDR_E_SYS, "have a number by chance");
        *ret >>= 12;
    } while (*ret == 0);
    return 0;
}

/* Where a new one of this person goes: in the place of the oldest of his that has ended,
 * where he has many; else what is free; else of the oldest of all. NULL: none. */
static job *
choose_slot(jobs *all, const char *person)
{
    job *own = NULL, *any = NULL;
    size_t theirs = 0;
    for (size_t i = 0; i < JOBS_KEPT; i++) {
        job *j = &all->slot[i];
        const bool his = j->id != 0 && strcmp(j->person, person) == 0;
        theirs += his;
        if (j->id != 0 && j->state == JOB_RUNNING)
            continue;
        if (any == NULL || j->order < any->order)
            any = j;
        if (his && (own == NULL || j->order < own->order))
            own = j;
    }
    return theirs >= JOBS_OF_ONE && own != NULL ? own : any;
}

static bool
is_moving(const jobs *all, const char *person)
{
    for (size_t i = 0; i < JOBS_KEPT; i++) {
        const job *j = &all->slot[i];
        if (j->id != 0 && j->state == JOB_RUNNING && j->what != MOVER_PREVIEW &&
            strcmp(j->person, person) == 0)
            return true;
    }
    return false;
}

int
jobs_start(jobs *all, mover *m, enum mover_what what, const mover_for *whose,
           ndr_slice words, const job **ret, ndr_error *err)
{
    const char *person = whose->person != NULL ? whose->person : "";
    uint64_t id = 0;
    int fd = -1;
    if (what != MOVER_PREVIEW && is_moving(all, person))
        return ndr_fail(err, NDR_E_LIMIT,
                        "mail is being moved already; wait for that to end");
    job *slot = choose_slot(all, person);
    if (slot == NULL)
        return ndr_fail(err, NDR_E_LIMIT, "too much at once; wait for something to end");
    int rc = new_id(&id, err);
    if (rc == 0)
        rc = mover_ask(m, what, whose, words, &fd, err);
    if (rc != 0)
        return rc;
    clear_job(slot);
    slot->id = id;
    slot->order = ++all->last;
    slot->what = what;
    slot->fd = fd;
    slot->subdomains = whose->below;
    (void)snprintf(slot->person, sizeof slot->person, "%s", person);
    (void)snprintf(slot->domain, sizeof slot->domain, "%s",
                   whose->domain != NULL ? whose->domain : "");
    *ret = slot;
    return 0;
}

const job *
jobs_find(const jobs *all, uint64_t id, const char *person)
{
    const job *found = NULL;
    for (size_t i = 0; i < JOBS_KEPT; i++)
        if (all->slot[i].id == id && id != 0 &&
            (person == NULL || strcmp(all->slot[i].person, person) == 0))
            found = &all->slot[i];
    return found;
}

size_t
jobs_poll(const jobs *all, struct pollfd *fds)
{
    size_t n = 0;
    for (size_t i = 0; i < JOBS_KEPT; i++)
        if (all->slot[i].id != 0 && all->slot[i].fd >= 0)
            fds[n++] = (struct pollfd){.fd = all->slot[i].fd, .events = POLLIN};
    return n;
}

/* ---- what the command says ----------------------------------------------------------
 */

static char *
copy_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return strdup(text != NULL ? text : "");
}

static void
add_sample(job_list *l, const json_t *o)
{
    if (l->count < JOB_SAMPLES) {
        job_sample *s = &l->row[l->count];
        s->path = copy_text(o, "source");
        s->recipient = copy_text(o, "recipient");
        s->reason = copy_text(o, "reason");
    }
    l->count++;
}

/* Maildirs come one behind the other: one that is not the last one seen is new. */
static void
count_mailbox(job *j, const json_t *o)
{
    const char *name = json_string_value(json_object_get(o, "maildir"));
    if (name == NULL ||
        (j->mailboxes.len > 0 && strcmp((const char *)j->mailboxes.ptr, name) == 0))
        return;
    ndr_buffer_clear(&j->mailboxes);
    ndr_buffer_text(&j->mailboxes, name);
    ndr_buffer_byte(&j->mailboxes, '\0');
    j->mailbox_count++;
}

static void
take_number(const json_t *o, const char *name, uint64_t *ret)
{
    const json_t *v = json_object_get(o, name);
    if (json_is_integer(v) && json_integer_value(v) >= 0)
        *ret = (uint64_t)json_integer_value(v);
}

/* Is a record about the domain that the preview is about? */
static bool
is_its_own(const job *j, const json_t *o)
{
    const char *domain = json_string_value(json_object_get(o, "domain"));
    const size_t n = domain != NULL ? strlen(domain) : 0, m = strlen(j->domain);
    if (n < m || strcasecmp(domain + (n - m), j->domain) != 0)
        return false;
    return n == m || (j->subdomains && domain[n - m - 1] == '.');
}

/* [{"whose":"ours","proof":"dkim-to","bounces":29}] of the end. */
static void
take_spared(job *j, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list) && j->spared_count < JOB_SPARED; i++) {
        const json_t *o = json_array_get(list, i);
        const char *whose = json_string_value(json_object_get(o, "whose"));
        const char *proof = json_string_value(json_object_get(o, "proof"));
        struct job_spared *s = &j->spared[j->spared_count];
        if (whose == NULL)
            continue;
        (void)snprintf(s->whose, sizeof s->whose, "%s", whose);
        (void)snprintf(s->proof, sizeof s->proof, "%s", proof != NULL ? proof : "");
        take_number(o, "bounces", &s->bounces);
        j->spared_count++;
    }
}

static void
take_object(job *j, const json_t *o)
{
    const char *verdict = json_string_value(json_object_get(o, "verdict"));
    const char *action = json_string_value(json_object_get(o, "action"));
    if (action == NULL) { /* progress, or the end */
        take_number(o, "messages", &j->messages);
        take_number(o, "junked", &j->junked);
        take_number(o, "released", &j->released);
        take_number(o, "left", &j->left);
        take_spared(j, json_object_get(o, "spared"));
        const char *run = json_string_value(json_object_get(o, "run"));
        if (run != NULL)
            (void)snprintf(j->run, sizeof j->run, "%s", run);
    } else if (strcmp(action, "junk") == 0) {
        if (verdict == NULL || strcmp(verdict, "try") != 0) {
            j->others++; /* by a window that is open already */
            return;
        }
        add_sample(&j->junk, o);
        count_mailbox(j, o);
    } else if (strcmp(action, "keep") == 0) {
        if (is_its_own(j, o))
            add_sample(&j->keep, o);
    } else if (strcmp(action, "release") == 0) {
        j->releases++;
    }
}

static void
take_line(job *j, const char *line, size_t n)
{
    int status = 0;
    if (n > 0 && line[0] == '{') {
        json_t *o = json_loadb(line, n, JSON_ALLOW_NUL, NULL);
        if (json_is_object(o))
            take_object(j, o);
        json_decref(o);
    } else if (sscanf(line, "exit %d", &status) == 1) {
        /* 1: some mailbox could not be handled, which its words tell */
        j->state = status == 0 || status == 1 ? JOB_DONE : JOB_FAILED;
        if (status == 0)
            j->error[0] = '\0'; /* all is done: what was said is no trouble */
    } else if (n > 0) {
        const char *words = strncmp(line, "ndrscan: ", 9) == 0 ? line + 9 : line;
        if (strncmp(words, "warning: ", 9) != 0)
            (void)snprintf(j->error, sizeof j->error, "%s", words);
    }
}

static void
end_job(job *j)
{
    (void)close(j->fd);
    j->fd = -1;
    if (j->state == JOB_RUNNING)
        j->state = JOB_FAILED;
    if (j->state == JOB_FAILED && j->error[0] == '\0')
        (void)snprintf(j->error, sizeof j->error, "it broke off");
}

/* Whole lines are taken up; what is longer than any of ours is passed over. */
static void
take_bytes(job *j, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != '\n') {
            if (j->line.len < LINE_BYTES)
                ndr_buffer_byte(&j->line, (unsigned char)bytes[i]);
            continue;
        }
        const size_t len = j->line.len;
        ndr_buffer_byte(&j->line, '\0');
        if (!j->line.failed && len < LINE_BYTES)
            take_line(j, (const char *)j->line.ptr, len);
        ndr_buffer_clear(&j->line);
    }
}

void
jobs_run(jobs *all)
{
    static char bytes[READ_BYTES];
    for (size_t i = 0; i < JOBS_KEPT; i++) {
        job *j = &all->slot[i];
        if (j->id == 0 || j->fd < 0)
            continue;
        const ssize_t n = read(j->fd, bytes, sizeof bytes);
        if (n > 0)
            take_bytes(j, bytes, (size_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            end_job(j);
    }
}

/* ---- told ----------------------------------------------------------------------------
 */

static void
put_list(ndr_buffer *out, const char *name, const char *samples, const job_list *l)
{
    const size_t held = l->count < JOB_SAMPLES ? (size_t)l->count : JOB_SAMPLES;
    json_put_count(out, name, l->count);
    json_begin(out, samples, '[');
    for (size_t i = 0; i < held; i++) {
        const job_sample *s = &l->row[i];
        json_begin(out, NULL, '{');
        json_put_word(out, "path", s->path != NULL ? s->path : "");
        json_put_word(out, "recipient", s->recipient != NULL ? s->recipient : "");
        json_put_word(out, "reason", s->reason != NULL ? s->reason : "");
        json_end(out, '}');
    }
    json_end(out, ']');
}

/* What stays for whose mail came back; nothing where nothing does. */
static void
put_spared(ndr_buffer *out, const job *j)
{
    if (j->spared_count == 0)
        return;
    json_begin(out, "spared", '[');
    for (size_t i = 0; i < j->spared_count; i++) {
        const struct job_spared *s = &j->spared[i];
        json_begin(out, NULL, '{');
        json_put_word(out, "whose", s->whose);
        json_put_word(out, "proof", s->proof);
        json_put_count(out, "bounces", s->bounces);
        json_end(out, '}');
    }
    json_end(out, ']');
}

void
job_json(const job *j, ndr_buffer *out)
{
    static const char *const what[] = {"preview", "apply", "undo"};
    static const char *const state[] = {"running", "done", "failed"};
    json_begin(out, NULL, '{');
    json_put_count(out, "id", j->id);
    json_put_word(out, "what", what[j->what]);
    json_put_word(out, "state", state[j->state]);
    json_put_count(out, "messages", j->messages);
    if (j->what == MOVER_PREVIEW) {
        json_put_count(out, "mailboxes", j->mailbox_count);
        json_put_count(out, "other_junk", j->others);
        json_put_count(out, "release", j->releases);
        put_list(out, "junk", "junk_samples", &j->junk);
        put_list(out, "keep", "keep_samples", &j->keep);
        put_spared(out, j);
    } else {
        json_put_count(out, "junked", j->junked);
        json_put_count(out, "released", j->released);
        json_put_count(out, "left", j->left);
        json_put_word(out, "run", j->run);
    }
    json_put_word(out, "error", j->error);
    ndr_buffer_text(out, "}\n");
}

void
jobs_free(jobs *all)
{
    for (size_t i = 0; i < JOBS_KEPT; i++)
        clear_job(&all->slot[i]);
}
