/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which expression stands here? */
#include "script/script_read.h"

#include <inttypes.h>

#include "script/script_tree.h"
#include "script/script_words.h"

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
