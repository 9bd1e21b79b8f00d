/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of real processes and threads, and of the tasks that stand for them.
 */
#include <sched.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/check.h"
#include "exec/futex.h"
#include "exec/log.h"
#include "exec/notify.h"
#include "exec/realfd.h"
#include "exec/sandbox.h"
#include "exec/signals.h"
#include "exec/spin.h"
#include "exec/table.h"
#include "exec/thread.h"
#include "sim/rng.h"

/* --- threads ---------------------------------------------------------------------------------- */

struct thread *thread_new(struct exec_program *program, struct process *process, pid_t tid,
                          pid_t inner) {
	struct thread *t = g_new0(struct thread, 1);

	t->process = process;
	t->tid = tid;
	t->inner = inner;
	process->refs++;
	process->n_threads++;
	if (tid == process->pid)
		process->leader = t;
	program->result.threads++;
	g_hash_table_insert(program->exec->threads, GINT_TO_POINTER(tid), t);
	return t;
}

struct process *real_process_new(struct exec_program *program, pid_t pid) {
	static uint64_t memories;
	struct process *process = g_new0(struct process, 1);

	process->program = program;
	process->pid = pid;
	process->pidfd = pidfd_open(pid, 0);
	process->mm = ++memories;
	wait_queue_init(&process->vfork_end);
	program->result.processes++;
	return process;
}

void process_put(struct process *process) {
	if (--process->refs > 0)
		return;
	if (process->pidfd >= 0)
		close(process->pidfd);
	alarm_free(process);
	posix_timers_free(process);
	g_free(process);
}

static void thread_free(struct thread *t) {
	process_put(t->process);
	g_free(t->buffer);
	if (t->text)
		g_string_free(t->text, TRUE);
	g_free(t);
}

struct thread *thread_of(struct task *task) { return task_arg(task); }

static gint by_pid(gconstpointer a, gconstpointer b) {
	const struct thread *x = a, *y = b;

	return (x->inner > y->inner) - (x->inner < y->inner);
}

GList *threads_in_order(const struct exec *exec) {
	return g_list_sort(g_hash_table_get_values(exec->threads), by_pid);
}

/* --- death -------------------------------------------------------------------------------------- */

void process_died(struct process *process) {
	GList *all = threads_in_order(process->program->exec);

	process->dead = true;
	for (GList *link = all; link; link = link->next) {
		struct thread *t = link->data;

		if (t->process == process && t->task && !t->ended)
			task_interrupt(t->task);
	}
	g_list_free(all);
}

/* Who waits for its end, by vfork() or by the word that the kernel clears. */
static void tell_ended(struct thread *t) {
	struct process *process = t->process;

	if (process->vforked && t == process->leader) {
		process->vforked = false;
		wake_up_all(kernel_of(t), &process->vfork_end);
	}
	if (t->clear_tid)
		futex_wake_all(t, t->clear_tid);
}

/* As waitpid() would give it, while the zombie is there: the last word of its line in /proc. */
static int exit_status(const struct process *process) {
	g_autofree char *path = g_strdup_printf("/proc/%d/stat", process->pid), *text = NULL;
	const char *word;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	word = strrchr(g_strchomp(text), ' ');
	return word ? atoi(word) : 0;
}

/* Hands on what the program has printed since. */
static void program_print(struct exec_program *program) {
	char bytes[4096];
	ssize_t n;

	program->wrote = false;
	for (int i = 0; i < 2; i++)
		while ((n = pread(program->output[i], bytes, sizeof bytes, program->shown[i])) >
		       0) {
			program->shown[i] += n;
			if (program->conf.printed)
				program->conf.printed(program->conf.arg, i + 1, bytes, (size_t)n);
		}
}

static void end(struct thread *t) {
	struct exec_program *program = t->process->program;
	struct kernel *k = kernel_of(t);

	t->ended = true;
	program_print(program);
	syscall_enter(t->task);
	tell_ended(t);
	real_look(program->exec);
	cpu_settle(k);
	/* Its parent ignores SIGCHLD, or has gone: it leaves no zombie. */
	if (t == t->process->leader && kill(t->process->pid, 0) < 0)
		task_disown(t->task);
	else if (t == t->process->leader)
		g_hash_table_insert(program->machine->zombies, GINT_TO_POINTER(t->inner),
		                    GINT_TO_POINTER(t->process->pid));
	t->process->n_threads--;
	syscall_exit(t->task);
	g_hash_table_remove(program->exec->threads, GINT_TO_POINTER(t->tid));
	if (t == program->first) {
		program->result.ended = true;
		program->first = NULL;
		if (program->conf.done)
			program->conf.done(program->conf.arg);
	}
}

/* --- a task's code -------------------------------------------------------------------------------- */

static int64_t serve_row(struct thread *t, const struct call_row *row) {
	struct exec_result *result = &t->process->program->result;
	int64_t ret = PASS;

	result->calls++;
	if (!row || row->class == CLASS_REFUSED) {
		result->refused++;
		log_refused(t, row ? row->name : NULL);
		return row ? row->answer : -ENOSYS;
	}
	if (row->handler)
		ret = row->handler(t, t->call.arg);
	else if (row->class == CLASS_ANSWERED)
		ret = row->answer;
	if (ret == PASS)
		result->passed++;
	return ret;
}

