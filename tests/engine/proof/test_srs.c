/* SPDX-License-Identifier: BSD-3-Clause */
#include "tag_check.h"

/* Addresses made on day 20786 by postsrsd 1.10 and Exim 4.96. */
enum { MADE_ON = 20786 };

static ndr_secrets *secrets;

static const struct row {
    const char *why, *address;
    int64_t day; /* -1: not known */
    const char *want, *form;
} rows[] = {
    {"postsrsd", "SRS0=p59f=JS=Example.com=User@fwd.example", MADE_ON, "right",
     "libsrs2"},
    {"postsrsd: an equals sign in the user",
     "SRS0=9jcU=JS=example.com=o.brien+x=y@f.example", MADE_ON, "right", "libsrs2"},
    {"postsrsd: folded to lower case", "srs0=p59f=js=example.com=user@fwd.example",
     MADE_ON, "right", "libsrs2"},
    {"postsrsd: another separator", "SRS0+p59f=JS=Example.com=User@fwd.example", MADE_ON,
     "right", "libsrs2"},
    {"postsrsd: a longer hash", "SRS0=P59fo5rG=JS=Example.com=User@fwd.example", MADE_ON,
     "right", "libsrs2"},
    {"postsrsd: a hash of three", "SRS0=p59=JS=Example.com=User@fwd.example", MADE_ON,
     "wrong", ""},
    {"postsrsd: another hash", "SRS0=p59g=JS=Example.com=User@fwd.example", MADE_ON,
     "wrong", ""},
    {"postsrsd: another day", "SRS0=p59f=JT=Example.com=User@fwd.example", MADE_ON,
     "wrong", ""},
    {"postsrsd: another user", "SRS0=p59f=JS=Example.com=Users@fwd.example", MADE_ON,
     "wrong", ""},
    {"49 days later", "SRS0=p59f=JS=Example.com=User@fwd.example", MADE_ON + 49, "right",
     "libsrs2"},
    {"50 days later", "SRS0=p59f=JS=Example.com=User@fwd.example", MADE_ON + 50,
     "expired", "libsrs2"},
    {"the day before it was made", "SRS0=p59f=JS=Example.com=User@fwd.example",
     MADE_ON - 1, "expired", "libsrs2"},
    {"at no known time", "SRS0=p59f=JS=Example.com=User@fwd.example", -1, "undated",
     "libsrs2"},
    {"postsrsd: SRS1 of SRS0",
     "SRS1=FCti=other.example==abcd=JS=Example.com=user@fwd.example", -1, "right",
     "libsrs2"},
    {"postsrsd: SRS1 of SRS1",
     "SRS1=vmmE=other.example==wxyz=JS=Example.com=user@fwd.example", MADE_ON + 500,
     "right", "libsrs2"},
    {"postsrsd: SRS1 of another separator",
     "SRS1=F0c5=other.example=+abcd=JS=Example.com=user@fwd.example", -1, "right",
     "libsrs2"},
    {"postsrsd: SRS1 of another host",
     "SRS1=FCti=others.example==abcd=JS=Example.com=user@fwd.example", -1, "wrong", ""},
    {"Exim", "SRS0=b3d4=js=Example.com=User@fwd.example", MADE_ON, "right", "exim"},
    {"Exim: in capitals", "SRS0=B3D4=JS=EXAMPLE.COM=USER@FWD.EXAMPLE", MADE_ON, "right",
     "exim"},
    {"Exim: the older secret", "SRS0=b0b9=js=example.com=o.brien+x@fwd.example", MADE_ON,
     "right", "exim"},
    {"Exim: a user in quotes", "\"SRS0=e74c=js=Example.com=a b\"@fwd.example", MADE_ON,
     "right", "exim"},
    {"Exim: a user who lost his quotes", "SRS0=e74c=js=Example.com=a b@fwd.example",
     MADE_ON, "right", "exim"},
    {"Exim: another user", "SRS0=b3d4=js=Example.com=Users@fwd.example", MADE_ON, "wrong",
     ""},
    {"Exim: another separator", "SRS0+b3d4=js=Example.com=User@fwd.example", MADE_ON,
     "wrong", ""},
    {"Exim: a longer hash", "SRS0=b3d4f=js=Example.com=User@fwd.example", MADE_ON,
     "wrong", ""},
    {"Exim: 50 days later", "SRS0=b3d4=js=Example.com=User@fwd.example", MADE_ON + 50,
     "expired", "exim"},
    {"no SRS", "user@fwd.example", MADE_ON, "none", ""},
    {"SRS2", "SRS2=p59f=JS=Example.com=User@fwd.example", MADE_ON, "none", ""},
    {"no separator", "SRS0p59f=JS=Example.com=User@fwd.example", MADE_ON, "none", ""},
    {"no user", "SRS0=p59f=JS=Example.com=@fwd.example", MADE_ON, "none", ""},
    {"no host", "SRS0=p59f=JS=User@fwd.example", MADE_ON, "none", ""},
    {"no hash", "SRS0==JS=Example.com=User@fwd.example", MADE_ON, "none", ""},
    {"a day of three", "SRS0=p59f=JSS=Example.com=User@fwd.example", MADE_ON, "none", ""},
    {"a day that is none", "SRS0=p59f=J1=Example.com=User@fwd.example", MADE_ON, "none",
     ""},
    {"the front alone", "SRS0=@fwd.example", MADE_ON, "none", ""},
    {"nothing", "", MADE_ON, "none", ""},
};

static ndr_tag
check(const char *address, int64_t day)
{
    return tag_check(ndr_srs_check, secrets, address, day);
}

static void
test_row(void **state)
{
    const struct row *row = *state;
    const ndr_tag tag = check(row->address, row->day);
    assert_string_equal(ndr_tag_result_name(tag.result), row->want);
    assert_string_equal(tag.form, row->form);
}

/* Who has one address can write it in other ways: they are one instance. */
static void
test_instance(void **state)
{
    (void)state;
    const ndr_tag a = check("SRS0=p59f=JS=Example.com=User@fwd.example", MADE_ON);
    const ndr_tag b = check("srs0+P59F=js=exam=ple.comuser@x.example", MADE_ON);
    assert_int_equal(b.result, NDR_TAG_RIGHT);
    assert_memory_equal(a.instance.id, b.instance.id, 32);
    const ndr_tag c = check("SRS0=b3d4=js=Example.com=User@fwd.example", MADE_ON);
    const ndr_tag d = check("SRS0=b3d4=jt=Example.com=User@fwd.example", MADE_ON + 1);
    assert_int_equal(d.result, NDR_TAG_RIGHT); /* Exim's hash covers no day */
    assert_memory_equal(c.instance.id, d.instance.id, 32);
    assert_memory_not_equal(a.instance.id, c.instance.id, 32);
}

int
main(void)
{
    ndr_error err;
    if (ndr_secrets_new(&secrets, &err) != 0 ||
        ndr_secrets_add(secrets, NDR_SLICE("secret"), NDR_SECRET_ANY, &err) != 0 ||
        ndr_secrets_add(secrets, NDR_SLICE("other"), NDR_SECRET_ANY, &err) != 0)
        abort();
    ADD_ROWS(rows, test_row);
    add_test("the instance is of what the hash covers", test_instance);
    const int rc = run_added(__FILE__);
    ndr_secrets_free(secrets);
    return rc;
}
