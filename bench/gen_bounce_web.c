/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_bounce_web.c - what do Gmail and Yahoo write back? */
#include "gen_message.h"

/* Gmail's title and sentence in the reader's language. */
static const char *const gmail_words[LANG_COUNT][3] = {
    [LANG_EN] =
        {"Address not found",
         "Your message wasn't delivered to {fail} because the address couldn't be "
         "found, or is unable to receive mail.",
         "The response from the remote server was:"},
    [LANG_DE] =
        {"Adresse nicht gefunden",
         "Ihre Nachricht wurde nicht an {fail} zugestellt, weil die Adresse nicht "
         "gefunden wurde oder keine E-Mails empfangen kann.",
         "Antwort des Remoteservers:"},
    [LANG_FR] =
        {"Adresse introuvable",
         "Votre message n'est pas parvenu à {fail}, car l'adresse est introuvable "
         "ou ne peut pas recevoir de messages.",
         "Réponse du serveur distant :"},
    [LANG_ES] = {"No se ha encontrado la dirección",
                 "No se ha entregado tu mensaje a {fail} porque no se ha encontrado la "
                 "dirección o esta no puede recibir correo.",
                 "La respuesta del servidor remoto fue:"},
    [LANG_JA] = {"アドレス不明",
                 "アドレスが見つからないか、メールを受信できないため、{fail} "
                 "にメールを配信できませんでした。",
                 "リモート サーバーからの応答:"},
    [LANG_RU] =
        {"Адрес не найден",
         "Ваше сообщение не доставлено по адресу {fail}, так как он не найден или "
         "не может принимать почту.",
         "Ответ удаленного сервера:"},
};

static void
gmail_head(gen_message *m, const char *subject)
{
    m->cloud = true;
    FILL_FIELD(m, mta, "mail-yw1-f{%3}.google.com");
    begin_bounce(m);
    put_signature(m, "googlemail.com");
    FILL_FIELD(m, b1, "000000000000{#12}");
    FILL_FIELD(m, b2, "000000000000{#12}");
    FILL_FIELD(m, b3, "000000000000{#12}");
    fill(m,
         "X-Google-DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\n"
         "        d=1e100.net; s=20210112;\n        bh={$43}=;\n        b={$64}\n"
         "         {$64}\n         {$40}==\nX-Gm-Message-State: {$80}\n"
         "X-Google-Smtp-Source: {$80}\nX-Received: by 2002:a05:6902:{#3}:: with SMTP id "
         "{&12}mr{%7}ybu.{%2}.{epoch}{%3};\n        {date}\n"
         "Content-Type: multipart/report; boundary=\"{b1}\"; "
         "report-type=delivery-status\n"
         "To: {to}\nReceived: by 2002:a05:6902:{#3}:: with SMTP id {&12}mr{%7}ybu.{%2};"
         "\n        {date}\n"
         "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\n"
         "X-Failed-Recipients: {fail}\nAuto-Submitted: auto-replied\nSubject: ");
    text_str(m->out, subject);
    fill(m, "\nReferences: <{omid}>\nIn-Reply-To: <{omid}>\n"
            "Message-ID: <{#8}.{#8}.{#5}.{#4}.GMR@mx.google.com>\nDate: {date}\n\n"
            "--{b1}\nContent-Type: multipart/related; boundary=\"{b2}\"\n\n"
            "--{b2}\nContent-Type: multipart/alternative; boundary=\"{b3}\"\n\n"
            "--{b3}\nContent-Type: text/plain; charset=\"UTF-8\"\n"
            "Content-Transfer-Encoding: quoted-printable\n\n");
    m->fail_count = 1;
}

static void
gmail_html(gen_message *m, const char *title, const char *sentence)
{
    text t = {0};
    fill(m, "\n--{b3}\nContent-Type: text/html; charset=\"UTF-8\"\n"
            "Content-Transfer-Encoding: quoted-printable\n\n");
    text_str(&t,
             "\n<html>\n<head>\n<style>\n* {{\nfont-family:Roboto, \"Helvetica Neue\", "
             "Helvetica, Arial, sans-serif;\n}\n</style>\n</head>\n<body>\n"
             "<table cellpadding=\"0\" cellspacing=\"0\" class=\"email-wrapper\" "
             "style=\"padding-top:32px;background-color:#ffffff;\"><tbody>\n"
             "<tr><td><h2 style=\"font-size:20px;color:#212121;margin:0\">\n");
    text_str(&t, title);
    text_str(&t, "\n</h2></td></tr>\n<tr><td style=\"color:#757575;font-size:16px\">\n");
    text_str(&t, sentence);
    text_str(&t, "\n</td></tr>\n</tbody></table>\n</body>\n</html>\n");
    text_char(&t, '\0');
    fill_coded(m, CS_UTF8, 'q', t.ptr);
    text_free(&t);
    fill(m, "\n--{b3}--\n--{b2}\nContent-Type: image/png; name=\"icon.png\"\n"
            "Content-Disposition: attachment; filename=\"icon.png\"\n"
            "Content-Transfer-Encoding: base64\nContent-ID: <icon.png>\n\n");
    pool_attachment(m->out, &m->r, "png", 1000);
    fill(m, "\n--{b2}--\n");
}

