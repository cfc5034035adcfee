/* SPDX-License-Identifier: BSD-3-Clause */
/* closure.c - links one room whole, with only the rooms below it. */
int
main(void)
{
    return 0;
}
