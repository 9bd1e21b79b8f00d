/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is the value of an expression, now? */
#include "script/script_process.h"

#include <arpa/inet.h>
#include <string.h>

#include "script/script_read.h"
#include "script/script_tree.h"
#include "script/script_words.h"
#include "script/whose.h"
#include "sop/sop.h"

static const char *stack_of(struct process *p, int64_t fd) {
	int err;
	struct socket *sock = sockfd_lookup(p->task, (int)fd, &err);
	const char *name = sock ? whose_socket(sock, WHOSE_ANY) : NULL;

	return name ? name : "none";
}

/* Asked of the socket itself, without a system call: a question of the interpreter's own. */
static int64_t port_of(struct process *p, int64_t fd) {
	struct sockaddr_in in = {0};
	int len = sizeof in, err;
	struct socket *sock = sockfd_lookup(p->task, (int)fd, &err);

	if (!sock || sock->ops->getname(sock, (struct sockaddr *)&in, &len, 0))
		return -1;
	return ntohs(in.sin_port);
}

static int64_t counter_of(const struct process *p, const char *wanted) {
	const struct module *module = module_find(p->run->kernel, "sop");
	const char *name = NULL;
	uint64_t value;

	g_assert(wanted); /* the reader saw to it */
	for (size_t i = 0; module && sop_counter(module, i, &name, &value); i++)
		if (g_str_equal(name, wanted))
			return (int64_t)value;
	return -1;
}

static struct value text_value(const char *text) {
	return (struct value){.type = VALUE_TEXT, .text = text, .len = strlen(text)};
}

static struct value function_value(struct process *p, const struct expr *e) {
	struct value v = {.type = e->type}, arg = {0};

	if (e->a)
		arg = expr_value(p, e->a);
	switch ((enum function)e->index) {
	case FN_STACK:
		return text_value(stack_of(p, arg.number));
	case FN_SERVED:
		return text_value(*p->served ? p->served : "none");
	case FN_REVENTS:
		if (arg.number >= 0 && (size_t)arg.number < p->n_revents)
			v.number = p->revents[arg.number];
		break;
	case FN_NOW:
		v.number = sim_now(p->run->kernel->sim);
		break;
	case FN_TOOK:
		v.number = p->took;
		break;
	case FN_PORT:
		v.number = port_of(p, arg.number);
		break;
	case FN_COUNTER:
		v.number = counter_of(p, arg.text);
		break;
	case FN_FROM:
		v.addr = p->addr;
		v.port = p->port;
		v.has_port = true;
		break;
	case FN_DATA:
		v.text = p->data->str;
		v.len = p->data->len;
		break;
	case FN_PID:
		v.number = task_pid(p->task);
		break;
	case FN_LAST:
		v.number = p->last;
		break;
	}
	return v;
}

static int64_t operate(char op, int64_t a, int64_t b) {
	int64_t r = a;

	switch (op) {
	case '|':
		return a | b;
	case '+':
		return __builtin_add_overflow(a, b, &r) ? INT64_MAX : r;
	case '-':
		return __builtin_sub_overflow(a, b, &r) ? INT64_MIN : r;
	default:
		return __builtin_mul_overflow(a, b, &r) ? INT64_MAX : r;
	}
}

static struct value with_port_value(struct process *p, const struct expr *e) {
	struct value v = expr_value(p, e->a);
	int64_t port = expr_value(p, e->b).number;

	if (port < 0 || port > 65535)
		process_fail(p, "port %" PRId64 "; allowed: 0 to 65535", port);
	v.port = (uint16_t)port;
	v.has_port = true;
	return v;
}

bool sort_holds(char sort, const struct value *v) {
	if (sort == 's')
		return strlen(v->text) == v->len;
	return v->type != VALUE_NUMBER || sort == 'l' || sort == 'd' ||
	       (v->number >= CALL_NUMBER_MIN && v->number <= CALL_NUMBER_MAX);
}

struct value expr_value(struct process *p, const struct expr *e) {
	struct value v;

	switch (e->kind) {
	case EXPR_LITERAL:
		return e->value;
	case EXPR_VAR:
		return p->vars[e->index];
	case EXPR_FUNCTION:
		return function_value(p, e);
	case EXPR_NEGATE:
		v = expr_value(p, e->a);
		v.number = v.number == INT64_MIN ? INT64_MAX : -v.number;
		return v;
	case EXPR_PORT:
		return with_port_value(p, e);
	default:
		v = expr_value(p, e->a);
		v.number = operate(e->op, v.number, expr_value(p, e->b).number);
		v.type = e->type;
		return v;
	}
}

void expand_text(struct process *p, const char *text, GString *out) {
	g_string_truncate(out, 0);
	while (*text) {
		size_t len = 0;

		if (*text != '$' || text[1] == '$') {
			g_string_append_c(out, *text);
			text += *text == '$' ? 2 : 1;
			continue;
		}
		while (g_ascii_isalnum(text[1 + len]) || text[1 + len] == '_')
			len++;
		for (guint i = 0; i < p->script->vars->len; i++) {
			const char *name = g_array_index(p->script->vars, struct variable, i).name;

			if (strlen(name) == len && !strncmp(name, text + 1, len))
				value_format(out, &p->vars[i]);
		}
		text += 1 + len;
	}
}
