/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long does a send() take, beside the paper's word, and where do its microseconds go?  The parts are those
 * of `sopsim explain send` (campaign/watch.h), of the same runs as the numbers.
 */
#include "lab/figures/table1.h"

#include <math.h>
#include <string.h>

#include "lab/campaign/paper.h"
#include "lab/figures/labels.h"
#include "lab/figures/layers.h"
#include "lab/figures/page.h"
#include "lab/figures/results.h"
#include "lab/figures/rows.h"

static void number(GString *csv, double value, int digits) {
	g_string_append_c(csv, ',');
	results_number(csv, value, digits);
}

GString *table1_csv(const struct plan *plan) {
	GString *csv = g_string_new("case,stack,sop,latency_us,ci95_us,paper_us,error_pct,role\n");

	for (unsigned i = 0; i < PAPER_CASES; i++) {
		const struct paper_case *c = &paper_cases[i];
		struct estimate e = paper_latency(plan, i);

		g_string_append_printf(csv, "%s,%s,%s", c->number, c->stack, c->sop ? "yes" : "no");
		number(csv, e.value, 3);
		number(csv, e.ci95, 3);
		number(csv, c->paper_us, 3);
		number(csv, 100 * (e.value / c->paper_us - 1), 3);
		g_string_append_printf(csv, ",%s\n", c->role);
	}
	return csv;
}

/* --- parts ------------------------------------------------------------------------------------ */

/* A row of what explain tells, in its two words. */
struct part {
	char *layer, *name; /* layer NULL: waiting */
	size_t look;
	size_t way;  /* where its layer lies from the program to the wire */
	guint nth;   /* of all, by its size */
	bool fitted; /* a calibrated cost */
	double us[PAPER_CASES];
};

static void clear_part(gpointer data) {
	struct part *part = data;

	g_free(part->layer);
	g_free(part->name);
}

static const struct part *part_nth(const GArray *parts, guint i) {
	return &g_array_index(parts, struct part, i);
}

/* From the program to the wire; of a layer, the largest first, as they come. */
static gint by_way(gconstpointer a, gconstpointer b) {
	const struct part *x = a, *y = b;

	return x->way != y->way ? (gint)x->way - (gint)y->way : (gint)x->nth - (gint)y->nth;
}

static void take_calibrated(void *arg, const struct parameter *p) {
	if (g_str_equal(p->role, "calibrated"))
		g_hash_table_add(arg, g_strconcat(p->group, ".", p->key, NULL));
}

static bool is_fitted(GHashTable *calibrated, const struct part *part) {
	const char *group = g_strcmp0(part->layer, "card") == 0 ? "toecost." : "cost.";
	g_autofree char *cost = g_strconcat(group, part->name, NULL);

	return g_hash_table_contains(calibrated, cost);
}

/* struct part, means over the seeds; empty if the runs were not watched. */
static GArray *parts_of(const struct plan *plan) {
	g_autoptr(GHashTable) calibrated =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GArray *parts = g_array_new(FALSE, FALSE, sizeof(struct part));
	g_autoptr(GArray) rows = rows_new();

	for (unsigned i = 0; i < PAPER_CASES; i++) {
		const struct plan_item *first = plan_nth(plan, "table1", paper_cases[i].config, 0);
		unsigned n = 0;

		while (plan_replica(plan, first, n))
			n++;
		for (unsigned r = 0; r < n; r++)
			rows_collect(rows, i, plan_replica(plan, first, r)->m, "explain.part.", "",
			             1.0 / n);
	}
	rows_sort(rows);
	scenario_parameters(plan->sc, take_calibrated, calibrated);
	g_array_set_clear_func(parts, clear_part);
	for (guint i = 0; i < rows->len; i++) {
		const struct row *row = row_nth(rows, i);
		const char *colon = strstr(row->name, ": ");
		struct part part = {.name = g_strdup(colon ? colon + 2 : row->name)};

		part.layer = colon ? g_strndup(row->name, (gsize)(colon - row->name)) : NULL;
		part.look = layer_look(part.layer);
		part.way = layer_way(part.layer);
		part.nth = i;
		part.fitted = is_fitted(calibrated, &part);
		memcpy(part.us, row->value, sizeof part.us);
		g_array_append_val(parts, part);
	}
	g_array_sort(parts, by_way);
	return parts;
}

