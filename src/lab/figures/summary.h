/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run did, for people and as CSV. */
#ifndef LAB_SUMMARY_H
#define LAB_SUMMARY_H

#include "lab/scenario/scenario.h"
#include "lab/world/measures.h"

/* Per program, host, card, bus and module. */
void summary_print(const struct scenario *sc, const struct measures *m);
/* All measures: measure,value. */
GString *summary_csv(const struct measures *m);

#endif
