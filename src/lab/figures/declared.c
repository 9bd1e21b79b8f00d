/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who declares a measure? */
#include "lab/figures/declared.h"

#include <string.h>

#include "lab/world/total.h"
#include "lab/world/window.h"

static const struct measured *of_kind(const struct kind *kind, const char *name) {
	const struct measured *m = kind_measured(kind, name);
	g_autofree char *base = !m && g_str_has_suffix(name, "_ci95")
	                                ? g_strndup(name, strlen(name) - strlen("_ci95"))
	                                : NULL;

	return base ? kind_measured(kind, base) : m;
}

static const struct measured *of_window(const char *name) {
	for (size_t i = 0; i < WINDOW_MEASURES; i++)
		if (g_str_equal(window_measured[i].name, name))
			return &window_measured[i];
	return NULL;
}

/* Groups of several types may have one name: the first that knows the measure, or, NULL, the first. */
static const struct kind *kind_of_group(const struct scenario *sc, const char *group,
                                        const char *name) {
	if (g_str_has_prefix(group, TOTAL_PREFIX))
		return kind_find(sc->kinds, group + strlen(TOTAL_PREFIX));
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *g = sc->groups->pdata[i];

		if (g_str_equal(g->name, group) && (!name || of_kind(g->kind, name)))
			return g->kind;
	}
	return NULL;
}

static const struct measured *declared_measure(const struct scenario *sc, const char *group,
                                               const char *name) {
	const struct kind *kind;

	if (g_str_equal(group, "sim"))
		return of_window(name);
	kind = kind_of_group(sc, group, name);
	return kind ? of_kind(kind, name) : NULL;
}

const char *declared_unit(const struct scenario *sc, const char *group, const char *name) {
	const struct measured *m = declared_measure(sc, group, name);

	return m ? m->unit : "1";
}

const char *declared_type(const struct scenario *sc, const char *group) {
	const struct kind *kind = kind_of_group(sc, group, NULL);

	return kind ? kind->name : "-";
}
