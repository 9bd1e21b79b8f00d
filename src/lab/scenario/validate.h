/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scenario must satisfy beyond the form of its values. */
#ifndef LAB_VALIDATE_H
#define LAB_VALIDATE_H

#include "lab/scenario/scenario.h"

/* References lead to groups of the right kind, interfaces and machines have addresses of their own
 * and one network each, and what each kind asks for beyond that holds. */
bool scenario_validate(const struct scenario *sc, GError **error);

#endif
