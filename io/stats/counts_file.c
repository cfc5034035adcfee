/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_file.c - is it a file of counts, and what is amiss with it? */
#define _GNU_SOURCE /* O_PATH */
#include "counts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LEAST = 2,                /* what each file becomes that is written to, */
    VERSION = 4,              /* and one that tells whose mail came back, and of
                                 how much that could be told */
    APPLICATION = 0x6e647273, /* "ndrs": whose SQLite file it is */
};

int
ndr_counts_fail(sqlite3 *db, const char *path, const char *what, ndr_error *err)
{
    const int code = sqlite3_errcode(db);
    const char *words = sqlite3_errmsg(db);
    switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return ndr_fail(err, NDR_E_DAMAGED, "%s%s%s: %s; move it away and start anew",
                        path, path[0] != '\0' ? ": " : "", what, words);
    case SQLITE_NOMEM:
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    default:
        break;
    }
    /* a failed call of the system keeps its number there */
    errno = sqlite3_system_errno(db);
    if (errno == 0)
        errno = (code & 0xff) == SQLITE_FULL   ? ENOSPC
                : (code & 0xff) == SQLITE_BUSY ? EAGAIN
                                               : EIO;
    return ndr_fail(err, NDR_E_SYS, "%s%s%s: %s", path, path[0] != '\0' ? ": " : "", what,
                    words);
}

int
ndr_counts_number(sqlite3 *db, const char *text, int64_t other, int64_t *ret,
                  ndr_error *err)
{
    sqlite3_stmt *st = NULL;
    int rc = 0;
    *ret = other;
    if (sqlite3_prepare_v2(db, text, -1, &st, NULL) != SQLITE_OK)
        rc = ndr_counts_fail(db, "", "read", err);
    else if (sqlite3_step(st) == SQLITE_ROW)
        *ret = sqlite3_column_type(st, 0) == SQLITE_NULL ? other
                                                         : sqlite3_column_int64(st, 0);
    else if (sqlite3_errcode(db) != SQLITE_DONE)
        rc = ndr_counts_fail(db, "", "read", err);
    (void)sqlite3_finalize(st);
    return rc;
}

