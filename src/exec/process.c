/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which real threads and processes are there? */
#include <sys/pidfd.h>
#include <unistd.h>

#include "exec/pages.h"
#include "exec/thread.h"
#include "exec/tsc.h"

struct thread *thread_new(struct exec_program *program, struct process *process, pid_t tid,
                          pid_t inner) {
	struct thread *t = g_new0(struct thread, 1);

	t->process = process;
	t->tid = tid;
	t->inner = inner;
	t->who.rights.effective = t->who.rights.permitted = RIGHTS_ALL;
	process->refs++;
	process->n_threads++;
	if (tid == process->pid)
		process->leader = t;
	program->result.threads++;
	if (program->conf.tsc)
		tsc_watch(program->exec, tid);
	g_hash_table_insert(program->exec->threads, GINT_TO_POINTER(tid), t);
	return t;
}

void process_new_memory(struct process *process) {
	static uint64_t memories;

	process->mm = ++memories;
}

struct process *real_process_new(struct exec_program *program, pid_t pid) {
	struct process *process = g_new0(struct process, 1);

	process->program = program;
	process->pid = pid;
	process->pidfd = pidfd_open(pid, 0);
	process->memory = -1;
	process_new_memory(process);
	wait_queue_init(&process->vfork_end);
	program->result.processes++;
	return process;
}

void process_put(struct process *process) {
	if (--process->refs > 0)
		return;
	if (process->pidfd >= 0)
		close(process->pidfd);
	pages_leave(process);
	if (process->alarm)
		process->alarm_free(process->alarm);
	g_clear_pointer(&process->timers, g_hash_table_unref);
	g_free(process);
}

void thread_free(struct thread *t) {
	process_put(t->process);
	g_free(t->making.path);
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
