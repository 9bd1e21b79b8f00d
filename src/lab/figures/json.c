/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where did a result come from?  Version, parameters and measures as run.json has them. */
#include "lab/figures/json.h"

#include <json-glib/json-glib.h>

#include "lab/campaign/json_put.h"
#include "lab/world/window.h"

static void add_parameter(void *arg, const struct parameter *p) {
	JsonBuilder *b = arg;
	g_autofree char *name = g_strdup_printf("%s.%s", p->group, p->key);

	json_builder_set_member_name(b, name);
	json_builder_begin_object(b);
	put_text(b, "value", p->value);
	put_text(b, "role", p->role);
	put_text(b, "source", p->source);
	json_builder_end_object(b);
}

/* Parameters by name, to look up what another scenario has. */
struct others {
	JsonBuilder *b;
	GHashTable *values; /* char * */
};

static void note_value(void *values, const struct parameter *p) {
	g_hash_table_insert(values, g_strdup_printf("%s.%s", p->group, p->key), g_strdup(p->value));
}

static void add_change(void *arg, const struct parameter *p) {
	struct others *others = arg;
	g_autofree char *name = g_strdup_printf("%s.%s", p->group, p->key);
	const char *was = g_hash_table_lookup(others->values, name);

	if (g_strcmp0(was, p->value) == 0)
		return;
	json_builder_set_member_name(others->b, name);
	json_builder_begin_object(others->b);
	put_text(others->b, "was", was ? was : "none");
	put_text(others->b, "is", p->value);
	json_builder_end_object(others->b);
}

static void add_changes(JsonBuilder *b, const struct scenario *sc, const struct scenario *changed) {
	struct others others = {b, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};

	scenario_parameters(sc, note_value, others.values);
	json_builder_set_member_name(b, "changes");
	json_builder_begin_object(b);
	scenario_parameters(changed, add_change, &others);
	json_builder_end_object(b);
	g_hash_table_unref(others.values);
}

static void add_measured(JsonBuilder *b, const struct measured *measures, size_t n) {
	json_builder_begin_object(b);
	for (size_t i = 0; i < n; i++) {
		json_builder_set_member_name(b, measures[i].name);
		json_builder_begin_object(b);
		put_text(b, "unit", measures[i].unit);
		put_text(b, "meaning", measures[i].help);
		if (measures[i].adds != ADDS_NOT) {
			g_autofree char *adds = measured_adds(&measures[i]);

			put_text(b, "several", adds);
		}
		json_builder_end_object(b);
	}
	json_builder_end_object(b);
}

/* What the names of the runs' measures mean, by type of group. */
static void add_meanings(JsonBuilder *b, const struct scenario *sc) {
	json_builder_begin_object(b);
	json_builder_set_member_name(b, "sim");
	add_measured(b, window_measured, WINDOW_MEASURES);
	for (const struct kind *const *kind = sc->kinds; *kind; kind++)
		if ((*kind)->n_measures && scenario_nth(sc, *kind, 0)) {
			json_builder_set_member_name(b, (*kind)->name);
			add_measured(b, (*kind)->measures, (*kind)->n_measures);
		}
	json_builder_end_object(b);
}

static void add_run(JsonBuilder *b, const struct json_run *run) {
	json_builder_set_member_name(b, run->name);
	json_builder_begin_object(b);
	for (guint i = 0; i < run->m->list->len; i++) {
		const struct measure *m = &g_array_index(run->m->list, struct measure, i);

		put_number(b, m->name, m->value);
	}
	json_builder_end_object(b);
}

static double sum(const struct json_run *runs, unsigned n, const char *name) {
	double total = 0;

	for (unsigned i = 0; i < n; i++)
		total += measures_get(runs[i].m, name);
	return total;
}

GString *json_report(const struct scenario *sc, const struct scenario *changed, const char *command,
                     uint64_t seed, const struct json_run *runs, unsigned n) {
	g_autoptr(JsonBuilder) b = json_builder_new();
	g_autofree char *hash = scenario_hash(sc);

	json_builder_begin_object(b);
	put_text(b, "program", "sopsim");
	put_text(b, "version", SOPSIM_VERSION);
	put_text(b, "command", command);
	put_text(b, "scenario", sc->text->file);
	put_text(b, "scenario_sha256", hash);
	put_number(b, "seed", (double)seed);
	put_number(b, "simulated_s", sum(runs, n, "sim.time_s"));
	put_number(b, "events", sum(runs, n, "sim.run_events"));
	json_builder_set_member_name(b, "parameters");
	json_builder_begin_object(b);
	scenario_parameters(sc, add_parameter, b);
	json_builder_end_object(b);
	if (changed)
		add_changes(b, sc, changed);
	json_builder_set_member_name(b, "measures");
	add_meanings(b, sc);
	json_builder_set_member_name(b, "runs");
	json_builder_begin_object(b);
	for (unsigned i = 0; i < n; i++)
		add_run(b, &runs[i]);
	json_builder_end_object(b);
	json_builder_end_object(b);
	return json_built(b);
}
