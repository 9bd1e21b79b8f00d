/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a card's processor takes for each thing that it does. */
#include "lab/kinds/parts.h"
#include "toe/driver/toe.h"

struct conf {
	struct cost_value value[TOE_COST_COUNT];
};

static const struct key keys[] = {
#define X(id, key, layer, text) K(#key, COST, value[TOE_COST_##id], text),
	TOE_COSTS(X)
#undef X
};

void toecost_apply(const struct scenario *sc, const char *name, struct toe *toe) {
	const struct group *group = scenario_find(sc, &kind_toecost, name);

	for (size_t i = 0; group && i < G_N_ELEMENTS(keys); i++)
		toe_set_cost(toe, keys[i].name, ((const struct conf *)group->conf)->value[i]);
}

const struct kind kind_toecost = {
	.name = "toecost",
	.help = "costs of a card's processor",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
};
