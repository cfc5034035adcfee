/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_fill.c - how does a template become bytes? */
#include "gen_message.h"

#include <stdlib.h>
#include <string.h>

enum where { OF_MESSAGE, OF_FAILED };

static const struct {
    const char *key;
    enum where where;
    size_t offset;
} fields[] = {
    {"to", OF_MESSAGE, offsetof(gen_message, to)},
    {"tolocal", OF_MESSAGE, offsetof(gen_message, tolocal)},
    {"todomain", OF_MESSAGE, offsetof(gen_message, todomain)},
    {"toname", OF_MESSAGE, offsetof(gen_message, toname)},
    {"mx", OF_MESSAGE, offsetof(gen_message, mx)},
    {"mxip", OF_MESSAGE, offsetof(gen_message, mxip)},
    {"mta", OF_MESSAGE, offsetof(gen_message, mta)},
    {"mtadomain", OF_MESSAGE, offsetof(gen_message, mtadomain)},
    {"mtaip", OF_MESSAGE, offsetof(gen_message, mtaip)},
    {"envelope", OF_MESSAGE, offsetof(gen_message, envelope)},
    {"from", OF_MESSAGE, offsetof(gen_message, from)},
    {"fromname", OF_MESSAGE, offsetof(gen_message, fromname)},
    {"osubject", OF_MESSAGE, offsetof(gen_message, osubject)},
    {"omid", OF_MESSAGE, offsetof(gen_message, omid)},
    {"b1", OF_MESSAGE, offsetof(gen_message, b1)},
    {"b2", OF_MESSAGE, offsetof(gen_message, b2)},
    {"b3", OF_MESSAGE, offsetof(gen_message, b3)},
    {"qid", OF_MESSAGE, offsetof(gen_message, qid)},
    {"oqid", OF_MESSAGE, offsetof(gen_message, oqid)},
    {"fail", OF_FAILED, offsetof(failed, addr)},
    {"faillocal", OF_FAILED, offsetof(failed, local)},
    {"faildomain", OF_FAILED, offsetof(failed, domain)},
    {"failname", OF_FAILED, offsetof(failed, name)},
    {"remote", OF_FAILED, offsetof(failed, remote)},
    {"remoteip", OF_FAILED, offsetof(failed, remoteip)},
    {"reply", OF_FAILED, offsetof(failed, reply)},
    {"said", OF_FAILED, offsetof(failed, said)},
    {"code", OF_FAILED, offsetof(failed, code)},
    {"status", OF_FAILED, offsetof(failed, status)},
};

static void
random_run(text *out, rng *r, char class, size_t n)
{
    static const char base64[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char hex[] = "0123456789abcdef";
    static const char upper[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    static const char lower[] = "abcdefghijkmnpqrstuvwxyz23456789";
    char *p = text_reserve(out, n);
    const char *const set = class == '$'   ? base64
                            : class == '@' ? upper
                            : class == '&' ? lower
                                           : hex;
    const unsigned mask = class == '$' ? 63 : class == '#' ? 15 : 31;
    uint64_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % 10 == 0)
            bits = rng_next(r);
        p[i] = class == '%' ? (char)('0' + (bits & 0xFFF) % 10) : set[bits & mask];
        bits >>= 6;
    }
    out->len += n;
}

static bool
put_time(gen_message *m, text *out, const char *key, size_t n)
{
    if (n == 4 && memcmp(key, "date", 4) == 0)
        text_date(out, m->sent, m->mzone);
    else if (n == 5 && memcmp(key, "odate", 5) == 0)
        text_date(out, m->osent, m->mzone);
    else if (n == 5 && memcmp(key, "rdate", 5) == 0)
        text_date(out, m->arrived, m->zone);
    else if (n == 5 && memcmp(key, "udate", 5) == 0)
        text_date(out, m->sent, 0);
    else if (n == 5 && memcmp(key, "epoch", 5) == 0)
        text_number(out, m->sent, 1);
    else if (n == 6 && memcmp(key, "retry5", 6) == 0)
        text_date(out, m->osent + 5 * 86400, m->mzone);
    else
        return false;
    return true;
}

