/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_tell.c - see auto_tell.h. */
#include "auto_tell.h"

#include "app/diag.h"
#include "app/json_writer.h"
#include "app/text.h"
#include "ndr_hash.h"

#include <inttypes.h>
#include <stdlib.h>

enum { TOLD_MOST = 65536, HOUR_S = 3600 };

void
auto_teller_free(auto_teller *t)
{
    free(t->told);
    *t = (auto_teller){0};
}

/* Was it told before? If not, it is now. */
static bool
was_told(auto_teller *t, uint64_t hash)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->told[i] == hash)
            return true;
    if (t->count == TOLD_MOST) /* told twice is better than never */
        t->count = 0;
    if ((t->count & (t->count - 1)) == 0) { /* room doubles at powers of two */
        const size_t cap = t->count == 0 ? 1 : t->count * 2;
        uint64_t *longer = realloc(t->told, cap * sizeof *longer);
        if (longer == NULL)
            return false;
        t->told = longer;
    }
    t->told[t->count++] = hash;
    return false;
}

void
auto_tell(auto_teller *t, const event *e)
{
    char id[EVENT_ID_BYTES];
    ndr_error err = {0};
    event_id(e, id);
    if (t->left == 0 || was_told(t, ndr_hash(ndr_slice_of(id), 0)))
        return;
    t->left--;
    diag("%s", e->text);
    if (t->events == NULL)
        return;
    const bool good = event_put(t->events, e, &err) == 0;
    if (!good && t->count > 0) /* tried again at the next look */
        t->count--;
    if (!good && !t->failing)
        diag("nobody is told of it: %s", err.text);
    t->failing = !good;
}

void
auto_alarm_words(ndr_buffer *out, const ndr_alarm *at)
{
    number n, span, judged, ours, forged;
    ndr_buffer_printf(out, "%s bounces in %s ", text_count(n, at->bounces),
                      text_span(span, (int64_t)at->steps * NDR_STEP_S));
    if (at->usual_known)
        ndr_buffer_printf(out, "(usual: %.1f)", at->usual * at->steps);
    else
        ndr_buffer_text(out, "(what is usual is not known yet)");
    if (at->judged > 0)
        ndr_buffer_printf(out, "; of %s that could be told, %s ours, %s proven forged",
                          text_count(judged, at->judged), text_count(ours, at->ours),
                          text_count(forged, at->forged));
}

/* The numbers of an alarm, as members. */
static void
put_alarm(ndr_buffer *out, const ndr_alarm *at)
{
    json_put_time(out, "storm_began", at->began);
    json_put_count(out, "bounces", at->bounces);
    json_put_count(out, "minutes", (uint64_t)at->steps * (NDR_STEP_S / 60));
    if (at->usual_known)
        json_put_decimal(out, "usual", at->usual * at->steps, 1);
    json_put_count(out, "judged", at->judged);
    json_put_count(out, "ours", at->ours);
    json_put_count(out, "forged", at->forged);
}

/* Tell `e`, whose text is `words` and a subject that is made of `about`. */
static void
tell_words(auto_teller *t, event e, const char *about, ndr_buffer *words,
           ndr_buffer *more)
{
    ndr_buffer subject = {0};
    ndr_buffer_printf(&subject, "%s%s%s", e.domain, e.domain[0] != '\0' ? ": " : "",
                      about);
    ndr_buffer_byte(&subject, '\0');
    ndr_buffer_byte(words, '\0');
    if (!subject.failed && !words->failed && !more->failed) {
        e.subject = (const char *)subject.ptr;
        e.text = (const char *)words->ptr;
        e.more = (ndr_slice){more->ptr, more->len};
        auto_tell(t, &e);
    }
    ndr_buffer_free(&subject);
    ndr_buffer_free(words);
    ndr_buffer_free(more);
}

void
auto_tell_storm(auto_teller *t, const char *domain, const ndr_alarm *at, int64_t now)
{
    ndr_buffer words = {0}, more = {0};
    number since;
    ndr_buffer_printf(&words,
                      "%s: many bounces of mail that it did not send, since %s: ", domain,
                      text_local_zone(since, at->began));
    auto_alarm_words(&words, at);
    ndr_buffer_printf(
        &words, "; to block them: ndrscan block %s --from storm --until-calm", domain);
    put_alarm(&more, at);
    tell_words(
        t, (event){.kind = EVENT_STORM, .domain = domain, .storm = at->began, .at = now},
        "many bounces of mail that it did not send", &words, &more);
}

