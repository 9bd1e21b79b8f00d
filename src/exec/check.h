/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated tables of descriptors, beside the real ones. */
#ifndef EXEC_CHECK_H
#define EXEC_CHECK_H

#include "exec/internal.h"

/* That the mirror of a thread's descriptors is one; if not, that is told and the simulator aborts. */
void check_descriptors(struct thread *t);

#endif
