/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of this room know of each other.
 *
 * A thread of a real program is a task of the simulated kernel.  The task's code receives the thread's
 * calls, serves them and answers; between an answer and the next call the simulator waits for the
 * thread.  So one real thread runs at a time, but for the moments after clone(), vfork() and exec, when
 * calls of another may come in first: they wait in their thread until its task asks.
 */
#ifndef EXEC_INTERNAL_H
#define EXEC_INTERNAL_H

#include <gsl/gsl_rng.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>

#include "exec/exec.h"
#include "host/core/clone.h"
#include "host/file/fd.h"
#include "host/file/file_syscalls.h"
#include "host/socket/syscalls.h"

/* Pids of real processes begin here, in the machine's pid namespace and in its task table. */
#define PID_OUTSIDE 10000

/* Bytes of a thread's memory (memory.c), as they were when it was looked at; none after another has run. */
#define MEM_AROUND 512U
struct mem_window {
	pid_t tid;
	uint64_t from;
	size_t len; /* 0: none */
	unsigned char bytes[3 * MEM_AROUND];
};

/* A page on which programs of a memory have these rights (pages.c). */
#define MEM_PAGES 128U
struct mem_page {
	uint64_t mm; /* 0: none */
	uint64_t number;
	unsigned rights;
};

struct exec {
	struct sim *sim;
	char *hosts;
	int64_t epoch; /* what the calendar's clock shows when the simulation begins: s since 1970 */
	FILE *log;
	const char *(*whose)(const struct socket *sock, enum exec_about about);
	char *(*proc_net)(struct kernel *k, const char *name);
	bool (*netlink)(struct kernel *k, const struct nlmsghdr *request, uint32_t port,
	                void (*reply)(void *arg, const void *datagram, size_t len), void *arg);
	gsl_rng *rng;
	GPtrArray *machines, *programs;
	GHashTable *threads;   /* struct thread by tid */
	GList *asked;          /* struct realfd that somebody waits for */
	struct sim_event pace; /* looks at input from outside that somebody polls (realfd.c) */
	GPtrArray *
		terminals; /* struct terminal, by the order in which their masters were first used */
	bool stirred;      /* a call was passed, which may have changed their states */
	timer_t tick;      /* ends a wait for a call (notify.c) */
	GHashTable *futexes; /* futex.c */
	bool fifos;          /* somebody has made one ... */
	GList *handed;       /* files under way from process to process (hand.c) */
	GList *openers;      /* ... and those wait for their other ends (calls_fifo.c) */
	GHashTable *told;    /* names of calls that were refused */
	int placeholder;     /* what stands for a simulated file in the real table ... */
	ino_t placeholder_number;
	bool checks;        /* the tables of descriptors, after each call (check.c) */
	GHashTable *traced; /* tids whose time stamp counter is simulated (tsc.c); NULL: none */
	struct mem_window window;
	struct mem_page pages[MEM_PAGES];
	cpu_set_t *old_cpus; /* where this process was allowed to run; NULL: as ever */
};

/* Where a machine can write. */
#define OWN_MOST 6U

/* A simulated machine's namespaces. */
struct machine {
	struct exec *exec;
	struct kernel *kernel;
	char *root; /* the folder that it has for one; NULL: the real machine's */
	pid_t init; /* its first process, which holds them */
	struct wait_queue
		changes;     /* who waits for what only calls of others change, and asks anew */
	int control;         /* talks to it */
	GHashTable *zombies; /* of the machine's pids: the simulator's, until their parents wait */
	GHashTable *attrs;   /* owners and dates of files (attr.c), ... */
	dev_t own[OWN_MOST]; /* ... which lie on those file systems */
	unsigned n_own;
	GHashTable *reached; /* folders that were found to be within somebody's reach (place.c) */
	bool chrooted;       /* the root of some process is another */
	int top;             /* the root of the others, open (place.c); -1: it is not */
};

