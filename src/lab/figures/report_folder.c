/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in the folder of a report? */
#include "lab/base/input.h"
#include "lab/figures/report_parts.h"

#define MOST_BYTES (256 << 20)

GString *report_file(const struct report *report, const char *name) {
	g_autofree char *path = g_build_filename(report->dir, name, NULL), *why = NULL;

	return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? input_read(path, MOST_BYTES, &why)
	                                                 : NULL;
}

struct csv *report_csv(const struct report *report, const char *name) {
	GString *bytes = report_file(report, name);
	g_autofree char *why = NULL;
	struct csv *csv = bytes ? csv_parse(bytes, &why) : NULL;

	if (bytes)
		g_string_free(bytes, TRUE);
	return csv;
}
