/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is this a program, and which?  The text becomes a tree; nothing is left for the run to find
 * wrong in its form.
 */
#include "script/script_read.h"

#include <inttypes.h>
#include <string.h>

#include "script/script_tree.h"
#include "script/script_words.h"

/* They are looked up one by one. */
#define MOST_VARIABLES 4096

/* --- variables -------------------------------------------------------------------------------- */

static enum value_type variable_type(const struct script *script, int index) {
	return g_array_index(script->vars, struct variable, index).type;
}

/* A statement sets `name`: the same type each time, and no name that means something else. */
static int set_variable(struct parser *ps, const char *name, enum value_type type) {
	struct variable var = {name, type};
	int index = script_variable(ps->script, name);

	if (index >= 0) {
		if (variable_type(ps->script, index) != type)
			parse_error(ps, "'%s' was %s before; allowed: the same again", name,
			            value_type_name(variable_type(ps->script, index)));
		return index;
	}
	if (ps->script->vars->len >= MOST_VARIABLES)
		parse_error(ps, "too many variables; allowed: %d", MOST_VARIABLES);
	g_array_append_val(ps->script->vars, var);
	return (int)ps->script->vars->len - 1;
}

/* --- comparisons ------------------------------------------------------------------------------ */

static const char *const compare_names[] = {"", "=", "!=", "<", "<=", ">", ">=", "has"};

const char *compare_name(enum compare cmp) { return compare_names[cmp]; }

/* Takes a comparison if one follows. */
static enum compare comparison(struct parser *ps) {
	if (ps->tok.kind != TOK_SIGN && ps->tok.kind != TOK_WORD)
		return CMP_NONE;
	for (unsigned i = CMP_EQ; i <= CMP_HAS; i++)
		if (g_str_equal(ps->tok.text, compare_names[i])) {
			lex_next(ps);
			return (enum compare)i;
		}
	return CMP_NONE;
}

/* The right side; a bare word where a text is meant is that text (expect stack(c) = toe0). */
static struct expr *expected(struct parser *ps, enum value_type type) {
	struct expr *e;

	if (type == VALUE_TEXT && ps->tok.kind == TOK_WORD) {
		e = script_alloc(ps->script, sizeof *e);
		e->type = VALUE_TEXT;
		e->value = (struct value){
			.type = VALUE_TEXT, .text = ps->tok.text, .len = strlen(ps->tok.text)};
		lex_next(ps);
		return e;
	}
	return parse_expr(ps);
}

static bool comparable(struct parser *ps, enum compare cmp, enum value_type type) {
	if (type == VALUE_TEXT
	            ? cmp == CMP_EQ || cmp == CMP_NE || cmp == CMP_HAS
	            : cmp != CMP_HAS && (type != VALUE_ADDRESS || cmp == CMP_EQ || cmp == CMP_NE))
		return true;
	parse_error(ps, "'%s' does not compare with %s; allowed: %s", compare_names[cmp],
	            value_type_name(type),
	            type == VALUE_TEXT      ? "= != has"
	            : type == VALUE_ADDRESS ? "= !="
	                                    : "= != < <= > >=");
	return false;
}

/* --- calls ------------------------------------------------------------------------------------ */

static const struct call *call_find(const char *name) {
	for (size_t i = 0; i < n_script_calls; i++)
		if (g_str_equal(script_calls[i].name, name))
			return &script_calls[i];
	return NULL;
}

static bool is_data(const struct expr *e) {
	return e->kind == EXPR_FUNCTION && e->index == FN_DATA;
}

/* A text that C would take to be shorter, or may. */
static bool holds_nul(const struct expr *e) {
	return is_data(e) || (e->kind == EXPR_LITERAL && strlen(e->value.text) != e->value.len);
}

static bool fits(char sort, const struct arg *arg) {
	enum value_type type = arg->e->type;

	switch (sort) {
	case 'f':
	case 'n':
	case 'l':
		return type == VALUE_NUMBER && !arg->e->option;
	case 't':
		return type == VALUE_TIME;
	case 'a':
		return type == VALUE_ADDRESS;
	case 'd':
		return type == VALUE_TEXT || type == VALUE_NUMBER;
	case 's':
		return type == VALUE_TEXT && !holds_nul(arg->e);
	case 'o':
		return arg->e->option;
	case 'p':
		return arg->events && arg->events->type == VALUE_NUMBER && type == VALUE_NUMBER;
	default:
		return true;
	}
}

