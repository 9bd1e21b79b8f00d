/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The AF_NETLINK family of machines with real programs, as much of it as asking is: NETLINK_ROUTE, whose
 * requests the owner of all programs answers (exec_conf.netlink).  Nobody sends by it what was not
 * asked for; programs do not reach each other by it.
 */
#ifndef EXEC_NETLINK_H
#define EXEC_NETLINK_H

#include "exec/internal.h"

/* From now on the machine has it. */
void netlink_register(struct exec *exec, struct kernel *k);

#endif
