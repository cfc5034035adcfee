/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces_plan.c - see pieces_plan.h. */
#include "pieces_plan.h"

#include "app/commands.h"
#include "app/diag.h"
#include "app/proof_counts.h"
#include "app/shipped.h"
#include "app/stop.h"
#include "ndr_file.h"
#include "ndr_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int
pieces_status(const ndr_error *err)
{
    static const int never[] = {EACCES, EPERM,  ENOTDIR, EISDIR,      ELOOP,
                                EROFS,  EEXIST, EINVAL,  ENAMETOOLONG};
    if (err->code != NDR_E_SYS)
        return err->code == NDR_E_NOMEM || err->code == NDR_E_STOPPED ? EXIT_TERMINATED
                                                                      : EXIT_NOT_RUN;
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (err->sys_errno == never[i])
            return EXIT_NOT_RUN;
    return EXIT_TERMINATED;
}

/* ---- making one ---------------------------------------------------------------------
 */

static uint64_t
hash_counted(const plan_file *f)
{
    return ndr_hash((ndr_slice){f->counted.ptr, f->counted.len}, 0);
}

/* Are weak proofs counted first, and with what was counted before? False: no memory. */
static bool
put_count_first(const pieces *p, const setup *s, plan_file *f)
{
    const char *word = p->count_first ? COUNT_FIRST_NEEDLESS : COUNT_FIRST_NO;
    if (!p->count_first || !setup_proves(s))
        return setting_put(&f->settings, SETTING_COUNT_FIRST, ndr_slice_of(word));
    proof_counts_read(s->prover);
    ndr_prover_counts_save(s->prover, &f->counted);
    return !f->counted.failed &&
           setting_put_hash(&f->settings, SETTING_COUNT_FIRST, hash_counted(f));
}

static int
put_settings(const pieces *p, const pieces_run *run, plan_file *f, ndr_error *err)
{
    const setup *s = run->setup;
    settings *t = &f->settings;
    uint64_t identity, sent;
    int code = pins_identity(s, &identity, err);
    if (code == 0)
        code = pins_sent(s, &sent, err);
    if (code != 0)
        return code;
    char now[32] = "";
    if (s->clock == NDR_CLOCK_NOW)
        ndr_time_format(s->now, now);
    const char *path = s->paths.pattern != NULL ? s->paths.pattern : "";
    const uint64_t most = run->input->message_limit_bytes > 0
                              ? run->input->message_limit_bytes
                              : NDR_MESSAGE_BYTES;
    const uint64_t bytes =
        p->piece_bytes > 0 ? (uint64_t)p->piece_bytes : NDR_PLAN_PIECE_BYTES;
    const bool ok =
        setting_put(t, SETTING_ENGINE, ndr_slice_of("ndrscan/" NDR_VERSION)) &&
        setting_put(t, SETTING_FORMAT,
                    ndr_slice_of(settings_formats[run->input->format])) &&
        setting_put(t, SETTING_CLOCK, ndr_slice_of(settings_clocks[s->clock])) &&
        setting_put(t, SETTING_NOW, ndr_slice_of(now)) &&
        setting_put(t, SETTING_RECIPIENT_PATH, ndr_slice_of(path)) &&
        setting_put_number(t, SETTING_MAX_MESSAGE, most) &&
        setting_put(t, SETTING_OUTPUT, ndr_slice_of(settings_outputs[run->output])) &&
        setting_put(t, SETTING_EMIT, ndr_slice_of(settings_emits[run->emit])) &&
        setting_put(t, SETTING_EVIDENCE,
                    ndr_slice_of(settings_evidence[s->counts || s->prove_always])) &&
        put_count_first(p, s, f) && setting_put_number(t, SETTING_PIECE_BYTES, bytes) &&
        setting_put_hash(t, SETTING_RULES, pins_hash(&f->rules, false)) &&
        setting_put_hash(t, SETTING_WINDOWS, pins_hash(&f->windows, true)) &&
        setting_put_hash(t, SETTING_RECIPIENT_MAP, pins_hash(&f->map, false)) &&
        setting_put_hash(t, SETTING_IDENTITY, identity) &&
        setting_put_hash(t, SETTING_SENT, sent);
    return ok ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory for a plan");
}

