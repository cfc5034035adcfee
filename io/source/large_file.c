/* SPDX-License-Identifier: BSD-3-Clause */
/* large_file.c - see large_file.h. */
#include "large_file.h"

#include "codec/zstd_frames.h"
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { HEAD_BYTES = 4096 };

enum ndr_sniff
ndr_large_sniff(int fd, ndr_sniffed *ret, ndr_error *err, int *ret_code)
{
    unsigned char head[HEAD_BYTES];
    ssize_t n;
    *ret = (ndr_sniffed){0};
    do
        n = pread(fd, head, sizeof head, 0);
    while (n < 0 && errno == EINTR);
    *ret_code = n < 0 ? ndr_fail(err, NDR_E_SYS, "read") : 0;
    return n < 0 ? NDR_SNIFF_EMPTY : ndr_sniff(head, (size_t)n, true, ret);
}

static enum ndr_large
sort_of(ndr_large_file *f, enum ndr_sniff what, const ndr_sniffed *told,
        enum ndr_format format, uint64_t frames_bytes)
{
    const bool layered =
        what == NDR_SNIFF_CODEC || what == NDR_SNIFF_ARCHIVE || what == NDR_SNIFF_EMLX;
    f->marks = told->marks;
    f->packed = told->codec != NULL;
    if (!layered && (format == NDR_FORMAT_MBOX ||
                     (format == NDR_FORMAT_AUTO && what == NDR_SNIFF_MBOX)))
        return NDR_LARGE_MBOX;
    if (!layered && format != NDR_FORMAT_MBOXCL2)
        return NDR_LARGE_NONE;
    if (told->codec == &ndr_codecs[0] &&
        ndr_zstd_is_split(f->fd, (uint64_t)f->st.st_size, format, frames_bytes,
                          &f->marks))
        return NDR_LARGE_FRAMES;
    return NDR_LARGE_STREAM;
}

int
ndr_large_open(int dir, const char *name, bool named, enum ndr_format format,
               uint64_t frames_bytes, ndr_large_file *ret, ndr_error *err)
{
    *ret = (ndr_large_file){.fd = -1};
    const int fd =
        openat(dir, name,
               O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NOFOLLOW));
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "not readable");
    int code = 0;
    if (fstat(fd, &ret->st) != 0)
        code = ndr_fail(err, NDR_E_SYS, "fstat");
    else if (!S_ISREG(ret->st.st_mode))
        code = ndr_fail(err, NDR_E_SYNTAX, "%s", ndr_mode_trouble(ret->st.st_mode));
    ndr_sniffed told = {0};
    const enum ndr_sniff what =
        code == 0 ? ndr_large_sniff(fd, &told, err, &code) : NDR_SNIFF_EMPTY;
    if (what == NDR_SNIFF_ALIEN)
        code = ndr_fail(err, NDR_E_SYNTAX, "%s", told.alien);
    ret->fd = fd;
    if (code == 0 && what != NDR_SNIFF_EMPTY)
        ret->how = sort_of(ret, what, &told, format, frames_bytes);
    if (ret->how == NDR_LARGE_NONE) {
        (void)close(fd); /* was only read */
        ret->fd = -1;
    }
    return code;
}
