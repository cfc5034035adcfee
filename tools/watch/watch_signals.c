/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_signals.c - is `ndrscan watch` asked to end, or to look again? */
#include "watch.h"

#include "app/child.h"

static volatile sig_atomic_t asked_to_end, asked_again;

static void
on_end(int sig)
{
    asked_to_end = sig;
    child_end(); /* it finishes what is in flight */
}

static void
on_again(int sig)
{
    (void)sig;
    asked_again = 1;
}

bool
watch_is_ending(void)
{
    return asked_to_end != 0;
}

bool
watch_asked_again(void)
{
    const bool again = asked_again != 0;
    asked_again = 0;
    return again;
}

void
watch_take_signals(sigset_t *open)
{
    sigset_t ours;
    const struct sigaction end = {.sa_handler = on_end, .sa_flags = SA_RESTART};
    const struct sigaction again = {.sa_handler = on_again, .sa_flags = SA_RESTART};
    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, SIGTERM);
    (void)sigaddset(&ours, SIGINT);
    (void)sigaddset(&ours, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &ours, open);
    (void)sigaction(SIGTERM, &end, NULL);
    (void)sigaction(SIGINT, &end, NULL);
    (void)sigaction(SIGHUP, &again, NULL);
}
