/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/campaign/point.h"

#include <math.h>
#include <string.h>

static void axis_clear(gpointer data) { g_free(((struct axis *)data)->name); }

struct points *points_new(const char *origin) {
	struct points *points = g_new0(struct points, 1);

	points->origin = origin;
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
	g_free(points);
}

void points_add_axis(struct points *points, const char *name) {
	struct axis axis = {g_strdup(name), NULL};

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

char *point_label(const struct points *points, const struct point *point) {
	GString *label = g_string_new(NULL);

	for (guint a = 0; a < points->axes->len; a++)
		g_string_append_printf(label, "%s%s", a ? " " : "", point->at[a].label);
	return g_string_free(label, FALSE);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* What a key's numbers are in, and how many base units that is. */
static const struct scale {
	enum value_type type, read_as;
	const char *unit;
	double base;
} scales[] = {
	{VALUE_TIME, VALUE_TIME, "s", 1e12},
	{VALUE_COST, VALUE_TIME, "s", 1e12}, /* of those without a time per byte */
	{VALUE_BYTES, VALUE_BYTES, "B", 1},
	{VALUE_RATE, VALUE_RATE, "bit/s", 1},
	{VALUE_FREQUENCY, VALUE_FREQUENCY, "Hz", 1},
	{VALUE_PER_SECOND, VALUE_PER_SECOND, "1/s", 1},
	{VALUE_COUNT, VALUE_COUNT, "1", 1},
	{VALUE_FACTOR, VALUE_FACTOR, "1", 1},
	{VALUE_SHARE, VALUE_SHARE, "1", 1},
};

static const struct scale *scale_of_type(enum value_type type) {
	for (size_t i = 0; i < G_N_ELEMENTS(scales); i++)
		if (scales[i].type == type)
			return &scales[i];
	return NULL;
}

static const struct scale *scale_of_stack(const char *parameter) {
	struct net_params params;
	const char *name, *unit;
	int64_t value;

	net_params_preset(&params, "linux-2.4");
	for (size_t i = 0; net_params_get(&params, i, &name, &unit, &value); i++)
		if (g_str_equal(name, parameter))
			return scale_of_type(key_net_type(unit));
	return NULL;
}

/* Of "GROUP.KEY"; NULL: there is no such key, or it is no quantity. */
static const struct scale *scale_of(const struct scenario *sc, const char *name) {
	const char *dot = strchr(name, '.');
	size_t length = dot ? (size_t)(dot - name) : 0;

	for (guint i = 0; dot && i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];
		const struct key *key;

		if (strlen(group->name) != length || strncmp(group->name, name, length) != 0)
			continue;
		if (group->kind->net && g_str_has_prefix(dot + 1, "tcp."))
			return scale_of_stack(dot + 1 + strlen("tcp."));
		key = kind_key(group->kind, dot + 1);
		if (key)
			return scale_of_type(key->type);
	}
	return NULL;
}

/* All of its points have numbers, or none. */
static void measure_axis(struct points *points, guint a, const struct scale *scale) {
	const char *why;
	double number;
	guint i = 0;

	for (; i < points->list->len; i++) {
		struct coordinate *at = &((struct point *)points->list->pdata[i])->at[a];

		if (!quantity_number(scale->read_as, at->label, &number, &why))
			break;
		at->number = number / scale->base;
	}
	if (i == points->list->len)
		g_array_index(points->axes, struct axis, a).unit = scale->unit;
	else
		while (i-- > 0)
			((struct point *)points->list->pdata[i])->at[a].number = NAN;
}

void points_measure(struct points *points, const struct scenario *sc) {
	for (guint a = 0; a < points->axes->len; a++) {
		const struct scale *scale = scale_of(sc, points_axis(points, a)->name);

		if (scale)
			measure_axis(points, a, scale);
	}
}
