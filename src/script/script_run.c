/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happens when the tree is walked?  Processes, blocks, expectations, and what the log tells
 * of them.
 */
#include "script/script_process.h"

#include <inttypes.h>
#include <string.h>

#include "script/script_tree.h"
#include "script/script_words.h"
#include "script/whose.h"

/* --- the log ---------------------------------------------------------------------------------- */

void script_event_format(const struct script_event *event, GString *line) {
	static const char *const marks[] = {"", "\" ", "| ", "** ", "-- "};

	g_string_append_printf(line, "%12.3f ms  %-10s ", sim_to_us(event->when) / 1000,
	                       event->process);
	if (event->kind != SCRIPT_CALL) {
		g_string_append(line, marks[event->kind]);
		line_format(line, event->text);
		return;
	}
	g_string_append_printf(line, "%-52s %-6s ", event->text, event->stack ? event->stack : "");
	time_format(line, event->took);
}

/* --- processes -------------------------------------------------------------------------------- */

static struct process *process_new(struct script_run *run, const struct process *parent,
                                   const char *name, const struct block *body) {
	struct process *p = g_new0(struct process, 1);
	guint n = run->script->vars->len;

	p->run = run;
	p->script = run->script;
	p->body = body;
	p->name = g_strdup(name);
	p->vars = g_new0(struct value, n + 1);
	if (parent)
		memcpy(p->vars, parent->vars, n * sizeof *p->vars);
	p->line = g_string_new(NULL);
	p->args = g_string_new(NULL);
	p->data = g_string_new(NULL);
	p->note = g_string_new(NULL);
	p->next = run->processes;
	run->processes = p;
	return p;
}

static void process_free(struct process *p) {
	g_string_free(p->line, TRUE);
	g_string_free(p->args, TRUE);
	g_string_free(p->data, TRUE);
	g_string_free(p->note, TRUE);
	g_free(p->revents);
	g_free(p->polled);
	g_free(p->vars);
	g_free(p->values);
	g_free(p->name);
	g_free(p);
}

/* --- calls ------------------------------------------------------------------------------------ */

static void format_arg(const struct stmt *st, unsigned i, const struct value *v,
                       const struct value *events, GString *out) {
	const struct expr *e = st->args[i].e;

	if (events) {
		g_string_append_printf(out, "%" PRId64 ":", v->number);
		poll_format(out, (unsigned)events->number);
	} else if (e->option || e->word) {
		g_string_append(out, e->option ? e->option->name : e->word);
	} else if (*st->call->args == 's' && v->type == VALUE_TEXT) {
		g_string_append_printf(out, "\"%s\"", v->text);
	} else {
		value_format(out, v);
	}
}

/* Arguments as values; the events of a pair come behind its descriptor.  0, and what is wrong is
 * told: one is none that the call can take. */
static unsigned call_values(struct process *p, const struct stmt *st) {
	uint64_t failed = p->run->result.failed;
	struct value *values;
	unsigned n = 0;

	values = p->values = g_renew(struct value, p->values, 2 * st->n_args + 1);
	g_string_truncate(p->args, 0);
	for (unsigned i = 0; i < st->n_args; i++) {
		struct value *v = &values[n++], *events = NULL;

		*v = expr_value(p, st->args[i].e);
		if (st->args[i].events) {
			events = &values[n++];
			*events = expr_value(p, st->args[i].events);
		}
		if (!sort_holds(st->args[i].sort, v) && v->type == VALUE_TEXT)
			process_fail(p,
			             "argument %u of %s() has \\0 in it; allowed: a text without",
			             i + 1, st->call->name);
		else if (!sort_holds(st->args[i].sort, v) || (events && !sort_holds('p', events)))
			process_fail(p,
			             "argument %u of %s() is %" PRId64 "; allowed: %" PRId64
			             " to %" PRId64,
			             i + 1, st->call->name, (events ? events : v)->number,
			             CALL_NUMBER_MIN, CALL_NUMBER_MAX);
		g_string_append(p->args, i ? ", " : "");
		format_arg(st, i, v, events, p->args);
	}
	return p->run->result.failed == failed ? n : 0;
}