/* Where relative sources begin, if that counts: machines that have none may be anywhere. */
static int
put_base(const setup *s, plan_file *f, ndr_error *err)
{
    const char *here = mailbox_paths_are_whole(&s->paths) ? mailbox_paths_here() : NULL;
    bool relative = false;
    for (size_t i = 0; i < f->plan.source_count && !relative; i++)
        relative = ndr_plan_text(&f->plan, f->plan.source[i].path)[0] != '/';
    return setting_put(&f->settings, SETTING_RECIPIENT_BASE,
                       ndr_slice_of(relative && here != NULL ? here : ""))
               ? 0
               : ndr_fail(err, NDR_E_NOMEM, "no memory for a plan");
}

static int
put_windows(const setup *s, plan_file *f, ndr_error *err)
{
    const ndr_windows *w =
        s->window_table != NULL ? ndr_window_table_rows(s->window_table) : NULL;
    for (size_t i = 0; w != NULL && i < w->count; i++)
        if (!plan_file_add_window(f, &w->row[i]))
            return ndr_fail(err, NDR_E_NOMEM, "no memory for a plan");
    return 0;
}

int
pieces_plan_make(const pieces *p, const pieces_run *run, bool walk, plan_file *ret)
{
    ndr_error err = {0};
    *ret = (plan_file){.made = (int64_t)time(NULL)};
    const ndr_plan_opts how = {
        NDR_SIZED(ndr_plan_opts),
        .input = run->input,
        .piece_bytes = (uint64_t)p->piece_bytes,
        .walk_frames = walk,
        .stop = stop_flag(),
    };
    int code = pins_of_rules(run->setup, &ret->rules, &err);
    if (code == 0)
        code = pins_of_windows(run->setup, &ret->windows, &err);
    if (code == 0)
        code = pins_of_map(run->setup, &ret->map, &err);
    if (code == 0)
        code = put_settings(p, run, ret, &err);
    if (code == 0)
        code = put_windows(run->setup, ret, &err);
    if (code == 0)
        code = ndr_plan_list(&how, &ret->plan, &err);
    if (code == 0)
        code = put_base(run->setup, ret, &err);
    if (code == 0) {
        ret->hash = plan_file_text(ret, &ret->text);
        if (ret->text.failed)
            code = ndr_fail(&err, NDR_E_NOMEM, "no memory for a plan");
    }
    if (code == 0)
        return 0;
    diag("%s", err.text);
    plan_file_free(ret);
    return code == NDR_E_STOPPED && stop_signal() == SIGINT ? EXIT_INTERRUPTED
           : code == NDR_E_SYS                              ? EXIT_NOT_RUN
                                                            : pieces_status(&err);
}

/* One file of the plan's folder, whole or not at all. */
static int
put_file(int dir, const char *name, ndr_slice bytes, bool replace, ndr_error *err)
{
    ndr_new_file f;
    if (!ndr_new_file_begin(&f, dir, NULL, 0600))
        return ndr_fail(err, NDR_E_SYS, "%s", name);
    if (!ndr_write_all(f.fd, bytes)) {
        const int code = ndr_fail(err, NDR_E_SYS, "%s", name);
        ndr_new_file_drop(&f);
        return code;
    }
    return ndr_new_file_put(&f, name, replace) == NDR_NEW_FILE_DONE
               ? 0
               : ndr_fail(err, NDR_E_SYS, "%s", name);
}

static int
put_copies(int dir, const char *word, const char *ends, const pins *from, ndr_error *err)
{
    if (mkdirat(dir, word, 0700) != 0 && errno != EEXIST)
        return ndr_fail(err, NDR_E_SYS, "%s", word);
    const int sub = openat(dir, word, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sub < 0)
        return ndr_fail(err, NDR_E_SYS, "%s", word);
    int code = 0;
    for (size_t i = 0; code == 0 && i < from->count; i++) {
        char name[32];
        const ndr_buffer *b = &from->row[i].bytes;
        (void)snprintf(name, sizeof name, "%04zu%s", i, ends);
        code = put_file(sub, name, (ndr_slice){b->ptr, b->len}, true, err);
        if (code != 0)
            ndr_error_prefix(err, "%s", word);
    }
    (void)close(sub); /* was only named in */
    return code;
}

