/* SPDX-License-Identifier: GPL-3.0-or-later */
/* To which layer does a cost belong? */
#include "lab/figures/cost_name.h"

#include <glib.h>

#include "host/core/costs.h"
#include "toe/card/card.h"

static const struct {
	const char *cost, *layer;
} layers[] = {
#define X(id, key, layer, text) {#key, layer},
	HOST_COSTS(X) TOE_COSTS(X)
#undef X
};

char *cost_name(const char *cost) {
	for (size_t i = 0; i < G_N_ELEMENTS(layers); i++)
		if (g_str_equal(layers[i].cost, cost))
			return g_strdup_printf("%s: %s", layers[i].layer, cost);
	return g_strdup(cost);
}
