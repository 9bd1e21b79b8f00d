/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals that programs send each other, and wait for.
 *
 * The simulator sends what kills, while all are held: whom it kills is dead before the sender goes on.  What will be
 * handled, or stays blocked, the sender sends itself, since its receiver may look who it was: threads that are
 * cancelled do.
 */
#include <errno.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/notify.h"
#include "exec/realfd.h"
#include "exec/signals.h"
#include "exec/status.h"
#include "exec/thread.h"

/* --- signals ---------------------------------------------------------------------------------------------- */

/* Another task of the machine, which is no real process. */
static bool is_simulated(const struct thread *t, pid_t pid) {
	return pid > 0 && pid < PID_OUTSIDE && task_by_pid(kernel_of(t), pid);
}

/* Whether kill(pid) of `t` means that process. */
static bool is_meant(const struct thread *t, const struct thread *leader, pid_t pid) {
	if (pid > 0)
		return leader->inner == pid;
	if (pid == -1)
		return leader->process != t->process;
	if (pid == 0)
		return getpgid(leader->process->pid) == getpgid(t->process->pid);
	return getpgid(leader->process->pid) == signals_outer(t, -pid);
}

/* The processes that kill(pid) of `t` means, by their first threads; to be freed. */
static GList *all_meant(const struct thread *t, pid_t pid) {
	GList *all = threads_in_order(exec_of(t));

	for (GList *link = all, *next; link; link = next) {
		const struct thread *other = link->data;

		next = link->next;
		if (other != other->process->leader || kernel_of(other) != kernel_of(t) ||
		    !is_meant(t, other, pid))
			all = g_list_delete_link(all, link);
	}
	return all;
}

/* The real call sends it, and those whom it concerns look. */
static int64_t sends_itself(struct thread *t) {
	answer_pass(t);
	thread_await(t);
	signals_look(t);
	return 0;
}

int64_t exec_kill(struct thread *t, const uint64_t *arg) {
	bool zombie = g_hash_table_contains(t->process->program->machine->zombies,
	                                    GINT_TO_POINTER((pid_t)arg[0]));
	int64_t ret = zombie ? 0 : -ESRCH;
	bool survived = true;
	GList *all;

	if (is_simulated(t, (pid_t)arg[0]))
		return sys_kill(t->task, (pid_t)arg[0], (int)arg[1]);
	all = all_meant(t, (pid_t)arg[0]);
	for (const GList *link = all; link; link = link->next)
		survived = survived && signal_is_survived(link->data, (int)arg[1]);
	if (all && survived) {
		g_list_free(all);
		return sends_itself(t);
	}
	for (const GList *link = all; link; link = link->next) {
		const struct thread *other = link->data;

		ret = kill(other->process->pid, (int)arg[1]) < 0 ? -errno : 0;
	}
	g_list_free(all);
	signals_look(t);
	return ret;
}

static int64_t kill_thread(struct thread *t, pid_t inner, int sig) {
	pid_t tid = signals_outer(t, inner);
	const struct thread *other = g_hash_table_lookup(exec_of(t)->threads, GINT_TO_POINTER(tid));

	if (!other)
		return -ESRCH;
	if (signal_is_survived(other, sig))
		return sends_itself(t);
	if (syscall(SYS_tgkill, other->process->pid, tid, sig) < 0)
		return -errno;
	signals_look(t);
	return 0;
}

int64_t exec_tkill(struct thread *t, const uint64_t *arg) {
	return kill_thread(t, (pid_t)arg[0], (int)arg[1]);
}

int64_t exec_tgkill(struct thread *t, const uint64_t *arg) {
	return kill_thread(t, (pid_t)arg[1], (int)arg[2]);
}

/* The descriptor may be one of pidfd_open()'s, or the process's folder in /proc. */
int64_t exec_pidfd_send_signal(struct thread *t, const uint64_t *arg) {
	siginfo_t info = {.si_signo = 0}, *value = arg[2] ? &info : NULL;
	int64_t ret = 0;
	int dup;

	if (value && mem_read(t, arg[2], value, sizeof *value))
		return -EFAULT;
	dup = real_dup(t, (int)arg[0]);
	if (dup < 0)
		return -EBADF;
	if (syscall(SYS_pidfd_send_signal, dup, (int)arg[1], value, (unsigned)arg[3]) < 0)
		ret = -errno;
	close(dup);
	if (ret == 0)
		signals_look(t);
	return ret;
}

/* With a value; `inner` names the thread, or the process by its first. */
static int64_t queue_signal(struct thread *t, pid_t inner, bool thread, int sig, uint64_t addr) {
	pid_t tid = signals_outer(t, inner);
	const struct thread *other = g_hash_table_lookup(exec_of(t)->threads, GINT_TO_POINTER(tid));
	siginfo_t info;
	long ret;

	if (!other)
		return -ESRCH;
	if (mem_read(t, addr, &info, sizeof info))
		return -EFAULT;
	ret = thread ? syscall(SYS_rt_tgsigqueueinfo, other->process->pid, tid, sig, &info)
	             : syscall(SYS_rt_sigqueueinfo, other->process->pid, sig, &info);
	if (ret < 0)
		return -errno;
	signals_look(t);
	return 0;
}

int64_t exec_rt_sigqueueinfo(struct thread *t, const uint64_t *arg) {
	return queue_signal(t, (pid_t)arg[0], false, (int)arg[1], arg[2]);
}

int64_t exec_rt_tgsigqueueinfo(struct thread *t, const uint64_t *arg) {
	return queue_signal(t, (pid_t)arg[1], true, (int)arg[2], arg[3]);
}

/* Sleeps until a signal is due, which the real call then finds. */
static int64_t until_signal(struct thread *t) {
	while (!signal_pending(t->task) && !signal_due(t)) {
		set_task_state(t->task, TASK_INTERRUPTIBLE);
		schedule(kernel_of(t));
	}
	return PASS;
}

int64_t exec_pause(struct thread *t, const uint64_t *arg) { return (void)arg, until_signal(t); }

int64_t exec_rt_sigsuspend(struct thread *t, const uint64_t *arg) {
	t->masked = true;
	if (mem_read(t, arg[0], &t->mask, sizeof t->mask))
		return -EFAULT;
	return until_signal(t);
}

int64_t exec_rt_sigtimedwait(struct thread *t, const uint64_t *arg) {
	sim_time left = SIM_NEVER;
	uint64_t set;

	if (mem_read(t, arg[0], &set, sizeof set))
		return -EFAULT;
	if (arg[2] && read_timespec(t, arg[2], &left))
		return -EINVAL;
	t->awaited = set;
	while (!(status_pending(t->process->pid, t->tid) & set)) {
		if (left == 0)
			return -EAGAIN;
		if (signal_pending(t->task))
			return -EINTR;
		set_task_state(t->task, TASK_INTERRUPTIBLE);
		left = schedule_timeout(kernel_of(t), left);
	}
	return PASS;
}
