/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a test's own process prints. */
#ifndef TESTS_CAPTURED_H
#define TESTS_CAPTURED_H

#include <check.h>
#include <glib.h>
#include <stdio.h>
#include <unistd.h>

struct captured {
	int fd, before;
	FILE *into;
};

/* From now on what goes to standard output (1) or error (2) is kept instead. */
static inline struct captured captured_begin(int fd) {
	struct captured c = {fd, dup(fd), tmpfile()};

	ck_assert_int_ge(c.before, 0);
	ck_assert_ptr_nonnull(c.into);
	fflush(NULL);
	dup2(fileno(c.into), fd);
	return c;
}

/* Until now; what it was (g_free). */
static inline char *captured_end(struct captured c) {
	g_autoptr(GString) text = g_string_new(NULL);
	char part[4096];
	ssize_t n;

	fflush(NULL);
	dup2(c.before, c.fd);
	close(c.before);
	lseek(fileno(c.into), 0, SEEK_SET);
	while ((n = read(fileno(c.into), part, sizeof part)) > 0)
		g_string_append_len(text, part, n);
	fclose(c.into);
	return g_strdup(text->str);
}

#endif
