/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Widths of texts, and places for labels that want to stand at the same height. */
#include "lab/figures/labels.h"

#include <stdlib.h>

/* Of the font's size, for a letter; digits and small letters of common fonts take 0.5 to 0.6 of it. */
#define LETTER 0.6

double label_width(const char *text, double size) {
	double width = 0;

	for (const char *at = text; *at; at = g_utf8_next_char(at))
		width += g_unichar_iswide(g_utf8_get_char(at)) ? size : LETTER * size;
	return width;
}

char *label_cut(const char *text, double size, double width) {
	glong n = g_utf8_strlen(text, -1);
	double all = label_width(text, size);
	glong kept = all > width ? (glong)((double)n * width / all) - 1 : n;

	if (kept >= n)
		return g_strdup(text);
	kept = MAX(kept, 2);
	g_autofree char *head = g_utf8_substring(text, 0, kept - kept / 2);
	g_autofree char *tail = g_utf8_substring(text, n - kept / 2, n);

	return g_strconcat(head, "\u2026", tail, NULL);
}

char **label_lines(const char *text, double size, double width) {
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	g_autoptr(GStrvBuilder) lines = g_strv_builder_new();
	g_autoptr(GString) line = g_string_new(*words);

	for (guint i = 1; *words && words[i]; i++) {
		gsize before = line->len;

		g_string_append_printf(line, " %s", words[i]);
		if (label_width(line->str, size) <= width)
			continue;
		g_string_truncate(line, before);
		g_strv_builder_add(lines, line->str);
		g_string_assign(line, words[i]);
	}
	g_strv_builder_add(lines, line->str);
	return g_strv_builder_end(lines);
}

static int by_wanted(const void *a, const void *b) {
	const struct label *x = *(struct label *const *)a, *y = *(struct label *const *)b;

	if (x->wanted != y->wanted)
		return x->wanted < y->wanted ? -1 : 1;
	return x < y ? -1 : x > y; /* in the order of the curves */
}

/* Down from the first, then up from the bottom. */
void labels_place(struct label *labels, guint n, double height, double top, double bottom) {
	g_autofree struct label **order = g_new(struct label *, MAX(n, 1));
	double next = top + height / 2;

	for (guint i = 0; i < n; i++)
		order[i] = &labels[i];
	qsort(order, n, sizeof *order, by_wanted);
	for (guint i = 0; i < n; i++) {
		order[i]->at = MAX(order[i]->wanted, next);
		next = order[i]->at + height;
	}
	next = bottom - height / 2;
	for (guint i = n; i-- > 0;) {
		order[i]->at = MIN(order[i]->at, next);
		next = order[i]->at - height;
	}
}
