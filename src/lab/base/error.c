/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does an error reach the user?  As one line, whatever was in the file that it speaks of. */
#include "lab/base/error.h"

#include <stdio.h>
#include <string.h>

G_DEFINE_QUARK(lab - error - quark, lab_error)

/* A value may be megabytes long; what is wrong stands before it, what is allowed behind it. */
#define SHOWN 1000

static char *clip(const char *message) {
	size_t length = strlen(message);
	g_autofree char *head = g_strndup(message, SHOWN), *whole = NULL;

	if (length <= 2 * SHOWN)
		return g_strdup(message);
	whole = g_strconcat(head, " ... ", message + length - SHOWN, NULL);
	return g_utf8_make_valid(whole, -1);
}

int lab_error_report(const GError *error) {
	g_autofree char *line = g_strdelimit(clip(error->message), "\r\n", ' ');

	fprintf(stderr, "sopsim: %s\n", line);
	return g_error_matches(error, LAB_ERROR, LAB_ERROR_DEFECT) ? EXIT_DEFECT : EXIT_BAD_INPUT;
}
