/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `sopsim explain` can be asked; each runs experiments of a scenario and prints its answer. */
#ifndef LAB_EXPLAIN_H
#define LAB_EXPLAIN_H

#include <stdbool.h>

#include "lab/error.h"

/* The scenario must have the experiments and configs of paper.ini.  False and *error. */
bool explain_queueing(const char *file, GError **error);

#endif