static const char *sort_name(char sort) {
	switch (sort) {
	case 'f':
		return "a descriptor";
	case 't':
		return "a time such as 10ms";
	case 'a':
		return "an address such as 10.0.0.1:80";
	case 'd':
		return "a \"text\" or a number of bytes";
	case 's':
		return "a \"text\" without \\0";
	case 'o':
		return "a socket option such as SO_REUSEADDR";
	case 'p':
		return "a descriptor and its events, such as s:POLLIN|POLLOUT";
	default:
		return "a number";
	}
}

/* Whether a number is known to be none that the call can take. */
static bool is_beyond(char sort, const struct expr *e) {
	return e && e->kind == EXPR_LITERAL && e->type == VALUE_NUMBER &&
	       !sort_holds(sort, &e->value);
}

static bool check_arg(struct parser *ps, const struct call *call, const struct arg *arg,
                      unsigned i) {
	if (!fits(arg->sort, arg) || (arg->events && arg->sort != 'p'))
		parse_error(ps, "argument %u of %s() is not %s; allowed: %s", i + 1, call->name,
		            sort_name(arg->sort), call->usage);
	else if (is_beyond(arg->sort, arg->e) || is_beyond(arg->sort, arg->events))
		parse_error(ps,
		            "argument %u of %s() is out of range; allowed: %" PRId64 " to %" PRId64,
		            i + 1, call->name, CALL_NUMBER_MIN, CALL_NUMBER_MAX);
	return !ps->failed;
}

/* Judges arguments by the call's list. */
static void check_args(struct parser *ps, const struct call *call, struct arg *args, unsigned n) {
	const char *sort = call->args;
	bool optional = false;

	for (unsigned i = 0; i < n; i++) {
		optional |= *sort == '?';
		sort += *sort == '?';
		/* Pairs repeat, up to what follows them; there may be none. */
		if (*sort == 'p' && !args[i].events && (i > 0 || fits(sort[1], &args[i])))
			sort++;
		if (!*sort) {
			parse_error(ps, "too many arguments; allowed: %s", call->usage);
			return;
		}
		args[i].sort = *sort;
		if (!check_arg(ps, call, &args[i], i))
			return;
		if (*sort != 'v' && *sort != 'p')
			sort++;
	}
	if (*sort && *sort != '?' && *sort != 'v' && !optional)
		parse_error(ps, "too few arguments; allowed: %s", call->usage);
}

/* setsockopt(s, SO_LINGER, ...) is short for setsockopt(s, SOL_SOCKET, SO_LINGER, ...). */
static void add_level(struct parser *ps, GArray *args) {
	const struct expr *option = args->len > 1 ? g_array_index(args, struct arg, 1).e : NULL;
	struct arg level;

	if (!option || !option->option)
		return;
	level = (struct arg){.e = script_alloc(ps->script, sizeof *level.e)};
	level.e->value.number = level.e->level = option->option->level;
	level.e->word = level.e->level == SOL_SOCKET    ? "SOL_SOCKET"
	                : level.e->level == IPPROTO_TCP ? "SOL_TCP"
	                                                : "SOL_IP";
	g_array_insert_val(args, 1, level);
}

static bool read_args(struct parser *ps, GArray *args) {
	lex_next(ps);
	while (!lex_sign(ps, ")")) {
		struct arg arg = {.e = parse_expr(ps)};

		if (arg.e && lex_sign(ps, ":")) {
			lex_next(ps);
			arg.events = parse_expr(ps);
		}
		if (ps->failed)
			return false;
		g_array_append_val(args, arg);
		if (lex_sign(ps, ","))
			lex_next(ps);
		else if (!lex_sign(ps, ")"))
			parse_error(ps, "'%s' among the arguments; allowed: ',' or ')'",
			            lex_show(ps));
		if (ps->failed)
			return false;
	}
	lex_next(ps);
	return true;
}

/* The parser stands behind the name. */
static void read_call(struct parser *ps, struct stmt *st, const struct call *call) {
	g_autoptr(GArray) args = g_array_new(FALSE, TRUE, sizeof(struct arg));

	st->kind = STMT_CALL;
	st->call = call;
	if (!lex_sign(ps, "(")) {
		parse_error(ps, "no '(' behind %s; allowed: %s", call->name, call->usage);
		return;
	}
	if (!read_args(ps, args))
		return;
	if (strchr(call->args, 'o'))
		add_level(ps, args);
	check_args(ps, call, (struct arg *)(void *)args->data, args->len);
	st->n_args = args->len;
	st->args = script_alloc(ps->script, (args->len + 1) * sizeof(struct arg));
	if (args->len)
		memcpy(st->args, args->data, args->len * sizeof(struct arg));
	st->cmp = comparison(ps);
	if (st->cmp == CMP_NONE)
		return;
	st->right = parse_expr(ps);
	if (st->right && st->right->type == VALUE_TIME)
		parse_error(
			ps,
			"a call's result is no time; allowed: a number, a \"text\" or an address");
	else if (st->right)
		comparable(ps, st->cmp, st->right->type);
}

