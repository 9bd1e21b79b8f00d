/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All kinds of groups that a scenario may have, by name and as a list. */
#ifndef LAB_KINDS_H
#define LAB_KINDS_H

#include "lab/kind_list.h"
#include "lab/scenario/scenario.h"

#define X(name) extern const struct kind kind_##name;
LAB_KINDS(X)
#undef X

extern const struct kind *const lab_kinds[]; /* ends with NULL */

/* Gives `text` (copied) its meaning.  NULL and *error: file, group, key, what is wrong and what is
 * allowed, in one line. */
struct scenario *scenario_new(const struct text *text, GError **error);

#endif
