/* SPDX-License-Identifier: BSD-3-Clause */
/* test_foreign_format.c - what is no mail is named with the way round, and mail never is
 */
#include "drive.h"

#include "codec/feed.h"

typedef struct alien_row {
    const char *why;
    const char *bytes;
    size_t len;
    const char *words; /* in what is said; NULL: it is mail */
} alien_row;

#define BYTES(lit) lit, sizeof(lit) - 1

static const alien_row rows[] = {
    {"a dbox file", BYTES("2 M1e C66f1a2b3\n\1\2N     0000000000000200\nFrom: a\n"),
     "doveadm"},
    {"a Postfix queue file",
     BYTES("C\x5f            1234             567               1               0        "
           "    "
           "1234               0T\x11"
           "1700000000 123456A\x18"),
     "postcat -bhq ID"},
    {"the header file of Exim", BYTES("1tFxyz-000ABC-1a-H\nmail 8 8\n<>\n"), "exim -Mvc"},
    {"the data file of Exim", BYTES("1tFxyz-00000000ABC-1abc-D\ntext\n"), "exim -Mvc"},
    {"an envelope of Sendmail", BYTES("V8\nT1700000000\nK0\nN0\n"), "df file"},
    {"a .pst file", BYTES("!BDN\0\0\0\0SM\x17\0"), "readpst"},
    {"a .msg file", BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"), "msgconvert"},
    {"a git object", BYTES("x\1K\xca\xc9OR0\xb4\xe0*N\xcdI\1\0!\xd1\4\xfb"),
     "git cat-file"},
    {"an image", BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image"},
    {"a PDF document", BYTES("%PDF-1.7\n"), "PDF"},
    {"a database", BYTES("SQLite format 3\0\x10\0"), "SQLite"},
    {"a program",
     BYTES("\x7f"
           "ELF\2\1\1\0"),
     "program"},
    {"an Office document",
     BYTES("PK\3\4\x14\0\6\0\x8\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0"
           "[Content_Types].xml"),
     "Office"},
    {"UTF-16",
     BYTES("\xff\xfe"
           "F\0r\0o\0m\0:\0"),
     "iconv"},
    {"any other bytes with NULs", BYTES("\1\2\3\4\0\0\0\0"), "binary data"},
    {"a letter", BYTES("From: a@example.com\n\nx\n"), NULL},
    {"a letter with NULs", BYTES("From: a\0b@example.com\n\n\0\0x\n"), NULL},
    {"what begins as a From_ line does", BYTES("From a@example.com Tue\0\0\n\nx\n"),
     NULL},
    {"a letter behind an empty line", BYTES("\nFrom: a@example.com\n\nx\n"), NULL},
    {"words", BYTES("Dear all,\nV8 is an engine.\n"), NULL},
    {"words that begin like a zlib header", BYTES("x^2 + y^2 = z^2 has solutions\n"),
     NULL},
    {"words that begin like a record of Postfix",
     BYTES("C is a language of few words, "
           "and many have been written in it\n"),
     NULL},
};

static void
told(void **state)
{
    const alien_row *row = *state;
    for (int pad = 0; pad < 2; pad++) {
        const size_t n = row->len + (pad != 0 ? 600 : 0);
        unsigned char *p = malloc(n);
        assert_non_null(p);
        memset(p, 'x', n);
        memcpy(p, row->bytes, row->len);
        ndr_sniffed what;
        const enum ndr_sniff sniff = ndr_sniff(p, n, true, &what);
        assert_int_equal(sniff, row->words != NULL ? NDR_SNIFF_ALIEN : NDR_SNIFF_MESSAGE);
        if (row->words != NULL && strstr(what.alien, row->words) == NULL)
            fail_msg("it says: %s", what.alien);
        free(p);
    }
}

/* Named, in a folder, large, packed and in an archive it is one line of trouble. */
static void
is_trouble(void **state)
{
    const alien_row *row = *state;
    if (row->words == NULL)
        return;
    write_file("alien", row->bytes, row->len);
    const char *path = scratch_path("alien");
    for (size_t range = 1; range < 4096; range += 4000) {
        const ndr_input_opts opts = {NDR_SIZED(ndr_input_opts), .path = &path,
                                     .path_count = 1, .range_bytes = range};
        char *got = drive_all(&opts, false, true);
        assert_memory_equal(got, "! alien: is ", 12);
        assert_non_null(strstr(got, row->words));
        free(got);
    }
}

int
main(void)
{
    ADD_ROWS(rows, told);
    ADD_ROWS(rows, is_trouble);
    return run_with_scratch("alien");
}