static void
gmail_status(gen_message *m, const char *each)
{
    put_status(m,
               "\n--{b1}\nContent-Type: message/delivery-status\n\n"
               "Reporting-MTA: dns; googlemail.com\nReceived-From-MTA: dns; {to}\n"
               "Arrival-Date: {odate}\nX-Original-Message-ID: <{omid}>\n",
               each);
    fill(m, "\n--{b1}\nContent-Type: message/rfc822\n\n");
    put_returned(m);
    fill(m, "\n--{b1}--\n");
}

void
put_gmail(gen_message *m)
{
    const char *const *w = gmail_words[m->lang];
    gmail_head(m, "Delivery Status Notification (Failure)");
    text t = {0};
    text_str(&t, "\n** ");
    text_str(&t, w[0]);
    text_str(&t, " **\n\n");
    text_str(&t, w[1]);
    text_str(&t, "\n\nLearn more here: https://support.google.com/mail/answer/6596\n\n");
    text_str(&t, w[2]);
    text_str(&t, "\n\n{reply}\n");
    text_char(&t, '\0');
    fill_coded(m, CS_UTF8, 'q', t.ptr);
    text_free(&t);
    gmail_html(m, w[0], w[1]);
    gmail_status(m,
                 "\nFinal-Recipient: rfc822; {fail}\nAction: failed\nStatus: {status}\n"
                 "Remote-MTA: dns; {remote}. ({remoteip}, the server for the domain "
                 "{faildomain}.)\nDiagnostic-Code: smtp; {reply}\n"
                 "Last-Attempt-Date: {date}\n");
}

void
put_gmail_delayed(gen_message *m)
{
    gmail_head(m, "Delivery Status Notification (Delay)");
    fill_coded(
        m, CS_UTF8, 'q',
        "\n** Delivery incomplete **\n\n"
        "There was a temporary problem delivering your message to {fail}. Gmail will "
        "retry for 46 more hours. You'll be notified if the delivery fails "
        "permanently.\n\nThe response was:\n\n{reply}\n");
    gmail_html(m, "Delivery incomplete",
               "There was a temporary problem delivering your message to <b>{fail}</b>.");
    gmail_status(m,
                 "\nFinal-Recipient: rfc822; {fail}\nAction: delayed\nStatus: {status}\n"
                 "Remote-MTA: dns; {remote}. ({remoteip}, the server for the domain "
                 "{faildomain}.)\nDiagnostic-Code: smtp; {reply}\n"
                 "Last-Attempt-Date: {date}\nWill-Retry-Until: {retry5}\n");
}

void
put_gmail_text(gen_message *m)
{
    m->cloud = true;
    FILL_FIELD(m, mta, "mail-yw0-f{%3}.google.com");
    begin_bounce(m);
    m->fail_count = 1;
    fill(m,
         "MIME-Version: 1.0\nReceived: by 10.1{%1}.1{%2}.2{%1} with SMTP id {&12};\n"
         "        {date}\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\n"
         "To: {to}\nX-Failed-Recipients: {fail}\n"
         "Subject: Delivery Status Notification (Failure)\n"
         "Message-ID: <{#32}@google.com>\nDate: {date}\n"
         "Content-Type: text/plain; charset=UTF-8\n"
         "Content-Transfer-Encoding: quoted-printable\n\n");
    fill_coded(
        m, CS_UTF8, 'q',
        "Delivery to the following recipient failed permanently:\n\n     {fail}\n\n"
        "Technical details of permanent failure: \n"
        "Google tried to deliver your message, but it was rejected by the server for "
        "the recipient domain {faildomain} by {remote}. [{remoteip}].\n\n"
        "The error that the other server returned was:\n{reply}\n\n\n"
        "----- Original message -----\n\n");
    text returned = {0};
    text *const out = m->out;
    m->out = &returned;
    put_returned(m);
    m->out = out;
    text_qp(out, returned.ptr, returned.len);
    text_free(&returned);
}

void
put_yahoo(gen_message *m)
{
    m->cloud = true;
    FILL_FIELD(m, mta, "sonic3{%2}-{%2}.consmr.mail.ne1.yahoo.com");
    begin_bounce(m);
    put_signature(m, "yahoo.com");
    fill(m, "Received: from sonic.gate.mail.ne1.yahoo.com by {mta} with HTTP; {udate}\n"
            "Date: {udate}\nFrom: MAILER-DAEMON@yahoo.com\nTo: {to}\n"
            "Message-ID: <{%9}.{%6}.{epoch}{%3}@{mta}>\nSubject: Failure Notice\n"
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
            "Content-Transfer-Encoding: 8bit\n\n");
    fill(m, m->fail_count > 1
                ? "Sorry, we were unable to deliver your message to the following "
                  "addresses.\n\n"
                : "Sorry, we were unable to deliver your message to the following "
                  "address.\n\n");
    fill_each(m, "<{fail}>:\n{code}: {status} {said}\n\n");
    fill(m, "--- Below this line is a copy of the message.\n\n");
    put_returned(m);
}
