/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes as they are written: keys, '=', and what they shall be. */
#include <string.h>

#include "lab/campaign/axes_parts.h"
#include "lab/kinds/kinds.h"

/* --- a dimension ------------------------------------------------------------------------------- */

static void name_clear(gpointer data) { g_free(((struct dim_key *)data)->name); }

static void point_clear(gpointer data) {
	struct dim_point *point = data;

	g_free(point->name);
	g_strfreev(point->values);
}

struct dim *dim_new(void) {
	struct dim *dim = g_new0(struct dim, 1);

	dim->keys = g_array_new(FALSE, FALSE, sizeof(struct dim_key));
	g_array_set_clear_func(dim->keys, name_clear);
	dim->points = g_array_new(FALSE, FALSE, sizeof(struct dim_point));
	g_array_set_clear_func(dim->points, point_clear);
	return dim;
}

void dim_free(struct dim *dim) {
	g_array_unref(dim->points);
	g_array_unref(dim->keys);
	g_free(dim);
}

void dim_add_key(struct dim *dim, const char *name, enum value_type type) {
	struct dim_key key = {g_strdup(name), type};

	g_array_append_val(dim->keys, key);
}

void dim_add_point(struct dim *dim, const char *name, const char *const *values) {
	struct dim_point point = {g_strdup(name), g_new0(char *, dim->keys->len + 1)};

	for (guint k = 0; k < dim->keys->len; k++)
		point.values[k] = g_strdup(values[k]);
	g_array_append_val(dim->points, point);
}

char *dim_label(const struct dim_point *point) {
	return point->name ? g_strdup(point->name) : g_strjoinv(",", point->values);
}

/* --- keys -------------------------------------------------------------------------------------- */

static bool G_GNUC_PRINTF(3, 4)
	wrong(const struct axes_reader *r, GError **error, const char *format, ...) {
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_strdelimit(what, "\n", ' '); /* words of a block, in one line */
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: %s", r->word, what);
	return false;
}

/* What is wrong with a key that its group does not have, the reader of scenarios says. */
static bool refused_by_scenario(const struct axes_reader *r, const char *name, const char *value,
                                GError **error) {
	struct text *text = text_copy(r->text);
	struct scenario *sc =
		text_override(text, name, value, r->word, error) ? scenario_new(text, error) : NULL;
	bool refused = !sc;

	g_clear_pointer(&sc, scenario_free);
	text_free(text);
	return refused;
}

static bool find_type(const struct axes_reader *r, const char *name, const char *value,
                      enum value_type *type, GError **error) {
	const struct text_group *tg = text_group_of(r->text, name, r->word, error);

	for (guint i = 0; tg && i < r->sc->groups->len; i++) {
		const struct group *group = r->sc->groups->pdata[i];

		if (!g_str_equal(group->text->name, tg->name))
			continue;
		if (group_key_type(group, strchr(name, '.') + 1, type))
			return true;
	}
	*type = VALUE_TEXT;
	return tg && !refused_by_scenario(r, name, value, error);
}

static bool has_key(const struct dim *dim, const char *name) {
	for (guint k = 0; k < dim->keys->len; k++)
		if (g_str_equal(dim_key(dim, k)->name, name))
			return true;
	return false;
}

static bool is_varied(const struct axes_reader *r, const struct dim *own, const char *name) {
	for (guint a = 0; a < r->axes->dims->len; a++)
		if (has_key(axes_dim(r->axes, a), name))
			return true;
	for (guint o = 0; o < r->open->len; o++)
		if (g_str_equal(g_array_index(r->open, struct dim_open, o).key.name, name))
			return true;
	return has_key(own, name);
}

static bool take_keys(const struct axes_reader *r, struct dim *dim, char **names, const char *value,
                      GError **error) {
	for (unsigned i = 0; names[i]; i++) {
		const char *name = g_strstrip(names[i]);
		enum value_type type;

		if (is_varied(r, dim, name))
			return wrong(r, error,
			             "'%s' is varied twice; allowed: all its values in one list",
			             name);
		if (!find_type(r, name, value, &type, error))
			return false;
		dim_add_key(dim, name, type);
	}
	return true;
}

/* --- points ------------------------------------------------------------------------------------ */

