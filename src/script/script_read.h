/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does a text become a script?  Text to tokens (script_lex.c), tokens to statements
 * (script_parse.c) and expressions (script_expr.c).  All errors of a text are found here.
 */
#ifndef SCRIPT_READ_H
#define SCRIPT_READ_H

#include "script/script_tree.h"

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
	const char *at;               /* behind the token */
	unsigned line, parens, depth; /* depth: of blocks, or of an expression's parentheses */
	struct token tok;             /* the current one */
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

#endif
