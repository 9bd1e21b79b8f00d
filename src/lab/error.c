/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/error.h"

#include <stdio.h>

G_DEFINE_QUARK(lab - error - quark, lab_error)

int lab_error_report(const GError *error) {
	g_autofree char *line = g_strdelimit(g_strdup(error->message), "\r\n", ' ');

	fprintf(stderr, "sopsim: %s\n", line);
	return g_error_matches(error, LAB_ERROR, LAB_ERROR_DEFECT) ? EXIT_DEFECT : EXIT_BAD_INPUT;
}
