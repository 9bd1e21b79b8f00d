/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `sopsim explain` answers: each of a plan that ran, of a scenario with the experiments and configs of
 * paper.ini.
 */
#ifndef LAB_EXPLAIN_H
#define LAB_EXPLAIN_H

#include "lab/campaign/plan.h"
#include "lab/figures/answer.h"

/* Whether the plan has the runs that an answer is made from; a scenario of one's own may lack them.  False
 * and *error. */
bool explain_has_send(const struct plan *plan, GError **error);
bool explain_has_request(const struct plan *plan, GError **error);
bool explain_has_queueing(const struct plan *plan, GError **error);
/* The same of one of them. */
bool explain_needs(const struct plan *plan, const char *experiment, const char *config,
                   GError **error);

/* Prints it, or, with an answer, puts it there; of the first the runs were watched (campaign/watch.h). */
void explain_send(const struct plan *plan, struct answer *answer);
void explain_request(const struct plan *plan, struct answer *answer);
void explain_queueing(const struct plan *plan, struct answer *answer);

#endif
