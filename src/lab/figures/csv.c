/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do the cells of a table say, quotes and all? */
#include "lab/figures/csv.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static void row_free(gpointer row) { g_strfreev(row); }

void csv_free(struct csv *csv) {
	g_strfreev(csv->columns);
	g_ptr_array_unref(csv->rows);
	g_free(csv);
}

int csv_column(const struct csv *csv, const char *name) {
	for (int i = 0; csv->columns[i]; i++)
		if (g_str_equal(csv->columns[i], name))
			return i;
	return -1;
}

double csv_number(const struct csv *csv, guint row, guint column) {
	const char *text = ((char **)csv->rows->pdata[row])[column];
	char *end;
	double value = g_ascii_strtod(text, &end);

	return end == text ? NAN : value;
}

/* --- a row ------------------------------------------------------------------------------------ */

/* One cell from *at on, which then stands at the comma or line end behind it; NULL: a quote is
 * missing. */
static char *read_cell(const char **at) {
	g_autoptr(GString) cell = g_string_new(NULL);
	bool quoted = **at == '"';

	*at += quoted;
	for (;;) {
		size_t n = strcspn(*at, quoted ? "\"" : ",\n");

		g_string_append_len(cell, *at, (gssize)n);
		*at += n;
		if (!quoted)
			return g_strdup(cell->str);
		if (!**at)
			return NULL;
		if (*++*at != '"')
			break;
		g_string_append_c(cell, '"');
		++*at;
	}
	return **at == ',' || **at == '\n' ? g_strdup(cell->str) : NULL;
}

/* A row, with *at behind its line; NULL and *why. */
static char **read_row(const char **at, const char **why) {
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

	for (;;) {
		char *cell = read_cell(at);

		if (!cell) {
			*why = "a quote is missing";
			return NULL;
		}
		g_ptr_array_add(cells, cell);
		if (**at != ',')
			break;
		++*at;
	}
	if (**at != '\n') {
		*why = "cut off: the line has no end";
		return NULL;
	}
	++*at;
	g_ptr_array_add(cells, NULL);
	return (char **)g_ptr_array_steal(cells, NULL);
}

/* --- a table ---------------------------------------------------------------------------------- */

static const char *bad_columns(char **columns) {
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	for (unsigned i = 0; columns[i]; i++)
		if (!*columns[i] || !g_hash_table_add(names, columns[i]))
			return "a column without name, or two of one name";
	return NULL;
}

static const char *read_rows(struct csv *csv, const char *at, unsigned *line) {
	const char *why = NULL;
	guint n;

	csv->columns = read_row(&at, &why);
	if (!csv->columns)
		return why;
	why = bad_columns(csv->columns);
	n = g_strv_length(csv->columns);
	while (!why && *at) {
		char **row;

		++*line;
		row = read_row(&at, &why);
		if (!row)
			break;
		g_ptr_array_add(csv->rows, row);
		if (g_strv_length(row) != n)
			why = "not as many cells as there are columns";
	}
	return why;
}

struct csv *csv_parse(const GString *bytes, char **why) {
	struct csv *csv = g_new0(struct csv, 1);
	const char *wrong;
	unsigned line = 1;

	csv->rows = g_ptr_array_new_with_free_func(row_free);
	wrong = strlen(bytes->str) != bytes->len || !g_utf8_validate(bytes->str, -1, NULL)
	                ? "the file is no UTF-8 text"
	                : read_rows(csv, bytes->str, &line);
	if (!wrong)
		return csv;
	*why = g_strdup_printf("line %u: %s", line, wrong);
	csv_free(csv);
	return NULL;
}