void
auto_tell_held(auto_teller *t, const char *domain, const ndr_alarm *at,
               enum auto_brake brake, int64_t now)
{
    ndr_buffer words = {0}, more = {0};
    const char *why = auto_brake_words(brake);
    const bool operators = auto_brake_is_operators(brake);
    ndr_buffer_printf(&words, "%s: no window opened itself: %s; there are ", domain, why);
    auto_alarm_words(&words, at);
    ndr_buffer_printf(&words, "; to open one: ndrscan block %s --from storm --until-calm",
                      domain);
    put_alarm(&more, at);
    json_put_word(&more, "reason", why);
    json_put_word(&more, "brake", auto_brake_code(brake));
    tell_words(t,
               (event){.kind = operators ? EVENT_BRAKE : EVENT_HELD,
                       .operator= operators,
                       .domain = domain,
                       .storm = at->began,
                       .at = now},
               "no window opened itself", &words, &more);
}

static void
say_opened(ndr_buffer *out, const auto_window *w, const ndr_window *file)
{
    number from, at, until;
    ndr_buffer_printf(out, "%s: a window opened itself at %s", w->domain,
                      text_local_zone(at, w->opened));
    if (file != NULL && file->note.len > 0) {
        ndr_buffer_text(out, " (");
        text_safe(out, file->note);
        ndr_buffer_byte(out, ')');
    }
    ndr_buffer_printf(
        out,
        ": bounces since %s that are %s go to Junk until it is calm, "
        "%s at the latest; to end it: ndrscan unblock %s; to bring back what "
        "was moved: ndrscan undo",
        text_local_zone(from, w->from),
        file != NULL && file->take == NDR_TAKE_FORGED ? "proven forged" : "not ours",
        text_local_zone(until, w->opened + AUTO_LONGEST_S), w->domain);
}

/* Who or what ended it: for programs, and for people. */
static const char *
end_of(const auto_window *w, const char **ret_words)
{
    if (w->by_person) {
        *ret_words = "by hand";
        return "person";
    }
    if (w->ended - w->opened >= AUTO_LONGEST_S) {
        *ret_words = "as its longest time was over; if bounces go on to come, somebody "
                     "has to decide";
        return "longest";
    }
    *ret_words = "as it is calm";
    return "calm";
}

void
auto_tell_window(auto_teller *t, const auto_window *w, const ndr_window *file,
                 const ndr_alarm *why, int64_t now)
{
    ndr_buffer words = {0}, more = {0};
    number at, until;
    const bool open = w->ended == NDR_TIME_OPEN;
    const char *how = "";
    if (file != NULL && file->note.len > 0)
        json_put_text(&more, "note", file->note);
    if (file != NULL)
        json_put_word(&more, "take", ndr_take_name(file->take));
    json_put_time(&more, "from", w->from);
    json_put_time(&more, "opened", w->opened);
    json_put_time(&more, "until", open ? w->opened + AUTO_LONGEST_S : w->ended);
    if (open && why != NULL)
        put_alarm(&more, why);
    if (open) {
        say_opened(&words, w, file);
    } else {
        json_put_word(&more, "ended_by", end_of(w, &how));
        ndr_buffer_printf(
            &words, "%s: the window that opened itself at %s ended at %s, %s", w->domain,
            text_local_zone(at, w->opened), text_local_zone(until, w->ended), how);
    }
    tell_words(t,
               (event){.kind = open ? EVENT_OPENED : EVENT_ENDED,
                       .domain = w->domain,
                       .storm = w->opened,
                       .at = now},
               open ? "a window opened itself" : "the window that opened itself ended",
               &words, &more);
}

void
auto_tell_many(auto_teller *t, size_t count, const char *names, int64_t now)
{
    ndr_buffer words = {0}, more = {0};
    ndr_buffer_printf(&words,
                      "%zu domains at once get many bounces of mail that they did not "
                      "send: %s",
                      count, names);
    json_put_count(&more, "domains", count);
    json_put_word(&more, "names", names);
    tell_words(t,
               (event){.kind = EVENT_MANY_DOMAINS,
                       .operator= true,
                       .domain = "",
                       .storm = now - now % AUTO_AGAIN_S,
                       .at = now},
               "many domains have a storm of bounces at once", &words, &more);
}

void
auto_tell_trouble(auto_teller *t, enum event_kind kind, const char *what, int64_t now)
{
    ndr_buffer words = {0}, more = {0};
    ndr_buffer_printf(&words, "windows that open themselves: %s", what);
    json_put_word(&more, "reason", what);
    tell_words(t,
               (event){.kind = kind,
                       .operator= true,
                       .domain = "",
                       .storm = now - now % HOUR_S,
                       .at = now},
               "windows do not open themselves", &words, &more);
}
