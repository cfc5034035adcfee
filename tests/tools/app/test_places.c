/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/places.h"
#include "harness.h"

#include <unistd.h>

typedef struct row {
    const char *why;
    const char *config, *state, *home; /* of the environment; NULL: not set */
    const char *want_setting,
        *want_state; /* NULL: an error; for a user that is not root */
    bool root_same;  /* and for root the same */
} row;
static const row rows[] = {
    {"the XDG variables go first", "/c", "/s", "/h", "/c/ndrscan/x", "/s/ndrscan/x",
     true},
    {"a relative one is passed over", "c", "s", "/h", "/h/.config/ndrscan/x",
     "/h/.local/state/ndrscan/x", false},
    {"below HOME", NULL, NULL, "/h", "/h/.config/ndrscan/x", "/h/.local/state/ndrscan/x",
     false},
    {"no HOME, no place", NULL, NULL, NULL, NULL, NULL, false},
};

static void
put(const char *name, const char *value)
{
    if (value != NULL)
        assert_int_equal(setenv(name, value, 1), 0);
    else
        assert_int_equal(unsetenv(name), 0);
}

static void
same(int (*place)(const char *, char *, size_t, ndr_error *), const char *want)
{
    char path[64];
    ndr_error err = {0};
    const int rc = place("x", path, sizeof path, &err);
    if (want == NULL) {
        assert_int_equal(rc, NDR_E_SYS);
        return;
    }
    assert_int_equal(rc, 0);
    assert_string_equal(path, want);
    assert_int_equal(place("x", path, strlen(want), &err), NDR_E_LIMIT); /* no NUL fits */
}

static void
place_test(void **state)
{
    const row *r = *state;
    put("XDG_CONFIG_HOME", r->config);
    put("XDG_STATE_HOME", r->state);
    put("HOME", r->home);
    put("NDRSCAN_ROOT", NULL);
    const bool root = geteuid() == 0 && !r->root_same;
    same(place_setting, root ? NDR_SETTINGS "/x" : r->want_setting);
    same(place_state, root ? NDR_STATE "/x" : r->want_state);
}

typedef struct system_row {
    const char *why;
    const char *root; /* NDRSCAN_ROOT */
    const char *want_setting, *want_state;
} system_row;
static const system_row system_rows[] = {
    {"the system's places are what meson says", NULL, NDR_SETTINGS "/x", NDR_STATE "/x"},
    {"another root, for what is not installed", "/r", "/r" NDR_SETTINGS "/x",
     "/r" NDR_STATE "/x"},
    {"a relative root is passed over", "r", NDR_SETTINGS "/x", NDR_STATE "/x"},
};

static void
system_test(void **state)
{
    const system_row *r = *state;
    put("XDG_CONFIG_HOME", "/c");
    put("XDG_STATE_HOME", "/s");
    put("NDRSCAN_ROOT", r->root);
    same(place_system_setting, r->want_setting);
    same(place_system_state, r->want_state);
}

int
main(void)
{
    ADD_ROWS(rows, place_test);
    ADD_ROWS(system_rows, system_test);
    return run_added("places");
}
