/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in a sweep's folder beside its runs, and whether they are the sweep's own. */
#include <json-glib/json-glib.h>
#include <string.h>

#include "lab/base/digest.h"
#include "lab/base/version.h"
#include "lab/campaign/about.h"
#include "lab/campaign/json_put.h"
#include "lab/campaign/sweep_precision.h"
#include "lab/campaign/sweep_run.h"

#define PLAN "sweep.json"
/* In it: a digest of what the scenario takes from this machine. */
#define FILES "content of files"
/* All that a sweep leaves but its runs. */
static const char *const left[] = {PLAN,        ABOUT_FILE,  "results.csv", "sweep.csv",
                                   "sweep.svg", "sweep.pdf", NULL};

/* A file of ours that may be anything by now; NULL. */
static JsonObject *read_object(const struct store *store, const char *name, JsonParser *parser) {
	GString *bytes = store_top(store, name);
	JsonNode *root =
		bytes && json_parser_load_from_data(parser, bytes->str, (gssize)bytes->len, NULL)
			? json_parser_get_root(parser)
			: NULL;

	if (bytes)
		g_string_free(bytes, TRUE);
	return root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
}

static JsonObject *object_member(JsonObject *object, const char *name) {
	JsonNode *node = object ? json_object_get_member(object, name) : NULL;

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* --- sweep.json: what was asked for --------------------------------------------------------------- */

static void put_parameter(void *arg, const struct parameter *p) {
	g_autofree char *name = g_strdup_printf("%s.%s", p->group, p->key);

	put_text(arg, name, p->value);
}

static char *axes_line(const struct sweep *sweep) {
	GString *line = g_string_new(NULL);

	for (guint a = 0; a < sweep->points->axes->len; a++)
		g_string_append_printf(line, "%s%s", a ? " x " : "",
		                       points_axis(sweep->points, a)->name);
	return g_string_free(line, FALSE);
}

/* The scenario with what --set says. */
static struct scenario *base_of(const struct sweep *sweep) {
	struct text *text = text_copy(sweep->text);
	struct scenario *sc;

	for (unsigned i = 0; sweep->wanted.sets && sweep->wanted.sets[i]; i++)
		text_override_pair(text, sweep->wanted.sets[i], "--set", NULL);
	sc = scenario_new(text, NULL);
	text_free(text);
	return sc;
}

struct taken {
	GChecksum *sum;
	bool any;
};

static void take_path(void *arg, const char *path) {
	struct taken *taken = arg;
	const char *digest = digest_of(path);

	g_checksum_update(taken->sum, (const guchar *)digest, (gssize)strlen(digest));
	taken->any = true;
}

/* If it takes any. */
static void put_files(JsonBuilder *b, const struct scenario *sc) {
	struct taken taken = {g_checksum_new(G_CHECKSUM_SHA256), false};

	if (sc)
		scenario_takes(sc, take_path, &taken);
	if (taken.any)
		put_text(b, FILES, g_checksum_get_string(taken.sum));
	g_checksum_free(taken.sum);
}

static GString *plan_json(const struct sweep *sweep) {
	g_autoptr(JsonBuilder) b = json_builder_new();
	struct scenario *sc = base_of(sweep);
	g_autofree char *axes = axes_line(sweep);
	g_autofree char *precision = g_strdup_printf("%g %%", 100 * sweep->wanted.precision);

	json_builder_begin_object(b);
	put_text(b, "program", "sopsim");
	put_text(b, "version", version_number());
	put_text(b, "commit", version_commit());
	if (version_build())
		put_text(b, "build", version_build());
	put_text(b, "scenario", sweep->text->file);
	put_files(b, sc);
	put_whole(b, "seed", (gint64)sweep->wanted.seed);
	put_whole(b, "replications", sweep->wanted.repeat);
	if (sweep->wanted.precision > 0) {
		put_text(b, "precision", precision);
		put_whole(b, "most", sweep->wanted.most);
	}
	put_text(b, "axes", axes);
	put_whole(b, "points", sweep->points->list->len);
	put_whole(b, "runs", sweep->runs->len);
	json_builder_set_member_name(b, "parameters");
	json_builder_begin_object(b);
	if (sc)
		scenario_parameters(sc, put_parameter, b);
	json_builder_end_object(b);
	g_clear_pointer(&sc, scenario_free);
	json_builder_end_object(b);
	return json_built(b);
}

/* --- whether the runs are of this sweep ------------------------------------------------------------ */

static bool is_varied(const struct sweep *sweep, const char *name) {
	for (guint i = 0; i < sweep->points->list->len; i++) {
		const struct point *point = points_nth(sweep->points, i);

		for (unsigned s = 0; point->settings[s]; s++)
			if (g_str_has_prefix(point->settings[s], name) &&
			    point->settings[s][strlen(name)] == '=')
				return true;
	}
	return false;
}

/* "cost.syscall was 1us and is 2us", of the first that differs; NULL: none does. */
static char *parameter_that_differs(const struct sweep *sweep, JsonObject *was, JsonObject *is) {
	GList *names = json_object_get_members(is), *at = names;
	char *what = NULL;

	for (; at && !what; at = at->next) {
		const char *before =
			json_object_get_string_member_with_default(was, at->data, NULL);
		const char *now = json_object_get_string_member_with_default(is, at->data, "");

		/* What is shown, and what varies, are no parameters of the runs. */
		if (g_strcmp0(before, now) == 0 || is_varied(sweep, at->data) ||
		    g_str_equal(at->data, "scenario.sweep") ||
		    g_str_equal(at->data, "scenario.figure"))
			continue;
		what = before ? g_strdup_printf("%s was %s and is %s", (char *)at->data,
		                                *before ? before : "not given",
		                                *now ? now : "not given")
		              : g_strdup_printf("%s is new", (char *)at->data);
	}
	g_list_free(names);
	return what;
}

static char *line_that_differs(JsonObject *was, JsonObject *is) {
	static const char *const names[] = {"version", "commit", "build", "scenario",
	                                    FILES,     "axes",   NULL};

	for (unsigned i = 0; names[i]; i++) {
		const char *before = json_object_get_string_member_with_default(was, names[i], "");
		const char *now = json_object_get_string_member_with_default(is, names[i], "");

		if (g_strcmp0(before, now) != 0)
			return g_strdup_printf("the %s was %s and is %s", names[i],
			                       before ? before : "none", now);
	}
	if (json_object_get_int_member_with_default(was, "seed", -1) !=
	    json_object_get_int_member_with_default(is, "seed", -1))
		return g_strdup_printf("the seed was %" G_GINT64_FORMAT " and is %" G_GINT64_FORMAT,
		                       json_object_get_int_member_with_default(was, "seed", -1),
		                       json_object_get_int_member_with_default(is, "seed", -1));
	return NULL;
}

/* A run that no row has: what was set in it. */
static char *stranger_among(const struct sweep *sweep, const struct store *store, GPtrArray *ids) {
	for (guint i = 0; i < ids->len; i++) {
		struct run_file *file;
		g_autofree char *set = NULL;

		if (g_hash_table_contains(sweep->by_id, ids->pdata[i]))
			continue;
		file = store_read(store, ids->pdata[i]);
		if (!file)
			continue;
		set = g_strjoinv(" ", file->settings);
		const uint64_t seed = file->seed;
		run_file_free(file);
		if (sweep_may_want(sweep, ids->pdata[i], seed))
			continue;
		return g_strdup_printf("the run %s (%s%sseed %" G_GUINT64_FORMAT
		                       ") is none of this sweep's",
		                       (char *)ids->pdata[i], set, *set ? ", " : "", seed);
	}
	return NULL;
}

static char *what_differs(const struct sweep *sweep, const struct store *store, GPtrArray *ids) {
	g_autoptr(JsonParser) before = json_parser_new(), now = json_parser_new();
	JsonObject *was = read_object(store, PLAN, before), *is;
	GString *plan = plan_json(sweep);
	char *what = NULL;

	json_parser_load_from_data(now, plan->str, (gssize)plan->len, NULL);
	g_string_free(plan, TRUE);
	is = json_node_get_object(json_parser_get_root(now));
	if (was) {
		what = line_that_differs(was, is);
		if (!what && object_member(was, "parameters"))
			what = parameter_that_differs(sweep, object_member(was, "parameters"),
			                              object_member(is, "parameters"));
	}
	return what ? what : stranger_among(sweep, store, ids);
}

/* --- about.json ------------------------------------------------------------------------------------ */

/* What was noted of runs that were done before. */
static void recall(struct sweep *sweep, const struct store *store) {
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonObject *runs = object_member(read_object(store, ABOUT_FILE, parser), "runs");

	for (guint i = 0; runs && i < sweep->runs->len; i++) {
		struct sweep_run *run = sweep->runs->pdata[i];
		struct sweep_row *row = &g_array_index(sweep->rows, struct sweep_row, run->row);
		JsonObject *about = object_member(runs, run->id);

		if (!about)
			continue;
		double wall_s = json_object_get_double_member_with_default(about, "wall_s", 0);

		row->wall_s = MAX(row->wall_s, wall_s);
		if (!run->record)
			continue;
		run->record->wall_s = wall_s;
		run->record->cpu_s = json_object_get_double_member_with_default(about, "cpu_s", 0);
		run->record->peak_kib =
			json_object_get_int_member_with_default(about, "peak_kib", 0);
	}
}

/* Of a sweep none of whose runs has ended there is nothing to tell. */
static bool has_begun(const struct sweep *sweep) {
	for (guint i = 0; i < sweep->runs->len; i++)
		if (((const struct sweep_run *)sweep->runs->pdata[i])->record)
			return true;
	return false;
}

bool sweep_about(const struct sweep *sweep, const struct store *store, GError **error) {
	g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(struct about_run));

	if (!has_begun(sweep))
		return true;
	for (guint i = 0; i < sweep->runs->len; i++) {
		const struct sweep_run *run = sweep->runs->pdata[i];
		const struct record *record = run->record;

		if (record && record->wall_s > 0) {
			struct about_run about = {run->id, record->wall_s, record->cpu_s,
			                          record->peak_kib};

			g_array_append_val(runs, about);
		}
	}
	return store_set_top(store, ABOUT_FILE,
	                     about_json((const struct about_run *)(void *)runs->data, runs->len),
	                     error);
}