int
pieces_plan_write(const pieces *p, const plan_file *plan)
{
    ndr_error err = {0};
    int code = ndr_folders_make(p->plan_dir, 0, 0700, true, &err);
    const int dir =
        code == 0 ? open(p->plan_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (code == 0 && dir < 0)
        code = ndr_fail(&err, NDR_E_SYS, "open");
    struct stat st;
    if (code == 0 && fstatat(dir, PLAN_FILE, &st, 0) == 0) {
        errno = EEXIST;
        code =
            ndr_fail(&err, NDR_E_SYS,
                     "a plan is written once: name another folder, or remove this one");
    }
    if (code == 0)
        code = put_copies(dir, "rules", ".yaml", &plan->rules, &err);
    if (code == 0)
        code = put_copies(dir, "windows", ".yaml", &plan->windows, &err);
    if (code == 0 && plan->map.count > 0)
        code = put_copies(dir, "recipient-map", "", &plan->map, &err);
    if (code == 0 && settings_count_first(&plan->settings))
        code = put_file(dir, PLAN_COUNTED,
                        (ndr_slice){plan->counted.ptr, plan->counted.len}, true, &err);
    if (code == 0)
        code = put_file(dir, PLAN_FILE, (ndr_slice){plan->text.ptr, plan->text.len},
                        false, &err);
    if (dir >= 0)
        (void)close(dir); /* was only named in */
    if (code == 0)
        return 0;
    diag("--plan '%s': %s", p->plan_dir, err.text);
    return pieces_status(&err);
}

/* ---- following one --------------------------------------------------------------------
 */

/* The paths of the copies, which the plan owns. */
static bool
take_copies(plan_file *f, const char *dir, const char *word, const char *ends,
            size_t count, const char **to)
{
    for (size_t i = 0; i < count; i++) {
        ndr_buffer path = {0};
        ndr_buffer_printf(&path, "%s/%s/%04zu%s", dir, word, i, ends);
        ndr_buffer_byte(&path, '\0');
        to[i] = (const char *)path.ptr;
        if (path.failed || !plan_file_keep(f, (char *)path.ptr))
            return false;
    }
    return true;
}

/* Are the rules that are shipped here, compiled perhaps, those of the plan? */
static bool
is_shipped(const plan_file *f, const setup *s)
{
    setup own = setup_afresh(s);
    pins here = {0};
    settings hash = {0};
    own.rules_count = 0;
    own.no_shipped = false;
    const bool same =
        shipped_rules(own.shipped, sizeof own.shipped, NULL) == 0 &&
        pins_of_rules(&own, &here, NULL) == 0 &&
        setting_put_hash(&hash, SETTING_RULES, pins_hash(&here, false)) &&
        strcmp(hash.value[SETTING_RULES], f->settings.value[SETTING_RULES]) == 0;
    pins_free(&here);
    settings_free(&hash);
    return same;
}

static int
take_rules(const pieces *p, plan_file *f, setup *s, ndr_error *err)
{
    const bool shipped = is_shipped(f, s);
    const char **rules = calloc(f->rules.count + 1, sizeof *rules);
    const char **windows = calloc(f->windows.count + 1, sizeof *windows);
    if (rules == NULL || windows == NULL ||
        !take_copies(f, p->plan_dir, "rules", ".yaml", f->rules.count, rules) ||
        !take_copies(f, p->plan_dir, "windows", ".yaml", f->windows.count, windows) ||
        !take_copies(f, p->plan_dir, "recipient-map", "", f->map.count, &s->paths.map)) {
        free(rules);
        free(windows);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a plan");
    }
    free(s->rules);
    free(s->windows);
    s->rules = rules;
    s->rules_count = shipped ? 0 : f->rules.count;
    s->windows = windows;
    s->windows_count = f->windows.count;
    s->no_shipped = !shipped;
    s->no_windows = f->windows.count == 0; /* windows of no file are none, too */
    s->empty = SETUP_EMPTY_FINE;
    return 0;
}

/* What else a plan says, put where options would. */
static int
take_settings(const plan_file *f, pieces_run *run, ndr_error *err)
{
    const settings *t = &f->settings;
    setup *s = run->setup;
    for (int i = 0; i < SETTING_COUNT; i++)
        if (t->value[i] == NULL)
            return ndr_fail(err, NDR_E_SYNTAX, "the plan does not say its %s",
                            setting_name((enum setting)i));
    const int format = settings_word(settings_formats, t->value[SETTING_FORMAT]);
    const int clock = settings_word(settings_clocks, t->value[SETTING_CLOCK]);
    const int output = settings_word(settings_outputs, t->value[SETTING_OUTPUT]);
    const int emit = settings_word(settings_emits, t->value[SETTING_EMIT]);
    const int evidence = settings_word(settings_evidence, t->value[SETTING_EVIDENCE]);
    if (format < 0 || clock < 0 || output < 0 || emit < 0 || evidence < 0)
        return ndr_fail(err, NDR_E_SYNTAX, "the plan has a word that is unknown here");
    if (strcmp(t->value[SETTING_ENGINE], "ndrscan/" NDR_VERSION) != 0)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "the plan was made by %s, and this is ndrscan/" NDR_VERSION
                        ": all machines need the same",
                        t->value[SETTING_ENGINE]);
    run->input->format = (enum ndr_format)format;
    run->input->message_limit_bytes = (size_t)setting_number(t, SETTING_MAX_MESSAGE);
    s->clock = (enum ndr_clock)clock;
    s->prove_always = evidence == 1;
    run->output = (enum ndr_output)output;
    run->emit = (enum ndr_emit)emit;
    if (t->value[SETTING_RECIPIENT_PATH][0] != '\0')
        s->paths.pattern = t->value[SETTING_RECIPIENT_PATH];
    if (t->value[SETTING_RECIPIENT_BASE][0] != '\0')
        s->paths.base = t->value[SETTING_RECIPIENT_BASE];
    return s->clock == NDR_CLOCK_NOW
               ? (s->now_said = true,
                  ndr_timestamp_parse(t->value[SETTING_NOW], &s->now, err))
               : 0;
}