/* --- statements ------------------------------------------------------------------------------- */

static struct block *read_block(struct parser *ps, bool inner);

static struct block *read_body(struct parser *ps) {
	struct block *block;

	while (ps->tok.kind == TOK_LINE)
		lex_next(ps);
	if (!lex_sign(ps, "{")) {
		parse_error(ps, "'%s' stands where '{' is missing; allowed: { statements }",
		            lex_show(ps));
		return NULL;
	}
	if (!parse_nest(ps, ++ps->depth))
		return NULL;
	lex_next(ps);
	block = read_block(ps, true);
	ps->depth--;
	return block;
}

static void read_expect(struct parser *ps, struct stmt *st) {
	lex_next(ps);
	st->left = parse_expr(ps);
	if (!st->left)
		return;
	st->cmp = comparison(ps);
	if (st->cmp == CMP_NONE) {
		parse_error(ps, "'%s' is no comparison; allowed: = != < <= > >= has", lex_show(ps));
		return;
	}
	st->right = expected(ps, st->left->type);
	if (!st->right)
		return;
	if (st->right->type != st->left->type)
		parse_error(ps, "unlike values; allowed: %s on both sides",
		            value_type_name(st->left->type));
	else
		comparable(ps, st->cmp, st->left->type);
}

static void read_if(struct parser *ps, struct stmt *st) {
	read_expect(ps, st);
	st->body = ps->failed ? NULL : read_body(ps);
	if (ps->failed || ps->tok.kind != TOK_WORD || !g_str_equal(ps->tok.text, "else"))
		return;
	lex_next(ps);
	st->other = read_body(ps);
}

static void read_repeat(struct parser *ps, struct stmt *st) {
	lex_next(ps);
	if (!lex_sign(ps, "{")) {
		st->left = parse_expr(ps);
		if (st->left && st->left->type != VALUE_NUMBER)
			parse_error(
				ps,
				"no number of times; allowed: repeat 10 { ... } or repeat { ... }");
	}
	if (!ps->failed)
		st->body = read_body(ps);
}

static void read_fork(struct parser *ps, struct stmt *st) {
	lex_next(ps);
	if (ps->tok.kind != TOK_WORD) {
		parse_error(ps, "a process without name; allowed: fork NAME { ... }");
		return;
	}
	st->text = ps->tok.text;
	st->var = set_variable(ps, st->text, VALUE_NUMBER);
	lex_next(ps);
	if (!ps->failed)
		st->body = read_body(ps);
}

static void read_time(struct parser *ps, struct stmt *st) {
	lex_next(ps);
	st->left = parse_expr(ps);
	if (st->left && st->left->type != VALUE_TIME)
		parse_error(ps, "no time; allowed: such as 10ms, 1s");
}

/* Every $name must be one that was set. */
static void check_expansions(struct parser *ps, const char *text) {
	for (const char *at = strchr(text, '$'); at; at = strchr(at, '$')) {
		const char *end = ++at;
		g_autofree char *name = NULL;

		if (*at == '$') {
			at++;
			continue;
		}
		while (g_ascii_isalnum(*end) || *end == '_')
			end++;
		name = g_strndup(at, (gsize)(end - at));
		if (script_variable(ps->script, name) < 0) {
			parse_error(
				ps,
				"'$%s' names nothing; allowed: a variable that was set before, $$ for "
				"a dollar",
				name);
			return;
		}
	}
}

static void read_print(struct parser *ps, struct stmt *st) {
	lex_next(ps);
	if (ps->tok.kind != TOK_TEXT) {
		parse_error(ps, "'%s' is no text; allowed: print \"text with $variables\"",
		            lex_show(ps));
		return;
	}
	st->text = ps->tok.text;
	if (strlen(st->text) != ps->tok.len)
		parse_error(ps, "a text with \\0; allowed: characters that can be printed");
	else
		check_expansions(ps, st->text);
	if (!ps->failed)
		lex_next(ps);
}

static void read_exit(struct parser *ps, struct stmt *st) {
	lex_next(ps);
	if (ps->tok.kind == TOK_NUMBER)
		st->left = parse_expr(ps);
}

static void read_break(struct parser *ps, struct stmt *st) {
	(void)st;
	lex_next(ps);
}

