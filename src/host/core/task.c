/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of tasks: start, fork, exit, wait.
 *
 * A task's code is a process of src/sim/, started when the task first gets the processor.  A task
 * may end deep inside of its program (sys_exit(), a fatal signal on the way out of a system call):
 * it then jumps back to its trampoline, task_main(), on the same stack.  The frames between are
 * dropped without clean-up, like a real process's; what they held on the heap is lost, what the
 * kernel holds (descriptors) is closed.  System calls are never jumped over: the jump starts at
 * their very end or in user mode.
 *
 * References: the process table's (until the task is reaped), its own code's (until task_main()
 * is through), and one per wake-up under way.
 */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/wait.h>

#include "host/core/cache.h"
#include "host/core/clone.h"
#include "host/core/processor.h"
#include "host/core/run_queue.h"
#include "host/core/soft_timer.h"
#include "host/core/task_internal.h"
#include "host/core/told.h"
#include "host/core/work.h"

#define PID_MAX 32768  /* 2.4, include/linux/threads.h */
#define PID_FIRST 300  /* 2.4's RESERVED_PIDS: where pids begin again */

/* --- references and table --------------------------------------------------------------------- */

void task_get(struct task *task) { task->refs++; }

/* Its memory, when nobody else will need it. */
void task_release(void *memory) {
	struct task *task = memory;

	g_free(task->work.steps);
	g_free(task);
}

void task_put(struct task *task) {
	struct sched *s = task->kernel->sched;

	if (--task->refs > 0)
		return;
	list_remove(&s->all, &task->in_all);
	if (s->last == task)
		s->last = NULL;
	if (task->name != task->short_name)
		g_free(task->name);
	footprint_end(task->kernel, &task->footprint);
	spare_give(&s->spare_tasks, task, task_release);
}

/* An empty one; it keeps the room for its work, if it had a life before. */
static struct task *task_room(struct sched *s) {
	struct task *task = spare_take(&s->spare_tasks);
	struct work work = {0};

	if (task)
		work = (struct work){.head = task->work.steps,
		                     .end = task->work.steps,
		                     .steps = task->work.steps,
		                     .limit = task->work.limit};
	else
		task = g_new(struct task, 1);
	*task = (struct task){.work = work};
	return task;
}

static void task_rename(struct task *task, const char *name) {
	size_t size = strlen(name) + 1;

	task->name = size <= sizeof task->short_name ? task->short_name : g_malloc(size);
	memcpy(task->name, name, size);
}

static struct task **pid_chain(struct sched *s, pid_t pid) {
	return &s->by_pid[((unsigned)pid ^ (unsigned)pid >> 8) % PID_HASH]; /* pid_hashfn() */
}

static pid_t new_pid(struct kernel *k) {
	struct sched *s = k->sched;
	/* Twice the tasks that may run, so that a free one is always near. */
	pid_t end = s->outside_pids ? s->outside_pids
	                            : MAX(PID_MAX, (pid_t)(2 * k->conf.max_tasks + PID_FIRST));

	do {
		if (++s->last_pid >= end)
			s->last_pid = PID_FIRST;
	} while (task_by_pid(k, s->last_pid));
	return s->last_pid;
}

/* `pid` 0: the next. */
static struct task *task_new(struct kernel *k, pid_t pid, const char *name, program main,
                             void *arg) {
	struct sched *s = k->sched;
	struct task *task = task_room(s);

	task->kernel = k;
	task->pid = task->group = pid ? pid : new_pid(k);
	task_rename(task, name);
	task->main = main;
	task->arg = arg;
	task->refs = 2;
	task->state = TASK_UNINTERRUPTIBLE; /* until start_task() */
	task->root = true;
	task->counter = sched_slice(k, 0);
	list_add_first(&s->all, &task->in_all);
	s->n_tasks++;
	task->pid_next = *pid_chain(s, task->pid);
	*pid_chain(s, task->pid) = task;
	return task;
}

