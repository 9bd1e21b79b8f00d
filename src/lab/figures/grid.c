/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How are rows and columns laid out on a terminal? */
#include "lab/figures/grid.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* So many rows a short table has at most. */
#define ROWS_SHORT 8

struct column {
	char *head; /* with its unit */
	char *word; /* without it, and it alone; in words it stands behind the number */
	char *unit;
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

static void clear_column(gpointer data) {
	struct column *column = data;

	g_free(column->head);
	g_free(column->word);
	g_free(column->unit);
}

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

static void add_column(struct grid *grid, const char *head, const char *word, const char *unit,
                       bool words) {
	struct column column = {g_strdup(head), g_strdup(word), g_strdup(unit), words};

	g_array_append_val(grid->columns, column);
}

void grid_column(struct grid *grid, const char *head) { add_column(grid, head, head, "", false); }
void grid_words(struct grid *grid, const char *head) { add_column(grid, head, head, "", true); }

void grid_amounts(struct grid *grid, const struct amount *amount, const char *head) {
	g_autofree char *whole = amount_head(amount, head), *unit = amount_head(amount, "");

	add_column(grid, whole, head, unit, false);
}

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

/* The column behind the last one that there is room for in a line that begins with `from`. */
static guint columns_end(const struct grid *grid, guint from) {
	int width = names_width(grid);
	guint to;

	for (to = from; to < grid->columns->len; to++) {
		width += 2 + column_width(grid, to);
		if (width > GRID_WIDTH && to > from)
			break;
	}
	return to;
}

static bool is_empty(const struct grid *grid) {
	return grid->rows->len == 0 || grid->columns->len == 0;
}

static void print_parts(const struct grid *grid) {
	for (guint from = 0, to; from < grid->columns->len; from = to) {
		to = columns_end(grid, from);
		for (int row = -1; row < (int)grid->rows->len; row++)
			print_line(grid, row, from, to);
	}
}

void grid_print(const struct grid *grid) {
	if (is_empty(grid))
		return;
	printf("\n");
	print_parts(grid);
}

/* --- in few lines ------------------------------------------------------------------------------- */

static bool same_cells(const struct grid *grid, guint a, guint b) {
	for (guint c = 0; c < grid->columns->len; c++)
		if (!g_str_equal(cell_at(grid, a, c), cell_at(grid, b, c)))
			return false;
	return true;
}

static const char *name_at(const struct grid *grid, guint row) {
	return g_array_index(grid->rows, struct row, row).name;
}

/* What `n` rows from the `first` are called together. */
static char *common_name(const struct grid *grid, guint first, guint n) {
	if (n == 1)
		return g_strdup(name_at(grid, first));
	return g_strdup_printf("%s%s%s, each", name_at(grid, first), n == 2 ? ", " : " to ",
	                       name_at(grid, first + n - 1));
}

/* The same table, a row for all neighbours that are alike, and no more than there is room for; *left: how
 * many rows are left out. */
static struct grid *shortened(const struct grid *grid, guint *left) {
	struct grid *brief = grid_new(grid->title);
	guint next;

	for (guint c = 0; c < grid->columns->len; c++) {
		const struct column *column = &g_array_index(grid->columns, struct column, c);

		add_column(brief, column->head, column->word, column->unit, column->words);
	}
	for (guint row = 0; row < grid->rows->len; row = next) {
		g_autofree char *name = NULL;

		/* All that are left over are told in one line, which is worth it for two. */
		*left = grid->rows->len - row;
		if (brief->rows->len >= ROWS_SHORT - 1 && *left > 1)
			return brief;
		for (next = row + 1; next < grid->rows->len && same_cells(grid, row, next);)
			next++;
		name = common_name(grid, row, next - row);
		grid_row(brief, name);
		for (guint c = 0; c < grid->columns->len; c++)
			grid_cell(brief, g_strdup(cell_at(grid, row, c)));
	}
	*left = 0;
	return brief;
}

void word_row_add(struct word_row *row, const char *word) {
	int indent = 2 + row->width + 2;

	/* With the comma and the blank before it, and a comma behind it. */
	if (row->at == 0) {
		printf("  ");
		print_padded(row->name, indent - 2, true);
	} else if (row->at + 2 + width_of(word) + 1 > GRID_WIDTH - indent) {
		printf(",\n%*s", indent, "");
		row->at = 0;
	} else {
		row->at += printf(", ");
	}
	row->at += width_of(word);
	printf("%s", word);
}

void word_row_end(struct word_row *row) {
	if (row->at)
		printf("\n");
}

/* A table of one row: its heading, and "HEAD NUMBER UNIT" as often as there is room for. */
static void print_words(const struct grid *grid) {
	struct word_row row = {width_of(name_at(grid, 0)), name_at(grid, 0), 0};

	printf("%s\n", grid->title);
	for (guint c = 0; c < grid->columns->len; c++) {
		const struct column *column = &g_array_index(grid->columns, struct column, c);
		g_autofree char *word =
			g_strconcat(column->word, " ", cell_at(grid, 0, c), column->unit, NULL);

		word_row_add(&row, word);
	}
	word_row_end(&row);
}

void grid_print_short(const struct grid *grid, bool apart) {
	struct grid *brief;
	guint left;

	if (is_empty(grid))
		return;
	if (apart)
		printf("\n");
	brief = shortened(grid, &left);
	if (brief->rows->len == 1 && left == 0 && columns_end(brief, 0) < brief->columns->len)
		print_words(brief);
	else
		print_parts(brief);
	if (left)
		printf("  and %u more (--json has them all)\n", left);
	grid_free(brief);
}