/* What was counted before, as the plan has it. */
static int
take_counted(const pieces *p, plan_file *f, ndr_error *err)
{
    ndr_buffer path = {0};
    if (!settings_count_first(&f->settings))
        return 0;
    ndr_buffer_printf(&path, "%s/" PLAN_COUNTED, p->plan_dir);
    ndr_buffer_byte(&path, '\0');
    int code = path.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a plan")
                           : pins_of_file((const char *)path.ptr, &f->counted, err);
    ndr_buffer_free(&path);
    return code;
}

/* Are the copies, the identity and what was sent those that the plan is about? */
static int
check_same(const plan_file *f, const setup *s, ndr_error *err)
{
    pins rules = {0}, windows = {0}, map = {0};
    uint64_t identity = 0, sent = 0;
    settings now = {0};
    int code = pins_of_rules(s, &rules, err);
    if (code == 0)
        code = pins_of_windows(s, &windows, err);
    if (code == 0)
        code = pins_of_map(s, &map, err);
    if (code == 0)
        code = pins_identity(s, &identity, err);
    if (code == 0)
        code = pins_sent(s, &sent, err);
    windows.none = f->windows.none;
    for (size_t i = 0; code == 0 && i < windows.count; i++) { /* as they were called */
        free(windows.row[i].name);
        windows.row[i].name = strdup(f->windows.row[i].name);
        if (windows.row[i].name == NULL)
            code = ndr_fail(err, NDR_E_NOMEM, "no memory for a plan");
    }
    for (int i = 0; code == 0 && i < SETTING_RULES; i++)
        if (!setting_put(&now, (enum setting)i, ndr_slice_of(f->settings.value[i])))
            code = ndr_fail(err, NDR_E_NOMEM, "no memory for a plan");
    if (code == 0 &&
        (!setting_put_hash(&now, SETTING_RULES, pins_hash(&rules, false)) ||
         !setting_put_hash(&now, SETTING_WINDOWS, pins_hash(&windows, true)) ||
         !setting_put_hash(&now, SETTING_RECIPIENT_MAP, pins_hash(&map, false)) ||
         !setting_put_hash(&now, SETTING_IDENTITY, identity) ||
         !setting_put_hash(&now, SETTING_SENT, sent) ||
         (settings_count_first(&f->settings) &&
          !setting_put_hash(&now, SETTING_COUNT_FIRST, hash_counted(f)))))
        code = ndr_fail(err, NDR_E_NOMEM, "no memory for a plan");
    const enum setting at = settings_differ(&now, &f->settings);
    if (code == 0 && at != SETTING_COUNT)
        code =
            ndr_fail(err, NDR_E_SYNTAX, "the plan was made with other %s than are here%s",
                     setting_name(at),
                     at >= SETTING_IDENTITY ? "; --identity and --sent say which" : "");
    pins_free(&rules);
    pins_free(&windows);
    pins_free(&map);
    settings_free(&now);
    return code;
}

