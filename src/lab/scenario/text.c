/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a scenario's text say, with all that it includes and all that was overridden? */
#include "lab/scenario/text.h"

#include <stdlib.h>
#include <string.h>

#include "lab/base/input.h"
#include "lab/base/place.h"
#include "lab/kind_list.h"
#include "lab/scenario/key.h"
#include "lab/scenario/text_read.h"

static void entry_free(gpointer data) {
	struct text_entry *entry = data;

	g_free(entry->key);
	g_free(entry->value);
	g_free(entry->origin);
	g_free(entry);
}

static void group_free(gpointer data) {
	struct text_group *group = data;

	g_hash_table_unref(group->by_key);
	g_ptr_array_unref(group->entries);
	g_free(group->name);
	g_free(group->origin);
	g_free(group);
}

static struct text *text_new(const char *file) {
	struct text *text = g_new0(struct text, 1);

	text->file = g_strdup(file);
	text->groups = g_ptr_array_new_with_free_func(group_free);
	text->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	text->scenarios = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return text;
}

void text_free(struct text *text) {
	g_hash_table_unref(text->by_name);
	g_hash_table_unref(text->scenarios);
	g_ptr_array_unref(text->groups);
	g_free(text->file);
	g_free(text);
}

struct text_group *text_group_find(const struct text *text, const char *name) {
	return g_hash_table_lookup(text->by_name, name);
}

const struct text_entry *text_entry_find(const struct text_group *group, const char *key) {
	return g_hash_table_lookup(group->by_key, key);
}

static struct text_group *group_make(struct text *text, const char *name, const char *origin) {
	struct text_group *group = text_group_find(text, name);

	if (group)
		return group;
	group = g_new0(struct text_group, 1);
	group->name = g_strdup(name);
	group->origin = g_strdup(origin);
	group->entries = g_ptr_array_new_with_free_func(entry_free);
	group->by_key = g_hash_table_new(g_str_hash, g_str_equal);
	g_ptr_array_add(text->groups, group);
	g_hash_table_insert(text->by_name, group->name, group);
	return group;
}

void text_set(struct text *text, const char *group_name, const char *key, const char *value,
              const char *origin) {
	struct text_group *group = group_make(text, group_name, origin);
	struct text_entry *entry = (struct text_entry *)text_entry_find(group, key);

	if (!entry) {
		entry = g_new0(struct text_entry, 1);
		entry->key = g_strdup(key);
		g_ptr_array_add(group->entries, entry);
		g_hash_table_insert(group->by_key, entry->key, entry);
	}
	g_free(entry->value);
	g_free(entry->origin);
	entry->value = g_strstrip(g_strdup(value));
	entry->origin = g_strdup(origin);
}

/* Adds what `from` says; its values win. */
static void take_all(struct text *text, const struct text *from) {
	for (guint i = 0; i < from->groups->len; i++) {
		const struct text_group *group = from->groups->pdata[i];

		group_make(text, group->name, group->origin);
		for (guint j = 0; j < group->entries->len; j++) {
			const struct text_entry *entry = group->entries->pdata[j];

			text_set(text, group->name, entry->key, entry->value, entry->origin);
		}
	}
}

/* Of a group that the copy does not have. */
static void copy_group(struct text *copy, const struct text_group *from) {
	struct text_group *group = group_make(copy, from->name, from->origin);

	for (guint i = 0; i < from->entries->len; i++) {
		const struct text_entry *entry = from->entries->pdata[i];
		struct text_entry *same = g_new(struct text_entry, 1);

		*same = (struct text_entry){g_strdup(entry->key), g_strdup(entry->value),
		                            g_strdup(entry->origin)};
		g_ptr_array_add(group->entries, same);
		g_hash_table_insert(group->by_key, same->key, same);
	}
}

struct text *text_copy(const struct text *text) {
	struct text *copy = text_new(text->file);
	GHashTableIter iter;
	gpointer name;

