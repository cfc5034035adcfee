/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * edit_windows.c - how do programs change an operator's windows, and lose nothing?
 *
 *   lock, read the folder, edit the text, load the result and compare it with what
 *   was meant, write beside, sync, record, rename, sync the folder
 *
 * The file is not written anew from what was read: comments and order would go.
 */
#include "load_windows.h"

#include "ndr_clock.h"
#include "ndr_file.h"
#include "ndr_sized.h"
#include "quote.h"
#include "window_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OWN  NDR_WINDOWS_OWN_FILE
#define LOCK NDR_WINDOWS_LOCK_FILE
#define NEW  NDR_WINDOWS_NEW_FILE /* one name: under the lock there is one writer */

enum { SHOWN_MAX = 200, LOOK_AGAIN_NS = 20000000 };

static const char head[] = "# Block windows, ndrscan-windows(5). ndrscan block and "
                           "unblock write this file; what\n"
                           "# is written here by hand, comments too, stays as it is.\n";

/* One change under way. */
typedef struct edit {
    ndr_windows_folder folder;
    char shown[SHOWN_MAX]; /* of the own file, for errors */
    int dir, lock;         /* descriptors, -1 */
    ndr_files files;       /* of the folder */
    size_t own;            /* which of them is ours; files.count: it is not there yet */
    ndr_window_table *was; /* what ours holds, in its order */
    ndr_yaml yaml;
    ndr_buffer text;  /* of ours, as it is to be */
    ndr_window *want; /* what `text` should say */
    size_t want_count;
    ndr_window_change *change;
    size_t change_count;
} edit;

const char *
ndr_window_what_name(enum ndr_window_what what)
{
    switch (what) {
    case NDR_WINDOW_ADDED:
    case NDR_WINDOW_EXTENDED:
        return "block";
    case NDR_WINDOW_ENDED:
        return "unblock";
    case NDR_WINDOW_CANCELLED:
        break;
    }
    return "cancel";
}

/* ---- the folder and its lock ---------------------------------------------- */

/* mkdir -p, then open. */
static int
open_folder(edit *e, ndr_error *err)
{
    const char *path = e->folder.dir;
    char shown[SHOWN_MAX];
    ndr_error why = {0};
    ndr_quote_path(path, shown, sizeof shown);
    /* what matters is whether the last can be opened */
    const int made = ndr_folders_make(path, 0, 0755, false, &why);
    e->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (e->dir < 0 && errno == ENOENT && made != 0) {
        if (err != NULL)
            *err = why; /* of which open tells less */
        return made;
    }
    return e->dir >= 0 ? 0 : ndr_fail(err, NDR_E_SYS, "open folder '%s'", shown);
}

/* Who may list the folder may read its files, and who may add to it write them: whatever
 * the umask. */
static mode_t
folder_mode(const edit *e)
{
    struct stat st;
    return fstat(e->dir, &st) == 0 ? (st.st_mode & 0666) | 0600 : 0600;
}

static int
take_lock(edit *e, ndr_error *err)
{
    e->lock = openat(e->dir, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                     0600);
    if (e->lock < 0)
        return ndr_fail(err, NDR_E_SYS, "%s: open its lock " LOCK, e->shown);
    (void)fchmod(e->lock, folder_mode(e)); /* another's has what he gave it */
    const int64_t begin = ndr_now_ms();
    while (flock(e->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return ndr_fail(err, NDR_E_SYS, "%s: lock", e->shown);
        if (ndr_now_ms() - begin > (int64_t)e->folder.wait_ms) {
            errno = EAGAIN;
            return ndr_fail(err, NDR_E_SYS, "%s: another program edits it; try again",
                            e->shown);
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_AGAIN_NS}, NULL);
    }
    return 0;
}

