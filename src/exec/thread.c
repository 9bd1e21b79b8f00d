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

#include "exec/calls.h"
#include "exec/check.h"
#include "exec/futex.h"
#include "exec/hand.h"
#include "exec/log.h"
#include "exec/mask.h"
#include "exec/notify.h"
#include "exec/realfd.h"
#include "exec/sandbox.h"
#include "exec/signals.h"
#include "exec/spin.h"
#include "exec/table.h"
#include "exec/thread.h"
#include "exec/tsc.h"
#include "sim/rng.h"

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
			if ((uint64_t)program->shown[i] >= program->conf.max_output)
				log_full(program);
		}
}

static void end(struct thread *t) {
	struct exec_program *program = t->process->program;
	struct kernel *k = kernel_of(t);

	t->ended = true;
	program_print(program);
	syscall_enter_as(t->task, "exit");
	tell_ended(t);
	real_look(program->exec);
	cpu_settle(k);
	tsc_attend(program->exec);
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
	else if (t->swapped)
		answer_interrupted(t);
	else
		answer_value(t, ret);
}

/* The next call is the one that is served. */
static const struct call_row *take_call(struct thread *t) {
	if (exec_of(t)->checks)
		check_descriptors(t);
	if (t->making.path)
		name_made(t);
	t->call = t->next;
	t->called = false;
	if (t->expects)
		hand_take(t);
	t->awaited = 0;
	t->masked = t->swapped = t->cloexec = t->aside = false;
	return call_row(t->call.nr);
}

static void serve(struct thread *t) {
	const struct call_row *row = take_call(t);
	struct exec *exec = exec_of(t);
	sim_time start;
	int64_t ret;

	if (row && row->class == CLASS_LOOKED_AT) {
		answer_looked_at(t, row->handler(t, t->call.arg));
		return;
	}
	if (exec->stirred && real_is_looked_for(exec))
		real_look(exec);
	if (t->process->program->wrote)
		program_print(t->process->program);
	syscall_enter_as(t->task, row ? row->name : "a call that is not known");
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
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
		log_full(process->program);
	if (t == process->program->first)
		process->program->result.status = status;
	end(t);
	thread_free(t);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
