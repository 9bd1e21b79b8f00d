/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apps/script_internal.h"

#include <stdlib.h>
#include <string.h>

GQuark script_text_error_quark(void) { return g_quark_from_static_string("script-error"); }

void parse_error(struct parser *ps, const char *format, ...) {
	g_autofree char *why = NULL;
	va_list args;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	if (!ps->failed)
		g_set_error(ps->error, SCRIPT_TEXT_ERROR, 0, "line %u: %s", ps->tok.line, why);
	ps->failed = true;
	ps->tok.kind = TOK_END;
	ps->at = "";
}

bool lex_sign(const struct parser *ps, const char *sign) {
	return ps->tok.kind == TOK_SIGN && g_str_equal(ps->tok.text, sign);
}

const char *lex_show(struct parser *ps) {
	switch (ps->tok.kind) {
	case TOK_END:
		return "the end of the text";
	case TOK_LINE:
		return "the end of the line";
	default:
		return ps->tok.text;
	}
}

/* --- kinds of tokens -------------------------------------------------------------------------- */

static void take(struct parser *ps, enum token_kind kind, const char *end) {
	ps->tok.kind = kind;
	ps->tok.len = (size_t)(end - ps->at);
	ps->tok.text = script_text(ps->script, ps->at, ps->tok.len);
	ps->at = end;
}

static void lex_word(struct parser *ps) {
	const char *end = ps->at;

	while (g_ascii_isalnum(*end) || *end == '_')
		end++;
	take(ps, TOK_WORD, end);
}

static bool lex_port(const char **end, struct value *value) {
	char *stop;
	unsigned long port;

	if (**end != ':' || !g_ascii_isdigit((*end)[1]))
		return true;
	port = strtoul(*end + 1, &stop, 10);
	*end = stop;
	value->port = (uint16_t)port;
	value->has_port = true;
	return port <= 65535;
}

/* 10.0.0.1 or 10.0.0.1:80. */
static void lex_address(struct parser *ps) {
	struct value value = {.type = VALUE_ADDRESS};
	const char *end = ps->at;
	bool good = true;

	for (unsigned i = 0; i < 4; i++) {
		char *stop;
		unsigned long part = strtoul(end, &stop, 10);

		good = good && stop > end && part <= 255 && (i == 3 || *stop == '.');
		value.addr = value.addr << 8 | (uint32_t)(part & 255);
		end = i < 3 && *stop == '.' ? stop + 1 : stop;
	}
	good = good && *end != '.';
	good = lex_port(&end, &value) && good;
	take(ps, TOK_ADDRESS, end);
	ps->tok.value = value;
	if (!good)
		parse_error(ps, "'%s' is no address; allowed: 10.0.0.1 or 10.0.0.1:80", ps->tok.text);
}

static const struct {
	const char *name;
	enum value_type type;
	double factor;
} units[] = {
	{"", VALUE_NUMBER, 1},
	{"B", VALUE_NUMBER, 1},
	{"KiB", VALUE_NUMBER, 1024},
	{"MiB", VALUE_NUMBER, 1024 * 1024},
	{"ns", VALUE_TIME, (double)SIM_NS},
	{"us", VALUE_TIME, (double)SIM_US},
	{"ms", VALUE_TIME, (double)SIM_MS},
	{"s", VALUE_TIME, (double)SIM_S},
};

static void lex_number(struct parser *ps) {
	char *stop;
	double number = g_ascii_strtod(ps->at, &stop);
	const char *end = stop;
	g_autofree char *unit = NULL;

	while (g_ascii_isalnum(*end) || *end == '.' || *end == '_')
		end++;
	unit = g_strndup(stop, (gsize)(end - stop));
	take(ps, TOK_NUMBER, end);
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		double value = number * units[i].factor;

		if (!g_str_equal(units[i].name, unit))
			continue;
		if (value > 1e18 || (units[i].type == VALUE_NUMBER && strchr(ps->tok.text, '.')))
			break;
		ps->tok.value = (struct value){.type = units[i].type, .number = (int64_t)(value + 0.5)};
		return;
	}
	parse_error(ps, "'%s' is no number; allowed: 10, 4KiB, 10us, 1.5ms, 2s", ps->tok.text);
}

/* Up to the closing quote of the same line; \n, \r, \t, \", \\ and \0 as in C. */
static void lex_text(struct parser *ps) {
	const char *end = ps->at + 1;
	g_autofree char *inner = NULL, *plain = NULL;

	while (*end && *end != '"' && *end != '\n')
		end += end[0] == '\\' && end[1] && end[1] != '\n' ? 2 : 1;
	if (*end != '"') {
		parse_error(ps, "a text without end; allowed: \"text\" on one line");
		return;
	}
	inner = g_strndup(ps->at + 1, (gsize)(end - ps->at - 1));
	plain = g_strcompress(inner);
	ps->at = end + 1;
	ps->tok.kind = TOK_TEXT;
	ps->tok.len = strlen(plain);
	ps->tok.text = script_text(ps->script, plain, ps->tok.len);
}

static void lex_signs(struct parser *ps) {
	static const char *const signs[] = {
		"!=", "<=", ">=", "=", "<", ">", "(", ")", "{", "}", ",", ":", "|", "+", "-", "*"};

	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
		if (g_str_has_prefix(ps->at, signs[i])) {
			take(ps, TOK_SIGN, ps->at + strlen(signs[i]));
			ps->parens += lex_sign(ps, "(");
			if (lex_sign(ps, ")") && ps->parens)
				ps->parens--;
			return;
		}
	parse_error(ps, "'%c' has no meaning here; allowed: calls, statements, # and a comment",
	            *ps->at);
}

/* --- the next token --------------------------------------------------------------------------- */

/* Inside parentheses a line may go on. */
static void skip_blank(struct parser *ps) {
	for (;; ps->at++) {
		if (*ps->at == '#')
			while (ps->at[1] && ps->at[1] != '\n')
				ps->at++;
		else if (*ps->at == '\n' && ps->parens)
			ps->line++;
		else if (*ps->at != ' ' && *ps->at != '\t' && *ps->at != '\r')
			return;
	}
}

static bool is_address(const char *at) {
	size_t digits = strspn(at, "0123456789");

	return at[digits] == '.' && at[digits + 1 + strspn(at + digits + 1, "0123456789")] == '.';
}

void lex_next(struct parser *ps) {
	skip_blank(ps);
	ps->tok = (struct token){.line = ps->line};
	if (*ps->at == '\0')
		return;
	if (*ps->at == '\n' || *ps->at == ';') {
		ps->tok.kind = TOK_LINE;
		ps->line += *ps->at++ == '\n';
	} else if (g_ascii_isalpha(*ps->at) || *ps->at == '_') {
		lex_word(ps);
	} else if (g_ascii_isdigit(*ps->at)) {
		(is_address(ps->at) ? lex_address : lex_number)(ps);
	} else if (*ps->at == '"') {
		lex_text(ps);
	} else {
		lex_signs(ps);
	}
}
