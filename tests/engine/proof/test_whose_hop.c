/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "proof/whose_hop.h"

static const struct row {
    const char *why, *value;
    enum ndr_hop_sort sort;
    const char *helo, *name, *address, *by, *recipient;
} rows[] = {
    {"Postfix from another host",
     " from mx.b.example (mx.b.example [192.0.2.1])\r\n\t(using TLSv1.3 with cipher "
     "X)\r\n"
     "\tby mail.a.example (Postfix) with ESMTPS id 4X\r\n\tfor <ann@a.example>; date",
     NDR_HOP_OTHER, "mx.b.example", "mx.b.example", "192.0.2.1", "mail.a.example",
     "ann@a.example"},
    {"Postfix, logged in",
     "from pc (unknown [192.0.2.1]) (Authenticated sender: ann) by mail.a.example "
     "(Postfix) "
     "with ESMTPSA id 4X; date",
     NDR_HOP_AUTH, "pc", "unknown", "192.0.2.1", "mail.a.example", ""},
    {"a HELO that is an address literal is not the client's",
     "from [198.51.100.1] (unknown [192.0.2.1]) by mail.a.example (Postfix) with ESMTP "
     "id 4X",
     NDR_HOP_OTHER, "[198.51.100.1]", "unknown", "192.0.2.1", "mail.a.example", ""},
    {"a HELO that is a word of the grammar",
     "from by (x.example [192.0.2.1]) by mail.a.example (Postfix) with ESMTP id 4X",
     NDR_HOP_OTHER, "by", "x.example", "192.0.2.1", "mail.a.example", ""},
    {"a certificate's name is the client's own",
     "from x (unknown [192.0.2.1]) (Client CN \"y [198.51.100.1]\", Issuer \"z\") by "
     "mail.a.example (Postfix) with ESMTPS id 4X",
     NDR_HOP_OTHER, "x", "unknown", "192.0.2.1", "mail.a.example", ""},
    {"a certificate's name with parentheses",
     "from x (unknown [192.0.2.1]) (Client CN \"y (by b.example with ESMTPSA)\", Issuer "
     "\"z\") by mail.a.example (Postfix) with ESMTPS id 4X",
     NDR_HOP_OTHER, "x", "unknown", "192.0.2.1", "mail.a.example", ""},
    {"Postfix's own", "by mail.a.example (Postfix)\r\n\tid 4X; date", NDR_HOP_MADE, "",
     "", "", "mail.a.example", ""},
    {"Postfix, from a user", "by mail.a.example (Postfix, from userid 1000) id 4X; date",
     NDR_HOP_USER, "", "", "", "mail.a.example", ""},
    {"Exim's own",
     "from Debian-exim by mail.a.example with local (Exim 4.96)\n\tid 1a-0b-2c\n\tfor "
     "ann@a.example;\n\tdate",
     NDR_HOP_USER, "Debian-exim", "", "", "mail.a.example", "ann@a.example"},
    {"Exim, logged in",
     "from pc.b.example ([192.0.2.1] helo=[198.51.100.1])\n\tby mail.a.example with "
     "esmtpsa "
     "(TLS1.3) tls X\n\t(Exim 4.96)\n\t(envelope-from <x@y>)\n\tid 1a-0b-2c",
     NDR_HOP_AUTH, "pc.b.example", "", "192.0.2.1", "mail.a.example", ""},
    {"Exim, without a name, the HELO a literal",
     "from [192.0.2.1] (helo=[198.51.100.1]) by mail.a.example with esmtp (Exim 4.96) id "
     "1a",
     NDR_HOP_OTHER, "[192.0.2.1]", "", "192.0.2.1", "mail.a.example", ""},
    {"IPv6", "from x (y [IPv6:2001:db8::1]) by mail.a.example (Postfix) with ESMTP id 4X",
     NDR_HOP_OTHER, "x", "y", "IPv6:2001:db8::1", "mail.a.example", ""},
    {"LMTP", "from mail.a.example by imap.a.example with LMTP id x for <ann@a.example>",
     NDR_HOP_DELIVERED, "mail.a.example", "", "", "imap.a.example", "ann@a.example"},
    {"a system without form", "(qmail 1 invoked by uid 0); date", NDR_HOP_OTHER, "", "",
     "", "", ""},
    {"by and a protocol, but no from", "by 2002:a05::1 with SMTP id x; date",
     NDR_HOP_OTHER, "", "", "", "2002:a05::1", ""},
    {"what stands behind the date",
     "by mail.a.example; date (from userid 1) with ESMTPSA", NDR_HOP_MADE, "", "", "",
     "mail.a.example", ""},
    {"a dot at its end", "by mail.a.example. id x", NDR_HOP_MADE, "", "", "",
     "mail.a.example", ""},
    {"a comment that does not end", "from x (y [192.0.2.1] by mail.a.example",
     NDR_HOP_OTHER, "x", "y", "192.0.2.1", "", ""},
    {"nothing", "", NDR_HOP_OTHER, "", "", "", "", ""},
};

static void
is(ndr_slice got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    if (got.len > 0)
        assert_memory_equal(got.ptr, want, got.len);
}

static void
test_row(void **state)
{
    const struct row *row = *state;
    const size_t n = strlen(row->value);
    unsigned char *exact = exact_copy(row->value, n);
    const ndr_hop hop = ndr_hop_read((ndr_slice){exact, n});
    is(hop.helo, row->helo);
    is(hop.name, row->name);
    is(hop.address, row->address);
    is(hop.by, row->by);
    is(hop.recipient, row->recipient);
    assert_int_equal(ndr_hop_sort(&hop), row->sort);
    assert_int_equal(hop.from, row->helo[0] != '\0');
    free(exact);
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    return run_added(__FILE__);
}
