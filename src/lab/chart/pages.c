/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where is a chart cut that is higher than a page? */
#include <math.h>

#include "lab/chart/layout.h"

/* Below a page's part, for its number. */
#define BELOW 14.0

/* No text lies there, and none of what stands below the columns is parted. */
static bool may_part(const struct layout *l, double y) {
	if (y > l->bottom && y < l->height)
		return false;
	for (guint i = 0; i < l->texts->len; i++) {
		const struct chart_text *t = &g_array_index(l->texts, struct chart_text, i);

		if (fabs(t->y - y) < t->font * 0.6)
			return false;
	}
	return true;
}

/* Nor a cut, if that can be. */
static bool may_well_part(const struct layout *l, double y) {
	for (guint i = 0; i < l->cuts->len; i++) {
		double cut = g_array_index(l->cuts, struct chart_cut, i).y;

		if (y > cut - 3 && y < cut + CHART_CUT + 3)
			return false;
	}
	return may_part(l, y);
}

/* The last place within the room's lower half; a page that has none is cut anyway. */
static double part_of(const struct layout *l, double most, int half) {
	for (int up = 0; up < half; up++)
		if (may_well_part(l, most - up))
			return most - up;
	for (int up = 0; up < half; up++)
		if (may_part(l, most - up))
			return most - up;
	return most;
}

GArray *layout_pages(const struct layout *l, double height) {
	GArray *pages = g_array_new(FALSE, FALSE, sizeof(struct chart_page));
	double room = fmax(height - CHART_HEAD - BELOW, CHART_HEAD), from = CHART_HEAD;

	do {
		struct chart_page page = {from, from + room};

		page.to = page.to >= l->height ? l->height
		                               : part_of(l, floor(page.to), (int)(room / 2));
		g_array_append_val(pages, page);
		from = page.to;
	} while (from < l->height);
	return pages;
}
