/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine around its programs: a file system of its own, and the notice of each call. */
#ifndef EXEC_SANDBOX_H
#define EXEC_SANDBOX_H

#include "exec/internal.h"

/* Ends a machine's init, and with it all of its processes (launch.c). */
void machine_end(struct machine *machine);
/* In the machine's init: makes its file system, in which the folder is seen, or of a root of its own (NULL:
 * none), where it is a path.  False and errno: it could not. */
bool sandbox_make(const char *hosts, const char *folder, const char *root);
/* The calling process's calls are notified from now on (filter.c): the listener, or -1 and errno. */
int filter_install(void);

#endif
