/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_ham.c - what does ordinary mail look like? */
#include "gen_message.h"

#include <stdio.h>
#include <string.h>

static void
put_people(gen_message *m, bool reply)
{
    fill(m, rng_percent(&m->r, 50) ? "Message-ID: <{#8}.{%7}@{mtadomain}>\n"
                                   : "Message-ID: <{$27}{&8}@mail.{mtadomain}>\n");
    fill(m, "Date: {date}\nFrom: {fromname} <{from}>\nTo: {toname} <{to}>\n");
    if (rng_percent(&m->r, 20))
        fill(m, "Cc: {failname} <{fail}>\n");
    if (reply)
        fill(m, "In-Reply-To: <{omid}>\nReferences: <{&10}@{todomain}> <{omid}>\n");
    put_subject(m, "", m->osubject);
}

static void
put_agent(gen_message *m)
{
    static const char *const agents[] = {
        "User-Agent: Mozilla Thunderbird 102.6.0\n",
        "X-Mailer: Microsoft Outlook 16.0\nThread-Index: {$28}\n",
        "X-Mailer: Apple Mail (2.3696.120.41.1.1)\n",
        "User-Agent: Mutt/2.2.9 (2022-11-12)\n",
        "X-Mailer: iPhone Mail (20A362)\n",
        "User-Agent: Roundcube Webmail/1.6.0\n",
    };
    fill(m, agents[rng_below(&m->r, 6)]);
}

static size_t
body_bytes(gen_message *m)
{
    return rng_lognormal(&m->r, 5000, 130, 1200, 60000);
}

static void
put_greeting(gen_message *m)
{
    const words *w = &lang_words[m->lang];
    const body_form f = message_form(m);
    if (f.cte != 'b') {
        fill_coded(m, f.cs, f.cte, w->greeting);
        fill(m, f.cte == 'q' ? "\n" : "\n\n");
    }
}

static void
put_closing(gen_message *m)
{
    const words *w = &lang_words[m->lang];
    const body_form f = message_form(m);
    if (f.cte == 'b')
        return;
    text end = {0};
    text_str(&end, w->closing);
    text_add(&end, "\n{fromname}\n", sizeof "\n{fromname}\n"); /* with its NUL */
    fill_coded(m, f.cs, f.cte, end.ptr);
    text_free(&end);
}

static void
plain(gen_message *m)
{
    const bool reply = rng_percent(&m->r, 40);
    put_people(m, reply);
    put_agent(m);
    fill(m, "MIME-Version: 1.0\n");
    put_content(m, "text/plain");
    text_char(m->out, '\n');
    put_greeting(m);
    const size_t bytes = body_bytes(m);
    const body_form f = message_form(m);
    pool_take(m->out, &m->r, POOL_TEXT, m->lang, m->form, bytes);
    if (reply && f.cte != 'b') {
        static const char *const quoted[] = {
            "> Could you tell me by Friday whether that is possible at all?\n",
            "> I have put the drawings into the folder of the project.\n",
            "> See you next week, and thanks for the cake.\n",
            "> We would prefer the second variant, if the price is the same.\n",
        };
        fill(m, "On {odate}, {toname} wrote:\n>\n");
        for (uint32_t i = 0, n = 1 + rng_below(&m->r, 8); i < n; i++)
            text_str(m->out, quoted[rng_below(&m->r, 4)]);
        text_char(m->out, '\n');
    }
    put_closing(m);
}

static void
alternative_body(gen_message *m, const char *boundary)
{
    const size_t bytes = body_bytes(m);
    text_str(m->out, "--");
    text_str(m->out, boundary);
    text_char(m->out, '\n');
    put_content(m, "text/plain");
    text_char(m->out, '\n');
    put_greeting(m);
    pool_take(m->out, &m->r, POOL_TEXT, m->lang, m->form, bytes / 3);
    put_closing(m);
    text_str(m->out, "\n--");
    text_str(m->out, boundary);
    text_char(m->out, '\n');
    put_content(m, "text/html");
    text_char(m->out, '\n');
    pool_take(m->out, &m->r, POOL_HTML, m->lang, m->form, bytes - bytes / 3);
    text_str(m->out, "\n--");
    text_str(m->out, boundary);
    text_str(m->out, "--\n");
}

