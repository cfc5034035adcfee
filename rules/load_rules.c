/* SPDX-License-Identifier: BSD-3-Clause */
/* load_rules.c - how do rule files become a ruleset, soon the second time? */
#include "load_rules.h"

#include "cache.h"
#include "ndr_file.h"
#include "ndr_sized.h"
#include "pattern_guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Processor time for all rules together: plenty for honest ones, on a slow machine too.
 */
enum { COMPILE_S = 60, RULES_A_SECOND = 50 };

/* Parse; *ret_rules is how many are not switched off. */
static int
parse(const ndr_files *files, ndr_builder *b, ndr_rulebook *book, unsigned *ret_rules,
      ndr_error *err)
{
    int rc = ndr_rulebook_read(files, b, book, err);
    unsigned rules = 0;
    for (size_t i = 0; i < book->count; i++) {
        const ndr_rule_document *d = book->yaml[i].data;
        for (unsigned k = 0; d != NULL && k < d->rules_count; k++)
            rules += d->rules[k].enabled == NULL || *d->rules[k].enabled ? 1 : 0;
    }
    /* without rules all mail would pass for no bounce, and nobody would know */
    if (rc == 0 && rules == 0)
        rc = ndr_fail(err, NDR_E_SYNTAX, "%s: no rules; write rules: with one at least",
                      files->count > 0 ? files->file[0].name : "no rule file");
    *ret_rules = rules;
    return rc;
}

static int
compile(const ndr_files *files, ndr_rulebook *book, bool cached, bool any_cpu,
        ndr_ruleset **ret, ndr_buffer *blob, ndr_error *err)
{
    ndr_builder *b = ndr_builder_new();
    if (b == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    unsigned rules = 0;
    int rc = parse(files, b, book, &rules, err);
    if (any_cpu)
        ndr_builder_any_cpu(b);
    if (rc == 0 && !cached)
        rc = ndr_guard_compile(b, COMPILE_S + rules / RULES_A_SECOND, ret, blob, err);
    ndr_builder_free(b);
    return rc;
}

/* What is kept for `key`, loaded; NULL in *ret and a note why not. 0, or NDR_E_NOMEM: who
 * has no memory to load rules has none to compile them. */
static int
load_kept(const char *dir, const char *name, ndr_slice key, ndr_ruleset **ret,
          char note[NDR_CACHE_NOTE_BYTES], ndr_error *err)
{
    ndr_blob_owner home = {0};
    ndr_error damage = {0};
    ndr_slice kept = {0};
    *ret = NULL;
    if (!ndr_cache_get(dir, name, key, &home, &kept, note))
        return 0;
    const int rc = ndr_ruleset_load(kept, &home, ret, &damage);
    if (rc == 0)
        return 0;
    home.give_back(home.bytes);
    if (rc == NDR_E_NOMEM)
        return ndr_fail(err, rc, "%s", damage.text);
    (void)snprintf(note, NDR_CACHE_NOTE_BYTES,
                   "cache folder '%.100s': what was kept is passed over: %.80s", dir,
                   damage.text);
    return 0;
}

int
ndr_rules_make(const ndr_files *files, const char *cache_dir, ndr_rulebook *book,
               ndr_ruleset **ret, char *ret_cache_note, ndr_error *err)
{
    char note[NDR_CACHE_NOTE_BYTES] = "", put_note[NDR_CACHE_NOTE_BYTES] = "";
    char name[NDR_CACHE_NAME_BYTES];
    ndr_buffer key = {0}, blob = {0};
    ndr_rulebook own = {0};
    ndr_ruleset *rs = NULL;
    int rc = 0;

    if (book != NULL)
        *book = (ndr_rulebook){0};
    if (cache_dir != NULL && cache_dir[0] != '\0')
        ndr_cache_key(files, ndr_platform(), &key);
    const bool has_key = key.len > 0 && !key.failed;
    const ndr_slice keyed = {key.ptr, key.len};
    if (has_key) {
        ndr_cache_file_name(keyed, name);
        rc = load_kept(cache_dir, name, keyed, &rs, note, err);
    }
    if (rc == 0 && (rs == NULL || book != NULL))
        rc = compile(files, book != NULL ? book : &own, rs != NULL, false, &rs, &blob,
                     err);
    if (rc == 0 && has_key && blob.len > 0)
        ndr_cache_put(cache_dir, keyed, (ndr_slice){blob.ptr, blob.len}, put_note);

    ndr_rulebook_free(&own);
    ndr_buffer_free(&blob);
    ndr_buffer_free(&key);
    if (ret_cache_note != NULL)
        (void)snprintf(ret_cache_note, NDR_CACHE_NOTE_BYTES, "%s",
                       put_note[0] != '\0' ? put_note : note);
    if (rc < 0)
        ndr_ruleset_free(rs);
    else
        *ret = rs;
    return rc;
}

int
ndr_rules_files(const ndr_rules_opts *opts, bool bare, ndr_files *ret, ndr_error *err)
{
    *ret = (ndr_files){0};
    if (opts->shipped != NULL) {
        const int rc = ndr_files_add(&opts->shipped, 1, ret, err);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < ret->count && bare; i++) {
        char *name = ret->file[i].name;
        const char *slash = strrchr(name, '/');
        if (slash != NULL)
            memmove(name, slash + 1, strlen(slash));
    }
    return ndr_files_add(opts->path, opts->path_count, ret, err);
}

/* The folder of `file`, to be freed, and its name there. */
static char *
folder_of(const char *file, const char **ret_name)
{
    const char *slash = strrchr(file, '/');
    *ret_name = slash != NULL ? slash + 1 : file;
    return slash != NULL ? strndup(file, (size_t)(slash - file) + 1) : strdup("./");
}

/* The first database that fits; NULL in *ret and a note why the last one does not. 0 or
 * NDR_E_NOMEM. */
static int
load_database(const ndr_files *files, const ndr_rules_opts *o, ndr_ruleset **ret,
              char note[NDR_CACHE_NOTE_BYTES], ndr_error *err)
{
    const char *const platform[] = {ndr_platform_any_cpu(), ndr_platform()};
    ndr_buffer key[2] = {{0}, {0}};
    ndr_ruleset *rs = NULL;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < o->database_count && rs == NULL; i++) {
        const char *name;
        char *dir = folder_of(o->database[i], &name);
        for (size_t k = 0; rc == 0 && k < 2 && rs == NULL && dir != NULL; k++) {
            if (k > 0 && access(o->database[i], F_OK) != 0)
                break; /* nor for this CPU alone */
            if (key[k].len == 0)
                ndr_cache_key(files, platform[k], &key[k]);
            if (!key[k].failed)
                rc = load_kept(dir, name, (ndr_slice){key[k].ptr, key[k].len}, &rs, note,
                               err);
        }
        free(dir);
    }
    ndr_buffer_free(&key[0]);
    ndr_buffer_free(&key[1]);
    *ret = rs;
    return rc;
}

