/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: figures against a baseline, cell by cell. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/commands.h"
#include "lab/error.h"

/* Figures are rows known by their first cells, and numbers that may move a little. */
static const struct {
	const char *file;
	const char *last_key; /* the last column that names a row */
} figures[] = {
    {"table1.csv", "sop"},   {"fig5.csv", "offered_rps"},  {"fig6.csv", "config"},
    {"claims.csv", "claim"}, {"sweep.csv", "offered_rps"},
};

struct comparison {
	double tolerance;
	unsigned cells, moved;
};

static char **read_lines(const char *dir, const char *file, GError **error) {
	g_autofree char *path = g_build_filename(dir, file, NULL), *text = NULL;
	g_autoptr(GError) trouble = NULL;

	if (g_file_get_contents(path, &text, NULL, &trouble))
		return g_strsplit(g_strchomp(text), "\n", -1);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		    "check: %s; allowed: a folder that `sopsim reproduce` or `sweep` wrote",
		    trouble->message);
	return NULL;
}

/* Number of columns up to one; 0: there is none of that name. */
static unsigned columns_upto(const char *header, const char *last) {
	g_auto(GStrv) columns = g_strsplit(header, ",", -1);

	for (unsigned i = 0; columns[i]; i++)
		if (g_str_equal(columns[i], last))
			return i + 1;
	return 0;
}

/* Length of the cells that name a row. */
static size_t name_length(const char *line, unsigned keys) {
	const char *at = line;

	while (keys-- > 0 && (at = strchr(at, ',')))
		at++;
	return at ? (size_t)(at - line) : strlen(line);
}

static const char *find_row(char **lines, const char *row, size_t length) {
	for (unsigned i = 0; lines[i]; i++)
		if (strncmp(lines[i], row, length) == 0)
			return lines[i];
	return NULL;
}

static bool same_cell(const char *reference, const char *now, double tolerance) {
	char *a_end, *b_end;
	double a = g_ascii_strtod(reference, &a_end), b = g_ascii_strtod(now, &b_end);

	if (a_end == reference || *a_end || b_end == now || *b_end)
		return g_str_equal(reference, now);
	return fabs(a - b) <= tolerance * fmax(1, fabs(a));
}

static void moved(struct comparison *c, const char *file, const char *row, const char *column,
		  const char *reference, const char *now) {
	if (c->moved++ == 0)
		printf("%-12s %-32s %-16s %12s %12s\n", "file", "row", "column", "baseline", "now");
	printf("%-12s %-32s %-16s %12s %12s\n", file, row, column, reference, now);
}

/* Intervals and differences from the paper follow from other cells. */
static bool derived(const char *column) {
	return g_str_has_prefix(column, "ci95") || g_str_equal(column, "error_pct");
}

static void compare_row(struct comparison *c, const char *file, const char *header,
			const char *reference, const char *now, unsigned keys) {
	g_auto(GStrv) columns = g_strsplit(header, ",", -1), old = g_strsplit(reference, ",", -1);
	g_auto(GStrv) cells = g_strsplit(now, ",", -1);
	g_autofree char *row = g_strndup(reference, name_length(reference, keys) - 1);

	for (unsigned i = keys; columns[i] && old[i] && cells[i]; i++) {
		if (derived(columns[i]))
			continue;
		c->cells++;
		if (!same_cell(old[i], cells[i], c->tolerance))
			moved(c, file, row, columns[i], old[i], cells[i]);
	}
}

static void lone_row(struct comparison *c, const char *file, const char *row, unsigned keys,
		     const char *reference, const char *now) {
	g_autofree char *name = g_strndup(row, name_length(row, keys));

	moved(c, file, name, "(row)", reference, now);
}

static bool compare_file(struct comparison *c, const char *against, const char *dir, size_t figure,
			 GError **error) {
	const char *file = figures[figure].file;
	g_auto(GStrv) old = read_lines(against, file, error);
	g_auto(GStrv) now = old ? read_lines(dir, file, error) : NULL;

	if (!now)
		return false;
	if (!old[0] || !now[0] || !g_str_equal(old[0], now[0])) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
			    "check: %s/%s: line 1: '%s'; allowed: the columns of %s/%s, '%s'", dir,
			    file, now[0] ? now[0] : "", against, file, old[0] ? old[0] : "");
		return false;
	}
	unsigned keys = columns_upto(old[0], figures[figure].last_key);
	for (unsigned i = 1; old[i]; i++) {
		const char *row = find_row(now + 1, old[i], name_length(old[i], keys));

		if (row)
			compare_row(c, file, old[0], old[i], row, keys);
		else
			lone_row(c, file, old[i], keys, "present", "missing");
	}
	for (unsigned i = 1; now[i]; i++)
		if (!find_row(old + 1, now[i], name_length(now[i], keys)))
			lone_row(c, file, now[i], keys, "missing", "present");
	return true;
}

/* Every figure of the baseline. */
static bool compare_folder(struct comparison *c, const char *against, const char *dir,
			   GError **error) {
	unsigned found = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(figures); i++) {
		g_autofree char *path = g_build_filename(against, figures[i].file, NULL);

		if (!g_file_test(path, G_FILE_TEST_EXISTS))
			continue;
		found++;
		if (!compare_file(c, against, dir, i, error))
			return false;
	}
	if (!found)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
			    "check: %s: no figures there; allowed: a folder that `sopsim reproduce` or "
			    "`sweep` wrote",
			    against);
	return found;
}

int command_check(int argc, char **argv) {
	g_autofree char *scenarios = command_scenario(""), *top = NULL, *against = NULL;
	struct comparison c = {.tolerance = 0.01};
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
	    {"against", 0, 0, G_OPTION_ARG_FILENAME, &against,
	     "Folder of the baseline (results/reference)", "DIR"},
	    {"tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &c.tolerance,
	     "Relative difference that is none (0.01)", "X"},
	    G_OPTION_ENTRY_NULL,
	};

	if (!command_options(
		&argc, &argv, entries, "[--against DIR] DIR",
		"Compares the figures in DIR with a baseline; exit status 1 and a table of "
		"what moved if they differ.",
		1, 1))
		return EXIT_BAD_INPUT;
	if (!(c.tolerance >= 0 && c.tolerance <= 1)) {
		fprintf(stderr, "sopsim check: --tolerance: %g is out of range; allowed: a number from "
			"0 to 1\n", c.tolerance);
		return EXIT_BAD_INPUT;
	}
	top = g_path_get_dirname(scenarios);
	if (!against)
		against = g_build_filename(top, "results", "reference", NULL);
	if (!compare_folder(&c, against, argv[1], &error))
		return lab_error_report(error);
	printf("%u numbers compared, %u moved\n", c.cells, c.moved);
	return c.moved ? EXIT_CHECK_FAILED : EXIT_DONE;
}
