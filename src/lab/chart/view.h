/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From what a world told to a scene.  Two views of the same: by place (columns are layers and devices, for one
 * call) and by context (columns are who runs, colours are layers, for what several work at).
 */
#ifndef LAB_CHART_VIEW_H
#define LAB_CHART_VIEW_H

#include "lab/chart/scene.h"
#include "lab/chart/tape.h"

enum chart_view { CHART_PLACE, CHART_CONTEXT };

/* Of [from, to]; with a call (else NULL), its beginning and end are shown, and it is also drawn to scale. */
struct scene *chart_scene(const struct tape *tape, enum chart_view view, sim_time from, sim_time to,
                          const struct tape_span *call);

/* The nth (from 1) system call whose name begins so ("send" is sendto, too; NULL: of any) in the order of their beginnings; NULL: there are not so
 * many. */
const struct tape_span *chart_call(const struct tape *tape, const char *name, unsigned nth);
static inline bool chart_is_call(const struct tape_span *span) {
	return !span->layer && sim_flow_kind(span->flow) == SIM_FLOW_CALL;
}

#endif