static void
alternative(gen_message *m)
{
    put_people(m, rng_percent(&m->r, 30));
    put_agent(m);
    fill(m, "MIME-Version: 1.0\n"
            "Content-Type: multipart/alternative; boundary=\"{b2}\"\n\n"
            "This is a multi-part message in MIME format.\n");
    alternative_body(m, m->b2);
}

static void
with_attachment(gen_message *m)
{
    static const char *const types[][3] = {
        {"pdf", "application/pdf", "offer_{%4}.pdf"},
        {"jpeg", "image/jpeg", "IMG_{%4}.JPG"},
        {"zip", "application/zip", "drawings-{%3}.zip"},
        {"png", "image/png", "screenshot{%2}.png"},
    };
    const char *const *t = types[rng_below(&m->r, 4)];
    put_people(m, rng_percent(&m->r, 30));
    put_agent(m);
    fill(m, "MIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=\"{b3}\"\n\n--{b3}\n"
            "Content-Type: multipart/alternative; boundary=\"{b2}\"\n\n");
    alternative_body(m, m->b2);
    char name[64];
    fill_field(m, name, sizeof name, t[2]);
    fill(m, "\n--{b3}\nContent-Type: ");
    text_str(m->out, t[1]);
    text_str(m->out, "; name=\"");
    text_str(m->out, name);
    text_str(m->out, "\"\nContent-Disposition: attachment; filename=\"");
    text_str(m->out, name);
    text_str(m->out, "\"\nContent-Transfer-Encoding: base64\n\n");
    pool_attachment(m->out, &m->r, t[0],
                    rng_lognormal(&m->r, 150000, 170, 15000, 6 * 1024 * 1024));
    fill(m, "\n--{b3}--\n");
}

static void
list_mail(gen_message *m)
{
    static const char *const lists[] = {"users", "devel", "announce", "choir", "parents"};
    const char *list = lists[rng_below(&m->r, 5)];
    fill(m, "Message-ID: <{#8}.{%7}@{mtadomain}>\nDate: {date}\n"
            "From: {fromname} <{from}>\nTo: ");
    text_str(m->out, list);
    fill(m, "@lists.{mtadomain}\n");
    char prefix[32];
    snprintf(prefix, sizeof prefix, "[%s] ", list);
    put_subject(m, prefix, m->osubject);
    fill(m, "X-BeenThere: ");
    text_str(m->out, list);
    fill(m,
         "@lists.{mtadomain}\nX-Mailman-Version: 2.1.39\nPrecedence: list\nList-Id: <");
    text_str(m->out, list);
    fill(m, ".lists.{mtadomain}>\nList-Unsubscribe: <https://lists.{mtadomain}/options/");
    text_str(m->out, list);
    fill(m, ">,\n <mailto:");
    text_str(m->out, list);
    fill(m, "-request@lists.{mtadomain}?subject=unsubscribe>\nErrors-To: ");
    text_str(m->out, list);
    fill(m, "-bounces@lists.{mtadomain}\nMIME-Version: 1.0\n");
    put_content(m, "text/plain");
    text_char(m->out, '\n');
    put_greeting(m);
    pool_take(m->out, &m->r, POOL_TEXT, m->lang, m->form, body_bytes(m));
    put_closing(m);
    if (message_form(m).cte != 'b')
        fill(m, "_______________________________________________\n"
                "Mailing list on lists.{mtadomain}\n");
}

void
put_ham(gen_message *m)
{
    static const uint32_t weight[] = {45, 30, 9, 16};
    static void (*const makers[])(gen_message *) = {plain, alternative, with_attachment,
                                                    list_mail};
    size_t pick = rng_weighted(&m->r, weight, 4);
    if (m->opts->storm_sizes && pick == 2)
        pick = 1;
    m->dialect = pick == 3 ? "list" : "ham";
    char envelope[240];
    if (pick == 3)
        fill_field(m, envelope, sizeof envelope, "list-bounces@lists.{mtadomain}");
    else
        memcpy(envelope, m->from, sizeof envelope);
    put_trace(m, rng_percent(&m->r, 95) ? envelope : NULL);
    if (rng_percent(&m->r, 60))
        put_signature(m, m->mtadomain);
    makers[pick](m);
}
