/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/world/lessons.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "apps/script.h"
#include "lab/scenario/validate.h"

/* One of these groups alive (group->live). */
struct lesson {
	struct world *world;
	struct group *group;
	struct script *script;
	struct script_run *run;
	struct echo *echo;
	struct sim_event event; /* of [event]; for the others the end of their after-effects */
	unsigned failed, done; /* of events */
	unsigned cut_line;     /* where the end of the run found the program; 0: it had ended */
};

static struct lesson *lesson_new(struct world *world, struct group *group) {
	struct lesson *lesson = g_new0(struct lesson, 1);

	lesson->world = world;
	lesson->group = group;
	group->live = lesson;
	return lesson;
}

/* --- the log ---------------------------------------------------------------------------------- */

static void show_event(void *arg, const struct script_event *event) {
	const struct lesson *lesson = arg;
	g_autoptr(GString) line = NULL;

	if (!lesson->world->shown)
		return;
	line = g_string_new(NULL);
	script_event_format(event, line);
	/* At once: the process of a run ends without flushing. */
	printf("%s\n", line->str);
	fflush(stdout);
}

void lessons_show(struct world *world, void *unused) {
	(void)unused;
	world->shown = true;
}

/* When a program ends, its last packets and the commands that close its sockets are under way. */
#define SETTLE (10 * SIM_MS)

static void settled(void *arg) {
	struct lesson *lesson = arg;

	world_program_done(lesson->world);
}

static void program_done(void *arg) {
	struct lesson *lesson = arg;

	sim_event_init(&lesson->event, settled, lesson);
	sim_after(lesson->world->sim, &lesson->event, SETTLE);
}

static void background_done(void *arg) { (void)arg; }

/* --- programs and commands -------------------------------------------------------------------- */

static struct kernel *machine(const struct world *world, const char *name) {
	return scenario_find(world->sc, TYPE_HOST, name)->live;
}

void lessons_build_program(struct world *world, struct group *group) {
	const struct program_group *p = group->conf;
	struct lesson *lesson = lesson_new(world, group);

	lesson->script = script_read(p->text, NULL);
	world->unfinished += !p->background;
	lesson->run = script_start(machine(world, p->machine), lesson->script, group->name, p->at,
	                           show_event, p->background ? background_done : program_done, lesson);
}

void lessons_build_run(struct world *world, struct group *group) {
	const struct run_group *r = group->conf;
	struct lesson *lesson = lesson_new(world, group);

	world->unfinished++;
	lesson->run = script_start_command(machine(world, r->machine), r->command, group->name, r->at,
	                                   show_event, program_done, lesson);
}

/* --- events ----------------------------------------------------------------------------------- */

static int load(struct lesson *lesson, struct group *target) {
	const struct sop_group *conf = target->conf;
	struct sop_module *sop = target->live;

	if (!sop) {
		sop = target->live = g_new0(struct sop_module, 1);
		sop->kernel = machine(lesson->world, conf->host);
		sop->module = sop_module_new(&conf->conf);
	}
	return module_load(sop->kernel, sop->module);
}

static void tell_event(const struct lesson *lesson, enum script_event_kind kind, const char *who,
                       const char *text) {
	struct script_event event = {
		.kind = kind,
		.when = sim_now(lesson->world->sim),
		.process = who,
		.text = text,
	};

	show_event((void *)lesson, &event);
}

/* What the driver says of a card that an event made useless. */
static void card_is_out(void *arg, const char *why) {
	const struct lesson *lesson = arg;
	const struct event_group *ev = lesson->group->conf;
	g_autofree char *text = g_strdup_printf("taken out: %s", why);

	tell_event(lesson, SCRIPT_END, ev->target, text);
}

static void spoil(struct lesson *lesson, const struct event_group *ev, struct toe *card) {
	toe_on_death(card, card_is_out, lesson);
	if (ev->action == EVENT_FAIL)
		toe_fail(card);
	else if (ev->action == EVENT_REMOVE)
		toe_remove(card);
	else if (ev->action == EVENT_LIE)
		toe_lie(card, (enum comm_fault)ev->lie, ev->time);
	else
		toe_slow(card, ev->factor);
}

static int act(struct lesson *lesson, const struct event_group *ev, struct group *target) {
	const struct sop_module *sop = target->live;

	switch ((enum event_action)ev->action) {
	case EVENT_LOAD:
		return load(lesson, target);
	case EVENT_UNLOAD:
		return sop ? module_unload(sop->kernel, "sop") : -ENOENT;
	case EVENT_INSERT:
		return world_insert_card(lesson->world, target);
	default:
		break;
	}
	if (!target->live)
		return -ENODEV;
	spoil(lesson, ev, target->live);
	return 0;
}

