/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_bounce_microsoft.c - what do Exchange, IIS and Microsoft 365 write back? */
#include "gen_message.h"

/* How Exchange says it in the reader's language. Source: none but its own reports. */
static const struct {
    const char *subject, *language, *failed, *advice, *diagnostic, *server, *headers;
} exchange_words[LANG_COUNT] = {
    [LANG_EN] =
        {"Undeliverable: ", "en-US", "Delivery has failed to these recipients or groups:",
         "The email address you entered couldn't be found. Please check the "
         "recipient's email address and try to resend the message. If the problem "
         "continues, please contact your helpdesk.",
         "Diagnostic information for administrators:", "Generating server:",
         "Original message headers:"},
    [LANG_DE] =
        {"Unzustellbar: ", "de-DE",
         "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:",
         "Die von Ihnen eingegebene E-Mail-Adresse konnte nicht gefunden werden. "
         "Überprüfen Sie die E-Mail-Adresse des Empfängers, und versuchen Sie, die "
         "Nachricht erneut zu senden.",
         "Diagnoseinformationen für Administratoren:", "Generierender Server:",
         "Ursprüngliche Nachrichtenkopfzeilen:"},
    [LANG_FR] = {"Non remis : ", "fr-FR",
                 "Échec de la remise pour ces destinataires ou groupes :",
                 "L'adresse de messagerie que vous avez entrée est introuvable. Vérifiez "
                 "l'adresse de messagerie du destinataire et essayez de renvoyer le "
                 "message.",
                 "Informations de diagnostic pour les administrateurs :",
                 "Serveur de génération :", "En-têtes de message d'origine :"},
    [LANG_ES] =
        {"No se puede entregar: ", "es-ES",
         "Error de entrega a estos destinatarios o grupos:",
         "No se encontró la dirección de correo electrónico que escribió. Compruebe "
         "la dirección de correo electrónico del destinatario e intente enviar de "
         "nuevo el mensaje.",
         "Información de diagnóstico para los administradores:",
         "Servidor de generación:", "Encabezados de mensajes originales:"},
    [LANG_JA] =
        {"配信不能: ", "ja-JP", "次の受信者またはグループへの配信に失敗しました:",
         "入力された電子メール アドレスは見つかりませんでした。受信者の電子メール "
         "アドレスを確認し、メッセージを再送信してください。",
         "管理者向けの診断情報:", "生成元サーバー:", "元のメッセージ ヘッダー:"},
    [LANG_RU] = {"Не удается доставить: ", "ru-RU",
                 "Сбой доставки следующим получателям или группам:",
                 "Не удалось найти указанный адрес электронной почты. Проверьте адрес "
                 "получателя и попробуйте отправить сообщение еще раз.",
                 "Диагностические сведения для администраторов:", "Создающий сервер:",
                 "Исходные заголовки сообщения:"},
};

/* The charset that Exchange takes for a language. */
static enum charset
exchange_charset(const gen_message *m)
{
    switch (m->lang) {
    case LANG_EN:
        return CS_ASCII;
    case LANG_JA:
        return CS_2022JP;
    case LANG_RU:
        return CS_KOI8R;
    default:
        return CS_LATIN1;
    }
}

static void
part(gen_message *m, const char *type, const char *tpl)
{
    const enum charset cs = exchange_charset(m);
    fill(m, "\n--{b3}\nContent-Type: ");
    text_str(m->out, type);
    text_str(m->out, "; charset=\"");
    text_str(m->out, charset_name(cs));
    text_str(m->out, "\"\nContent-Transfer-Encoding: quoted-printable\n\n");
    fill_coded(m, cs, 'q', tpl);
}

static void
add_template(text *t, const char *a, const char *b)
{
    text_str(t, a);
    text_str(t, b);
}

static const char returned_headers[] =
    "Received: from {mx} ({mxip}) by {mta}\n ({mtaip}) with Microsoft SMTP Server id "
    "14.3.498.0; {odate}\nFrom: {toname} <{to}>\nTo: <{fail}>\nMessage-ID: <{omid}>\n"
    "MIME-Version: 1.0\n";

