/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * foreign_format.c - what is a file that is not mail, and how does one get at the mail in
 * it?
 *
 * It is asked only of files that do not begin with a field, as mail does. What has no
 * name here is told by its bytes: text has no NUL. All else is taken for mail, whatever
 * its state: a file of words is a message without a header.
 */
#include "feed.h"

#include "ndr_vector.h"

#include <string.h>

enum { LOOK_BYTES = 512 };

/* bytes, without the NUL behind them */
#define BYTES(lit) lit, sizeof(lit) - 1
#define NOT_MAIL   ", not mail"
#define IMAGE      "is an image" NOT_MAIL
#define SOUND      "is sound or video" NOT_MAIL
#define PROGRAM    "is a program" NOT_MAIL
#define OFFICE     "is an Office document" NOT_MAIL
#define UNPACK(what, how)                                                                \
    "is " what ", which is not read here: unpack it (" how ") and scan what was in it"
#define DECODE(what, how) "is " what ": decode it with '" how "' and scan its output"

/* A magic number: where it stands, and what it says. */
static const struct magic {
    size_t at;
    const char *bytes;
    size_t len;
    const char *words;
} magics[] = {
    {0, BYTES("!BDN"),
     "is an Outlook .pst or .ost file: take the mail out with 'readpst -e -o FOLDER "
     "FILE' "
     "and scan the folder"},
    {0, BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
     "is an Outlook .msg file or an old Office document: make mail of an .msg file with "
     "'msgconvert FILE'"},
    {0, BYTES("\xcf\xad\x12\xfe"),
     "is an Outlook Express .dbx file: take the mail out with 'undbx FILE' and scan "
     "that"},
    {0, BYTES("\x78\x9f\x3e\x22"), "is a TNEF attachment (winmail.dat)" NOT_MAIL},
    {0, BYTES("*mbx*\r\n"),
     "is an mbx mailbox of UW IMAP: copy it to an mbox with 'mailutil copy' and scan "
     "that"},
    {0, BYTES("CRYPTED\3\7"),
     "is encrypted by Dovecot: read it with 'doveadm fetch -u USER text all'"},
    {0, BYTES("// <!-- <mdb:mork"),
     "is an index of Thunderbird (.msf)" NOT_MAIL ": scan the file without .msf"},
    {0, BYTES("\x89PNG\r\n"), IMAGE},
    {0, BYTES("\xff\xd8\xff"), IMAGE},
    {0, BYTES("GIF87a"), IMAGE},
    {0, BYTES("GIF89a"), IMAGE},
    {0, BYTES("II*\0"), IMAGE},
    {0, BYTES("MM\0*"), IMAGE},
    {0, BYTES("8BPS"), IMAGE},
    {8, BYTES("WEBP"), IMAGE},
    {8, BYTES("AVI "), SOUND},
    {8, BYTES("WAVE"), SOUND},
    {0, BYTES("OggS"), SOUND},
    {0, BYTES("ID3\2"), SOUND},
    {0, BYTES("ID3\3"), SOUND},
    {0, BYTES("ID3\4"), SOUND},
    {0, BYTES("fLaC"), SOUND},
    {4, BYTES("ftyp"), SOUND},
    {0, BYTES("\x1a\x45\xdf\xa3"), SOUND},
    {0, BYTES("%PDF-"), "is a PDF document" NOT_MAIL},
    {0, BYTES("%!PS"), "is a PostScript document" NOT_MAIL},
    {0, BYTES("{\\rtf"), "is an RTF document" NOT_MAIL},
    {0, BYTES("SQLite format 3"), "is an SQLite database" NOT_MAIL},
    {0,
     BYTES("\x7f"
           "ELF"),
     PROGRAM},
    {0, BYTES("MZ\x90\0"), PROGRAM},
    {0, BYTES("\xca\xfe\xba\xbe"), PROGRAM},
    {0, BYTES("PACK\0\0\0"),
     "is a pack of git: check the mail out of the repository, or 'git archive' it"},
    {0, BYTES("DIRC\0\0\0"), "is an index of git" NOT_MAIL},
    {0, BYTES("\xfftOc"), "is an index of git" NOT_MAIL},
    {0, BYTES("Rar!\x1a\7"), UNPACK("a RAR archive", "unrar, bsdtar -xf")},
    {0, BYTES("MSCF\0\0\0\0"), UNPACK("a CAB archive", "bsdtar -xf")},
    {0, BYTES("!<arch>\n"), UNPACK("an ar archive", "bsdtar -xf")},
    {0, BYTES("070701"), UNPACK("a cpio archive", "cpio -i")},
    {0, BYTES("070707"), UNPACK("a cpio archive", "cpio -i")},
    {0, BYTES("\xc7\x71"), UNPACK("a cpio archive", "cpio -i")},
    {2, BYTES("-lh"), UNPACK("an LHA archive", "bsdtar -xf")},
    {0, BYTES("LZIP"), DECODE("lzip data", "lzip -dc")},
    {0, BYTES("\x04\x22\x4d\x18"), DECODE("lz4 data", "lz4 -dc")},
    {0, BYTES("\x5d\0\0"), DECODE("lzma data", "xz -dc --format=lzma")},
    {0, BYTES("\x1f\x9d"), DECODE("compress data", "zcat")},
    {0, BYTES("\x1f\xa0"), DECODE("LZH data", "zcat")},
    {0, BYTES("\x1f\x1e"), DECODE("pack data", "zcat")},
    {0, BYTES("\x89LZO"), DECODE("lzop data", "lzop -dc")},
    {0, BYTES("\xff\x06\0\0sNaPpY"), DECODE("snappy data", "snzip -dc")},
    {0, BYTES("age-encryption.org/"), DECODE("encrypted by age", "age -d")},
    {0, BYTES("\xff\xfe"), DECODE("UTF-16 text", "iconv -f UTF-16 -t UTF-8")},
    {0, BYTES("\xfe\xff"), DECODE("UTF-16 text", "iconv -f UTF-16 -t UTF-8")},
};

