/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's two processes that make the script's calls, one after the other, while the other
 * sleeps in a call that blocks.  What one opens is put into the other's table too, and what one
 * closes is taken out there first, so that both have the same descriptors and the last reference
 * goes where the script says close().
 */
#include "pkt/worker.h"

#include <errno.h>
#include <string.h>

#include "host/file/fd.h"
#include "host/socket/syscalls.h"
#include "pkt/run.h"

enum { CALL_LIMIT_MS = 4 }; /* how long a call that is not to block may take */

static struct worker *other(struct worker *w) { return &w->run->workers[w == w->run->workers]; }

static bool makes_descriptor(const char *name) {
	static const char *const names[] = {"socket", "accept", "accept4", "dup", "open"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The other process gets the new descriptor too. */
static void give_other(struct worker *w, int fd) {
	struct file *file = fd_file(w->task, fd), *old = NULL;

	file_get(file);
	if (fd_install_at(other(w)->task, fd, file, &old) >= 0 && old)
		file_put(old);
}

static void take_from_other(struct worker *w, const struct call *call) {
	const struct expr *arg = call->args->len ? call->args->pdata[0] : NULL;
	gpointer fd;
	struct file *file;

	if (!arg ||
	    !g_hash_table_lookup_extended(w->run->fds, GINT_TO_POINTER((int)arg->value), NULL, &fd))
		return;
	file = fd_remove(other(w)->task, GPOINTER_TO_INT(fd));
	if (file)
		file_put(file);
}

static void make(struct worker *w) {
	const struct call *call = &w->event->call;
	struct run *r = w->run;

	if (g_str_equal(call->name, "close"))
		take_from_other(w, call);
	w->result = call_make(w, call);
	if (w->result < 0 || !makes_descriptor(call->name))
		return;
	give_other(w, (int)w->result);
	if (call->result >= 0) {
		g_hash_table_insert(r->fds, GINT_TO_POINTER((int)call->result),
		                    GINT_TO_POINTER((int)w->result));
		w->result = call->result;
	}
}

static bool has_job(const struct worker *w) { return (w->event || w->probe) && !w->done; }

static int worker_main(struct task *me, void *arg) {
	struct worker *w = arg;
	struct run *r = w->run;

	sys_signal(me, SIGPIPE, SIGNAL_IGNORE);
	while (!r->closing) {
		wait_event(r->m.kernel, &w->jobs, false, has_job(w) || r->closing);
		if (r->closing)
			break;
		if (w->event)
			make(w);
		else
			w->result = sys_getsockopt(me, w->probe->fd, w->probe->level,
			                           w->probe->name, w->probe->value, w->probe->len);
		w->ended = sys_gettime(me);
		w->done = true;
		sim_wake(r->m.sim, r->proc);
	}
	return 0;
}

void workers_start(struct run *r) {
	for (unsigned i = 0; i < WORKERS; i++) {
		struct worker *w = &r->workers[i];

		w->run = r;
		wait_queue_init(&w->jobs);
		w->task = process_start(r->m.kernel, "script", worker_main, w);
	}
}

static bool idle(const struct worker *w) { return !w->event && !w->probe; }

static struct worker *idle_worker(struct run *r) {
	for (unsigned i = 0; i < WORKERS; i++)
		if (idle(&r->workers[i]))
			return &r->workers[i];
	return NULL;
}

static void release(struct worker *w) {
	w->event = NULL;
	w->probe = NULL;
	w->done = w->blocks = false;
	g_clear_pointer(&w->complaint, g_free);
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool check_result(struct worker *w) {
	const struct call *call = &w->event->call;
	struct run *r = w->run;
	int64_t seen = w->result < 0 ? -1 : w->result;
	int error = w->result < 0 ? (int)-w->result : 0;
	unsigned line = w->event->line;

	if (w->result == -ENOSYS)
		return run_skip(r, line, "the system call %s(): %s", call->name, w->complaint);
	if (w->complaint && g_str_has_prefix(w->complaint, "unsupported: "))
		return run_skip(r, line, "%s", w->complaint + strlen("unsupported: "));
	if (!call->any_result && seen != call->result) {
		if (error)
			return run_fail(r, line,
			                "runtime error in %s call: Expected result %" PRId64
			                " but got %" PRId64 " with errno %d (%s)",
			                call->name, call->result, seen, error, g_strerror(error));
		return run_fail(r, line,
		                "runtime error in %s call: Expected result %" PRId64
		                " but got %" PRId64,
		                call->name, call->result, seen);
	}
	if (call->error && call->error != error)
		return run_fail(
			r, line, "runtime error in %s call: Expected errno %d (%s) but got %d (%s)",
			call->name, call->error, errno_name(call->error), error, errno_name(error));
	if (w->complaint)
		return run_fail(r, line, "runtime error in %s call: %s", call->name, w->complaint);
	return true;
}

static bool conclude(struct worker *w) {
	bool good = check_result(w);

	if (good && w->blocks)
		good = run_check_time(w->run, w->event->line, "", "system call return", w->end,
		                      w->end, w->ended, w->begun);
	release(w);
	return good;
}

/* Checks blocking calls that have returned. */
static bool workers_check(struct run *r) {
	for (unsigned i = 0; i < WORKERS; i++) {
		struct worker *w = &r->workers[i];

		if (w->event && w->blocks && w->done && !conclude(w))
			return false;
	}
	return !r->error;
}

bool run_wait(struct run *r, sim_time until, bool (*ready)(struct run *r, const void *arg),
              const void *arg) {
	struct sim *sim = r->m.sim;

	for (;;) {
		if (!workers_check(r))
			return false;
		if (ready && ready(r, arg))
			return true;
		if (sim_now(sim) >= until)
			return false;
		if (until != SIM_NEVER)
			sim_at(sim, &r->alarm, until);
		sim_block(sim);
		sim_cancel(sim, &r->alarm);
	}
}

static bool worker_done(struct run *r, const void *arg) {
	(void)r;
	return ((const struct worker *)arg)->done;
}

static bool worker_idle(struct run *r, const void *arg) {
	(void)r;
	return idle(arg);
}

static bool late(struct worker *w) {
	return run_fail(w->run, w->event->line,
	                "timing error: expected system call return at %.6f sec "
	                "but it has not returned by then; tolerance %.6f sec",
	                run_seconds(w->run, w->end),
	                sim_to_s(run_tolerance(w->run, w->end - w->begun)));
}

bool workers_finish(struct run *r) {
	for (unsigned i = 0; i < WORKERS; i++) {
		struct worker *w = &r->workers[i];

		if (!idle(w) &&
		    !run_wait(r, w->end + run_tolerance(r, w->end - w->begun), worker_idle, w))
			return r->error ? false : late(w);
	}
	return true;
}

void workers_stop(struct run *r) {
	r->closing = true;
	for (unsigned i = 0; i < WORKERS; i++)
		wake_up(r->m.kernel, &r->workers[i].jobs);
}

/* --- making calls ----------------------------------------------------------------------------- */

static void start(struct worker *w) {
	w->done = false;
	wake_up(w->run->m.kernel, &w->jobs);
}

static bool call_now(struct run *r, struct worker *w) {
	/* At once in the machine, and a little more on a card. */
	if (!run_wait(r, sim_now(r->m.sim) + CALL_LIMIT_MS * SIM_MS, worker_done, w)) {
		if (r->error)
			return false;
		return run_fail(r, w->event->line,
		                "runtime error in %s call: it blocks, and the script "
		                "does not say so",
		                w->event->call.name);
	}
	return conclude(w);
}

bool call_event(struct run *r, const struct event *ev, sim_time when) {
	struct worker *w;
	const struct event_time *t = &ev->time;

	/* One blocking call at a time, as in packetdrill. */
	if (t->blocking && !workers_finish(r))
		return false;
	w = idle_worker(r);
	if (!w)
		return run_fail(r, ev->line, "two system calls block already");
	if (t->kind == TIME_ABSOLUTE && !run_check_time(r, ev->line, "", "system call start", when,
	                                                when, sim_now(r->m.sim), r->base))
		return false;
	w->event = ev;
	w->blocks = t->blocking;
	w->begun = when;
	w->end = t->kind == TIME_RELATIVE ? when - t->at + t->end : r->start + t->end;
	start(w);
	if (!t->blocking)
		return call_now(r, w);
	/* Let it begin before the next event. */
	run_wait(r, sim_now(r->m.sim) + 20 * SIM_US, NULL, NULL);
	return !r->error;
}

int worker_getsockopt(struct run *r, int fd, int level, int name, void *value, int *len) {
	const struct probe probe = {fd, level, name, len, value};
	struct worker *w = idle_worker(r);
	int result;

	if (!w)
		return -EBUSY;
	w->probe = &probe;
	w->blocks = false;
	start(w);
	if (!run_wait(r, sim_now(r->m.sim) + CALL_LIMIT_MS * SIM_MS, worker_done, w))
		return -ETIMEDOUT;
	result = (int)w->result;
	release(w);
	return result;
}
