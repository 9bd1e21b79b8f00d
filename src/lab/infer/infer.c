/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which systems agree with a paper? */
#include "lab/infer/infer.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>

#include "lab/infer/correct.h"
#include "lab/infer/earlier.h"
#include "lab/infer/walk.h"
#include "lab/kinds/kinds.h"
#include "sim/rng.h"

#define PILOTS 48
/* Systems tried between two times of learning, as many as are wanted. */
#define LEAST_BATCH 16
#define LARGEST_BATCH 48
/* How often one that is off is moved to where it would agree. */
#define CORRECTIONS 10
#define ROUNDS 60 /* at most */
/* A quarter of the systems are found so; the others on walks from those that were found. */
#define FOUND 0.25
#define WALK_CORRECTIONS 3
#define WALKS 100 /* times so many, at most */
/* Of the runs: all systems see the same requests, so that what differs is the system. */
#define RUN_SEED 1

struct text *infer_text(const char *path, GError **error) {
	struct text *text = text_load(path, error);
	g_autofree char *folder = NULL, *base = NULL, *beside = NULL;

	for (guint i = 0; text && i < text->groups->len; i++)
		if (g_str_has_prefix(((struct text_group *)text->groups->pdata[i])->name, "prior "))
			return text;
	if (!text)
		return NULL;
	text_free(text);
	folder = g_path_get_dirname(path);
	base = g_path_get_basename(path);
	beside = g_build_filename(folder, "infer", base, NULL);
	if (g_file_test(beside, G_FILE_TEST_EXISTS))
		return text_load(beside, error);
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"%s: no group is of type prior, and there is no '%s'; allowed: a [prior NAME] for "
		"each unknown in either",
		path, beside);
	return NULL;
}

double *infer_paper(const struct numbers *numbers) {
	double *paper = g_new(double, numbers->n);

	for (unsigned k = 0; k < numbers->n; k++)
		paper[k] = numbers->list[k].paper;
	return paper;
}

double *infer_within(const struct numbers *numbers, bool all) {
	double *within = g_new0(double, numbers->n);

	for (unsigned k = 0; k < numbers->n; k++)
		if (all || numbers->list[k].tests < 0)
			within[k] = numbers->list[k].within;
	return within;
}

/* --- pilots: a Latin hypercube over all that the priors allow ------------------------------------ */

static void add_pilots(struct inference *in) {
	unsigned n = in->unknowns->n;
	gsl_rng *rng = sim_rng_from_seed(in->seed, "infer.pilots");
	g_autofree double *x = g_new(double, (size_t)PILOTS *n);
	unsigned part[PILOTS];

	for (unsigned u = 0; u < n; u++) {
		for (unsigned i = 0; i < PILOTS; i++)
			part[i] = i;
		gsl_ran_shuffle(rng, part, PILOTS, sizeof *part);
		for (unsigned i = 0; i < PILOTS; i++)
			x[(size_t)i * n + u] = (part[i] + gsl_rng_uniform(rng)) / PILOTS;
	}
	for (unsigned i = 0; i < PILOTS; i++)
		g_ptr_array_add(in->trials,
		                trial_new(in->unknowns, in->numbers, x + (size_t)i * n));
	in->pilots = PILOTS;
	gsl_rng_free(rng);
}

/* --- rounds ----------------------------------------------------------------------------------------- */

bool infer_learn(struct inference *in, const GPtrArray *trials, const double *near,
                 GError **error) {
	if (emulator_learn(in->emulator, trials, near))
		return true;
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"%s: hardly any system that was tried ran without trouble; allowed: priors whose "
		"systems can serve what is offered",
		in->text->file);
	return false;
}

static bool learn(struct inference *in, GError **error) {
	g_autofree double *paper = infer_paper(in->numbers);

	return infer_learn(in, in->trials, paper, error);
}

static double *population(const struct inference *in, bool all, gsl_rng *rng) {
	g_autofree double *paper = infer_paper(in->numbers);
	g_autofree double *within = infer_within(in->numbers, all);
	const struct wanted wanted = {paper, within};

	return propose(in->emulator, in->unknowns, in->numbers, &wanted, in->draws, rng);
}