int
ndr_counts_database(const char *path, int flags, int wait_ms, sqlite3 **ret,
                    ndr_error *err)
{
    /* names that mean something else to SQLite are files here */
    ndr_buffer name = {0};
    ndr_buffer_printf(&name, "%s%s", path[0] == '/' ? "" : "./", path);
    ndr_buffer_byte(&name, '\0');
    if (name.failed) {
        ndr_buffer_free(&name);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    int rc = 0;
    struct stat st;
    *ret = NULL;
    /* made here: SQLite's own would be readable by all. To read, O_PATH, whose closing
     * lets go of no lock that another thread's connection has. */
    const int how =
        (flags & SQLITE_OPEN_READWRITE) != 0 ? O_RDWR | O_CREAT | O_NONBLOCK : O_PATH;
    const int fd = ndr_open_own(AT_FDCWD, path, path, how, err);
    if (fd < 0)
        rc = fd;
    else if (fstat(fd, &st) != 0)
        rc = ndr_fail(err, NDR_E_SYS, "open '%s'", path);
    if (fd >= 0)
        (void)close(fd); /* was only looked at */
    if (rc == 0 && !S_ISREG(st.st_mode))
        rc = ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file", path);
    if (rc == 0 && sqlite3_open_v2((const char *)name.ptr, ret,
                                   flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        rc = ndr_counts_fail(*ret, path, "open", err);
    ndr_buffer_free(&name);
    int64_t version = 0, application = 0, tables = 0;
    if (rc == 0)
        (void)sqlite3_busy_timeout(*ret, wait_ms);
    /* of one moment: another run may make its tables meanwhile */
    if (rc == 0 && sqlite3_exec(*ret, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        rc = ndr_counts_fail(*ret, "", "read", err);
    if (rc == 0)
        rc = ndr_counts_number(*ret, "PRAGMA user_version", 0, &version, err);
    if (rc == 0)
        rc = ndr_counts_number(*ret, "PRAGMA application_id", 0, &application, err);
    if (rc == 0)
        rc = ndr_counts_number(*ret, "SELECT count(*) FROM sqlite_master", 0, &tables,
                               err);
    if (rc == 0 && sqlite3_exec(*ret, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        rc = ndr_counts_fail(*ret, "", "read", err);
    if (rc < 0)
        ndr_error_prefix(err, "statistics '%s'", path);
    else if (application != APPLICATION && (tables > 0 || version > 0))
        rc = ndr_fail(err, NDR_E_DAMAGED,
                      "'%s' is another program's database; name another file", path);
    else if (version > VERSION)
        rc = ndr_fail(err, NDR_E_LIMIT,
                      "'%s' was written by a newer ndrscan (its version is %d, this "
                      "one knows %d): use that one, or name another file",
                      path, (int)version, VERSION);
    if (rc < 0) {
        (void)sqlite3_close(*ret);
        *ret = NULL;
    }
    return rc;
}

/*
 * Version 1 knew bounces by recipient and Message-ID. What it counted is known by that
 * still, up to when it was last written, so that a rescan does not count it again.
 */
int
ndr_counts_tables(sqlite3 *db, ndr_error *err)
{
    static const char tables[] =
        "CREATE TABLE domain(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
        "CREATE TABLE count(domain INTEGER NOT NULL, step INTEGER NOT NULL, "
        "kind INTEGER NOT NULL, bounces INTEGER NOT NULL, junk INTEGER NOT NULL, "
        "PRIMARY KEY(domain, step, kind)) WITHOUT ROWID;"
        "CREATE TABLE seen(step INTEGER NOT NULL, id INTEGER NOT NULL, "
        "what INTEGER NOT NULL, PRIMARY KEY(step, id)) WITHOUT ROWID;"
        "CREATE TABLE state(fresh INTEGER NOT NULL, seen INTEGER NOT NULL, "
        "horizon INTEGER NOT NULL, former INTEGER NOT NULL);"
        "INSERT INTO state VALUES(0, 0, -9223372036854775807, -9223372036854775807);"
        "PRAGMA application_id = 0x6e647273;"
        "PRAGMA user_version = 2;";
    static const char from_1[] = "ALTER TABLE state ADD COLUMN former INTEGER NOT NULL "
                                 "DEFAULT -9223372036854775807;"
                                 "UPDATE state SET former = fresh;"
                                 "PRAGMA user_version = 2;";
    int64_t version = 0;
    int rc = ndr_counts_number(db, "PRAGMA user_version", 0, &version, err);
    if (rc < 0 || version >= LEAST)
        return rc;
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return ndr_counts_fail(db, "", "make tables", err);
    /* another run may have done it meanwhile */
    rc = ndr_counts_number(db, "PRAGMA user_version", 0, &version, err);
    const char *todo = version == 0 ? tables : version == 1 ? from_1 : "";
    if (rc == 0 && (sqlite3_exec(db, todo, NULL, NULL, NULL) != SQLITE_OK ||
                    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK))
        rc = ndr_counts_fail(db, "", "make tables", err);
    if (rc < 0)
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int
ndr_counts_whose_table(sqlite3 *db, ndr_error *err)
{
    static const char table[] =
        "CREATE TABLE IF NOT EXISTS whose(domain INTEGER NOT NULL, step INTEGER NOT "
        "NULL, whose INTEGER NOT NULL, bounces INTEGER NOT NULL, "
        "PRIMARY KEY(domain, step, whose)) WITHOUT ROWID;"
        "PRAGMA user_version = 4;";
    return sqlite3_exec(db, table, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : ndr_counts_fail(db, "", "make tables", err);
}
