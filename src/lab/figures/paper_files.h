/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reproduction of the paper's results, as files and on paper. */
#ifndef LAB_PAPER_FILES_H
#define LAB_PAPER_FILES_H

#include "lab/campaign/plan.h"
#include "lab/figures/answer.h"
#include "lab/figures/results.h"

/* Stages the CSVs of a finished plan. */
bool paper_files(const struct plan *plan, struct results *results, GError **error);
/* Draws its figures, once the CSVs are written. */
bool paper_draw(const struct plan *plan, struct results *results, GError **error);
/* Prints the three results beside the paper's values. */
void paper_print(const struct plan *plan);
/* The same for programs. */
void paper_answer(const struct plan *plan, struct answer *answer);

#endif
