/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that change the mask of signals while they wait. */
#ifndef EXEC_MASK_H
#define EXEC_MASK_H

#include "exec/internal.h"

/* Answers the call that is served with EINTR: the signal that ended it is taken under the call's mask, and the
 * thread's own is back when its handler returns. */
void answer_interrupted(struct thread *t);

#endif
