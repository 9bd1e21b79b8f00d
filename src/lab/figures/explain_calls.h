/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `sopsim explain calls` answers: of one run that was watched (campaign/watch_calls.h). */
#ifndef LAB_EXPLAIN_CALLS_H
#define LAB_EXPLAIN_CALLS_H

#include "lab/figures/answer.h"

/* Prints the calls of each program with their costs by name, the dearest first, or, with an answer, puts them
 * there. */
void explain_calls(const struct measures *m, struct answer *answer);

#endif
