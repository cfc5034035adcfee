/* SPDX-License-Identifier: BSD-3-Clause */
/* suspect.c - see suspect.h. */
#include "suspect.h"

#include "codes.h"
#include "delivery_report.h"
#include "mail/header.h"

#include <string.h>

enum {
    TEXT_BYTES = 16 << 10, /* what a bounce says of codes, it says early */
    BESIDE_BYTES = 200,    /* from a reply to the address it is about */
};

unsigned
ndr_sign_of_target(const char *target)
{
    if (strcmp(target, "return-path") == 0)
        return NDR_SIGN_SENDER;
    if (strcmp(target, "subject") == 0)
        return NDR_SIGN_SUBJECT;
    if (strcmp(target, "from") == 0)
        return NDR_SIGN_DAEMON;
    if (strcmp(target, "content-type") == 0)
        return NDR_SIGN_REPORT;
    return NDR_SIGN_FIELD;
}

/* `word` is lower case and begins with a letter: few places are worth a comparison. */
static bool
holds(ndr_slice text, const char *word)
{
    const ndr_slice w = ndr_slice_of(word);
    for (size_t i = 0; i + w.len <= text.len; i++)
        if ((text.ptr[i] | 0x20) == w.ptr[0] &&
            ndr_slice_equal_nocase((ndr_slice){text.ptr + i, w.len}, w))
            return true;
    return false;
}

unsigned
ndr_sign_of_from(ndr_slice from)
{
    static const char *const names[] = {
        "mailer-daemon", "mailerdaemon",  "mailer_daemon",      "postmaster",
        "maildelivery",  "mail delivery", "delivery subsystem", "mdaemon",
        "mail-daemon",   "mail system",   "mailsystem"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (holds(from, names[i]))
            return NDR_SIGN_DAEMON;
    return ndr_slice_equal(from, NDR_SLICE("<>")) ? NDR_SIGN_DAEMON : 0;
}

unsigned
ndr_sign_of_part(ndr_slice type)
{
    return ndr_slice_equal(type, NDR_SLICE("multipart/report")) || ndr_report_type(type)
               ? NDR_SIGN_REPORT
               : 0;
}

unsigned
ndr_sign_of_text(ndr_slice text)
{
    if (text.len > TEXT_BYTES)
        text.len = TEXT_BYTES;
    while (text.len > 0) {
        const unsigned char *lf = memchr(text.ptr, '\n', text.len);
        const ndr_slice line = {text.ptr,
                                lf == NULL ? text.len : (size_t)(lf - text.ptr)};
        ndr_codes c;
        if (ndr_codes_find(line, &c)) {
            if (c.status.len > 0 && c.marked)
                return NDR_SIGN_CODE;
            const size_t from = c.at > BESIDE_BYTES ? c.at - BESIDE_BYTES : 0;
            const size_t left = line.len - from;
            if (c.reply.len > 0 &&
                memchr(line.ptr + from, '@',
                       left < 2 * BESIDE_BYTES ? left : 2 * BESIDE_BYTES) != NULL)
                return NDR_SIGN_CODE;
        }
        const size_t used = line.len + (lf != NULL);
        text = (ndr_slice){text.ptr + used, text.len - used};
    }
    return 0;
}

bool
ndr_is_mail(ndr_slice head)
{
    static const char *const names[] = {
        "from",        "to",           "cc",          "bcc",         "subject",
        "date",        "message-id",   "received",    "return-path", "sender",
        "reply-to",    "in-reply-to",  "references",  "resent-from", "resent-to",
        "resent-date", "mime-version", "delivered-to"};
    ndr_field f;
    size_t at = ndr_header_begin(head);
    while (ndr_header_next(head, &at, &f) > 0)
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (ndr_field_is(&f, ndr_slice_of(names[i])))
                return true;
    return false;
}

bool
ndr_is_suspect(unsigned signs)
{
    const unsigned telling = NDR_SIGN_DAEMON | NDR_SIGN_REPORT | NDR_SIGN_CODE;
    return (signs & telling) != 0 && (signs & (signs - 1)) != 0;
}
