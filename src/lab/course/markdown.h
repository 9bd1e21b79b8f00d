/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sheets as HTML: one page that opens without a network.  Of Markdown it knows what sheets use: headings, paragraphs,
 * lists, tables, code by four blanks or in `quotes`, **strong**, *emphasis*, [links](to) and pictures, which are put
 * into the page.
 */
#ifndef LAB_MARKDOWN_H
#define LAB_MARKDOWN_H

#include <glib.h>

/* `svg`: the n-th picture's, in order (char *); where there are fewer, pictures are left out. */
GString *markdown_page(const char *title, const char *text, const GPtrArray *svg);

#endif
