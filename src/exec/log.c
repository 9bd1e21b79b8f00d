/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An strace of the simulated machine, a line per call:
 *
 *     0.001283 server 10000.10000 connect(3, 10.0.0.11:80) = 0 <221.40us> toe0
 *
 * The date on which it began, the machine, process and thread, call, result, how long it took in simulated
 * time, and the stack behind the socket.  Formats have a letter per argument: d signed, u unsigned,
 * x hexadecimal, s a path, a an address and its length, . is left out.
 */
#include <arpa/inet.h>
#include <string.h>

#include "exec/log.h"
#include "exec/memory.h"
#include "exec/table.h"

#define PATH_MOST 4096U

static void add_path(GString *text, const struct thread *t, uint64_t addr) {
	char path[PATH_MOST];
	g_autofree char *escaped = NULL;

	if (mem_string(t, addr, path, sizeof path) < 0) {
		g_string_append_printf(text, "%#" PRIx64, addr);
		return;
	}
	escaped = g_strescape(path, NULL);
	g_string_append_printf(text, "\"%s\"", escaped);
}

static void add_addr(GString *text, const struct thread *t, uint64_t addr) {
	struct sockaddr_in in;
	char dotted[INET_ADDRSTRLEN];

	if (mem_read(t, addr, &in, sizeof in) || in.sin_family != AF_INET)
		g_string_append(text, "{...}");
	else
		g_string_append_printf(text, "%s:%u",
		                       inet_ntop(AF_INET, &in.sin_addr, dotted, sizeof dotted),
		                       ntohs(in.sin_port));
}

static void add_argument(GString *text, const struct thread *t, char letter, uint64_t value) {
	switch (letter) {
	case 'd':
		g_string_append_printf(text, "%d", (int)value);
		break;
	case 'u':
		g_string_append_printf(text, "%" PRIu64, value);
		break;
	case 'x':
		g_string_append_printf(text, "%#" PRIx64, value);
		break;
	case 's':
		add_path(text, t, value);
		break;
	case 'a':
		add_addr(text, t, value);
		break;
	default:
		g_string_append(text, "...");
	}
}

void log_begin(struct thread *t, const struct call_row *row) {
	if (!exec_of(t)->log)
		return;
	if (!t->text)
		t->text = g_string_new(NULL);
	if (row)
		g_string_printf(t->text, "%s(", row->name);
	else
		g_string_printf(t->text, "call_%d(", t->call.nr);
	for (unsigned i = 0; row && row->format[i]; i++) {
		if (i)
			g_string_append(t->text, ", ");
		add_argument(t->text, t, row->format[i], t->call.arg[i]);
	}
	g_string_append_c(t->text, ')');
}

static enum exec_about about_of(const struct call_row *row) {
	static const struct {
		const char *prefix;
		enum exec_about about;
	} calls[] = {{"send", EXEC_ABOUT_SEND},
	             {"write", EXEC_ABOUT_SEND},
	             {"recv", EXEC_ABOUT_RECEIVE},
	             {"read", EXEC_ABOUT_RECEIVE}};

	for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
		if (g_str_has_prefix(row->name, calls[i].prefix))
			return calls[i].about;
	return EXEC_ABOUT_ANY;
}

/* The stack behind the descriptor that is the call's first argument, or its result. */
static const char *stack_of(const struct thread *t, const struct call_row *row, int64_t ret) {
	const struct file *file = NULL;
	bool gives =
		row && (strncmp(row->name, "accept", 6) == 0 || g_str_equal(row->name, "socket"));

	if (gives && ret >= 0)
		file = fd_file(t->task, (int)ret);
	else if (row && row->format[0] == 'd')
		file = fd_file(t->task, (int)t->call.arg[0]);
	return file && file->socket && exec_of(t)->whose
	               ? exec_of(t)->whose(file->socket, about_of(row))
	               : NULL;
}

void log_call(struct thread *t, const struct call_row *row, sim_time start, int64_t ret) {
	const struct exec *exec = exec_of(t);
	sim_time took = sim_now(exec->sim) - start;
	g_autofree char *result = NULL;
	const char *stack;

	if (!exec->log)
		return;
	if (ret == PASS)
		result = g_strdup("passed");
	else if (ret == RESTART)
		result = g_strdup("interrupted");
	else if (ret < 0)
		result = g_strdup_printf("-1 %s", strerrorname_np((int)-ret));
	else
		result = g_strdup_printf("%" PRId64, ret);
	stack = stack_of(t, row, ret);
	fprintf(exec->log, "%.6f %s %d.%d %s = %s <%.2fus>%s%s\n", sim_to_s(start),
	        kernel_of(t)->name, task_group(t->task), t->inner, t->text->str, result,
	        sim_to_us(took), stack ? " " : "", stack ? stack : "");
}

static void tell_once(const struct exec_program *program, const char *how, const char *what) {
	g_autofree char *key = g_strdup_printf("%s: %s", program->name, what);

	if (g_hash_table_contains(program->exec->told, key))
		return;
	g_hash_table_add(program->exec->told, g_steal_pointer(&key));
	fprintf(stderr, "sopsim: [exec %s] %s: %s\n", program->name, how, what);
}

void log_refused(struct thread *t, const char *name) {
	g_autofree char *number = g_strdup_printf("call %d", t->call.nr);

	tell_once(t->process->program, "refused", name ? name : number);
}

void log_without_effect(struct thread *t, const char *name) {
	tell_once(t->process->program, "without effect", name);
}

void log_full(const struct exec_program *program) {
	g_autofree char *most =
		g_strdup_printf("max_output, %" PRIu64 " bytes of what it prints or of a file",
	                        program->conf.max_output);

	tell_once(program, "stopped at", most);
}