static void
returned(gen_message *m)
{
    fill(m, "\n--{b2}\nContent-Type: message/rfc822\n\n");
    put_returned(m);
    fill(m, "\n--{b2}--\n");
}

static void
exchange_head(gen_message *m)
{
    fill(m, "From: <postmaster@{mtadomain}>\nTo: <{to}>\nDate: {date}\n"
            "MIME-Version: 1.0\nContent-Type: multipart/report; "
            "report-type=delivery-status;\n\tboundary=\"{b2}\"\n"
            "X-MS-Exchange-Message-Is-Ndr:\nContent-Language: ");
    text_str(m->out, exchange_words[m->lang].language);
    fill(m, "\nMessage-ID: <{#8}-{#4}-{#4}-{#4}-{#12}@{mta}>\nIn-Reply-To: <{omid}>\n"
            "References: <{omid}>\n");
    put_subject(m, exchange_words[m->lang].subject, m->osubject);
    fill(m, "Auto-Submitted: auto-replied\n\n--{b2}\n"
            "Content-Type: multipart/alternative; differences=Content-Type;\n"
            "\tboundary=\"{b3}\"\n");
}

void
put_exchange(gen_message *m)
{
    begin_bounce(m);
    FILL_FIELD(m, b2, "{#8}-{#4}-{#4}-{#4}-{#12}");
    exchange_head(m);
    text t = {0};
    add_template(&t, exchange_words[m->lang].failed, "\n\n");
    for (unsigned i = 0; i < m->fail_count; i++) {
        m->fail_at = i;
        fill_into(m, &t, "{fail}<mailto:{fail}>\n");
        add_template(&t, exchange_words[m->lang].advice, "\n\n");
    }
    add_template(&t, "\n\n", exchange_words[m->lang].diagnostic);
    add_template(&t, "\n\n", exchange_words[m->lang].server);
    fill_into(m, &t, " {mta}\n\n");
    for (m->fail_at = 0; m->fail_at < m->fail_count; m->fail_at++)
        fill_into(m, &t,
                  "{fail}\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\n");
    m->fail_at = 0;
    add_template(&t, exchange_words[m->lang].headers, "\n\n");
    fill_into(m, &t, returned_headers);
    text_char(&t, '\0');
    part(m, "text/plain", t.ptr);
    text_clear(&t);
    text_str(&t,
             "<html>\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html\">"
             "\n</head>\n<body>\n<p><b><font color=\"#000066\" size=\"3\" "
             "face=\"Arial\">");
    add_template(&t, exchange_words[m->lang].failed, "</font></b></p>\n<p><a href=\"");
    fill_into(m, &t, "mailto:{fail}\">{fail}</a><br>\n");
    add_template(&t, exchange_words[m->lang].advice, "</p>\n<p><font color=\"#808080\">");
    add_template(&t, exchange_words[m->lang].diagnostic, "</font></p>\n<p>");
    add_template(&t, exchange_words[m->lang].server, "");
    fill_into(m, &t,
              " {mta}<br>\n{fail}<br>\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not "
              "found ##<br>\n</p>\n</body>\n</html>\n");
    text_char(&t, '\0');
    part(m, "text/html", t.ptr);
    text_free(&t);
    put_status(m,
               "\n--{b3}--\n\n--{b2}\nContent-Type: message/delivery-status\n\n"
               "Reporting-MTA: dns;{mta}\nReceived-From-MTA: dns;{mx}\n"
               "Arrival-Date: {odate}\n",
               "\nFinal-Recipient: rfc822;{fail}\nAction: failed\nStatus: 5.1.1\n"
               "Diagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found\n"
               "X-Display-Name: {failname}\n");
    returned(m);
}