static void happen(void *arg) {
	static const int wanted[] = {0, -EBUSY, -EEXIST, -ENOENT};
	struct lesson *lesson = arg;
	const struct event_group *ev = lesson->group->conf;
	const struct scenario *sc = lesson->world->sc;
	struct group *target = scenario_find(sc, TYPE_TOE, ev->target);
	g_autofree char *text = NULL;
	int rc;

	if (!target)
		target = scenario_find(sc, TYPE_SOP, ev->target);
	rc = act(lesson, ev, target);
	text = g_strdup_printf("%s %s: %s", event_actions[ev->action], ev->target,
	                       rc < 0 ? g_strerror(-rc) : "done");
	tell_event(lesson, SCRIPT_END, lesson->group->name, text);
	lesson->done++;
	if (rc == wanted[ev->expect])
		return;
	lesson->failed++;
	tell_event(lesson, SCRIPT_MISMATCH, lesson->group->name, "expected another result");
}

void lessons_build_event(struct world *world, struct group *group) {
	const struct event_group *ev = group->conf;
	struct lesson *lesson = lesson_new(world, group);

	sim_event_init(&lesson->event, happen, lesson);
	sim_at(world->sim, &lesson->event, ev->at);
}

/* --- peers ------------------------------------------------------------------------------------ */

void lessons_build_echo(struct world *world, struct group *group) {
	const struct echo_group *eg = group->conf;
	struct lesson *lesson = lesson_new(world, group);
	const struct group *peers = scenario_find(world->sc, TYPE_PEER, eg->peer);
	const struct group *target = eg->target ? scenario_machine(world->sc, eg->target) : NULL;
	struct echo_conf conf = eg->conf;
	bool client;

	conf.mode = (enum echo_mode)eg->mode;
	conf.expect = (enum echo_outcome)eg->expect;
	if (target)
		conf.addr = group_address(target).addr;
	client = conf.mode == ECHO_CONNECT || conf.mode == ECHO_UDP_SEND;
	world->unfinished += client;
	lesson->echo = echo_start(((const struct peer_set *)peers->live)->peer[0], group->name, &conf,
	                          show_event, client ? program_done : NULL, lesson);
}

/* --- what came of it -------------------------------------------------------------------------- */

/* A run that has no end of its own cuts nothing short. */
static bool is_cut(const struct lesson *lesson) {
	const struct program_group *p = lesson->group->conf;
	struct script_result r;

	script_result(lesson->run, &r);
	return !r.finished && !lesson->world->open_ended &&
	       !(type_id(lesson->group->type) == TYPE_PROGRAM && p->background);
}

static void tell_standing(void *arg, const char *process, unsigned line, const char *what) {
	struct lesson *lesson = arg;
	g_autofree char *text = g_strdup_printf("cut short in line %u: %s", line, what);

	lesson->cut_line = line; /* the program itself comes last, behind its children */
	show_event(lesson, &(struct script_event){.kind = SCRIPT_MISMATCH,
	                                          .when = sim_now(lesson->world->sim),
	                                          .process = process, .text = text});
}

void lessons_cut(struct world *world) {
	static const enum type_id kinds[] = {TYPE_PROGRAM, TYPE_RUN};
	struct group *group;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		for (unsigned j = 0; (group = scenario_nth(world->sc, kinds[i], j)); j++)
			if (group->live && is_cut(group->live))
				script_standing(((struct lesson *)group->live)->run, tell_standing, group->live);
}

static void tell_run(struct measures *m, const struct group *group, const struct lesson *lesson) {
	bool cut = is_cut(lesson);
	struct script_result r;

	script_result(lesson->run, &r);
	measures_set(m, group->name, "calls", (double)r.calls);
	measures_set(m, group->name, "checks", (double)r.checks);
	measures_set(m, group->name, "unfinished", cut);
	if (lesson->cut_line)
		measures_set(m, group->name, "cut_line", lesson->cut_line);
	measures_set(m, group->name, "failed", (double)r.failed + cut);
}

