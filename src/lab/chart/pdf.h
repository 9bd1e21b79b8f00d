/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart as PDF: pages of A4 across, by rsvg-convert of librsvg. */
#ifndef LAB_PDF_H
#define LAB_PDF_H

#include "lab/chart/layout.h"

/* Letters of bars are seven points high, or smaller where the chart is wider than a page.  False and *error. */
bool chart_pdf(const struct layout *layout, const char *path, GError **error);

#endif
