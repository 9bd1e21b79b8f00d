/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The measuring window of a run: after the warm-up all meters are set to zero, at the end they are
 * read; in between, batches are cut for confidence intervals.
 */
#ifndef LAB_WINDOW_H
#define LAB_WINDOW_H

#include "lab/world/measures.h"
#include "lab/world/world.h"

/* Plans the window on the world's timeline. */
struct window *window_new(struct world *world);
/* The run ended: what is on the meters now is what was measured. */
void window_close(struct window *window);
void window_free(struct window *window);

/* What it measures itself, of the run as a whole: sim.NAME. */
#define WINDOW_MEASURES 7
extern const struct measured window_measured[WINDOW_MEASURES];

/* All that the window measured: GROUP.NAME. */
struct measures *window_measures(const struct window *window);

#endif
