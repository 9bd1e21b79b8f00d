/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thread that computes for long, or waits for another by looking again and again, makes no call, and
 * the simulator would stand for ever.  When it has used that much of its own processor time it is
 * stopped, charged a slice of user time, in which others run, and goes on.  When that is depends on the
 * real machine: such a run is told not to be repeatable.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/memory.h"
#include "exec/spin.h"
#include "exec/table.h"
#include "exec/tsc.h"

#define AGAIN_NS INT64_C(20000000) /* after the first slice, to the next call */

/* So many looks in a row at a thread that has not run. */
#define IDLE_TICKS 500

/* Processor time that the thread has used. */
static int64_t used_ns(const struct thread *t) {
	g_autofree char *path =
		g_strdup_printf("/proc/%d/task/%d/schedstat", t->process->pid, t->tid);
	char text[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

	if (fd >= 0)
		close(fd);
	return n > 0 ? atoll(text) : 0;
}

static bool stop(const struct thread *t) {
	int status;

	if (tsc_watches(exec_of(t), t->tid))
		return tsc_stop(exec_of(t), t->tid);
	if (ptrace(PTRACE_SEIZE, t->tid, 0, 0) < 0)
		return false;
	if (ptrace(PTRACE_INTERRUPT, t->tid, 0, 0) == 0 &&
	    waitpid(t->tid, &status, __WALL) == t->tid && WIFSTOPPED(status))
		return true;
	ptrace(PTRACE_DETACH, t->tid, 0, 0);
	return false;
}

static void tell(struct thread *t) {
	struct exec_program *program = t->process->program;

	if (program->result.spins++ == 0)
		fprintf(stderr,
		        "sopsim: [exec %s] computes without system calls: time is charged by the real "
		        "processor, and this run is not repeatable\n",
		        program->name);
}

void spin_end(struct thread *t) {
	t->spun_ns = 0;
	t->idle_ticks = 0;
	t->spins = false;
}

/* A dead one's tracer is to take note of its end, or it would not go. */
void spin_go_on(struct thread *t) {
	mem_forget(exec_of(t));
	if (t->stopped && tsc_watches(exec_of(t), t->tid))
		tsc_go_on(t->tid);
	else if (t->stopped && ptrace(PTRACE_DETACH, t->tid, 0, 0) < 0)
		waitpid(t->tid, NULL, __WALL | WNOHANG);
	t->stopped = false;
}

/* A call that was passed sleeps in the real kernel: nobody here would ever wake it. */
static void end_sleeper(struct thread *t) {
	g_autofree char *path =
		g_strdup_printf("/proc/%d/task/%d/syscall", t->process->pid, t->tid);
	g_autofree char *text = NULL;
	const struct call_row *row;

	/* It has not been disturbed in all that time; one that runs or is notified reads otherwise. */
	if (!g_file_get_contents(path, &text, NULL, NULL) || !g_ascii_isdigit(*text))
		return;
	row = call_row(atoi(text));
	fprintf(stderr, "sopsim: [exec %s] ended: %s sleeps in the real kernel\n",
	        t->process->program->name, row ? row->name : "a call");
	kill(t->process->pid, SIGKILL);
}

void spin_look(struct thread *t) {
	int64_t used = used_ns(t);

	t->idle_ticks = used == t->seen_ns ? t->idle_ticks + 1 : 0;
	t->seen_ns = used;
	if (t->idle_ticks == IDLE_TICKS)
		end_sleeper(t);

	if (!t->spun_ns)
		t->spin_from_ns = used;
	t->spun_ns = MAX(used - t->spin_from_ns, 1);
	if (t->spun_ns < (t->spins ? AGAIN_NS : t->process->program->conf.threads_spin / SIM_NS) ||
	    t->called)
		return;
	if (!stop(t))
		return;
	tell(t);
	t->stopped = t->spins = true;
	t->spun_ns = 0;
	user_charge_time(t->task, COST_USER_WORK, kernel_of(t)->conf.time_slice);
	cpu_settle(kernel_of(t));
	spin_go_on(t);
}
