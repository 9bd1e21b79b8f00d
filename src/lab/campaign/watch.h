/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run of the send benchmark did in the repetitions that its number is the mean of: the spans that its
 * machines told are laid over each other, and beside them stands what the machines' own accounts say.
 */
#ifndef LAB_WATCH_H
#define LAB_WATCH_H

#include "lab/campaign/plan.h"

struct watch;

/* Watches the runs of [experiment table1]; to be unreffed after them. */
GPtrArray *watch_plan(const struct plan *plan);

/* Has the run add measures, in microseconds a send(): explain.part.LAYER: NAME, which add up to
 * explain.total, which is the benchmark's latency_us; and for each of the workers explain.WORKER.spans, explain.WORKER.account.  To be freed
 * after the run. */
struct watch *watch_send(struct run_spec *spec);
void watch_free(struct watch *watch);

extern const char *const watch_workers[]; /* ends with NULL */

#endif
