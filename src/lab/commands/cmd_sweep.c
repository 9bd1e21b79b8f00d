/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sweep: a run per combination of values; one CSV, one figure. */
#include <stdio.h>

#include "lab/base/interrupt.h"
#include "lab/commands/commands.h"
#include "lab/commands/sweep_words.h"
#include "lab/figures/results.h"
#include "lab/figures/sweep_plot.h"
#include "lab/figures/sweep_table.h"
#include "lab/scenario/reach.h"

static bool is_untrusted(const struct sweep *sweep) {
	return sweep_scenario(sweep)->text->untrusted;
}

static bool write_sweep(const struct sweep *sweep, struct results *results, uint64_t seed,
                        double wall_s, GError **error) {
	GString *script = sweep_plot(sweep);
	bool good;

	results_outdate(results, "sweep.svg");
	good = results_stage_string(results, "sweep.csv", sweep_csv(sweep), error) &&
	       results_stage_string(results, "run.json", sweep_json(sweep, seed, wall_s), error) &&
	       results_commit(results, error);
	/* Drawing runs another program: not on behalf of a stranger. */
	if (good && !is_untrusted(sweep))
		good = results_draw(results, "sweep.svg", script->str, error);
	g_string_free(script, TRUE);
	return good;
}

static void print_sweep(const struct sweep *sweep, const char *out, double wall_s) {
	GString *csv = sweep_csv(sweep);

	printf("%s\n%.1f s; files in %s%s\n", csv->str, wall_s, out,
	       is_untrusted(sweep) ? "; no figure, --untrusted runs no gnuplot" : "");
	g_string_free(csv, TRUE);
}

/* EXIT_CHECK_FAILED: all is written but the figure, or a point is none to rely on. */
static int do_sweep(const struct text *text, const struct axes_wanted *wanted, char **sets,
                    const char *out, unsigned jobs, uint64_t seed, GError **error) {
	gint64 start = g_get_monotonic_time();
	struct sweep *sweep = text ? sweep_new(text, wanted, sets, seed, error) : NULL;
	struct results *results = sweep ? results_open("--out", out, error) : NULL;
	int status = EXIT_DONE;
	bool good;

	/* Of the first point: what varies is seldom who is where. */
	if (results)
		reach_warn(sweep_scenario(sweep));
	good = results && sweep_run(sweep, jobs, error) &&
	       write_sweep(sweep, results, seed, (double)(g_get_monotonic_time() - start) / 1e6,
	                   error);
	if (good && results_undrawn(results))
		status = EXIT_CHECK_FAILED;
	g_clear_pointer(&results, results_close);
	interrupt_release();
	if (good) {
		print_sweep(sweep, out, (double)(g_get_monotonic_time() - start) / 1e6);
		if (sweep_verdict(sweep))
			status = EXIT_CHECK_FAILED;
	} else {
		status = lab_error_report(*error);
	}
	g_clear_pointer(&sweep, sweep_free);
	return status;
}

/* What it would run. */
static int list_sweep(const struct text *text, const struct axes_wanted *wanted, char **sets,
                      uint64_t seed, GError **error) {
	struct sweep *sweep = text ? sweep_new(text, wanted, sets, seed, error) : NULL;

	if (!sweep)
		return lab_error_report(*error);
	sweep_list(sweep);
	sweep_free(sweep);
	return EXIT_DONE;
}

int command_sweep(int argc, char **argv) {
	int jobs = (int)run_default_jobs();
	gint64 seed = 1;
	struct sweep_words words = {0};
	char **sets = NULL;
	gboolean untrusted = FALSE;
	g_autofree char *out = NULL;
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
		SWEEP_WORDS(&words),
		{"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &sets, "Change a value of the scenario",
	         "GROUP.KEY=VALUE"},
		{"jobs", 0, 0, G_OPTION_ARG_INT, &jobs, "Runs at a time (default: processors)",
	         "N"},
		{"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Root of all random streams (1)", "S"},
		{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder of the files (results/sweep)",
	         "DIR"},
		COMMAND_UNTRUSTED(&untrusted),
		G_OPTION_ENTRY_NULL,
	};
	int status = EXIT_BAD_INPUT;

	if (command_options(&argc, &argv, entries, "FILE [NAME] [OPTION...]", sweep_words_help, 1,
	                    2) &&
	    command_seed(seed) && command_jobs(jobs) &&
	    sweep_words_take(&words, argc > 2 ? argv[2] : NULL, (uint64_t)seed)) {
		struct text *text;

		interrupt_take();
		text = text_load_from(argv[1], untrusted, &error);
		status = words.list
		                 ? list_sweep(text, &words.wanted, sets, (uint64_t)seed, &error)
		                 : do_sweep(text, &words.wanted, sets, out ? out : "results/sweep",
		                            (unsigned)jobs, (uint64_t)seed, &error);
		g_clear_pointer(&text, text_free);
	}
	sweep_words_clear(&words);
	g_strfreev(sets);
	return status;
}
