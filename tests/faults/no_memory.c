/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * no_memory.c - an allocator that refuses, to be preloaded.
 *
 * NDR_REFUSE=N    the N-th request of the process has no memory, the others do
 * NDR_REFUSE=N+   nor has any behind it
 * NDR_REQUESTS=F  how many there were goes into file F at the end
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t unit, size_t size);
void *memalign(size_t unit, size_t size);

static atomic_ulong requests;
static unsigned long refused; /* 0: none */
static bool from_there_on;

static bool
is_refused(void)
{
    const unsigned long n = atomic_fetch_add(&requests, 1) + 1;
    return refused != 0 && (from_there_on ? n >= refused : n == refused);
}

static void *
refuse(void)
{
    errno = ENOMEM;
    return NULL;
}

__attribute__((constructor)) static void
begin(void)
{
    const char *how = getenv("NDR_REFUSE");
    char *end = NULL;
    if (how == NULL)
        return;
    const unsigned long n = strtoul(how, &end, 10);
    from_there_on = *end == '+';
    atomic_store(&requests, 0);
    refused = n;
}

__attribute__((destructor)) static void
tell(void)
{
    const char *path = getenv("NDR_REQUESTS");
    const unsigned long n = atomic_load(&requests);
    char text[32];
    const int len = snprintf(text, sizeof text, "%lu\n", n);
    const int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd < 0)
        return;
    if (write(fd, text, (size_t)len) != len)
        abort();
    (void)close(fd);
}

void *
malloc(size_t size)
{
    return is_refused() ? refuse() : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    return is_refused() ? refuse() : __libc_calloc(count, size);
}

void *
realloc(void *p, size_t size)
{
    return is_refused() ? refuse() : __libc_realloc(p, size);
}

void *
memalign(size_t unit, size_t size)
{
    return is_refused() ? refuse() : __libc_memalign(unit, size);
}

void *
aligned_alloc(size_t unit, size_t size)
{
    return memalign(unit, size);
}

int
posix_memalign(void **ret, size_t unit, size_t size)
{
    void *p = memalign(unit, size);
    if (p == NULL)
        return ENOMEM;
    *ret = p;
    return 0;
}
