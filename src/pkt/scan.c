/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is the next word, number or sign of a script? */
#include "pkt/scan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void skip_block_comment(struct scan *s) {
	unsigned line = s->line;

	for (s->at += 2; *s->at && strncmp(s->at, "*/", 2) != 0; s->at++)
		s->line += *s->at == '\n';
	if (*s->at) {
		s->at += 2;
		return;
	}
	s->line = line;
	scan_fail(s, "syntax error: a comment without end");
}

void scan_space(struct scan *s) {
	for (;;) {
		if (*s->at == '\n') {
			s->line++;
			s->at++;
		} else if (g_ascii_isspace(*s->at)) {
			s->at++;
		} else if (*s->at == '#') {
			scan_directive(s);
		} else if (strncmp(s->at, "//", 2) == 0) {
			s->at += strcspn(s->at, "\n");
		} else if (strncmp(s->at, "/*", 2) == 0) {
			skip_block_comment(s);
		} else {
			return;
		}
	}
}

bool scan_peek(struct scan *s, const char *text) {
	scan_space(s);
	return g_str_has_prefix(s->at, text);
}

bool scan_take(struct scan *s, const char *text) {
	if (!scan_peek(s, text))
		return false;
	s->at += strlen(text);
	return true;
}

bool scan_expect(struct scan *s, const char *text) {
	if (scan_take(s, text))
		return true;
	return scan_fail(s, "syntax error: expected '%s' before '%.*s'", text,
	                 (int)strcspn(s->at, "\n"), s->at);
}

static size_t word_length(const char *at) {
	size_t n = 0;

	if (!g_ascii_isalpha(*at) && *at != '_')
		return 0;
	while (g_ascii_isalnum(at[n]) || at[n] == '_')
		n++;
	return n;
}

char *scan_word(struct scan *s) {
	size_t n;
	char *word;

	scan_space(s);
	n = word_length(s->at);
	if (!n)
		return NULL;
	word = g_strndup(s->at, n);
	s->at += n;
	return word;
}

bool scan_peek_word(struct scan *s, const char *word) {
	scan_space(s);
	return word_length(s->at) == strlen(word) && g_str_has_prefix(s->at, word);
}

bool scan_take_word(struct scan *s, const char *word) {
	if (!scan_peek_word(s, word))
		return false;
	s->at += strlen(word);
	return true;
}

static bool defined_integer(struct scan *s, int64_t *value) {
	size_t n = word_length(s->at);
	g_autofree char *word = g_strndup(s->at, n);
	const char *text = n ? scan_defined(s, word) : NULL;
	char *end;

	if (!text)
		return false;
	*value = g_ascii_strtoll(text, &end, 0);
	if (end == text || *end)
		return scan_fail(s, "%s is defined as %s, which is no number", word, text);
	s->at += n;
	return true;
}

bool scan_integer(struct scan *s, int64_t *value) {
	bool negative = scan_take(s, "-");
	char *end;

	scan_space(s);
	if (!g_ascii_isdigit(*s->at)) {
		if (!negative && (defined_integer(s, value) || s->error))
			return !s->error;
		if (word_length(s->at))
			return scan_unsupported(
				s, "the name %.*s, which is not defined (-D NAME=VALUE)",
				(int)word_length(s->at), s->at);
		return scan_fail(s, "syntax error: expected a number before '%.*s'",
		                 (int)strcspn(s->at, "\n"), s->at);
	}
	errno = 0;
	*value = (int64_t)g_ascii_strtoull(s->at, &end, g_str_has_prefix(s->at, "0x") ? 16 : 10);
	if (errno == ERANGE)
		return scan_fail(s, "number %.*s is out of range", (int)(end - s->at), s->at);
	s->at = end;
	if (negative)
		*value = -*value;
	return true;
}

/* How much of a text is a number of seconds; 0: it does not begin with one. */
static size_t seconds_length(const char *at) {
	size_t n = strspn(at, "0123456789");

	/* A point belongs to the number, "..." does not. */
	if (at[n] == '.' && at[n + 1] != '.')
		n += 1 + strspn(at + n + 1, "0123456789");
	return n == 1 && *at == '.' ? 0 : n;
}

bool scan_seconds(struct scan *s, sim_time *time) {
	g_autofree char *word = NULL;
	const char *text;
	double seconds;
	size_t n;

	scan_space(s);
	word = g_strndup(s->at, word_length(s->at));
	text = *word ? scan_defined(s, word) : NULL;
	n = text ? strlen(word) : seconds_length(s->at);
	if (n == 0)
		return scan_fail(s, "syntax error: expected a time before '%.*s'",
		                 (int)strcspn(s->at, "\n"), s->at);
	if (text && (!seconds_length(text) || text[seconds_length(text)]))
		return scan_fail(s, "%s is defined as %s, which is no time", word, text);
	seconds = g_ascii_strtod(text ? text : s->at, NULL);
	if (seconds > SCRIPT_SECONDS_MAX)
		return scan_unsupported(s, "times beyond %d s", SCRIPT_SECONDS_MAX);
	/* Times are exact to the microsecond, as in packetdrill. */
	*time = (sim_time)llround(seconds * 1e6) * SIM_US;
	s->at += n;
	return true;
}

char *scan_until(struct scan *s, const char *end) {
	const char *stop = strstr(s->at, end), *from = s->at;

	if (!stop) {
		scan_fail(s, "syntax error: '%s' is missing", end);
		return NULL;
	}
	for (; s->at < stop; s->at++)
		s->line += *s->at == '\n';
	s->at += strlen(end);
	return g_strndup(from, (gsize)(stop - from));
}

char *scan_quoted(struct scan *s, char quote) {
	const char *from = s->at, *stop = from;

	while (*stop && *stop != quote)
		stop += *stop == '\\' && stop[1] ? 2 : 1;
	if (!*stop) {
		scan_fail(s, "syntax error: '%c' is missing", quote);
		return NULL;
	}
	for (; s->at < stop; s->at++)
		s->line += *s->at == '\n';
	s->at++;
	return g_strndup(from, (gsize)(stop - from));
}
