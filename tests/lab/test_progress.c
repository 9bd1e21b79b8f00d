/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bar on terminals of every width, and the lines of a log. */
#include <check.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/campaign/progress.h"
#include "run_suite.h"

/* What was written, 0-terminated; to be freed. */
static char *said(int fd[2]) {
	char *text = g_malloc0(65536);

	close(fd[1]);
	ck_assert_int_ge(read(fd[0], text, 65535), 0);
	close(fd[0]);
	return text;
}

/* Columns that the longest line takes: escape sequences take none. */
static size_t widest(const char *text) {
	size_t most = 0, column = 0;

	for (; *text; text++) {
		if (*text == '\033') {
			text = strpbrk(text, "Kmh");
			continue;
		}
		column = *text == '\r' ? 0 : column + 1;
		most = MAX(most, column);
	}
	return most;
}

START_TEST(the_bar_never_wraps) {
	for (unsigned columns = 1; columns <= 200; columns++) {
		int fd[2];
		struct progress *p;
		g_autofree char *text = NULL;

		ck_assert_int_eq(pipe(fd), 0);
		p = progress_to(fd[1], columns, 0, 100, 100);
		for (unsigned i = 0; i < 100; i++) {
			progress_begun(p, "pci0.latency=1us, fig5 offload_sop 700/s");
			progress_done(p, 1, i % 10 == 9);
		}
		progress_free(p);
		text = said(fd);
		ck_assert_msg(widest(text) < columns || columns == 1, "%zu of %u columns",
		              widest(text), columns);
		ck_assert_ptr_null(strchr(text, '\n'));
		if (columns > 30)
			ck_assert_ptr_nonnull(strstr(text, "#] 100 %"));
	}
}
END_TEST

START_TEST(a_log_gets_lines) {
	int fd[2];
	struct progress *p;
	g_autofree char *text = NULL;

	g_set_prgname("sopsim test");
	ck_assert_int_eq(pipe(fd), 0);
	p = progress_to(fd[1], 0, 0, 4, 4);
	progress_show(p);
	progress_begun(p, "a\033b");
	progress_done(p, 1, true);
	progress_free(p);
	p = progress_to(fd[1], 0, 1000, 4, 4);
	progress_begun(p, "a");
	progress_done(p, 1, false);
	progress_free(p);
	text = said(fd);
	ck_assert_str_eq(text, "sopsim test: 0 of 4 done, 0 running, for 0 s\n"
	                       "sopsim test: 0 of 4 done, 1 running, for 0 s; now a\\x1bb\n"
	                       "sopsim test: 1 of 4 done, 0 running, 1 failed, about 0 s left; "
	                       "now a\\x1bb\n");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("progress");
	TCase *tc = tcase_create("progress");

	tcase_add_test(tc, the_bar_never_wraps);
	tcase_add_test(tc, a_log_gets_lines);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
