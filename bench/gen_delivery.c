/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gen_delivery.c - which header fields does a real delivery leave?
 *
 * A site writes them in the manner of its mail system, the same for all its mail.
 * The topmost Received always carries the arrival time.
 */
#include "gen_message.h"

#include <string.h>

static void
return_path(gen_message *m, const char *word, const char *envelope)
{
    if (envelope == NULL)
        return;
    text_str(m->out, word);
    text_str(m->out, ": <");
    text_str(m->out, envelope);
    text_str(m->out, ">\n");
}

static void
postfix_site(gen_message *m, const char *envelope)
{
    return_path(m, "Return-Path", envelope);
    if (rng_percent(&m->r, 35))
        fill(m, "X-Original-To: {to}\n");
    fill(m, "Delivered-To: {to}\n");
    if (rng_percent(&m->r, 25)) { /* through a content filter on the same host */
        fill(m, "Received: from localhost (localhost [127.0.0.1])\n"
                "\tby {mx} (Postfix) with ESMTP id {@11}\n"
                "\tfor <{to}>; {rdate}\n"
                "X-Virus-Scanned: amavisd-new at {todomain}\n"
                "Received: from {mx} ([127.0.0.1])\n"
                "\tby localhost ({mx} [127.0.0.1]) (amavisd-new, port 10024)\n"
                "\twith ESMTP id {$12} for <{to}>;\n\t{rdate}\n");
    }
    if (rng_percent(&m->r, 50))
        fill(m, "Received: from {mta} ({mta} [{mtaip}])\n"
                "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
                "\t(No client certificate requested)\n"
                "\tby {mx} (Postfix) with ESMTPS id {@11}\n"
                "\tfor <{to}>; {rdate}\n");
    else
        fill(m, "Received: from {mta} ({mta} [{mtaip}])\n"
                "\tby {mx} (Postfix) with ESMTP id {@11}\n"
                "\tfor <{to}>; {rdate}\n");
}

static void
exim_site(gen_message *m, const char *envelope)
{
    return_path(m, "Return-path", envelope);
    fill(m, "Envelope-to: {to}\nDelivery-date: {rdate}\n"
            "Received: from {mta} ([{mtaip}])\n"
            "\tby {mx} with esmtps (TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_"
            "GCM:256)\n\t(Exim 4.94.2)\n\t(envelope-from <");
    text_str(m->out, envelope != NULL ? envelope : "");
    fill(m, ">)\n\tid 1{$5}-00{$4}-{$2}\n\tfor {to};\n\t{rdate}\n");
}

/* "13 May 2008 07:31:02 -0000" */
static void
qmail_date(gen_message *m, int64_t at)
{
    text day = {0};
    text_date(&day, at, 0);
    text_add(m->out, day.ptr + 5, day.len - 10);
    text_str(m->out, "-0000");
    text_free(&day);
}

static void
qmail_site(gen_message *m, const char *envelope)
{
    return_path(m, "Return-Path", envelope);
    fill(m, "Delivered-To: {to}\nReceived: (qmail {%5} invoked by uid 89); ");
    qmail_date(m, m->arrived);
    fill(m, "\nReceived: from unknown (HELO {mta}) ({mtaip})\n  by {mx} with SMTP; ");
    qmail_date(m, m->arrived);
    text_char(m->out, '\n');
}

static void
sendmail_site(gen_message *m, const char *envelope)
{
    return_path(m, "Return-Path",
                envelope != NULL && *envelope == '\0' ? "MAILER-DAEMON" : envelope);
    fill(m, "Received: from {mta} ({mta} [{mtaip}])\n"
            "\tby {mx} (8.15.2/8.15.2) with ESMTP id x{@7}{%6}\n"
            "\tfor <{to}>; {rdate}\n");
}

static void
inner_hops(gen_message *m)
{
    const uint32_t hops = 1 + rng_below(&m->r, 3);
    for (uint32_t i = 0; i < hops; i++)
        switch (m->cloud ? 3 : rng_below(&m->r, 4)) {
        case 0:
            fill(m, "Received: from gw{%2}.{mtadomain} (gw{%2}.{mtadomain} "
                    "[10.1{%1}.0.1{%2}])\n"
                    "\tby {mta} (Postfix) with ESMTP id {@11};\n\t{date}\n");
            break;
        case 1:
            fill(m, "Received: from [10.0.1{%1}.1{%2}] (helo=client{%2}.{mtadomain})\n"
                    "\tby {mta} with esmtpa (Exim 4.96)\n"
                    "\tid 1{$5}-00{$4}-{$2}; {date}\n");
            break;
        case 2:
            fill(m, "Received: from EX{%2}.{mtadomain} (10.1.1{%1}.1{%2}) by EX{%2}."
                    "{mtadomain}\n (10.1.1{%1}.1{%2}) with Microsoft SMTP Server "
                    "(version=TLS1_2,\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id "
                    "15.1.2507.{%2}; {date}\n");
            break;
        default:
            fill(m, "Received: by {mta} with SMTP id {&12}.{%2}.{epoch}{%3};\n"
                    "        {date}\n");
            break;
        }
}

void
put_trace(gen_message *m, const char *envelope)
{
    uint32_t h = 0;
    for (const char *p = m->todomain; *p != '\0'; p++)
        h = h * 31 + (unsigned char)*p;
    switch (h / 3 % 10) {
    case 0:
    case 1:
        exim_site(m, envelope);
        break;
    case 2:
        qmail_site(m, envelope);
        break;
    case 3:
        sendmail_site(m, envelope);
        break;
    default:
        postfix_site(m, envelope);
        break;
    }
    const char *const known =
        envelope != NULL && *envelope != '\0' ? envelope : "MAILER-DAEMON";
    const size_t n =
        strlen(known) < sizeof m->envelope ? strlen(known) : sizeof m->envelope - 1;
    memmove(m->envelope, known, n);
    m->envelope[n] = '\0';
    inner_hops(m);
}

void
put_signature(gen_message *m, const char *signer)
{
    if (rng_percent(&m->r, 40)) {
        fill(m, "Authentication-Results: {mx};\n\tdkim=pass (2048-bit key; secure) "
                "header.d=");
        text_str(m->out, signer);
        fill(m, " header.i=@");
        text_str(m->out, signer);
        fill(m, " header.b={$8};\n\tspf=pass smtp.helo={mta}\n");
    }
    fill(m, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=");
    text_str(m->out, signer);
    fill(m,
         ";\n\ts=s{%4}; t={epoch}; h=from:to:subject:date:message-id:mime-version:\n"
         "\t content-type:content-transfer-encoding:in-reply-to:references;\n"
         "\tbh={$43}=;\n\tb={$64}\n\t {$64}\n\t {$64}\n\t {$64}\n\t {$64}\n\t {$22}==\n");
}
