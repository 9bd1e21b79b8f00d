/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the interpreter: what its files share.
 *
 *   script_words.c    names of constants, errors, signals, socket options
 *   script_lex.c      text to tokens
 *   script_parse.c    tokens to statements; all errors of a text are found here
 *   script_expr.c     expressions: reading and value
 *   script_run.c      processes, statements, the log
 *   script_calls.c    the table of calls; sockets and data
 *   script_files.c    calls on descriptors of any kind, processes, signals
 *   script_opt.c      socket options, fcntl, ioctl
 *
 * A process may end in the middle of a call (a signal, the end of the run), without a way back:
 * what a call allocates therefore belongs to the process, which the run frees.
 */
#ifndef SCRIPT_INTERNAL_H
#define SCRIPT_INTERNAL_H

#include <glib.h>

#include "host/socket/syscalls.h"
#include "script/script.h"

/* --- words ------------------------------------------------------------------------------------ */

struct word {
	const char *name;
	int64_t value;
};

/* A constant of C's headers that programs know (SOCK_STREAM, POLLIN, ECONNREFUSED ...); false. */
bool word_find(const char *name, int64_t *value);
/* "ECONNREFUSED" for 111, "SIGPIPE" for 13; NULL. */
const char *script_errno_name(int64_t error);
const char *signal_name(int64_t sig);
/* Flags as "POLLIN|POLLHUP"; "0" if none. */
void poll_format(GString *out, unsigned events);

enum option_kind { OPTION_INT, OPTION_TIME, OPTION_LINGER, OPTION_DEVICE, OPTION_GROUP, OPTION_IP };

struct option {
	const char *name;
	int level, number;
	enum option_kind kind;
};
const struct option *option_find(const char *name);
bool level_find(const char *name, int *level);

/* --- values and expressions ------------------------------------------------------------------- */

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
	struct value value;  /* EXPR_LITERAL */
	unsigned index;      /* a variable, or enum function */
	char op;             /* EXPR_BINARY: | + - * */
	struct expr *a, *b;  /* operands; argument of a function; address and port */
	unsigned depth;      /* of the tree below */
	const struct option *option; /* a socket option's name */
	int level;           /* a level's name, else -1 */
	const char *word;    /* a constant's name; NULL */
};

/* --- statements ------------------------------------------------------------------------------- */

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
	struct expr *right;  /* what is expected */
	struct block *body, *other;
	const char *text;    /* of print; name of a child */
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

/* --- reading ---------------------------------------------------------------------------------- */

enum token_kind { TOK_END, TOK_LINE, TOK_WORD, TOK_NUMBER, TOK_TEXT, TOK_ADDRESS, TOK_SIGN };

struct token {
	enum token_kind kind;
	unsigned line;
	const char *text; /* word, sign, text without quotes: the script's */
	size_t len;
	struct value value; /* number, address */
};

struct parser {
	struct script *script;
	const char *at;   /* behind the token */
	unsigned line, parens, depth; /* depth: of blocks, or of an expression's parentheses */
	struct token tok; /* the current one */
	GError **error;
	bool failed;
};

/* Notes the first error; the parser then stands at the end. */
void parse_error(struct parser *ps, const char *format, ...) G_GNUC_PRINTF(2, 3);
void lex_next(struct parser *ps);
bool lex_sign(const struct parser *ps, const char *sign);
/* The current token for messages; the parser's until the next call. */
const char *lex_show(struct parser *ps);

/* Blocks and expressions are read, and run, by functions that call themselves on a stack of
 * limited size: false, and the error noted, when they nest deeper than that can bear. */
#define MOST_NESTED 64U
bool parse_nest(struct parser *ps, unsigned depth);

/* NULL after an error. */
struct expr *parse_expr(struct parser *ps);
/* What a C int or unsigned int holds: arguments but sizes and offsets. */
#define CALL_NUMBER_MIN ((int64_t)INT32_MIN)
#define CALL_NUMBER_MAX ((int64_t)UINT32_MAX)
/* Whether an argument of that sort can be the value, which has the right type. */
bool sort_holds(char sort, const struct value *v);
const char *value_type_name(enum value_type type);

/* --- running ---------------------------------------------------------------------------------- */

/* Of a call. */
struct outcome {
	int64_t result;   /* or negative errno */
	bool has_data;    /* text that came: p->data */
	bool told;        /* it was told line by line already */
	bool has_addr;    /* an address that came: p->addr, p->port */
	int fd;           /* whose stack served; -1: none */
	const char *note; /* more for the log: the process's */
};

struct process {
	struct script_run *run;
	struct task *task;
	const struct script *script;
	const struct block *body;
	char *name;
	struct value *vars, *values; /* variables; arguments of the call */
	GString *line, *args, *data, *note;
	uint32_t addr; /* that came last */
	uint16_t port;
	sim_time took;
	int64_t last;
	char served[16]; /* the stack that served the last call; empty: none */
	unsigned short *revents; /* by descriptor */
	size_t n_revents;
	struct pollfd *polled;
	const struct stmt *stmt; /* that runs */
	pid_t pid;
	struct process *next;
};

struct script_run {
	struct kernel *kernel;
	const struct script *script;
	struct script *own; /* made for a command */
	char *name;
	script_log log;
	void (*done)(void *arg);
	void *arg;
	struct sim_event start;
	struct process *processes;
	struct script_result result;
	char *first_failure;
};

/* The value now; texts last until the next call. */
struct value expr_value(struct process *p, const struct expr *e);
/* The value of a print's text. */
void expand_text(struct process *p, const char *text, GString *out);
void value_format(GString *out, const struct value *v);
void time_format(GString *out, sim_time t);
void data_format(GString *out, const char *data, size_t len);
/* Text for a line of the log: what a terminal would obey, or cannot show, as \x1b. */
void line_format(GString *out, const char *text);

void process_fail(struct process *p, const char *format, ...) G_GNUC_PRINTF(2, 3);
void process_tell(struct process *p, enum script_event_kind kind, const char *text);
struct process *process_new(struct script_run *run, const struct process *parent, const char *name,
                            const struct block *body);
/* Waits for all children; the signal that ended the last one that was killed, or 0. */
int process_wait(struct process *p, bool complain);
void revents_set(struct process *p, int fd, unsigned events);

/* script_opt.c */
/* What came with a message besides its bytes and its sender (script_control.c). */
void note_control(struct process *p, struct msghdr *msg, struct outcome *out);
void act_setsockopt(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_getsockopt(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_fcntl(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_ioctl(struct process *p, const struct value *arg, unsigned n, struct outcome *out);

/* script_files.c */
void act_poll(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_select(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_open(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_lseek(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_sendfile(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_close(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_dup(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_dup2(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_kill(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_signal(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_wait(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_create(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_run(struct process *p, const struct value *arg, unsigned n, struct outcome *out);

#endif
