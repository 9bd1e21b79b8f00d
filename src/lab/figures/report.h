/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page to hand out: what a folder of results has, as one HTML file that needs nothing else.
 *
 * Only what the folder has is told, so that the page can be made again at any time; the same folder gives the
 * same bytes.  Nothing is fetched: the page's own Content-Security-Policy forbids it.
 */
#ifndef LAB_REPORT_H
#define LAB_REPORT_H

#include <glib.h>

/* What `reproduce`, `run`, `sweep` or `compare` left in `dir`.  NULL and *error: that is none of them, or a file
 * cannot be read. */
GString *report_html(const char *dir, GError **error);

#endif
