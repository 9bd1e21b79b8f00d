/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is a difference told to a person, to a test runner, to a forge? */
#include "lab/figures/check_report.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "lab/base/terminal.h"
#include "lab/figures/check_about.h"

#define MOST_PARAMETERS 20
#define MOST_ANNOTATIONS 10

struct check_report {
	GArray *cells;    /* struct check_cell, whose words it owns */
	GPtrArray *about; /* struct check_about; NULL: not known */
};

static void cell_clear(gpointer data) {
	struct check_cell *cell = data;
	const char *owned[] = {cell->file, cell->row, cell->column, cell->baseline, cell->now};

	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		g_free((char *)(uintptr_t)owned[i]);
}

struct check_report *check_report_new(void) {
	struct check_report *report = g_new0(struct check_report, 1);

	report->cells = g_array_new(FALSE, FALSE, sizeof(struct check_cell));
	g_array_set_clear_func(report->cells, cell_clear);
	return report;
}

void check_report_free(struct check_report *report) {
	g_array_unref(report->cells);
	g_clear_pointer(&report->about, g_ptr_array_unref);
	g_free(report);
}

void check_report_take(void *report, const struct check_cell *cell) {
	struct check_cell copy = *cell;

	copy.file = g_strdup(cell->file);
	copy.row = terminal_text(cell->row);
	copy.column = terminal_text(cell->column);
	copy.baseline = terminal_text(cell->baseline);
	copy.now = terminal_text(cell->now);
	g_array_append_val(((struct check_report *)report)->cells, copy);
}

void check_report_about(struct check_report *report, GPtrArray *about) { report->about = about; }

static const struct check_cell *nth(const struct check_report *report, guint i) {
	return i < report->cells->len ? &g_array_index(report->cells, struct check_cell, i) : NULL;
}

static bool is_row(const struct check_cell *cell) { return g_str_equal(cell->column, "(row)"); }

/* Cells of the file of the i-th from there on, in which files follow each other. */
static guint count_of(const struct check_report *report, guint i, guint *compared, guint *moved) {
	const char *file = nth(report, i)->file;
	const struct check_cell *cell;

	for (*compared = *moved = 0; (cell = nth(report, i)) && g_str_equal(cell->file, file);
	     i++) {
		*compared += !is_row(cell);
		*moved += cell->moved;
	}
	return i;
}

/* "+1.2 %" */
static char *by_text(const struct check_cell *cell) {
	double percent = 100 * cell->by;

	if (!isfinite(percent))
		return g_strdup("-");
	return g_strdup_printf(fabs(percent) < 1000 ? "%+.3g %%" : "%+.0f %%", percent);
}

static char *number_text(const char *value, double ci95) {
	return isnan(ci95) ? g_strdup(value) : g_strdup_printf("%s +- %g", value, ci95);
}

/* --- for people -------------------------------------------------------------------------------- */

static void put_cell(GString *out, const struct check_cell *cell) {
	g_autofree char *by = by_text(cell);
	g_autofree char *intervals =
		isnan(cell->baseline_ci95) || isnan(cell->now_ci95)
			? g_strdup("")
			: g_strdup_printf("  +- %g, +- %g", cell->baseline_ci95, cell->now_ci95);

	g_string_append_printf(out, "%-12s %-32s %-16s %12s %12s", cell->file, cell->row,
	                       cell->column, cell->baseline, cell->now);
	if (!is_row(cell))
		g_string_append_printf(out, " %12s%s", by, intervals);
	g_string_append_c(out, '\n');
}

/* The farthest from the baseline, of those whose distance is a number; NULL: none of the file moved so. */
static const struct check_cell *farthest(const struct check_report *report, guint from, guint to) {
	const struct check_cell *worst = NULL;

	for (guint i = from; i < to; i++) {
		const struct check_cell *cell = nth(report, i);

		if (cell->moved && isfinite(cell->by) &&
		    (!worst || fabs(cell->by) > fabs(worst->by)))
			worst = cell;
	}
	return worst;
}

