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
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "exec/exec.h"
#include "host/core/clone.h"
#include "host/file/fd.h"
#include "host/file/file_syscalls.h"
#include "host/socket/syscalls.h"

/* Pids of real processes begin here, in the machine's pid namespace and in its task table. */
#define PID_OUTSIDE 10000

/* The simulated clock's zero: 2005-01-01 00:00:00 UTC. */
#define EPOCH_S INT64_C(1104537600)

struct exec {
	struct sim *sim;
	char *hosts;
	FILE *log;
	const char *(*whose)(const struct socket *sock);
	char *(*proc_net)(struct kernel *k, const char *name);
	gsl_rng *rng;
	GPtrArray *machines, *programs;
	GHashTable *threads; /* struct thread by tid */
	GList *asked;        /* struct realfd that somebody waits for */
	bool stirred;        /* a call was passed, which may have changed their states */
	timer_t tick;        /* ends a wait for a call (notify.c) */
	GHashTable *futexes; /* futex.c */
	GHashTable *told;    /* names of calls that were refused */
	int placeholder;     /* what stands for a simulated file in the real table */
	cpu_set_t *old_cpus; /* where this process was allowed to run; NULL: as ever */
};

/* A simulated machine's namespaces. */
struct machine {
	struct exec *exec;
	struct kernel *kernel;
	pid_t init;          /* its first process, which holds them */
	int control;         /* talks to it */
	GHashTable *zombies; /* of the machine's pids: the simulator's, until their parents wait */
};

struct exec_program {
	struct exec *exec;
	struct machine *machine;
	char *name;
	struct exec_program_conf conf; /* without its texts */
	int listener;
	int output[2];  /* files behind standard output and errors */
	off_t shown[2]; /* what of them was handed on */
	bool wrote;     /* since it was looked at */
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
	uint64_t mm; /* names its memory: threads and vfork share */
	struct thread *leader;
	struct alarm *alarm; /* calls_time.c; NULL: none */
};

