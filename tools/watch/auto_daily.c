/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_daily.c - see auto_daily.h. */
#include "auto_daily.h"

#include "app/json_writer.h"
#include "app/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400, SHOWN = 20 };

/* What came to all; the most first, as many as are shown. */
typedef struct sums {
    uint64_t bounces;
    size_t domains, shown;
    struct {
        char domain[256];
        uint64_t came;
    } most[SHOWN];
} sums;

int64_t
auto_daily_at(int minute, int64_t now)
{
    const time_t t = (time_t)now;
    struct tm day;
    if (localtime_r(&t, &day) == NULL)
        return now;
    day.tm_hour = minute / 60;
    day.tm_min = minute % 60;
    day.tm_sec = 0;
    day.tm_isdst = -1;
    int64_t at = (int64_t)mktime(&day);
    if (at > now) {
        day.tm_mday--;
        day.tm_hour = minute / 60; /* mktime may have moved it over a change of clocks */
        day.tm_min = minute % 60;
        day.tm_isdst = -1;
        at = (int64_t)mktime(&day);
    }
    return at;
}

static int
add(void *ctx, const char *domain, uint64_t came)
{
    sums *s = ctx;
    s->bounces += came;
    s->domains++;
    if (domain == NULL || strlen(domain) >= sizeof s->most[0].domain)
        return 0;
    size_t i = s->shown < SHOWN ? s->shown++ : SHOWN;
    if (i == SHOWN && came <= s->most[SHOWN - 1].came)
        return 0;
    for (i = i == SHOWN ? SHOWN - 1 : i; i > 0 && s->most[i - 1].came < came; i--)
        s->most[i] = s->most[i - 1];
    (void)snprintf(s->most[i].domain, sizeof s->most[i].domain, "%s", domain);
    s->most[i].came = came;
    return 0;
}

/* Windows that opened themselves in the day before `at`; NULL: of all domains. */
static size_t
opened(const auto_state *state, const char *domain, int64_t at)
{
    size_t n = 0;
    for (size_t i = 0; i < state->count; i++)
        n += state->row[i].opened < at && state->row[i].opened >= at - DAY_S &&
             (domain == NULL || strcmp(domain, state->row[i].domain) == 0);
    return n;
}

static void
tell(auto_teller *t, const char *domain, int64_t at, ndr_buffer *words, ndr_buffer *more)
{
    char subject[300];
    (void)snprintf(subject, sizeof subject, "%s%sbounces of the last day", domain,
                   domain[0] != '\0' ? ": " : "");
    ndr_buffer_byte(words, '\0');
    if (!words->failed && !more->failed)
        auto_tell(t, &(event){.kind = EVENT_DAILY,
                              .operator= domain[0] == '\0',
                              .domain = domain,
                              .storm = at,
                              .at = at,
                              .subject = subject,
                              .text = (const char *)words->ptr,
                              .more = {more->ptr, more->len}});
    ndr_buffer_free(words);
    ndr_buffer_free(more);
}

static void
tell_operator(auto_teller *t, const sums *s, size_t windows, int64_t at)
{
    ndr_buffer words = {0}, more = {0};
    number n, came;
    ndr_buffer_printf(&words,
                      "in the last day %s bounces came to %zu domains, and %zu windows "
                      "opened themselves",
                      text_count(n, s->bounces), s->domains, windows);
    for (size_t i = 0; i < s->shown; i++)
        ndr_buffer_printf(&words, "%s%s %s", i == 0 ? "; most: " : ", ",
                          s->most[i].domain[0] != '\0' ? s->most[i].domain
                                                       : "(not known)",
                          text_count(came, s->most[i].came));
    json_put_count(&more, "bounces", s->bounces);
    json_put_count(&more, "domains", s->domains);
    json_put_count(&more, "windows", windows);
    json_begin(&more, "most", '[');
    for (size_t i = 0; i < s->shown; i++) {
        json_begin(&more, NULL, '{');
        json_put_word(&more, "domain", s->most[i].domain);
        json_put_count(&more, "bounces", s->most[i].came);
        json_end(&more, '}');
    }
    json_end(&more, ']');
    tell(t, "", at, &words, &more);
}

static void
tell_domain(auto_teller *t, const char *domain, const ndr_proof_series *s, size_t windows,
            int64_t at)
{
    ndr_buffer words = {0}, more = {0};
    ndr_step_proof all = {0};
    number n, junk, judged, ours, forged;
    for (size_t i = 0; i < s->count; i++) {
        all.bounces += s->row[i].bounces;
        all.junk += s->row[i].junk;
        all.judged += s->row[i].judged;
        all.ours += s->row[i].ours;
        all.forged += s->row[i].forged;
    }
    if (all.bounces == 0)
        return;
    ndr_buffer_printf(&words, "%s: %s bounces in the last day, %s of them junk", domain,
                      text_count(n, all.bounces), text_count(junk, all.junk));
    if (all.judged > 0)
        ndr_buffer_printf(&words, "; of %s that could be told, %s ours, %s proven forged",
                          text_count(judged, all.judged), text_count(ours, all.ours),
                          text_count(forged, all.forged));
    ndr_buffer_printf(&words, "; %zu windows opened themselves", windows);
    json_put_count(&more, "bounces", all.bounces);
    json_put_count(&more, "junk", all.junk);
    json_put_count(&more, "judged", all.judged);
    json_put_count(&more, "ours", all.ours);
    json_put_count(&more, "forged", all.forged);
    json_put_count(&more, "windows", windows);
    tell(t, domain, at, &words, &more);
}

int
auto_daily_tell(auto_teller *t, ndr_counts_view *view, const auto_list *list,
                const auto_state *state, int64_t at, ndr_error *err)
{
    sums s = {0};
    int rc = ndr_counts_view_busy(view, at - DAY_S, 1, add, &s, err);
    if (rc == 0)
        tell_operator(t, &s, opened(state, NULL, at), at);
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        const char *domain = list->row[i].domain;
        ndr_proof_series series;
        rc = ndr_counts_view_proofs(view, domain, at - DAY_S, at, &series, err);
        if (rc == 0)
            tell_domain(t, domain, &series, opened(state, domain, at), at);
        if (rc == 0)
            ndr_proof_series_clear(&series);
    }
    return rc;
}
