/* SPDX-License-Identifier: BSD-3-Clause */
/* customer_auto.c - "do this for me next time": what does that come to, and who says so?
 */
#include "customer_auto.h"

#include "customer.h"
#include "pages.h"
#include "watch/auto_brakes.h"

#include <string.h>
#include <time.h>

/* ---- could it be? --------------------------------------------------------------------
 */

/* What the watcher's brakes would say that stays so: not what passes in minutes. */
static enum word
why_braked(const snapshot *s, const auto_ready_domain *d, enum ndr_take take)
{
    static const enum word words[AUTO_BRAKES] = {[AUTO_YOUNG] = W_AUTO_WHY_YOUNG,
                                                 [AUTO_UNKNOWN] = W_AUTO_WHY_UNKNOWN,
                                                 [AUTO_UNSIGNED] = W_AUTO_WHY_UNSIGNED,
                                                 [AUTO_DRY] = W_AUTO_WHY_DRY};
    const auto_facts f = {.now = s->at,
                          .fresh = s->at,
                          .begin = s->report.list.begin,
                          .clock_set = NDR_TIME_UNKNOWN,
                          .take = take,
                          .known = d != NULL && d->known,
                          .all_mail = d != NULL && d->all_mail,
                          .past_judged = AUTO_OURS_LEAST, /* asked when it is turned on */
                          .past_ours = AUTO_OURS_LEAST,
                          .person_off = NDR_TIME_UNKNOWN,
                          .most = 1,
                          .most_owner = 1,
                          .dry = s->ready.dry};
    const enum auto_brake brake = auto_brake_of(&f);
    return brake == AUTO_GO ? W_COUNT : words[brake];
}

static enum word
why_not(const snapshot *s, const ndr_admin *who, const auto_ready_domain *d,
        enum ndr_take take)
{
    if (d != NULL && d->list == AUTO_NEVER)
        return who != NULL ? W_AUTO_WHY_NEVER : W_AUTO_WHY_EXCLUDED;
    if (!s->watched || (who != NULL && !s->ready.people))
        return who != NULL ? W_AUTO_WHY_NOBODY : W_AUTO_WHY_UNWATCHED;
    return why_braked(s, d, take);
}

customer_auto
customer_auto_of(const snapshot *s, const ndr_admins *people, const ndr_admin *who,
                 const char *domain)
{
    const auto_ready_domain *d = auto_ready_find(&s->ready, domain);
    const auto_wish *w = auto_wishes_find(&s->wishes, domain);
    const bool listed = s->watched && d != NULL && d->list == AUTO_BY_LIST;
    const bool wished = !listed && w != NULL && auto_wish_counts(w, people);
    customer_auto a = {.on = listed || wished,
                       .provider = listed,
                       .take = wished   ? w->take
                               : listed ? d->take
                                        : NDR_TAKE_NOT_OURS,
                       .forged = d != NULL && d->all_mail};
    /* what the list takes is the operator's affair, as is what keeps it from that */
    a.why = listed ? W_COUNT : why_not(s, who, d, a.take);
    return a;
}

/* Too few of its bounces were known as ours: asked of the counts, so only when it
 * matters. */
static bool
is_unseen(const console *c, const char *domain)
{
    const int64_t now = (int64_t)time(NULL);
    ndr_counts_view *view = NULL;
    ndr_proof_series series = {0};
    ndr_alarms *alarms = NULL;
    ndr_alarm at = {0};
    int rc = ndr_counts_view_open(c->stats, &view, NULL);
    if (rc == 0)
        rc = ndr_counts_view_proofs(view, domain, now - 2 * (int64_t)NDR_STORM_PAST_S,
                                    now, &series, NULL);
    if (rc == 0)
        rc = ndr_alarms_new(&series, ndr_counts_view_begin(view), now, NDR_TAKE_NOT_OURS,
                            &alarms, NULL);
    while (rc == 0 && ndr_alarms_next(alarms, &at))
        ;
    ndr_alarms_free(alarms);
    ndr_proof_series_clear(&series);
    ndr_counts_view_close(view);
    const auto_facts f = {.now = now,
                          .fresh = now,
                          .begin = now - AUTO_PAST_S,
                          .clock_set = NDR_TIME_UNKNOWN,
                          .take = NDR_TAKE_NOT_OURS,
                          .known = true,
                          .past_judged = at.past_judged,
                          .past_ours = at.past_ours};
    return auto_brake_of(&f) == AUTO_UNSEEN;
}

/* What a person can do about it; the operator is who would be asked. */
static enum word
ask_about(enum word why, const ndr_admin *who)
{
    const bool theirs = why == W_AUTO_WHY_UNKNOWN || why == W_AUTO_WHY_UNSIGNED ||
                        why == W_AUTO_WHY_UNSEEN;
    return theirs && who != NULL ? W_AUTO_ASK : W_COUNT;
}

/* ---- the form ------------------------------------------------------------------------
 */