int
ndr_rules_load(const ndr_rules_opts *opts, ndr_ruleset **ret, char *ret_cache_note,
               ndr_error *err)
{
    char note[NDR_CACHE_NOTE_BYTES] = "";
    ndr_files files;
    ndr_rules_opts own;
    int rc = NDR_SIZED_TAKE(ndr_rules_opts, cache_dir, &own, opts, err);
    if (rc == 0)
        rc = ndr_rules_files(&own, true, &files, err);
    if (rc < 0)
        return rc;
    ndr_ruleset *rs = NULL;
    if (own.path_count == 0 && own.shipped != NULL)
        rc = load_database(&files, &own, &rs, note, err);
    if (rs != NULL)
        *ret = rs;
    else if (rc == 0)
        rc = ndr_rules_make(&files, own.cache_dir, NULL, ret,
                            note[0] == '\0' ? note : NULL, err);
    if (ret_cache_note != NULL)
        memcpy(ret_cache_note, rs != NULL ? "" : note, rs != NULL ? 1 : sizeof note);
    ndr_files_free(&files);
    return rc;
}

int
ndr_rules_compile(const char *shipped, bool any_cpu, const char *file, ndr_error *err)
{
    const char *name;
    ndr_files files;
    ndr_buffer key = {0}, blob = {0};
    ndr_rulebook book = {0};
    ndr_ruleset *rs = NULL;
    const int folder = ndr_folder_of(file, &name);
    if (folder < 0)
        return ndr_fail(err, NDR_E_SYS, "the folder of '%s'", file);
    int rc = ndr_rules_files(&(ndr_rules_opts){.shipped = shipped}, true, &files, err);
    if (rc < 0) {
        (void)close(folder); /* nothing was done in it */
        return rc;
    }
    rc = compile(&files, &book, false, any_cpu, &rs, &blob, err);
    if (rc == 0) {
        ndr_cache_key(&files, any_cpu ? ndr_platform_any_cpu() : ndr_platform(), &key);
        rc = key.failed
                 ? ndr_fail(err, NDR_E_NOMEM, "no memory")
                 : ndr_cache_write(folder, name, 0644, (ndr_slice){key.ptr, key.len},
                                   (ndr_slice){blob.ptr, blob.len}, err);
        if (rc != 0)
            ndr_error_prefix(err, "%s", file);
    }
    ndr_ruleset_free(rs);
    ndr_rulebook_free(&book);
    ndr_buffer_free(&blob);
    ndr_buffer_free(&key);
    ndr_files_free(&files);
    (void)close(folder); /* the file in it was synced */
    return rc;
}
