/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a text become a scenario of all the kinds that there are? */
#include "lab/kinds/kinds.h"

const struct kind *const lab_kinds[] = {
#define X(name) &kind_##name,
	LAB_KINDS(X)
#undef X
		NULL,
};

struct scenario *scenario_new(const struct text *text, GError **error) {
	return scenario_read(text, lab_kinds, error);
}
