/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run did, for people and as CSV.
 *
 * For people: what was asked for first (clients, programs), then who served it, then the machines and
 * what cost them most.  A table for each type of group, with the measures whose declaration has a heading.
 */
#ifndef LAB_SUMMARY_H
#define LAB_SUMMARY_H

#include "lab/scenario/scenario.h"
#include "lab/world/measures.h"

void summary_print(const struct scenario *sc, const struct measures *m);
/* Its part about TCP/IP stacks: what each of them carried, and what SOP gave it. */
void summary_stacks(const struct scenario *sc, const struct measures *m);
/* And about the costs: the three largest of all processors. */
void summary_costs(const struct scenario *sc, const struct measures *m);

/* All measures: measure,value. */
GString *summary_csv(const struct measures *m);

#endif