GString *table1_parts_csv(const struct plan *plan) {
	GString *csv = g_string_new("case,stack,sop,layer,part,latency_us,role\n");
	g_autoptr(GArray) parts = parts_of(plan);

	for (unsigned i = 0; i < PAPER_CASES; i++)
		for (guint p = 0; p < parts->len; p++) {
			const struct paper_case *c = &paper_cases[i];
			const struct part *part = part_nth(parts, p);

			if (part->us[i] == 0)
				continue;
			g_string_append_printf(csv, "%s,%s,%s,%s,%s", c->number, c->stack,
			                       c->sop ? "yes" : "no",
			                       part->layer ? part->layer : "-", part->name);
			number(csv, part->us[i], 6);
			g_string_append_printf(csv, ",%s\n", part->fitted ? "calibrated" : "given");
		}
	return csv;
}

/* --- pictures --------------------------------------------------------------------------------- */

/* --- the table -------------------------------------------------------------------------------- */

#define TITLE_FONT 14
#define TABLE_WIDTH 760
#define TABLE_TOP 76
#define TABLE_ROW 24
#define TABLE_FONT 12
#define NOTE_FONT 11

static const struct {
	const char *title, *how;
	double x;
} columns[] = {
	{"case", "left", 24},        {"stack", "left", 76},    {"", "left", 152},
	{"simulated", "right", 350}, {"paper", "right", 430},  {"off by", "right", 516},
	{"role", "left", 548},       {"verdict", "left", 650},
};
enum { CASE, STACK, SOP, SIMULATED, PAPER, OFF, ROLE, VERDICT, COLUMNS };

static void put_row(const struct page *page, unsigned line, const char *const cells[COLUMNS]) {
	for (size_t c = 0; c < COLUMNS; c++)
		if (cells[c])
			page_text(page, cells[c], columns[c].x, TABLE_TOP + line * TABLE_ROW,
			          columns[c].how, TABLE_FONT, 0);
}

/* What SOP adds follows the rows of a case. */
static const struct {
	const char *claim, *unit;
	int of; /* a case; -1: what SOP adds to the one before */
} lines[] = {
	{"table1_legacy_us", "us", 0},         {"table1_legacy_sop_us", "us", 1},
	{"table1_legacy_change_pct", "%", -1}, {"table1_offload_us", "us", 2},
	{"table1_offload_sop_us", "us", 3},    {"table1_offload_change_pct", "%", -1},
};

/* A number that follows from calibrated ones is no evidence. */
static const char *role_shown(const char *role) {
	return g_str_equal(role, "consistency") ? "consequence" : role;
}

static void put_claim(const struct page *page, unsigned line, const struct claim *claim) {
	const char *unit = lines[line].unit;
	const struct paper_case *c = lines[line].of < 0 ? NULL : &paper_cases[lines[line].of];
	double off = claim->simulated.value - claim->paper;
	g_autofree char *simulated =
		isnan(claim->simulated.ci95)
			? g_strdup_printf("%.2f %s", claim->simulated.value, unit)
			: g_strdup_printf("%.2f ± %.2f %s", claim->simulated.value,
	                                  claim->simulated.ci95, unit);
	g_autofree char *paper = g_strdup_printf("%.1f %s", claim->paper, unit);
	g_autofree char *difference =
		g_strdup_printf("%s%.2f %s", off < 0 ? "−" : "+", fabs(off), unit);
	const char *const cells[COLUMNS] = {
		[CASE] = c && !c->sop ? c->number : NULL,
		[STACK] = c ? c->stack : NULL,
		[SOP] = !c       ? "SOP adds"
	                : c->sop ? "with SOP"
	                         : "without SOP",
		[SIMULATED] = simulated,
		[PAPER] = paper,
		[OFF] = difference,
		[ROLE] = role_shown(claim->role),
		[VERDICT] = claim_words[claim->verdict],
	};

	put_row(page, line + 1, cells);
}