int
pieces_plan_follow(const pieces *p, pieces_run *run, plan_file *ret)
{
    ndr_error err = {0};
    ndr_buffer path = {0};
    *ret = (plan_file){0};
    ndr_buffer_printf(&path, "%s/" PLAN_FILE, p->plan_dir);
    ndr_buffer_byte(&path, '\0');
    int code = path.failed ? ndr_fail(&err, NDR_E_NOMEM, "no memory for a plan")
                           : plan_file_read((const char *)path.ptr, ret, &err);
    const bool absent = code == NDR_E_SYS && err.sys_errno == ENOENT;
    if (code == 0)
        code = take_settings(ret, run, &err);
    if (code == 0)
        code = take_rules(p, ret, run->setup, &err);
    if (code == 0)
        code = take_counted(p, ret, &err);
    int status = code != 0 ? -1 : setup_load(run->setup);
    if (status == 0 && (code = check_same(ret, run->setup, &err)) != 0)
        status = -1;
    ndr_buffer_free(&path);
    if (status == 0)
        return 0;
    if (absent)
        diag("--plan '%s' holds no plan; make it first, without --shard: ndrscan scan "
             "--plan %s SOURCE...",
             p->plan_dir, p->plan_dir);
    else if (status < 0)
        diag("--plan '%s': %s", p->plan_dir, err.text);
    plan_file_free(ret);
    return status > 0 || absent ? EXIT_NOT_RUN : pieces_status(&err);
}

/* ---- windows by their names
 * ------------------------------------------------------------- */

/* PLAN/windows/NNNN.yaml:LINE as NAME:LINE. False: no memory. */
static bool
rename_one(const pieces *p, plan_file *f, ndr_window *w)
{
    char begin[4096];
    const int n = snprintf(begin, sizeof begin, "%s/windows/", p->plan_dir);
    if (n < 0 || (size_t)n >= sizeof begin || w->where.len < (size_t)n + 4 ||
        memcmp(w->where.ptr, begin, (size_t)n) != 0)
        return true;
    const size_t number = strtoull((const char *)w->where.ptr + n, NULL, 10);
    const unsigned char *colon = memchr(w->where.ptr + n, ':', w->where.len - (size_t)n);
    if (number >= f->windows.count || colon == NULL)
        return true;
    ndr_buffer b = {0};
    ndr_buffer_text(&b, f->windows.row[number].name);
    ndr_buffer_add(&b, (ndr_slice){colon, w->where.len - (size_t)(colon - w->where.ptr)});
    w->where = (ndr_slice){b.ptr, b.len};
    return !b.failed && plan_file_keep(f, (char *)b.ptr);
}

int
pieces_plan_windows(const pieces *p, plan_file *plan, const ndr_windows *loaded,
                    ndr_windows *ret, ndr_error *err)
{
    ndr_window *row = calloc(loaded->count > 0 ? loaded->count : 1, sizeof *row);
    bool ok = row != NULL;
    for (size_t i = 0; ok && i < loaded->count; i++) {
        row[i] = loaded->row[i];
        ok = rename_one(p, plan, &row[i]);
    }
    if (!ok) {
        free(row);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for windows");
    }
    *ret = (ndr_windows){row, loaded->count};
    return 0;
}
