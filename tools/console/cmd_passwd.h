/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd_passwd.h - how does a person's password get into admins.yaml? As its hash. */
#ifndef CMD_PASSWD_H
#define CMD_PASSWD_H

/* `ndrscan console passwd`; argv[0] is its last word. The exit status. */
int cmd_passwd(int argc, char **argv);

#endif