static int
begin(edit *e, const ndr_windows_folder *folder, ndr_error *err)
{
    *e = (edit){.dir = -1, .lock = -1};
    int rc = NDR_SIZED_TAKE(ndr_windows_folder, ctx, &e->folder, folder, err);
    if (rc != 0)
        return rc;
    ndr_buffer own = {0};
    const size_t n = strlen(e->folder.dir);
    ndr_buffer_printf(&own, "%s%s" OWN, e->folder.dir,
                      n > 0 && e->folder.dir[n - 1] == '/' ? "" : "/");
    ndr_buffer_byte(&own, '\0');
    if (own.failed) {
        ndr_buffer_free(&own);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    ndr_quote_path((const char *)own.ptr, e->shown, sizeof e->shown);
    ndr_buffer_free(&own);

    rc = open_folder(e, err);
    if (rc == 0)
        rc = take_lock(e, err);
    if (rc == 0)
        rc = ndr_files_read(&e->folder.dir, 1, &e->files, err);
    if (rc < 0)
        return rc;
    while (e->own < e->files.count && strcmp(e->files.file[e->own].name, e->shown) != 0)
        e->own++;
    if (e->own == e->files.count) {
        ndr_buffer_printf(&e->text, "%s%s", head, NDR_YAML_VERSION_LINE);
        return 0;
    }
    const ndr_file *f = &e->files.file[e->own];
    ndr_buffer_add(&e->text, (ndr_slice){f->ptr, f->len});
    return ndr_windows_of_file(f, &e->was, &e->yaml, err);
}

static void
end(edit *e)
{
    ndr_yaml_free(&e->yaml);
    ndr_window_table_free(e->was);
    ndr_files_free(&e->files);
    ndr_buffer_free(&e->text);
    free(e->want);
    free(e->change);
    if (e->lock >= 0)
        (void)close(e->lock); /* and so unlocks */
    if (e->dir >= 0)
        (void)close(e->dir);
}

/* Room for all that the file holds and `more`. */
static int
make_room(edit *e, size_t more, ndr_error *err)
{
    const size_t held = e->was == NULL ? 0 : ndr_window_table_rows(e->was)->count;
    if (more > 100000)
        return ndr_fail(err, NDR_E_LIMIT, "%s: over 100,000 windows at once", e->shown);
    e->want = calloc(held + more + 1, sizeof *e->want);
    e->change = calloc(held + more + 1, sizeof *e->change);
    if (e->want == NULL || e->change == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (size_t i = 0; i < held; i++)
        e->want[i] = ndr_window_table_rows(e->was)->row[i];
    e->want_count = held;
    return 0;
}

/* ---- does the new text say what was meant? ----------------------------------- */

static bool
is_one_of(ndr_slice domain, const ndr_slice *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ndr_slice_equal(domain, list[i]))
            return true;
    return false;
}

/* Are both for the same mailboxes, in whatever order? Each names one once. */
static bool
same_mailboxes(const ndr_window *a, const ndr_window *b)
{
    bool same = a->mailbox_count == b->mailbox_count;
    for (size_t i = 0; same && i < a->mailbox_count; i++)
        same = is_one_of(a->mailboxes[i], b->mailboxes, b->mailbox_count) &&
               is_one_of(b->mailboxes[i], a->mailboxes, a->mailbox_count);
    return same;
}

static bool
same_window(const ndr_window *a, const ndr_window *b)
{
    return ndr_slice_equal(a->domain, b->domain) && a->from == b->from &&
           a->until == b->until && a->kinds == b->kinds &&
           a->subdomains == b->subdomains && a->until_calm == b->until_calm &&
           a->take == b->take && a->delegated == b->delegated &&
           ndr_slice_equal(a->note, b->note) && same_mailboxes(a, b);
}

static int
refuse(const edit *e, ndr_error *err)
{
    return ndr_fail(err, NDR_E_SYNTAX,
                    "%s was edited by hand in a way that cannot be added to; nothing was "
                    "changed; rename it to another .yaml, and a new one is begun",
                    e->shown);
}

/* The own file as it is to be, alone and then with all others. */
static int
check(const edit *e, ndr_window_table **ret, ndr_error *err)
{
    ndr_file own = {NULL, e->text.ptr, e->text.len};
    char name[SHOWN_MAX];
    memcpy(name, e->shown, sizeof name);
    own.name = name;
    if (own.len > NDR_FILE_MAX_BYTES)
        return ndr_fail(err, NDR_E_LIMIT,
                        "%s would be over 8 MiB; move old windows elsewhere", e->shown);
    ndr_window_table *now = NULL;
    ndr_yaml yaml;
    int rc = ndr_windows_of_file(&own, &now, &yaml, err);
    if (rc < 0) {
        ndr_error_prefix(err, "nothing was changed, for the result would be bad");
        return rc;
    }
    const ndr_windows *rows = ndr_window_table_rows(now);
    bool same = rows->count == e->want_count;
    for (size_t i = 0; same && i < rows->count; i++)
        same = same_window(&rows->row[i], &e->want[i]);
    ndr_yaml_free(&yaml);
    ndr_window_table_free(now);
    if (!same)
        return refuse(e, err);

    ndr_files all = e->files;
    all.file = calloc(e->files.count + 1, sizeof *all.file);
    if (all.file == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    for (size_t i = 0; i < e->files.count; i++)
        all.file[i] = e->files.file[i];
    all.file[e->own] = own;
    all.count += e->own == e->files.count;
    rc = ndr_windows_of_files(&all, NULL, ret, err);
    free(all.file); /* the rest is borrowed */
    return rc;
}

/* ---- into place ------------------------------------------------------------- */

/* The new file beside, on the disk; ended by the caller. */
static int
write_new(const edit *e, ndr_new_file *f, ndr_error *err)
{
    struct stat st;
    const bool there = fstatat(e->dir, OWN, &st, 0) == 0;
    if (!ndr_new_file_begin(f, e->dir, NEW, 0644))
        return ndr_fail(err, NDR_E_SYS, "%s: open " NEW " beside it", e->shown);
    if (!there && fchmod(f->fd, folder_mode(e)) != 0)
        return ndr_fail(err, NDR_E_SYS, "%s: give " NEW " its mode", e->shown);
    if (there && (fchmod(f->fd, st.st_mode & 07777) != 0 ||
                  (geteuid() == 0 && fchown(f->fd, st.st_uid, st.st_gid) != 0)))
        return ndr_fail(err, NDR_E_SYS, "%s: give " NEW " its owner and mode", e->shown);
    if (!ndr_write_all(f->fd, (ndr_slice){e->text.ptr, e->text.len}))
        return ndr_fail(err, NDR_E_SYS, "%s: write " NEW " beside it", e->shown);
    if (fsync(f->fd) != 0) /* before it is recorded */
        return ndr_fail(err, NDR_E_SYS, "%s: sync " NEW " beside it", e->shown);
    return 0;
}

static int
put(const edit *e, ndr_error *err)
{
    ndr_new_file f;
    int rc = write_new(e, &f, err);
    if (rc == 0 && e->folder.record != NULL)
        rc = e->folder.record(e->folder.ctx, e->change, e->change_count, err);
    if (rc != 0) {
        ndr_new_file_drop(&f);
        return rc;
    }
    switch (ndr_new_file_put(&f, OWN, true)) {
    case NDR_NEW_FILE_DONE:
        return 0;
    case NDR_NEW_FILE_SYNC:
        return ndr_fail(err, NDR_E_SYS, "%s: sync " NEW " beside it", e->shown);
    case NDR_NEW_FILE_NAME:
        return ndr_fail(err, NDR_E_SYS, "%s: rename " NEW " to it", e->shown);
    case NDR_NEW_FILE_FOLDER:
        break;
    }
    return ndr_fail(err, NDR_E_SYS, "%s was changed; sync its folder", e->shown);
}

static int
finish(edit *e, ndr_window_table **ret, ndr_error *err)
{
    if (e->text.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    const int rc = check(e, ret, err);
    return rc < 0 || e->change_count == 0 ? rc : put(e, err);
}

/* ---- what is asked for --------------------------------------------------------- */

/* Would one window do for both? Then *w is what it takes. An end is not taken out. */
static bool
joins(const ndr_window *old, ndr_window *w)
{
    if (!ndr_slice_equal(old->domain, w->domain) || old->kinds != w->kinds ||
        old->subdomains != w->subdomains || old->until_calm != w->until_calm ||
        old->take != w->take || old->delegated != w->delegated ||
        !same_mailboxes(old, w) || w->from >= old->until || old->from >= w->until ||
        (w->until == NDR_TIME_OPEN && old->until != NDR_TIME_OPEN))
        return false;
    w->from = old->from < w->from ? old->from : w->from;
    w->until = old->until > w->until ? old->until : w->until;
    return true;
}

/* Extend an entry of the file that overlaps `w`, if it has one: *ret. */
static int
extend(edit *e, size_t held, const ndr_window *w, bool *ret, ndr_error *err)
{
    ndr_window want = *w;
    size_t i = 0;
    while (i < held && !joins(&e->want[i], &want))
        i++;
    *ret = i < held;
    if (!*ret)
        return 0;
    ndr_window *old = &e->want[i];
    if (old->from == want.from && old->until == want.until) {
        if (e->folder.there != NULL)
            e->folder.there(e->folder.ctx, old);
        return 0;
    }
    /* times are put in the place of others: the lines stay where they are */
    if ((old->until != want.until &&
         !ndr_window_text_end(&e->text, &e->yaml, i, want.until)) ||
        (old->from != want.from &&
         !ndr_window_text_begin(&e->text, &e->yaml, i, want.from)))
        return refuse(e, err);
    old->from = want.from;
    old->until = want.until;
    e->change[e->change_count++] = (ndr_window_change){NDR_WINDOW_EXTENDED, *old};
    return 0;
}

int
ndr_windows_block(const ndr_windows_folder *folder, const ndr_window *w, size_t count,
                  ndr_error *err)
{
    edit e;
    ndr_window_table *all = NULL;
    int rc = begin(&e, folder, err);
    if (rc == 0)
        rc = make_room(&e, count, err);
    const size_t held = e.want_count;
    size_t indent = 2;
    if (rc == 0 && held > 0)
        indent = ndr_window_text_indent((ndr_slice){e.text.ptr, e.text.len}, &e.yaml, 0);
    if (rc == 0 && indent == SIZE_MAX)
        rc = refuse(&e, err);
    bool begun = e.yaml.listed; /* without entries, perhaps: "windows:" alone */
    for (size_t i = 0; rc == 0 && i < count; i++) {
        bool extended = false;
        ndr_window want = w[i];
        want.kinds = w[i].kinds != 0 ? w[i].kinds : (unsigned)NDR_KINDS_DEFAULT;
        rc = extend(&e, held, &want, &extended, err);
        if (rc < 0 || extended)
            continue;
        if (held == 0 && begun)
            ndr_window_text_unlist(&e.text);
        e.want[e.want_count++] = want;
        ndr_window_text_append(&e.text, begun, indent, &want);
        begun = true;
        e.change[e.change_count++] = (ndr_window_change){NDR_WINDOW_ADDED, want};
    }
    if (rc == 0)
        rc = finish(&e, &all, err);
    ndr_window_table_free(all);
    end(&e);
    return rc;
}

/* Entry `i` from the last to the first, so that the lines of those before stay true. */
static int
end_entry(edit *e, size_t i, size_t held, int64_t now, ndr_error *err)
{
    ndr_window *w = &e->want[i];
    const bool coming = w->from >= now;
    if (!(coming ? ndr_window_text_drop(&e->text, &e->yaml, i, held)
                 : ndr_window_text_end(&e->text, &e->yaml, i, now)))
        return refuse(e, err);
    if (!coming)
        w->until = now;
    e->change[e->change_count++] =
        (ndr_window_change){coming ? NDR_WINDOW_CANCELLED : NDR_WINDOW_ENDED, *w};
    if (coming) {
        memmove(w, w + 1, (e->want_count - i - 1) * sizeof *w);
        e->want_count--;
    }
    return 0;
}

int
ndr_windows_unblock(const ndr_windows_folder *folder, const ndr_slice *domain,
                    size_t count, int64_t now, size_t *ret_changed, ndr_error *err)
{
    edit e;
    ndr_window_table *all = NULL;
    *ret_changed = 0;
    int rc = begin(&e, folder, err);
    if (rc == 0)
        rc = make_room(&e, 0, err);
    const size_t held = e.want_count;
    for (size_t i = held; rc == 0 && i-- > 0;)
        if (e.want[i].until > now && is_one_of(e.want[i].domain, domain, count) &&
            (e.want[i].delegated || !e.folder.delegated))
            rc = end_entry(&e, i, held, now, err);
    if (rc == 0)
        rc = finish(&e, &all, err);
    const ndr_windows *rows = rc == 0 ? ndr_window_table_rows(all) : NULL;
    for (size_t i = 0; rc == 0 && e.folder.stays != NULL && i < rows->count; i++) {
        const ndr_window *w = &rows->row[i];
        bool covers = is_one_of(w->domain, domain, count);
        for (size_t d = 0; w->subdomains && !covers && d < count; d++)
            covers = ndr_domain_is_below(domain[d], w->domain);
        if (covers && w->until > now)
            e.folder.stays(e.folder.ctx, w);
    }
    if (rc == 0)
        *ret_changed = e.change_count;
    ndr_window_table_free(all);
    end(&e);
    return rc;
}

int
ndr_windows_settle(const ndr_windows_folder *folder,
                   int (*over)(void *ctx, const ndr_window *w, bool *ret, ndr_error *err),
                   int64_t now, size_t *ret_changed, ndr_error *err)
{
    edit e;
    ndr_window_table *all = NULL;
    *ret_changed = 0;
    ndr_windows_folder own;
    int rc = NDR_SIZED_TAKE(ndr_windows_folder, ctx, &own, folder, err);
    if (rc != 0)
        return rc;
    if (access(own.dir, F_OK) != 0 && errno == ENOENT)
        return 0;
    rc = begin(&e, folder, err);
    if (rc == 0)
        rc = make_room(&e, 0, err);
    const size_t held = e.want_count;
    for (size_t i = held; rc == 0 && i-- > 0;) {
        const ndr_window *w = &e.want[i];
        bool ends = false;
        if (w->until_calm && w->from < now && now < w->until)
            rc = over(e.folder.ctx, w, &ends, err);
        if (rc == 0 && ends)
            rc = end_entry(&e, i, held, now, err);
    }
    if (rc == 0)
        rc = finish(&e, &all, err);
    if (rc == 0)
        *ret_changed = e.change_count;
    ndr_window_table_free(all);
    end(&e);
    return rc;
}