/* "pci32=32,33MHz": the name of a point, and *item then points behind it. */
static char *take_name(char **item) {
	size_t length = strspn(*item, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-");
	char *equals = *item + length + strspn(*item + length, " ");
	char *name;

	if (length == 0 || *equals != '=')
		return NULL;
	name = g_strndup(*item, length);
	*item = g_strchug(equals + 1);
	return name;
}

static bool take_range(struct axes_reader *r, struct dim *dim, const char *item, GError **error) {
	const struct dim_key *key = dim_key(dim, 0);
	g_autofree char *why = NULL;
	struct range range;

	if (!range_read(&range, key->type, item, &why))
		return wrong(r, error, "%s: %s", key->name, why);
	if (range_is_open(&range)) {
		struct dim_open open = {*key, range};

		if (!r->sample)
			return wrong(
				r, error,
				"%s: '%s': how many values?; allowed: `step D`, `lin N` or `log N` "
				"behind it, or --sample N",
				key->name, item);
		if (r->open->len == 0)
			r->open_at = r->axes->dims->len;
		open.key.name = g_strdup(key->name);
		g_array_append_val(r->open, open);
		return true;
	}
	for (unsigned i = 0; i < range_count(&range); i++) {
		g_autofree char *value = range_nth(&range, i);

		dim_add_point(dim, NULL, (const char *const[]){value});
	}
	return true;
}

static bool take_joined(struct axes_reader *r, struct dim *dim, const char *name, const char *item,
                        GError **error) {
	g_auto(GStrv) values = g_strsplit(item, ",", -1);
	guint n = g_strv_length(values);

	if (n != dim->keys->len)
		return wrong(r, error,
		             "'%s' has %u values for %u keys; allowed: as many, with commas "
		             "between them, and ';' between points",
		             item, n, dim->keys->len);
	for (guint k = 0; k < n; k++) {
		g_strstrip(values[k]);
		if (range_is(dim_key(dim, k)->type, values[k]))
			return wrong(r, error,
			             "'%s': a range among keys that are joined; allowed: a value",
			             values[k]);
	}
	dim_add_point(dim, name, (const char *const *)values);
	return true;
}

static bool take_item(struct axes_reader *r, struct dim *dim, char *item, GError **error) {
	g_autofree char *name = take_name(&item);

	if (dim->keys->len > 1)
		return take_joined(r, dim, name, item, error);
	if (range_is(dim_key(dim, 0)->type, item))
		return name ? wrong(r, error,
		                    "'%s=%s': a name for several points; allowed: for one", name,
		                    item)
		            : take_range(r, dim, item, error);
	dim_add_point(dim, name, (const char *const[]){item});
	return true;
}

/* A key of its own has commas between its values, or ';' if they have commas themselves; keys that
 * are joined have ';' between points. */
static char **split_items(const char *items, bool joined) {
	char **parts = g_strsplit(items, joined || strchr(items, ';') ? ";" : ",", -1);
	guint n = g_strv_length(parts);

	for (guint i = 0; i < n; i++)
		g_strstrip(parts[i]);
	if (n > 1 && !*parts[n - 1] && strchr(items, ';'))
		g_clear_pointer(&parts[n - 1], g_free);
	return parts;
}

static bool take_points(struct axes_reader *r, struct dim *dim, char **items, GError **error) {
	guint drawn = r->open->len;

	for (unsigned i = 0; items[i]; i++)
		if (!take_item(r, dim, items[i], error))
			return false;
	if (r->open->len > drawn && (dim->points->len || r->open->len > drawn + 1))
		return wrong(r, error,
		             "%s: an open range among other values; allowed: it alone, or with "
		             "`step D`, `lin N` or `log N`",
		             dim_key(dim, 0)->name);
	return true;
}

bool axes_parse(struct axes_reader *r, const char *words, GError **error) {
	const char *equals = strchr(words, '=');
	g_autofree char *head =
		equals ? g_strstrip(g_strndup(words, (gsize)(equals - words))) : NULL;
	const char *rest = equals ? equals + 1 + strspn(equals + 1, " \t") : "";
	struct dim *dim;
	bool good;

	if (!head || !*head || !*rest)
		return wrong(r, error,
		             "'%s' varies nothing; allowed: GROUP.KEY=A,B,C, such as "
		             "pci0.latency=100ns,1us",
		             words);
	dim = dim_new();
	g_auto(GStrv) names = g_strsplit(head, ",", -1);
	g_auto(GStrv) items = split_items(rest, g_strv_length(names) > 1);

	good = take_keys(r, dim, names, items[0], error) && take_points(r, dim, items, error);
	if (good && dim->points->len)
		g_ptr_array_add(r->axes->dims, dim);
	else
		dim_free(dim);
	return good;
}
