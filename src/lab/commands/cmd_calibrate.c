/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calibrate: fit the calibrated parameters. */
#include <math.h>
#include <stdio.h>

#include "lab/base/interrupt.h"
#include "lab/campaign/calibrate.h"
#include "lab/commands/commands.h"
#include "lab/commands/fitted.h"
#include "lab/figures/answer.h"

struct told {
	struct answer *answer; /* NULL: fits were printed */
	GPtrArray *values;     /* "GROUP.KEY=VALUE", char * */
	unsigned wrong;        /* so many parameters do not agree */
};

static void answer_found(struct told *told, const struct calibrated *found) {
	const struct answer_more more[] = {
		{"key", found->parameter, 0},
		{"text", found->value, 0},
		{"measured", NULL, found->measured},
		{"target", NULL, found->target},
		{"tolerance", NULL, found->tolerance},
		{"verdict", found->agrees ? "agrees" : "does not agree", 0},
		{"at_end_of_range", found->at_end ? "yes" : "no", 0},
		{NULL, NULL, 0},
	};

	answer_add(told->answer,
	           &(struct answer_row){
			   .of = "fitted", .measure = found->measure, .ci95 = NAN, .more = more});
	if (!found->agrees) {
		g_autofree char *why =
			g_strdup_printf("%s: %s is %g, and %g was wanted", found->parameter,
		                        found->measure, found->measured, found->target);

		answer_failed(told->answer, why);
		told->wrong++;
	}
}

static void take(void *arg, const struct calibrated *found) {
	struct told *told = arg;

	g_ptr_array_add(told->values, g_strdup_printf("%s=%s", found->parameter, found->value));
	if (told->answer)
		answer_found(told, found);
}

/* All of them agree, or none is written. */
static int write_values(const struct told *told, const char *path, const struct text *text,
                        int status) {
	g_autoptr(GError) error = NULL;

	if (status != EXIT_DONE) {
		fprintf(stderr,
		        "sopsim calibrate: --write: nothing is written, since not all agree\n");
		return status;
	}
	return fitted_write(path, text, told->values, &error) ? status : lab_error_report(error);
}

/* What speaks against runs was printed as they ended. */
static void finish(struct told *told, unsigned failed, bool well) {
	if (told->answer && failed > told->wrong)
		answer_failed(told->answer, "runs are none to rely on: standard error says why");
	answer_end(told->answer, well);
}

/* Fits, and writes what was found if `keep`. */
static int fit(const char *path, bool untrusted, bool json, bool keep,
               struct calibrate_options *o) {
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	struct told told = {NULL, values, 0};
	g_autoptr(GError) error = NULL;
	struct text *text = text_load_from(path, untrusted, &error);
	unsigned failed = 0;
	int status;

	o->tell = take;
	o->arg = &told;
	if (text && json)
		told.answer = answer_new("calibrate", text->file, o->seed);
	if (text && calibrate(text, o, &failed, &error))
		status = failed ? EXIT_CHECK_FAILED : EXIT_DONE;
	else
		status = lab_error_report(error);
	if (keep && !error)
		status = write_values(&told, path, text, status);
	finish(&told, failed, !error);
	g_clear_pointer(&text, text_free);
	return status;
}

/* What is written is what full runs of a scenario of one's own say. */
static bool may_keep(bool quick, bool untrusted) {
	if (quick || untrusted)
		fprintf(stderr,
		        "sopsim calibrate: --write: not with %s; allowed: full runs of a scenario of "
		        "one's own\n",
		        quick ? "--quick" : "--untrusted");
	return !quick && !untrusted;
}

int command_calibrate(int argc, char **argv) {
	gint64 seed = 1;
	int jobs = (int)run_default_jobs(), status;
	gboolean untrusted = FALSE, quick = FALSE, json = FALSE, keep = FALSE;
	g_auto(GStrv) sets = NULL;
	const GOptionEntry entries[] = {
		COMMAND_SET(&sets),
		{"quick", 0, 0, G_OPTION_ARG_NONE, &quick,
	         "Shorter runs: a first look, not values to keep", NULL},
		{"jobs", 0, 0, G_OPTION_ARG_INT, &jobs, "Runs at a time (default: processors)",
	         "N"},
		{"write", 0, 0, G_OPTION_ARG_NONE, &keep,
	         "If all agree, write the values into FILE and what it includes from its folder",
	         NULL},
		COMMAND_SEED(&seed),
		COMMAND_JSON(&json),
		COMMAND_UNTRUSTED(&untrusted),
		G_OPTION_ENTRY_NULL,
	};

	if (!command_options(
		    &argc, &argv, entries, "FILE",
		    "Fits the parameters that the scenario's [calibrate NAME] groups name, and "
		    "prints the values found, to be written into the scenario (--write).\n"
		    "A --set of one of them is where its fit starts; all else that is set stays.",
		    1, 1) ||
	    !command_seed(seed) || !command_jobs(jobs) || (keep && !may_keep(quick, untrusted)))
		return EXIT_BAD_INPUT;
	struct calibrate_options o = {.sets = sets,
	                              .jobs = (unsigned)jobs,
	                              .seed = (uint64_t)seed,
	                              .quick = quick,
	                              .silent = json};

	interrupt_take();
	status = fit(argv[1], untrusted, json, keep, &o);
	interrupt_release();
	return status;
}