/* --- all ------------------------------------------------------------------------------------------ */

static void take_runs(struct sweep *sweep, const struct store *store, GPtrArray *ids) {
	for (guint i = 0; i < ids->len; i++) {
		struct sweep_run *run = g_hash_table_lookup(sweep->by_id, ids->pdata[i]);
		struct run_file *file = run ? store_read(store, run->id) : NULL;

		if (!file)
			continue;
		g_clear_pointer(&run->record, record_free);
		run->record = g_steal_pointer(&file->record);
		run_file_free(file);
	}
	recall(sweep, store);
}

bool sweep_describe(const struct sweep *sweep, const struct store *store, GError **error) {
	return store_set_top(store, PLAN, plan_json(sweep), error);
}

bool sweep_resume(struct sweep *sweep, const struct store *store, bool fresh, GError **error) {
	g_autoptr(GPtrArray) ids = NULL;
	g_autofree char *what = NULL;

	if (fresh && !store_clear(store, left, error))
		return false;
	ids = store_ids(store);
	/* What is there says which replications came next. */
	do
		take_runs(sweep, store, ids);
	while (sweep_refine(sweep));
	if (ids->len)
		what = what_differs(sweep, store, ids);
	if (what) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--out: '%s' has runs of another sweep: %s; allowed: the same command, "
		            "another folder, or --fresh, which removes them",
		            store_dir(store), what);
		return false;
	}
	return true;
}
