/* SPDX-License-Identifier: GPL-3.0-or-later */
/* infer: which systems agree with a paper's numbers? */
#include "lab/base/interrupt.h"
#include "lab/commands/commands.h"
#include "lab/figures/results.h"
#include "lab/infer/answers.h"
#include "lab/infer/coverage.h"

static bool stage(struct results *results, const struct inference *in, const struct hold *hold,
                  const GString *page, GError **error) {
	return results_stage(results, "region.txt", page->str, page->len, error) &&
	       results_stage_string(results, "region.csv", answers_systems(in), error) &&
	       results_stage_string(results, "bands.csv", answers_bands(in), error) &&
	       results_stage_string(results, "holds.csv", answers_shares(in, hold), error) &&
	       results_stage_string(results, "member.txt", answers_member(in), error);
}

/* Into --out, if there is one. */
static bool write_answer(const struct inference *in, const struct hold *hold, const char *out,
                         const GString *page, GError **error) {
	struct results *results = out ? results_open("--out", out, error) : NULL;
	bool good = !out;

	if (results) {
		good = stage(results, in, hold, page, error) && results_commit(results, error);
		results_close(results);
	}
	return good;
}

static int answer(const struct inference *in, const char *out, bool json) {
	struct hold *hold = hold_new(in);
	GString *page = answers_page(in, hold);
	g_autoptr(GError) error = NULL;
	bool good = write_answer(in, hold, out, page, &error);

	if (good && json)
		answers_json(in, hold);
	else if (good)
		fputs(page->str, stdout);
	g_string_free(page, TRUE);
	hold_free(hold);
	return good ? EXIT_DONE : lab_error_report(error);
}

static int infer(const char *path, const struct infer_options *o, bool json, unsigned wanted) {
	g_autoptr(GError) error = NULL;
	struct text *text = infer_text(path, &error);
	struct inference *in = text ? infer_run(text, o, &error) : NULL;
	int status;

	if (in) {
		status = answer(in, o->out, json);
		if (status == EXIT_DONE && in->accepted->len < wanted)
			status = EXIT_CHECK_FAILED;
		inference_free(in);
	} else {
		status = lab_error_report(error);
	}
	g_clear_pointer(&text, text_free);
	return status;
}

/* Instead of the paper, papers of systems that are known. */
static int held_out(const char *path, const struct infer_options *o, unsigned papers) {
	g_autoptr(GError) error = NULL;
	struct text *text = infer_text(path, &error);
	struct inference *in = text ? infer_open(text, o, &error) : NULL;
	struct coverage *coverage = in ? coverage_measure(in, o, papers, &error) : NULL;
	int status = EXIT_DONE;

	if (coverage)
		coverage_print(coverage, in);
	else
		status = lab_error_report(error);
	g_clear_pointer(&coverage, coverage_free);
	g_clear_pointer(&in, inference_free);
	g_clear_pointer(&text, text_free);
	return status;
}

int command_infer(int argc, char **argv) {
	gint64 seed = 1, draws = 4000, accepted = 200, papers = 0;
	int jobs = (int)run_default_jobs(), status;
	gboolean resume = FALSE, json = FALSE;
	g_autofree char *out = NULL, *earlier = NULL;
	g_auto(GStrv) sets = NULL;
	const GOptionEntry entries[] = {
		COMMAND_SET(&sets),
		{"draws", 0, 0, G_OPTION_ARG_INT64, &draws,
	         "Systems that the closed form leads to the numbers at a time (4000)", "N"},
		{"accepted", 0, 0, G_OPTION_ARG_INT64, &accepted,
	         "Systems to be found that the simulator confirms (200)", "N"},
		{"held-out", 0, 0, G_OPTION_ARG_INT64, &papers,
	         "Instead, make N papers of systems that are known: how often does the region hold "
	         "the system?",
	         "N"},
		{"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Root of the draws (1)", "S"},
		{"jobs", 0, 0, G_OPTION_ARG_INT, &jobs,
	         "Runs at the same time (as many as there are processors)", "N"},
		{"out", 0, 0, G_OPTION_ARG_FILENAME, &out,
	         "Keep runs there, and write region.txt, region.csv, bands.csv, holds.csv and "
	         "member.txt",
	         "DIR"},
		{"resume", 0, 0, G_OPTION_ARG_NONE, &resume,
	         "Runs that DIR has of an earlier infer need not run again", NULL},
		{"from", 0, 0, G_OPTION_ARG_FILENAME, &earlier,
	         "Systems to begin with: a region.csv of an earlier infer; each is tried again",
	         "CSV"},
		COMMAND_JSON(&json),
		G_OPTION_ENTRY_NULL,
	};

	if (!command_options(
		    &argc, &argv, entries, "FILE",
		    "Finds the systems that agree with a paper's numbers: draws what the paper does "
		    "not say from the [prior NAME] groups of FILE, or of infer/FILE beside it, "
		    "leads the draws to the [number NAME] groups by a closed form of the "
		    "simulator, and keeps those that the simulator confirms.\n"
		    "Prints what these systems have in common, the islands that they form, what "
		    "they say of numbers that were not used, and how well each hypothesis does: "
		    "docs/inference.md.\n"
		    "Example: sopsim infer scenarios/paper.ini --out paper --resume",
		    1, 1) ||
	    !command_seed(seed) || !command_jobs(jobs) ||
	    !command_number("--draws", draws, 100, 1000000) ||
	    !command_number("--accepted", accepted, 0, 10000) ||
	    !command_number("--held-out", papers, 0, 1000))
		return EXIT_BAD_INPUT;
	const struct infer_options o = {sets,           (unsigned)draws, (unsigned)accepted,
	                                (uint64_t)seed, (unsigned)jobs,  out,
	                                resume,         earlier};

	interrupt_take();
	status = papers ? held_out(argv[1], &o, (unsigned)papers)
	                : infer(argv[1], &o, json, (unsigned)accepted);
	interrupt_release();
	return status;
}