/* Puts a new task on the run queue, behind its maker's charges. */
static void start_task(struct task *task) {
	task_get(task);
	cpu_defer(task->kernel, task_wake_effect, task, NULL);
}

struct task *process_start(struct kernel *k, const char *name, program main, void *arg) {
	return process_start_as(k, 0, name, main, arg);
}

struct task *process_start_as(struct kernel *k, pid_t pid, const char *name, program main,
                              void *arg) {
	struct task *task = task_new(k, pid, name, main, arg);

	task->files = k->files_ops->open(k);
	start_task(task);
	return task;
}

struct task *kernel_thread(struct kernel *k, const char *name, program main, void *arg) {
	struct task *task = task_new(k, 0, name, main, arg), *maker = current_task(k);

	if (k->cpu->code_work)
		charge(k, COST_THREAD, 0);
	if (maker)
		sched_share_slice(k, maker, task);
	start_task(task);
	return task;
}

struct task *task_new_dormant(struct kernel *k, const char *name, int nice, program main,
                              void *arg) {
	struct task *task = task_new(k, 0, name, main, arg);

	task->nice = nice;
	task->counter = sched_slice(k, nice);
	return task;
}

/* --- end -------------------------------------------------------------------------------------- */

/* Out of the process table: nobody can name it any more. */
static void reap(struct task *task) {
	struct sched *s = task->kernel->sched;
	struct task **at = pid_chain(s, task->pid);

	while (*at != task)
		at = &(*at)->pid_next;
	*at = task->pid_next;
	s->n_tasks--;
	task_put(task);
}

static void remove_child(struct task *parent, struct task *child) {
	struct task **at = &parent->children;

	while (*at != child)
		at = &(*at)->sibling;
	*at = child->sibling;
	child->sibling = NULL;
	child->parent = NULL;
}

/* The children go to init, which reaps at once. */
static void abandon_children(struct task *task) {
	while (task->children) {
		struct task *child = task->children;
		remove_child(task, child);
		if (child->state == TASK_ZOMBIE)
			reap(child);
	}
}

/* Tells the parent.  Charged to the dying task, which keeps the processor until that is paid for:
 * the parent cannot reap it before. */
static void notify_parent(struct kernel *k, struct task *task) {
	struct task *parent = task->parent;

	if (parent->handlers[SIGCHLD] == SIGNAL_IGNORE) {
		sched_return_slice(k, parent, task);
		remove_child(parent, task);
	} else {
		send_sig(k, parent, SIGCHLD);
	}
	wake_up(k, &parent->child_exit);
}

static void finish(struct task *task) {
	struct kernel *k = task->kernel;
	struct files *files = task->files;

	task->state = TASK_RUNNING;
	if (!work_empty(&task->work)) /* what the program did comes before its end */
		cpu_settle(k);
	task->exiting = true;
	task_set_footprint(task, 0);
	task->syscall_depth = 1;
	if (files)
		k->files_ops->close(files);
	task->files = NULL;
	cpu_settle(k);
	abandon_children(task);
	task->state = TASK_ZOMBIE;
	if (task->parent)
		notify_parent(k, task);
	cpu_settle(k);
	sched_remove(k, task);
	task_gone(task);
	if (!task->parent)
		reap(task);
	task_put(task);
	cpu_leave_for_good(k);
}

void task_main(void *arg) {
	struct task *task = arg;

	cpu_enter_task(task->kernel, task);
	if (setjmp(task->end) == 0)
		task->status = (task->main(task, task->arg) & 0xff) << 8;
	finish(task);
}

void sys_exit(struct task *me, int status) {
	me->status = (status & 0xff) << 8;
	longjmp(me->end, 1);
}

/* Closes one left-behind task's files; who wants to wait for something is cut off (schedule()). */
static void halt_task(struct task *task) {
	struct kernel *k = task->kernel;

	task->exiting = true;
	task->state = TASK_RUNNING;
	k->sched->current = task;
	k->cpu->code = CODE_TASK;
	if (setjmp(task->end) == 0)
		k->files_ops->close(task->files);
	task->files = NULL;
	k->cpu->code = CODE_DEVICE;
}

