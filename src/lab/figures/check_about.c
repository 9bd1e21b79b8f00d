/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What did the two folders' scenarios say differently? */
#include "lab/figures/check_about.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "lab/base/input.h"

#define MOST_BYTES (64 << 20)

/* --- what a folder says of itself -------------------------------------------------------------- */

static GString *read_folder(const char *dir) {
	static const char *const names[] = {"run.json", "sweep.json"};
	GString *bytes = NULL;

	for (size_t i = 0; !bytes && i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(dir, names[i], NULL), *why = NULL;

		bytes = input_read(path, MOST_BYTES, &why);
	}
	return bytes;
}

static JsonParser *parse(const GString *bytes) {
	JsonParser *parser = json_parser_new();

	if (!json_parser_load_from_data(parser, bytes->str, (gssize)bytes->len, NULL) ||
	    !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
		g_clear_object(&parser);
	return parser;
}

/* A text, a number, or an object whose `value` is one; NULL: none of these.  To be freed. */
static char *text_of(JsonNode *node) {
	if (JSON_NODE_HOLDS_OBJECT(node)) {
		JsonObject *object = json_node_get_object(node);

		node = json_object_get_member(object, "value");
	}
	if (!node || !JSON_NODE_HOLDS_VALUE(node))
		return NULL;
	if (json_node_get_value_type(node) == G_TYPE_STRING)
		return g_strdup(json_node_get_string(node));
	return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
}

static void take_member(JsonObject *object, const char *name, JsonNode *node, gpointer table) {
	char *text = text_of(node);

	(void)object;
	if (text)
		g_hash_table_insert(table, g_strdup(name), text);
}

/* Name -> value, of its parameters and of what else makes a figure. */
static GHashTable *take_all(JsonParser *parser) {
	static const char *const others[] = {"version", "commit", "seed", "scenario",
	                                     "replications"};
	GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	JsonObject *top = json_node_get_object(json_parser_get_root(parser));
	JsonNode *parameters = json_object_get_member(top, "parameters");

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (json_object_has_member(top, others[i]))
			take_member(top, others[i], json_object_get_member(top, others[i]), table);
	if (parameters && JSON_NODE_HOLDS_OBJECT(parameters))
		json_object_foreach_member(json_node_get_object(parameters), take_member, table);
	return table;
}

/* --- the difference ---------------------------------------------------------------------------- */

static void about_free(gpointer data) {
	struct check_about *about = data;

	g_free(about->name);
	g_free(about->baseline);
	g_free(about->now);
	g_free(about);
}

static void add(GPtrArray *list, const char *name, const char *baseline, const char *now) {
	struct check_about *about;

	if (g_strcmp0(baseline, now) == 0)
		return;
	about = g_new0(struct check_about, 1);
	about->name = g_strdup(name);
	about->baseline = g_strdup(baseline ? baseline : "not given");
	about->now = g_strdup(now ? now : "not given");
	g_ptr_array_add(list, about);
}

static int by_name(gconstpointer a, gconstpointer b) {
	return g_strcmp0((*(const struct check_about *const *)a)->name,
	                 (*(const struct check_about *const *)b)->name);
}

static GPtrArray *differences(GHashTable *old, GHashTable *now) {
	GPtrArray *list = g_ptr_array_new_with_free_func(about_free);
	GHashTableIter at;
	gpointer name, value;

	g_hash_table_iter_init(&at, old);
	while (g_hash_table_iter_next(&at, &name, &value))
		add(list, name, value, g_hash_table_lookup(now, name));
	g_hash_table_iter_init(&at, now);
	while (g_hash_table_iter_next(&at, &name, &value))
		if (!g_hash_table_contains(old, name))
			add(list, name, NULL, value);
	g_ptr_array_sort(list, by_name);
	return list;
}

static GPtrArray *differences_of(const GString *against, const GString *with) {
	g_autoptr(JsonParser) old = parse(against), now = parse(with);
	g_autoptr(GHashTable) a = old ? take_all(old) : NULL, b = now ? take_all(now) : NULL;

	return a && b ? differences(a, b) : NULL;
}

/* To read half a megabyte of JSON takes longer than all else that check does, and most often it is the same. */
GPtrArray *check_about(const char *against, const char *dir) {
	GString *a = read_folder(against), *b = read_folder(dir);
	GPtrArray *list = NULL;

	if (a && b)
		list = g_string_equal(a, b) ? g_ptr_array_new_with_free_func(about_free)
		                            : differences_of(a, b);
	if (a)
		g_string_free(a, TRUE);
	if (b)
		g_string_free(b, TRUE);
	return list;
}
