/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/text_read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MOST_BYTES (16 << 20)
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static void G_GNUC_PRINTF(3, 4) wrong(GError **error, const char *name, const char *format, ...) {
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: %s", name, what);
}

/* --- bytes ------------------------------------------------------------------------------------- */

/* No more than the most, so that a device without end is refused too.  NULL with errno. */
static GString *read_bytes(const char *path) {
	GString *bytes = g_string_new(NULL);
	FILE *file = fopen(path, "rb");
	char part[65536];
	int trouble = file ? 0 : errno;
	size_t n = 1;

	while (file && n > 0 && bytes->len <= MOST_BYTES) {
		n = fread(part, 1, sizeof part, file);
		g_string_append_len(bytes, part, (gssize)n);
		if (ferror(file))
			trouble = errno;
	}
	if (file)
		fclose(file);
	if (!trouble)
		return bytes;
	g_string_free(bytes, TRUE);
	errno = trouble;
	return NULL;
}

static bool is_text(const GString *bytes, const char *name, GError **error) {
	const char *end;
	unsigned line = 1;

	if (bytes->len > MOST_BYTES) {
		wrong(error, name, "larger than 16 MiB; allowed: a key file");
		return false;
	}
	if (g_utf8_validate_len(bytes->str, bytes->len, &end))
		return true;
	for (const char *at = bytes->str; at < end; at++)
		line += *at == '\n';
	wrong(error, name, "line %u: a byte of value %u that is no UTF-8 text; allowed: a key file "
	      "in UTF-8", line, (unsigned char)*end);
	return false;
}

/* --- blocks of lines ------------------------------------------------------------------------- */

static bool opens_block(const char *line) {
	g_autofree char *text = g_strstrip(g_strdup(line));

	return *text != '#' && g_str_has_suffix(text, "{") && strchr(text, '=') &&
	       *g_strchug(strchr(text, '=') + 1) == '{';
}

static bool closes_block(const char *line) {
	return *line == '}' && strspn(line + 1, " \t\r") == strlen(line + 1);
}

/* The file with each block on its key's line; NULL: a block does not end. */
static char *fold_blocks(const char *bytes) {
	g_auto(GStrv) lines = g_strsplit(bytes, "\n", -1);
	GString *out = g_string_new(NULL);
	bool inside = false;

	for (unsigned i = 0; lines[i]; i++) {
		if (inside && closes_block(lines[i])) {
			inside = false;
			g_string_append_c(out, '\n');
		} else if (inside) {
			g_string_append_printf(out, "%c%s", TEXT_LINE_BREAK, lines[i]);
		} else if (opens_block(lines[i])) {
			inside = true;
			g_string_append_len(out, lines[i], strchr(lines[i], '=') + 1 - lines[i]);
		} else {
			g_string_append_printf(out, "%s\n", lines[i]);
		}
	}
	return g_string_free(out, inside);
}

/* --- said twice -------------------------------------------------------------------------------- */

/* The name in "[name]", NULL: the line is none. */
static char *group_of(const char *line) {
	const char *end = strrchr(line, ']');

	return *line == '[' && end ? g_strndup(line + 1, (gsize)(end - line - 1)) : NULL;
}

/* The key in "key = value", NULL: the line is none. */
static char *key_of(const char *line) {
	const char *equals = strchr(line, '=');

	return *line != '#' && equals ? g_strchomp(g_strndup(line, (gsize)(equals - line))) : NULL;
}

static bool said_once(const char *text, const char *name, GError **error) {
	g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *group = g_strdup("");

	for (unsigned i = 0; lines[i]; i++) {
		const char *line = g_strstrip(lines[i]);
		g_autofree char *opened = group_of(line), *key = opened ? NULL : key_of(line);

		if (opened) {
			g_free(group);
			group = g_strdup(opened);
		}
		if ((opened || key) &&
		    !g_hash_table_add(said, g_strconcat(group, "]", key, NULL))) {
			wrong(error, name, "[%s]%s%s: said twice; allowed: once in a file", group,
			      key ? " " : "", key ? key : "");
			return false;
		}
	}
	return true;
}

/* --- all of it --------------------------------------------------------------------------------- */

char *text_read(const char *path, const char *name, GError **error) {
	GString *bytes = read_bytes(path);
	g_autofree char *raw = NULL, *folded = NULL;

	if (!bytes) {
		wrong(error, name, "cannot be read: %s; allowed: a key file", g_strerror(errno));
		return NULL;
	}
	if (!is_text(bytes, name, error)) {
		g_string_free(bytes, TRUE);
		return NULL;
	}
	raw = g_string_free(bytes, FALSE);
	folded = fold_blocks(raw + (g_str_has_prefix(raw, BYTE_ORDER_MARK) ? strlen(BYTE_ORDER_MARK) : 0));
	if (!folded)
		wrong(error, name, "a block that begins with '{' has no end; allowed: a line '}' behind it");
	if (!folded || !said_once(folded, name, error))
		return NULL;
	return g_steal_pointer(&folded);
}
