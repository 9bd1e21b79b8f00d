/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How are rows and columns laid out on a terminal? */
#include "lab/figures/grid.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* Wider ones go on below. */
#define WIDTH 100

struct column {
	char *head;
	bool words;
};

struct row {
	char *name;
	GPtrArray *cells; /* char * */
};

struct grid {
	char *title;
	GArray *columns; /* struct column */
	GArray *rows;    /* struct row */
};

static void clear_column(gpointer column) { g_free(((struct column *)column)->head); }

static void clear_row(gpointer data) {
	struct row *row = data;

	g_free(row->name);
	g_ptr_array_unref(row->cells);
}

struct grid *grid_new(const char *title) {
	struct grid *grid = g_new0(struct grid, 1);

	grid->title = g_strdup(title);
	grid->columns = g_array_new(FALSE, FALSE, sizeof(struct column));
	g_array_set_clear_func(grid->columns, clear_column);
	grid->rows = g_array_new(FALSE, FALSE, sizeof(struct row));
	g_array_set_clear_func(grid->rows, clear_row);
	return grid;
}

void grid_free(struct grid *grid) {
	g_free(grid->title);
	g_array_unref(grid->columns);
	g_array_unref(grid->rows);
	g_free(grid);
}

static void add_column(struct grid *grid, const char *head, bool words) {
	struct column column = {g_strdup(head), words};

	g_array_append_val(grid->columns, column);
}

void grid_column(struct grid *grid, const char *head) { add_column(grid, head, false); }
void grid_words(struct grid *grid, const char *head) { add_column(grid, head, true); }

void grid_row(struct grid *grid, const char *name) {
	struct row row = {g_strdup(name), g_ptr_array_new_with_free_func(g_free)};

	g_array_append_val(grid->rows, row);
}

void grid_cell(struct grid *grid, char *text) {
	struct row *row = &g_array_index(grid->rows, struct row, grid->rows->len - 1);

	g_ptr_array_add(row->cells, text);
}

/* --- printing --------------------------------------------------------------------------------- */

static const char *cell_at(const struct grid *grid, guint row, guint column) {
	const struct row *r = &g_array_index(grid->rows, struct row, row);

	return column < r->cells->len ? r->cells->pdata[column] : "-";
}

/* On the terminal, in characters. */
static int width_of(const char *text) { return (int)g_utf8_strlen(text, -1); }

static int names_width(const struct grid *grid) {
	int width = width_of(grid->title);

	for (guint i = 0; i < grid->rows->len; i++)
		width = MAX(width, 2 + width_of(g_array_index(grid->rows, struct row, i).name));
	return MAX(width, 18);
}

static int column_width(const struct grid *grid, guint column) {
	int width = width_of(g_array_index(grid->columns, struct column, column).head);

	for (guint i = 0; i < grid->rows->len; i++)
		width = MAX(width, width_of(cell_at(grid, i, column)));
	return width;
}

static void print_padded(const char *text, int width, bool left) {
	int room = MAX(0, width - width_of(text));

	printf("%*s%s%*s", left ? 0 : room, "", text, left ? room : 0, "");
}

/* Columns `from` to `to`, of a row or, -1, of the heading; the last one is not padded. */
static void print_line(const struct grid *grid, int row, guint from, guint to) {
	const char *name = row < 0 ? grid->title : g_array_index(grid->rows, struct row, row).name;
	int indent = row < 0 ? 0 : 2;

	printf("%*s", indent, "");
	print_padded(name, names_width(grid) - indent, true);
	for (guint c = from; c < to; c++) {
		const struct column *column = &g_array_index(grid->columns, struct column, c);
		const char *text = row < 0 ? column->head : cell_at(grid, (guint)row, c);

		printf("  ");
		print_padded(text, column->words && c + 1 == to ? 0 : column_width(grid, c),
		             column->words);
	}
	printf("\n");
}

void grid_print(const struct grid *grid) {
	guint from = 0, to;

	if (grid->rows->len == 0 || grid->columns->len == 0)
		return;
	printf("\n");
	for (; from < grid->columns->len; from = to) {
		int width = names_width(grid);

		for (to = from; to < grid->columns->len; to++) {
			width += 2 + column_width(grid, to);
			if (width > WIDTH && to > from)
				break;
		}
		for (int row = -1; row < (int)grid->rows->len; row++)
			print_line(grid, row, from, to);
	}
}
