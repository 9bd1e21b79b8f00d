/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Directives, as FreeBSD's packetdrill has them from the C preprocessor: "#ifdef NAME", "#ifndef",
 * "#else", "#endif", "#define NAME VALUE".  A '#' with anything else behind it begins a comment.
 */
#include <string.h>

#include "pkt/scan.h"

enum { CONDITIONS_MAX = 32 };

const char *scan_defined(const struct scan *s, const char *name) {
	return s->defines ? g_hash_table_lookup(s->defines, name) : NULL;
}

static bool is_blank_before(const struct scan *s) {
	const char *at = s->at;

	while (at > s->text && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	return at == s->text || at[-1] == '\n';
}

/* The length of a directive's word, where `at` is a line's first character that is no space: 0 without
 * its '#' (there may be nothing at all). */
static size_t directive_length(const char *at) {
	size_t n = 0;

	while (*at == '#' && g_ascii_isalpha(at[1 + n]))
		n++;
	return n;
}

static bool is_directive(const char *at, const char *word) {
	size_t n = directive_length(at);

	return n == strlen(word) && strncmp(at + 1, word, n) == 0;
}

static void next_line(struct scan *s) {
	s->at += strcspn(s->at, "\n");
	if (*s->at == '\n') {
		s->at++;
		s->line++;
	}
}

/* Takes the lines up to the "#else" (`other`: that counts) or "#endif" of this level. */
static void leave_out(struct scan *s, bool other) {
	unsigned depth = 0, from = s->line;

	for (next_line(s); *s->at; next_line(s)) {
		const char *at = s->at + strspn(s->at, " \t");

		if (is_directive(at, "ifdef") || is_directive(at, "ifndef"))
			depth++;
		else if (is_directive(at, "endif") && depth-- == 0) {
			s->conditions--;
			break;
		} else if (other && depth == 0 && is_directive(at, "else")) {
			break;
		}
	}
	if (!*s->at) {
		s->line = from;
		scan_fail(s, "syntax error: a condition without #endif");
	}
	s->at += strcspn(s->at, "\n");
}

/* The rest of the directive's line, in two words. */
static char **arguments(struct scan *s) {
	size_t n = 1 + directive_length(s->at), length = strcspn(s->at + n, "\n");
	g_autofree char *line = g_strndup(s->at + n, length);
	char *comment = strstr(line, "//");

	if (comment)
		*comment = '\0';
	return g_strsplit_set(g_strstrip(line), " \t", 2);
}

static void condition(struct scan *s, bool wanted) {
	g_auto(GStrv) words = arguments(s);

	if (!words[0] || !*words[0] || words[1]) {
		scan_fail(s, "syntax error: a condition is on one name");
		return;
	}
	if (s->conditions == CONDITIONS_MAX) {
		scan_fail(s, "conditions nested deeper than %d", CONDITIONS_MAX);
		return;
	}
	s->conditions++;
	if ((scan_defined(s, words[0]) != NULL) != wanted)
		leave_out(s, true);
}

static void define(struct scan *s) {
	g_auto(GStrv) words = arguments(s);

	if (!words[0] || !*words[0])
		scan_fail(s, "syntax error: #define without a name");
	else if (!scan_defined(s, words[0]))
		g_hash_table_insert(s->defines, g_strdup(words[0]),
		                    g_strdup(words[1] ? g_strstrip(words[1]) : ""));
}

void scan_directive(struct scan *s) {
	const char *at = s->at;

	if (!is_blank_before(s)) {
		s->at += strcspn(s->at, "\n");
		return;
	}
	if (is_directive(at, "ifdef") || is_directive(at, "ifndef")) {
		condition(s, is_directive(at, "ifdef"));
	} else if (is_directive(at, "else") || is_directive(at, "endif")) {
		if (s->conditions == 0)
			scan_fail(s, "syntax error: '%.*s' without #ifdef",
			          1 + (int)directive_length(at), at);
		else if (is_directive(at, "else"))
			leave_out(s, false);
		else
			s->conditions--;
	} else if (is_directive(at, "define")) {
		define(s);
	} else if (is_directive(at, "if") || is_directive(at, "elif") ||
	           is_directive(at, "include") || is_directive(at, "undef")) {
		scan_unsupported(s, "the directive '%.*s'", (int)strcspn(at, "\n"), at);
	}
	s->at += strcspn(s->at, "\n");
}

bool scan_conditions_end(struct scan *s) {
	if (!s->error && s->conditions > 0)
		scan_fail(s, "syntax error: a condition without #endif");
	return !s->error;
}
