/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "%{ assert tcpi_snd_cwnd == 10 }%": assertions about the connection under test, in as much of
 * Python as they are written in: assert, print and assignment; numbers, comparisons (chained), and,
 * or, not, arithmetic, min(), max(), abs().  The names are the fields of struct tcp_info, its
 * constants, and the short names ("tcpi_cwnd") that older scripts use.  All the code of a script is
 * one program: variables stay.
 */
#include "pkt/code.h"

#include <math.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "pkt/conn.h"
#include "pkt/run.h"
#include "pkt/worker.h"

struct code {
	struct run *r;
	const struct event *ev;
	const char *at; /* in the statement */
	struct tcp_info info;
	bool have_info;
	unsigned depth; /* of brackets */
	unsigned idle;  /* in what does not count: behind "0 and", "1 or" */
	GString *used;  /* names and values that the statement read */
	bool bad;
};

/* --- names ------------------------------------------------------------------------------------ */

/* Those that the engine keeps; the others would be read as 0. */
static const struct {
	const char *name;
	size_t offset, size;
} fields[] = {
#define F(name) {#name, offsetof(struct tcp_info, name), sizeof(((struct tcp_info *)0)->name)}
	F(tcpi_state),
	F(tcpi_ca_state),
	F(tcpi_retransmits),
	F(tcpi_probes),
	F(tcpi_backoff),
	F(tcpi_options),
	F(tcpi_rto),
	F(tcpi_ato),
	F(tcpi_snd_mss),
	F(tcpi_rcv_mss),
	F(tcpi_unacked),
	F(tcpi_sacked),
	F(tcpi_lost),
	F(tcpi_retrans),
	F(tcpi_pmtu),
	F(tcpi_rcv_ssthresh),
	F(tcpi_rtt),
	F(tcpi_rttvar),
	F(tcpi_snd_ssthresh),
	F(tcpi_snd_cwnd),
	F(tcpi_advmss),
	F(tcpi_reordering),
	F(tcpi_total_retrans),
#undef F
	{"tcpi_cwnd", offsetof(struct tcp_info, tcpi_snd_cwnd), 4},
	{"tcpi_ssthresh", offsetof(struct tcp_info, tcpi_snd_ssthresh), 4},
};

/* Reads TCP_INFO of the connection under test, once for a piece of code. */
static bool get_info(struct code *c) {
	struct run *r = c->r;
	int len = sizeof c->info, rc;

	if (c->have_info)
		return true;
	if (!r->conn || r->conn->fd < 0) {
		c->bad = true;
		return run_fail(r, c->ev->line,
		                "error in code: no descriptor of the connection under test "
		                "is known (accept() it first)");
	}
	rc = worker_getsockopt(
		r, GPOINTER_TO_INT(g_hash_table_lookup(r->fds, GINT_TO_POINTER(r->conn->fd))),
		IPPROTO_TCP, TCP_INFO, &c->info, &len);
	if (rc < 0) {
		c->bad = true;
		return r->error
		               ? false
		               : run_fail(r, c->ev->line, "error in code: getsockopt(TCP_INFO): %s",
		                          g_strerror(-rc));
	}
	c->have_info = true;
	return true;
}

static bool info_field(struct code *c, const char *name, double *value) {
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		uint32_t n = 0;

		if (!g_str_equal(name, fields[i].name))
			continue;
		if (get_info(c))
			memcpy(&n, (const uint8_t *)&c->info + fields[i].offset, fields[i].size);
		*value = n;
		return true;
	}
	/* Two fields of four bits, which have no address. */
	if (!g_str_equal(name, "tcpi_snd_wscale") && !g_str_equal(name, "tcpi_rcv_wscale"))
		return false;
	if (get_info(c))
		*value = g_str_equal(name, "tcpi_snd_wscale") ? c->info.tcpi_snd_wscale
		                                              : c->info.tcpi_rcv_wscale;
	return true;
}

static double unsupported(struct code *c, const char *what) {
	if (!c->bad)
		run_skip(c->r, c->ev->line, "in code: %s", what);
	c->bad = true;
	return 0;
}

static double named(struct code *c, const char *name) {
	const double *variable = g_hash_table_lookup(c->r->variables, name);
	double value = 0;
	int64_t constant;

	if (variable)
		value = *variable;
	else if (constant_find(name, &constant))
		return (double)constant;
	else if (g_str_equal(name, "True") || g_str_equal(name, "False"))
		return g_str_equal(name, "True");
	else if (!info_field(c, name, &value))
		return unsupported(c, name);
	g_string_append_printf(c->used, "%s%s = %.10g", c->used->len ? ", " : "", name, value);
	return value;
}

