/* SPDX-License-Identifier: BSD-3-Clause */
/* caller.c - who is it that asks, and what may they do? */
#include "caller.h"

#include "keyed_hash.h"
#include "ndr_clock.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { FIELDS_MAX = 128 };

/* "__Host-" keeps a cookie to TLS and to this host's top. Where the operator is alone it
 * is kept to the page's folder instead, as the page may be one of several of the host's.
 * Source: RFC 6265bis 4.1.3.2. */
static const char *
cookie_name(const console *c, bool secure, bool known)
{
    if (secure && c->admins != NULL)
        return known ? "__Host-ndrscan-known" : "__Host-ndrscan";
    return known ? "ndrscan-known" : "ndrscan";
}

static void
put_cookie(const console *c, bool secure, bool known, const char *value, int64_t seconds,
           char *ret, size_t size)
{
    (void)snprintf(ret, size, "%s=%s; HttpOnly; SameSite=Strict; Max-Age=%lld%s%s",
                   cookie_name(c, secure, known), value, (long long)seconds,
                   c->admins != NULL && secure ? "; Path=/" : "",
                   secure ? "; Secure" : "");
}

void
caller_cookie(const console *c, const caller *who, const session *s, web_reply *ret)
{
    put_cookie(c, who->secure, false, s != NULL ? s->name : "",
               s != NULL ? SESSION_SECONDS : 0, ret->cookie, sizeof ret->cookie);
}

bool
caller_known(const console *c, const caller *who, const web_request *q,
             char value[KNOWN_BYTES])
{
    return guard_cookie(q->field(q, "Cookie"), cookie_name(c, who->secure, true), value,
                        KNOWN_BYTES);
}

void
caller_remember(const console *c, bool secure, const char *name, int64_t now,
                web_reply *ret)
{
    char value[KNOWN_BYTES];
    if (known_browser_make(c->known_key, name, now, value, NULL) == 0)
        put_cookie(c, secure, true, value, (int64_t)KNOWN_DAYS * 86400, ret->known,
                   sizeof ret->known);
}

void
caller_tell(console *c, const caller *who, const char *what, const char *domain,
            const char *path)
{
    const session *s = who->session;
    const access_event e = {
        .what = what,
        .person = who->person != NULL                 ? who->person->name
                  : s != NULL && s->person[0] != '\0' ? s->person
                                                      : NULL,
        .way = s != NULL ? session_way_name(s->way) : NULL,
        .peer = who->peer,
        .address = who->from.address,
        .domain = domain,
        .path = path,
    };
    access_log_tell(&c->access, &e, (int64_t)time(NULL));
}

/* ---- through whom ------------------------------------------------------------------ */

typedef struct fields {
    header_field row[FIELDS_MAX];
    size_t count;
} fields;

static void
take_field(void *ctx, const char *name, const char *value)
{
    fields *f = ctx;
    if (f->count < FIELDS_MAX)
        f->row[f->count] = (header_field){name, value};
    f->count++;
}

/* A Unix socket that a proxy reaches is open to everybody: who is neither that proxy nor
 * ourselves has nothing to ask there. */
static bool
is_stranger(const console *c, const char *peer)
{
    char own[32];
    if (c->proxies.uid_count == 0 || strncmp(peer, "uid ", 4) != 0)
        return false;
    (void)snprintf(own, sizeof own, "uid %u", geteuid());
    if (strcmp(peer, own) == 0 || strcmp(peer, "uid 0") == 0)
        return false;
    for (size_t i = 0; i < c->proxies.uid_count; i++) {
        (void)snprintf(own, sizeof own, "uid %u", c->proxies.uid[i]);
        if (strcmp(peer, own) == 0)
            return false;
    }
    return true;
}

static forwarded
find_way(const console *c, const web_request *q)
{
    fields f = {.count = 0};
    q->each_field(q, take_field, &f);
    if (f.count > FIELDS_MAX)
        return (forwarded){.status = 400, .words = "too many fields"};
    if (is_stranger(c, q->peer))
        return (forwarded){.status = 403, .words = "this socket is a proxy's"};
    return forwarded_read(&c->proxies, q->peer, f.row, f.count);
}

/* ---- who --------------------------------------------------------------------------- */

static caller
refuse(caller who, int status, const char *words)
{
    who.status = status;
    who.words = words;
    who.session = NULL;
    who.person = NULL;
    return who;
}