void
put_exchange_2003(gen_message *m)
{
    begin_bounce(m);
    FILL_FIELD(m, b2, "9B095B5ADSN=_01C{@12}{mta}");
    fill(m, "From: postmaster@{mtadomain}\nTo: {to}\nDate: {date}\nMIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=delivery-status;\n"
            "\tboundary=\"{b2}\"\nX-DSNContext: 7ce717b1 - 1196 - 00000002 - 00000000\n"
            "Message-ID: <{$16}@{mta}>\n");
    put_subject(m, "Undeliverable: ", m->osubject);
    fill(m, "\nThis is a MIME-formatted message.\nPortions of this message may be "
            "unreadable without a MIME-capable mail program.\n\n--{b2}\n"
            "Content-Type: text/plain; charset=utf-8\n\n"
            "Your message did not reach some or all of the intended recipients.\n\n"
            "      Subject:\t{osubject}\n      Sent:\t5/{%1}/2008 {%1}:{%2} AM\n\n"
            "The following recipient(s) could not be reached:\n\n");
    fill_each(
        m, "      {fail} on 5/{%1}/2008 {%1}:{%2} AM\n"
           "            The e-mail account does not exist at the organization this "
           "message was sent to.  Check the e-mail address, or contact the recipient "
           "directly to find out the correct address.\n            <{mta} #5.1.1>\n\n");
    put_status(m,
               "\n--{b2}\nContent-Type: message/delivery-status\n\n"
               "Reporting-MTA: dns;{mta}\nReceived-From-MTA: dns;{mx}\n"
               "Arrival-Date: {odate}\n",
               "\nFinal-Recipient: rfc822;{fail}\nAction: failed\nStatus: 5.1.1\n");
    returned(m);
}

void
put_exchange_ims(gen_message *m)
{
    begin_bounce(m);
    FILL_FIELD(m, b2, "----_=_NextPart_000_{@8}.{@8}");
    fill(m, "Received: by {mta} with Internet Mail Service (5.5.2657.72)\n"
            "\tid <{@8}>; {date}\nMessage-ID: <{@32}@{mta}>\n"
            "From: System Administrator <postmaster@{mtadomain}>\nTo: {to}\n");
    put_subject(m, "Undeliverable: ", m->osubject);
    fill(m,
         "Date: {date}\nMIME-Version: 1.0\nX-Mailer: Internet Mail Service "
         "(5.5.2657.72)\nX-MS-Embedded-Report: \nContent-Type: multipart/mixed;\n"
         "\tboundary=\"{b2}\"\n\nThis message is in MIME format. Since your mail reader "
         "does not understand\nthis format, some or all of this message may not be "
         "legible.\n\n--{b2}\nContent-Type: text/plain; charset=\"utf-8\"\n\n"
         "Your message\n\n  To:      {fail}\n  Subject: {osubject}\n"
         "  Sent:    {odate}\n\ndid not reach the following recipient(s):\n\n");
    fill_each(m,
              "{fail} on {date}\n    The recipient name is not recognized\n"
              "\tThe MTS-ID of the original message is: c=us;a= ;p=site;l=EX{%2}{@16}\n"
              "    MSEXCH:IMS:Site:HQ:EX{%2} 0 (000C05A6) Unknown Recipient\n\n");
    returned(m);
}

void
put_iis(gen_message *m)
{
    begin_bounce(m);
    FILL_FIELD(m, b2, "9B095B5ADSN=_01C{@12}{mta}");
    fill(m,
         "From: postmaster@{mtadomain}\nTo: {to}\nDate: {date}\nMIME-Version: 1.0\n"
         "Content-Type: multipart/report; report-type=delivery-status;\n"
         "\tboundary=\"{b2}\"\nX-DSNContext: 335a7efd - 4523 - 00000001 - 80040546\n"
         "Message-ID: <{$16}@{mta}>\nSubject: Delivery Status Notification (Failure)\n\n"
         "This is a MIME-formatted message.  \nPortions of this message may be "
         "unreadable without a MIME-capable mail program.\n\n--{b2}\n"
         "Content-Type: text/plain; charset=unicode-1-1-utf-7\n\n"
         "This is an automatically generated Delivery Status Notification.\n\n"
         "Delivery to the following recipients failed.\n\n");
    fill_each(m, "       {fail}\n");
    put_status(m,
               "\n\n\n\n--{b2}\nContent-Type: message/delivery-status\n\n"
               "Reporting-MTA: dns;{mta}\nReceived-From-MTA: dns;{mx}\n"
               "Arrival-Date: {odate}\n",
               "\nFinal-Recipient: rfc822;{fail}\nAction: failed\nStatus: {status}\n"
               "Diagnostic-Code: smtp;{reply}\n");
    returned(m);
}

