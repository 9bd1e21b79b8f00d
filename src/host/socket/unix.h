/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The AF_UNIX family, as much of it as two ends without a name are: streams that socketpair()
 * connects.  bind(), connect(), listen() and accept() are -EOPNOTSUPP, other types -ESOCKTNOSUPPORT.
 * No machine has it until it is registered, as 2.4's module unix is loaded.
 */
#ifndef HOST_UNIX_H
#define HOST_UNIX_H

#include "host/socket/socket.h"

/* -EEXIST if it is there. */
int unix_register(struct kernel *k);

#endif
