/* SPDX-License-Identifier: BSD-3-Clause */
/* guard.c - may this request be served? */
#include "guard.h"

#include <string.h>
#include <strings.h>

static guard_answer
refuse(int status, const char *words)
{
    return (guard_answer){.status = status, .words = words};
}

static bool
is_ours(const guard_hosts *hosts, const char *host)
{
    for (size_t i = 0; i < hosts->count; i++)
        if (strcasecmp(hosts->name[i], host) == 0)
            return true;
    return hosts->any;
}

/* "http://127.0.0.1:8025" is ours when what is behind the scheme is. */
static bool
is_our_origin(const guard_hosts *hosts, const char *origin)
{
    const char *host = strstr(origin, "://");
    return host != NULL && is_ours(hosts, host + 3);
}

static bool
is_post(const guard_request *q)
{
    return strcmp(q->method, "POST") == 0;
}

guard_answer
guard_origin(const guard_hosts *hosts, const guard_request *q)
{
    if (q->host == NULL)
        return refuse(400, "no Host field");
    if (!is_ours(hosts, q->host))
        return refuse(421, "this name is not served here: see --host");
    if (!is_post(q))
        return (guard_answer){0};
    if (q->fetch_site != NULL && strcmp(q->fetch_site, "same-origin") != 0 &&
        strcmp(q->fetch_site, "none") != 0)
        return refuse(403, "sent by another site");
    /* behind a Unix socket a proxy's name is as good as any: it has to be the Host */
    const guard_hosts own = {.name = &q->host, .count = 1};
    if (q->origin != NULL && !is_our_origin(hosts->any ? &own : hosts, q->origin))
        return refuse(403, "sent by a page of another origin");
    return (guard_answer){0};
}

bool
guard_cookie(const char *cookie, const char *name, char *value, size_t size)
{
    const size_t name_len = strlen(name);
    while (cookie != NULL && *cookie != '\0') {
        cookie += strspn(cookie, "; ");
        const size_t n = strcspn(cookie, ";");
        if (n > name_len && cookie[name_len] == '=' &&
            strncmp(cookie, name, name_len) == 0) {
            const size_t len = n - name_len - 1;
            if (len >= size)
                return false;
            memcpy(value, cookie + name_len + 1, len);
            value[len] = '\0';
            return true;
        }
        cookie += n;
    }
    return false;
}

guard_answer
guard_who(sessions *all, const guard_request *q, int64_t now)
{
    static const char bearer[] = "Bearer ";
    if (q->authorization != NULL) {
        if (sessions_limited(all, q->peer, now))
            return refuse(429, "too many wrong tokens; wait a minute");
        if (strncasecmp(q->authorization, bearer, sizeof bearer - 1) != 0 ||
            !sessions_token(all, q->authorization + sizeof bearer - 1, q->peer, now))
            return refuse(401, "this is not the token");
        return (guard_answer){.who = GUARD_BEARER};
    }
    secret name;
    session *s = NULL;
    if (guard_cookie(q->cookie, "ndrscan", name, sizeof name))
        s = sessions_find(all, name, now);
    if (s == NULL)
        return refuse(401, "log in first");
    if (is_post(q) && !secret_equal(q->form_token, s->form_token))
        return refuse(403, "not from a page of this session: load the page anew");
    return (guard_answer){.who = GUARD_SESSION, .session = s};
}
