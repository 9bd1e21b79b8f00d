/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long is a bin, and how do the lines get from the process of the run to the folder of the results?
 * By a file in memory, so that they are staged with the others.
 */
#include "lab/commands/series_option.h"

#include <sys/mman.h>

#include "lab/base/input.h"

/* Bins of a window unless somebody says how long they are. */
#define SERIES_BINS 200U

static bool wrong(const char *bin, const char *why, GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "--series: %s: %s; allowed: a time such as 10ms, or auto (a %uth of the "
	            "duration), beside --out",
	            bin, why, SERIES_BINS);
	return false;
}

bool series_open(const char *bin, const struct scenario *sc, const struct results *results,
                 struct run_spec *spec, GError **error) {
	double length = (double)scenario_head(sc)->duration / SERIES_BINS;
	const char *why = NULL;

	if (!bin)
		return true;
	if (!results)
		return wrong(bin, "no folder to write to", error);
	if (!g_str_equal(bin, "auto") && !quantity_number(VALUE_TIME, bin, &length, &why))
		return wrong(bin, why, error);
	if (length < 1)
		return wrong(bin, "no time", error);
	spec->bin = (sim_time)length;
	spec->series_fd = memfd_create("series.csv", MFD_CLOEXEC);
	return spec->series_fd >= 0 || wrong(bin, "no memory for it", error);
}

bool series_stage(const struct run_spec *spec, struct results *results, GError **error) {
	return results_stage_string(results, "series.csv", input_memory(spec->series_fd), error);
}
