/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is set in a point, and where does it lie? */
#include "lab/campaign/point.h"

#include <math.h>
#include <string.h>

static void axis_clear(gpointer data) { g_free(((struct axis *)data)->name); }

struct points *points_new(const char *origin) {
	struct points *points = g_new0(struct points, 1);

	points->origin = g_strdup(origin);
	points->axes = g_array_new(FALSE, FALSE, sizeof(struct axis));
	g_array_set_clear_func(points->axes, axis_clear);
	points->list = g_ptr_array_new();
	return points;
}

static void point_free(const struct points *points, struct point *point) {
	for (guint a = 0; a < points->axes->len; a++)
		g_free(point->at[a].label);
	g_free(point->at);
	g_strfreev(point->settings);
	g_free(point->experiment);
	g_free(point->config);
	g_free(point);
}

void points_free(struct points *points) {
	for (guint i = 0; i < points->list->len; i++)
		point_free(points, points->list->pdata[i]);
	g_ptr_array_unref(points->list);
	g_array_unref(points->axes);
	g_free(points->origin);
	g_strfreev(points->measures);
	g_free(points);
}

void points_add_axis(struct points *points, const char *name, enum axis_sort sort) {
	struct axis axis = {g_strdup(name), sort, NULL};

	g_array_append_val(points->axes, axis);
}

struct point *points_add(struct points *points, const char *const *labels,
                         const char *const *settings) {
	struct point *point = g_new0(struct point, 1);

	point->at = g_new(struct coordinate, points->axes->len);
	for (guint a = 0; a < points->axes->len; a++)
		point->at[a] = (struct coordinate){g_strdup(labels[a]), NAN};
	point->settings = g_strdupv((char **)(uintptr_t)settings);
	g_ptr_array_add(points->list, point);
	return point;
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* Of "GROUP.KEY"; false: there is no such key. */
static bool type_of(const struct scenario *sc, const char *name, enum value_type *type) {
	const char *dot = strchr(name, '.');
	size_t length = dot ? (size_t)(dot - name) : 0;

	for (guint i = 0; dot && i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (strlen(group->name) == length && strncmp(group->name, name, length) == 0 &&
		    group_key_type(group, dot + 1, type))
			return true;
	}
	return false;
}

/* All of its points have numbers of one unit, or none has any: a time per byte among times. */
static void measure_axis(struct points *points, guint a, enum value_type type) {
	struct axis *axis = &g_array_index(points->axes, struct axis, a);

	for (guint i = 0; i < points->list->len; i++) {
		struct coordinate *at = &((struct point *)points->list->pdata[i])->at[a];
		const char *unit;

		at->number = quantity_si(type, at->label, &unit);
		if (i == 0)
			axis->unit = unit;
		else if (g_strcmp0(axis->unit, unit) != 0)
			axis->unit = NULL;
	}
	for (guint i = 0; !axis->unit && i < points->list->len; i++)
		((struct point *)points->list->pdata[i])->at[a].number = NAN;
}

void points_measure(struct points *points, const struct scenario *sc) {
	for (guint a = 0; a < points->axes->len; a++) {
		enum value_type type;

		if (type_of(sc, points_axis(points, a)->name, &type))
			measure_axis(points, a, type);
	}
}
