/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of this text may a terminal see? */
#include "lab/base/terminal.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LONGEST 4 /* bytes of a character */

struct guard {
	int fd;
	char part[LONGEST]; /* of a character that the next write completes */
	size_t held;
};

static bool is_harmless(gunichar c) {
	if (c == '\n' || c == '\t')
		return true;
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return false;
	return !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

/* Appends what `bytes` show; false: they end within a character that begins at *rest. */
static bool show(GString *out, const char *bytes, size_t n, size_t *rest) {
	for (size_t i = 0; i < n;) {
		unsigned char first = (unsigned char)bytes[i];
		gunichar c = first < 0x80 ? first
		                          : g_utf8_get_char_validated(bytes + i, (gssize)(n - i));
		bool good = c != (gunichar)-1 && c != (gunichar)-2;
		size_t length = good ? (size_t)g_unichar_to_utf8(c, NULL) : 1;

		*rest = i;
		if (c == (gunichar)-2 && n - i < LONGEST)
			return false;
		if (good && is_harmless(c))
			g_string_append_len(out, bytes + i, (gssize)length);
		else
			for (size_t k = 0; k < length; k++)
				g_string_append_printf(out, "\\x%02x", (unsigned char)bytes[i + k]);
		i += length;
	}
	*rest = n;
	return true;
}

char *terminal_text(const char *text) {
	GString *out = g_string_new(NULL);
	size_t n = strlen(text), rest = 0;

	if (!show(out, text, n, &rest))
		for (; rest < n; rest++)
			g_string_append_printf(out, "\\x%02x", (unsigned char)text[rest]);
	return g_string_free(out, FALSE);
}

/* --- the streams ------------------------------------------------------------------------------ */

static bool write_all(int fd, const char *bytes, size_t n) {
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			bytes += done;
			n -= (size_t)done;
		}
	}
	return true;
}

static ssize_t guard_write(void *cookie, const char *bytes, size_t n) {
	struct guard *guard = cookie;
	g_autoptr(GString) all = g_string_new_len(guard->part, (gssize)guard->held);
	g_autoptr(GString) out = g_string_new(NULL);
	size_t rest = 0;

	g_string_append_len(all, bytes, (gssize)n);
	show(out, all->str, all->len, &rest);
	guard->held = all->len - rest;
	memcpy(guard->part, all->str + rest, guard->held);
	/* 0 is how a stream of this sort says that it failed. */
	return write_all(guard->fd, out->str, out->len) ? (ssize_t)n : 0;
}

static FILE *guarded(struct guard *guard, FILE *plain, int mode) {
	FILE *file = fopencookie(guard, "w", (cookie_io_functions_t){.write = guard_write});

	if (!file)
		return plain;
	setvbuf(file, NULL, mode, BUFSIZ);
	return file;
}

/* GLib's own writer asks which descriptor stderr has, which a guarded stream cannot tell. */
static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize n,
                                  void *unused) {
	g_autofree char *line = NULL;

	(void)unused;
	if (g_log_writer_default_would_drop(level, NULL))
		return G_LOG_WRITER_HANDLED;
	line = g_log_writer_format_fields(level, fields, n, FALSE);
	fprintf(stderr, "%s\n", line);
	return G_LOG_WRITER_HANDLED;
}

void terminal_guard(void) {
	static struct guard out = {.fd = STDOUT_FILENO}, err = {.fd = STDERR_FILENO};

	g_log_set_writer_func(write_log, NULL, NULL);
	stdout = guarded(&out, stdout, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
	stderr = guarded(&err, stderr, _IONBF);
}
