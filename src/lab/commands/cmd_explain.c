/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain: where the microseconds go. */
#include <stdio.h>

#include "lab/base/place.h"
#include "lab/campaign/paper.h"
#include "lab/campaign/watch.h"
#include "lab/commands/commands.h"
#include "lab/figures/explain.h"

/* Runs what an answer is made from, and prints it, or puts it into `answer`.  *failed: reasons, which were printed, why runs are none to
 * rely on.  False and *error. */
typedef bool question(const struct text *text, char **sets, struct answer *answer, unsigned *failed,
                      GError **error);

/* How many reasons there are why its runs are none to rely on; they are printed. */
static unsigned judge(const struct plan *plan, struct answer *answer) {
	for (guint i = 0; answer && i < plan->items->len; i++)
		answer_judged(answer, ((const struct run_spec *)plan->specs->pdata[i])->name,
		              plan->sc, g_array_index(plan->items, struct plan_item, i).m);
	return plan_verdict(plan, NULL);
}

static bool ask_send(const struct text *text, char **sets, struct answer *answer, unsigned *failed,
                     GError **error) {
	struct plan *plan = plan_of(text, sets, "table1", NULL, true, 1, error);
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

static bool ask_request(const struct text *text, char **sets, struct answer *answer,
                        unsigned *failed, GError **error) {
	struct plan *plan = plan_of(text, sets, "fig6", NULL, true, 1, error);
	bool good = plan && explain_has_request(plan, error) &&
	            plan_run(plan, run_default_jobs(), error);

	if (good) {
		explain_request(plan, answer);
		*failed = judge(plan, answer);
	}
	g_clear_pointer(&plan, plan_free);
	return good;
}

static bool ask_queueing(const struct text *text, char **sets, struct answer *answer,
                         unsigned *failed, GError **error) {
	struct plan *plan = plan_of(text, sets, "fig5", NULL, true, 1, error);
	bool good = plan && explain_has_queueing(plan, error) &&
	            plan_run(plan, run_default_jobs(), error);

	if (good) {
		explain_queueing(plan, answer);
		*failed = judge(plan, answer);
	}
	g_clear_pointer(&plan, plan_free);
	return good;
}

static const struct {
	const char *name;
	question *ask;
} questions[] = {{"send", ask_send}, {"request", ask_request}, {"queueing", ask_queueing}};

static int ask(question *ask, const char *file, char **sets, bool untrusted, bool json) {
	g_autoptr(GError) error = NULL;
	struct text *text = text_load_from(file, untrusted, &error);
	struct answer *answer = text && json ? answer_new("explain", text->file, 1) : NULL;
	unsigned failed = 0;
	int status = !text || !ask(text, sets, answer, &failed, &error) ? lab_error_report(error)
	             : failed                                           ? EXIT_CHECK_FAILED
	                                                                : EXIT_DONE;

	if (answer && status != EXIT_BAD_INPUT)
		answer_print(answer);
	g_clear_pointer(&text, text_free);
	return status;
}

int command_explain(int argc, char **argv) {
	gboolean untrusted = FALSE, json = FALSE;
	g_auto(GStrv) sets = NULL;
	const GOptionEntry entries[] = {COMMAND_SET(&sets), COMMAND_JSON(&json),
	                                COMMAND_UNTRUSTED(&untrusted), G_OPTION_ENTRY_NULL};
	g_autofree char *paper = place_scenario("paper.ini");

	if (!command_options(
		    &argc, &argv, entries, "send|request|queueing [FILE]",
		    "Prints where the microseconds go in each configuration:\n"
		    "  send      of one send() of Table 1: parts of the measured time, by layer and cost name\n"
		    "  request   of one request of Fig. 6: the processors' accounts, by layer and cost name\n"
		    "  queueing  Fig. 5 beside a closed queueing network: what bends each curve\n"
		    "Example, a card that is twice as fast: sopsim explain send --set toe0.clock_scale=2",
		    1, 2))
		return EXIT_BAD_INPUT;
	for (size_t i = 0; i < G_N_ELEMENTS(questions); i++)
		if (g_str_equal(argv[1], questions[i].name))
			return ask(questions[i].ask, argc > 2 ? argv[2] : paper, sets, untrusted,
			           json);
	fprintf(stderr, "sopsim explain: unknown '%s'; allowed: send, request or queueing\n",
	        argv[1]);
	return EXIT_BAD_INPUT;
}
