/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a host's processor takes for each thing that it does. */
#include "lab/kinds/parts.h"

struct conf {
	struct cost_value value[HOST_COST_COUNT];
};

static const struct key keys[] = {
#define X(id, key, layer, text) K(#key, COST, value[COST_##id], text),
	HOST_COSTS(X)
#undef X
};

void cost_apply(const struct scenario *sc, const char *name, struct kernel *k) {
	const struct group *group = scenario_find(sc, &kind_cost, name);

	for (size_t i = 0; group && i < G_N_ELEMENTS(keys); i++)
		kernel_set_cost(k, keys[i].name, ((const struct conf *)group->conf)->value[i]);
}

const struct kind kind_cost = {
	.name = "cost",
	.help = "costs of a host processor",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
};
