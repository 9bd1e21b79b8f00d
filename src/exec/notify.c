/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receiving calls and answering them.
 *
 * Whoever waits for its own thread's call receives those of others meanwhile (after clone(), vfork() and
 * exec there may be some), and puts them where their tasks find them: when a task goes on is decided in
 * simulated time, never by who was first here.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "exec/memory.h"
#include "exec/notify.h"
#include "exec/spin.h"
#include "exec/status.h"
#include "exec/table.h"
#include "exec/thread.h"
#include "exec/tsc.h"

#define TICK_MS 20
/* One in so many waits, if any do. */
#define DAWDLES_EVERY 32
/* So long, in ticks, a thread that was made may take to its first call. */
#define BIRTH_TICKS 250

/* A real machine that is slow at the wrong moments. */
static void dawdle(const struct thread *t) {
	sim_time most = t->process->program->conf.jitter;

	if (most > 0 && g_random_int_range(0, DAWDLES_EVERY) == 0)
		usleep((useconds_t)((sim_time)g_random_int_range(0, 1000) * (most / SIM_US) /
		                    1000));
}

/* --- receiving -------------------------------------------------------------------------------- */

static struct thread *first_seen(struct exec_program *program, pid_t tid) {
	const struct exec *exec = program->exec;
	pid_t tgid = status_number(tid, "\nTgid:"), inner = status_number(tid, "\nNSpid:");
	const struct thread *of = g_hash_table_lookup(exec->threads, GINT_TO_POINTER(tgid));
	struct process *process = of ? of->process : real_process_new(program, tgid);

	program->born = thread_new(program, process, tid, inner);
	return program->born;
}

/* Where a call is received, and who sleeps for it. */
static struct seccomp_notif notif;
static pthread_t receiver;
static volatile sig_atomic_t receiving;

/*
 * To receive sleeps until a call comes, and none comes of a thread that has died.  To ask the kernel about
 * both before costs more than to receive; so a timer's signal ends the sleep now and then.  System calls
 * begin anew after it, which nobody else needs to know of; but this one is refused when it does, or when it
 * begins just after the signal, as the kernel wants the place where a call goes to be zero.  (Where
 * simulated processes have stacks of the system's, as under sanitizers, they are threads.)
 */
static void on_tick(int sig) {
	if (receiving && pthread_equal(receiver, pthread_self()))
		notif.flags = 1;
	else if (receiving)
		pthread_kill(receiver, sig);
}

void notify_init(struct exec *exec) {
	struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
	struct itimerspec each = {{0, TICK_MS * 1000000L}, {0, TICK_MS * 1000000L}};

	event._sigev_un._tid = gettid();
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGCHLD, &action, NULL); /* a traced thread has stopped (tsc.c) */
	if (timer_create(CLOCK_MONOTONIC, &event, &exec->tick) < 0)
		g_error("no timer: %s", g_strerror(errno));
	timer_settime(exec->tick, 0, &each, NULL);
}

void notify_exit(struct exec *exec) {
	timer_delete(exec->tick);
	signal(SIGALRM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
}

/* Receives one call; a thread seen first is made.  False: a tick, or the caller has just died. */
static bool receive(struct exec_program *program) {
	struct thread *t;
	int err;

	memset(&notif, 0, sizeof notif);
	receiver = pthread_self();
	receiving = true;
	err = ioctl(program->listener, SECCOMP_IOCTL_NOTIF_RECV, &notif);
	receiving = false;
	if (err < 0)
		return false;
	mem_forget(program->exec);
	t = g_hash_table_lookup(program->exec->threads, GINT_TO_POINTER((pid_t)notif.pid));
	if (!t)
		t = first_seen(program, (pid_t)notif.pid);
	t->next = (struct call){.id = notif.id, .nr = notif.data.nr};
	memcpy(t->next.arg, notif.data.args, sizeof t->next.arg);
	t->called = true;
	return true;
}

/* Waits for something to receive, and does; false after a tick without. */
static bool receive_or_tick(struct exec_program *program, struct process *process) {
	struct pollfd pfd[] = {{program->listener, POLLIN, 0}, {process->pidfd, POLLIN, 0}};
	int n = poll(pfd, 2, TICK_MS);

	if (n > 0 && pfd[0].revents & POLLIN)
		receive(program);
	else if (n > 0 && pfd[1].revents)
		process_died(process);
	return n > 0;
}

bool thread_await(struct thread *t) {
	struct process *process = t->process;

	dawdle(t);
	while (!t->called && !process->dead && !t->gone) {
		tsc_attend(exec_of(t));
		if (!t->doubted && receive(process->program))
			continue;
		t->doubted = true;
		if (!receive_or_tick(process->program, process))
			spin_look(t);
	}
	t->doubted = false;
	if (t->spun_ns || t->spins)
		spin_end(t);
	return t->called && !process->dead;
}

struct thread *thread_await_born(struct thread *t, bool waits) {
	struct exec_program *program = t->process->program;
	struct thread *born;

	for (unsigned ticks = 0; !t->process->dead && ticks < BIRTH_TICKS;) {
		tsc_attend(program->exec);
		if (program->born && (waits || t->called))
			break;
		ticks += !receive_or_tick(program, t->process);
	}
	born = program->born;
	program->born = NULL;
	return born;
}

/* --- answering -------------------------------------------------------------------------------- */

static void answer(struct thread *t, int64_t value, int error, unsigned flags) {
	struct seccomp_notif_resp resp = {
		.id = t->call.id, .val = value, .error = error, .flags = flags};

	t->call.answered = true;
	dawdle(t);
	mem_forget(exec_of(t));
	/* It fails if the thread has died. */
	if (ioctl(t->process->program->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) < 0)
		t->doubted = true;
}

void answer_pass(struct thread *t) {
	if (!t->aside)
		exec_of(t)->stirred = true;
	t->reached = true;
	answer(t, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

void answer_looked_at(struct thread *t, int64_t value) {
	if (value == PASS)
		answer(t, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else
		answer_value(t, value);
}

void answer_value(struct thread *t, int64_t value) {
	if (value < 0 && value >= -4095)
		answer(t, 0, (int)value, 0);
	else
		answer(t, value, 0, 0);
}

int place(struct thread *t, int fd, bool cloexec) {
	struct seccomp_notif_addfd addfd = {
		.id = t->call.id,
		.flags = fd >= 0 ? SECCOMP_ADDFD_FLAG_SETFD : 0,
		.srcfd = (uint32_t)exec_of(t)->placeholder,
		.newfd = fd >= 0 ? (uint32_t)fd : 0,
		.newfd_flags = cloexec ? O_CLOEXEC : 0,
	};
	sigset_t all, old;
	int made;

	/* Who gives it a number may close a real file. */
	if (fd >= 0)
		exec_of(t)->stirred = true;
	t->reached = true;
	/* A signal would end it after the number was given. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	made = ioctl(t->process->program->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd);
	if (made < 0)
		made = -errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return made;
}
