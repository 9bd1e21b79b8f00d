/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes and threads: what the real kernel does to them is done to their tasks too.
 *
 * Around clone(), vfork() and exec two real threads run for a moment.  The task that made the call waits
 * until both have made a call (the new one its first) or sleep in the kernel; then order is decided in
 * simulated time again.
 */
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/image.h"
#include "exec/memory.h"
#include "exec/notify.h"
#include "exec/pages.h"
#include "exec/realfd.h"
#include "exec/signals.h"
#include "exec/status.h"
#include "exec/thread.h"
#include "exec/tsc.h"

/* --- making -------------------------------------------------------------------------------------- */

/* Until a child of vfork() has execed or ended. */
static void await_vforked(struct thread *t, struct process *child) {
	child->refs++; /* it may end meanwhile */
	wait_event(kernel_of(t), &child->vfork_end, false, !child->vforked || t->process->dead);
	process_put(child);
}

/* The real kernel makes it, and so do we: its pid. */
static int64_t make(struct thread *t, uint64_t flags, uint64_t clear_tid) {
	struct clone_conf conf = {.files = flags & CLONE_FILES, .thread = flags & CLONE_THREAD};
	bool waits = flags & CLONE_VFORK;
	struct thread *made;
	int64_t pid;

	if (flags & (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
	             CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_PARENT))
		return -EPERM;
	if (tasks_full(kernel_of(t)))
		return -EAGAIN;
	answer_pass(t);
	made = thread_await_born(t, waits);
	if (!made)
		return -EAGAIN;
	conf.pid = made->inner;
	if (flags & CLONE_CHILD_CLEARTID)
		made->clear_tid = clear_tid;
	if (flags & CLONE_VM)
		made->process->mm = t->process->mm;
	made->process->vforked = waits;
	made->who = t->who;
	pid = sys_clone(t->task, &conf, thread_main, made);
	if (waits)
		await_vforked(t, made->process);
	return pid;
}

int64_t exec_clone(struct thread *t, const uint64_t *arg) { return make(t, arg[0], arg[3]); }
int64_t exec_fork(struct thread *t, const uint64_t *arg) { return (void)arg, make(t, 0, 0); }

int64_t exec_vfork(struct thread *t, const uint64_t *arg) {
	(void)arg;
	return make(t, CLONE_VFORK | CLONE_VM, 0);
}

int64_t exec_clone3(struct thread *t, const uint64_t *arg) {
	struct clone_args args = {0};

	if (mem_read(t, arg[0], &args, MIN((size_t)arg[1], sizeof args)))
		return -EFAULT;
	return make(t, args.flags, args.child_tid);
}

/* 2.4 has none, and to a thread that has one each switch is dearer. */
int64_t exec_rseq(struct thread *t, const uint64_t *arg) { return (void)t, (void)arg, -ENOSYS; }

int64_t exec_set_tid_address(struct thread *t, const uint64_t *arg) {
	t->clear_tid = arg[0];
	return PASS;
}

/* --- exec ------------------------------------------------------------------------------------------- */

/* A new image: descriptors that it does not inherit are closed, who waited in vfork() goes on. */
static void new_image(struct thread *t) {
	struct process *process = t->process;

	image_make_ready(t);
	rights_of_image(t);
	process_new_memory(process);
	process->left |= process->n_threads > 1;
	pages_forget(exec_of(t));
	t->clear_tid = 0;
	g_clear_pointer(&process->timers, g_hash_table_unref);
	for (unsigned fd = 0; fd < fd_capacity(t->task); fd++)
		if (fd_cloexec(t->task, (int)fd))
			sys_close(t->task, (int)fd);
	real_forget_all(t);
	if (process->vforked) {
		process->vforked = false;
		wake_up_all(kernel_of(t), &process->vfork_end);
	}
}

/* Whether it succeeded is seen by the next call: of the old image, or of one that is not ready. */
int64_t exec_execve(struct thread *t, const uint64_t *arg) {
	(void)arg;
	if (!image_is_ready(t))
		image_make_ready(t); /* the launcher's */
	answer_pass(t);
	pages_leave(t->process);
	if (!thread_await(t))
		return 0;
	if (image_is_ready(t))
		return -ENOENT;
	new_image(t);
	return 0;
}

/* --- ending ------------------------------------------------------------------------------------------ */

static void sleep_until_dead(struct thread *t) {
	struct pollfd pfd = {t->process->pidfd, POLLIN, 0};

	while (!t->process->dead && poll(&pfd, 1, 0) == 0) {
		set_task_state(t->task, TASK_INTERRUPTIBLE);
		schedule(kernel_of(t));
	}
}

/* Where its word is cleared it must be gone before anybody hears of it. */
static void await_gone(const struct thread *t) {
	struct timespec moment = {0, 20000};
	struct pollfd pfd = {t->process->pidfd, POLLIN, 0};

	while (syscall(SYS_tgkill, t->process->pid, t->tid, 0) == 0 && poll(&pfd, 1, 0) == 0) {
		nanosleep(&moment, NULL);
		tsc_attend(exec_of(t));
	}
}

int64_t exec_exit(struct thread *t, const uint64_t *arg) {
	struct pollfd pfd = {t->process->pidfd, POLLIN, 0};
	bool last = t->process->n_threads == 1;

	(void)arg;
	t->doubted = last;
	if (last)
		return PASS;
	answer_pass(t);
	if (t == t->process->leader) {
		sleep_until_dead(t); /* its zombie is the process's */
		return 0;
	}
	await_gone(t);
	t->gone = true;
	if (poll(&pfd, 1, 0) > 0)
		process_died(t->process);
	return 0;
}

