/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread is charged that computes, or spins, between its calls. */
#ifndef EXEC_SPIN_H
#define EXEC_SPIN_H

#include "exec/internal.h"

/* Nothing has come from the thread for a while: it may compute, and is charged. */
void spin_look(struct thread *t);
/* If it is stopped. */
void spin_go_on(struct thread *t);
/* It has made a call. */
void spin_end(struct thread *t);

#endif