static void put_rule(const struct page *page, double y, bool thick) {
	double left = columns[0].x - 8;

	page_line(page, left, y, TABLE_WIDTH - left, y,
	          thick ? "lw 1.2 lc rgb 'black'" : "lw 0.6 lc rgb '#999999'");
}

GString *table1_plot(const struct plan *plan) {
	unsigned n = G_N_ELEMENTS(lines);
	struct page page = page_new(TABLE_WIDTH, TABLE_TOP + (n + 2) * TABLE_ROW + 16);
	const char *titles[COLUMNS];
	struct claim claims[PAPER_CLAIMS];

	paper_claims(plan, claims);
	for (size_t c = 0; c < COLUMNS; c++)
		titles[c] = columns[c].title;
	page_text(&page, "Table 1: latency of send()", columns[0].x, 20, "left", TITLE_FONT, 0);
	page_text(&page, "± half a 95 % interval", columns[0].x, 42, "left", NOTE_FONT, 0);
	put_row(&page, 0, titles);
	for (unsigned i = 0; i < n; i++) {
		bool adds = lines[i].of < 0, first = i == 0 || lines[i - 1].of < 0;

		if (adds || first)
			put_rule(&page, TABLE_TOP + (i + 0.5) * TABLE_ROW, first);
		put_claim(&page, i, paper_claim(claims, lines[i].claim));
	}
	put_rule(&page, TABLE_TOP + (n + 0.5) * TABLE_ROW, true);
	page_text(
		&page,
		"calibrated: a cost was fitted to the number; a consequence of calibrated numbers "
		"cannot fail, and is no evidence",
		columns[0].x, TABLE_TOP + (n + 1.3) * TABLE_ROW, "left", NOTE_FONT, 0);
	page_plot_nothing(&page);
	return page.script;
}

/* --- where the microseconds go ---------------------------------------------------------------- */

#define BARS_WIDTH 860
#define BARS_TOP 92
#define BARS_HEIGHT 430
#define BARS_FOOT 84
#define BARS_LEFT 46
#define BAR_SLOT 202
#define BAR_WIDTH 46
#define BAR_LABEL 22 /* from the bar to its names */
#define NAME_HEIGHT 14.0
/* Parts that are less have no name. */
#define NAMED_US 0.01

/* The colours that are there. */
static void put_legend(const struct page *page, const GArray *parts) {
	double x = BARS_LEFT;

	for (size_t look = 0; look < LAYER_LOOKS; look++) {
		const struct layer_look *l = &layer_looks[look];
		bool seen = false;

		for (guint p = 0; p < parts->len; p++)
			seen = seen || part_nth(parts, p)->look == look;
		if (!seen)
			continue;
		page_box(page, x, 48, x + 12, 60, l->colour);
		page_text(page, l->title, x + 17, 54, "left", NOTE_FONT, 0);
		x += 17 + 0.85 * label_width(l->title, NOTE_FONT) + 14;
	}
}

static void put_axis(const struct page *page, double most) {
	page_text(page, "us", BARS_LEFT - 10, BARS_TOP - 12, "right", NOTE_FONT, 0);
	for (unsigned us = 0; us <= most; us += 5) {
		g_autofree char *text = g_strdup_printf("%u", us);
		double y = BARS_TOP + BARS_HEIGHT * (1 - us / most);

		page_text(page, text, BARS_LEFT - 10, y, "right", NOTE_FONT, 0);
		page_line(page, BARS_LEFT - 5, y, BARS_LEFT, y, "lw 1.2 lc rgb 'black'");
	}
	page_line(page, BARS_LEFT, BARS_TOP, BARS_LEFT, BARS_TOP + BARS_HEIGHT,
	          "lw 1.2 lc rgb 'black'");
}

