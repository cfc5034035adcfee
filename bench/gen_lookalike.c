/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gen_lookalike.c - which mail looks like a bounce and is none?
 *
 * Each kind has a person or a service as its author and a reader who would miss it.
 */
#include "gen_message.h"

static void
author_head(gen_message *m, const char *subject)
{
    put_trace(m, m->from);
    if (rng_percent(&m->r, 60))
        put_signature(m, m->mtadomain);
    fill(m, "Message-ID: <{#8}.{%7}@{mtadomain}>\nDate: {date}\n"
            "From: {fromname} <{from}>\nTo: {toname} <{to}>\nSubject: ");
    fill(m, subject);
    fill(m, "\nUser-Agent: Mozilla Thunderbird 102.6.0\nMIME-Version: 1.0\n");
}

static const char plain[] =
    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n";

static void
newsletter(gen_message *m)
{
    char bounces[240];
    fill_field(m, bounces, sizeof bounces,
               "bounce+{#12}.{%6}-{tolocal}={todomain}@news.{mtadomain}");
    put_trace(m, bounces);
    put_signature(m, m->mtadomain);
    fill(m, "Message-ID: <{#24}@news.{mtadomain}>\nDate: {date}\n"
            "From: \"Garden and House\" <newsletter@news.{mtadomain}>\nTo: <{to}>\n");
    put_subject(m, "", m->osubject);
    fill(m, "List-Unsubscribe: <https://news.{mtadomain}/u/{#16}>,\n"
            " <mailto:unsubscribe+{#12}@news.{mtadomain}>\nPrecedence: bulk\n"
            "Feedback-ID: {%6}:news:{mtadomain}\nMIME-Version: 1.0\n"
            "Content-Type: multipart/alternative; boundary=\"{b2}\"\n\n--{b2}\n");
    put_content(m, "text/plain");
    text_char(m->out, '\n');
    pool_take(m->out, &m->r, POOL_TEXT, m->lang, m->form, 2000);
    fill(m, "\n--{b2}\n");
    put_content(m, "text/html");
    text_char(m->out, '\n');
    pool_take(m->out, &m->r, POOL_HTML, m->lang, m->form,
              rng_lognormal(&m->r, 12000, 80, 3000, 50000));
    fill(m, "\n--{b2}--\n");
}

static void
asks_about_bounce(gen_message *m)
{
    author_head(m, rng_percent(&m->r, 50) ? "Re: Undelivered Mail Returned to Sender?"
                                          : "why do my mails to {faildomain} come back?");
    fill(m, plain);
    fill(m, "Hello {toname},\n\nmy mails to {fail} have been coming back since Monday. "
            "Do you "
            "know what this means?\n\n"
            "> This is the mail system at host {mta}.\n>\n"
            "> I'm sorry to have to inform you that your message could not\n"
            "> be delivered to one or more recipients. It's attached below.\n>\n"
            "> <{fail}>: host {remote}[{remoteip}] said:\n>     {reply}\n"
            ">     (in reply to RCPT TO command)\n\n"
            "The address is right, I have just spoken to them on the phone.\n\n"
            "Regards,\n{fromname}\n");
    pool_take(m->out, &m->r, POOL_TEXT, LANG_EN, 0, 800);
}

static void
forwards_bounce(gen_message *m)
{
    author_head(m, "Fwd: Undelivered Mail Returned to Sender");
    fill(m, plain);
    fill(m,
         "Hi, can you please ask them for the new address? See below.\n\n{fromname}\n\n\n"
         "-------- Forwarded Message --------\n"
         "Subject: Undelivered Mail Returned to Sender\nDate: {odate}\n"
         "From: Mail Delivery System <MAILER-DAEMON@{mta}>\nTo: {from}\n\n\n"
         "This is the mail system at host {mta}.\n\n"
         "I'm sorry to have to inform you that your message could not\n"
         "be delivered to one or more recipients. It's attached below.\n\n"
         "<{fail}>: host {remote}[{remoteip}] said: {reply}\n");
}

