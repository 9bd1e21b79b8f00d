/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does this step cost? */
#include "sim/cost.h"

#include <glib.h>
#include <string.h>

void cost_table_init(struct cost_table *table, const struct cost_desc *desc, size_t n) {
	table->n = n;
	table->desc = desc;
	table->value = g_new0(struct cost_value, n);
	table->account = g_new0(struct cost_account, n);
}

void cost_table_clear(struct cost_table *table) {
	g_free(table->value);
	g_free(table->account);
	memset(table, 0, sizeof *table);
}

int cost_find(const struct cost_table *table, const char *name) {
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->desc[i].name, name) == 0)
			return (int)i;
	return -1;
}

void cost_reset(struct cost_table *table) {
	memset(table->account, 0, table->n * sizeof *table->account);
}
