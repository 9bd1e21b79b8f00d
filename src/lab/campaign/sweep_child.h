/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep's runs, in processes that are forked from one that was split off before the sweep was planned: they know
 * the scenario and are told the rest.
 */
#ifndef LAB_SWEEP_CHILD_H
#define LAB_SWEEP_CHILD_H

#include "lab/campaign/jobs.h"
#include "lab/campaign/sweep.h"

struct sweep_children;

/* Before sweep_new(), which gets the same text and sets; runs are kept in the folder `dir`, which a run finds
 * there.  All are kept by reference.  NULL and *error. */
struct sweep_children *sweep_children_new(const struct text *text, char **sets, const char *dir,
                                          GError **error);
void sweep_children_free(struct sweep_children *children); /* NULL: nothing */

/* Where they come from, for jobs_run(): what sweep_order() says of a run is the job's order.  A child's answer is
 * "+" and the record, or "!" and why it cannot be kept. */
struct nursery *sweep_children_nursery(const struct sweep_children *children);
void sweep_order(const struct sweep *sweep, const struct sweep_run *run, GString *order);

#endif
