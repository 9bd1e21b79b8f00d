/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do all groups of a kind come to together? */
#include "lab/world/total.h"

#include <math.h>

#include "lab/world/meters.h"
#include "sim/histogram.h"

/* A group's share of a total. */
struct part {
	double value, ci95, weight;
};

static double get(const struct measures *m, const struct group *group, const char *name,
                  const char *suffix) {
	g_autofree char *full = g_strconcat(group->name, ".", name, suffix, NULL);

	return measures_get(m, full);
}

/* Of the groups that have the measure. */
static GArray *parts_of(const struct scenario *sc, const struct measures *m,
                        const struct kind *kind, const struct measured *measure) {
	GArray *parts = g_array_new(FALSE, FALSE, sizeof(struct part));
	const struct group *group;

	for (unsigned i = 0; (group = scenario_nth(sc, kind, i)); i++) {
		struct part part = {get(m, group, measure->name, ""),
		                    get(m, group, measure->name, "_ci95"),
		                    measure->weight ? get(m, group, measure->weight, "") : 1};

		if (!isnan(part.value))
			g_array_append_val(parts, part);
	}
	return parts;
}

/* What each part counts for in a sum or a mean. */
static void weigh(GArray *parts, enum adds adds) {
	double sum = 0;

	for (guint i = 0; i < parts->len; i++)
		sum += g_array_index(parts, struct part, i).weight;
	for (guint i = 0; i < parts->len; i++) {
		struct part *part = &g_array_index(parts, struct part, i);

		if (adds == ADDS_SUM)
			part->weight = 1;
		else /* if none of them weighs anything, all weigh alike */
			part->weight = sum > 0 ? part->weight / sum : 1.0 / parts->len;
	}
}

static struct part largest(const GArray *parts) {
	struct part most = g_array_index(parts, struct part, 0);

	for (guint i = 1; i < parts->len; i++)
		if (g_array_index(parts, struct part, i).value > most.value)
			most = g_array_index(parts, struct part, i);
	return most;
}

static struct part add_up(const struct scenario *sc, const struct measures *m,
                          const struct kind *kind, const struct measured *measure) {
	g_autoptr(GArray) parts = parts_of(sc, m, kind, measure);
	struct part total = {0, 0, 1};

	if (parts->len == 1)
		return g_array_index(parts, struct part, 0);
	if (parts->len == 0 || measure->adds == ADDS_NOT || measure->adds == ADDS_MERGED)
		return (struct part){NAN, NAN, 0};
	if (measure->adds == ADDS_MAX)
		return largest(parts);
	weigh(parts, measure->adds);
	for (guint i = 0; i < parts->len; i++) {
		const struct part *part = &g_array_index(parts, struct part, i);

		total.value += part->weight * part->value;
		total.ci95 = hypot(total.ci95, part->weight * part->ci95);
	}
	return total;
}

double total_value(const struct scenario *sc, const struct measures *m, const struct kind *kind,
                   const struct measured *measure) {
	return add_up(sc, m, kind, measure).value;
}

double total_ci95(const struct scenario *sc, const struct measures *m, const struct kind *kind,
                  const struct measured *measure) {
	return add_up(sc, m, kind, measure).ci95;
}

/* --- percentiles --------------------------------------------------------------------------------- */

/* Of groups that are still there. */
static double merged(const struct scenario *sc, const struct kind *kind,
                     const struct measured *measure) {
	struct histogram *all = histogram_new();
	const struct group *group;
	double value;

	for (unsigned i = 0; (group = scenario_nth(sc, kind, i)); i++) {
		const struct histogram *own =
			group->live ? kind->durations(group, measure->of) : NULL;

		if (own)
			histogram_merge(all, own);
	}
	value = meters_percentile(measure, all);
	histogram_free(all);
	return value;
}

/* --- all --------------------------------------------------------------------------------------- */

static void tell_kind(const struct scenario *sc, struct measures *m, const struct kind *kind) {
	g_autofree char *group = g_strconcat(TOTAL_PREFIX, kind->name, NULL);

	for (size_t i = 0; i < kind->n_measures; i++) {
		const struct measured *measure = &kind->measures[i];
		struct part total = measure->adds == ADDS_MERGED
		                            ? (struct part){merged(sc, kind, measure), NAN, 1}
		                            : add_up(sc, m, kind, measure);

		if (isnan(total.value))
			continue;
		measures_set(m, group, measure->name, total.value);
		if (!isnan(total.ci95)) {
			g_autofree char *name = g_strconcat(measure->name, "_ci95", NULL);

			measures_set(m, group, name, total.ci95);
		}
	}
}

void total_tell(const struct scenario *sc, struct measures *m) {
	for (const struct kind *const *kind = sc->kinds; *kind; kind++)
		if (scenario_nth(sc, *kind, 0))
			tell_kind(sc, m, *kind);
}