/* --- expressions ------------------------------------------------------------------------------ */

static double parse_or(struct code *c);

static void space(struct code *c) {
	while (g_ascii_isspace(*c->at) || *c->at == '\\')
		c->at++;
}

static bool take(struct code *c, const char *token) {
	size_t n = strlen(token);

	space(c);
	if (strncmp(c->at, token, n) != 0)
		return false;
	if (g_ascii_isalpha(*token) && (g_ascii_isalnum(c->at[n]) || c->at[n] == '_'))
		return false;
	c->at += n;
	return true;
}

static double call_function(struct code *c, const char *name) {
	double value = parse_or(c);
	bool several = false;

	for (; take(c, ","); several = true) {
		double next = parse_or(c);

		value = g_str_equal(name, "min") ? fmin(value, next) : fmax(value, next);
	}
	if (!take(c, ")"))
		return unsupported(c, c->at);
	if (g_str_equal(name, "abs") && !several)
		return fabs(value);
	if (g_str_equal(name, "int") && !several)
		return trunc(value);
	return g_str_equal(name, "min") || g_str_equal(name, "max") ? value : unsupported(c, name);
}

static double parse_primary(struct code *c) {
	space(c);
	if (take(c, "(")) {
		double value = parse_or(c);

		return take(c, ")") ? value : unsupported(c, c->at);
	}
	if (g_ascii_isdigit(*c->at) || (*c->at == '.' && g_ascii_isdigit(c->at[1]))) {
		char *end;
		double value = g_str_has_prefix(c->at, "0x")
		                       ? (double)g_ascii_strtoull(c->at, &end, 16)
		                       : g_ascii_strtod(c->at, &end);

		c->at = end;
		return value;
	}
	if (g_ascii_isalpha(*c->at) || *c->at == '_') {
		const char *from = c->at;
		g_autofree char *name = NULL;

		while (g_ascii_isalnum(*c->at) || *c->at == '_')
			c->at++;
		name = g_strndup(from, (gsize)(c->at - from));
		return take(c, "(") ? call_function(c, name) : named(c, name);
	}
	return unsupported(c, c->at);
}

static double parse_unary(struct code *c) {
	double value;
	bool negative = false;

	while (take(c, "-"))
		negative = !negative;
	value = parse_primary(c);
	return negative ? -value : value;
}

/* What a value is to be divided by; an assertion about the quotient by 0 would say nothing. */
static double parse_divisor(struct code *c) {
	double by = parse_unary(c);

	if (by != 0)
		return by;
	if (!c->idle && !c->bad) {
		run_fail(c->r, c->ev->line, "runtime error in code: division by zero; %s",
		         c->used->str);
		c->bad = true;
	}
	return 1;
}

static double parse_product(struct code *c) {
	double value = parse_unary(c);

	for (;;) {
		if (take(c, "//"))
			value = floor(value / parse_divisor(c));
		else if (take(c, "*"))
			value *= parse_unary(c);
		else if (take(c, "/"))
			value /= parse_divisor(c);
		else if (take(c, "%")) {
			double by = parse_divisor(c);

			value -= by * floor(value / by);
		} else {
			return value;
		}
	}
}

static double parse_sum(struct code *c) {
	double value = parse_product(c);

	for (;;) {
		if (take(c, "+"))
			value += parse_product(c);
		else if (take(c, "-"))
			value -= parse_product(c);
		else
			return value;
	}
}

static double parse_bit_and(struct code *c) {
	double value = parse_sum(c);

	while (take(c, "&"))
		value = (double)((int64_t)value & (int64_t)parse_sum(c));
	return value;
}

static double parse_bits(struct code *c) {
	double value = parse_bit_and(c);

	while (take(c, "|"))
		value = (double)((int64_t)value | (int64_t)parse_bit_and(c));
	return value;
}

/* Chains as in "8 <= x < 12". */
static double parse_comparison(struct code *c) {
	static const char *const operators[] = {"==", "!=", "<=", ">=", "<", ">"};
	double left = parse_bits(c);
	bool truth = true, compared = false;

	for (size_t i = 0; i < G_N_ELEMENTS(operators);) {
		double right;

		if (!take(c, operators[i])) {
			i++;
			continue;
		}
		right = parse_bits(c);
		truth &= i == 0   ? left == right
		         : i == 1 ? left != right
		         : i == 2 ? left <= right
		         : i == 3 ? left >= right
		         : i == 4 ? left < right
		                  : left > right;
		left = right;
		compared = true;
		i = 0;
	}
	return compared ? truth : left;
}

