/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a program read what a command found? */
#include "lab/figures/answer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/base/version.h"
#include "lab/campaign/json_put.h"
#include "lab/figures/declared.h"
#include "lab/world/verdict.h"

#define SCHEMA "sopsim/1"

struct answer {
	char *command, *scenario;
	uint64_t seed;
	GPtrArray *failures, *warnings; /* char * */
	GPtrArray *rows;                /* char *: a line of JSON each */
};

struct answer *answer_new(const char *command, const char *scenario, uint64_t seed) {
	struct answer *answer = g_new0(struct answer, 1);

	answer->command = g_strdup(command);
	answer->scenario = g_strdup(scenario);
	answer->seed = seed;
	answer->failures = g_ptr_array_new_with_free_func(g_free);
	answer->warnings = g_ptr_array_new_with_free_func(g_free);
	answer->rows = g_ptr_array_new_with_free_func(g_free);
	return answer;
}

void answer_failed(struct answer *answer, const char *reason) {
	g_ptr_array_add(answer->failures, g_strdup(reason));
}

void answer_warned(struct answer *answer, const char *warning) {
	g_ptr_array_add(answer->warnings, g_strdup(warning));
}

static void add_text(GPtrArray *list, const char *name, const char *text) {
	g_ptr_array_add(list, g_strconcat(name ? name : "", name ? ": " : "", text, NULL));
}

void answer_judged(struct answer *answer, const char *name, const struct scenario *sc,
                   const struct measures *m) {
	g_autoptr(GPtrArray) reasons = verdict_reasons(sc, m);
	g_autofree char *doubt = verdict_doubt(sc, m);

	for (guint i = 0; i < reasons->len; i++)
		add_text(answer->failures, name, reasons->pdata[i]);
	if (doubt)
		add_text(answer->warnings, name, doubt);
}

void answer_judged_plan(struct answer *answer, const struct plan *plan) {
	for (guint i = 0; i < plan->items->len; i++) {
		const struct plan_item *item = &g_array_index(plan->items, struct plan_item, i);

		answer_judged(answer, ((const struct run_spec *)plan->specs->pdata[i])->name,
		              plan->sc, item->m);
	}
}

/* --- rows ------------------------------------------------------------------------------------- */

static void put_known(JsonBuilder *b, const char *name, const char *text) {
	if (text && !g_str_equal(text, "-"))
		put_text(b, name, text);
}

static void put_place(JsonBuilder *b, const struct answer_place *at) {
	json_builder_set_member_name(b, "at");
	json_builder_begin_object(b);
	for (; at->name; at++)
		put_text(b, at->name, at->label);
	json_builder_end_object(b);
}

static void put_more(JsonBuilder *b, const struct answer_more *more) {
	for (; more && more->name; more++)
		if (more->text)
			put_text(b, more->name, more->text);
		else
			put_number(b, more->name, more->number);
}

/* In one line. */
static char *built(JsonBuilder *b) {
	JsonNode *root = json_builder_get_root(b);
	char *text = json_to_string(root, FALSE);

	json_node_unref(root);
	return text;
}

void answer_add(struct answer *answer, const struct answer_row *row) {
	g_autoptr(JsonBuilder) b = json_builder_new();

	json_builder_begin_object(b);
	put_known(b, "of", row->of);
	if (row->at)
		put_place(b, row->at);
	put_known(b, "experiment", row->experiment);
	put_known(b, "config", row->config);
	if (row->offered)
		put_whole(b, "offered_rps", row->offered);
	put_known(b, "group", row->group);
	put_known(b, "type", row->type);
	put_known(b, "measure", row->measure);
	if (row->unit) {
		put_text(b, "unit", row->unit);
		put_number(b, "value", row->value);
	}
	if (!isnan(row->ci95))
		put_number(b, "ci95", row->ci95);
	if (row->runs)
		put_whole(b, "runs", row->runs);
	put_more(b, row->more);
	json_builder_end_object(b);
	g_ptr_array_add(answer->rows, built(b));
}

/* Half an interval stands beside what it is of. */
static bool is_interval(const struct measures *m, const char *name) {
	g_autofree char *base = g_str_has_suffix(name, "_ci95")
	                                ? g_strndup(name, strlen(name) - strlen("_ci95"))
	                                : NULL;

	return base && !isnan(measures_get(m, base));
}

void answer_measures(struct answer *answer, const struct scenario *sc, const struct measures *m,
                     const struct answer_row *of) {
	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		g_auto(GStrv) parts = g_strsplit(measure->name, ".", 2);
		g_autofree char *ci95 = g_strconcat(measure->name, "_ci95", NULL);
		struct answer_row row = *of;

		if (is_interval(m, measure->name))
			continue;
		row.group = parts[0];
		row.type = declared_type(sc, parts[0]);
		row.measure = parts[1];
		row.unit = declared_unit(sc, parts[0], parts[1]);
		row.value = measure->value;
		row.ci95 = measures_get(m, ci95);
		answer_add(answer, &row);
	}
}

/* --- printing --------------------------------------------------------------------------------- */

static void put_list(JsonBuilder *b, const char *name, const GPtrArray *words) {
	json_builder_set_member_name(b, name);
	json_builder_begin_array(b);
	for (guint i = 0; i < words->len; i++)
		json_builder_add_string_value(b, words->pdata[i]);
	json_builder_end_array(b);
}

/* All but the results, in one line. */
static char *head_of(const struct answer *answer) {
	g_autoptr(JsonBuilder) b = json_builder_new();

	json_builder_begin_object(b);
	put_text(b, "schema", SCHEMA);
	put_text(b, "version", version_number());
	put_text(b, "command", answer->command);
	put_known(b, "scenario", answer->scenario);
	if (answer->seed != ANSWER_NO_SEED)
		put_whole(b, "seed", (gint64)answer->seed);
	json_builder_set_member_name(b, "holds");
	json_builder_add_boolean_value(b, answer->failures->len == 0);
	put_list(b, "failures", answer->failures);
	put_list(b, "warnings", answer->warnings);
	json_builder_end_object(b);
	return built(b);
}

static void answer_free(struct answer *answer) {
	g_ptr_array_unref(answer->failures);
	g_ptr_array_unref(answer->warnings);
	g_ptr_array_unref(answer->rows);
	g_free(answer->command);
	g_free(answer->scenario);
	g_free(answer);
}

void answer_print(struct answer *answer) {
	g_autofree char *head = head_of(answer);

	/* The results are its last member, a line each. */
	head[strlen(head) - 1] = '\0';
	printf("%s,\"results\":[", head);
	for (guint i = 0; i < answer->rows->len; i++)
		printf("%s\n%s", i ? "," : "", (char *)answer->rows->pdata[i]);
	printf("\n]}\n");
	answer_free(answer);
}

void answer_end(struct answer *answer, bool well) {
	if (answer && well)
		answer_print(answer);
	else if (answer)
		answer_free(answer);
}