/* The person of a session, while the file says of them what it said when it began. */
static const ndr_admin *
person_of(console *c, const session *s, const forwarded *from)
{
    const ndr_admin *a = ndr_admins_find(c->people, s->person);
    if (a == NULL || a->generation != s->generation)
        return NULL;
    /* a proxy's session is the proxy's word: without it, or with another, it ends */
    if ((s->way == WAY_PROXY || from->person[0] != '\0') &&
        ndr_admins_find_proxy(c->people, from->person) != a)
        return NULL;
    return a;
}

/* Nobody has a session, but a proxy says who it is: a page begins one, a form does not.
 */
static caller
begin_by_proxy(console *c, const web_request *q, caller who, int64_t now)
{
    const ndr_admin *a = ndr_admins_find_proxy(c->people, who.from.person);
    if (a == NULL)
        return refuse(who, 403, "nobody of this name has rights here");
    if (strcmp(q->method, "POST") == 0)
        return refuse(who, 403, "not from a page of this session: load the page anew");
    const asked_wait *aside = waits_find(&c->waits, q->ticket);
    session *s = NULL;
    if (aside != NULL) { /* it has begun one already */
        s = sessions_find(&c->sessions, aside->session, now);
        who.person = a;
        who.session = s;
        who.fresh = true;
        if (s != NULL && s->generation == a->generation &&
            strcmp(s->person, a->name) == 0)
            return who;
        return refuse(who, 401, "log in again");
    }
    s = sessions_open(&c->sessions, a->name, a->generation, WAY_PROXY, now);
    if (s == NULL)
        return refuse(who, 503, "out of memory");
    who.person = a;
    who.session = s;
    who.fresh = true;
    caller_tell(c, &who, "log-in", NULL, NULL);
    return who;
}

caller
caller_way(const console *c, const web_request *q)
{
    const guard_request g = {
        .host = q->field(q, "Host"),
        .forwarded_proto = q->field(q, "X-Forwarded-Proto"),
    };
    caller who = {.from = find_way(c, q),
                  .secure = guard_is_secure(&c->hosts, &g),
                  .lang = lang_of(q->field(q, "Accept-Language"))};
    (void)snprintf(who.peer, sizeof who.peer, "%s", q->peer);
    return who.from.status == 0 ? who : refuse(who, who.from.status, who.from.words);
}

/* A person's program, by a token for numbers; NULL: it is none. */
static const ndr_admin *
find_scraper(console *c, const web_request *q)
{
    static const char bearer[] = "Bearer ";
    const char *said = q->field(q, "Authorization");
    char hash[METRICS_HASH_BYTES];
    if (c->admins == NULL || said == NULL || strcmp(q->path, "/metrics") != 0 ||
        strncasecmp(said, bearer, sizeof bearer - 1) != 0 ||
        c->sessions.is_token(c->sessions.ctx, said + sizeof bearer - 1))
        return NULL; /* the operator's is compared first */
    metrics_hash(said + sizeof bearer - 1, hash);
    return ndr_admins_find_metrics(c->people, hash);
}

caller
caller_find(console *c, const web_request *q, const request_body *w, int64_t now)
{
    guard_request g = {
        .method = q->method,
        .path = q->path,
        .host = q->field(q, "Host"),
        .cookie = q->field(q, "Cookie"),
        .authorization = q->field(q, "Authorization"),
        .form_token = q->field(q, "X-Form-Token"),
    };
    caller who = caller_way(c, q);
    c->people = c->admins != NULL ? ndr_admins_now(c->admins, ndr_now_ms()) : NULL;
    if (who.status != 0)
        return who;
    who.person = find_scraper(c, q);
    if (who.person != NULL)
        return who;
    g.cookie_name = cookie_name(c, who.secure, false);
    g.peer = who.from.address;
    if (g.form_token == NULL && w != NULL)
        g.form_token = w->form;
    const guard_answer a = guard_who(&c->sessions, &g, now);
    if (a.status == 401 && who.from.person[0] != '\0' && g.authorization == NULL)
        return begin_by_proxy(c, q, who, now);
    if (a.status != 0)
        return refuse(who, a.status, a.words);
    who.session = a.session;
    if (a.session == NULL || a.session->way == WAY_TOKEN) {
        if (a.session != NULL)
            session_touch(a.session, now);
        return who; /* the operator */
    }
    who.person = person_of(c, a.session, &who.from);
    if (who.person == NULL) {
        caller_tell(c, &who, "session ended", NULL, NULL);
        sessions_logout(a.session);
        return who.from.person[0] != '\0' ? begin_by_proxy(c, q, who, now)
                                          : refuse(who, 401, "log in again");
    }
    if (q->field(q, "X-Background") == NULL) /* what the page asks by itself is no use */
        session_touch(a.session, now);
    return who;
}
