/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/world/verdict.h"

#include <math.h>
#include <stdio.h>

/* What is looked at: one group of a run. */
struct look {
	const struct group *group;
	const struct measures *m;
	GPtrArray *reasons; /* char * */
};

/* A measure of the group; 0 if it has none of that name, as a program that is not enabled. */
static double value(const struct look *l, const char *name) {
	g_autofree char *full = g_strconcat(l->group->name, ".", name, NULL);
	double v = measures_get(l->m, full);

	return isnan(v) ? 0 : v;
}

static bool has(const struct look *l, const char *name) {
	g_autofree char *full = g_strconcat(l->group->name, ".", name, NULL);

	return !isnan(measures_get(l->m, full));
}

static void add(const struct look *l, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(const struct look *l, const char *format, ...) {
	g_autofree char *why = NULL;
	va_list args;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(l->reasons, g_strdup_printf("[%s] %s", l->group->text->name, why));
}

/* --- by type ----------------------------------------------------------------------------------- */

static void judge_specweb(const struct look *l) {
	if (value(l, "errors") > 0)
		add(l, "%.0f requests failed", value(l, "errors"));
	if (has(l, "completed") && value(l, "completed") == 0)
		add(l, "nobody was served");
}

static void judge_streaming(const struct look *l) {
	if (has(l, "playing") && value(l, "playing") == 0)
		add(l, "nobody was served");
	if (value(l, "wrong_bytes") > 0)
		add(l, "%.0f bytes were wrong", value(l, "wrong_bytes"));
}

static void judge_fetch(const struct look *l) {
	unsigned times = ((const struct fetch_group *)l->group->conf)->conf.times;
	double failed = value(l, "failed");
	int error = -(int)value(l, "error"), status = (int)value(l, "status");

	if (failed > 0 && error)
		add(l, "%.0f of %u failed: %s", failed, times, g_strerror(error));
	else if (failed > 0)
		add(l, "%.0f of %u failed: the server answered with status %d", failed, times, status);
	if (value(l, "wrong_bytes") > 0)
		add(l, "%.0f bytes were wrong", value(l, "wrong_bytes"));
	if (value(l, "unfinished") > 0)
		add(l, "had not fetched all when the run was over");
}

/* The module was to be loaded in the middle of the run. */
static void judge_sop(const struct look *l) {
	if (value(l, "error") < 0)
		add(l, "could not be loaded: %s", g_strerror(-(int)value(l, "error")));
}

static void judge_oplat(const struct look *l) {
	if (value(l, "error") < 0)
		add(l, "failed: %s", g_strerror(-(int)value(l, "error")));
}

/* "failed" counts what did not come to its end too. */
static void judge_program(const struct look *l) {
	double unfinished = value(l, "unfinished"), failed = value(l, "failed") - unfinished;

	if (failed > 0)
		add(l, "%.0f expectation%s did not hold", failed, failed == 1 ? "" : "s");
	if (unfinished > 0 && has(l, "cut_line"))
		add(l, "had not ended when the run was over: it stood in line %.0f", value(l, "cut_line"));
	else if (unfinished > 0)
		add(l, "had not ended when the run was over");
}

static void judge_run(const struct look *l) {
	if (value(l, "failed") > value(l, "unfinished"))
		add(l, "the command did not end with status 0");
	if (value(l, "unfinished") > 0)
		add(l, "the command had not ended when the run was over");
}

static void judge_event(const struct look *l) {
	if (value(l, "failed") > 0)
		add(l, "did not happen, or not with the result that was expected");
}

static void judge_echo(const struct look *l) {
	double unfinished = value(l, "unfinished"), failed = value(l, "failed") - unfinished;

	if (failed > 0)
		add(l, "%.0f time%s not as expected: connections lost or refused, answers late or wrong",
		    failed, failed == 1 ? "" : "s");
	if (unfinished > 0)
		add(l, "had not asked all when the run was over");
}

static const struct {
	enum type_id type;
	void (*judge)(const struct look *l);
} judges[] = {
	{TYPE_SPECWEB, judge_specweb}, {TYPE_STREAMING, judge_streaming}, {TYPE_FETCH, judge_fetch},
	{TYPE_SOP, judge_sop},         {TYPE_OPLAT, judge_oplat},         {TYPE_PROGRAM, judge_program},
	{TYPE_RUN, judge_run},         {TYPE_EVENT, judge_event},         {TYPE_ECHO, judge_echo},
};

/* --- the run ----------------------------------------------------------------------------------- */

/* Programs that end by themselves, and had not: which key ended the run. */
static void judge_end(const struct scenario *sc, const struct measures *m, GPtrArray *reasons) {
	const struct scenario_group *head = scenario_head(sc);
	double unfinished = measures_get(m, "sim.unfinished");
	g_autofree char *length = quantity_format(
		KIND_TIME, (double)(head->duration ? head->duration : head->limit));

	if (unfinished > 0)
		g_ptr_array_add(reasons, g_strdup_printf(
			"the run was cut by scenario.%s = %s: %.0f program%s had not ended",
			head->duration ? "duration" : "limit", length, unfinished,
			unfinished == 1 ? "" : "s"));
}

GPtrArray *verdict_reasons(const struct scenario *sc, const struct measures *m) {
	GPtrArray *reasons = g_ptr_array_new_with_free_func(g_free);
	struct look look = {.m = m, .reasons = reasons};

	judge_end(sc, m, reasons);
	for (size_t i = 0; i < G_N_ELEMENTS(judges); i++)
		for (unsigned j = 0; (look.group = scenario_nth(sc, judges[i].type, j)); j++)
			judges[i].judge(&look);
	return reasons;
}

unsigned verdict_print(const char *run, const struct scenario *sc, const struct measures *m) {
	g_autoptr(GPtrArray) reasons = verdict_reasons(sc, m);

	for (guint i = 0; i < reasons->len; i++)
		fprintf(stderr, "%s: %s%s%s\n", g_get_prgname(), run ? run : "", run ? ": " : "",
		        (char *)reasons->pdata[i]);
	return reasons->len;
}