static void format_result(struct process *p, const struct outcome *out) {
	const char *name = out->result < 0 ? script_errno_name(-out->result) : NULL;

	if (name)
		g_string_append_printf(p->line, " = -%s", name);
	else
		g_string_append_printf(p->line, " = %" PRId64, out->result);
	if (out->result < 0)
		return;
	if (out->has_data && !out->told) {
		g_string_append_c(p->line, ' ');
		data_format(p->line, p->data->str, p->data->len);
	}
	if (out->has_addr) {
		struct value v = {
			.type = VALUE_ADDRESS, .addr = p->addr, .port = p->port, .has_port = true};

		g_string_append_c(p->line, ' ');
		value_format(p->line, &v);
	}
	if (out->note)
		g_string_append_printf(p->line, " %s", out->note);
}

static const char *stack_of(struct process *p, const struct call *call, int fd) {
	int err;
	struct socket *sock = fd >= 0 ? sockfd_lookup(p->task, fd, &err) : NULL;
	bool sends = g_str_has_prefix(call->name, "send") || g_str_has_prefix(call->name, "write");
	enum whose_call about = sends                                ? WHOSE_SEND
	                        : g_str_has_prefix(call->name, "re") ? WHOSE_RECEIVE
	                                                             : WHOSE_ANY;

	return sock ? whose_socket(sock, about) : NULL;
}

static bool numbers_hold(enum compare cmp, int64_t a, int64_t b) {
	switch (cmp) {
	case CMP_EQ:
		return a == b;
	case CMP_NE:
		return a != b;
	case CMP_LT:
		return a < b;
	case CMP_LE:
		return a <= b;
	case CMP_GT:
		return a > b;
	default:
		return a >= b;
	}
}

static bool texts_hold(enum compare cmp, const char *a, size_t a_len, const struct value *b) {
	bool equal = a_len == b->len && !memcmp(a, b->text, a_len);

	if (cmp == CMP_HAS)
		return !b->len || memmem(a, a_len, b->text, b->len);
	return equal == (cmp == CMP_EQ);
}

/* An address without a port stands for all ports. */
static bool addresses_hold(enum compare cmp, const struct value *a, const struct value *b) {
	bool equal = a->addr == b->addr && (!b->has_port || a->port == b->port);

	return equal == (cmp == CMP_EQ);
}

static bool values_hold(enum compare cmp, const struct value *a, const struct value *b) {
	if (b->type == VALUE_TEXT)
		return texts_hold(cmp, a->text, a->len, b);
	if (b->type == VALUE_ADDRESS)
		return addresses_hold(cmp, a, b);
	return numbers_hold(cmp, a->number, b->number);
}

static bool outcome_holds(struct process *p, enum compare cmp, const struct outcome *out,
                          const struct value *wanted) {
	struct value came = {.addr = p->addr, .port = p->port};

	if (wanted->type == VALUE_NUMBER)
		return numbers_hold(cmp, out->result, wanted->number);
	if (out->result < 0)
		return false;
	if (wanted->type == VALUE_TEXT)
		return out->has_data && texts_hold(cmp, p->data->str, p->data->len, wanted);
	return out->has_addr && addresses_hold(cmp, &came, wanted);
}

static void wanted_format(GString *out, const struct value *v) {
	bool error = v->type == VALUE_NUMBER && v->number < 0;
	const char *name = error ? script_errno_name(-v->number) : NULL;

	if (name)
		g_string_append_printf(out, "-%s", name);
	else
		value_format(out, v);
}

static void check_outcome(struct process *p, const struct stmt *st, const struct outcome *out) {
	struct value wanted = expr_value(p, st->right);

	p->run->result.checks++;
	if (outcome_holds(p, st->cmp, out, &wanted))
		return;
	g_string_truncate(p->note, 0);
	wanted_format(p->note, &wanted);
	process_fail(p, "expected %s %s %s", st->call->name, compare_name(st->cmp), p->note->str);
}

/* Makes the call; *stack: who served. */
static void make_call(struct process *p, const struct stmt *st, unsigned n, struct outcome *out,
                      const char **stack) {
	struct kernel *k = p->run->kernel;
	sim_time start = sim_now(k->sim);

	/* A descriptor that is closed is asked before. */
	*stack = g_str_equal(st->call->name, "close") ? stack_of(p, st->call, out->fd) : NULL;
	st->call->run(p, p->values, n, out);
	cpu_settle(k);
	p->took = sim_now(k->sim) - start;
	p->run->result.calls++;
	*stack = *stack ? *stack : stack_of(p, st->call, out->fd);
	g_strlcpy(p->served, *stack ? *stack : "", sizeof p->served);
}

