/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which values does a student get? */
#include "lab/course/student.h"

#include <string.h>

#include "lab/scenario/key.h"

#define NAME_MOST 200

static bool printable(const char *name) {
	for (const char *at = name; *at; at = g_utf8_next_char(at))
		if (!g_unichar_isprint(g_utf8_get_char(at)))
			return false;
	return true;
}

/* One student however the name was typed: "Zoë  Diaz", "zoë diaz". */
static char *key_of(const char *name) {
	g_autofree char *normal = g_utf8_normalize(name, -1, G_NORMALIZE_NFKC),
			*folded = g_utf8_casefold(normal, -1);
	g_auto(GStrv) words = g_strsplit_set(folded, " \t", -1);
	g_autoptr(GString) key = g_string_new(NULL);

	for (unsigned i = 0; words[i]; i++)
		if (*words[i])
			g_string_append_printf(key, "%s%s", key->len ? " " : "", words[i]);
	return g_string_free(g_steal_pointer(&key), FALSE);
}

/* A number for a purpose, from 1 to n - 1; of nobody 0. */
static unsigned draw(const char *key, const char *unit, const char *value, unsigned n) {
	const char *salt = g_getenv("SOPSIM_COURSE_KEY");
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize length = sizeof digest;
	guint64 number = 0;

	if (!key)
		return 0;
	/* With their ends, so that no two purposes are one. */
	g_checksum_update(sum, (const guchar *)key, (gssize)strlen(key) + 1);
	g_checksum_update(sum, (const guchar *)unit, (gssize)strlen(unit) + 1);
	g_checksum_update(sum, (const guchar *)value, (gssize)strlen(value) + 1);
	if (salt)
		g_checksum_update(sum, (const guchar *)salt, -1);
	g_checksum_get_digest(sum, digest, &length);
	for (unsigned i = 0; i < sizeof number; i++)
		number = number << 8 | digest[i];
	return 1 + (unsigned)(number % (n - 1));
}

static const struct unit_value *value_called(const struct unit *unit, const char *name) {
	for (guint i = 0; i < unit->values->len; i++) {
		const struct unit_value *value = unit->values->pdata[i];

		if (g_str_equal(value->name, name))
			return value;
	}
	return NULL;
}

static bool draw_value(struct student *student, const char *key, const struct unit_value *value,
                       GError **error) {
	const struct unit_value *by = value->by ? value_called(student->unit, value->by) : value;
	g_autofree char *group = g_strconcat("value ", value->name, NULL);
	unsigned n = g_strv_length(value->of);

	if (!by || by->by)
		return unit_wrong(student->unit, group, "by", error,
		                  "'%s' is no value that is drawn; allowed: one without 'by'",
		                  value->by);
	if (n < 2 || g_strv_length(by->of) != n)
		return unit_wrong(student->unit, group, "of", error,
		                  "%u of them; allowed: as many as [value %s] has, and two at "
		                  "least",
		                  n, by->name);
	g_hash_table_insert(student->values, value->name,
	                    value->of[draw(key, student->unit->name, by->name, n)]);
	return true;
}

/* `key` NULL: nobody's. */
static struct student *make(const struct unit *unit, const char *name, const char *key,
                            GError **error) {
	struct student *student = g_new0(struct student, 1);
	bool good = true;

	student->unit = unit;
	student->name = g_strdup(name);
	student->values = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; good && i < unit->values->len; i++)
		good = draw_value(student, key, unit->values->pdata[i], error);
	if (!good)
		g_clear_pointer(&student, student_free);
	return student;
}

struct student *student_new(const struct unit *unit, const char *name, GError **error) {
	g_autofree char *shown = g_strstrip(g_utf8_make_valid(name, -1)), *key = key_of(shown);

	if (*key && strlen(name) <= NAME_MOST && printable(shown) &&
	    g_utf8_validate(name, -1, NULL))
		return make(unit, shown, key, error);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "--student: no name; allowed: a name or number of up to %d bytes that can be "
	            "printed",
	            NAME_MOST);
	return NULL;
}

struct student *student_sample(const struct unit *unit, GError **error) {
	return make(unit, "nobody", NULL, error);
}

void student_free(struct student *student) {
	g_hash_table_unref(student->values);
	g_free(student->name);
	g_free(student);
}

static const char *meaning(const struct student *student, const char *name, GHashTable *more) {
	const char *text = more ? g_hash_table_lookup(more, name) : NULL;

	if (!text)
		text = g_hash_table_lookup(student->values, name);
	if (!text && g_str_equal(name, "student"))
		text = student->name;
	return !text && g_str_equal(name, "unit") ? student->unit->name : text;
}

char *student_fill(const struct student *student, const char *text, GHashTable *more,
                   const char *where, GError **error) {
	g_autoptr(GString) out = g_string_new(NULL);
	const char *begin;

	while ((begin = strstr(text, "${"))) {
		size_t length = strcspn(begin + 2, "}\n");
		g_autofree char *name = g_strndup(begin + 2, length);
		const char *value = begin[2 + length] == '}' ? meaning(student, name, more) : NULL;

		if (!value) {
			g_set_error(
				error, LAB_ERROR, LAB_ERROR_INPUT,
				"%s/%s: '${%s}' is no value; allowed: that of a [value NAME] of "
				"the unit",
				student->unit->name, where, name);
			return NULL;
		}
		g_string_append_len(out, text, begin - text);
		g_string_append(out, value);
		text = begin + 2 + length + 1;
	}
	g_string_append(out, text);
	return g_string_free(g_steal_pointer(&out), FALSE);
}
