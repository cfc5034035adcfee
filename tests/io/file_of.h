/* SPDX-License-Identifier: BSD-3-Clause */
/* file_of.h - a descriptor of given bytes, for what reads files. */
#ifndef FILE_OF_H
#define FILE_OF_H

#include "harness.h"

#include <unistd.h>

/* A file that is gone, of these bytes, from its start; close() it. */
static inline int
file_of(const void *bytes, size_t n)
{
    char path[] = "/tmp/ndr-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(fd, bytes, n), n);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

#endif
