/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All real programs of a world: their beginning and end, and what came of them. */
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/futex.h"
#include "exec/handed.h"
#include "exec/internal.h"
#include "exec/notify.h"
#include "exec/realfd.h"
#include "exec/sandbox.h"
#include "exec/spin.h"
#include "exec/table.h"
#include "exec/thread.h"
#include "sim/rng.h"

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
	exec->epoch = conf->epoch;
	exec->whose = conf->whose;
	exec->proc_net = conf->proc_net;
	exec->netlink = conf->netlink;
	exec->rng = sim_rng_new(sim, "exec.random");
	exec->machines = g_ptr_array_new();
	exec->programs = g_ptr_array_new();
	exec->terminals = g_ptr_array_new();
	exec->threads = g_hash_table_new(NULL, NULL);
	exec->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	exec->placeholder = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (exec->placeholder >= 0 && fstat(exec->placeholder, &st) == 0)
		exec->placeholder_number = st.st_ino;
	table_install();
	sim_event_init(&exec->pace, real_pace, exec);
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
	sim_cancel(exec->sim, &exec->pace);
	notify_exit(exec);
	sched_setaffinity(0, sizeof *exec->old_cpus, exec->old_cpus);
	close(exec->placeholder);
	g_ptr_array_unref(exec->machines);
	g_ptr_array_unref(exec->programs);
	g_ptr_array_unref(exec->terminals);
	g_hash_table_unref(exec->threads);
	g_hash_table_unref(exec->told);
	g_clear_pointer(&exec->traced, g_hash_table_unref);
	g_list_free(exec->asked);
	g_list_free(exec->openers);
	handed_end(exec);
	gsl_rng_free(exec->rng);
	g_free(exec->old_cpus);
	g_free(exec->hosts);
	g_free(exec);
}
