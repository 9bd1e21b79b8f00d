/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System calls: name, arguments, expected result. */
#include <arpa/inet.h>
#include <string.h>

#include "pkt/scan.h"

static void expr_free(gpointer p) {
	struct expr *e = p;

	if (!e)
		return;
	g_free(e->name);
	if (e->text)
		g_string_free(e->text, TRUE);
	if (e->items)
		g_ptr_array_unref(e->items);
	g_free(e);
}

const struct expr *expr_field(const struct expr *e, const char *name) {
	for (guint i = 0; e && e->items && i < e->items->len; i++) {
		const struct expr *item = e->items->pdata[i];

		if (item->name && g_str_equal(item->name, name))
			return item;
	}
	return NULL;
}

static struct expr *parse_expr(struct scan *s);

static struct expr *expr_new(enum expr_kind kind) {
	struct expr *e = g_new0(struct expr, 1);

	e->kind = kind;
	return e;
}

/* Strings, with C's escapes; those that follow each other are one.  "..." behind one means that
 * more of what is read may follow. */
static struct expr *parse_string(struct scan *s) {
	struct expr *e = expr_new(EXPR_STRING);

	e->text = g_string_new(NULL);
	while (scan_take(s, "\"")) {
		g_autofree char *raw = scan_quoted(s, '"'), *text = NULL;

		if (!raw) {
			expr_free(e);
			return NULL;
		}
		text = g_strcompress(raw);
		g_string_append(e->text, text);
	}
	e->open = scan_take(s, "...");
	return e;
}

/* htons(8080), inet_addr("1.2.3.4"): both stay in host byte order here. */
static struct expr *parse_function(struct scan *s, const char *name) {
	struct expr *e = parse_expr(s);
	struct in_addr addr;

	if (!e || !scan_expect(s, ")"))
		goto bad;
	if (g_str_equal(name, "htons") || g_str_equal(name, "htonl"))
		return e;
	if (g_str_equal(name, "inet_addr") && e->kind == EXPR_STRING) {
		if (inet_pton(AF_INET, e->text->str, &addr) != 1) {
			scan_fail(s, "not an address: \"%s\"", e->text->str);
			goto bad;
		}
		e->kind = EXPR_INTEGER;
		e->value = ntohl(addr.s_addr);
		return e;
	}
	scan_unsupported(s, "the function %s()", name);
bad:
	expr_free(e);
	return NULL;
}

/* A constant, an errno, or (as a definition's text) a number. */
static bool name_value(const char *text, int64_t *value) {
	char *end;

	*value = errno_find(text);
	if (*value || constant_find(text, value))
		return true;
	*value = g_ascii_strtoll(text, &end, 0);
	return end != text && !*end;
}

static struct expr *parse_name(struct scan *s) {
	g_autofree char *word = scan_word(s);
	struct expr *e;
	int64_t value;
	const char *text;

	if (g_str_equal(word, "NULL"))
		return expr_new(EXPR_INTEGER);
	if (scan_take(s, "("))
		return parse_function(s, word);
	text = scan_defined(s, word);
	if (text && *text == '"') {
		e = expr_new(EXPR_STRING);
		e->text = g_string_new_len(text + 1, (gssize)MAX(strlen(text), 2) - 2);
		return e;
	}
	if (!name_value(text ? text : word, &value)) {
		scan_unsupported(s, "the name %s", text ? text : word);
		return NULL;
	}
	e = expr_new(EXPR_INTEGER);
	e->value = value;
	return e;
}

/* Fields "name = value", "name(8) = value" or plain values, up to `end`. */
static struct expr *parse_items(struct scan *s, enum expr_kind kind, const char *end) {
	struct expr *e = expr_new(kind);

	e->items = g_ptr_array_new_with_free_func(expr_free);
	while (!scan_take(s, end)) {
		const char *back = s->at;
		unsigned line = s->line;
		g_autofree char *name = scan_word(s);
		struct expr *item;

		if (name && scan_take(s, "("))
			g_free(scan_until(s, ")"));
		if (name && !scan_take(s, "=")) {
			s->at = back;
			s->line = line;
			g_clear_pointer(&name, g_free);
		}
		item = parse_expr(s);
		if (!item || (!scan_take(s, ",") && !scan_peek(s, end))) {
			scan_fail(s, "syntax error in a list before '%.*s'",
			          (int)strcspn(s->at, "\n"), s->at);
			expr_free(item);
			expr_free(e);
			return NULL;
		}
		item->name = g_steal_pointer(&name);
		g_ptr_array_add(e->items, item);
	}
	return e;
}

static struct expr *parse_term(struct scan *s) {
	struct expr *e;

	scan_space(s);
	if (scan_take(s, "..."))
		return expr_new(EXPR_ELLIPSIS);
	if (scan_take(s, "["))
		return parse_items(s, EXPR_LIST, "]");
	if (scan_take(s, "{"))
		return parse_items(s, EXPR_STRUCT, "}");
	if (*s->at == '"')
		return parse_string(s);
	if (*s->at == '(') {
		scan_unsupported(s, "MPLS labels");
		return NULL;
	}
	if (g_ascii_isalpha(*s->at) || *s->at == '_')
		return parse_name(s);
	e = expr_new(EXPR_INTEGER);
	if (scan_integer(s, &e->value))
		return e;
	expr_free(e);
	return NULL;
}

enum { DEPTH_MAX = 100 };

static struct expr *parse_expr(struct scan *s) {
	struct expr *e;

	if (s->depth == DEPTH_MAX) {
		scan_fail(s, "brackets are nested too deeply");
		return NULL;
	}
	s->depth++;
	e = parse_term(s);
	s->depth--;

	while (e && scan_take(s, "|")) {
		struct expr *right = parse_term(s);

		if (!right || e->kind != EXPR_INTEGER || right->kind != EXPR_INTEGER) {
			scan_fail(s, "syntax error: '|' joins numbers");
			expr_free(right);
			expr_free(e);
			return NULL;
		}
		e->value |= right->value;
		expr_free(right);
	}
	return e;
}

/* The result: a number or name, an errno, and a remark in brackets. */
static bool parse_result(struct scan *s, struct call *call) {
	struct expr *e = parse_expr(s);

	if (!e)
		return false;
	call->any_result = e->kind == EXPR_ELLIPSIS;
	call->result = e->value;
	expr_free(e);
	scan_space(s);
	if (*s->at == 'E') {
		g_autofree char *word = scan_word(s);

		call->error = errno_find(word);
		if (!call->error)
			return scan_unsupported(s, "the errno %s", word);
	}
	if (scan_take(s, "("))
		g_free(scan_until(s, ")"));
	return !s->error;
}

bool parse_call(struct scan *s, struct call *call) {
	call->args = g_ptr_array_new_with_free_func(expr_free);
	call->name = scan_word(s);
	if (!call->name)
		return scan_fail(s, "syntax error: expected an event before '%.*s'",
		                 (int)strcspn(s->at, "\n"), s->at);
	if (!scan_expect(s, "("))
		return false;
	while (!scan_take(s, ")")) {
		struct expr *e = parse_expr(s);

		if (!e)
			return false;
		g_ptr_array_add(call->args, e);
		if (!scan_take(s, ",") && !scan_peek(s, ")"))
			return scan_expect(s, ",");
	}
	return scan_expect(s, "=") && parse_result(s, call);
}
