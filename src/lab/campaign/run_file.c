/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OUT/runs/ID.json: all of a run, and all that it takes to repeat it. */
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "lab/base/version.h"
#include "lab/campaign/record.h"

void run_file_free(struct run_file *file) {
	g_free(file->version);
	g_free(file->commit);
	g_free(file->build);
	g_free(file->id);
	g_free(file->scenario);
	g_free(file->text);
	g_free(file->experiment);
	g_free(file->config);
	g_strfreev(file->settings);
	g_clear_pointer(&file->record, record_free);
	g_free(file);
}

bool run_file_is_ours(const struct run_file *file) {
	return g_str_equal(file->version, version_number()) &&
	       g_str_equal(file->commit, version_commit()) && file->dirty == version_dirty() &&
	       g_strcmp0(file->build, version_build()) == 0;
}

struct text *run_file_text(const struct run_file *file, GError **error) {
	g_autoptr(GString) lines = g_string_new(file->text);

	return text_parse(lines, file->scenario, error);
}

/* --- writing ------------------------------------------------------------------------------------- */

/* Each run writes one: it is put together by hand, in the layout that JSON-GLib gives other files. */

static void put_string(GString *out, const char *text) {
	g_string_append_c(out, '"');
	for (; *text; text++) {
		static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
		const char *special = strchr(plain, *text);

		if (special)
			g_string_append_printf(out, "\\%c", letters[special - plain]);
		else if ((guchar)*text < 0x20 || *text == 0x7f)
			g_string_append_printf(out, "\\u%04x", *text);
		else
			g_string_append_c(out, *text);
	}
	g_string_append_c(out, '"');
}

static void put_name(GString *out, const char *indent, const char *name) {
	g_string_append(out, indent);
	put_string(out, name);
	g_string_append(out, " : ");
}

static void put_text(GString *out, const char *name, const char *text) {
	put_name(out, "  ", name);
	put_string(out, text);
	g_string_append(out, ",\n");
}

static void put_whole(GString *out, const char *name, gint64 number) {
	put_name(out, "  ", name);
	g_string_append_printf(out, "%" G_GINT64_FORMAT ",\n", number);
}

static void put_flag(GString *out, const char *name, bool flag) {
	put_name(out, "  ", name);
	g_string_append(out, flag ? "true,\n" : "false,\n");
}

static void put_list(GString *out, const char *name, char *const *words, guint n) {
	put_name(out, "  ", name);
	g_string_append(out, n ? "[\n" : "[");
	for (guint i = 0; i < n; i++) {
		g_string_append(out, "    ");
		put_string(out, words[i]);
		g_string_append(out, i + 1 < n ? ",\n" : "\n  ");
	}
	g_string_append(out, "],\n");
}

/* Whole numbers without a point; what there is no number for is null. */
static void put_number(GString *out, double number) {
	char digits[G_ASCII_DTOSTR_BUF_SIZE];

	if (!isfinite(number))
		g_string_append(out, "null");
	else if (number == floor(number) && fabs(number) < 9e15)
		g_string_append_printf(out, "%" G_GINT64_FORMAT, (gint64)number);
	else
		g_string_append(out, g_ascii_dtostr(digits, sizeof digits, number));
}

static void put_values(GString *out, const struct record *record) {
	guint n = record->values->len;

	put_name(out, "  ", "measures");
	g_string_append(out, n ? "{\n" : "{  "); /* as the library has it */
	for (guint i = 0; i < n; i++) {
		const struct value *v = &g_array_index(record->values, struct value, i);

		put_name(out, "    ", g_quark_to_string(v->name));
		put_number(out, v->value);
		g_string_append(out, i + 1 < n ? ",\n" : "\n  ");
	}
	g_string_append(out, "},\n");
}

GString *run_file_write(const struct run_file *file) {
	const struct record *record = file->record;
	GString *out = g_string_new("{\n");

	put_text(out, "program", "sopsim");
	put_text(out, "version", version_number());
	put_text(out, "commit", version_commit());
	put_flag(out, "dirty", version_dirty());
	if (version_build())
		put_text(out, "build", version_build());
	put_text(out, "id", file->id);
	put_text(out, "scenario", file->scenario);
	put_text(out, "experiment", file->experiment);
	put_text(out, "config", file->config);
	put_whole(out, "offered_rps", file->offered);
	put_list(out, "set", file->settings, g_strv_length(file->settings));
	put_whole(out, "seed", (gint64)file->seed);
	put_list(out, "failed", (char **)record->reasons->pdata, record->reasons->len);
	put_flag(out, "crashed", record->crashed);
	put_values(out, record);
	put_name(out, "  ", "text");
	put_string(out, file->text);
	g_string_append(out, "\n}\n");
	return out;
}

