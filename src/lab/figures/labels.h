/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where text goes in a picture: how much room it takes, and labels that keep clear of each other. */
#ifndef LAB_LABELS_H
#define LAB_LABELS_H

#include <glib.h>

/* Pixels that a text takes in a font of so many pixels: an estimate that is seldom too small, since whoever
 * shows the picture chooses the font. */
double label_width(const char *text, double size);
/* A text that is too wide loses its middle ("offload_with_...1KiB"); to be freed. */
char *label_cut(const char *text, double size, double width);
/* A text in lines that are no wider, broken at its blanks; to be freed with g_strfreev(). */
char **label_lines(const char *text, double size, double width);

/* A label beside what it is of. */
struct label {
	double wanted; /* its middle, in pixels from the top */
	double at;     /* where it goes */
};

/* Moves labels of one height apart, as far as they must, within [top, bottom] if there is room for all. */
void labels_place(struct label *labels, guint n, double height, double top, double bottom);

#endif
