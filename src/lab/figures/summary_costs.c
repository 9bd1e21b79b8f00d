/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which costs were the largest? */
#include <math.h>
#include <string.h>

#include "lab/figures/amount.h"
#include "lab/figures/cost_name.h"
#include "lab/figures/grid.h"
#include "lab/figures/summary.h"

/* So many are shown. */
#define LARGEST 3

struct cost {
	const struct group *group;
	char *name;
	double us;
};

static void clear_cost(gpointer cost) { g_free(((struct cost *)cost)->name); }

static int largest_first(gconstpointer a, gconstpointer b) {
	const struct cost *x = a, *y = b;

	return x->us < y->us ? 1 : x->us > y->us ? -1 : strcmp(x->name, y->name);
}

/* NAME of a group's measure "cost.NAME.us"; NULL: the measure is another one. */
static char *named_cost(const struct group *group, const char *measure) {
	g_autofree char *prefix = g_strconcat(group->name, ".cost.", NULL);
	const char *name = measure + strlen(prefix);

	if (!g_str_has_prefix(measure, prefix) || !g_str_has_suffix(name, ".us"))
		return NULL;
	return g_strndup(name, strlen(name) - strlen(".us"));
}

static GArray *all_costs(const struct scenario *sc, const struct measures *m) {
	GArray *costs = g_array_new(FALSE, FALSE, sizeof(struct cost));

	g_array_set_clear_func(costs, clear_cost);
	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);

		for (guint g = 0; g < sc->groups->len && measure->value > 0; g++) {
			struct cost cost = {sc->groups->pdata[g], NULL, measure->value};

			cost.name = named_cost(cost.group, measure->name);
			if (!cost.name)
				continue;
			g_array_append_val(costs, cost);
			break;
		}
	}
	g_array_sort(costs, largest_first);
	return costs;
}

static double of_cost(const struct measures *m, const struct cost *cost, const char *what) {
	g_autofree char *name =
		g_strdup_printf("%s.cost.%s.%s", cost->group->name, cost->name, what);

	return measures_get(m, name);
}

static void add_row(struct grid *grid, const struct measures *m, const struct cost *cost,
                    const struct amount *all, const struct amount *each) {
	g_autofree char *busy = g_strconcat(cost->group->name, ".busy_us", NULL);
	const struct amount share = amount_of("%", 0), count = amount_of("1", 0);
	double charges = of_cost(m, cost, "count");

	grid_row(grid, cost->group->name);
	grid_cell(grid, cost_name(cost->name));
	grid_cell(grid, amount_text(&share, 100 * cost->us / measures_get(m, busy)));
	grid_cell(grid, amount_text(all, cost->us));
	grid_cell(grid, amount_text(&count, charges));
	grid_cell(grid, amount_text(each, cost->us / charges));
}

void summary_costs(const struct scenario *sc, const struct measures *m) {
	g_autoptr(GArray) costs = all_costs(sc, m);
	guint n = MIN(costs->len, LARGEST);
	struct grid *grid = grid_new("Largest costs");
	double largest = n ? g_array_index(costs, struct cost, 0).us : 0, dearest = 0;
	struct amount all = amount_of("us", largest), each;

	for (guint i = 0; i < n; i++) {
		const struct cost *cost = &g_array_index(costs, struct cost, i);

		dearest = fmax(dearest, cost->us / of_cost(m, cost, "count"));
	}
	each = amount_of("us", dearest);
	grid_words(grid, "cost");
	grid_column(grid, "of its work %");
	grid_amounts(grid, &all, "time");
	grid_column(grid, "charges");
	grid_amounts(grid, &each, "each");
	for (guint i = 0; i < n; i++)
		add_row(grid, m, &g_array_index(costs, struct cost, i), &all, &each);
	grid_print(grid);
	grid_free(grid);
}
