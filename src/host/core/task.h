/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tasks: processes and kernel threads; the run queue, wait queues, signals.
 *
 * A task runs only while it has the processor.  It gives it up in schedule() (blocked), at the end
 * of a time slice or for a better task while in user mode, and by ending.  Scheduling follows
 * Linux 2.4: a slice counter per task, recomputed for all when every runnable one has used its up;
 * the runnable task with the largest counter runs; a woken task preempts a task in user mode if
 * its counter is larger.
 */
#ifndef HOST_TASK_H
#define HOST_TASK_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "host/core/cpu.h"

struct kernel;
struct task;
struct files;

/* --- wait queues -------------------------------------------------------------------------- */

/* An entry lives on the waiter's stack or in a poll table. */
struct wait_entry {
	struct task *task;
	bool exclusive; /* wake-one: at most one exclusive waiter is woken per wake_up() */
	struct wait_entry *next, *prev;
};

/* All zero (wait_queue_init) is empty. */
struct wait_queue {
	struct wait_entry *head, *tail;
};

void wait_queue_init(struct wait_queue *wq);
void wait_entry_init(struct wait_entry *entry, struct task *task);
void add_wait_queue(struct wait_queue *wq, struct wait_entry *entry);           /* at the front */
void add_wait_queue_exclusive(struct wait_queue *wq, struct wait_entry *entry); /* at the end */
void remove_wait_queue(struct wait_queue *wq, struct wait_entry *entry);
static inline bool wait_queue_active(const struct wait_queue *wq) { return wq->head; }

/* Wakes all non-exclusive waiters and one exclusive one.  From code on the processor the wake-up
 * is charged (COST_WAKEUP per task woken) and deferred behind the charges so far; from a device's
 * context it acts at once. */
void wake_up(struct kernel *k, struct wait_queue *wq);
/* Wakes everybody: for state changes that concern all (reset, shutdown). */
void wake_up_all(struct kernel *k, struct wait_queue *wq);

/* --- blocking ----------------------------------------------------------------------------- */

enum task_state { TASK_RUNNING, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, TASK_ZOMBIE };

struct task *current_task(const struct kernel *k); /* NULL in interrupt context */
void set_task_state(struct task *task, enum task_state state);

/* Works off the task's charges, then sleeps until woken if the state still says so.  As in Linux:
 * set the state, join the queue, test the condition, schedule(). */
void schedule(struct kernel *k);
/* The same with a limit (SIM_NEVER: none) in ticks, parts of one counted as one, from the last tick on:
 * so it lasts up to a tick less than it says.  Returns how many ticks' time is left, 0 when it
 * expired. */
sim_time schedule_timeout(struct kernel *k, sim_time timeout);
/* Makes a sleeping task runnable; nothing if it does not sleep. */
void wake_up_task(struct kernel *k, struct task *task);

/* What tasks need of descriptor tables, which the core does not know: a process gets one, fork()
 * copies it, exit closes all in it and frees it. */
struct files_ops {
	struct files *(*open)(struct kernel *k);
	struct files *(*copy)(struct files *files);
	void (*close)(struct files *files);
};

/* --- life --------------------------------------------------------------------------------- */

/* A program: returns its exit status. */
typedef int (*program)(struct task *me, void *arg);

/* Starts a process (its own descriptor table, empty) or a kernel thread (none). */
struct task *process_start(struct kernel *k, const char *name, program main, void *arg);
struct task *kernel_thread(struct kernel *k, const char *name, program main, void *arg);

/* fork() as far as a program in C can have one: a child process that runs `main(child, arg)` with
 * copies of the caller's descriptors; charges COST_FORK to the caller.  Returns the pid, -EAGAIN
 * when kernel_conf.max_tasks run. */
pid_t sys_fork(struct task *me, program main, void *arg);
/* Waits for a child (pid > 0) or any (-1): its pid, -ECHILD, -EINTR; WNOHANG gives 0.  A program
 * that never waits sets SIGCHLD to SIG_IGN and its children vanish. */
pid_t sys_waitpid(struct task *me, pid_t pid, int *status, int options);
/* Ends the calling process at once. */
void sys_exit(struct task *me, int status) __attribute__((noreturn));

struct kernel *task_kernel(const struct task *task);
pid_t task_pid(const struct task *task);
const char *task_name(const struct task *task);
struct files *task_files(const struct task *task);
struct task *task_by_pid(const struct kernel *k, pid_t pid);
/* The task with the lowest pid above `pid`; NULL if there is none. */
struct task *task_after(const struct kernel *k, pid_t pid);
bool capable(const struct task *task); /* root's rights; tasks start with them */
void task_set_capable(struct task *task, bool root);
bool task_exiting(const struct task *task);

/* --- signals ------------------------------------------------------------------------------ */

/* A handler runs in the task when it returns to user mode, in no time but COST_SIGNAL. */
typedef void (*signal_handler)(struct task *me, int sig);
#define SIGNAL_DEFAULT ((signal_handler)0)
#define SIGNAL_IGNORE ((signal_handler)1)
#define SIGNAL_MOST 31 /* the real-time signals of 2.4, which queue, are not modelled */

/* Default actions as in Linux (SIGPIPE, SIGTERM, SIGKILL ... end the process, SIGCHLD, SIGURG are
 * ignored). -EINVAL for SIGKILL and out of 1..31. */
int sys_signal(struct task *me, int sig, signal_handler handler);
int sys_kill(struct task *me, pid_t pid, int sig);
void send_sig(struct kernel *k, struct task *task, int sig);
bool signal_pending(const struct task *task);

/* --- programs' odds and ends -------------------------------------------------------------- */

/* Time of day in the simulation; settles the caller's charges first. */
sim_time sys_gettime(struct task *me);

/* The date at which all that the task has been charged for is paid: a stop-watch that costs the
 * simulated machine nothing, for programs that measure single operations. */
sim_time task_stopwatch(struct task *me);

int sys_nanosleep(struct task *me, sim_time duration); /* -EINTR */
/* Work in user mode: cost `id` for `bytes`. */
void user_charge(struct task *me, unsigned id, size_t bytes);

/* Bracket every system call: the mode, COST_SYSCALL, signals on the way out. */
void syscall_enter(struct task *me);
void syscall_exit(struct task *me);

#endif
