/* SPDX-License-Identifier: BSD-3-Clause */
/* load_rules.c - how do rule files become a ruleset, soon the second time? */
#include "load_rules.h"

#include "cache.h"
#include "ndr_sized.h"
#include "pattern_guard.h"

#include <stdio.h>

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
compile(const ndr_files *files, ndr_rulebook *book, bool cached, ndr_ruleset **ret,
        ndr_buffer *blob, ndr_error *err)
{
    ndr_builder *b = ndr_builder_new();
    if (b == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    unsigned rules = 0;
    int rc = parse(files, b, book, &rules, err);
    if (rc == 0 && !cached)
        rc = ndr_guard_compile(b, COMPILE_S + rules / RULES_A_SECOND, ret, blob, err);
    ndr_builder_free(b);
    return rc;
}

int
ndr_rules_make(const ndr_files *files, const char *cache_dir, ndr_rulebook *book,
               ndr_ruleset **ret, char *ret_cache_note, ndr_error *err)
{
    char note[NDR_CACHE_NOTE_BYTES] = "", put_note[NDR_CACHE_NOTE_BYTES] = "";
    ndr_buffer key = {0}, blob = {0};
    ndr_blob_owner home = {0};
    ndr_error damage = {0};
    ndr_rulebook own = {0};
    ndr_slice kept = {0};
    ndr_ruleset *rs = NULL;
    int rc = 0;

    if (book != NULL)
        *book = (ndr_rulebook){0};
    if (cache_dir != NULL && cache_dir[0] != '\0') {
        ndr_cache_key(files, &key);
        if (!key.failed &&
            ndr_cache_get(cache_dir, (ndr_slice){key.ptr, key.len}, &home, &kept, note) &&
            ndr_ruleset_load(kept, &home, &rs, &damage) != 0) {
            (void)snprintf(note, sizeof note,
                           "cache folder '%.100s': what was kept is passed over: %.80s",
                           cache_dir, damage.text);
            home.give_back(home.bytes);
            rs = NULL;
        }
    }
    if (rs == NULL || book != NULL)
        rc = compile(files, book != NULL ? book : &own, rs != NULL, &rs, &blob, err);
    if (rc == 0 && key.len > 0 && !key.failed && blob.len > 0)
        ndr_cache_put(cache_dir, (ndr_slice){key.ptr, key.len},
                      (ndr_slice){blob.ptr, blob.len}, put_note);

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
ndr_rules_load(const ndr_rules_opts *opts, ndr_ruleset **ret, char *ret_cache_note,
               ndr_error *err)
{
    ndr_files files;
    if (ret_cache_note != NULL)
        ret_cache_note[0] = '\0';
    ndr_rules_opts own;
    int rc = NDR_SIZED_TAKE(ndr_rules_opts, cache_dir, &own, opts, err);
    if (rc == 0)
        rc = ndr_files_read(own.path, own.path_count, &files, err);
    if (rc < 0)
        return rc;
    rc = ndr_rules_make(&files, own.cache_dir, NULL, ret, ret_cache_note, err);
    ndr_files_free(&files);
    return rc;
}
