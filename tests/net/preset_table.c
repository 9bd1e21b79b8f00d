/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * docs/tcp.md has a table of what the two presets differ in: one parameter a line, its value in either,
 * and what each value is taken from.  It must be what the code says, no more and no less.
 *
 *     preset_table DOCS/TCP.MD
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "net/engine/params.h"

#define HEADING "## The presets"

enum { LINUX_VALUE = 1, BSD_VALUE, LINUX_SOURCE, BSD_SOURCE, COLUMNS };

static unsigned failures;

static void complain(const char *name, const char *what) {
	printf("docs/tcp.md, %s: %s\n", name, what);
	failures++;
}

/* As the table writes it: "yes", "200 ms", "65,536". */
static char *written(const char *unit, int64_t value) {
	GString *s = g_string_new(NULL);

	if (strcmp(unit, "bool") == 0)
		return g_string_free(g_string_assign(s, value ? "yes" : "no"), FALSE);
	if (strcmp(unit, "time") == 0 && value % SIM_S)
		g_string_printf(s, "%g ms", (double)value / SIM_MS);
	else if (strcmp(unit, "time") == 0)
		g_string_printf(s, "%g s", (double)value / SIM_S);
	else
		g_string_printf(s, "%" G_GINT64_FORMAT, value);
	for (gssize at = (gssize)strspn(s->str, "0123456789") - 3; at > 0; at -= 3)
		g_string_insert_c(s, at, ',');
	return g_string_free(s, FALSE);
}

/* The table's lines by parameter: cells without space around them. */
static GHashTable *read_table(const char *text) {
	GHashTable *table =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_strfreev);
	const char *from = strstr(text, "\n" HEADING "\n");
	g_auto(GStrv) lines = g_strsplit(from ? from + 2 : "", "\n", -1);

	for (char **line = lines; *line && (line == lines || !g_str_has_prefix(*line, "## "));
	     line++) {
		char **cells = g_strsplit(*line + strspn(*line, "| "), "|", COLUMNS + 1);

		if (!g_str_has_prefix(*line, "| `") || g_strv_length(cells) < COLUMNS) {
			g_strfreev(cells);
			continue;
		}
		for (char **cell = cells; *cell; cell++)
			g_strstrip(*cell);
		g_strdelimit(cells[0], "`", ' ');
		g_strstrip(cells[0]);
		if (!g_hash_table_insert(table, cells[0], cells))
			complain(cells[0], "stands there twice");
	}
	return table;
}

static void compare(GHashTable *table, const char *name, const char *linux_value,
                    const char *bsd_value) {
	char **cells = g_hash_table_lookup(table, name);
	bool differ = strcmp(linux_value, bsd_value) != 0;

	if (!differ && !cells)
		return;
	if (!differ)
		complain(name, "is the same in both");
	else if (!cells)
		printf("| `%s` | %s | %s | | |\n", name, linux_value, bsd_value);
	else if (strcmp(cells[LINUX_VALUE], linux_value) != 0)
		complain(name, "has another value in linux-2.4");
	else if (strcmp(cells[BSD_VALUE], bsd_value) != 0)
		complain(name, "has another value in bsd-card");
	else if (!*cells[LINUX_SOURCE] || !*cells[BSD_SOURCE])
		complain(name, "has no source");
	if (differ && !cells)
		complain(name, "is missing");
	g_hash_table_remove(table, name);
}

int main(int argc, char **argv) {
	struct net_params lin, bsd;
	g_autofree char *text = NULL;
	g_autoptr(GHashTable) table = NULL;
	GHashTableIter left;
	const char *name, *unit;
	int64_t a, b;
	unsigned rows;
	gpointer key;

	if (argc != 2 || !g_file_get_contents(argv[1], &text, NULL, NULL))
		return 2;
	net_params_preset(&lin, "linux-2.4");
	net_params_preset(&bsd, "bsd-card");
	table = read_table(text);
	rows = g_hash_table_size(table);
	for (size_t i = 0;
	     net_params_get(&lin, i, &name, &unit, &a) && net_params_get(&bsd, i, &name, &unit, &b);
	     i++) {
		g_autofree char *linux_value = written(unit, a), *bsd_value = written(unit, b);

		compare(table, name, linux_value, bsd_value);
	}
	g_hash_table_iter_init(&left, table);
	while (g_hash_table_iter_next(&left, &key, NULL))
		complain(key, "is no parameter");
	printf("Checks: %u, Failures: %u, Errors: 0\n", rows, failures);
	return failures || rows < 20;
}
