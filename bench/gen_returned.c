/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gen_returned.c - what does the message look like that comes back?
 *
 * In a storm it is spam under the recipient's address; else a mail of his own.
 * It is 7-bit or 8-bit text that can stand in a message/rfc822 part or below a
 * plain-text divider as it is.
 */
#include "gen_message.h"

void
put_returned_header(gen_message *m)
{
    fill(m, "Return-Path: <{to}>\n");
    if (m->in_storm)
        fill(m, "Received: from {&9} (unknown [203.0.113.1{%2}])\n"
                "\tby {mta} (Postfix) with SMTP id {oqid}\n"
                "\tfor <{fail}>; {odate}\n");
    else
        fill(m,
             "Received: from {mx} ({mx} [{mxip}])\n"
             "\tby {mta} with ESMTPS id {oqid}\n"
             "\tfor <{fail}>; {odate}\n"
             "Received: from [192.168.1.1{%2}] (client{%2}.{todomain} [10.0.0.1{%2}])\n"
             "\tby {mx} (Postfix) with ESMTPSA id {@10};\n\t{odate}\n");
    if (!m->in_storm && rng_percent(&m->r, 50))
        fill(m, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d={todomain};\n"
                "\ts=mail; t={epoch}; bh={$43}=;\n\th=From:To:Subject:Date;\n"
                "\tb={$64}\n\t {$64}\n\t {$40}==\n");
    fill(m, "Message-ID: <{omid}>\nDate: {odate}\n");
    fill(m, m->in_storm ? "From: \"{failname}\" <{to}>\n" : "From: {toname} <{to}>\n");
    fill(m, "To: <{fail}>\n");
    put_subject(m, "", m->osubject);
    if (m->in_storm)
        fill(m, "X-Priority: 3\nX-Mailer: Microsoft Outlook Express 6.00.2900.3138\n");
    fill(m, "MIME-Version: 1.0\n");
    put_content(m, "text/plain");
}

void
put_returned(gen_message *m)
{
    put_returned_header(m);
    text_char(m->out, '\n');
    pool_take(m->out, &m->r, m->in_storm ? POOL_SPAM : POOL_TEXT, m->lang, m->form,
              m->returned_bytes);
}
