/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When is a report written, and where to? */
#include "lab/commands/report_option.h"

#include "lab/figures/report.h"
#include "lab/figures/results.h"

bool report_write(const char *dir, const char *out, GError **error) {
	g_autofree char *folder = g_path_get_dirname(out), *name = g_path_get_basename(out);
	GString *page = report_html(dir, error);
	struct results *results = page ? results_open("--out", folder, error) : NULL;
	bool good = results && results_stage_string(results, name, page, error) &&
	            results_commit(results, error);

	if (page && !results)
		g_string_free(page, TRUE);
	g_clear_pointer(&results, results_close);
	return good;
}

int report_option(const char *dir, int status) {
	g_autofree char *out = g_build_filename(dir, "report.html", NULL);
	g_autoptr(GError) error = NULL;

	if (status != EXIT_DONE && status != EXIT_CHECK_FAILED)
		return status;
	return report_write(dir, out, &error) ? status : lab_error_report(error);
}
