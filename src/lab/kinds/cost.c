/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a host's processor takes for each thing that it does. */
#include "host/core/cache.h"
#include "lab/kinds/parts.h"

struct conf {
	struct terms terms[HOST_COST_COUNT];
	size_t footprints[HOST_FOOTPRINT_COUNT];
};

static const struct key keys[] = {
#define X(id, key, layer, text) K(#key, WORK, terms[COST_##id], text),
	HOST_COSTS(X)
#undef X
#define X(id, key, text) R(#key, BYTES, footprints[FOOTPRINT_##id], 0, 1 << 30, text),
		HOST_FOOTPRINTS(X)
#undef X
};

void cost_apply(const struct scenario *sc, const char *name, const struct machine *machine,
                struct kernel *k) {
	const struct group *group = scenario_find(sc, &kind_cost, name);

	for (size_t i = 0; group && i < HOST_COST_COUNT; i++)
		kernel_set_cost(k, keys[i].name, group_cost(group, keys[i].name, machine));
	for (size_t i = HOST_COST_COUNT; group && i < G_N_ELEMENTS(keys); i++)
		footprint_set(k, keys[i].name, (size_t)group_number(group, keys[i].name));
}

bool cost_check(const struct scenario *sc, const struct group *host, const struct machine *machine,
                GError **error) {
	const char *name = group_text(host, "costs");
	const struct group *group = scenario_find(sc, &kind_cost, name);

	for (size_t i = 0; group && i < HOST_COST_COUNT; i++) {
		const struct terms *terms = &((const struct conf *)group->conf)->terms[i];
		const char *lack = terms_lack(terms, machine);

		if (lack)
			return group_wrong(host, lack, error,
			                   "not given, and [%s] %s needs it; allowed: a value, or "
			                   "costs that are times",
			                   group->text->name, keys[i].name);
	}
	return true;
}

const struct kind kind_cost = {
	.name = "cost",
	.help = "costs of a host processor",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
};