void tasks_halt(struct kernel *k) {
	k->cpu->halted = true;
	k->cpu->code_work = NULL;
	for (struct task *task = LIST_FIRST(&k->sched->all, struct task, in_all); task;
	     task = LIST_NEXT(task, struct task, in_all))
		if (task->files)
			halt_task(task);
	k->sched->current = NULL;
}

/* --- system calls ----------------------------------------------------------------------------- */

static struct files *cloned_files(const struct task *me, const struct clone_conf *conf) {
	const struct files_ops *ops = me->kernel->files_ops;

	if (!me->files)
		return ops->open(me->kernel);
	return conf->files ? ops->share(me->files) : ops->copy(me->files);
}

/* What goes from maker to made. */
static void inherit(struct task *child, const struct task *me) {
	child->root = me->root;
	child->epoll = me->epoll;
	for (unsigned sig = 1; sig < G_N_ELEMENTS(child->handlers); sig++)
		child->handlers[sig] = me->handlers[sig];
	child->signal_outside = me->signal_outside;
}

/* Children are a group's: any of its threads may wait for them (sys_wait4() of 2.4). */
static struct task *group_head(struct task *task) {
	struct task *head = task_by_pid(task->kernel, task->group);

	return head ? head : task;
}

static void adopt(struct task *parent, struct task *child) {
	child->parent = parent;
	child->sibling = parent->children;
	parent->children = child;
}

bool tasks_full(const struct kernel *k) { return k->sched->n_tasks >= k->conf.max_tasks; }

static pid_t clone_task(struct task *me, const struct clone_conf *conf, program main, void *arg) {
	struct kernel *k = me->kernel;
	struct task *child;

	if (tasks_full(k))
		return -EAGAIN;
	charge(k, conf->thread ? COST_THREAD : COST_FORK, 0);
	if (!conf->thread)
		footprint_charge(k, footprint_shared(k, FOOTPRINT_FORK));
	cpu_settle(k);
	child = task_new(k, conf->pid, me->name, main, arg);
	child->files = cloned_files(me, conf);
	inherit(child, me);
	sched_share_slice(k, me, child);
	if (conf->thread)
		child->group = me->group;
	else
		adopt(group_head(me), child);
	start_task(child);
	return child->pid;
}

pid_t sys_clone(struct task *me, const struct clone_conf *conf, program main, void *arg) {
	pid_t pid;

	syscall_enter(me);
	pid = clone_task(me, conf, main, arg);
	syscall_exit(me);
	return pid;
}

pid_t sys_fork(struct task *me, program main, void *arg) {
	return sys_clone(me, &(struct clone_conf){.thread = false}, main, arg);
}

void task_pids_from_outside(struct kernel *k, pid_t first) { k->sched->outside_pids = first; }

void task_disown(struct task *me) {
	if (me->parent)
		remove_child(me->parent, me);
}

/* A dead child that matches, else NULL; *any: one that matches exists at all. */
static struct task *find_zombie(const struct task *me, pid_t pid, bool *any) {
	*any = false;
	for (struct task *child = me->children; child; child = child->sibling) {
		if (pid > 0 && child->pid != pid)
			continue;
		*any = true;
		if (child->state == TASK_ZOMBIE)
			return child;
	}
	return NULL;
}

static pid_t reap_child(struct task *me, struct task *child, int *status) {
	pid_t pid = child->pid;

	if (status)
		*status = child->status;
	sched_return_slice(me->kernel, me, child);
	remove_child(me, child);
	reap(child);
	return pid;
}

/* Whether waitpid() has its answer. */
static bool child_found(struct task *me, pid_t pid, int *status, int options, pid_t *result) {
	bool any;
	struct task *child = find_zombie(me, pid, &any);

	if (child && options & WNOWAIT)
		*result = child->pid;
	else if (child)
		*result = reap_child(me, child, status);
	else
		*result = any ? 0 : -ECHILD;
	return *result != 0 || (options & WNOHANG);
}

