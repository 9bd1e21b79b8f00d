/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has a program told so far, and how is it shown? */
#include "lab/kinds/told.h"

#include <stdio.h>

struct told {
	struct world *world;
	struct script *script; /* NULL: of a command */
	struct script_run *run;
	struct sim_event settled; /* the end of its after-effects */
	bool background;          /* need not end */
	unsigned cut_line;        /* where the end of the run found the program; 0: it had ended */
};

void told_show(const struct world *world, const struct script_event *event) {
	g_autoptr(GString) line = NULL;

	if (world->heard && event->kind == SCRIPT_PRINT)
		world->heard(world->heard_arg, event->text);
	if (!world->shown)
		return;
	line = g_string_new(NULL);
	script_event_format(event, line);
	/* At once: the process of a run ends without flushing. */
	printf("%s\n", line->str);
	fflush(stdout);
}

/* --- life ------------------------------------------------------------------------------------- */

struct told *told_new(struct world *world, struct group *group, bool background) {
	struct told *told = g_new0(struct told, 1);

	told->world = world;
	told->background = background;
	group->live = told;
	if (!background)
		world_program_runs(world);
	return told;
}

void told_take(struct told *told, struct script *script, struct script_run *run) {
	told->script = script;
	told->run = run;
}

void told_event(void *arg, const struct script_event *event) {
	told_show(((const struct told *)arg)->world, event);
}

static void settled(void *arg) { world_program_done(((const struct told *)arg)->world); }

void told_done(void *arg) {
	struct told *told = arg;

	if (told->background)
		return;
	sim_event_init(&told->settled, settled, told);
	sim_after(told->world->sim, &told->settled, SETTLE);
}

void told_free(struct group *group) {
	struct told *told = group->live;

	script_run_free(told->run);
	sim_cancel(told->world->sim, &told->settled);
	if (told->script)
		script_drop(told->script);
	g_free(told);
}

/* --- what came of it -------------------------------------------------------------------------- */

const struct measured told_measures[TOLD_MEASURES] = {
	{.name = "calls",
         .unit = "1",
         .help = "system calls that it made",
         .adds = ADDS_SUM,
         .head = "system calls"},
	{.name = "checks",
         .unit = "1",
         .help = "expectations that were looked at",
         .adds = ADDS_SUM,
         .head = "expectations"},
	{.name = "failed",
         .unit = "1",
         .help = "of them that did not hold, and 1 if it did not end",
         .adds = ADDS_SUM,
         .head = "did not hold"},
	{.name = "unfinished",
         .unit = "1",
         .help = "1: it had not ended when the run was over",
         .adds = ADDS_SUM},
	{.name = "cut_line",
         .unit = "1",
         .help = "the line in which it then stood",
         .adds = ADDS_NOT},
};

/* A run that has no end of its own cuts nothing short. */
static bool is_cut(const struct told *told) {
	struct script_result r;

	script_result(told->run, &r);
	return !r.finished && !told->world->open_ended && !told->background;
}

static void tell_standing(void *arg, const char *process, unsigned line, const char *what) {
	struct told *told = arg;
	g_autofree char *text = g_strdup_printf("cut short in line %u: %s", line, what);

	told->cut_line = line; /* the program itself comes last, behind its children */
	told_show(told->world, &(struct script_event){.kind = SCRIPT_MISMATCH,
	                                              .when = sim_now(told->world->sim),
	                                              .process = process,
	                                              .text = text});
}

void told_over(struct group *group) {
	struct told *told = group->live;

	if (is_cut(told))
		script_standing(told->run, tell_standing, told);
}

void told_tell(struct reading *reading, const struct group *group) {
	const struct told *told = group->live;
	bool cut = is_cut(told);
	struct script_result r;

	script_result(told->run, &r);
	tell(reading, "calls", (double)r.calls);
	tell(reading, "checks", (double)r.checks);
	tell(reading, "unfinished", cut);
	if (told->cut_line)
		tell(reading, "cut_line", told->cut_line);
	tell(reading, "failed", (double)r.failed + cut);
}