static void exec_call(struct process *p, const struct stmt *st) {
	struct outcome out = {.result = -EINVAL, .fd = -1};
	const char *stack = NULL;
	unsigned n;
	bool good;

	cpu_settle(p->run->kernel);
	n = call_values(p, st);
	good = n || !st->n_args;
	if (n && (st->args[0].sort == 'f' || st->args[0].sort == 'p'))
		out.fd = (int)p->values[0].number;
	if (good)
		make_call(p, st, n, &out, &stack);
	p->last = out.result;
	if (st->var >= 0)
		p->vars[st->var] = (struct value){.number = out.result};
	if (!good)
		return;
	g_string_printf(p->line, "%s(%s)", st->call->name, p->args->str);
	format_result(p, &out);
	process_event(p, &(struct script_event){.kind = SCRIPT_CALL,
	                                        .took = p->took,
	                                        .text = p->line->str,
	                                        .stack = stack});
	if (st->cmp != CMP_NONE)
		check_outcome(p, st, &out);
}

/* --- statements ------------------------------------------------------------------------------- */

/* Bounds what a process may do without time passing: a mistake must not hang the simulator. */
#define MOST_IDLE_TURNS 100000U

enum next { NEXT, BREAK, EXIT };

static enum next exec_block(struct process *p, const struct block *block);

static bool condition(struct process *p, const struct stmt *st) {
	struct value a = expr_value(p, st->left), b = expr_value(p, st->right);

	return values_hold(st->cmp, &a, &b);
}

static void exec_expect(struct process *p, const struct stmt *st) {
	struct value a = expr_value(p, st->left), b = expr_value(p, st->right);
	g_autofree char *got = NULL;

	p->run->result.checks++;
	if (values_hold(st->cmp, &a, &b))
		return;
	g_string_truncate(p->note, 0);
	wanted_format(p->note, &a);
	got = g_strdup(p->note->str);
	g_string_truncate(p->note, 0);
	wanted_format(p->note, &b);
	process_fail(p, "%s, expected %s %s", got, compare_name(st->cmp), p->note->str);
}

static enum next exec_repeat(struct process *p, const struct stmt *st) {
	int64_t times = st->left ? expr_value(p, st->left).number : INT64_MAX;
	struct sim *sim = p->run->kernel->sim;
	sim_time moved = -1;
	unsigned idle = 0;

	for (int64_t i = 0; i < times; i++) {
		enum next next = exec_block(p, st->body);

		if (next != NEXT)
			return next == BREAK ? NEXT : next;
		idle = sim_now(sim) == moved ? idle + 1 : 0;
		moved = sim_now(sim);
		if (idle > MOST_IDLE_TURNS) {
			process_fail(p, "no time passes in this loop");
			return EXIT;
		}
	}
	return NEXT;
}

static int child_main(struct task *task, void *arg);

static void exec_fork(struct process *p, const struct stmt *st) {
	struct process *child = process_new(p->run, p, st->text, st->body);
	pid_t pid = sys_fork(p->task, child_main, child);

	child->pid = pid;
	p->vars[st->var] = (struct value){.number = pid};
	g_string_printf(p->line, "fork %s = %d", st->text, pid);
	process_tell(p, SCRIPT_CALL, p->line->str);
}

static void exec_sleep(struct process *p, sim_time duration) {
	if (duration > 0)
		sys_nanosleep(p->task, duration);
}

/* As a program does it that must not be late: select(), which may be over a tick early, until the date
 * has come.  nanosleep() would be a tick late. */
static void exec_until(struct process *p, sim_time date) {
	sim_time left;

	while ((left = date - sys_gettime(p->task)) > 0) {
		struct timeval tv = {.tv_sec = left / SIM_S,
		                     .tv_usec = (left % SIM_S + SIM_US - 1) / SIM_US};

		if (sys_select(p->task, 0, NULL, NULL, NULL, &tv) < 0)
			return;
	}
}