struct exec_program {
	struct exec *exec;
	struct machine *machine;
	char *name;
	struct exec_program_conf conf; /* without its texts */
	int listener;
	dev_t input_device; /* of its standard input, if the real world writes there ... */
	ino_t input_number;
	bool input_outside; /* ... as it does to a terminal or a pipe */
	int output[2];      /* files behind standard output and errors */
	off_t shown[2];     /* what of them was handed on */
	bool wrote;         /* since it was looked at */
	struct sim_event start;
	struct thread *first;
	struct thread *born; /* seen first, and not yet a task */
	struct exec_result result;
};

struct process {
	struct exec_program *program;
	pid_t pid; /* as the simulator's namespace has it */
	int pidfd;
	int refs;      /* threads, and who waits for its end */
	int n_threads; /* that have not ended */
	bool dead;
	bool vforked; /* its maker sleeps until it execs or ends */
	struct wait_queue vfork_end;
	uint64_t mm;     /* names its memory: threads and vfork share, ... */
	int memory;      /* ... which is open here (pages.c) if this is not -1, ... */
	unsigned copies; /* ... or was copied so often that it might be ... */
	bool left;       /* ... but must not: threads of an older image may be under way yet */
	struct thread *leader;
	struct alarm *alarm; /* calls_time.c; NULL: none ... */
	void (*alarm_free)(struct alarm *alarm);
	GHashTable *timers; /* calls_timer.c: struct timer by id; NULL: none */
	int next_timer;
};

/* A call that was received; and what is known of how to answer it. */
struct call {
	uint64_t id;
	int nr;
	uint64_t arg[6];
	bool answered; /* by its handler */
};

/* Of 2.4's groups that a process is in besides its own. */
#define GROUPS_MOST 32U

/* A thread's user, or its group. */
struct ids {
	uint32_t real, effective, saved, file;
};

/* Its capabilities, a bit each; all of them at first. */
#define RIGHTS_ALL (((uint64_t)2 << CAP_LAST_CAP) - 1)
struct rights {
	uint64_t effective, permitted, inheritable;
	bool keep; /* when no id of its user's is root's any more */
};

/* Who a thread is (calls_ids.c); root at first. */
struct identity {
	struct ids user, group;
	uint32_t groups[GROUPS_MOST];
	unsigned n_groups;
	struct rights rights;
};

static inline bool has_right(const struct identity *who, int cap) {
	return who->rights.effective >> cap & 1;
}

/* A name that a passed call makes (calls_name.c); path NULL: none. */
struct making {
	int dir;
	char *path;
	int64_t date;
};

struct thread {
	struct process *process;
	struct task *task; /* NULL until it first runs */
	pid_t tid, inner;  /* here and in the machine */
	struct call next;  /* received and not yet served ... */
	bool called;       /* ... if there is one */
	bool gone;         /* it ends by a call of its own */
	bool doubted;      /* it may be dead, or die at once */
	bool ended;
	struct call call; /* being served */
	bool cloexec;     /* of the descriptor that the call makes */
	bool aside;       /* the call, though passed, is about no real file */
	struct making making;
	bool expects;         /* files, by a message (hand.c), ... */
	bool expects_cloexec; /* ... which are closed by exec */
	bool reached;         /* the real kernel has done something for it since it was checked */
	uint64_t mask;        /* of signals, while the call changes it ... */
	bool masked;          /* ... if it does; ... */
	uint64_t awaited;     /* signals that the call waits for, which are not taken otherwise */
	bool swapped;         /* a signal ended it under that mask */
	bool shares;          /* its futex() may be on memory that processes share */
	uint64_t clear_tid;
	struct identity who;
	int64_t spin_from_ns, spun_ns; /* processor time without a call (spin.c); 0: not looked */
	int64_t seen_ns;
	unsigned idle_ticks; /* looks at which it had used no more */
	bool spins, stopped;
	GString *text; /* of the call, for the log */
	void *buffer;  /* for what goes between its memory and the kernel */
	size_t buffer_size;
};

static inline struct exec *exec_of(const struct thread *t) { return t->process->program->exec; }
static inline struct kernel *kernel_of(const struct thread *t) {
	return t->process->program->machine->kernel;
}

#endif
