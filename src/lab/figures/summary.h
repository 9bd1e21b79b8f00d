/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run did, for people and as CSV. */
#ifndef LAB_SUMMARY_H
#define LAB_SUMMARY_H

#include "lab/world/measures.h"
#include "lab/scenario/scenario.h"

/* Per program, host, card, bus and module. */
void summary_print(const struct scenario *sc, const struct measures *m);
/* All measures: measure,value. */
GString *summary_csv(const struct measures *m);

#endif
