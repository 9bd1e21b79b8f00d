/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What has a script become when it was read?  Values, expressions, statements, and the script that
 * owns them all.  script_lex.c and script_parse.c make it, script_expr.c and script_run.c walk it.
 */
#ifndef SCRIPT_TREE_H
#define SCRIPT_TREE_H

#include <glib.h>

#include "host/socket/syscalls.h"
#include "script/script.h"
#include "script/script_words.h"

enum value_type { VALUE_NUMBER, VALUE_TIME, VALUE_TEXT, VALUE_ADDRESS };

struct value {
	enum value_type type;
	int64_t number; /* or a time */
	const char *text;
	size_t len;
	uint32_t addr; /* host byte order */
	uint16_t port;
	bool has_port, unspec;
};

enum function {
	FN_STACK,
	FN_REVENTS,
	FN_NOW,
	FN_TOOK,
	FN_PORT,
	FN_COUNTER,
	FN_FROM,
	FN_PID,
	FN_LAST,
	FN_SERVED,
	FN_DATA, /* no copy: good until the next call */
};

enum expr_kind { EXPR_LITERAL, EXPR_VAR, EXPR_FUNCTION, EXPR_BINARY, EXPR_PORT, EXPR_NEGATE };

struct expr {
	enum expr_kind kind;
	enum value_type type;
	struct value value;          /* EXPR_LITERAL */
	unsigned index;              /* a variable, or enum function */
	char op;                     /* EXPR_BINARY: | + - * */
	struct expr *a, *b;          /* operands; argument of a function; address and port */
	unsigned depth;              /* of the tree below */
	const struct option *option; /* a socket option's name */
	int level;                   /* a level's name, else -1 */
	const char *word;            /* a constant's name; NULL */
};

enum compare { CMP_NONE, CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE, CMP_HAS };
const char *compare_name(enum compare cmp);

struct arg {
	struct expr *e, *events; /* events: of poll's FD:EVENTS */
	char sort;               /* of the call's list */
};

struct process;
struct outcome;

/* Characters of `args`: f descriptor, n number, l number of 64 bits, t time, a address, d data (a
 * text, or a number of bytes), s text without \0, o socket option, v its values (any, to the end),
 * p FD:EVENTS (any number of them); what follows ? may be left out. */
struct call {
	const char *name, *args, *usage;
	void (*run)(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
};
extern const struct call script_calls[];
extern const size_t n_script_calls;

enum stmt_kind {
	STMT_CALL,
	STMT_SET,
	STMT_EXPECT,
	STMT_FORK,
	STMT_REPEAT,
	STMT_IF,
	STMT_BREAK,
	STMT_SLEEP,
	STMT_UNTIL,
	STMT_PRINT,
	STMT_EXIT,
};

struct block {
	GPtrArray *stmts; /* struct stmt */
};

struct stmt {
	enum stmt_kind kind;
	unsigned line;
	int var; /* that takes the result; -1: none */
	const struct call *call;
	struct arg *args;
	unsigned n_args;
	struct expr *left;
	enum compare cmp;
	struct expr *right; /* what is expected */
	struct block *body, *other;
	const char *text; /* of print; name of a child */
};

struct variable {
	const char *name;
	enum value_type type;
};

struct script {
	struct block *main;
	GArray *vars;   /* struct variable */
	GPtrArray *own; /* everything that was allocated, for script_drop() */
	GPtrArray *blocks;
};

void *script_alloc(struct script *script, size_t size);
char *script_text(struct script *script, const char *text, size_t len);
int script_variable(const struct script *script, const char *name); /* index, -1 */

/* What a C int or unsigned int holds: arguments but sizes and offsets. */
#define CALL_NUMBER_MIN ((int64_t)INT32_MIN)
#define CALL_NUMBER_MAX ((int64_t)UINT32_MAX)
/* Whether an argument of that sort can be the value, which has the right type. */
bool sort_holds(char sort, const struct value *v);
const char *value_type_name(enum value_type type);

#endif
