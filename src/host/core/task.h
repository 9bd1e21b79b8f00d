/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tasks: processes and kernel threads; the run queue, signals.  (Sleeping: wait.h.)
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
#include "host/core/wait.h"

struct files;

/* What tasks need of descriptor tables, which the core does not know: a process gets one, fork()
 * copies it, exit closes all in it and frees it. */
struct files_ops {
	struct files *(*open)(struct kernel *k);
	struct files *(*copy)(struct files *files);
	struct files *(*share)(struct files *files); /* one more task has it; each closes it once */
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
/* Waits for a child (pid > 0) or any (-1): its pid, -ECHILD, -EINTR; WNOHANG gives 0, WNOWAIT leaves it
 * to be waited for again.  A program that never waits sets SIGCHLD to SIG_IGN and its children vanish. */
pid_t sys_waitpid(struct task *me, pid_t pid, int *status, int options);
/* For tests, whose programs are C: ends the calling process at once. */
void sys_exit(struct task *me, int status) __attribute__((noreturn));

struct kernel *task_kernel(const struct task *task);
pid_t task_pid(const struct task *task);
const char *task_name(const struct task *task);
struct files *task_files(const struct task *task);
struct task *task_by_pid(const struct kernel *k, pid_t pid);
/* The task with the lowest pid above `pid`; NULL if there is none. */
struct task *task_after(const struct kernel *k, pid_t pid);
bool capable(const struct task *task); /* root's rights; tasks start with them */
/* As a program's change of users leaves them. */
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

/* --- programs' odds and ends -------------------------------------------------------------- */

/* Time of day in the simulation; settles the caller's charges first. */
sim_time sys_gettime(struct task *me);

/* The date at which all that the task has been charged for is paid: a stop-watch that costs the
 * simulated machine nothing, for programs that measure single operations. */
sim_time task_stopwatch(struct task *me);

int sys_nanosleep(struct task *me, sim_time duration); /* -EINTR */
/* Any other that can run runs first. */
void sys_sched_yield(struct task *me);
/* Work in user mode: cost `id` for `bytes`. */
void user_charge(struct task *me, unsigned id, size_t bytes);
/* The same for work that lasts `time`, whatever the cost's value. */
void user_charge_time(struct task *me, unsigned id, sim_time time);

/* Bracket every system call: the mode, COST_SYSCALL, signals on the way out.  Traces know it by the
 * name of the function that it is entered from, without its sys_. */
#define syscall_enter(me) syscall_enter_as((me), __func__)
void syscall_enter_as(struct task *me, const char *name);
void syscall_exit(struct task *me);

#endif
