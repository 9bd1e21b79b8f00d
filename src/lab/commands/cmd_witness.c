/* SPDX-License-Identifier: GPL-3.0-or-later */
/* witness: do the costs predict real machines? */
#include "lab/base/interrupt.h"
#include "lab/campaign/claims.h"
#include "lab/campaign/run.h"
#include "lab/campaign/witness.h"
#include "lab/commands/commands.h"
#include "lab/figures/witness_table.h"

/* The runs of one sort of witnesses, and how they are shown. */
struct sort {
	GPtrArray *(*run)(char **names, unsigned jobs, GError **error);
	void (*print)(const GPtrArray *witnesses);
	void (*print_json)(const GPtrArray *witnesses);
};
static const struct sort rows = {witness_run, witness_print, witness_print_json};
static const struct sort wired = {claims_run, claims_print, claims_print_json};

static int report(const struct sort *sort, char **names, int jobs, bool json) {
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) witnesses = NULL;

	interrupt_take();
	witnesses = sort->run(names, (unsigned)jobs, &error);
	interrupt_release();
	if (!witnesses)
		return lab_error_report(error);
	(json ? sort->print_json : sort->print)(witnesses);
	return EXIT_DONE;
}

int command_witness(int argc, char **argv) {
	gboolean json = FALSE, wires = FALSE;
	int jobs = (int)run_default_jobs();
	const GOptionEntry entries[] = {
		{"wires", 0, 0, G_OPTION_ARG_NONE, &wires,
	         "Machines with wires, of scenarios/witnesses: what sources say of them, claim by claim",
	         NULL},
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON in the place of the table",
	         NULL},
		{"jobs", 0, 0, G_OPTION_ARG_INT, &jobs,
	         "Runs at the same time (as many as there are processors)", "N"},
		G_OPTION_ENTRY_NULL,
	};

	if (!command_options(
		    &argc, &argv, entries, "[NAME...]",
		    "Runs lmbench on the simulated machines of scenarios/machines, and prints what "
		    "it says beside what it said of the real ones: simulated, real, ratio, "
		    "and which share is within 15 and 30 %.\n"
		    "One row was fitted, what an SMP kernel adds on a second; the others are "
		    "predicted: docs/machines.md.\n"
		    "Example: sopsim witness stp1-003",
		    0, 1000))
		return EXIT_BAD_INPUT;
	if (!command_jobs(jobs))
		return EXIT_BAD_INPUT;
	return report(wires ? &wired : &rows, argc > 1 ? argv + 1 : NULL, jobs, json);
}