/* What the first member of a zip file that is no archive of mail is called. */
static const struct {
    const char *begin, *words;
} documents[] = {
    {"[Content_Types].xml", OFFICE},
    {"_rels/", OFFICE},
    {"docProps/", OFFICE},
    {"word/", OFFICE},
    {"xl/", OFFICE},
    {"ppt/", OFFICE},
    {"mimetype", OFFICE},
    {"META-INF/", PROGRAM},
    {"AndroidManifest.xml", PROGRAM},
    {"classes", PROGRAM},
};

static bool
is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_hex(unsigned char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool
is_word(unsigned char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How many bytes of p[at, n) are of a sort, at most `most`. */
static size_t
run_of(const unsigned char *p, size_t n, size_t at, bool (*sort)(unsigned char),
       size_t most)
{
    size_t i = at;
    while (i < n && i - at < most && sort(p[i]))
        i++;
    return i - at;
}

/* ---- spools and stores ------------------------------------------------------------ */

/* Dovecot's dbox, single or multi: "2 M1e C66f1a2b3", LF, then ^A^B and a fixed header.
 * Source: Dovecot, dbox-file.h. */
static bool
is_dbox(const unsigned char *p, size_t n)
{
    if (n < 12 || !is_digit(p[0]) || memcmp(p + 1, " M", 2) != 0)
        return false;
    size_t at = 3 + run_of(p, n, 3, is_hex, 8);
    if (at == 3 || n - at < 2 || memcmp(p + at, " C", 2) != 0)
        return false;
    at += 2;
    const size_t time = run_of(p, n, at, is_hex, 16);
    return time > 0 && at + time < n && p[at + time] == '\n';
}

/* Postfix: a record of sort 'C' comes first, and says sizes in columns of blanks and
 * digits. Source: Postfix, rec_type.h and cleanup_out. */
static bool
is_postfix(const unsigned char *p, size_t n)
{
    if (n < 60 || p[0] != 'C' || p[1] < 40)
        return false;
    const size_t end = 2 + (size_t)p[1] < n ? 2 + (size_t)p[1] : n;
    size_t digits = 0;
    for (size_t i = 2; i < end; i++) {
        if (p[i] != ' ' && !is_digit(p[i]))
            return false;
        digits += is_digit(p[i]);
    }
    return digits > 0;
}

/* Exim: the file's own name, "1tFxyz-000ABC-1a-H", on a line. Source: Exim's
 * specification, "Format of spool files". */
static bool
is_exim(const unsigned char *p, size_t n)
{
    size_t at = run_of(p, n, 0, is_word, 6);
    if (at != 6 || at >= n || p[at] != '-')
        return false;
    const size_t second = run_of(p, n, at + 1, is_word, 11);
    at += 1 + second;
    if ((second != 6 && second != 11) || at >= n || p[at] != '-')
        return false;
    const size_t third = run_of(p, n, at + 1, is_word, 4);
    at += 1 + third;
    return third >= 2 && n - at >= 3 && p[at] == '-' &&
           (p[at + 1] == 'H' || p[at + 1] == 'D') &&
           (p[at + 2] == '\n' || p[at + 2] == '\r');
}

/* Sendmail's qf file: a version, then lines of a letter each. Source: sendmail's
 * Operations Guide, appendix B. */
static bool
is_sendmail(const unsigned char *p, size_t n)
{
    const size_t digits = n > 1 && p[0] == 'V' ? run_of(p, n, 1, is_digit, 2) : 0;
    return digits > 0 && n > digits + 3 && p[1 + digits] == '\n' &&
           memchr("TKNPIMZF", p[2 + digits], 8) != NULL;
}

/* A git object: zlib's header, whose two bytes are a multiple of 31, then no text. */
static bool
is_zlib(const unsigned char *p, size_t n)
{
    if (n < 8 || p[0] != 0x78 || (p[0] * 256u + p[1]) % 31u != 0)
        return false;
    size_t odd = 0;
    for (size_t i = 2; i < n && i < 64; i++)
        odd += p[i] >= 0x7f || (p[i] < ' ' && !is_space(p[i]));
    return odd > 2;
}

static const struct {
    bool (*is)(const unsigned char *p, size_t n);
    const char *words;
} stores[] = {
    {is_dbox,
     "is of a Dovecot store (dbox): copy the mail out with 'doveadm backup -u USER "
     "maildir:FOLDER', or pipe 'doveadm fetch -u USER text all', and scan that"},
    {is_postfix, "is a Postfix queue file: scan what 'postcat -bhq ID' writes, as in "
                 "'postcat -bhq ID | ndrscan scan -'"},
    {is_exim,
     "is half of a message in Exim's queue: scan what 'exim -Mvc ID' writes, as in "
     "'exim -Mvc ID | ndrscan scan -'"},
    {is_sendmail,
     "is an envelope in Sendmail's queue (qf): its H lines are the header, and "
     "the body is in the df file of the same name"},
    {is_zlib,
     "is an object of git or other zlib data: 'git cat-file -p ID' writes what is "
     "in it, as in 'git cat-file -p ID | ndrscan scan -'"},
};

/* ---- all --------------------------------------------------------------------------- */

static const char *
document_of(const unsigned char *p, size_t n)
{
    enum { NAME_AT = 30 };
    if (n < NAME_AT || memcmp(p, "PK\3\4", 4) != 0)
        return NULL;
    const size_t told = (size_t)p[26] | (size_t)p[27] << 8;
    const size_t len = told < n - NAME_AT ? told : n - NAME_AT;
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        const size_t want = strlen(documents[i].begin);
        if (len >= want && memcmp(p + NAME_AT, documents[i].begin, want) == 0)
            return documents[i].words;
    }
    return NULL;
}

/* Does a line begin with a field that all mail has? A header is damaged where it has a
 * NUL, but it is a header. */
static bool
has_field(const unsigned char *p, size_t n)
{
    static const char *const fields[] = {
        "\nFrom:", "\nTo:", "\nDate:", "\nReceived:", "\nSubject:", "\nMessage-I"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (ndr_find(p, n, fields[i], strlen(fields[i])) < n)
            return true;
    return false;
}

const char *
ndr_alien(const unsigned char *p, size_t n)
{
    if (n == 0 || is_space(p[0]))
        return NULL; /* empty lines in front of a header */
    if (n >= 5 && memcmp(p, "From ", 5) == 0)
        return NULL; /* a mailbox, whatever happened to it */
    if (n >= 9 && memcmp(p, "__CURSOR=", 9) == 0)
        return NULL; /* a journal's export: text, with lengths as bytes in it */
    if (n >= 4 && memcmp(p, "PK", 2) == 0 && p[2] < ' ')
        return document_of(p, n);
    for (size_t i = 0; i < sizeof stores / sizeof stores[0]; i++)
        if (stores[i].is(p, n))
            return stores[i].words;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const struct magic *m = &magics[i];
        if (n >= m->at + m->len && memcmp(p + m->at, m->bytes, m->len) == 0)
            return m->words;
    }
    return memchr(p, '\0', n < LOOK_BYTES ? n : LOOK_BYTES) != NULL && !has_field(p, n)
               ? "is binary data" NOT_MAIL
               : NULL;
}
