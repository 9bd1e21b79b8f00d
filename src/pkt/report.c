/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What went wrong in a run, and was it in time? */
#include "pkt/run.h"

static bool note(struct run *r, enum outcome outcome, unsigned line, const char *format,
                 va_list args) {
	g_autofree char *what = g_strdup_vprintf(format, args);

	if (!r->error)
		g_set_error(&r->error, SCRIPT_ERROR, outcome, "%s:%u: %s", r->script->file, line,
		            what);
	return false;
}

bool run_fail(struct run *r, unsigned line, const char *format, ...) {
	va_list args;

	va_start(args, format);
	note(r, OUTCOME_FAILED, line, format, args);
	va_end(args);
	return false;
}

bool run_skip(struct run *r, unsigned line, const char *format, ...) {
	va_list args;

	va_start(args, format);
	note(r, OUTCOME_SKIPPED, line, format, args);
	va_end(args);
	return false;
}

/* --- time ------------------------------------------------------------------------------------- */

sim_time run_tolerance(const struct run *r, sim_time waited) {
	sim_time share = (sim_time)((double)waited * r->conf.tolerance_percent / 100);

	return MAX(r->conf.tolerance, share);
}

bool run_check_time(struct run *r, unsigned line, const char *prefix, const char *what,
                    sim_time from, sim_time until, sim_time happened, sim_time since) {
	sim_time tolerance = run_tolerance(r, from - since);

	if (happened >= from - tolerance && happened <= until + tolerance)
		return true;
	if (from != until)
		return run_fail(r, line,
		                "%stiming error: expected %s in time range %.6f~%.6f sec but "
		                "happened at %.6f sec; tolerance %.6f sec",
		                prefix, what, run_seconds(r, from), run_seconds(r, until),
		                run_seconds(r, happened), sim_to_s(tolerance));
	return run_fail(r, line,
	                "%stiming error: expected %s at %.6f sec but happened at %.6f sec; "
	                "tolerance %.6f sec",
	                prefix, what, run_seconds(r, from), run_seconds(r, happened),
	                sim_to_s(tolerance));
}
