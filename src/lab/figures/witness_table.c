/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is what a simulated machine says shown beside what the real one said? */
#include "lab/figures/witness_table.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>

#include "lab/campaign/claims.h"
#include "lab/campaign/json_put.h"
#include "lab/campaign/witness.h"

/* --- a table ---------------------------------------------------------------------------------- */

static const char *mark(double off) { return off <= 0.15 ? "" : off <= 0.30 ? "  *" : "  **"; }

/* What is known of the row's number besides. */
static char *remark(const struct witness_entry *e) {
	return e->otherwise      ? g_strdup("  measured otherwise")
	       : e->rounding > 0 ? g_strdup_printf("  (%g to %g)", e->real - e->rounding,
	                                           e->real + e->rounding)
	                         : g_strdup("");
}

static void print_witness(const struct witness *w) {
	printf("%s: %s (%s%s%s)\n", w->name, w->title, witness_classes[w->class],
	       *w->fitted ? ": " : "", w->fitted);
	printf("  %-14s %-5s %10s %10s %7s\n", "measure", "unit", "simulated", "real", "ratio");
	for (guint i = 0; i < w->entries->len; i++) {
		const struct witness_entry *e = &g_array_index(w->entries, struct witness_entry, i);
		double ratio = e->simulated / e->real;
		g_autofree char *text = remark(e);

		printf("  %-14s %-5s %10.2f %10.2f %7.2f%s%s\n", e->measure, e->unit, e->simulated,
		       e->real, ratio, mark(fabs(ratio - 1)), text);
	}
	printf("\n");
}

static void print_shares(const struct witness_shares *shares) {
	printf(" %8u %6.0f %% %6.0f %%", shares->entries,
	       100.0 * shares->within_15 / shares->entries,
	       100.0 * shares->within_30 / shares->entries);
}

static void print_score(const char *name, struct witness_score score) {
	if (!score.measured.entries)
		return;
	printf("  %-22s", name);
	print_shares(&score.printed);
	print_shares(&score.measured);
	printf("\n");
}