static double parse_not(struct code *c) {
	double value;
	unsigned times = 0;

	while (take(c, "not"))
		times++;
	value = parse_comparison(c);
	return times ? (value == 0) == times % 2 : value;
}

static double parse_and(struct code *c) {
	double value = parse_not(c);

	while (take(c, "and")) {
		bool counts = value != 0;
		double right;

		c->idle += !counts;
		right = parse_not(c);
		c->idle -= !counts;
		value = counts ? right : value;
	}
	return value;
}

enum { DEPTH_MAX = 100 };

static double parse_or(struct code *c) {
	double value;

	if (c->depth == DEPTH_MAX)
		return unsupported(c, "brackets nested so deeply");
	c->depth++;
	value = parse_and(c);
	while (take(c, "or")) {
		bool counts = value == 0;
		double right;

		c->idle += !counts;
		right = parse_and(c);
		c->idle -= !counts;
		value = counts ? right : value;
	}
	c->depth--;
	return value;
}

/* --- statements ------------------------------------------------------------------------------- */

static void run_assert(struct code *c, const char *statement) {
	double truth = parse_or(c);

	space(c);
	/* What follows a comma is a message for people. */
	if (*c->at && *c->at != ',')
		unsupported(c, c->at);
	if (!c->bad && truth == 0)
		run_fail(c->r, c->ev->line, "runtime error in code: assertion failed: %s; %s",
		         statement, c->used->str);
}

/* A string in quotes; false: none comes next. */
static bool print_string(struct code *c, GString *out) {
	char quote = *c->at;
	const char *end = quote == '"' || quote == '\'' ? strchr(c->at + 1, quote) : NULL;

	if (!end)
		return false;
	g_string_append_len(out, c->at + 1, end - c->at - 1);
	c->at = end + 1;
	return true;
}

/* print("text", value, ...), also as Python 2 has it. */
static void run_print(struct code *c) {
	GString *out = g_string_new(NULL);
	bool bracket = take(c, "(");

	for (space(c); *c->at && *c->at != ')' && !c->bad;) {
		if (!print_string(c, out))
			g_string_append_printf(out, "%.10g", parse_or(c));
		if (!take(c, ","))
			break;
		g_string_append_c(out, ' ');
		space(c);
	}
	if (bracket && !take(c, ")"))
		unsupported(c, c->at);
	space(c);
	if (*c->at)
		unsupported(c, c->at);
	if (!c->bad)
		printf("%s:%u: %s\n", c->r->script->file, c->ev->line, out->str);
	g_string_free(out, TRUE);
}

static void run_statement(struct code *c, const char *statement) {
	const char *from;

	c->at = statement;
	g_string_truncate(c->used, 0);
	space(c);
	if (!*c->at || take(c, "pass"))
		return;
	if (take(c, "print")) {
		run_print(c);
		return;
	}
	if (take(c, "assert")) {
		run_assert(c, statement);
		return;
	}
	from = c->at;
	while (g_ascii_isalnum(*c->at) || *c->at == '_')
		c->at++;
	if (c->at > from) {
		g_autofree char *name = g_strndup(from, (gsize)(c->at - from));
		double value;

		if (take(c, "=") && *c->at != '=') {
			value = parse_or(c);
			space(c);
			if (*c->at)
				unsupported(c, c->at);
			g_hash_table_insert(c->r->variables, g_steal_pointer(&name),
			                    g_memdup2(&value, sizeof value));
			return;
		}
	}
	unsupported(c, statement);
}

/* Statements end with a line or ';', unless a bracket or a string is open. */
static char *next_statement(const char **text) {
	GString *s = g_string_new(NULL);
	unsigned depth = 0;
	char quote = 0;

	for (; **text; (*text)++) {
		char ch = **text;

		if (quote) {
			quote = ch == quote ? 0 : quote;
		} else if (ch == '\'' || ch == '"') {
			quote = ch;
		} else if (ch == '#') {
			*text += strcspn(*text, "\n") - 1;
			continue;
		} else if (ch == '(') {
			depth++;
		} else if (ch == ')') {
			depth -= depth > 0;
		} else if ((ch == '\n' || ch == ';') && !depth &&
		           !(s->len && s->str[s->len - 1] == '\\')) {
			(*text)++;
			break;
		}
		g_string_append_c(s, ch);
	}
	return g_strstrip(g_string_free(s, FALSE));
}

bool code_run(struct run *r, const struct event *ev) {
	struct code c = {.r = r, .ev = ev};
	const char *text = ev->text;

	c.used = g_string_new(NULL);
	while (*text && !r->error && !c.bad) {
		g_autofree char *statement = next_statement(&text);

		run_statement(&c, statement);
	}
	g_string_free(c.used, TRUE);
	return !r->error;
}