static void count_accepted(struct inference *in, guint from) {
	for (guint i = from; i < in->trials->len; i++)
		if (trial_agrees(in->trials->pdata[i], in->numbers))
			g_ptr_array_add(in->accepted, in->trials->pdata[i]);
}

/* How far each number let the systems of a round come, in the order in which they are asked. */
static void tell_round(const struct inference *in, guint from) {
	fprintf(stderr, "sopsim infer: of %u systems", in->trials->len - from);
	for (unsigned k = 0; k < in->numbers->n; k++) {
		const struct number *number = &in->numbers->list[k];
		unsigned had = 0, agreed = 0;

		for (guint i = from; number_used(number) && i < in->trials->len; i++) {
			double y = ((const struct trial *)in->trials->pdata[i])->y[k];

			had += !isnan(y);
			agreed += fabs(y - number->paper) <= number->within;
		}
		if (number_used(number))
			fprintf(stderr, ", %s %u of %u (+-%.3g)", number->name, agreed, had,
			        emulator_off(in->emulator)[k]);
	}
	fprintf(stderr, "; %u agree with all by now\n", in->accepted->len);
}

/* Systems of the round that are off, where they should have been. */
static void add_corrected(struct inference *in, guint from) {
	guint end = in->trials->len;

	for (guint i = from; i < end; i++) {
		const struct trial *trial = in->trials->pdata[i];
		double *x = trial_agrees(trial, in->numbers)
		                    ? NULL
		                    : correct(in->emulator, in->unknowns, in->numbers, trial);

		if (x)
			g_ptr_array_add(in->trials, trial_new(in->unknowns, in->numbers, x));
		g_free(x);
	}
}

/* Tries the systems from `from` on, and so often what becomes of those that are off. */
static bool try_all(struct inference *in, guint from, unsigned times, unsigned jobs,
                    GError **error) {
	for (unsigned g = 0; g < times && from < in->trials->len; g++) {
		guint end = in->trials->len;

		if (!trials_run_used(in->simulator, in->trials, from, false, jobs, error))
			return false;
		count_accepted(in, from);
		tell_round(in, from);
		if (g + 1 < times)
			add_corrected(in, from);
		from = end;
	}
	return true;
}

static bool round_of(struct inference *in, const struct infer_options *o, gsl_rng *rng,
                     GError **error) {
	unsigned batch = CLAMP(o->accepted, LEAST_BATCH, LARGEST_BATCH);
	guint from = in->trials->len;
	g_autofree double *x = NULL;

	if (!learn(in, error))
		return false;
	x = population(in, true, rng);
	for (unsigned i = 0; i < batch; i++) {
		gulong which = gsl_rng_uniform_int(rng, in->draws);

		g_ptr_array_add(in->trials,
		                trial_new(in->unknowns, in->numbers, x + which * in->unknowns->n));
	}
	return try_all(in, from, CORRECTIONS, o->jobs, error);
}

/* A batch of systems on walks from those that agree. */
static bool walk_of(struct inference *in, const struct infer_options *o, gsl_rng *rng,
                    GError **error) {
	guint from = in->trials->len;

	for (unsigned i = 0; i < LARGEST_BATCH; i++) {
		double *x = walk(in->emulator, in->unknowns, in->numbers, in->accepted, rng);

		if (x)
			g_ptr_array_add(in->trials, trial_new(in->unknowns, in->numbers, x));
		g_free(x);
	}
	return try_all(in, from, WALK_CORRECTIONS, o->jobs, error);
}

static bool find(struct inference *in, const struct infer_options *o, gsl_rng *rng,
                 GError **error) {
	bool good = true;

	for (unsigned r = 0; good && r < ROUNDS && in->accepted->len < FOUND * o->accepted; r++)
		good = round_of(in, o, rng, error);
	in->found = in->accepted->len;
	good = good && learn(in, error);
	for (unsigned w = 0; good && w < WALKS && in->found && in->accepted->len < o->accepted; w++)
		good = walk_of(in, o, rng, error);
	return good;
}