GString *run_file_of(struct run_file *file, const struct text *text) {
	GString *lines = text_write(text), *json;

	file->scenario = text->file;
	file->text = lines->str;
	json = run_file_write(file);
	file->scenario = file->text = NULL;
	g_string_free(lines, TRUE);
	return json;
}

/* --- reading ------------------------------------------------------------------------------------- */

/* The file may be anything: each member is looked at before it is taken. */
static JsonNode *member(JsonObject *object, const char *name, GType type) {
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type ? node
	                                                                                     : NULL;
}

static bool get_text(JsonObject *object, const char *name, char **text) {
	JsonNode *node = member(object, name, G_TYPE_STRING);

	*text = node ? json_node_dup_string(node) : NULL;
	return node;
}

static bool get_flag(JsonObject *object, const char *name, bool *flag) {
	JsonNode *node = member(object, name, G_TYPE_BOOLEAN);

	*flag = node && json_node_get_boolean(node);
	return node;
}

static bool get_whole(JsonObject *object, const char *name, gint64 most, gint64 *number) {
	JsonNode *node = member(object, name, G_TYPE_INT64);

	*number = node ? json_node_get_int(node) : -1;
	return *number >= 0 && *number <= most;
}

static bool get_list(JsonObject *object, const char *name, GPtrArray *words) {
	JsonNode *node = json_object_get_member(object, name);
	JsonArray *array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *word = json_array_get_element(array, i);

		if (!JSON_NODE_HOLDS_VALUE(word) || json_node_get_value_type(word) != G_TYPE_STRING)
			return false;
		g_ptr_array_add(words, json_node_dup_string(word));
	}
	return array;
}

static bool get_values(JsonObject *object, GArray *values) {
	JsonNode *node = json_object_get_member(object, "measures");
	JsonObject *measures =
		node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	JsonObjectIter iter;
	const char *name;

	if (!measures)
		return false;
	json_object_iter_init_ordered(&iter, measures);
	while (json_object_iter_next_ordered(&iter, &name, &node)) {
		struct value value = {g_quark_from_string(name), NAN};

		if (JSON_NODE_HOLDS_VALUE(node))
			value.value = json_node_get_double(node);
		else if (!JSON_NODE_HOLDS_NULL(node))
			return false;
		g_array_append_val(values, value);
	}
	return true;
}

static bool get_settings(JsonObject *object, struct run_file *file) {
	GPtrArray *words = g_ptr_array_new();
	bool good = get_list(object, "set", words);

	g_ptr_array_add(words, NULL);
	file->settings = (char **)g_ptr_array_free(words, FALSE);
	return good;
}

static bool get_all(JsonObject *object, struct run_file *file) {
	gint64 seed, offered;

	if (!get_text(object, "version", &file->version) ||
	    !get_text(object, "commit", &file->commit) ||
	    !get_flag(object, "dirty", &file->dirty) || !get_text(object, "id", &file->id) ||
	    !get_text(object, "scenario", &file->scenario) ||
	    !get_text(object, "text", &file->text) ||
	    !get_text(object, "experiment", &file->experiment) ||
	    !get_text(object, "config", &file->config) ||
	    !get_whole(object, "offered_rps", G_MAXUINT32, &offered) ||
	    !get_whole(object, "seed", G_MAXINT64, &seed) || !get_settings(object, file))
		return false;
	get_text(object, "build", &file->build);
	file->seed = (uint64_t)seed;
	file->offered = (unsigned)offered;
	return get_list(object, "failed", file->record->reasons) &&
	       get_flag(object, "crashed", &file->record->crashed) &&
	       get_values(object, file->record->values);
}

struct run_file *run_file_read(const char *json, gsize length) {
	g_autoptr(JsonParser) parser = json_parser_new();
	struct run_file *file = g_new0(struct run_file, 1);
	JsonNode *root;

	file->record = record_new();
	root = length && json_parser_load_from_data(parser, json, (gssize)length, NULL)
	               ? json_parser_get_root(parser)
	               : NULL;
	if (!root || !JSON_NODE_HOLDS_OBJECT(root) || !get_all(json_node_get_object(root), file))
		g_clear_pointer(&file, run_file_free);
	return file;
}
