/* SPDX-License-Identifier: BSD-3-Clause */
/* result.c - where is the result of a piece, and what does it say of itself? */
#include "out_dir.h"

#include "app/diag.h"
#include "ndr_piece_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
result_name(const ndr_plan_piece *piece, const char *output, bool zstd,
            char ret[RESULT_NAME_BYTES])
{
    (void)snprintf(ret, RESULT_NAME_BYTES, "%02x/%016" PRIx64 "%016" PRIx64 ".%s%s",
                   (unsigned)(piece->id[0] >> 56), piece->id[0], piece->id[1], output,
                   zstd ? ".zst" : "");
}

const char *
piece_name(const ndr_plan *p, const ndr_plan_piece *piece)
{
    return ndr_plan_text(p, p->source[piece->first].path);
}

void
piece_refuse(const ndr_plan *p, const ndr_plan_piece *piece, const char *output,
             const char *why)
{
    const ndr_plan_source *s = &p->source[piece->first];
    char name[RESULT_NAME_BYTES];
    result_name(piece, output, false, name);
    if (piece->partial)
        diag("%s, bytes %" PRIu64 " to %" PRIu64 " (%s): %s", piece_name(p, piece),
             s->from, s->until, name, why);
    else
        diag("%s%s (%s): %s", piece_name(p, piece),
             piece->count > 1 ? " and what follows it" : "", name, why);
}

int
result_read(int dir, const ndr_plan_piece *piece, const char *output, end_record *ret,
            int *ret_fd, bool *ret_zstd, uint64_t *ret_until, ndr_error *err)
{
    char name[RESULT_NAME_BYTES];
    int fd = -1;
    bool zstd = false;
    for (int i = 0; i < 2 && fd < 0; i++) {
        zstd = i > 0;
        result_name(piece, output, zstd, name);
        fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 && errno != ENOENT)
            return ndr_fail(err, NDR_E_SYS, "%s", name);
    }
    if (ret_fd != NULL)
        *ret_fd = -1;
    if (fd < 0)
        return 0;
    ndr_buffer line = {0};
    uint64_t until = 0;
    int code = ndr_piece_end_read(fd, zstd, &line, &until, err);
    if (code == 0)
        code = end_record_read((ndr_slice){line.ptr, line.len}, ret, err);
    if (code == 0 && (ret->id[0] != piece->id[0] || ret->id[1] != piece->id[1] ||
                      (!zstd && ret->records_bytes != until))) {
        end_record_free(ret);
        code = ndr_fail(err, NDR_E_DAMAGED, "is another's, or not whole");
    }
    ndr_buffer_free(&line);
    if (code != 0) {
        ndr_error_prefix(err, "%s", name);
        (void)close(fd); /* was only read */
        return code;
    }
    if (ret_fd == NULL) {
        (void)close(fd); /* was only read */
        return 1;
    }
    *ret_fd = fd;
    *ret_zstd = zstd;
    *ret_until = until;
    return 1;
}
