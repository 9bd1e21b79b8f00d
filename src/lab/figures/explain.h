/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `sopsim explain` can be asked; each runs experiments of a scenario and prints its answer. */
#ifndef LAB_EXPLAIN_H
#define LAB_EXPLAIN_H

#include <stdbool.h>

#include "lab/campaign/plan.h"

/* Whether the plan has a run that an answer is made from; a scenario of one's own may lack it.  False and
 * *error. */
bool explain_needs(const struct plan *plan, const char *experiment, const char *config, GError **error);

/* The scenario must have the experiments and configs of paper.ini.  *failed: reasons, which were
 * printed, why its runs are none to rely on.  False and *error. */
bool explain_queueing(const struct text *text, unsigned *failed, GError **error);

#endif
