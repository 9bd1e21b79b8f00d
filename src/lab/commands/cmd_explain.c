/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain: where the microseconds go. */
#include <stdio.h>

#include "lab/base/interrupt.h"
#include "lab/base/place.h"
#include "lab/campaign/paper.h"
#include "lab/campaign/watch.h"
#include "lab/campaign/watch_calls.h"
#include "lab/commands/commands.h"
#include "lab/figures/explain.h"
#include "lab/figures/explain_calls.h"
#include "lab/world/verdict.h"

struct asked {
	char **sets;
	char *config, *experiment; /* of the one run that calls are of */
	gboolean untrusted, json;
};

/* Runs what an answer is made from, and prints it, or puts it into `answer`.  *failed: reasons, which were printed, why runs are none to
 * rely on.  False and *error. */
typedef bool question(const struct text *text, const struct asked *asked, struct answer *answer,
                      unsigned *failed, GError **error);

/* How many reasons there are why its runs are none to rely on; they are printed. */
static unsigned judge(const struct plan *plan, struct answer *answer) {
	if (answer)
		answer_judged_plan(answer, plan);
	return plan_verdict(plan, NULL);
}

static bool ask_send(const struct text *text, const struct asked *asked, struct answer *answer,
                     unsigned *failed, GError **error) {
	struct plan *plan = plan_of(text, asked->sets, "table1", NULL, true, 1, error);
	GPtrArray *watches = plan ? watch_plan(plan) : NULL;
	bool good =
		plan && explain_has_send(plan, error) && plan_run(plan, run_default_jobs(), error);

	if (good) {
		explain_send(plan, answer);
		*failed = judge(plan, answer);
	}
	g_clear_pointer(&watches, g_ptr_array_unref);
	g_clear_pointer(&plan, plan_free);
	return good;
}

static bool ask_request(const struct text *text, const struct asked *asked, struct answer *answer,
                        unsigned *failed, GError **error) {
	struct plan *plan = plan_of(text, asked->sets, "fig6", NULL, true, 1, error);
	bool good = plan && explain_has_request(plan, error) &&
	            plan_run(plan, run_default_jobs(), error);

	if (good) {
		explain_request(plan, answer);
		*failed = judge(plan, answer);
	}
	g_clear_pointer(&plan, plan_free);
	return good;
}

static bool ask_queueing(const struct text *text, const struct asked *asked, struct answer *answer,
                         unsigned *failed, GError **error) {
	struct plan *plan = plan_of(text, asked->sets, "fig5", NULL, true, 1, error);
	bool good = plan && explain_has_queueing(plan, error) &&
	            plan_run(plan, run_default_jobs(), error);

	if (good) {
		explain_queueing(plan, answer);
		*failed = judge(plan, answer);
	}
	g_clear_pointer(&plan, plan_free);
	return good;
}

/* One run, whose programs' calls are watched. */
static bool run_watched(const struct text *text, struct answer *answer, unsigned *failed,
                        GError **error) {
	struct scenario *sc = scenario_new(text, error);
	struct run_spec *spec = run_spec_new("explain", text, 1);
	struct watch_calls *seen = watch_calls(spec);
	struct measures *m = NULL;
	bool good = sc && run_all(&spec, 1, 1, &m, error);

	interrupt_release();
	if (good) {
		explain_calls(m, answer);
		*failed = verdict_print(NULL, sc, m);
		if (answer)
			answer_judged(answer, NULL, sc, m);
	}
	watch_calls_free(seen);
	run_spec_free(spec);
	g_clear_pointer(&m, measures_free);
	g_clear_pointer(&sc, scenario_free);
	return good;
}

static bool ask_calls(const struct text *text, const struct asked *asked, struct answer *answer,
                      unsigned *failed, GError **error) {
	struct plan *plan = plan_of(text, asked->sets, "", NULL, false, 1, error);
	struct text *one = plan ? plan_text(plan, asked->experiment, asked->config, error) : NULL;
	bool good;

	interrupt_take();
	good = one && plan_load(plan, asked->experiment, 0, one, error) &&
	       run_watched(one, answer, failed, error);
	g_clear_pointer(&one, text_free);
	g_clear_pointer(&plan, plan_free);
	return good;
}

static const struct {
	const char *name;
	question *ask;
	bool of_one; /* run, which options choose */
} questions[] = {{"send", ask_send, false},
                 {"request", ask_request, false},
                 {"queueing", ask_queueing, false},
                 {"calls", ask_calls, true}};

static int ask(question *ask, const char *file, const struct asked *asked) {
	g_autoptr(GError) error = NULL;
	struct text *text = text_load_from(file, asked->untrusted, &error);
	struct answer *answer = text && asked->json ? answer_new("explain", text->file, 1) : NULL;
	unsigned failed = 0;
	int status = !text || !ask(text, asked, answer, &failed, &error) ? lab_error_report(error)
	             : failed                                            ? EXIT_CHECK_FAILED
	                                                                 : EXIT_DONE;

	if (answer && status != EXIT_BAD_INPUT)
		answer_print(answer);
	g_clear_pointer(&text, text_free);
	return status;
}

/* What it asks by that name. */
static int ask_called(const char *name, const char *file, const struct asked *asked) {
	for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
		if (!g_str_equal(name, questions[i].name))
			continue;
		if (questions[i].of_one || (!asked->config && !asked->experiment))
			return ask(questions[i].ask, file, asked);
		fprintf(stderr,
		        "sopsim explain: --config and --experiment choose one run; allowed: with "
		        "calls\n");
		return EXIT_BAD_INPUT;
	}
	fprintf(stderr, "sopsim explain: unknown '%s'; allowed: send, request, queueing or calls\n",
	        name);
	return EXIT_BAD_INPUT;
}

int command_explain(int argc, char **argv) {
	struct asked asked = {.json = FALSE};
	const GOptionEntry entries[] = {COMMAND_SET(&asked.sets),
	                                COMMAND_CONFIG(&asked.config),
	                                COMMAND_EXPERIMENT(&asked.experiment),
	                                COMMAND_JSON(&asked.json),
	                                COMMAND_UNTRUSTED(&asked.untrusted),
	                                G_OPTION_ENTRY_NULL};
	g_autofree char *paper = place_scenario("paper.ini");
	int status = EXIT_BAD_INPUT;

	if (command_options(
		    &argc, &argv, entries, "send|request|queueing|calls [FILE]",
		    "Prints where the microseconds go in each configuration:\n"
		    "  send      of one send() of Table 1: parts of the measured time, by layer and cost name\n"
		    "  request   of one request of Fig. 6: the processors' accounts, by layer and cost name\n"
		    "  queueing  Fig. 5 beside a closed queueing network: what bends each curve\n"
		    "  calls     of one run: what each program's system calls cost, real programs' too\n"
		    "Examples: sopsim explain send --set toe0.clock_scale=2 (a card that is twice as fast)\n"
		    "          sopsim explain calls scenarios/nginx.ini --config nic",
		    1, 2))
		status = ask_called(argv[1], argc > 2 ? argv[2] : paper, &asked);
	g_strfreev(asked.sets);
	g_free(asked.config);
	g_free(asked.experiment);
	return status;
}