static void
attaches_bounce(gen_message *m)
{
    author_head(m, "the returned mail that I told you about");
    fill(m, "Content-Type: multipart/mixed; boundary=\"{b3}\"\n\n"
            "This is a multi-part message in MIME format.\n--{b3}\n");
    fill(m, plain);
    fill(m, "Attached is what came back. The second one is the same.\n\n{fromname}\n"
            "\n--{b3}\nContent-Type: message/rfc822; name=\"Undelivered Mail.eml\"\n"
            "Content-Disposition: attachment; filename=\"Undelivered Mail.eml\"\n\n");
    m->returned_bytes = 600;
    text inner = {0};
    text *const out = m->out;
    gen_message copy = *m;
    copy.out = &inner;
    put_postfix(&copy);
    text_add(out, inner.ptr, inner.len);
    text_free(&inner);
    m->r = copy.r;
    fill(m, "\n--{b3}--\n");
}

static void
patch(gen_message *m)
{
    author_head(m, "[PATCH v2] smtpd: say which table the user was not found in");
    fill(m, plain);
    fill(m,
         "Here it is again, as an mbox this time.\n\n"
         "From {#40} Mon Sep 17 00:00:00 2001\n"
         "From: {fromname} <{from}>\nDate: {odate}\n"
         "Subject: [PATCH v2] smtpd: say which table the user was not found in\n\n"
         "The answer 550 5.1.1 alone does not help people who run two tables.\n\n"
         "Signed-off-by: {fromname} <{from}>\n---\n src/smtpd/smtpd_check.c | 6 +++---\n"
         " 1 file changed, 3 insertions(+), 3 deletions(-)\n\n"
         "diff --git a/src/smtpd/smtpd_check.c b/src/smtpd/smtpd_check.c\n"
         "index {#8}..{#8} 100644\n--- a/src/smtpd/smtpd_check.c\n"
         "+++ b/src/smtpd/smtpd_check.c\n@@ -{%3},7 +{%3},7 @@ check_recipient(\n"
         "     if (!found)\n"
         "-        return reply(state, \"550 5.1.1 <%s>: Recipient address rejected: "
         "User unknown\", rcpt);\n"
         "+        return reply(state, \"550 5.1.1 <%s>: Recipient address rejected: "
         "User unknown in %s\", rcpt, table);\n"
         "     return OK;\n--\n2.39.2\n\n"
         "From what I have seen this is safe for the delivery-status code too.\n"
         ">From the list's archive: the first version broke \"Undelivered Mail Returned "
         "to Sender\".\n");
}

static void
ticket(gen_message *m)
{
    char subject[120];
    put_trace(m, "helpdesk@tickets.example.com");
    fill_field(m, subject, sizeof subject, "[Ticket #{%6}] Mail to {faildomain} fails");
    fill(m, "Message-ID: <rt-5.0.3-{%5}-{epoch}-{%3}@tickets.example.com>\nDate: {date}\n"
            "From: Helpdesk <helpdesk@tickets.example.com>\nTo: {to}\nSubject: ");
    text_str(m->out, subject);
    fill(m, "\nPrecedence: bulk\nX-RT-Loop-Prevention: tickets.example.com\n"
            "X-RT-Ticket: tickets #{%6}\nAuto-Submitted: auto-generated\nMIME-Version: "
            "1.0\n");
    fill(m, plain);
    fill(m, "{fromname} has added a comment to a ticket that you watch:\n\n"
            "  The customer says that mail to {fail} is refused with\n"
            "  \"{reply}\". The log of {mta} shows the same.\n\n"
            "Status: open\nOwner: {toname}\nQueue: mail\n"
            "https://tickets.example.com/Ticket/Display.html?id={%6}\n");
}

static void
log_report(gen_message *m)
{
    put_trace(m, m->from);
    fill(m,
         "Message-ID: <{%14}.{@11}@{mta}>\nDate: {date}\nFrom: root@{mta} (Cron Daemon)\n"
         "To: {to}\nSubject: Logwatch for {mta} (Linux)\nAuto-Submitted: auto-generated\n"
         "Precedence: bulk\nMIME-Version: 1.0\n"
         "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n"
         " ################### Logwatch 7.5.6 (10/15/21) ####################\n"
         " --------------------- Postfix Begin ------------------------\n\n"
         "     {%3}   Bounced messages\n     {%2}   Deferred messages\n"
         "     {%3}   550 5.1.1 User unknown\n\n");
    for (int i = 0; i < 12; i++)
        fill(m, "        1   postfix/smtp[{%5}]: {@11}: to=<{fail}>, relay={remote}"
                "[{remoteip}]:25, dsn={status}, status=bounced (host {remote} said: "
                "{reply})\n");
    fill(m, "\n ---------------------- Postfix End -------------------------\n");
}