pid_t sys_waitpid(struct task *me, pid_t pid, int *status, int options) {
	struct task *parent = group_head(me);
	pid_t result = 0;
	int err;

	syscall_enter(me);
	err = wait_event_interruptible(me->kernel, &parent->child_exit, false,
	                               child_found(parent, pid, status, options, &result));
	syscall_exit(me);
	return err ? err : result;
}

sim_time sys_gettime(struct task *me) {
	sim_time now;

	syscall_enter(me);
	cpu_settle(me->kernel);
	now = sim_now(me->kernel->sim);
	syscall_exit(me);
	return now;
}

sim_time task_stopwatch(struct task *me) {
	cpu_settle(me->kernel);
	return sim_now(me->kernel->sim);
}

int sys_nanosleep(struct task *me, sim_time duration) {
	struct kernel *k = me->kernel;
	sim_time left = kernel_ticks_least(k, duration);

	if (duration < 0)
		return -EINVAL;
	syscall_enter(me);
	do {
		me->state = TASK_INTERRUPTIBLE;
		left = schedule_timeout(k, left);
	} while (left > 0 && !signal_pending(me));
	syscall_exit(me);
	return left > 0 ? -EINTR : 0;
}

void syscall_enter_as(struct task *me, const char *name) {
	struct kernel *k = me->kernel;

	if (current_task(k) != me)
		g_error("%s: system call of %s, which does not run", k->name, me->name);
	if (me->syscall_depth > 0) {
		me->syscall_depth++;
		return;
	}
	/* What the program did before comes before the call. */
	if (!work_empty(&me->work))
		cpu_settle(k);
	soft_timers_run(k);
	me->syscall_depth = 1;
	k->cpu->usage.syscalls++;
	task_calls(me, name);
	if (!k->cpu->halted)
		charge(k, COST_SYSCALL, 0);
}

void syscall_exit(struct task *me) {
	struct kernel *k = me->kernel;

	if (--me->syscall_depth > 0)
		return;
	if (signals_due(me)) {
		cpu_settle(k);
		signals_deliver(me);
	}
	/* The return to user mode, after the charges that are left. */
	if (!work_empty(&me->work))
		work_add(&me->work, CPU_USER, COST_NONE, true, 0);
	else if (sched_resched_due(k, me)) {
		work_add(&me->work, CPU_USER, COST_NONE, true, 0);
		cpu_settle(k);
	} else {
		task_call_over(me, sim_now(k->sim));
	}
}

/* --- attributes ------------------------------------------------------------------------------- */

struct kernel *task_kernel(const struct task *task) { return task->kernel; }
pid_t task_pid(const struct task *task) { return task->pid; }
pid_t task_group(const struct task *task) { return task->group; }
void *task_arg(const struct task *task) { return task->arg; }
const char *task_name(const struct task *task) { return task->name; }
struct files *task_files(const struct task *task) { return task->files; }
bool capable(const struct task *task) { return task->root; }
void task_set_capable(struct task *task, bool root) { task->root = root; }
bool task_exiting(const struct task *task) { return task->exiting; }
bool task_has_epoll(const struct task *task) { return task->epoll; }
void task_set_epoll(struct task *task, bool on) { task->epoll = on; }

struct task *task_after(const struct kernel *k, pid_t pid) {
	struct task *next = NULL;

	for (unsigned i = 0; i < PID_HASH; i++)
		for (struct task *task = k->sched->by_pid[i]; task; task = task->pid_next)
			if (task->pid > pid && (!next || task->pid < next->pid))
				next = task;
	return next;
}

struct task *task_by_pid(const struct kernel *k, pid_t pid) {
	struct task *task = *pid_chain(k->sched, pid);

	while (task && task->pid != pid)
		task = task->pid_next;
	return task;
}