static void put_files(const struct check_report *report, GString *out) {
	for (guint i = 0, next; i < report->cells->len; i = next) {
		guint compared, moved;
		const struct check_cell *worst;

		next = count_of(report, i, &compared, &moved);
		worst = farthest(report, i, next);
		g_string_append_printf(out, "%s: %u of %u moved", nth(report, i)->file, moved,
		                       compared);
		if (worst) {
			g_autofree char *by = by_text(worst);

			g_string_append_printf(out, ", the farthest %s of %s by %s", worst->column,
			                       worst->row, by);
		}
		g_string_append_c(out, '\n');
	}
}

static void put_about(const struct check_report *report, GString *out) {
	guint n = report->about ? report->about->len : 0;

	if (n)
		g_string_append(out, "What differs in what made them:\n");
	for (guint i = 0; i < MIN(n, MOST_PARAMETERS); i++) {
		const struct check_about *a = report->about->pdata[i];
		g_autofree char *name = terminal_text(a->name), *old = terminal_text(a->baseline),
				*now = terminal_text(a->now);

		g_string_append_printf(out, "  %-32s %16s %16s\n", name, old, now);
	}
	if (n > MOST_PARAMETERS)
		g_string_append_printf(out, "  and %u more\n", n - MOST_PARAMETERS);
	if (n)
		g_string_append_c(out, '\n');
}

GString *check_report_text(const struct check_report *report) {
	GString *out = g_string_new(NULL);
	guint compared = 0, moved = 0;
	const struct check_cell *cell;

	for (guint i = 0; (cell = nth(report, i)); i++) {
		if (cell->moved && moved++ == 0)
			g_string_append_printf(out, "%-12s %-32s %-16s %12s %12s %12s\n", "file",
			                       "row", "column", "baseline", "now", "by");
		if (cell->moved)
			put_cell(out, cell);
		compared += !is_row(cell);
	}
	if (moved) {
		g_string_append_c(out, '\n');
		put_about(report, out);
		put_files(report, out);
	}
	g_string_append_printf(out, "%u numbers compared, %u moved\n", compared, moved);
	return out;
}

/* --- for programs ------------------------------------------------------------------------------- */

/* A number of a table, or a word of it. */
static struct answer_more cell_more(const char *name, const char *value) {
	char *end;
	double number = g_ascii_strtod(value, &end);

	return (struct answer_more){name, *value && !*end ? NULL : value, number};
}

static void answer_cell(struct answer *answer, const struct check_cell *cell) {
	const struct answer_more more[] = {
		{"file", cell->file, 0},
		{"row", cell->row, 0},
		{"column", cell->column, 0},
		cell_more("baseline", cell->baseline),
		{"baseline_ci95", NULL, cell->baseline_ci95},
		cell_more("now", cell->now),
		{"now_ci95", NULL, cell->now_ci95},
		{"by", NULL, cell->by},
		{"verdict", cell->moved ? "moved" : "same", 0},
		{NULL, NULL, 0},
	};

	answer_add(answer, &(struct answer_row){.of = "number", .ci95 = NAN, .more = more});
}

void check_report_answer(const struct check_report *report, struct answer *answer) {
	guint moved = 0;
	const struct check_cell *cell;

	for (guint i = 0; (cell = nth(report, i)); i++) {
		answer_cell(answer, cell);
		moved += cell->moved;
	}
	for (guint i = 0; report->about && i < report->about->len; i++) {
		const struct check_about *a = report->about->pdata[i];
		const struct answer_more more[] = {{"key", a->name, 0},
		                                   {"baseline", a->baseline, 0},
		                                   {"now", a->now, 0},
		                                   {NULL, NULL, 0}};

		answer_add(answer,
		           &(struct answer_row){.of = "parameter", .ci95 = NAN, .more = more});
	}
	if (moved) {
		g_autofree char *why =
			g_strdup_printf("%u of %u numbers moved", moved, report->cells->len);

		answer_failed(answer, why);
	}
}

/* --- JUnit -------------------------------------------------------------------------------------- */

static char *message_of(const struct check_cell *cell) {
	g_autofree char *old = number_text(cell->baseline, cell->baseline_ci95);
	g_autofree char *now = number_text(cell->now, cell->now_ci95), *by = by_text(cell);

	if (is_row(cell))
		return g_strdup_printf("the row is %s in the baseline and %s now", cell->baseline,
		                       cell->now);
	return g_strdup_printf("was %s, is %s (%s)", old, now, by);
}