static void tell_echo(struct measures *m, const struct group *group, const struct lesson *lesson) {
	const struct echo_group *eg = group->conf;
	bool client = eg->mode == ECHO_CONNECT || eg->mode == ECHO_UDP_SEND, cut;
	struct echo_result r;

	echo_result(lesson->echo, &r);
	cut = client && !r.finished && !lesson->world->open_ended;
	measures_set(m, group->name, "connections", (double)r.connections);
	measures_set(m, group->name, "messages", (double)r.messages);
	measures_set(m, group->name, "answers", (double)r.answers);
	measures_set(m, group->name, "bytes", (double)r.bytes);
	measures_set(m, group->name, "wrong_bytes", (double)r.wrong);
	measures_set(m, group->name, "unfinished", cut);
	measures_set(m, group->name, "failed", (double)r.failed + (r.wrong > 0) + cut);
	if (r.answers && client) {
		measures_set(m, group->name, "answer_us", r.answer_us);
		measures_set(m, group->name, "answer_us_max", r.answer_us_max);
	}
}

void lessons_reset(struct group *group) {
	const struct lesson *lesson = group->live;

	if (lesson->echo)
		echo_reset(lesson->echo);
}

void lessons_tell(struct measures *m, const struct group *group) {
	const struct lesson *lesson = group->live;

	if (lesson->run)
		tell_run(m, group, lesson);
	else if (lesson->echo)
		tell_echo(m, group, lesson);
	else
		measures_set(m, group->name, "failed", lesson->failed + (lesson->done == 0));
}

void lessons_free(struct group *group) {
	struct lesson *lesson = group->live;

	if (lesson->run)
		script_run_free(lesson->run);
	else if (lesson->echo)
		echo_free(lesson->echo);
	sim_cancel(lesson->world->sim, &lesson->event);
	if (lesson->script)
		script_drop(lesson->script);
	g_free(lesson);
	group->live = NULL;
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool wrong(const struct group *group, const char *key, const char *why, GError **error) {
	const struct text_entry *entry = text_entry_find(group->text, key);

	if (!entry && group->text->entries->len)
		entry = group->text->entries->pdata[0];
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: [%s] %s: %s",
	            entry ? entry->origin : "scenario", group->text->name, key, why);
	return false;
}

static bool good_program(const struct group *group, GError **error) {
	const struct program_group *p = group->conf;
	g_autoptr(GError) trouble = NULL;
	struct script *script;

	if (!p->text)
		return wrong(group, "text", "missing; allowed: a program, see docs/programs.md", error);
	script = script_read(p->text, &trouble);
	if (!script)
		return wrong(group, "text", trouble->message, error);
	script_drop(script);
	return true;
}

static bool good_event(const struct scenario *sc, const struct group *group, GError **error) {
	const struct event_group *ev = group->conf;
	bool module = ev->action == EVENT_LOAD || ev->action == EVENT_UNLOAD;

	if (!scenario_find(sc, module ? TYPE_SOP : TYPE_TOE, ev->target))
		return wrong(group, "target", module ? "no sop group; allowed: load and unload of sop"
		                                     : "no toe group; allowed: a card", error);
	return true;
}

static bool good_echo(const struct group *group, GError **error) {
	const struct echo_group *eg = group->conf;
	bool client = eg->mode == ECHO_CONNECT || eg->mode == ECHO_UDP_SEND;

	if (client && !eg->target && !eg->conf.addr)
		return wrong(group, "target", "missing; allowed: the interface that it asks", error);
	if (eg->mode == ECHO_UDP_SEND && (eg->conf.bytes == 0 || eg->conf.bytes > 8192))
		return wrong(group, "bytes", "not of a datagram; allowed: 1 to 8192", error);
	if (eg->conf.group && (eg->mode == ECHO_SERVER || eg->mode == ECHO_SINK ||
	                       eg->mode == ECHO_CONNECT))
		return wrong(group, "group", "TCP has none; allowed: with udp-echo, udp-sink, udp-send",
		             error);
	if (eg->conf.group && !IN_MULTICAST(eg->conf.group))
		return wrong(group, "group", "no group; allowed: 224.0.0.0 to 239.255.255.255", error);
	return true;
}

bool lessons_validate(const struct scenario *sc, GError **error) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_PROGRAM, i)); i++)
		if (!good_program(group, error))
			return false;
	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_RUN, i)); i++)
		if (!((const struct run_group *)group->conf)->command)
			return wrong(group, "command", "missing; allowed: a command such as ifconfig", error);
	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_EVENT, i)); i++)
		if (!good_event(sc, group, error))
			return false;
	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_ECHO, i)); i++)
		if (!good_echo(group, error))
			return false;
	return true;
}