static enum next exec_stmt(struct process *p, const struct stmt *st) {
	p->stmt = st;
	switch (st->kind) {
	case STMT_CALL:
		exec_call(p, st);
		return NEXT;
	case STMT_SET:
		p->vars[st->var] = expr_value(p, st->left);
		return NEXT;
	case STMT_EXPECT:
		exec_expect(p, st);
		return NEXT;
	case STMT_FORK:
		exec_fork(p, st);
		return NEXT;
	case STMT_REPEAT:
		return exec_repeat(p, st);
	case STMT_IF:
		if (condition(p, st))
			return exec_block(p, st->body);
		return st->other ? exec_block(p, st->other) : NEXT;
	case STMT_BREAK:
		return BREAK;
	case STMT_SLEEP:
		exec_sleep(p, expr_value(p, st->left).number);
		return NEXT;
	case STMT_UNTIL:
		exec_until(p, expr_value(p, st->left).number);
		return NEXT;
	case STMT_PRINT:
		expand_text(p, st->text, p->line);
		process_tell(p, SCRIPT_PRINT, p->line->str);
		return NEXT;
	default:
		p->last = st->left ? expr_value(p, st->left).number : 0;
		return EXIT;
	}
}

static enum next exec_block(struct process *p, const struct block *block) {
	for (guint i = 0; i < block->stmts->len; i++) {
		enum next next = exec_stmt(p, block->stmts->pdata[i]);

		if (next != NEXT)
			return next;
	}
	return NEXT;
}

static int child_main(struct task *task, void *arg) {
	struct process *p = arg;
	enum next end;

	p->task = task;
	end = exec_block(p, p->body);
	p->stmt = NULL;
	process_wait(p, true);
	return end == EXIT ? (int)p->last : 0;
}

/* --- runs ------------------------------------------------------------------------------------- */

/* Stands above the program, so that its end is noticed also when a signal brings it. */
static int supervisor(struct task *task, void *arg) {
	struct script_run *run = arg;
	struct process *top = process_new(run, NULL, run->name, NULL);
	struct process *first = process_new(run, NULL, run->name, run->script->main);

	top->task = task;
	first->pid = sys_fork(task, child_main, first);
	if (first->pid < 0)
		process_fail(top, "the process could not be made");
	else
		process_wait(top, true);
	run->result.finished = true;
	if (run->done)
		run->done(run->arg);
	return 0;
}

static void start_now(void *arg) {
	struct script_run *run = arg;

	process_start(run->kernel, run->name, supervisor, run);
}

struct script_run *script_start(struct kernel *k, const struct script *script, const char *name,
                                sim_time at, script_log log, void (*done)(void *arg), void *arg) {
	struct script_run *run = g_new0(struct script_run, 1);

	run->kernel = k;
	run->script = script;
	run->name = g_strdup(name);
	run->log = log;
	run->done = done;
	run->arg = arg;
	sim_event_init(&run->start, start_now, run);
	sim_at(k->sim, &run->start, MAX(at, sim_now(k->sim)));
	return run;
}

struct script_run *script_start_command(struct kernel *k, const char *command, const char *name,
                                        sim_time at, script_log log, void (*done)(void *arg),
                                        void *arg) {
	g_autofree char *escaped = g_strescape(command, NULL);
	g_autofree char *text = g_strdup_printf("run(\"%s\") = 0", escaped);
	struct script *script = script_read(text, NULL);
	struct script_run *run = script_start(k, script, name, at, log, done, arg);

	run->own = script;
	return run;
}

void script_run_free(struct script_run *run) {
	sim_cancel(run->kernel->sim, &run->start);
	for (struct process *p; (p = run->processes);) {
		run->processes = p->next;
		process_free(p);
	}
	if (run->own)
		script_drop(run->own);
	g_free(run->first_failure);
	g_free(run->name);
	g_free(run);
}

static const char *standing_text(const struct process *p, GString *text) {
	if (p->stmt->kind == STMT_CALL)
		g_string_printf(text, "%s(%s)", p->stmt->call->name, p->args->str);
	else
		g_string_assign(text, p->stmt->kind == STMT_UNTIL ? "until" : "sleep");
	return text->str;
}

void script_standing(const struct script_run *run,
                     void (*fn)(void *arg, const char *process, unsigned line, const char *what),
                     void *arg) {
	g_autoptr(GString) text = g_string_new(NULL);

	for (const struct process *p = run->processes; p; p = p->next)
		/* One that a signal ended stands nowhere; one that has come to its end waits. */
		if (p->stmt && p->task && task_by_pid(run->kernel, p->pid) == p->task)
			fn(arg, p->name, p->stmt->line, standing_text(p, text));
}

void script_result(const struct script_run *run, struct script_result *result) {
	*result = run->result;
	result->first_failure = run->first_failure;
}