/* A call that was received; and what is known of how to answer it. */
struct call {
	uint64_t id;
	int nr;
	uint64_t arg[6];
	bool answered; /* by its handler */
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
	uint64_t mask;    /* of signals, while the call changes it ... */
	bool masked;      /* ... if it does */
	bool shares;      /* its futex() may be on memory that processes share */
	uint64_t clear_tid;
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

/* --- answers -------------------------------------------------------------------------------- */

/* What handlers return besides a value or a negative errno: the real kernel does it. */
#define PASS (INT64_MIN + 1)
/* The call is begun anew after a signal's handler, or gives EINTR: its action says. */
#define RESTART (-512)

typedef int64_t (*handler)(struct thread *t, const uint64_t *arg);

enum call_class { CLASS_ALLOWED, CLASS_PASSED, CLASS_SIMULATED, CLASS_ANSWERED, CLASS_REFUSED };

struct call_row {
	int nr;
	const char *name;
	enum call_class class;
	handler handler;    /* NULL: passed, or `answer` */
	int answer;         /* of those answered or refused: 0 or a negative errno */
	const char *format; /* a letter per argument: log.c */
};

/* The row of a number; NULL: none. */
const struct call_row *call_row(int nr);
/* All of them, for the filter. */
extern const struct call_row call_rows[];
extern const size_t n_call_rows;

/* --- launch.c, sandbox.c, filter.c ------------------------------------------------------------- */

void machine_end(struct machine *machine);
/* In the machine's init: makes its file system.  False and errno. */
bool sandbox_make(const char *hosts, const char *folder);
/* The calling process's calls are notified from now on: the listener, or -1 and errno. */
int filter_install(void);

/* The last number of a line of /proc/TID/status whose name, behind a line's end, is given; -1: none. */
int status_number(pid_t tid, const char *name);

/* --- notify.c ---------------------------------------------------------------------------------- */

/* Waits for calls are ended now and then from now on; no more. */
void notify_init(struct exec *exec);
void notify_exit(struct exec *exec);
/* Receives until `t` has made a call; false: it is dead. */
bool thread_await(struct thread *t);
/* After an answer that made another thread: it, when it was seen; NULL: it was not made after all. */
struct thread *thread_await_born(struct thread *t, bool waits);
/* Lets the real kernel do the call that is served, now. */
void answer_pass(struct thread *t);
void answer_value(struct thread *t, int64_t value);
/* Puts a placeholder at `fd` (-1: the lowest free one) of the thread's table: the number, or -errno. */
int place(struct thread *t, int fd, bool cloexec);

/* --- thread.c ---------------------------------------------------------------------------------- */

struct thread *thread_new(struct exec_program *program, struct process *process, pid_t tid,
                          pid_t inner);
struct process *real_process_new(struct exec_program *program, pid_t pid);
/* Where a new descriptor goes: asks the real table (fd_number_by()). */
int number_at(struct task *me, unsigned from);
void alarm_free(struct process *process);
void process_put(struct process *process);
/* All, by pid, which is the same order in each run; the list is to be freed. */
GList *threads_in_order(const struct exec *exec);
/* A task's code: a thread's life. */
int thread_main(struct task *me, void *thread);
struct thread *thread_of(struct task *task);
/* The process is dead for real: its tasks come to know. */
void process_died(struct process *process);

/* --- memory.c, image.c ------------------------------------------------------------------------- */

/* Copies from and to the thread's memory: 0 or -EFAULT. */
int mem_read(const struct thread *t, uint64_t addr, void *to, size_t len);
int mem_write(const struct thread *t, uint64_t addr, const void *from, size_t len);
/* A string of less than `size` bytes: its length, -EFAULT or -ENAMETOOLONG. */
ssize_t mem_string(const struct thread *t, uint64_t addr, char *to, size_t size);
/* The thread's buffer, of at least `len` bytes. */
void *mem_buffer(struct thread *t, size_t len);
/* A vector of the program's: its length in bytes, or a negative errno.  To be freed. */
ssize_t mem_vector(const struct thread *t, uint64_t addr, uint64_t n, struct iovec **iov);
/* Gathers up to `len` bytes from a vector, or scatters them: 0 or -EFAULT. */
int mem_gather(const struct thread *t, const struct iovec *iov, uint64_t n, void *to, size_t len);
int mem_scatter(const struct thread *t, const struct iovec *iov, uint64_t n, const void *from,
                size_t len);

/* Whether the process's image was made ready; makes it ready. */
bool image_is_ready(const struct thread *t);
void image_make_ready(const struct thread *t);

/* --- realfd.c ---------------------------------------------------------------------------------- */

/* The file behind a descriptor of the program's, simulated or real; NULL: there is none. */
struct file *file_at(struct thread *t, int fd);
bool file_is_real(const struct file *file);
/* Whether a call that reads (O_RDONLY) or writes (O_WRONLY) cannot block. */
bool real_never_blocks(const struct file *file, int mode);
/* Whether it can be waited for at all: no regular file. */
bool real_can_wait(const struct file *file);
/* Waits in simulated time until the real file is ready for `events`: 0, -EINTR. */
int real_wait(struct thread *t, struct file *file, short events);
/* Writes without blocking, waiting in between. */
int64_t real_write(struct thread *t, struct file *file, const struct iovec *iov, uint64_t n,
                   size_t len);
/* Something was done for real: who waits for real files may be woken. */
void real_look(struct exec *exec);
/* A call used it: its state is not known any more. */
void real_used(struct file *file);
/* Real files are looked up anew: after exec. */
void real_forget_all(struct thread *t);
/* The simulator's own duplicate of the program's descriptor; -1: none. */
int real_dup(const struct thread *t, int fd);
/* Simulated files: of random bytes; of a text, which it frees. */
struct file *random_file(struct thread *t);
struct file *text_file(struct thread *t, char *text);

/* --- signals.c, futex.c -------------------------------------------------------------------------- */

/* What is sent to a task of this room. */
void signal_sent(struct task *task, int sig);
/* Whether the thread would take a signal if it returned to user mode now. */
bool signal_due(const struct thread *t);
/* Pending signals of the thread and its process. */
uint64_t signals_pending(const struct thread *t);
/* A pid or thread of the thread's machine as the simulator sees it; 0: there is none. */
pid_t signals_outer(const struct thread *t, pid_t inner);
/* Signals were sent for real: those of all others that would be taken end calls. */
void signals_look(struct thread *t);

void futex_init(struct exec *exec);
void futex_exit(struct exec *exec);
/* The kernel has cleared a dead thread's word: who waits for it is woken. */
void futex_wake_all(struct thread *t, uint64_t addr);

/* --- spin.c ---------------------------------------------------------------------------------- */

/* Nothing has come from the thread for a while: it may compute, and is charged. */
void spin_look(struct thread *t);
/* If it is stopped. */
void spin_go_on(struct thread *t);
/* It has made a call. */
void spin_end(struct thread *t);

/* --- log.c -------------------------------------------------------------------------------------- */

void log_call(struct thread *t, const struct call_row *row, sim_time start, int64_t ret);
/* The text of a call's arguments is kept before it is served: what it reads may be changed. */
void log_begin(struct thread *t, const struct call_row *row);
/* Says once that a call was refused. */
void log_refused(struct thread *t, const char *name);

#endif