void witness_print(const GPtrArray *witnesses) {
	for (guint i = 0; i < witnesses->len; i++)
		print_witness(witnesses->pdata[i]);
	printf("More than 15 %% off: *; more than 30 %%: **.  Share of the entries within them, as the "
	       "rows are printed,\nand of anything that would be printed so (as in parentheses), without "
	       "what was measured otherwise:\n");
	printf("  %-22s %8s %8s %8s %8s %8s %8s\n", "machine or kernel", "entries", "15 %", "30 %",
	       "entries", "15 %", "30 %");
	for (guint i = 0; witnesses->len > 1 && i < witnesses->len; i++) {
		const struct witness *w = witnesses->pdata[i];

		print_score(w->name, witness_score_of(w));
	}
	for (unsigned class = 0; class < WITNESS_CLASSES; class ++)
		print_score(witness_classes[class], witness_score(witnesses, class));
	print_score("all that is predicted", witness_score(witnesses, WITNESS_CLASSES));
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void print_built(JsonBuilder *b) {
	g_autoptr(GString) text = json_built(b);

	fputs(text->str, stdout);
}

static void put_double(JsonBuilder *b, const char *name, double value) {
	json_builder_set_member_name(b, name);
	if (isfinite(value))
		json_builder_add_double_value(b, value);
	else
		json_builder_add_null_value(b);
}

static void put_entry(JsonBuilder *b, const struct witness_entry *e) {
	json_builder_begin_object(b);
	put_text(b, "measure", e->measure);
	put_text(b, "unit", e->unit);
	put_double(b, "simulated", e->simulated);
	put_double(b, "real", e->real);
	put_double(b, "ratio", e->simulated / e->real);
	put_double(b, "rounding", e->rounding);
	json_builder_set_member_name(b, "otherwise");
	json_builder_add_boolean_value(b, e->otherwise);
	json_builder_end_object(b);
}

static void put_witness(JsonBuilder *b, const struct witness *w) {
	json_builder_begin_object(b);
	put_text(b, "name", w->name);
	put_text(b, "title", w->title);
	put_text(b, "kernel", witness_classes[w->class]);
	put_text(b, "fitted", w->fitted);
	json_builder_set_member_name(b, "entries");
	json_builder_begin_array(b);
	for (guint i = 0; i < w->entries->len; i++)
		put_entry(b, &g_array_index(w->entries, struct witness_entry, i));
	json_builder_end_array(b);
	json_builder_end_object(b);
}

static void put_score(JsonBuilder *b, const char *name, struct witness_score score) {
	json_builder_begin_object(b);
	put_text(b, "kernel", name);
	put_whole(b, "entries", score.printed.entries);
	put_whole(b, "within_15_percent", score.printed.within_15);
	put_whole(b, "within_30_percent", score.printed.within_30);
	put_whole(b, "comparable", score.measured.entries);
	put_whole(b, "comparable_within_15_percent", score.measured.within_15);
	put_whole(b, "comparable_within_30_percent", score.measured.within_30);
	json_builder_end_object(b);
}

void witness_print_json(const GPtrArray *witnesses) {
	g_autoptr(JsonBuilder) b = json_builder_new();

	json_builder_begin_object(b);
	json_builder_set_member_name(b, "machines");
	json_builder_begin_array(b);
	for (guint i = 0; i < witnesses->len; i++)
		put_witness(b, witnesses->pdata[i]);
	json_builder_end_array(b);
	json_builder_set_member_name(b, "scores");
	json_builder_begin_array(b);
	for (unsigned class = 0; class < WITNESS_CLASSES; class ++)
		put_score(b, witness_classes[class], witness_score(witnesses, class));
	put_score(b, "all that is predicted", witness_score(witnesses, WITNESS_CLASSES));
	json_builder_end_array(b);
	json_builder_end_object(b);
	print_built(b);
}

/* --- machines with wires ---------------------------------------------------------------------- */

static const char *const bound_marks[] = {"", ">= ", "<= "};
static const char *const bound_names[] = {"exact", "least", "most"};

static void print_claim(const struct claim *c) {
	g_autofree char *real = g_strdup_printf("%s%.4g", bound_marks[c->bound], c->real);

	printf("  %-24s %-6s %10.4g %10s %7.2f %6.0f %% %s\n", c->name, c->unit, c->simulated, real,
	       c->simulated / c->real, 100 * c->error, claim_holds(c) ? "yes" : "no");
}

void claims_print(const GPtrArray *all) {
	unsigned n = 0, holding = 0;

	for (guint i = 0; i < all->len; i++) {
		const struct claims *claims = all->pdata[i];

		printf("%s: %s\n", claims->name, claims->title);
		printf("  %-24s %-6s %10s %10s %7s %8s\n", "claim", "unit", "simulated", "real",
		       "ratio", "within");
		for (guint j = 0; j < claims->list->len; j++) {
			const struct claim *c = &g_array_index(claims->list, struct claim, j);

			print_claim(c);
			n++;
			holding += claim_holds(c);
		}
		printf("\n");
	}
	printf("%u of %u are within what the source itself may be off\n", holding, n);
}

static void put_claim(JsonBuilder *b, const struct claim *c) {
	json_builder_begin_object(b);
	put_text(b, "claim", c->name);
	put_text(b, "unit", c->unit);
	put_double(b, "simulated", c->simulated);
	put_double(b, "real", c->real);
	put_double(b, "ratio", c->simulated / c->real);
	put_double(b, "error", c->error);
	put_text(b, "bound", bound_names[c->bound]);
	json_builder_set_member_name(b, "holds");
	json_builder_add_boolean_value(b, claim_holds(c));
	json_builder_end_object(b);
}

void claims_print_json(const GPtrArray *all) {
	g_autoptr(JsonBuilder) b = json_builder_new();

	json_builder_begin_array(b);
	for (guint i = 0; i < all->len; i++) {
		const struct claims *claims = all->pdata[i];

		json_builder_begin_object(b);
		put_text(b, "name", claims->name);
		put_text(b, "title", claims->title);
		json_builder_set_member_name(b, "claims");
		json_builder_begin_array(b);
		for (guint j = 0; j < claims->list->len; j++)
			put_claim(b, &g_array_index(claims->list, struct claim, j));
		json_builder_end_array(b);
		json_builder_end_object(b);
	}
	json_builder_end_array(b);
	print_built(b);
}