/* As the page says it, and what only the counts know. */
static enum word
why_not_now(const console *c, const route_call *r, enum ndr_take take)
{
    const auto_ready_domain *d = auto_ready_find(&c->snapshot->ready, r->domain);
    enum word why = W_COUNT;
    if (d == NULL || d->list != AUTO_BY_LIST)
        why = why_not(c->snapshot, r->who->person, d, take);
    if (why == W_COUNT && d != NULL && !d->all_mail && is_unseen(c, r->domain))
        why = W_AUTO_WHY_UNSEEN;
    return why;
}

void
customer_post_auto(console *c, const route_call *r, web_reply *ret)
{
    const bool on = strcmp(r->w->action, "on") == 0;
    enum ndr_take take = NDR_TAKE_NOT_OURS;
    ndr_error err = {0};
    if (!customer_take_form(c, r, ret))
        return;
    if ((!on && strcmp(r->w->action, "off") != 0) ||
        (on && (!ndr_take_find(ndr_slice_of(r->w->take), &take) ||
                (take != NDR_TAKE_NOT_OURS && take != NDR_TAKE_FORGED)))) {
        customer_say(r, 400, W_E_BAD, NULL, ret);
        return;
    }
    const enum word why =
        on && !console_is_again(c, r) ? why_not_now(c, r, take) : W_COUNT;
    if (why != W_COUNT) {
        customer_say_more(r, 409, why, r->domain, ask_about(why, r->who->person), ret);
        return;
    }
    const int rc = console_wish(c, take, on, r, ret, &err);
    if (rc == WAIT_LATER)
        return;
    if (rc == 0)
        customer_go_back(r, ret);
    else
        customer_failed(r, err.text, W_E_FAILED, ret);
}

/* ---- the page ------------------------------------------------------------------------
 */

static void
put_line(ndr_buffer *out, enum lang lang, enum word word)
{
    ndr_buffer_text(out, "<p>");
    say(out, lang, word, NULL, NULL);
    ndr_buffer_text(out, "</p>");
}

static void
put_form(ndr_buffer *out, const customer_frame *f, const char *domain,
         const customer_auto *a)
{
    ndr_buffer_text(out, "<form method=\"post\" action=\"auto\">");
    page_fields(out, f->session, domain);
    if (!a->on && a->forged) {
        customer_choices(out, f->lang, W_AUTO_TAKE);
        customer_choice(out, f->lang, "take", ndr_take_name(NDR_TAKE_NOT_OURS),
                        W_AUTO_NOT_OURS, NULL, true);
        customer_choice(out, f->lang, "take", ndr_take_name(NDR_TAKE_FORGED),
                        W_AUTO_FORGED, NULL, false);
        ndr_buffer_text(out, "</fieldset>");
    } else if (!a->on) {
        ndr_buffer_printf(out, "<input type=\"hidden\" name=\"take\" value=\"%s\">",
                          ndr_take_name(NDR_TAKE_NOT_OURS));
    }
    ndr_buffer_printf(out, "<p class=\"buttons\"><button name=\"do\" value=\"%s\">",
                      a->on ? "off" : "on");
    say(out, f->lang, a->on ? W_AUTO_OFF_BUTTON : W_AUTO_ON_BUTTON, NULL, NULL);
    ndr_buffer_text(out, "</button></p></form>");
}

void
customer_auto_part(ndr_buffer *out, const customer_frame *f, const char *domain,
                   const customer_auto *a)
{
    ndr_buffer_printf(out, "<section%s aria-labelledby=\"auto\"><h2 id=\"auto\">",
                      a->on ? " class=\"auto\"" : "");
    say(out, f->lang, W_AUTO_TITLE, NULL, NULL);
    ndr_buffer_text(out, "</h2><p>");
    say(out, f->lang, W_AUTO_WHAT, domain, NULL);
    ndr_buffer_text(out, "</p><p><strong>");
    say(out, f->lang,
        !a->on                       ? W_AUTO_OFF
        : a->take == NDR_TAKE_FORGED ? W_AUTO_ON_FORGED
                                     : W_AUTO_ON_NOT_OURS,
        NULL, NULL);
    ndr_buffer_text(out, "</strong></p>");
    if (a->provider)
        put_line(out, f->lang, f->who != NULL ? W_WINDOW_PROVIDER : W_AUTO_LISTED);
    if (a->why != W_COUNT) {
        ndr_buffer_text(out, "<p>");
        say(out, f->lang, a->on ? W_AUTO_IDLE : W_AUTO_CANNOT, NULL, NULL);
        ndr_buffer_byte(out, ' ');
        say(out, f->lang, a->why, domain, NULL);
        if (ask_about(a->why, f->who) != W_COUNT) {
            ndr_buffer_byte(out, ' ');
            say(out, f->lang, W_AUTO_ASK, NULL, NULL);
        }
        ndr_buffer_text(out, "</p>");
    }
    if (!a->provider && customer_may(f, NDR_ACT_SWITCH) && (a->on || a->why == W_COUNT))
        put_form(out, f, domain, a);
    ndr_buffer_text(out, "</section>");
}
