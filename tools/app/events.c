/* SPDX-License-Identifier: BSD-3-Clause */
/* events.c - see events.h. */
#include "events.h"

#include "file_put.h"
#include "json_writer.h"
#include "ndr_file.h"
#include "ndr_hash.h"
#include "places.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
event_kind_name(enum event_kind kind)
{
    static const char *const name[EVENT_KINDS] = {
        [EVENT_STORM] = "storm",           [EVENT_OPENED] = "opened",
        [EVENT_ENDED] = "ended",           [EVENT_HELD] = "held",
        [EVENT_BRAKE] = "brake",           [EVENT_MANY_DOMAINS] = "many-domains",
        [EVENT_STATISTICS] = "statistics", [EVENT_TROUBLE] = "trouble",
        [EVENT_DAILY] = "daily",           [EVENT_NOTIFIER] = "notifier",
    };
    return name[kind];
}

void
event_id(const event *e, char ret[EVENT_ID_BYTES])
{
    const uint64_t hash = ndr_hash(ndr_slice_of(e->domain), 1);
    (void)snprintf(ret, EVENT_ID_BYTES, "%.20s-%" PRId64 "-%016" PRIx64,
                   event_kind_name(e->kind), e->storm, hash);
}

static int
count(void *ctx, const struct dirent *d)
{
    size_t *n = ctx;
    *n += d->d_name[0] != '.';
    return 0;
}

/* One of its folders, opened and made; -1 and errno. Root makes it whose the folder is:
 * he who sends has to write there. */
static int
open_part(int folder, const char *name)
{
    struct stat st;
    const bool made = mkdirat(folder, name, 0750) == 0;
    if (!made && errno != EEXIST)
        return -1;
    if (made && geteuid() == 0 &&
        (fstat(folder, &st) != 0 ||
         fchownat(folder, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) != 0))
        return -1;
    return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void
write_event(const event *e, const char *id, ndr_buffer *out)
{
    json_begin(out, NULL, '{');
    json_put_word(out, "id", id);
    json_put_word(out, "kind", event_kind_name(e->kind));
    json_put_word(out, "audience", e->operator? "operator" : "domain");
    if (e->domain[0] != '\0')
        json_put_word(out, "domain", e->domain);
    json_put_time(out, "at", e->at);
    json_put_word(out, "subject", e->subject);
    json_put_word(out, "text", e->text);
    if (e->more.len > 0) {
        ndr_buffer_byte(out, ',');
        ndr_buffer_add(out, e->more);
    }
    json_end(out, '}');
    ndr_buffer_byte(out, '\n');
}

/* Another may have told the same just now. The folder says who reads it. */
static bool
is_put(int waiting, const char *name, ndr_slice text)
{
    return file_put(waiting, name, NULL, 0644, false, text) || errno == EEXIST;
}

/* Is it there? */
static bool
has(int dir, const char *name)
{
    struct stat st;
    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
put_into(int waiting, int sent, const event *e, ndr_error *err)
{
    char id[EVENT_ID_BYTES], name[EVENT_ID_BYTES + 8];
    size_t many = 0;
    event_id(e, id);
    (void)snprintf(name, sizeof name, "%s.json", id);
    if (has(waiting, name) || has(sent, name))
        return 0;
    const int list = openat(waiting, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (ndr_folder_each(list, count, &many) != 0)
        return ndr_fail(err, NDR_E_SYS, "list it");
    if (many >= EVENTS_MOST)
        return ndr_fail(err, NDR_E_LIMIT,
                        "%zu events wait there already: does ndrscan-notify run?", many);
    ndr_buffer text = {0};
    write_event(e, id, &text);
    const int rc = text.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory")
                   : is_put(waiting, name, (ndr_slice){text.ptr, text.len})
                       ? 0
                       : ndr_fail(err, NDR_E_SYS, "write '%s'", name);
    ndr_buffer_free(&text);
    return rc;
}

int
event_put(const char *folder, const event *e, ndr_error *err)
{
    int rc = place_make_system(folder, err);
    if (rc == 0)
        rc = ndr_folders_make(folder, 0, 0750, false, err);
    const int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return rc < 0 ? rc : ndr_fail(err, NDR_E_SYS, "open the events '%s'", folder);
    const int waiting = open_part(dir, EVENTS_NEW), sent = open_part(dir, EVENTS_SENT);
    rc = waiting < 0 || sent < 0 ? ndr_fail(err, NDR_E_SYS, "make its folders")
                                 : put_into(waiting, sent, e, err);
    if (rc < 0)
        ndr_error_prefix(err, "the events '%s'", folder);
    if (waiting >= 0)
        (void)close(waiting);
    if (sent >= 0)
        (void)close(sent);
    (void)close(dir); /* what was written is synced */
    return rc;
}
