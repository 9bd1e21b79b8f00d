/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [config NAME]: a named set of changes. */
#include "lab/kinds/kinds.h"

struct conf {
	char *label, *against;
};

static const struct key keys[] = {
	K("label", TEXT, label, "name in figures"),
	REF("against", TEXT, against, "config",
            "the config that a sweep compares it with: where it begins or stops to pay"),
};

const struct kind kind_config = {
	.name = "config",
	.help = "a named set of changes",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
};