void
put_m365(gen_message *m)
{
    m->cloud = true;
    FILL_FIELD(m, mta, "AM{%1}PR0{%1}MB{%4}.eurprd0{%1}.prod.outlook.com");
    begin_bounce(m);
    FILL_FIELD(m, b2, "{#8}-{#4}-{#4}-{#4}-{#12}");
    m->lang = LANG_EN;
    m->form = 1;
    pick_subject(m, m->in_storm);
    fill(m, "From: <postmaster@{mtadomain}>\nTo: <{to}>\nDate: {date}\n"
            "Content-Type: multipart/report; report-type=delivery-status;\n"
            "\tboundary=\"{b2}\"\nX-MS-Exchange-Message-Is-Ndr:\n"
            "Content-Language: en-US\nMessage-ID:\n <{#8}-{#4}-{#4}-{#4}-{#12}@{mta}>\n"
            "In-Reply-To: <{omid}>\nReferences: <{omid}>\n");
    put_subject(m, "Undeliverable: ", m->osubject);
    fill(m, "Auto-Submitted: auto-replied\nX-MS-PublicTrafficType: Email\n"
            "X-MS-TrafficTypeDiagnostic: {mta}:EE_|\nX-OriginatorOrg: {mtadomain}\n"
            "X-MS-Exchange-CrossTenant-OriginalArrivalTime: {date}\nMIME-Version: 1.0\n\n"
            "--{b2}\nContent-Type: multipart/alternative; differences=Content-Type;\n"
            "\tboundary=\"{b3}\"\n");
    part(
        m, "text/plain",
        "[http://products.office.com/en-us/CMSImages/Office365Logo_Orange.png?version="
        "b8d100a9-0a8b-8e6a-88e1-ef488fee0470]\n"
        "Your message to {fail} couldn't be delivered.\n\n"
        "{faillocal} wasn't found at {faildomain}.\n\n"
        "{tolocal}\tOffice 365\t{faillocal}\nAction Required\t\tRecipient\n\n"
        "Unknown To address\n\n\nHow to Fix It\n"
        "The address may be misspelled or may not exist. Try one or more of the "
        "following:\n\n"
        "  *   Send the message again following these steps: In Outlook, open this "
        "non-delivery report (NDR) and choose Send Again from the Report ribbon.\n"
        "  *   Contact the recipient (by phone, for example) to check that the address "
        "exists and is correct.\n\n"
        "Was this helpful? Send feedback to Microsoft.\n"
        "________________________________\n\n"
        "More Info for Email Admins\nStatus code: 550 5.1.10\n\n"
        "This error occurs because the sender sent a message to an email address hosted "
        "by Office 365, but the address is incorrect or doesn't exist at the destination "
        "domain. The error is reported by the recipient domain's email server, but most "
        "often it must be fixed by the person who sent the message.\n\n"
        "Original Message Details\nCreated Date:   {odate}\nSender Address: {to}\n"
        "Recipient Address:      {fail}\nSubject:        {osubject}\n\n"
        "Error Details\nReported error: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; "
        "Recipient {fail} not found by SMTP address lookup\nDSN generated by: {mta}\n");
    part(
        m, "text/html",
        "<html>\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html\">\n"
        "</head>\n<body>\n<table class=\"MsoNormalTable\" border=\"0\" cellspacing=\"0\">"
        "<tr><td>\n<p><b>Your message to {fail} couldn't be delivered.</b></p>\n"
        "<p>{faillocal} wasn't found at {faildomain}.</p>\n"
        "<p>How to Fix It</p>\n<p>The address may be misspelled or may not exist.</p>\n"
        "<p>More Info for Email Admins<br>Status code: 550 5.1.10</p>\n"
        "</td></tr></table>\n</body>\n</html>\n");
    m->fail_count = 1;
    put_status(
        m,
        "\n--{b3}--\n\n--{b2}\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns;{mta}\nReceived-From-MTA: dns;{mx}\n"
        "Arrival-Date: {odate}\n",
        "\nFinal-Recipient: rfc822;{fail}\nAction: failed\nStatus: 5.1.10\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient "
        "{fail} not\n found by SMTP address lookup\n");
    returned(m);
}
