/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text that is put together piece by piece.  Requests, heads and paths are written once a request, and
 * reading a format would take ten times as long as writing what it says.
 */
#ifndef APPS_LINE_H
#define APPS_LINE_H

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* What does not fit is cut off. */
struct line {
	char *begin, *at, *end;
};

static inline struct line line_in(char *buffer, size_t size) {
	return (struct line){buffer, buffer, buffer + size};
}

static inline void line_bytes(struct line *line, const char *bytes, size_t n) {
	n = MIN(n, (size_t)(line->end - line->at));
	memcpy(line->at, bytes, n);
	line->at += n;
}

static inline void line_text(struct line *line, const char *text) {
	line_bytes(line, text, strlen(text));
}

/* In decimal, with so many digits at least. */
static inline void line_number(struct line *line, uint64_t value, unsigned digits) {
	char text[20];
	unsigned n = 0;

	do
		text[sizeof text - ++n] = (char)('0' + value % 10);
	while ((value /= 10) > 0 || n < MIN(digits, sizeof text));
	line_bytes(line, text + sizeof text - n, n);
}

static inline size_t line_length(const struct line *line) {
	return (size_t)(line->at - line->begin);
}

#endif
