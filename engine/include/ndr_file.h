/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_file.h - how does a file come to be whole under its name, or not at all?
 *
 *   begin -> write -> put: contents to the disk, the name, the name to the disk
 *
 * In this order, so that a crash in between leaves the old file or none. For the rooms
 * and the tools; not installed. What fails sets errno: the caller knows the words.
 */
#ifndef NDR_FILE_H
#define NDR_FILE_H

#include "ndrscan_common.h"

#include <dirent.h>
#include <sys/types.h>

/* Write all of them, however long the descriptor takes; false and errno. Thread: any. */
NDR_API bool ndr_write_all(int fd, ndr_slice bytes);
/* Append what comes up to the end, at most `most` bytes (SIZE_MAX: any number). 0,
 * NDR_E_SYS, NDR_E_NOMEM, or NDR_E_LIMIT where more came, and errno (ENOMEM, EFBIG); what
 * was read by then stays. Thread: any. */
NDR_API int ndr_read_all(int fd, size_t most, ndr_buffer *out);

/*
 * Make each folder of `path` that is not there, as mkdir -p does; what its first `from`
 * bytes name is not made. `synced`: the name of each is on the disk before the next is
 * made. 0 or NDR_E_SYS, which names the folder.
 */
NDR_API int
ndr_folders_make(const char *path, size_t from, mode_t mode, bool synced, ndr_error *err);

/* The folder that `path` lies in, opened, and in *ret_base its name there; -1 and errno.
 */
NDR_API int ndr_folder_of(const char *path, const char **ret_base);
/* A folder's names are on the disk, where its file system can do that; -1 and errno. */
NDR_API int ndr_folder_sync(int dir);

/*
 * Give each entry of a folder but "." and ".." to `take`, in no order, until it answers
 * other than 0, which is below 0. `fd` is the folder, opened to be read; it is closed.
 * Below 0: it could not be opened, and errno says why. 0; what `take` answered; or 1 and
 * errno: not all of the folder could be listed. Thread: any.
 */
NDR_API int
ndr_folder_each(int fd, int (*take)(void *ctx, const struct dirent *e), void *ctx);

/* Is a file of this name one of rules, windows or people in a folder of them: *.yaml or
 * *.yml, and not hidden? Thread: any. */
NDR_API bool ndr_yaml_name(const char *name);

/* What statfs(2) calls the file system that `fd` is on, if it is one that other machines
 * see, too, or that answers from far away: "NFS", "FUSE"... NULL: none that is known.
 * Thread: any. */
NDR_API const char *ndr_mount_shared(int fd);

/* What a unique name of a file that is being written begins and ends with. */
#define NDR_NEW_FILE_BEGIN ".ndrscan-"
#define NDR_NEW_FILE_END   ".part"

/* A file that nobody sees yet. */
typedef struct ndr_new_file {
    int fd;  /* to write and read; -1: there is none */
    int dir; /* the folder it will be in; borrowed */
    bool named;
    char beside[64]; /* its name in `dir` until then, if `named` */
} ndr_new_file;

/*
 * Begin one in `dir`, which stays open until it ends. `beside` NULL: it has no name, so
 * that nothing is left of it however the program ends; where a file system knows no such
 * files, one that no other has. Else it has that name, of up to 63 bytes: for who holds
 * a lock, and what a killed run left there is removed. False and errno.
 */
NDR_API bool
ndr_new_file_begin(ndr_new_file *f, int dir, const char *beside, mode_t mode);
enum ndr_new_file_step {
    NDR_NEW_FILE_DONE,
    NDR_NEW_FILE_SYNC,  /* its contents did not come to the disk */
    NDR_NEW_FILE_NAME,  /* it could not be named; EEXIST: `name` is there */
    NDR_NEW_FILE_FOLDER /* it has its name, which may not outlast a crash */
};
/* Bring it to the disk and under `name`, in the place of what has it if `replace`. Ends
 * it, whatever it answers; else than DONE: and errno. */
NDR_API enum ndr_new_file_step
ndr_new_file_put(ndr_new_file *f, const char *name, bool replace);
/* Forget it; errno stays. Again, or one that was put: nothing. */
NDR_API void ndr_new_file_drop(ndr_new_file *f);

#endif