int64_t exec_exit_group(struct thread *t, const uint64_t *arg) {
	struct pollfd pfd = {t->process->pidfd, POLLIN, 0};

	(void)arg;
	answer_pass(t);
	while (poll(&pfd, 1, exec_of(t)->traced ? 1 : 1000) <= 0)
		tsc_attend(exec_of(t));
	process_died(t->process);
	return 0;
}

/* --- waiting for children ------------------------------------------------------------------------------ */

static gint by_number(gconstpointer a, gconstpointer b) {
	return GPOINTER_TO_INT(a) - GPOINTER_TO_INT(b);
}

/* Whom the real kernel has reaped meanwhile is reaped here: it chooses. */
static void reap_as_real(struct thread *t) {
	GHashTable *zombies = t->process->program->machine->zombies;
	GList *all = g_list_sort(g_hash_table_get_keys(zombies), by_number);

	for (const GList *link = all; link; link = link->next) {
		pid_t inner = GPOINTER_TO_INT(link->data);
		pid_t pid = GPOINTER_TO_INT(g_hash_table_lookup(zombies, link->data));

		if (kill(pid, 0) < 0 && sys_waitpid(t->task, inner, NULL, WNOHANG) != 0)
			g_hash_table_remove(zombies, link->data);
	}
	g_list_free(all);
}

/* Whether a child is dead for real whose task still ends: who was told by SIGCHLD expects to find it. */
static bool one_is_dying(const struct thread *t, pid_t pid) {
	GHashTable *zombies = t->process->program->machine->zombies;
	GList *all = threads_in_order(exec_of(t));
	bool found = false;
	GHashTableIter iter;
	gpointer inner, outer;

	g_hash_table_iter_init(&iter, zombies);
	while (!found && g_hash_table_iter_next(&iter, &inner, &outer))
		found = (pid <= 0 || GPOINTER_TO_INT(inner) == pid) &&
		        status_number(GPOINTER_TO_INT(outer), "\nPPid:") == t->process->pid;
	for (const GList *link = all; link && !found; link = link->next) {
		const struct thread *other = link->data;

		found = other->process->dead && (pid <= 0 || other->inner == pid) &&
		        status_number(other->process->pid, "\nPPid:") == t->process->pid;
	}
	g_list_free(all);
	return found;
}

/* Waits until the real call would not: a zombie, no children, a signal, or it does not wait anyway. */
static int64_t await_child(struct thread *t, pid_t pid, bool reaps, bool hangs) {
	pid_t found = sys_waitpid(t->task, MAX(pid, -1), NULL, WNOWAIT | (hangs ? 0 : WNOHANG));

	if (found == 0 && one_is_dying(t, pid))
		found = sys_waitpid(t->task, MAX(pid, -1), NULL, WNOWAIT);
	if (found == -EINTR)
		return RESTART;
	if (found <= 0)
		return found;
	answer_pass(t);
	if (thread_await(t) && reaps)
		reap_as_real(t);
	return found;
}

int64_t exec_wait4(struct thread *t, const uint64_t *arg) {
	pid_t pid = (pid_t)arg[0];

	return await_child(t, pid ? pid : -1, true, !(arg[2] & WNOHANG));
}

/* The process behind a descriptor of pidfd_open()'s, as the simulator sees it: -EBADF. */
static pid_t process_behind(const struct thread *t, int fd) {
	int dup = real_dup(t, fd);
	g_autofree char *path = g_strdup_printf("/proc/self/fdinfo/%d", dup), *text = NULL;
	const char *line = NULL;

	if (dup >= 0 && g_file_get_contents(path, &text, NULL, NULL))
		line = strstr(text, "\nPid:");
	if (dup >= 0)
		close(dup);
	return line ? atoi(line + strlen("\nPid:")) : -EBADF;
}

/* Which children waitid() waits for, as waitpid() says it. */
static pid_t waited_for(const struct thread *t, const uint64_t *arg) {
	const struct thread *leader;

	if (arg[0] == P_PID)
		return (pid_t)arg[1];
	if (arg[0] != P_PIDFD)
		return -1;
	leader = g_hash_table_lookup(exec_of(t)->threads,
	                             GINT_TO_POINTER(process_behind(t, (int)arg[1])));
	return leader ? leader->inner : -1;
}

int64_t exec_waitid(struct thread *t, const uint64_t *arg) {
	int64_t ret = await_child(t, waited_for(t, arg), !(arg[3] & WNOWAIT), !(arg[3] & WNOHANG));

	if (ret == 0) /* nobody yet: the real call fills in what says so */
		return PASS;
	return MIN(ret, 0);
}

/* --- odds and ends ------------------------------------------------------------------------------------------ */

int64_t exec_sched_yield(struct thread *t, const uint64_t *arg) {
	(void)arg;
	sys_sched_yield(t->task);
	return 0;
}

int64_t exec_getcpu(struct thread *t, const uint64_t *arg) {
	unsigned none = 0;

	for (int i = 0; i < 2; i++)
		if (arg[i] && mem_write(t, arg[i], &none, sizeof none))
			return -EFAULT;
	return 0;
}

int64_t exec_prctl(struct thread *t, const uint64_t *arg) {
	switch (arg[0]) {
	case PR_SET_KEEPCAPS:
		return keep_rights(t, arg[1]);
	case PR_GET_KEEPCAPS:
		return t->who.rights.keep;
	case PR_CAPBSET_DROP: /* the real one's would bind who is root in the sandbox */
		return 0;
	case PR_SET_SECCOMP:
	case PR_SET_TSC:
	case PR_SET_MM:
	case PR_SET_SYSCALL_USER_DISPATCH:
		return -EPERM;
	default:
		return PASS;
	}
}
