/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mover_switch.c - how is a window opened or ended for the console, or said to open
 * itself?
 *
 *   mover --fork--> this, with the mover's rights over the folder of windows
 *
 * Whose domain it is was held against admins.yaml; what the window says besides is held
 * against that here: one window, of that domain, so far below, with an end. That it is a
 * customer's, and who began it, is written down as the mover knows it, not as it is told.
 */
#include "mover_packet.h"

#include "app/history.h"
#include "app/windows_place.h"
#include "ndr_clock.h"
#include "ndr_file.h"
#include "windows/auto_wishes.h"
#include "windows/provable.h"
#include "windows/settle.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 2000 };

bool
mover_switches(enum mover_what what)
{
    return what == MOVER_BLOCK || what == MOVER_UNBLOCK || what == MOVER_AUTO_ON ||
           what == MOVER_AUTO_OFF || what == MOVER_SETTLE;
}

/* In whose name it is, in the history. */
static void
sign_history(history *h, const mover_order *order, const ndr_admin *who)
{
    const bool by_proxy = who != NULL && who->proxy != NULL &&
                          (who->password == NULL || strcmp(order->way, "proxy") == 0);
    h->way = who == NULL ? "token" : by_proxy ? "proxy" : "password";
    h->peer = order->peer;
    h->address = order->address;
    if (who == NULL) {
        (void)snprintf(h->who, sizeof h->who, "console (%s)", order->address);
        return;
    }
    h->person = who->name;
    (void)snprintf(h->who, sizeof h->who, "console: %s", who->name);
}

/* The window that is asked for, and nothing else. */
static int
check_window(const mover_order *order, const ndr_windows *rows, ndr_window *ret,
             ndr_error *err)
{
    if (rows->count != 1)
        return ndr_fail(err, NDR_E_SYNTAX, "it is not one window");
    *ret = rows->row[0];
    if (!ndr_slice_equal(ret->domain, ndr_slice_of(order->domain)) ||
        ret->subdomains != order->below)
        return ndr_fail(err, NDR_E_SYNTAX, "the window is of another domain");
    if (ret->until == NDR_TIME_OPEN)
        return ndr_fail(err, NDR_E_SYNTAX, "the window has no end");
    return 0;
}

static int
block(const mover_order *order, ndr_windows_folder *folder, history *h, ndr_error *err)
{
    ndr_window_table *table = NULL;
    ndr_window w;
    char path[32], note[MOVER_WORDS_BYTES];
    const char *file = path;
    if (!mover_hold_windows(order, path))
        return ndr_fail(err, NDR_E_SYS, "hold a window");
    int rc = ndr_windows_load(&file, 1, NULL, &table, err);
    if (rc == 0)
        rc = check_window(order, ndr_window_table_rows(table), &w, err);
    if (rc == 0) {
        (void)snprintf(note, sizeof note, "%.*s", (int)w.note.len,
                       (const char *)w.note.ptr);
        h->note = note;
        w.delegated = folder->delegated;
        rc = windows_provable(NULL, &w, 1, err);
    }
    if (rc == 0)
        rc = ndr_windows_block(folder, &w, 1, err);
    ndr_window_table_free(table);
    return rc;
}

static int
unblock(const mover_order *order, ndr_windows_folder *folder, history *h, ndr_error *err)
{
    const ndr_slice domain = ndr_slice_of(order->domain);
    size_t changed = 0;
    h->note = order->words;
    const int rc = ndr_windows_unblock(folder, &domain, 1, h->now, &changed, err);
    return rc == 0 && changed == 0
               ? ndr_fail(err, NDR_E_SYNTAX,
                          "no window of '%s' was open or coming that can be ended here",
                          order->domain)
               : rc;
}

/* That windows of the domain open themselves, or no longer. */
static int
wish(const mover_opts *o, const mover_order *order, const ndr_admin *who,
     const history *h, ndr_error *err)
{
    auto_wish w = {.take = NDR_TAKE_NOT_OURS, .at = h->now};
    char plain[256];
    const bool on = order->what == MOVER_AUTO_ON;
    if (ndr_domain_to_ascii(order->domain, plain, err) != 0 ||
        strcmp(plain, order->domain) != 0) /* a wish that nobody could read again */
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no domain in lower-case A-labels",
                        order->domain);
    memcpy(w.domain, order->domain, sizeof w.domain);
    (void)snprintf(w.person, sizeof w.person, "%s", who != NULL ? who->name : "");
    if (on && (!ndr_take_find(ndr_slice_of(order->words), &w.take) ||
               (w.take != NDR_TAKE_NOT_OURS && w.take != NDR_TAKE_FORGED)))
        return ndr_fail(err, NDR_E_SYNTAX, "a window that opens itself takes no such");
    return auto_wishes_put(o->windows_dir, &w, on, h, LOCK_WAIT_MS, err);
}

static int
change(const mover_opts *o, const mover_order *order, const ndr_admin *who,
       ndr_error *err)
{
    history h;
    ndr_windows_folder folder = {NDR_SIZED(ndr_windows_folder),
                                 .dir = o->windows_dir,
                                 .wait_ms = LOCK_WAIT_MS,
                                 .record = history_record,
                                 .ctx = &h,
                                 .delegated = who != NULL};
    int rc = history_begin(&h, o->windows_dir, "", (int64_t)time(NULL), err);
    if (rc == 0)
        rc = windows_place(o->windows_dir, err);
    if (rc < 0)
        return rc;
    h.folder = o->windows_dir;
    sign_history(&h, order, who);
    if (order->what == MOVER_AUTO_ON || order->what == MOVER_AUTO_OFF)
        return wish(o, order, who, &h, err);
    return order->what == MOVER_BLOCK ? block(order, &folder, &h, err)
                                      : unblock(order, &folder, &h, err);
}

/* Windows that were set until calm; which ones is told where we were started. */
static int
end_calm(const mover_opts *o, ndr_error *err)
{
    ndr_buffer told = {0};
    size_t ended = 0;
    const int rc = settle(o->windows_dir, o->stats, "console", (int64_t)time(NULL), &told,
                          &ended, err);
    (void)ndr_write_all(STDERR_FILENO, (ndr_slice){told.ptr, told.len});
    ndr_buffer_free(&told);
    return rc;
}

_Noreturn void
mover_switch(const mover_opts *opts, const mover_order *order, ndr_admins_watch *people,
             int out)
{
    const ndr_admin *who = NULL;
    ndr_error err = {0};
    const ndr_admins *now = people != NULL ? ndr_admins_now(people, ndr_now_ms()) : NULL;
    if (!mover_admitted(order, now, &who)) {
        (void)ndr_write_all(out, ndr_slice_of(MOVER_REFUSED));
        _exit(MOVER_EXIT_NOT_RUN);
    }
    const int rc = order->what == MOVER_SETTLE ? end_calm(opts, &err)
                                               : change(opts, order, who, &err);
    if (rc != 0)
        (void)dprintf(out, "%s\n", err.text);
    _exit(rc == 0              ? 0
          : rc == NDR_E_SYNTAX ? MOVER_EXIT_SYNTAX
          : rc == NDR_E_LIMIT  ? MOVER_EXIT_LIMIT
                               : MOVER_EXIT_NOT_RUN);
}