static void put_case(GString *xml, const struct check_cell *cell) {
	g_autofree char *message = message_of(cell);
	g_autofree char *head =
		g_markup_printf_escaped("    <testcase classname=\"%s\" name=\"%s %s\"", cell->file,
	                                cell->row, cell->column);
	g_autofree char *failure = g_markup_printf_escaped(
		"      <failure type=\"moved\" message=\"%s\"/>\n", message);

	g_string_append(xml, head);
	g_string_append_printf(xml, cell->moved ? ">\n%s    </testcase>\n" : "/>\n", failure);
}

static void put_properties(const struct check_report *report, GString *xml) {
	if (!report->about || !report->about->len)
		return;
	g_string_append(xml, "    <properties>\n");
	for (guint i = 0; i < report->about->len; i++) {
		const struct check_about *a = report->about->pdata[i];
		g_autofree char *name = terminal_text(a->name), *old = terminal_text(a->baseline),
				*now = terminal_text(a->now);
		g_autofree char *line = g_markup_printf_escaped(
			"      <property name=\"%s\" value=\"%s -> %s\"/>\n", name, old, now);

		g_string_append(xml, line);
	}
	g_string_append(xml, "    </properties>\n");
}

GString *check_report_junit(const struct check_report *report) {
	GString *xml = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                            "<testsuites name=\"sopsim check\">\n");

	for (guint i = 0, next; i < report->cells->len; i = next) {
		guint compared, moved, n;

		next = count_of(report, i, &compared, &moved);
		n = next - i;
		g_string_append_printf(xml,
		                       "  <testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" "
		                       "errors=\"0\" skipped=\"0\">\n",
		                       nth(report, i)->file, n, moved);
		put_properties(report, xml);
		for (guint k = i; k < next; k++)
			put_case(xml, nth(report, k));
		g_string_append(xml, "  </testsuite>\n");
	}
	g_string_append(xml, "</testsuites>\n");
	return xml;
}

/* --- GitHub ------------------------------------------------------------------------------------ */

/* As its workflow commands want them: % and line ends as %XX, in properties also : and commas. */
static void put_escaped(GString *out, const char *text, bool property) {
	for (; *text; text++)
		if (strchr("%\r\n", *text) || (property && strchr(":,", *text)))
			g_string_append_printf(out, "%%%02X", (unsigned char)*text);
		else
			g_string_append_c(out, *text);
}

static void put_annotation(GString *out, const char *dir, const struct check_cell *cell) {
	g_autofree char *path = g_build_filename(dir, cell->file, NULL);
	g_autofree char *message = message_of(cell);
	g_autofree char *title = g_strdup_printf("%s of %s", cell->column, cell->row);

	g_string_append(out, "::error file=");
	put_escaped(out, path, true);
	g_string_append_printf(out, ",line=%u,title=", MAX(cell->line, 1));
	put_escaped(out, title, true);
	g_string_append(out, "::");
	put_escaped(out, title, false);
	g_string_append(out, " ");
	put_escaped(out, message, false);
	g_string_append_c(out, '\n');
}

GString *check_report_github(const struct check_report *report, const char *dir) {
	GString *out = g_string_new(NULL);
	const struct check_cell *cell;
	guint moved = 0;

	for (guint i = 0; (cell = nth(report, i)); i++)
		if (cell->moved && ++moved < MOST_ANNOTATIONS)
			put_annotation(out, dir, cell);
	if (moved >= MOST_ANNOTATIONS)
		g_string_append_printf(out, "::error ::and %u more moved, see the log\n",
		                       moved - MOST_ANNOTATIONS + 1);
	for (guint i = 0; moved && report->about && i < MIN(report->about->len, MOST_ANNOTATIONS);
	     i++) {
		const struct check_about *a = report->about->pdata[i];
		g_autofree char *line =
			g_strdup_printf("%s was %s and is %s", a->name, a->baseline, a->now);

		g_string_append(out, "::notice ::");
		put_escaped(out, line, false);
		g_string_append_c(out, '\n');
	}
	return out;
}
