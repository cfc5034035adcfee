/* SPDX-License-Identifier: BSD-3-Clause */
/* page_auto.c - does the operator's list say that windows open themselves, and change it?
 *
 * The same switch as on the domain's page, in the same words: it is a form, which the
 * handler of that page takes and the mover checks.
 */
#include "customer_auto.h"
#include "pages.h"

static void
put_words(ndr_buffer *out, enum word word, const char *fill)
{
    say(out, LANG_EN, word, fill, NULL);
}

/* What it would take, where there is a choice. */
static void
put_choice(ndr_buffer *out)
{
    static const struct {
        enum ndr_take take;
        enum word word;
    } choices[] = {{NDR_TAKE_NOT_OURS, W_AUTO_NOT_OURS},
                   {NDR_TAKE_FORGED, W_AUTO_FORGED}};
    ndr_buffer_text(out, "<label>takes <select name=\"take\">");
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        ndr_buffer_printf(out, "<option value=\"%s\">", ndr_take_name(choices[i].take));
        put_words(out, choices[i].word, NULL);
        ndr_buffer_text(out, "</option>");
    }
    ndr_buffer_text(out, "</select></label>");
}

/* On: what it takes, and who says so. */
static void
put_state(ndr_buffer *out, const customer_auto *a)
{
    ndr_buffer_text(out, "<span>");
    put_words(out, a->take == NDR_TAKE_FORGED ? W_AUTO_FORGED : W_AUTO_NOT_OURS, NULL);
    ndr_buffer_text(out, "</span>");
    if (!a->provider)
        return;
    ndr_buffer_text(out, "<span class=\"quiet\">");
    put_words(out, W_AUTO_LISTED, NULL);
    ndr_buffer_text(out, "</span>");
}

static void
put_why(ndr_buffer *out, const customer_auto *a, const char *domain)
{
    ndr_buffer_text(out, "<span class=\"quiet\">");
    put_words(out, a->on ? W_AUTO_IDLE : W_AUTO_CANNOT, NULL);
    ndr_buffer_byte(out, ' ');
    put_words(out, a->why, domain);
    ndr_buffer_text(out, "</span>");
}

void
page_auto(ndr_buffer *out, const page_frame *f, const snapshot *s, const char *domain)
{
    const customer_auto a = customer_auto_of(s, f->people, NULL, domain);
    const bool fixed = a.provider || (!a.on && a.why != W_COUNT);
    if (!a.on && !s->watched)
        return;
    ndr_buffer_text(out, "<form class=\"auto\" method=\"post\" action=\"auto\">");
    page_fields_again(out, f->session, domain);
    page_fields_list(out, f);
    ndr_buffer_printf(out,
                      "<button name=\"do\" value=\"%s\" role=\"switch\" "
                      "aria-checked=\"%s\"%s>",
                      a.on ? "off" : "on", a.on ? "true" : "false",
                      fixed ? " disabled" : "");
    put_words(out, W_AUTO_TITLE, NULL);
    ndr_buffer_text(out, "</button>");
    if (a.on)
        put_state(out, &a);
    else if (!fixed && a.forged)
        put_choice(out);
    else if (!fixed)
        ndr_buffer_printf(out, "<input type=\"hidden\" name=\"take\" value=\"%s\">",
                          ndr_take_name(NDR_TAKE_NOT_OURS));
    if (a.why != W_COUNT)
        put_why(out, &a, domain);
    ndr_buffer_text(out, "</form>");
}
