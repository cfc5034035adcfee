/* SPDX-License-Identifier: BSD-3-Clause */
/* access_log.c - who came in, by which way, and what was denied? */
#include "access_log.h"

#include "app/json_writer.h"
#include "app/places.h"
#include "ndr_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int
access_log_open(access_log *l, gid_t readers, ndr_error *err)
{
    char older[sizeof l->path + 2];
    struct stat st;
    *l = (access_log){.fd = -1};
    int rc = place_state("access.jsonl", l->path, sizeof l->path, err);
    if (rc == 0)
        rc = place_make_above(l->path, 0700, err);
    if (rc != 0)
        return rc;
    (void)snprintf(older, sizeof older, "%s.1", l->path);
    if (lstat(l->path, &st) == 0 && S_ISREG(st.st_mode) &&
        st.st_size > ACCESS_ROTATE_BYTES && rename(l->path, older) != 0)
        return ndr_fail(err, NDR_E_SYS, "rename '%s'", l->path);
    l->fd =
        open(l->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
             0600);
    if (l->fd < 0)
        return ndr_fail(err, NDR_E_SYS, "open '%s'", l->path);
    struct stat opened;
    if (readers != getegid() && fstat(l->fd, &opened) == 0 &&
        opened.st_uid == geteuid() && opened.st_nlink == 1 &&
        (fchown(l->fd, (uid_t)-1, readers) != 0 || fchmod(l->fd, 0640) != 0))
        return ndr_fail(err, NDR_E_SYS, "let it be read: '%s'", l->path);
    return 0;
}

void
access_log_close(access_log *l)
{
    if (l->fd >= 0 && close(l->fd) != 0)
        (void)fprintf(stderr, "ndrscan: '%s' may lack its last lines\n", l->path);
    l->fd = -1;
}

static void
put_word(ndr_buffer *out, const char *name, const char *word)
{
    if (word != NULL && word[0] != '\0')
        json_put_word(out, name, word);
}

/* False: too many in this minute. */
static bool
is_room(access_log *l, int64_t now)
{
    if (now / 60 != l->minute) {
        l->minute = now / 60;
        l->in_minute = 0;
    }
    if (l->in_minute++ < ACCESS_PER_MINUTE)
        return true;
    l->left_out++;
    return false;
}

void
access_log_tell(access_log *l, const access_event *e, int64_t now)
{
    ndr_buffer out = {0};
    if (l->fd < 0 || !is_room(l, now))
        return;
    json_begin(&out, NULL, '{');
    json_put_time(&out, "at", now);
    json_put_word(&out, "who", e->person != NULL ? e->person : "operator");
    json_put_word(&out, "what", e->what);
    put_word(&out, "way", e->way);
    put_word(&out, "peer", e->peer);
    put_word(&out, "from", e->address);
    put_word(&out, "domain", e->domain);
    put_word(&out, "path", e->path);
    if (l->left_out > 0)
        json_put_count(&out, "left_out_before", l->left_out);
    ndr_buffer_text(&out, "}\n");
    /* one write a line: a reader beside us sees whole ones */
    if (!out.failed && ndr_write_all(l->fd, (ndr_slice){out.ptr, out.len}))
        l->left_out = 0;
    ndr_buffer_free(&out);
}
