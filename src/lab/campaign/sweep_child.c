/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must a process know of a sweep to do one of its runs? */
#include "lab/campaign/sweep_child.h"

#include <string.h>

#include "lab/campaign/store.h"

struct sweep_children {
	const struct text *text;
	char **sets;
	const char *dir;
	struct jobs_work work;
	struct nursery *nursery;
	struct store *store; /* in a child */
};

/* --- an order: words, each with its end --------------------------------------------------------- */

enum word { ID, SEED, EXPERIMENT, CONFIG, OFFERED, ORIGIN, SETTINGS };

static void put(GString *order, const char *word) {
	g_string_append_len(order, word, (gssize)strlen(word) + 1);
}

void sweep_order(const struct sweep *sweep, const struct sweep_run *run, GString *order) {
	const struct sweep_row *row = sweep_row(sweep, run->row);
	g_autofree char *seed = g_strdup_printf("%" G_GUINT64_FORMAT, run->seed);
	g_autofree char *offered = g_strdup_printf("%u", row->offered);

	put(order, run->id);
	put(order, seed);
	put(order, row->experiment);
	put(order, row->config);
	put(order, offered);
	put(order, sweep->points->origin);
	for (unsigned i = 0; row->point->settings[i]; i++)
		put(order, row->point->settings[i]);
}

/* The words lie in the order; to be released. */
static GPtrArray *words_of(const GString *order) {
	GPtrArray *words = g_ptr_array_new();

	for (gsize at = 0; at < order->len; at += strlen(order->str + at) + 1)
		g_ptr_array_add(words, order->str + at);
	return words;
}

/* What is set in the run: by --set, then by its point.  The words stay where they are. */
static char **settings_of(const struct sweep_children *c, const GPtrArray *words) {
	GPtrArray *all = g_ptr_array_new();

	for (unsigned i = 0; c->sets && c->sets[i]; i++)
		g_ptr_array_add(all, c->sets[i]);
	for (guint i = SETTINGS; i < words->len; i++)
		g_ptr_array_add(all, words->pdata[i]);
	g_ptr_array_add(all, NULL);
	return (char **)g_ptr_array_free(all, FALSE);
}

/* --- in a child --------------------------------------------------------------------------------- */

static bool keep_json(struct sweep_children *c, const char *id, const GString *json,
                      GError **error) {
	c->store = store_join("--out", c->dir, error);
	return c->store && store_keep(c->store, id, json, error);
}

static void child(void *arg, unsigned job, const GString *order, GString *answer) {
	struct sweep_children *c = arg;
	g_autoptr(GPtrArray) words = words_of(order);
	g_autofree char **settings = settings_of(c, words);
	struct run_file file = {.id = words->pdata[ID],
	                        .seed = g_ascii_strtoull(words->pdata[SEED], NULL, 10),
	                        .experiment = words->pdata[EXPERIMENT],
	                        .config = words->pdata[CONFIG],
	                        .offered =
	                                (unsigned)g_ascii_strtoull(words->pdata[OFFERED], NULL, 10),
	                        .settings = settings};
	g_autoptr(GError) error = NULL;
	struct text *text = plan_point_text(c->text, settings, c->sets ? g_strv_length(c->sets) : 0,
	                                    words->pdata[ORIGIN], file.experiment, file.config,
	                                    file.offered, &error);
	GString *json;

	(void)job;
	if (!text)
		g_error("defect: a run that was planned cannot be planned: %s", error->message);
	file.record = record_run(text, file.seed);
	json = run_file_of(&file, text);
	if (keep_json(c, file.id, json, &error)) {
		g_string_append_c(answer, '+');
		record_write(file.record, answer);
	} else {
		g_string_append_printf(answer, "!%s", error->message);
	}
}

/* It has the store that child() opened. */
static bool keep(void *arg, unsigned job, const GString *order) {
	const struct sweep_children *c = arg;

	(void)job;
	/* The id is its first word. */
	return c->store && store_flush(c->store, order->str);
}

/* --- in the command ----------------------------------------------------------------------------- */

struct sweep_children *sweep_children_new(const struct text *text, char **sets, const char *dir,
                                          GError **error) {
	struct sweep_children *c = g_new0(struct sweep_children, 1);

	c->text = text;
	c->sets = sets;
	c->dir = dir;
	c->work =
		(struct jobs_work){.arg = c, .prepare = run_prepare, .child = child, .keep = keep};
	c->nursery = jobs_nursery(&c->work, error);
	if (!c->nursery)
		g_clear_pointer(&c, g_free);
	return c;
}

void sweep_children_free(struct sweep_children *children) {
	if (!children)
		return;
	nursery_free(children->nursery);
	g_free(children);
}

struct nursery *sweep_children_nursery(const struct sweep_children *children) {
	return children->nursery;
}
