/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interpreter: walks through a script's events in simulated time. */
#include "pkt/run.h"

#include <stdio.h>

#include "pkt/code.h"
#include "pkt/conf.h"
#include "pkt/conn.h"
#include "pkt/frames.h"
#include "pkt/machine.h"
#include "pkt/verify.h"
#include "pkt/worker.h"

enum {
	SETTLE_US = 20,    /* what the machine may need to take in a packet or to finish a call */
	ANY_TIME_S = 7300, /* how long "*" waits */
};

/* --- time ------------------------------------------------------------------------------------- */

static void wake(void *arg) {
	struct run *r = arg;

	sim_wake(r->m.sim, r->proc);
}

/* When an event is to happen. */
static void event_dates(const struct run *r, const struct event_time *t, sim_time *from,
                        sim_time *until) {
	sim_time origin = t->kind == TIME_RELATIVE ? r->base : r->start;

	*from = t->kind == TIME_ANY ? r->base : origin + t->at;
	*until = t->kind == TIME_ANY ? r->base + ANY_TIME_S * SIM_S
	         : t->range          ? origin + t->until
	                             : *from;
}

/* --- the wire --------------------------------------------------------------------------------- */

static void frame_arrived(void *arg, struct frame *f) {
	struct run *r = arg;
	struct seen *seen;

	if (packet_answer_arp(r, f))
		return;
	seen = g_new(struct seen, 1);
	*seen = (struct seen){f, sim_now(r->m.sim)};
	g_queue_push_tail(&r->wire, seen);
	sim_wake(r->m.sim, r->proc);
}

static const struct port_ops wire_ops = {.receive = frame_arrived};

static void flush_wire(struct run *r) {
	struct seen *seen;

	while ((seen = g_queue_pop_head(&r->wire))) {
		frame_free(seen->frame);
		g_free(seen);
	}
}

/* --- events ----------------------------------------------------------------------------------- */

static void settle(struct run *r) {
	run_wait(r, sim_now(r->m.sim) + SETTLE_US * SIM_US, NULL, NULL);
}

static bool inject(struct run *r, const struct event *ev) {
	struct conn *c = conn_for(r, ev);

	if (!c || !packet_send(r, c, ev))
		return false;
	settle(r);
	return !r->error;
}

static bool shell_line(const struct script *script, struct net_params *params,
                       const struct event *ev) {
	g_autofree char *note = run_conf_shell(params, ev->text);

	if (note)
		printf("note %s:%u: %s\n", script->file, ev->line, note);
	return true;
}

static bool run_event(struct run *r, const struct event *ev) {
	sim_time from, until;

	event_dates(r, &ev->time, &from, &until);
	if (from > SCRIPT_SECONDS_MAX * SIM_S)
		return run_skip(r, ev->line, "dates beyond %d s", SCRIPT_SECONDS_MAX);
	if (ev->kind == EVENT_PACKET && !ev->packet.inbound)
		return verify_outbound(r, ev, from, until);
	/* A call belongs at the beginning of its range. */
	if (ev->time.kind != TIME_ANY)
		run_wait(r, from, NULL, NULL);
	if (r->error)
		return false;
	r->base = MAX(from, sim_now(r->m.sim) - SETTLE_US * SIM_US);
	switch (ev->kind) {
	case EVENT_PACKET:
		return inject(r, ev);
	case EVENT_CALL:
		return call_event(r, ev, from);
	case EVENT_SHELL:
		return shell_line(r->script, net_stack_params(r->m.stack), ev);
	case EVENT_CODE:
		return code_run(r, ev);
	}
	return false;
}

static void interpret(void *arg) {
	struct run *r = arg;

	r->proc = sim_self(r->m.sim);
	r->start = r->base = SIM_S;
	run_wait(r, r->start, NULL, NULL);
	for (guint i = 0; i < r->script->events->len && !r->error; i++)
		run_event(r, r->script->events->pdata[i]);
	if (!r->error)
		workers_finish(r);
	if (!r->error && r->conf.complete) {
		settle(r);
		verify_rest(r);
	}
	if (!r->error) {
		workers_stop(r);
		settle(r);
	}
	r->finished = true;
	sim_stop(r->m.sim);
}

/* --- life ------------------------------------------------------------------------------------- */

static bool apply_options(struct run_conf *conf, const struct script *script, GError **error) {
	for (guint i = 0; i < script->options->len; i++) {
		const struct script_option *option = script->options->pdata[i];

		if (!run_conf_option(conf, option->name, option->value, error)) {
			g_prefix_error(error, "%s:%u: ", script->file, option->line);
			return false;
		}
	}
	for (guint i = 0; i < script->init->len; i++)
		shell_line(script, &conf->net, script->init->pdata[i]);
	return true;
}

static void run_free(struct run *r) {
	flush_wire(r);
	for (unsigned i = 0; i < WORKERS; i++)
		g_free(r->workers[i].complaint);
	g_hash_table_unref(r->fds);
	g_hash_table_unref(r->listeners);
	g_hash_table_unref(r->bound);
	g_ptr_array_unref(r->conns);
	g_hash_table_unref(r->variables);
}

/* Of a script that fails, too. */
static void tell_trace(struct trace_file *trace) {
	int error = trace ? trace_file_end(trace) : 0;

	if (trace && !error)
		error = trace_file_keep(trace);
	if (error)
		fprintf(stderr, "sopsim pkt: --trace: %s; allowed: a file that can be written\n",
		        g_strerror(error));
}

enum outcome run_script(const struct script *script, const struct run_conf *conf, char **message) {
	struct run r = {.script = script, .conf = *conf};
	enum outcome outcome = OUTCOME_PASSED;

	*message = NULL;
	if (!apply_options(&r.conf, script, &r.error)) {
		outcome = (enum outcome)r.error->code;
		*message = g_strdup(r.error->message);
		g_clear_error(&r.error);
		return outcome;
	}
	r.fds = g_hash_table_new(NULL, NULL);
	r.listeners = g_hash_table_new(NULL, NULL);
	r.bound = g_hash_table_new(NULL, NULL);
	r.conns = g_ptr_array_new_with_free_func(conn_free);
	r.variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (machine_new(&r.m, &r.conf, &r.error)) {
		port_attach(r.m.far, &wire_ops, &r);
		sim_event_init(&r.alarm, wake, &r);
		workers_start(&r);
		r.proc = sim_spawn(r.m.sim, interpret, &r);
	}
	if (conf->trace)
		trace_file_begin(conf->trace, r.m.sim);
	sim_run(r.m.sim, SIM_NEVER);
	tell_trace(conf->trace);
	if (!r.error && !r.finished)
		g_set_error(&r.error, SCRIPT_ERROR, OUTCOME_FAILED,
		            "%s: the machine came to rest before the script's end", script->file);
	if (r.error) {
		outcome = (enum outcome)r.error->code;
		*message = g_strdup(r.error->message);
		g_clear_error(&r.error);
	} else {
		/* What a failure leaves half done goes with the operating system's process. */
		machine_free(&r.m);
	}
	run_free(&r);
	return outcome;
}
