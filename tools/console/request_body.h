/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * request_body.h - what does the body of a POST ask for?
 *
 * The page's forms send it as application/x-www-form-urlencoded, its script and other
 * panels as a JSON object with the same names. Unknown names are an error in JSON (a
 * misspelt "untill" must not open an endless window) and passed over in forms.
 */
#ifndef WISH_H
#define WISH_H

#include "ndrscan.h"

/* What was asked for; "" for what was not. Strings are NUL-terminated UTF-8. */
typedef struct request_body {
    char domain[256];
    char from[64];  /* RFC 3339, "now", "08:00", "2008-05-13T08:00" (the server's zone) */
    char began[32]; /* of the form: the storm's own beginning, where `from` is empty */
    char until[64]; /* the same; or of the form: calm, 1h, tomorrow, date */
    char lasts[16]; /* "for": 30m, 12h, 2d */
    char until_date[64]; /* with until "date" */
    char note[512];
    char take[16]; /* all, all-but-ours, forged */
    char run[80];
    char action[16]; /* "do": block, unblock */
    bool until_calm, end, subdomains;
    char token[64]; /* of the login form */
    char name[257], password[257];
    char since[16]; /* of a customer's form: now, began, day, week */
    bool move;      /* and move what the window covers */
    bool list;      /* of a form in the list of domains: back to it */
    char form[64];  /* the session's form token */
    uint64_t once;  /* the form's number; 0: none */
    uint64_t
        hours;     /* of a form in the list: of its plots, and how many domains it has; */
    uint64_t rows; /* 0: as it is without being asked */
} request_body;

/*
 * Read `body` as `content_type` says. 0; NDR_E_SYNTAX with words for the client;
 * NDR_E_NOMEM. Pure.
 */
int request_body_read(const char *content_type, ndr_slice body, request_body *ret,
                      ndr_error *err);

#endif
