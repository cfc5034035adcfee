/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_people.c - who writes to whom, from which host, and what was refused? */
#include "gen_message.h"

#include <stdio.h>
#include <string.h>

static const char *
tld(uint64_t n)
{
    static const char *const names[] = {"example.net", "example.com", "example.org"};
    return names[n % 3];
}

/* An address's local part in lower case, and the name that goes with it. */
static void
person(rng *r, char *local, size_t local_size, char *name, size_t name_size)
{
    const char *first = first_names[rng_below(r, (uint32_t)first_name_count)];
    const char *last = last_names[rng_below(r, (uint32_t)last_name_count)];
    snprintf(name, name_size, "%s %s", first, last);
    switch (rng_below(r, 4)) {
    case 0:
        snprintf(local, local_size, "%s.%s", first, last);
        break;
    case 1:
        snprintf(local, local_size, "%c%s", first[0], last);
        break;
    case 2:
        snprintf(local, local_size, "%s", first);
        break;
    default:
        snprintf(local, local_size, "%s%u", last, (unsigned)rng_below(r, 90) + 10);
        break;
    }
    for (char *p = local; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p | 0x20);
}

static uint32_t
hash_of(const char *s)
{
    uint32_t h = 2166136261u;
    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

static void
site_of_recipient(gen_message *m)
{
    static const int zones[] = {120, 0, -420, 540, 60, -240};
    const uint32_t h = hash_of(m->todomain);
    m->zone = zones[h / 7 % 6];
    snprintf(m->mx, sizeof m->mx, "%s%u.%s", h % 3 == 0 ? "mail" : "mx", h / 31 % 3 + 1,
             m->todomain);
    snprintf(m->mxip, sizeof m->mxip, "192.0.2.%u", h % 250 + 1);
}

void
pick_recipient(gen_message *m, const storm *in)
{
    static const char *const roles[] = {"info", "sales", "office", "webmaster",
                                        "contact"};
    rng *r = &m->r;
    const gen_options *o = m->opts;
    person(r, m->tolocal, sizeof m->tolocal, m->toname, sizeof m->toname);
    if (in != NULL) {
        snprintf(m->todomain, sizeof m->todomain, "%s", in->domain);
        if (rng_percent(r, 55)) /* spammers invent local parts */
            FILL_FIELD(m, tolocal, rng_percent(r, 50) ? "{&7}" : "{&4}{%3}");
        else if (rng_percent(r, 40))
            snprintf(m->tolocal, sizeof m->tolocal, "%s", roles[rng_below(r, 5)]);
    } else if (o->storm_count > 0 && rng_below(r, o->domains + 1) == o->domains) {
        snprintf(m->todomain, sizeof m->todomain, "%s",
                 o->storms[rng_below(r, (uint32_t)o->storm_count)].domain);
    } else {
        /* the smaller of two draws: a few domains get more than the many others */
        const uint32_t a = rng_below(r, o->domains);
        const uint32_t b = rng_below(r, o->domains);
        const uint32_t d = a < b ? a : b;
        snprintf(m->todomain, sizeof m->todomain, "d%u.%s", d + 1, tld(d));
        if (rng_percent(r, 10))
            snprintf(m->tolocal, sizeof m->tolocal, "%s", roles[rng_below(r, 5)]);
    }
    snprintf(m->to, sizeof m->to, "%s@%s", m->tolocal, m->todomain);
    site_of_recipient(m);
}

void
pick_sender_host(gen_message *m)
{
    static const char *const hosts[] = {"mail", "smtp", "mx1", "mx2", "relay", "mailout"};
    static const int zones[] = {120, 0, -420, 540, 60, -240, 180, 0};
    rng *r = &m->r;
    const uint32_t n = rng_below(r, 3000);
    snprintf(m->mtadomain, sizeof m->mtadomain, "site%u.%s", n, tld(n / 7));
    snprintf(m->mta, sizeof m->mta, "%s.%s", hosts[rng_below(r, 6)], m->mtadomain);
    snprintf(m->mtaip, sizeof m->mtaip, "198.51.100.%u", n % 250 + 1);
    m->mzone = zones[n % 8];
}

void
pick_author(gen_message *m)
{
    char local[64];
    person(&m->r, local, sizeof local, m->fromname, sizeof m->fromname);
    snprintf(m->from, sizeof m->from, "%s@%s", local, m->mtadomain);
}

void
pick_subject(gen_message *m, bool spam)
{
    const words *w = &lang_words[m->lang];
    const char *const *list = spam ? w->spam_subject : w->subject;
    snprintf(m->osubject, sizeof m->osubject, "%s",
             list[rng_below(&m->r, (uint32_t)list_length(list))]);
}

/* code, status, words; {} as in templates */
static const char *const refusals[][3] = {
    {"550", "5.1.1",
     "<{fail}>: Recipient address rejected: User unknown in virtual "
     "mailbox table"},
    {"550", "5.1.1",
     "<{fail}>: Recipient address rejected: User unknown in local "
     "recipient table"},
    {"550", "5.1.1", "<{fail}>... User unknown"},
    {"550", "5.1.1", "User does not exist"},
    {"550", "5.1.1",
     "The email account that you tried to reach does not exist. Please "
     "try double-checking the recipient's email address for typos or "
     "unnecessary spaces. {&10}{&2}.{%3} - gsmtp"},
    {"550", "5.1.10",
     "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP "
     "address lookup"},
    {"550", "5.4.1", "Recipient address rejected: Access denied. AS(201806281)"},
    {"552", "5.2.2", "<{fail}>: Mailbox is full"},
    {"554", "5.2.2", "mailbox full, quota exceeded"},
    {"550", "5.7.1", "<{fail}>: Recipient address rejected: Access denied"},
    {"553", "5.3.0", "<{fail}>... No such user here"},
    {"550", "5.0.0", "Requested action not taken: mailbox unavailable"},
};
static const char *const delays[][3] = {
    {"450", "4.7.1",
     "<{fail}>: Recipient address rejected: Greylisted, see "
     "http://postgrey.example.org/"},
    {"452", "4.2.2", "<{fail}>: Mailbox is full, try again later"},
    {"451", "4.3.0", "Temporary lookup failure"},
    {"421", "4.3.2", "Service currently unavailable"},
};

void
pick_failed(gen_message *m, bool warm)
{
    rng *r = &m->r;
    m->fail_count = rng_percent(r, 85) ? 1 : 2 + rng_below(r, MAX_FAILED - 1);
    m->warm = warm;
    const uint32_t n = rng_below(r, 5000);
    for (m->fail_at = 0; m->fail_at < m->fail_count; m->fail_at++) {
        failed *f = &m->fail[m->fail_at];
        person(r, f->local, sizeof f->local, f->name, sizeof f->name);
        snprintf(f->domain, sizeof f->domain, "far%u.%s", n + m->fail_at / 2, tld(n));
        fill_field(m, f->addr, sizeof f->addr, "{faillocal}@{faildomain}");
        fill_field(m, f->remote, sizeof f->remote,
                   n % 3 == 0   ? "mx1.{faildomain}"
                   : n % 3 == 1 ? "mx2.{faildomain}"
                                : "mail.{faildomain}");
        snprintf(f->remoteip, sizeof f->remoteip, "203.0.113.%u", n % 250 + 1);
        const char *const *row =
            warm ? delays[rng_below(r, sizeof delays / sizeof delays[0])]
                 : refusals[rng_below(r, sizeof refusals / sizeof refusals[0])];
        snprintf(f->code, sizeof f->code, "%s", row[0]);
        snprintf(f->status, sizeof f->status, "%s", row[1]);
        fill_field(m, f->said, sizeof f->said, row[2]);
        fill_field(m, f->reply, sizeof f->reply, "{code} {status} {said}");
    }
    m->fail_at = 0;
}
