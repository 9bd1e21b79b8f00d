/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is the next token, and what does it say? */
#include "script/script_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "script/script_process.h"
#include "script/script_tree.h"

static GQuark script_text_error(void) { return g_quark_from_static_string("script-error"); }

void parse_error(struct parser *ps, const char *format, ...) {
	g_autoptr(GString) line = g_string_new(NULL);
	g_autofree char *why = NULL;
	va_list args;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	/* It may quote the text, in which anything stands. */
	line_format(line, why);
	if (!ps->failed)
		g_set_error(ps->error, script_text_error(), 0, "line %u: %s", ps->tok.line,
		            line->str);
	ps->failed = true;
	ps->tok.kind = TOK_END;
	ps->at = "";
}

bool parse_nest(struct parser *ps, unsigned depth) {
	if (depth > MOST_NESTED)
		parse_error(
			ps,
			"nested too deep; allowed: %u blocks and parentheses within each other, "
			"as many operations in a row",
			MOST_NESTED);
	return depth <= MOST_NESTED;
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
		parse_error(ps, "'%s' is no address; allowed: 10.0.0.1 or 10.0.0.1:80",
		            ps->tok.text);
}

static const struct unit {
	const char *name;
	enum value_type type;
	int64_t factor;
} units[] = {
	{"", VALUE_NUMBER, 1},       {"B", VALUE_NUMBER, 1},
	{"KiB", VALUE_NUMBER, 1024}, {"MiB", VALUE_NUMBER, 1024 * 1024},
	{"ns", VALUE_TIME, SIM_NS},  {"us", VALUE_TIME, SIM_US},
	{"ms", VALUE_TIME, SIM_MS},  {"s", VALUE_TIME, SIM_S},
};

/* Digits up to `stop` and nothing else are taken exactly.  False: not so, or more than 64 bits
 * hold. */
static bool whole_value(const char *text, const char *stop, int64_t factor, int64_t *value) {
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;
	uint64_t number;

	errno = 0;
	number = g_ascii_strtoull(text, &end, hex ? 16 : 10);
	return end == stop && !errno && number <= INT64_MAX &&
	       !__builtin_mul_overflow((int64_t)number, factor, value);
}

static bool broken_value(double number, int64_t factor, int64_t *value) {
	double product = number * (double)factor;

	/* A double has 53 bits: whole numbers beyond came as digits, or are too large. */
	if (product >= (factor == 1 ? 0x1p53 : (double)INT64_MAX))
		return false;
	*value = (int64_t)(product + 0.5);
	return true;
}

static void out_of_range(struct parser *ps, enum value_type type) {
	if (type == VALUE_TIME)
		parse_error(ps, "'%s' is out of range; allowed: times up to %" PRId64 "s",
		            ps->tok.text, INT64_MAX / SIM_S);
	else
		parse_error(ps, "'%s' is out of range; allowed: numbers up to %" PRId64,
		            ps->tok.text, INT64_MAX);
}

static void lex_number(struct parser *ps) {
	char *stop;
	double number = g_ascii_strtod(ps->at, &stop);
	const char *text = ps->at, *end = stop;
	bool point = memchr(text, '.', (size_t)(stop - text));
	g_autofree char *unit = NULL;

	while (g_ascii_isalnum(*end) || *end == '.' || *end == '_')
		end++;
	unit = g_strndup(stop, (gsize)(end - stop));
	take(ps, TOK_NUMBER, end);
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		struct value *v = &ps->tok.value;

		if (!g_str_equal(units[i].name, unit))
			continue;
		if (point && units[i].type == VALUE_NUMBER)
			break;
		v->type = units[i].type;
		if (!whole_value(text, stop, units[i].factor, &v->number) &&
		    !broken_value(number, units[i].factor, &v->number))
			out_of_range(ps, v->type);
		return;
	}
	parse_error(ps, "'%s' is no number; allowed: 10, 4KiB, 10us, 1.5ms, 2s", ps->tok.text);
}

/* What follows a backslash: one character, or a number of octal or hexadecimal digits. */
#define ESCAPES "\\\" \\\\ \\' \\a \\b \\f \\n \\r \\t \\v \\0 to \\377 \\x00 to \\xff"

static const char *octal_escape(struct parser *ps, const char *at, GString *out) {
	unsigned value = 0, n;

	for (n = 0; n < 3 && at[n] >= '0' && at[n] <= '7'; n++)
		value = value << 3 | (unsigned)(at[n] - '0');
	if (value > 255)
		parse_error(ps, "'\\%.3s' is out of range; allowed: \\0 to \\377", at);
	g_string_append_c(out, (char)value);
	return at + n;
}

/* The parser is told; what is returned stands behind the escape.  `at` is behind the backslash. */
static const char *take_escape(struct parser *ps, const char *at, GString *out) {
	static const char letters[] = "\"\\'abfnrtv", bytes[] = "\"\\'\a\b\f\n\r\t\v";
	const char *letter = *at ? strchr(letters, *at) : NULL;

	if (letter) {
		g_string_append_c(out, bytes[letter - letters]);
		return at + 1;
	}
	if (*at >= '0' && *at <= '7')
		return octal_escape(ps, at, out);
	if (*at != 'x') {
		parse_error(ps, "'\\%.*s' is no escape; allowed: " ESCAPES,
		            (int)(g_utf8_next_char(at) - at), at);
	} else if (!g_ascii_isxdigit(at[1]) || !g_ascii_isxdigit(at[2])) {
		parse_error(ps, "'\\x' without two hexadecimal digits; allowed: " ESCAPES);
	} else {
		g_string_append_c(out, (char)(g_ascii_xdigit_value(at[1]) << 4 |
		                              g_ascii_xdigit_value(at[2])));
		return at + 3;
	}
	return at;
}

/* Up to the closing quote of the same line. */
static void lex_text(struct parser *ps) {
	g_autoptr(GString) plain = g_string_new(NULL);
	const char *at = ps->at + 1;

	while (*at && *at != '"' && *at != '\n' && !ps->failed) {
		if (*at != '\\')
			g_string_append_c(plain, *at++);
		else if (at[1] && at[1] != '\n')
			at = take_escape(ps, at + 1, plain);
		else
			at++;
	}
	if (*at != '"')
		parse_error(ps, "a text without end; allowed: \"text\" on one line");
	if (ps->failed)
		return;
	ps->at = at + 1;
	ps->tok.kind = TOK_TEXT;
	ps->tok.len = plain->len;
	ps->tok.text = script_text(ps->script, plain->str, plain->len);
}

static void lex_signs(struct parser *ps) {
	static const char *const signs[] = {"!=", "<=", ">=", "=", "<", ">", "(", ")",
	                                    "{",  "}",  ",",  ":", "|", "+", "-", "*"};

	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
		if (g_str_has_prefix(ps->at, signs[i])) {
			take(ps, TOK_SIGN, ps->at + strlen(signs[i]));
			ps->parens += lex_sign(ps, "(");
			if (lex_sign(ps, ")") && ps->parens)
				ps->parens--;
			return;
		}
	parse_error(ps, "'%.*s' has no meaning here; allowed: calls, statements, # and a comment",
	            (int)(g_utf8_next_char(ps->at) - ps->at), ps->at);
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
