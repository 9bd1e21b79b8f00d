/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals: standard ones, one bit each.  A signal is pending at once when it is sent; its wake-up
 * is charged and deferred like any other (wait.c).  Stopping (SIGSTOP and its kin) is not
 * modelled: these are ignored.
 *
 * Kernel threads take no signals: they see them pending and decide for themselves, as 2.4's
 * daemonized threads do.
 */
#include <errno.h>
#include <glib.h>

#include "host/core/clone.h"
#include "host/core/processor.h"
#include "host/core/task_internal.h"
#include "host/core/work.h"

#define SIGNAL_BIT(sig) (UINT32_C(1) << ((sig) & 31))

/* Default action "ignore" (and "stop"): signal(7). */
static const uint32_t ignored_by_default =
	SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH) | SIGNAL_BIT(SIGCONT) |
	SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU);

static bool is_ignored(const struct task *task, int sig) {
	signal_handler handler = task->handlers[sig];

	if (!task->files) /* a kernel thread */
		return false;
	if (handler == SIGNAL_DEFAULT)
		return ignored_by_default & SIGNAL_BIT(sig);
	return handler == SIGNAL_IGNORE;
}

bool signal_pending(const struct task *task) { return task->signals != 0; }

static void signal_task(struct kernel *k, struct task *task, int sig) {
	task->signals |= SIGNAL_BIT(sig);
	if (task->state == TASK_INTERRUPTIBLE && !task->wake_pending)
		task_wake_charged(k, task);
	else if (k->cpu->running_task == task)
		cpu_kick(k); /* it may be in user mode, which ends here */
}

void send_sig(struct kernel *k, struct task *task, int sig) {
	if (sig < 1 || sig > 31 || task->state == TASK_ZOMBIE || task->exiting)
		return;
	if (task->signal_outside)
		task->signal_outside(task, sig);
	else if (!is_ignored(task, sig))
		signal_task(k, task, sig);
}

void task_signals_outside(struct task *task, void (*sent)(struct task *task, int sig)) {
	task->signal_outside = sent;
}

/* Which signal it was is known elsewhere: bit 0 stands for all. */
void task_interrupt(struct task *task) {
	if (task->state != TASK_ZOMBIE && !task->exiting)
		signal_task(task->kernel, task, 0);
}

void signals_deliver(struct task *task) {
	if (task->signal_outside && signals_due(task)) {
		task->signals = 0;
		charge(task->kernel, COST_SIGNAL, 0);
		return;
	}
	while (signals_due(task)) {
		int sig = g_bit_nth_lsf(task->signals, -1);
		signal_handler handler = task->handlers[sig];

		task->signals &= ~SIGNAL_BIT(sig);
		if (is_ignored(task, sig))
			continue;
		if (handler == SIGNAL_DEFAULT) {
			/* What it was about to do in user mode is not done any more. */
			task->work.head = task->work.end;
			task->status = sig;
			longjmp(task->end, 1);
		}
		charge(task->kernel, COST_SIGNAL, 0);
		handler(task, sig);
	}
}

int sys_signal(struct task *me, int sig, signal_handler handler) {
	if (sig < 1 || sig > 31 || sig == SIGKILL || sig == SIGSTOP)
		return -EINVAL;
	syscall_enter(me);
	me->handlers[sig] = handler;
	if (is_ignored(me, sig))
		me->signals &= ~SIGNAL_BIT(sig);
	syscall_exit(me);
	return 0;
}

static int kill_task(struct task *me, pid_t pid, int sig) {
	struct task *task = task_by_pid(me->kernel, pid);

	if (sig < 0 || sig > 31)
		return -EINVAL;
	if (!task)
		return -ESRCH;
	if (!me->root && task->root)
		return -EPERM;
	if (sig != 0) {
		send_sig(me->kernel, task, sig);
		cpu_settle(me->kernel);
	}
	return 0;
}

int sys_kill(struct task *me, pid_t pid, int sig) {
	int result;

	syscall_enter(me);
	result = kill_task(me, pid, sig);
	syscall_exit(me);
	return result;
}
