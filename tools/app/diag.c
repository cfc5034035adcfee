/* SPDX-License-Identifier: BSD-3-Clause */
/* diag.c - how does the command tell trouble on standard error? */
#include "diag.h"

#include "ndr_file.h"
#include "ndrscan_io.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* Without memory: the words, in ASCII. */
static void
say_plainly(char *words)
{
    size_t n = 0;
    for (; words[n] != '\0'; n++)
        if (words[n] < ' ' || words[n] > '~')
            words[n] = '?';
    words[n] = '\n'; /* the line ends here, no string */
    (void)put_all(STDERR_FILENO, NDR_SLICE("ndrscan: "), NULL);
    (void)put_all(STDERR_FILENO, (ndr_slice){(unsigned char *)words, n + 1}, NULL);
}

/* For children, who say it to the same reader. */
#define FORM "NDRSCAN_LOG"

void
diag_log_to(const char *form)
{
    (void)setenv(FORM, form, 1); /* without memory: text */
}

static bool
is_form(const char *form)
{
    const char *set = getenv(FORM);
    return set != NULL && strcmp(set, form) == 0;
}

/* One line in the form that is asked for. */
static void
put_line(ndr_buffer *line, const char *words)
{
    const int level = strncmp(words, "warning: ", 9) == 0 ? LOG_WARNING : LOG_INFO;
    if (is_form("json")) {
        char at[32];
        ndr_time_format((int64_t)time(NULL), at);
        ndr_buffer_printf(line, "{\"at\":\"%s\",\"level\":\"%s\",\"message\":\"", at,
                          level == LOG_WARNING ? "warning" : "info");
        ndr_json_text(line, ndr_slice_of(words + (level == LOG_WARNING ? 9 : 0)));
        ndr_buffer_text(line, "\"}\n");
        return;
    }
    if (is_form("journal"))
        ndr_buffer_printf(line, "<%d>", level);
    ndr_buffer_text(line, "ndrscan: ");
    text_safe(line, ndr_slice_of(words));
    ndr_buffer_byte(line, '\n');
}

void
diag(const char *format, ...)
{
    char raw[2048];
    va_list ap;
    va_start(ap, format);
    const int n = vsnprintf(raw, sizeof raw, format, ap);
    va_end(ap);
    if (n < 0)
        return;
    ndr_buffer line = {0};
    if (is_form("syslog")) {
        text_safe(&line, ndr_slice_of(raw));
        syslog(LOG_MAIL | (strncmp(raw, "warning: ", 9) == 0 ? LOG_WARNING : LOG_INFO),
               "%.*s", (int)line.len, (const char *)line.ptr);
        ndr_buffer_free(&line);
        return;
    }
    put_line(&line, raw);
    if (line.failed)
        say_plainly(raw);
    else
        (void)put_all(STDERR_FILENO, (ndr_slice){line.ptr, line.len}, NULL);
    ndr_buffer_free(&line);
}

void
diag_trouble(void *ctx, const char *source, const char *text)
{
    (void)ctx;
    diag("%s: %s", source, text);
}

int
put_all(int fd, ndr_slice bytes, ndr_error *err)
{
    if (!ndr_write_all(fd, bytes))
        return ndr_fail(err, NDR_E_SYS, "write");
    return 0;
}

bool
hold_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) /* kept: no CLOEXEC */
            return false;
    return true;
}

int
output_failed(const ndr_error *err)
{
    if (err->sys_errno == EPIPE)
        return 0;
    diag("standard output: %s; the output is not complete", err->text);
    return 2;
}

int
finish_stdout(void)
{
    ndr_error err = {0};
    /* fflush keeps the error flag of an earlier failed write */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)ndr_fail(&err, NDR_E_SYS, "write");
        return output_failed(&err);
    }
    return 0;
}
