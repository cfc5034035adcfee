/* SPDX-License-Identifier: BSD-3-Clause */
/* request_guard.c - may this request be served? */
#include "request_guard.h"

#include <string.h>
#include <strings.h>

static guard_answer
refuse(int status, const char *words)
{
    return (guard_answer){.status = status, .words = words};
}

/* Are these the same but for a port that goes without saying? */
static bool
same_host(const char *name, const char *asked, const char *scheme)
{
    const size_t n = strlen(name);
    if (strncasecmp(name, asked, n) != 0)
        return false;
    const char *rest = asked + n;
    return rest[0] == '\0' ||
           (strcmp(rest, ":443") == 0 &&
            (scheme == NULL || strcmp(scheme, "https") == 0)) ||
           (strcmp(rest, ":80") == 0 && (scheme == NULL || strcmp(scheme, "http") == 0));
}

static const guard_host *
find_host(const guard_hosts *hosts, const char *host)
{
    for (size_t i = 0; host != NULL && i < hosts->count; i++)
        if (same_host(hosts->row[i].name, host, hosts->row[i].scheme))
            return &hosts->row[i];
    return NULL;
}

static bool
is_ours(const guard_hosts *hosts, const char *host)
{
    return hosts->any || find_host(hosts, host) != NULL;
}

/* "http://127.0.0.1:8025" is ours when its host is, and its scheme if that is known. */
static bool
is_our_origin(const guard_hosts *hosts, const guard_request *q)
{
    const char *behind = strstr(q->origin, "://");
    if (behind == NULL)
        return false;
    const size_t n = (size_t)(behind - q->origin);
    const char *host = behind + 3;
    if (hosts->any) /* a proxy's name is as good as any: it has to be the Host */
        return same_host(q->host, host, NULL) || same_host(host, q->host, NULL);
    for (size_t i = 0; i < hosts->count; i++) {
        const guard_host *h = &hosts->row[i];
        if (same_host(h->name, host, h->scheme) &&
            (h->scheme == NULL ||
             (strlen(h->scheme) == n && strncasecmp(h->scheme, q->origin, n) == 0)))
            return true;
    }
    return false;
}

bool
guard_host_parse(const char *given, guard_host *ret)
{
    static const char *const schemes[] = {"http", "https"};
    static const char *const ports[] = {":80", ":443"};
    const char *host = given;
    *ret = (guard_host){0};
    for (size_t i = 0; i < 2; i++) {
        const size_t n = strlen(schemes[i]);
        if (strncasecmp(given, schemes[i], n) == 0 && strncmp(given + n, "://", 3) == 0) {
            ret->scheme = schemes[i];
            host = given + n + 3;
        }
    }
    size_t n = strcspn(host, "/");
    size_t path = strlen(host + n);
    while (path > 0 && host[n + path - 1] == '/')
        path--;
    if (n == 0 || n >= sizeof ret->name || path >= sizeof ret->path ||
        strcspn(host, " \t?#@\"<>\\") != strlen(host) ||
        (host[n] == '/' && ret->scheme == NULL))
        return false;
    memcpy(ret->name, host, n);
    memcpy(ret->path, host + n, path);
    for (size_t i = 0; i < 2; i++) {
        const size_t m = strlen(ports[i]);
        if (ret->scheme == schemes[i] && n > m &&
            strcmp(ret->name + n - m, ports[i]) == 0)
            ret->name[n - m] = '\0';
    }
    return ret->name[0] != ':' && ret->name[0] != '\0';
}

bool
guard_is_secure(const guard_hosts *hosts, const guard_request *q)
{
    const guard_host *h = find_host(hosts, q->host);
    if (h != NULL && h->scheme != NULL)
        return strcmp(h->scheme, "https") == 0;
    return q->forwarded_proto != NULL && strcasecmp(q->forwarded_proto, "https") == 0;
}

const char *
guard_path(const guard_hosts *hosts, const char *host, const char *path)
{
    const guard_host *h = find_host(hosts, host);
    const size_t n = h != NULL ? strlen(h->path) : 0;
    return n > 0 && strncmp(path, h->path, n) == 0 && path[n] == '/' ? path + n : path;
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
    if (q->origin != NULL && !is_our_origin(hosts, q))
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
        const bool limited = sessions_limited(all, q->peer, now);
        /* the right one always counts: whoever shares the address may be wrong at will */
        if (strncasecmp(q->authorization, bearer, sizeof bearer - 1) == 0 &&
            sessions_token(all, q->authorization + sizeof bearer - 1, q->peer, now))
            return (guard_answer){.who = GUARD_BEARER};
        return limited ? refuse(429, "too many wrong tokens; wait a minute")
                       : refuse(401, "this is not the token");
    }
    secret name;
    session *s = NULL;
    if (guard_cookie(q->cookie, q->cookie_name != NULL ? q->cookie_name : "ndrscan", name,
                     sizeof name))
        s = sessions_find(all, name, now);
    if (s == NULL)
        return refuse(401, "log in first");
    if (is_post(q) && !secret_equal(q->form_token, s->form_token))
        return refuse(403, "not from a page of this session: load the page anew");
    return (guard_answer){.who = GUARD_SESSION, .session = s};
}