	copy->untrusted = text->untrusted;
	g_hash_table_iter_init(&iter, text->scenarios);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		g_hash_table_add(copy->scenarios, g_strdup(name));
	for (guint i = 0; i < text->groups->len; i++)
		copy_group(copy, text->groups->pdata[i]);
	return copy;
}

/* --- whether a file is a scenario ------------------------------------------------------------- */

static const char *const types[] = {
#define X(name) #name,
	LAB_KINDS(X)
#undef X
		NULL};

static bool has_known_type(const struct text_group *group) {
	const struct text_entry *type = text_entry_find(group, "type");
	const char *space = strchr(group->name, ' ');
	g_autofree char *word = space ? g_strndup(group->name, (gsize)(space - group->name))
	                              : g_strdup(type ? type->value : group->name);

	return g_strv_contains(types, word);
}

static bool has_known_group(const struct text *text) {
	for (guint i = 0; i < text->groups->len; i++)
		if (has_known_type(text->groups->pdata[i]))
			return true;
	return false;
}

bool text_is_scenario(const struct text *text, const char *origin) {
	return g_hash_table_contains(text->scenarios, origin);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A file and what it includes, while they are read. */
struct loading {
	struct text *text;
	GPtrArray *open;  /* paths of the files that are being read, outermost first */
	unsigned files;   /* read until now */
	gsize bytes;      /* of them */
	guint keys;       /* in them */
	const char *home; /* NULL: files may be anywhere; else the folder that none may leave */
};

/* One of the files. */
struct source {
	struct loading *loading;
	struct text *own; /* what it says itself */
	const char *name; /* base name */
	/* What it said a second time. */
	char *twice;
	unsigned twice_line;
};

static bool G_GNUC_PRINTF(3, 4) refused(GError **error, const char *name, const char *format, ...) {
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: %s", name, what);
	return false;
}

static bool take_line(void *arg, const char *group, const char *key, const char *value,
                      unsigned line, GError **error) {
	struct source *source = arg;
	struct loading *l = source->loading;
	const struct text_group *known = text_group_find(source->own, group);

	if ((key ? known && text_entry_find(known, key) : !!known) && !source->twice) {
		source->twice = g_strdup_printf("[%s]%s%s", group, key ? " " : "", key ? key : "");
		source->twice_line = line;
	}
	if (source->own->groups->len + l->text->groups->len > TEXT_MAX_GROUPS ||
	    l->keys > TEXT_MAX_KEYS)
		return refused(error, source->name,
		               "line %u: more than %d groups or %d keys; allowed: as "
		               "many, in all files together",
		               line, TEXT_MAX_GROUPS, TEXT_MAX_KEYS);
	if (!key) {
		group_make(source->own, group, source->name);
		return true;
	}
	l->keys++;
	text_set(source->own, group, key, value, source->name);
	return true;
}

static bool said_once(const struct source *source, GError **error) {
	if (!source->twice)
		return true;
	return refused(error, source->name, "line %u: %s: said twice; allowed: once in a file",
	               source->twice_line,
	               has_known_group(source->own) ? source->twice : "a group or key");
}

/* Whether a file may be read: a stranger's lie in the scenario's own folder or come with the program,
 * and links are followed before that is judged. */
static bool is_at_home(const struct loading *l, const char *path, const char *name,
                       GError **error) {
	g_autofree char *prefix =
		l->home ? g_build_filename(l->home, G_DIR_SEPARATOR_S, NULL) : NULL;
	char *real = l->home ? realpath(path, NULL) : NULL;
	g_autofree char *ours = real ? place_of_scenario(real) : NULL;
	bool good = !l->home || !real || g_str_has_prefix(real, prefix) || ours;

	free(real);
	return good || refused(error, name,
	                       "lies outside the scenario's own folder, which --untrusted "
	                       "refuses; allowed: files in that folder");
}

static bool load_into(struct loading *l, const char *path, GError **error);

/* The path of an included file: beside the including one, or else of those that come with the program;
 * NULL if there is none. */
static char *included(const char *name, const char *folder) {
	g_autofree char *beside = g_canonicalize_filename(name, folder);

	return g_file_test(beside, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer(&beside)
	                                                   : place_of_scenario(name);
}

/* Reads what `[scenario] include` names, before the including file's own keys. */
static bool load_includes(struct loading *l, const char *path, const char *base, const char *list,
                          GError **error) {
	g_autofree char *folder = g_path_get_dirname(path);
	g_auto(GStrv) names = g_strsplit(list, ",", -1);

	for (unsigned i = 0; names[i]; i++) {
		const char *name = g_strstrip(names[i]);
		g_autofree char *full = included(name, folder);

		if (!full)
			return refused(error, base,
			               "[scenario] include: there is no file '%s'; allowed: "
			               "files, relative to the folder of %s or to %s",
			               name, base, place_scenarios());
		if (!load_into(l, full, error))
			return false;
	}
	return true;
}

/* What a file includes comes first, then what it says itself. */
static bool take_source(struct source *source, const char *path, GError **error) {
	struct loading *l = source->loading;
	struct text_group *head = text_group_find(source->own, "scenario");
	const struct text_entry *include = head ? text_entry_find(head, "include") : NULL;

	if (has_known_group(source->own))
		g_hash_table_add(l->text->scenarios, g_strdup(source->name));
	if (include && !path)
		return refused(error, source->name,
		               "[scenario] include: there is no folder; allowed: in files");
	if (include) {
		g_autofree char *list = g_strdup(include->value);

		g_hash_table_remove(head->by_key, "include");
		g_ptr_array_remove(head->entries, (gpointer)include);
		g_ptr_array_add(l->open, (gpointer)path);
		if (!load_includes(l, path, source->name, list, error))
			return false;
		g_ptr_array_set_size(l->open, (gint)l->open->len - 1);
	}
	take_all(l->text, source->own);
	return true;
}

static bool few_enough(const struct loading *l, const char *path, const char *name,
                       GError **error) {
	if (g_ptr_array_find_with_equal_func(l->open, path, g_str_equal, NULL))
		return refused(error, name,
		               "[scenario] include: the file includes itself; allowed: files "
		               "that do not include each other in a circle");
	if (l->open->len >= TEXT_MAX_DEPTH)
		return refused(error, name,
		               "[scenario] include: more than %d files, each included by the "
		               "one before; allowed: %d",
		               TEXT_MAX_DEPTH, TEXT_MAX_DEPTH);
	if (l->files >= TEXT_MAX_FILES)
		return refused(error, name,
		               "[scenario] include: more than %d files, counted as often as they "
		               "are included; allowed: %d",
		               TEXT_MAX_FILES, TEXT_MAX_FILES);
	return true;
}

/* `path` NULL: they are of no file. */
static bool take_bytes(struct loading *l, const GString *bytes, const char *path, const char *name,
                       GError **error) {
	struct source source = {.loading = l, .own = text_new(name), .name = name};
	bool good = text_read(bytes, name, take_line, &source, error) &&
	            said_once(&source, error) && take_source(&source, path, error);

	g_free(source.twice);
	text_free(source.own);
	return good;
}

static bool load_into(struct loading *l, const char *path, GError **error) {
	g_autofree char *base = g_path_get_basename(path), *why = NULL;
	GString *bytes;
	bool good;

	if (!few_enough(l, path, base, error) || !is_at_home(l, path, base, error))
		return false;
	bytes = input_read(path, TEXT_MAX_BYTES - l->bytes, &why);
	if (!bytes)
		return refused(error, base,
		               "%s; allowed: a key file, up to 16 MiB with all that it includes",
		               why);
	l->files++;
	l->bytes += bytes->len;
	good = take_bytes(l, bytes, path, base, error);
	g_string_free(bytes, TRUE);
	return good;
}

/* Whether there is no such file, but one that comes with the program and is called so. */
static bool is_ours_only(const char *path, const char *name, GError **error) {
	g_autofree char *ours =
		g_file_test(path, G_FILE_TEST_EXISTS) ? NULL : place_of_scenario(path);

	if (ours)
		refused(error, name,
		        "there is no such file here; allowed: a key file, such as %s, which comes "
		        "with the program",
		        ours);
	return ours;
}

struct text *text_load_from(const char *path, bool untrusted, GError **error) {
	g_autofree char *full = g_canonicalize_filename(path, NULL),
			*base = g_path_get_basename(full), *folder = g_path_get_dirname(full);
	g_autoptr(GPtrArray) open = g_ptr_array_new();
	char *home = untrusted ? realpath(folder, NULL) : NULL;
	struct loading l = {.text = text_new(base),
	                    .open = open,
	                    .home = untrusted ? home ? home : folder : NULL};
	bool good = !is_ours_only(path, base, error) && load_into(&l, full, error);

	l.text->untrusted = untrusted;
	free(home);
	if (!good)
		g_clear_pointer(&l.text, text_free);
	return l.text;
}

struct text *text_parse(const GString *bytes, const char *name, GError **error) {
	struct loading l = {.text = text_new(name), .open = g_ptr_array_new()};

	if (!take_bytes(&l, bytes, NULL, name, error))
		g_clear_pointer(&l.text, text_free);
	g_ptr_array_unref(l.open);
	return l.text;
}

struct text *text_load(const char *path, GError **error) {
	return text_load_from(path, false, error);
}

/* --- overrides -------------------------------------------------------------------------------- */

static void no_such_group(const struct text *text, const char *name, const char *group,
                          const char *origin, GError **error) {
	g_autofree const char **words = g_new(const char *, text->groups->len);
	const char *near;

	for (guint i = 0; i < text->groups->len; i++)
		words[i] = ((struct text_group *)text->groups->pdata[i])->name;
	near = nearest_word(group, words, text->groups->len);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: %s: %s has no group '%s'%s%s%s; allowed: GROUP.KEY of the scenario",
	            origin, name, text->file, group, near ? "; did you mean '" : "",
	            near ? near : "", near ? "'?" : "");
}

/* [echo pump] is also "pump", if nothing else is.  NULL and *error. */
static const struct text_group *group_called(const struct text *text, const char *name,
                                             const char *group, const char *origin,
                                             GError **error) {
	const struct text_group *found = text_group_find(text, group);

	for (guint i = 0, exact = !!found; !exact && i < text->groups->len; i++) {
		const struct text_group *other = text->groups->pdata[i];
		const char *space = strchr(other->name, ' ');

		if (!space || !g_str_equal(space + strspn(space, " "), group))
			continue;
		if (found) {
			g_set_error(
				error, LAB_ERROR, LAB_ERROR_INPUT,
				"%s: %s: both [%s] and [%s] are called so; allowed: one of them, in "
				"full",
				origin, name, found->name, other->name);
			return NULL;
		}
		found = other;
	}
	if (!found)
		no_such_group(text, name, group, origin, error);
	return found;
}

const struct text_group *text_group_of(const struct text *text, const char *name,
                                       const char *origin, GError **error) {
	const char *dot = strchr(name, '.');
	g_autofree char *word = NULL;

	if (!dot || dot == name || !dot[1]) {
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: '%s' names no key; allowed: GROUP.KEY=VALUE, such as pci0.latency=2us",
			origin, name);
		return NULL;
	}
	word = g_strndup(name, (gsize)(dot - name));
	return group_called(text, name, word, origin, error);
}

bool text_override(struct text *text, const char *name, const char *value, const char *origin,
                   GError **error) {
	const struct text_group *group = text_group_of(text, name, origin, error);

	if (group)
		text_set(text, group->name, strchr(name, '.') + 1, value, origin);
	return group;
}

bool text_override_pair(struct text *text, const char *pair, const char *origin, GError **error) {
	const char *equals = strchr(pair, '=');
	g_autofree char *name = NULL;

	if (!equals) {
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: '%s' has no '='; allowed: GROUP.KEY=VALUE, such as pci0.latency=2us",
			origin, pair);
		return false;
	}
	name = g_strstrip(g_strndup(pair, (gsize)(equals - pair)));
	return text_override(text, name, equals + 1, origin, error);
}
