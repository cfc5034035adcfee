/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_folder.h - the folder of a set: its keys, its lock, and the names in it. */
#ifndef SENT_FOLDER_H
#define SENT_FOLDER_H

#include "ndrscan_sent.h"
#include "sent_record.h"

enum { SENT_KEYS_MOST = 64, SENT_MACHINE_BYTES = 64, SENT_NAME_BYTES = 192 };

typedef struct ndr_sent_folder {
    int fd;
    char *shown;       /* its path, for errors; owned */
    ndr_sent_key *key; /* by id; owned */
    size_t key_count;
} ndr_sent_folder;

/*
 * Open the folder and read its keys. With `make`, it and its first key are made when they
 * are not there; without, NDR_E_SYS (ENOENT). NDR_E_SYNTAX for a key file that is
 * damaged, misnamed, or that everybody may read. Closed on failure.
 */
int ndr_sent_folder_open(ndr_sent_folder *f, const char *dir, bool make, ndr_error *err);
void ndr_sent_folder_close(ndr_sent_folder *f);
/* The key of this id, or NULL. Borrowed until the next ndr_sent_folder_keys. */
const ndr_sent_key *ndr_sent_folder_key(const ndr_sent_folder *f, uint64_t id);
/* Add a key of another folder to this one, on the disk too. 0 or an ndr_code. */
int ndr_sent_folder_add_key(ndr_sent_folder *f, const ndr_sent_key *key, ndr_error *err);
/* Wait for the lock: a descriptor whose closing ends it, or NDR_E_SYS. */
int ndr_sent_folder_lock(const ndr_sent_folder *f, ndr_error *err);
/* Make what was renamed and made in the folder last. */
int ndr_sent_folder_sync(const ndr_sent_folder *f, ndr_error *err);

/* `machine`, shorter than SENT_MACHINE_BYTES, as it may be in a file's name: in place. */
void ndr_sent_machine_name(char *machine);
/* The names that end in `suffix`, sorted; free each and the array. 0 or an ndr_code. */
int ndr_sent_folder_list(const ndr_sent_folder *f, const char *suffix, char ***ret,
                         size_t *ret_count, ndr_error *err);
void ndr_sent_names_free(char **names, size_t count);

#endif
