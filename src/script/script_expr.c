/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is the value of an expression, and how is it written? */
#include "script/script_process.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "script/script_read.h"
#include "script/script_tree.h"
#include "script/script_words.h"
#include "script/whose.h"
#include "sop/sop.h"

const char *value_type_name(enum value_type type) {
	static const char *const names[] = {"a number", "a time such as 10ms", "a \"text\"",
	                                    "an address such as 10.0.0.1:80"};

	return names[type];
}

/* --- reading ---------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum function fn;
	enum value_type type;
	int argument; /* enum value_type; -1: none */
} functions[] = {
	{"stack", FN_STACK, VALUE_TEXT, VALUE_NUMBER},
	{"revents", FN_REVENTS, VALUE_NUMBER, VALUE_NUMBER},
	{"now", FN_NOW, VALUE_TIME, -1},
	{"took", FN_TOOK, VALUE_TIME, -1},
	{"port", FN_PORT, VALUE_NUMBER, VALUE_NUMBER},
	{"counter", FN_COUNTER, VALUE_NUMBER, VALUE_TEXT},
	{"from", FN_FROM, VALUE_ADDRESS, -1},
	{"pid", FN_PID, VALUE_NUMBER, -1},
	{"last", FN_LAST, VALUE_NUMBER, -1},
	{"served", FN_SERVED, VALUE_TEXT, -1},
	{"data", FN_DATA, VALUE_TEXT, -1},
};

static struct expr *expr_new(struct parser *ps, enum expr_kind kind, enum value_type type) {
	struct expr *e = script_alloc(ps->script, sizeof *e);

	e->kind = kind;
	e->type = type;
	e->level = -1;
	return e;
}

static struct expr *literal(struct parser *ps, struct value value) {
	struct expr *e = expr_new(ps, EXPR_LITERAL, value.type);

	e->value = value;
	return e;
}

static bool expect_sign(struct parser *ps, const char *sign) {
	if (!lex_sign(ps, sign)) {
		parse_error(ps, "'%s' stands where '%s' is missing; allowed: '%s'", lex_show(ps),
		            sign, sign);
		return false;
	}
	lex_next(ps);
	return true;
}

static struct expr *function_call(struct parser *ps, size_t i) {
	struct expr *e = expr_new(ps, EXPR_FUNCTION, functions[i].type);

	e->index = functions[i].fn;
	lex_next(ps);
	if (!expect_sign(ps, "("))
		return NULL;
	if (functions[i].argument >= 0 && parse_nest(ps, ++ps->depth)) {
		e->a = parse_expr(ps);
		ps->depth--;
		if (e->a && (int)e->a->type != functions[i].argument)
			parse_error(ps, "%s() of something else; allowed: %s", functions[i].name,
			            value_type_name((enum value_type)functions[i].argument));
	}
	return expect_sign(ps, ")") ? e : NULL;
}

static struct expr *named_option(struct parser *ps, const struct option *option) {
	struct expr *e = literal(ps, (struct value){.number = option->number});

	e->option = option;
	return e;
}

static struct expr *word(struct parser *ps) {
	const char *name = ps->tok.text;
	int var = script_variable(ps->script, name), level = -1;
	const struct option *option = option_find(name);
	struct value value = {0};
	struct expr *e = NULL;

	for (size_t i = 0; var < 0 && i < G_N_ELEMENTS(functions); i++)
		if (g_str_equal(functions[i].name, name))
			return function_call(ps, i);
	if (var >= 0) {
		e = expr_new(ps, EXPR_VAR,
		             g_array_index(ps->script->vars, struct variable, var).type);
		e->index = (unsigned)var;
	} else if (option) {
		e = named_option(ps, option);
	} else if (g_str_equal(name, "any") || g_str_equal(name, "unspec")) {
		e = literal(ps, (struct value){.type = VALUE_ADDRESS,
		                               .unspec = *name == 'u',
		                               .has_port = *name == 'u'});
	} else if (level_find(name, &level) || word_find(name, &value.number)) {
		value.number = level >= 0 ? level : value.number;
		e = literal(ps, value);
		e->level = level;
		e->word = name;
	} else {
		parse_error(
			ps,
			"unknown name '%s'; allowed: a variable that was set before, a function "
			"(stack, served, revents, now, took, port, "
			"counter, from, data, pid, last), a constant such "
			"as SO_REUSEADDR or ECONNREFUSED",
			name);
		return NULL;
	}
	lex_next(ps);
	return e;
}

/* What stands behind the colon. */
static struct expr *read_port(struct parser *ps) {
	struct expr *port = NULL;

	if (ps->tok.kind == TOK_WORD)
		port = word(ps);
	else if (ps->tok.kind == TOK_NUMBER) {
		port = literal(ps, ps->tok.value);
		lex_next(ps);
	}
	if (ps->failed)
		return NULL;
	if (!port || port->type != VALUE_NUMBER)
		parse_error(ps, "no port after ':'; allowed: a number or a variable");
	else if (port->kind == EXPR_LITERAL && port->value.number > 65535)
		parse_error(ps, "port %" PRId64 " is out of range; allowed: 0 to 65535",
		            port->value.number);
	return ps->failed ? NULL : port;
}

/* 10.0.0.1:p with a port that is known only then. */
static struct expr *with_port(struct parser *ps, struct expr *address) {
	struct expr *e;

	if (!address || address->type != VALUE_ADDRESS || address->kind != EXPR_LITERAL ||
	    address->value.has_port || !lex_sign(ps, ":"))
		return address;
	lex_next(ps);
	e = expr_new(ps, EXPR_PORT, VALUE_ADDRESS);
	e->a = address;
	e->b = read_port(ps);
	return e->b ? e : NULL;
}