static void finish_call(struct thread *t, int64_t ret) {
	sim_time user = t->process->program->conf.user_cost;

	if (user > 0)
		user_charge_time(t->task, COST_USER_WORK, user);
	if (t->call.answered || t->process->dead)
		return;
	if (ret == PASS)
		answer_pass(t);
	else
		answer_value(t, ret);
}

static void serve(struct thread *t) {
	const struct call_row *row = call_row(t->next.nr);
	struct exec *exec = exec_of(t);
	sim_time start;
	int64_t ret;

	if (exec->checks)
		check_descriptors(t);
	t->call = t->next;
	t->called = false;
	t->masked = t->cloexec = false;
	if (exec->asked && exec->stirred)
		real_look(exec);
	if (t->process->program->wrote)
		program_print(t->process->program);
	syscall_enter(t->task);
	start = sim_now(exec->sim);
	log_begin(t, row);
	ret = serve_row(t, row);
	cpu_settle(kernel_of(t));
	log_call(t, row, start, ret);
	syscall_exit(t->task);
	finish_call(t, ret);
}

int thread_main(struct task *me, void *arg) {
	struct thread *t = arg;
	struct process *process = t->process;
	int status;

	t->task = me;
	task_signals_outside(me, signal_sent);
	task_set_epoll(me, true);
	fd_number_by(me, number_at);
	while (thread_await(t))
		serve(t);
	status = exit_status(process);
	if (t == process->program->first)
		process->program->result.status = status;
	end(t);
	thread_free(t);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void exec_result(const struct exec_program *program, struct exec_result *result) {
	*result = program->result;
}

void exec_standing(const struct exec_program *program,
                   void (*fn)(void *arg, pid_t thread, const char *call), void *arg) {
	GList *all = threads_in_order(program->exec);

	for (const GList *link = all; link; link = link->next) {
		const struct thread *t = link->data;
		const struct call_row *row = call_row(t->call.nr);

		if (t->process->program == program && t->task && !t->ended)
			fn(arg, t->inner, row ? row->name : "an unknown call");
	}
	g_list_free(all);
}

/* --- the whole -------------------------------------------------------------------------------------- */

/* Calls of a program on another processor take ten times as long. */
static void pin(struct exec *exec) {
	cpu_set_t one;
	int cpu = sched_getcpu();

	exec->old_cpus = g_new0(cpu_set_t, 1);
	if (cpu < 0 || sched_getaffinity(0, sizeof *exec->old_cpus, exec->old_cpus) < 0)
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof one, &one);
}

struct exec *exec_new(struct sim *sim, const struct exec_conf *conf) {
	struct exec *exec = g_new0(struct exec, 1);
	struct stat st;

	exec->sim = sim;
	exec->hosts = g_strdup(conf->hosts);
	exec->whose = conf->whose;
	exec->proc_net = conf->proc_net;
	exec->rng = sim_rng_new(sim, "exec.random");
	exec->machines = g_ptr_array_new();
	exec->programs = g_ptr_array_new();
	exec->threads = g_hash_table_new(NULL, NULL);
	exec->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	exec->placeholder = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (exec->placeholder >= 0 && fstat(exec->placeholder, &st) == 0)
		exec->placeholder_number = st.st_ino;
	futex_init(exec);
	notify_init(exec);
	pin(exec);
	return exec;
}

void exec_log_to(struct exec *exec, FILE *log) { exec->log = log; }
void exec_check_fds(struct exec *exec) { exec->checks = true; }

static void program_free(struct exec_program *program) {
	sim_cancel(program->exec->sim, &program->start);
	close(program->output[0]);
	close(program->output[1]);
	if (program->listener >= 0)
		close(program->listener);
	g_free(program->name);
	g_free(program);
}

void exec_free(struct exec *exec) {
	GHashTableIter iter;
	gpointer t;

	g_hash_table_iter_init(&iter, exec->threads);
	while (g_hash_table_iter_next(&iter, NULL, &t))
		spin_go_on(t);
	for (guint i = 0; i < exec->machines->len; i++)
		machine_end(exec->machines->pdata[i]);
	g_hash_table_iter_init(&iter, exec->threads);
	while (g_hash_table_iter_next(&iter, NULL, &t))
		thread_free(t);
	for (guint i = 0; i < exec->programs->len; i++)
		program_free(exec->programs->pdata[i]);
	if (exec->log)
		fflush(exec->log);
	futex_exit(exec);
	notify_exit(exec);
	sched_setaffinity(0, sizeof *exec->old_cpus, exec->old_cpus);
	close(exec->placeholder);
	g_ptr_array_unref(exec->machines);
	g_ptr_array_unref(exec->programs);
	g_hash_table_unref(exec->threads);
	g_hash_table_unref(exec->told);
	g_list_free(exec->asked);
	gsl_rng_free(exec->rng);
	g_free(exec->old_cpus);
	g_free(exec->hosts);
	g_free(exec);
}