static void put_caption(const struct page *page, unsigned i, double left, double top, double us) {
	const struct paper_case *c = &paper_cases[i];
	g_autofree char *sum = g_strdup_printf("%.2f us", us);
	g_autofree char *stack =
		g_strdup_printf("%s, %s", c->stack, c->sop ? "with SOP" : "without SOP");
	g_autofree char *paper =
		g_strdup_printf("paper: %.1f us, %s", c->paper_us, role_shown(c->role));
	double bottom = BARS_TOP + BARS_HEIGHT;

	page_text(page, sum, left, top - 10, "left", TABLE_FONT, 0);
	page_text(page, stack, left, bottom + 16, "left", TABLE_FONT, 0);
	page_text(page, paper, left, bottom + 33, "left", NOTE_FONT, 0);
}

/* Beside the bar, as near to its part as names keep clear of each other. */
static void put_name(const struct page *page, const struct part *part, unsigned i, double right,
                     const struct label *label) {
	g_autofree char *text =
		g_strdup_printf("%s%s %.2f", part->name, part->fitted ? "*" : "", part->us[i]);

	page_line(page, right + 1, label->wanted, right + BAR_LABEL - 3, label->at,
	          "lw 0.7 lc rgb '#888888'");
	page_text(page, text, right + BAR_LABEL, label->at, "left", NOTE_FONT, 0);
}

static void put_bar(const struct page *page, const GArray *parts, unsigned i, double most) {
	double left = BARS_LEFT + 12 + i * BAR_SLOT, right = left + BAR_WIDTH, us = 0;
	double bottom = BARS_TOP + BARS_HEIGHT, scale = BARS_HEIGHT / most;
	g_autofree struct label *labels = g_new0(struct label, parts->len + 1);
	guint n = 0;

	for (guint p = 0; p < parts->len; us += part_nth(parts, p++)->us[i]) {
		const struct part *part = part_nth(parts, p);
		double from = bottom - us * scale, to = from - part->us[i] * scale;

		if (part->us[i] > 0)
			page_box(page, left, from, right, to, layer_looks[part->look].colour);
		if (part->us[i] >= NAMED_US)
			labels[n++].wanted = (from + to) / 2;
	}
	labels_place(labels, n, NAME_HEIGHT, BARS_TOP - 4, bottom + 4);
	n = 0;
	for (guint p = 0; p < parts->len; p++)
		if (part_nth(parts, p)->us[i] >= NAMED_US)
			put_name(page, part_nth(parts, p), i, right, &labels[n++]);
	put_caption(page, i, left, bottom - us * scale, us);
}

GString *table1_parts_plot(const struct plan *plan) {
	struct page page = page_new(BARS_WIDTH, BARS_TOP + BARS_HEIGHT + BARS_FOOT);
	g_autoptr(GArray) parts = parts_of(plan);
	double most = 1;

	for (unsigned i = 0; i < PAPER_CASES; i++)
		most = fmax(most, 1.05 * paper_latency(plan, i).value);
	page_text(&page, "Table 1: where the microseconds of a send() go", BARS_LEFT, 20, "left",
	          TITLE_FONT, 0);
	put_legend(&page, parts);
	put_axis(&page, most);
	for (unsigned i = 0; i < PAPER_CASES; i++)
		put_bar(&page, parts, i, most);
	page_text(
		&page,
		"* a cost that was fitted to the paper's numbers; the others have sources of their "
		"own. Parts below 0.01 us have no name.",
		BARS_LEFT, BARS_TOP + BARS_HEIGHT + 62, "left", NOTE_FONT, 0);
	page_plot_nothing(&page);
	return page.script;
}