static void
put_field(gen_message *m, text *out, const char *key, size_t n)
{
    if (n > 1 && (key[0] < 'a' || key[0] > 'z')) {
        random_run(out, &m->r, key[0], (size_t)strtoul(key + 1, NULL, 10));
        return;
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strncmp(fields[i].key, key, n) == 0 && fields[i].key[n] == '\0') {
            const char *base = fields[i].where == OF_MESSAGE
                                   ? (const char *)m
                                   : (const char *)&m->fail[m->fail_at];
            text_str(out, base + fields[i].offset);
            return;
        }
    if (!put_time(m, out, key, n))
        die("a template names no field", key);
}

void
fill_into(gen_message *m, text *out, const char *tpl)
{
    for (;;) {
        const char *brace = strchr(tpl, '{');
        if (brace == NULL)
            break;
        text_add(out, tpl, (size_t)(brace - tpl));
        if (brace[1] == '{') {
            text_char(out, '{');
            tpl = brace + 2;
            continue;
        }
        const char *end = strchr(brace, '}');
        if (end == NULL)
            die("a template has an open brace", tpl);
        put_field(m, out, brace + 1, (size_t)(end - brace - 1));
        tpl = end + 1;
    }
    text_str(out, tpl);
}

void
fill(gen_message *m, const char *tpl)
{
    fill_into(m, m->out, tpl);
}

void
fill_each(gen_message *m, const char *tpl)
{
    for (m->fail_at = 0; m->fail_at < m->fail_count; m->fail_at++)
        fill(m, tpl);
    m->fail_at = 0;
}

void
fill_coded(gen_message *m, enum charset cs, char cte, const char *tpl)
{
    static text plain, coded; /* kept between messages; one thread */
    text_clear(&plain);
    text_clear(&coded);
    fill_into(m, &plain, tpl);
    text_convert(&coded, cs, plain.ptr, plain.len);
    if (cte == 'b')
        text_base64(m->out, coded.ptr, coded.len);
    else if (cte == 'q')
        text_qp(m->out, coded.ptr, coded.len);
    else
        text_add(m->out, coded.ptr, coded.len);
}

void
fill_field(gen_message *m, char *field, size_t size, const char *tpl)
{
    static text scratch;
    text_clear(&scratch);
    fill_into(m, &scratch, tpl);
    const size_t n = scratch.len < size - 1 ? scratch.len : size - 1;
    if (n > 0)
        memcpy(field, scratch.ptr, n);
    field[n] = '\0';
}

body_form
message_form(const gen_message *m)
{
    return lang_words[m->lang].forms[m->form];
}

void
put_subject(gen_message *m, const char *prefix, const char *subject)
{
    char whole[400];
    const size_t p = strlen(prefix) < 120 ? strlen(prefix) : 120;
    const size_t s = strlen(subject) < 270 ? strlen(subject) : 270;
    memcpy(whole, prefix, p);
    memcpy(whole + p, subject, s);
    whole[p + s] = '\0';
    enum charset cs = message_form(m).cs;
    if (cs == CS_ASCII)
        cs = CS_UTF8;
    const char how = cs == CS_LATIN1 || m->lang == LANG_ES ? 'Q' : 'B';
    text_str(m->out, "Subject: ");
    text_header_value(m->out, whole, cs, how, 9);
    text_char(m->out, '\n');
}

void
put_content(gen_message *m, const char *type)
{
    const body_form f = message_form(m);
    text_str(m->out, "Content-Type: ");
    text_str(m->out, type);
    text_str(m->out, "; charset=\"");
    text_str(m->out, charset_name(f.cs));
    text_str(m->out, "\"\nContent-Transfer-Encoding: ");
    text_str(m->out, f.cte == 'b'   ? "base64\n"
                     : f.cte == 'q' ? "quoted-printable\n"
                     : f.cte == '8' ? "8bit\n"
                                    : "7bit\n");
}