static const struct {
	const char *name;
	enum stmt_kind kind;
	void (*read)(struct parser *ps, struct stmt *st);
} keywords[] = {
	{"expect", STMT_EXPECT, read_expect}, {"fork", STMT_FORK, read_fork},
	{"repeat", STMT_REPEAT, read_repeat}, {"if", STMT_IF, read_if},
	{"break", STMT_BREAK, read_break},    {"sleep", STMT_SLEEP, read_time},
	{"until", STMT_UNTIL, read_time},     {"print", STMT_PRINT, read_print},
	{"exit", STMT_EXIT, read_exit},
};

static bool is_reserved(const char *name) {
	int64_t value;
	int level;

	for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
		if (g_str_equal(keywords[i].name, name))
			return true;
	return call_find(name) || word_find(name, &value) || option_find(name) ||
	       level_find(name, &level);
}

/* NAME = call(...) or NAME = expression; the parser stands behind the name. */
static void read_assignment(struct parser *ps, struct stmt *st, const char *name) {
	const struct call *call;
	enum value_type type = VALUE_NUMBER;

	if (is_reserved(name)) {
		parse_error(ps, "'%s' has a meaning already; allowed: another name", name);
		return;
	}
	lex_next(ps);
	call = ps->tok.kind == TOK_WORD ? call_find(ps->tok.text) : NULL;
	if (call) {
		lex_next(ps);
		read_call(ps, st, call);
	} else {
		st->kind = STMT_SET;
		st->left = parse_expr(ps);
		if (st->left)
			type = st->left->type;
		if (st->left && is_data(st->left))
			parse_error(
				ps,
				"data() is gone with the next call; allowed: to send or to expect it");
	}
	if (!ps->failed)
		st->var = set_variable(ps, name, type);
}

static void read_named(struct parser *ps, struct stmt *st) {
	const char *name = ps->tok.text;
	const struct call *call = call_find(name);
	g_autoptr(GString) all = g_string_new(NULL);

	lex_next(ps);
	if (call) {
		read_call(ps, st, call);
	} else if (lex_sign(ps, "=")) {
		read_assignment(ps, st, name);
	} else {
		for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
			g_string_append_printf(all, "%s, ", keywords[i].name);
		for (size_t i = 0; i < n_script_calls; i++)
			g_string_append_printf(all, "%s%s", i ? ", " : "", script_calls[i].name);
		parse_error(ps, "'%s' is no statement; allowed: NAME = ..., %s", name, all->str);
	}
}

static struct stmt *read_statement(struct parser *ps) {
	struct stmt *st = script_alloc(ps->script, sizeof *st);

	st->line = ps->tok.line;
	st->var = -1;
	if (ps->tok.kind != TOK_WORD) {
		parse_error(
			ps,
			"'%s' begins no statement; allowed: a call, NAME = ..., fork, repeat, ...",
			lex_show(ps));
		return st;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
		if (g_str_equal(keywords[i].name, ps->tok.text)) {
			st->kind = keywords[i].kind;
			keywords[i].read(ps, st);
			return st;
		}
	read_named(ps, st);
	return st;
}

static struct block *read_block(struct parser *ps, bool inner) {
	struct block *block = script_alloc(ps->script, sizeof *block);

	block->stmts = g_ptr_array_new();
	g_ptr_array_add(ps->script->blocks, block->stmts);
	for (;;) {
		while (ps->tok.kind == TOK_LINE)
			lex_next(ps);
		if (ps->failed)
			return NULL;
		if (inner && lex_sign(ps, "}")) {
			lex_next(ps);
			return block;
		}
		if (ps->tok.kind == TOK_END) {
			if (inner)
				parse_error(ps, "a '{' without '}'; allowed: { statements }");
			return block;
		}
		g_ptr_array_add(block->stmts, read_statement(ps));
		if (!ps->failed && ps->tok.kind != TOK_LINE && ps->tok.kind != TOK_END &&
		    !lex_sign(ps, "}") &&
		    !(((struct stmt *)block->stmts->pdata[block->stmts->len - 1])->body))
			parse_error(ps, "'%s' behind a statement; allowed: a new line or ';'",
			            lex_show(ps));
	}
}

/* --- the whole -------------------------------------------------------------------------------- */

struct script *script_read(const char *text, GError **error) {
	struct script *script = g_new0(struct script, 1);
	struct parser ps = {.script = script, .at = text, .line = 1, .error = error};

	script->own = g_ptr_array_new_with_free_func(g_free);
	script->blocks = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	script->vars = g_array_new(FALSE, FALSE, sizeof(struct variable));
	if (!g_utf8_validate(text, -1, NULL)) {
		ps.tok.line = 1;
		parse_error(&ps, "the text is not UTF-8; allowed: UTF-8");
	} else {
		lex_next(&ps);
		script->main = read_block(&ps, false);
	}
	if (!ps.failed)
		return script;
	script_drop(script);
	return NULL;
}
