/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has a run measured, by name and in order? */
#include "lab/world/measures.h"

#include <math.h>
#include <string.h>

static void measure_clear(gpointer data) { g_free(((struct measure *)data)->name); }

struct measures *measures_new(void) {
	struct measures *m = g_new0(struct measures, 1);

	m->list = g_array_new(FALSE, FALSE, sizeof(struct measure));
	g_array_set_clear_func(m->list, measure_clear);
	m->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return m;
}

void measures_free(struct measures *m) {
	g_hash_table_unref(m->index);
	g_array_unref(m->list);
	g_free(m);
}

static void set_full(struct measures *m, const char *name, double value) {
	gpointer place = g_hash_table_lookup(m->index, name);
	struct measure measure = {NULL, value};

	if (place) {
		g_array_index(m->list, struct measure, GPOINTER_TO_UINT(place) - 1).value = value;
		return;
	}
	measure.name = g_strdup(name);
	g_array_append_val(m->list, measure);
	g_hash_table_insert(m->index, g_strdup(name), GUINT_TO_POINTER(m->list->len));
}

void measures_set(struct measures *m, const char *group, const char *name, double value) {
	g_autofree char *full = g_strdup_printf("%s.%s", group, name);

	set_full(m, full, value);
}

double measures_get(const struct measures *m, const char *full_name) {
	gpointer place = g_hash_table_lookup(m->index, full_name);

	if (!place)
		return NAN;
	return g_array_index(m->list, struct measure, GPOINTER_TO_UINT(place) - 1).value;
}

struct measures *measures_copy(const struct measures *m) {
	struct measures *copy = measures_new();

	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);

		set_full(copy, measure->name, measure->value);
	}
	return copy;
}

void measures_write(const struct measures *m, GString *out) {
	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		char number[G_ASCII_DTOSTR_BUF_SIZE];

		g_ascii_dtostr(number, sizeof number, measure->value);
		g_string_append_printf(out, "%s %s\n", measure->name, number);
	}
}

bool measures_read(struct measures *m, const char *text) {
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (unsigned i = 0; lines[i]; i++) {
		char *space = strrchr(lines[i], ' ');
		char *end;
		double value;

		if (!*lines[i])
			continue;
		if (!space)
			return false;
		value = g_ascii_strtod(space + 1, &end);
		if (end == space + 1 || *end)
			return false;
		*space = '\0';
		set_full(m, lines[i], value);
	}
	return true;
}
