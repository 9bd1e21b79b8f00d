/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals: masks, handlers and delivery stay in the real kernel.  A thread whose call was received is not
 * disturbed by one (WAIT_KILLABLE_RECV), so what is sent to it stays pending; it is asked whether it
 * would be taken, and if so the call ends, in simulated time.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/realfd.h"
#include "exec/signals.h"
#include "exec/status.h"
#include "exec/thread.h"
#include "exec/tsc.h"

#define BIT(sig) (UINT64_C(1) << ((sig)-1))

/* Without a handler these do nothing (or stop, which is not modelled). */
static const uint64_t harmless = BIT(SIGCHLD) | BIT(SIGURG) | BIT(SIGWINCH) | BIT(SIGCONT) |
                                 BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU);

bool signal_due(const struct thread *t) {
	g_autofree char *text = status_text(t->process->pid, t->tid);
	uint64_t pending, all, blocked, ignored, caught;

	if (!text)
		return true; /* it is no more */
	blocked = t->masked ? t->mask : status_mask(text, "\nSigBlk:");
	all = status_mask(text, "\nSigPnd:") | status_mask(text, "\nShdPnd:");
	if (all & t->awaited)
		return true;
	pending = all & ~blocked;
	ignored = status_mask(text, "\nSigIgn:");
	caught = status_mask(text, "\nSigCgt:");
	return (pending & caught) || (pending & ~caught & ~ignored & ~harmless);
}

bool signal_is_survived(const struct thread *t, int sig) {
	g_autofree char *text = status_text(t->process->pid, t->tid);

	if (sig < 1 || sig >= NSIG || !text)
		return sig == 0;
	return (status_mask(text, "\nSigCgt:") | status_mask(text, "\nSigIgn:") |
	        status_mask(text, "\nSigBlk:") | harmless) &
	       BIT((unsigned)sig);
}

void signal_sent(struct task *task, int sig) {
	struct thread *t = thread_of(task);

	/* The real kernel has sent SIGCHLD itself. */
	if (sig != SIGCHLD)
		syscall(SYS_tgkill, t->process->pid, t->tid, sig);
	if (signal_due(t))
		task_interrupt(task);
	real_look(exec_of(t));
}

/*
 * Who was sent a fatal signal dies at once, but not in no time.  A thread whose call is held sleeps
 * undisturbed (S, or D when a signal has come); one that does not, or that SIGKILL waits for, as for all
 * threads of who dies, or that is on its way out, where it may sleep too, is waited for, so that what
 * follows does not depend on how fast the real kernel is.
 */
static void await_death(const struct thread *t) {
	struct pollfd pfd = {t->process->pidfd, POLLIN, 0};

	for (unsigned tries = 0; tries < 10000; tries++) {
		tsc_attend(exec_of(t));
		g_autofree char *text = status_text(t->process->pid, t->tid);
		const char *state = text ? strstr(text, "\nState:\t") : NULL;

		if (!state || state[8] == 'Z' || poll(&pfd, 1, 0) > 0)
			return;
		if ((state[8] == 'S' || state[8] == 'D') &&
		    !(status_mask(text, "\nSigPnd:") & BIT(SIGKILL)) &&
		    !status_exits(t->process->pid, t->tid))
			return;
		usleep(100);
	}
}

static bool process_is_dead(const struct process *process) {
	struct pollfd pfd = {process->pidfd, POLLIN, 0};

	return poll(&pfd, 1, 0) > 0;
}

pid_t signals_outer(const struct thread *t, pid_t inner) {
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, exec_of(t)->threads);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct thread *other = value;

		if (other->inner == inner && kernel_of(other) == kernel_of(t))
			return other->tid;
	}
	return 0;
}

void signals_come(const struct process *process) {
	GList *all = threads_in_order(process->program->exec);

	for (GList *link = all; link; link = link->next) {
		struct thread *t = link->data;

		if (t->process != process || process->dead || !t->task || t->ended ||
		    !signal_due(t))
			continue;
		task_interrupt(t->task);
		break;
	}
	g_list_free(all);
	real_look(process->program->exec);
}

void signals_look(struct thread *t) {
	GList *all = threads_in_order(exec_of(t));

	for (GList *link = all; link; link = link->next) {
		struct thread *other = link->data;

		if (other == t || other->ended)
			continue;
		if (!other->process->dead)
			await_death(other);
		if (!other->process->dead && process_is_dead(other->process))
			process_died(other->process);
		else if (!other->process->dead && other->task && signal_due(other))
			task_interrupt(other->task);
	}
	g_list_free(all);
	real_look(exec_of(t));
}
