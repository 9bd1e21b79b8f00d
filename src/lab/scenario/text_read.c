/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is this line a group, a key, a block or wrong? */
#include "lab/scenario/text_read.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define BLANKS " \t\r\f\v"

struct reader {
	const char *name; /* of the file */
	text_line fn;
	void *arg;
	char *at;      /* the rest of the bytes, which are taken apart */
	unsigned line; /* of what was read last */
	char *group;   /* NULL: none has opened yet */
	GError **error;
};

static bool wrong(const struct reader *r, unsigned line, const char *what) {
	g_set_error(r->error, LAB_ERROR, LAB_ERROR_INPUT, "%s: line %u: %s", r->name, line, what);
	return false;
}

/* The next line, without its end; NULL behind the last one. */
static char *next_line(struct reader *r) {
	char *line = r->at, *end = line + strcspn(line, "\n");

	if (!*line)
		return NULL;
	r->at = *end ? end + 1 : end;
	*end = '\0';
	r->line++;
	return line;
}

static char *strip(char *text) {
	size_t n;

	text += strspn(text, BLANKS);
	for (n = strlen(text); n > 0 && strchr(BLANKS, text[n - 1]); n--)
		;
	text[n] = '\0';
	return text;
}

/* --- the sorts of lines ----------------------------------------------------------------------- */

static bool take_group(struct reader *r, char *line) {
	char *end = strchr(line, ']');

	if (!end || end[1] || end == line + 1)
		return wrong(r, r->line,
		             "a '[' that begins no group; allowed: such as [scenario], alone in "
		             "its line");
	*end = '\0';
	r->group = line + 1;
	return r->fn(r->arg, r->group, NULL, NULL, r->line, r->error);
}

static bool closes_block(const char *line) {
	return *line == '}' && strspn(line + 1, BLANKS) == strlen(line + 1);
}

/* Lines up to "}", as they stand. */
static bool take_block(struct reader *r, const char *key) {
	g_autoptr(GString) value = g_string_new(NULL);
	unsigned first = r->line;
	const char *line;

	while ((line = next_line(r)) && !closes_block(line))
		g_string_append_printf(value, "\n%s", line);
	if (!line)
		return wrong(r, first,
		             "a block that begins with '{' has no end; allowed: a line '}' behind "
		             "it");
	return r->fn(r->arg, r->group, key, value->str, first, r->error);
}

static bool take_key(struct reader *r, char *line) {
	char *equals = strchr(line, '='), *key, *value;

	if (!equals || equals == line)
		return wrong(r, r->line,
		             "neither a group, a key nor a comment; allowed: lines such as "
		             "[scenario], key = value, # comment");
	if (!r->group)
		return wrong(r, r->line,
		             "a key before the first group; allowed: a group such as [scenario] "
		             "above it");
	*equals = '\0';
	key = strip(line);
	value = strip(equals + 1);
	if (g_str_equal(value, "{"))
		return take_block(r, key);
	return r->fn(r->arg, r->group, key, value, r->line, r->error);
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool is_text(const struct reader *r, const GString *bytes) {
	const char *end;
	unsigned line = 1;

	if (g_utf8_validate_len(bytes->str, bytes->len, &end))
		return true;
	for (const char *at = bytes->str; at < end; at++)
		line += *at == '\n';
	return wrong(r, line, "no UTF-8 text; allowed: a key file in UTF-8");
}

bool text_read(const GString *bytes, const char *name, text_line fn, void *arg, GError **error) {
	struct reader r = {.name = name, .fn = fn, .arg = arg, .error = error};
	g_autofree char *own = g_strndup(bytes->str, bytes->len);
	bool good = is_text(&r, bytes);
	char *line;

	r.at = own + (g_str_has_prefix(own, BYTE_ORDER_MARK) ? strlen(BYTE_ORDER_MARK) : 0);
	while (good && (line = next_line(&r))) {
		line = strip(line);
		if (*line == '[')
			good = take_group(&r, line);
		else if (*line && *line != '#')
			good = take_key(&r, line);
	}
	return good;
}