static struct expr *term(struct parser *ps);

static struct expr *negated(struct parser *ps) {
	struct expr *e = expr_new(ps, EXPR_NEGATE, VALUE_NUMBER);

	lex_next(ps);
	if (!parse_nest(ps, ++ps->depth))
		return NULL;
	e->a = term(ps);
	ps->depth--;
	if (!e->a)
		return NULL;
	e->type = e->a->type;
	return e->type <= VALUE_TIME
	               ? e
	               : (parse_error(ps, "'-' before %s; allowed: a number or a time",
	                              value_type_name(e->type)),
	                  NULL);
}

static struct expr *in_parentheses(struct parser *ps) {
	struct expr *e;

	lex_next(ps);
	if (!parse_nest(ps, ++ps->depth))
		return NULL;
	e = parse_expr(ps);
	ps->depth--;
	return e && expect_sign(ps, ")") ? e : NULL;
}

static struct expr *term(struct parser *ps) {
	struct expr *e = NULL;

	switch (ps->tok.kind) {
	case TOK_NUMBER:
	case TOK_ADDRESS:
		e = literal(ps, ps->tok.value);
		lex_next(ps);
		return with_port(ps, e);
	case TOK_TEXT:
		e = literal(ps, (struct value){.type = VALUE_TEXT,
		                               .text = ps->tok.text,
		                               .len = ps->tok.len});
		lex_next(ps);
		return e;
	case TOK_WORD:
		return with_port(ps, word(ps));
	default:
		break;
	}
	if (lex_sign(ps, "-"))
		return negated(ps);
	if (lex_sign(ps, "("))
		return in_parentheses(ps);
	parse_error(ps,
	            "'%s' is no value; allowed: a number, a time, an address, a \"text\", a name",
	            lex_show(ps));
	return NULL;
}

static struct expr *binary(struct parser *ps, struct expr *left,
                           struct expr *(*operand)(struct parser *ps)) {
	struct expr *e = expr_new(ps, EXPR_BINARY, left->type);

	e->op = ps->tok.text[0];
	e->a = left;
	lex_next(ps);
	e->b = operand(ps);
	if (!e->b || !parse_nest(ps, e->depth = 1 + MAX(left->depth, e->b->depth)))
		return NULL;
	if (e->op == '*' && e->b->type == VALUE_TIME)
		e->type = VALUE_TIME;
	if (left->type > VALUE_TIME || e->b->type > VALUE_TIME ||
	    (e->op != '*' && left->type != e->b->type)) {
		parse_error(ps, "'%c' between unlike values; allowed: two numbers or two times",
		            e->op);
		return NULL;
	}
	return e;
}

static struct expr *product(struct parser *ps) {
	struct expr *e = term(ps);

	while (e && lex_sign(ps, "*"))
		e = binary(ps, e, term);
	return e;
}

struct expr *parse_expr(struct parser *ps) {
	struct expr *e = product(ps);

	while (e && (lex_sign(ps, "|") || lex_sign(ps, "+") || lex_sign(ps, "-")))
		e = binary(ps, e, product);
	return ps->failed ? NULL : e;
}

/* --- values ----------------------------------------------------------------------------------- */

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

/* --- showing ---------------------------------------------------------------------------------- */

void time_format(GString *out, sim_time t) {
	static const struct {
		sim_time unit;
		const char *name;
	} units[] = {{SIM_S, "s"}, {SIM_MS, "ms"}, {SIM_US, "us"}, {SIM_NS, "ns"}};
	unsigned i = 0;

	while (i < G_N_ELEMENTS(units) - 1 && ABS(t) < units[i].unit)
		i++;
	g_string_append_printf(out, "%.4g%s", (double)t / (double)units[i].unit, units[i].name);
}

/* What of a long text is shown. */
#define SHOWN 32U

/* As a program would write it. */
void data_format(GString *out, const char *data, size_t len) {
	static const char plain[] = "\n\r\t\"\\", letters[] = "nrt\"\\";

	g_string_append_c(out, '"');
	for (size_t i = 0; i < MIN(len, SHOWN); i++) {
		const char *at = data[i] ? strchr(plain, data[i]) : NULL;

		if (at)
			g_string_append_printf(out, "\\%c", letters[at - plain]);
		else if (g_ascii_isprint(data[i]))
			g_string_append_c(out, data[i]);
		else
			g_string_append_printf(out, "\\x%02x", (unsigned char)data[i]);
	}
	g_string_append(out, len > SHOWN ? "\"..." : "\"");
}

void line_format(GString *out, const char *text) {
	while (*text) {
		gunichar c = g_utf8_get_char_validated(text, -1);
		bool valid = c != (gunichar)-1 && c != (gunichar)-2;
		const char *next = valid ? g_utf8_next_char(text) : text + 1;

		if (valid && g_unichar_isprint(c))
			g_string_append_len(out, text, next - text);
		else
			for (const char *at = text; at < next; at++)
				g_string_append_printf(out, "\\x%02x", (unsigned char)*at);
		text = next;
	}
}

void value_format(GString *out, const struct value *v) {
	switch (v->type) {
	case VALUE_NUMBER:
		g_string_append_printf(out, "%" PRId64, v->number);
		break;
	case VALUE_TIME:
		time_format(out, v->number);
		break;
	case VALUE_TEXT:
		data_format(out, v->text, v->len);
		break;
	case VALUE_ADDRESS:
		if (v->unspec) {
			g_string_append(out, "unspec");
			break;
		}
		g_string_append_printf(out, "%u.%u.%u.%u", v->addr >> 24, v->addr >> 16 & 255,
		                       v->addr >> 8 & 255, v->addr & 255);
		if (v->has_port)
			g_string_append_printf(out, ":%u", v->port);
		break;
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
