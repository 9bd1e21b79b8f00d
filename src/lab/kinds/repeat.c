/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [repeat NAME]: groups that there are several of, such as cards with their clients and wires.  The
 * reader of scenarios makes the copies (lab/scenario/repeat.h). */
#include "lab/kinds/kinds.h"

struct conf {
	char **groups;
	unsigned count;
};

static const struct key keys[] = {
	K("groups", NAMES, groups, "groups that are there `count` times"),
	R("count", COUNT, count, 1, 255, "how often they are there"),
};

static void init(void *conf) { ((struct conf *)conf)->count = 1; }

const struct kind kind_repeat = {
	.name = "repeat",
	.help = "groups that there are several of",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
};
