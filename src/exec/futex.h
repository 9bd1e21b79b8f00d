/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting on words of the programs' memory. */
#ifndef EXEC_FUTEX_H
#define EXEC_FUTEX_H

#include "exec/internal.h"

/* Nobody waits yet; nobody does any more. */
void futex_init(struct exec *exec);
void futex_exit(struct exec *exec);
/* The kernel has cleared a dead thread's word: who waits for it is woken. */
void futex_wake_all(struct thread *t, uint64_t addr);

#endif