static void
parcel(gen_message *m)
{
    static const char *const subjects[] = {
        "Delivery failed: we missed you today", "Delivery status of your order",
        "Your parcel could not be delivered", "Notice: delivery delayed until tomorrow"};
    put_trace(m, "bounces-{%4}@parcels.example.org");
    put_signature(m, "parcels.example.org");
    fill(m, "Message-ID: <{#24}@parcels.example.org>\nDate: {date}\n"
            "From: Parcel Service <no-reply@parcels.example.org>\nTo: {toname} <{to}>\n"
            "Subject: ");
    text_str(m->out, subjects[rng_below(&m->r, 4)]);
    fill(m, "\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n");
    fill(m, plain);
    fill(m, "Dear {toname},\n\nwe tried to deliver your parcel {%12}, but nobody was at "
            "home.\n"
            "A second delivery attempt follows tomorrow between 10 and 14 h. The parcel "
            "will\n"
            "be returned to its sender after seven days.\n\n"
            "https://parcels.example.org/track/{%12}\n\nYour parcel service\n");
}

static void
account_mail(gen_message *m)
{
    put_trace(m, ""); /* services that want no answers send so, too */
    fill(m, "Message-ID: <{#24}@accounts.{mtadomain}>\nDate: {date}\n"
            "From: Accounts <no-reply@accounts.{mtadomain}>\nTo: {to}\n"
            "Subject: Your new password\nMIME-Version: 1.0\n");
    fill(m, plain);
    fill(m,
         "Hello {tolocal},\n\nsomebody, hopefully you, has asked for a new password for "
         "your account.\nTo set it, open this page within the next hour:\n\n"
         "https://accounts.{mtadomain}/reset/{#32}\n\n"
         "If it was not you, nothing needs to be done.\n");
}

static void
explains_bounces(gen_message *m)
{
    author_head(m, "notes for the mail course, part 3: reading bounces");
    fill(m, plain);
    fill(m,
         "Hello all,\n\nas promised the words that different systems use:\n\n"
         "  - qmail begins with \"Hi. This is the qmail-send program at\"\n"
         "  - Gmail used to say \"Delivery to the following recipient failed "
         "permanently\"\n"
         "  - Exim: \"A message that you sent could not be delivered to one or more of "
         "its recipients\"\n"
         "  - Sendmail has \"----- The following addresses had permanent fatal errors "
         "-----\"\n"
         "  - Exchange: \"Delivery has failed to these recipients or groups\"\n\n"
         "From now on we look at the status codes: 5.1.1 is an unknown user, 4.x.x comes "
         "again.\n\n{fromname}\n\n");
    pool_take(m->out, &m->r, POOL_TEXT, LANG_EN, 0, 3000);
}

void
put_lookalike(gen_message *m)
{
    static const struct {
        const char *name;
        uint32_t weight;
        void (*put)(gen_message *m);
    } kinds[] = {
        {"newsletter", 40, newsletter},
        {"asks", 8, asks_about_bounce},
        {"forwards", 5, forwards_bounce},
        {"attaches", 4, attaches_bounce},
        {"patch", 8, patch},
        {"ticket", 12, ticket},
        {"logwatch", 6, log_report},
        {"parcel", 10, parcel},
        {"account", 10, account_mail},
        {"explains", 4, explains_bounces},
    };
    uint32_t weight[sizeof kinds / sizeof kinds[0]];
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        weight[i] = kinds[i].weight;
    const size_t pick = rng_weighted(&m->r, weight, sizeof kinds / sizeof kinds[0]);
    m->dialect = kinds[pick].name;
    kinds[pick].put(m);
}