bool infer_pilots(struct inference *in, unsigned jobs, GError **error) {
	add_pilots(in);
	return trials_run_used(in->simulator, in->trials, 0, true, jobs, error);
}

static bool search(struct inference *in, const struct infer_options *o, GError **error) {
	gsl_rng *rng = sim_rng_from_seed(o->seed, "infer");
	/* Those of an earlier answer are asked again. */
	bool good =
		(!o->from || earlier_add(in, o->from, error)) && infer_pilots(in, o->jobs, error);

	if (good)
		count_accepted(in, 0);
	good = good && find(in, o, rng, error);
	good = good && trials_run_rest(in->simulator, in->accepted, o->jobs, error);
	good = good && learn(in, error);
	if (good) {
		in->hypotheses = population(in, false, rng);
		in->all = population(in, true, rng);
	}
	gsl_rng_free(rng);
	return good;
}

/* --- the whole -------------------------------------------------------------------------------------- */

static double sends_of(const struct scenario *sc) {
	const struct group *bench = scenario_nth(sc, kind_find(sc->kinds, "sendbench"), 0);

	return bench ? group_number(bench, "sends") * group_number(bench, "repetitions") : 1;
}

static struct scenario *scenario_with(const struct text *text, char **sets, GError **error) {
	struct text *with = text_copy(text);
	struct scenario *sc = NULL;
	bool good = true;

	for (unsigned i = 0; good && sets && sets[i]; i++)
		good = text_override_pair(with, sets[i], "--set", error);
	if (good)
		sc = scenario_new(with, error);
	text_free(with);
	return sc;
}

/* The folder of the runs, which is this command's as long as it runs. */
static bool open_store(const struct infer_options *o, struct store **store, GError **error) {
	g_autoptr(GPtrArray) there = NULL;

	*store = o->out ? store_open(o->out, error) : NULL;
	if (!o->out)
		return true;
	there = *store ? store_ids(*store) : NULL;
	if (there && (there->len == 0 || o->resume))
		return true;
	if (there)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--out: '%s' has runs already; allowed: --resume, or another folder",
		            o->out);
	g_clear_pointer(store, store_close);
	return false;
}

static bool open_all(struct inference *in, const struct infer_options *o, GError **error) {
	return (in->sc = scenario_with(in->text, o->sets, error)) &&
	       (in->unknowns = unknowns_new(in->sc, error)) &&
	       (in->numbers = numbers_new(in->sc, error)) &&
	       (in->prices = prices_new(in->text, o->sets, in->unknowns, in->numbers, error)) &&
	       (in->emulator = emulator_new(in->prices, in->unknowns, in->numbers, sends_of(in->sc),
	                                    error));
}

struct inference *infer_open(struct text *text, const struct infer_options *o, GError **error) {
	struct inference *in = g_new0(struct inference, 1);

	in->text = text;
	in->draws = o->draws;
	in->seed = o->seed;
	in->trials = g_ptr_array_new_with_free_func(trial_free);
	in->accepted = g_ptr_array_new();
	if (open_all(in, o, error) && open_store(o, &in->store, error) &&
	    (in->simulator =
	             trials_new(text, o->sets, RUN_SEED, o->out, in->unknowns, in->numbers, error)))
		return in;
	inference_free(in);
	return NULL;
}

struct inference *infer_run(struct text *text, const struct infer_options *o, GError **error) {
	struct inference *in = infer_open(text, o, error);

	if (in && !search(in, o, error))
		g_clear_pointer(&in, inference_free);
	return in;
}

void inference_free(struct inference *in) {
	g_ptr_array_unref(in->accepted);
	g_ptr_array_unref(in->trials);
	g_free(in->hypotheses);
	g_free(in->all);
	g_clear_pointer(&in->simulator, trials_free);
	g_clear_pointer(&in->store, store_close);
	g_clear_pointer(&in->emulator, emulator_free);
	g_clear_pointer(&in->prices, prices_free);
	g_clear_pointer(&in->numbers, numbers_free);
	g_clear_pointer(&in->unknowns, unknowns_free);
	g_clear_pointer(&in->sc, scenario_free);
	g_free(in);
}
