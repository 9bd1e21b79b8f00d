/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of `sopsim pkt`. */
#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "captured.h"
#include "pkt/pkt.h"
#include "run_suite.h"
#include "scratch.h"

static char *dir;

static void set_up(void) { dir = scratch_new(); }

static void tear_down(void) { scratch_remove(dir); }

static char *script(const char *name, const char *text) { return scratch_file(dir, name, text); }

/* `sopsim pkt` with words between blanks; what goes to `fd` is in *printed. */
static int command(const char *words, int fd, char **printed) {
	g_autofree char *line = g_strconcat("pkt ", words, NULL);
	g_auto(GStrv) argv = g_strsplit(line, " ", -1);
	struct captured c = captured_begin(fd);
	int status = command_pkt((int)g_strv_length(argv), argv);

	*printed = captured_end(c);
	return status;
}

/* @ stands for a script that passes. */
static const struct {
	const char *words, *message;
} usage[] = {
	{"--isn=5", "no script given; allowed: files"},
	{"@ --via nowhere", "--via nowhere: there is none; allowed: inet, sop-inet, sop-toe"},
	{"@ --via", "--via: a value is missing"},
	{"@ --via=", "--via=: a value is missing"},
	{"@ --set", "--set: a value is missing"},
	{"@ --set tcp.no_such=1", "--set tcp.no_such=1: there is no such parameter"},
	{"@ --set=tcp.sack", "--set tcp.sack: expected tcp.KEY=VALUE"},
	{"@ -D NAME", "-D NAME: no NAME=VALUE; allowed: such as -D x=1"},
	{"@ --define NAME", "-D NAME: no NAME=VALUE"},
	{"@ --mtu=12", "bad value of --mtu=12"},
	{"@ --no_such=1", "the option --no_such=1 is not known"},
	{"@ there-is-none.pkt", "there-is-none.pkt: No such file or directory; allowed: files"},
	{"@ /", "/: a directory; allowed: files, such as /"},
	{"@ /dev/null", "/dev/null: a pipe or device; allowed: files"},
};

START_TEST(bad_usage) {
	g_autofree char *good = script("a.pkt", "0 %{ assert 1 }%\n"), *printed = NULL;
	g_auto(GStrv) parts = g_strsplit(usage[_i].words, "@", 2);
	g_autofree char *words = g_strjoinv(good, parts);

	ck_assert_int_eq(command(words, STDERR_FILENO, &printed), 2);
	ck_assert_msg(g_str_has_prefix(printed, "sopsim pkt: "), "%s", printed);
	ck_assert_msg(strstr(printed, usage[_i].message), "%s", printed);
	ck_assert_msg(strstr(printed, "allowed: "), "%s", printed);
	ck_assert_ptr_eq(strchr(printed, '\n'), printed + strlen(printed) - 1);
}
END_TEST

START_TEST(help) {
	g_autofree char *printed = NULL;

	ck_assert_int_eq(command("a.pkt --help --via", STDOUT_FILENO, &printed), 0);
	ck_assert(g_str_has_prefix(printed, "Usage: sopsim pkt FILE..."));
}
END_TEST

/* Each script has a line, those that do not pass a reason; the counts come last. */
START_TEST(counts) {
	g_autofree char *pass = script("p.pkt", "0 close(NUMBER) = -1 EBADF\n");
	g_autofree char *fail = script("f.pkt", "--define=NUMBER=4\n0 close(9) = 0\n");
	g_autofree char *skip = script("s.pkt", "0 %{ import sys }%\n");
	g_autofree char *words =
		g_strdup_printf("-D NUMBER=3 --via sop-toe %s %s %s", fail, skip, pass);
	g_autofree char *
		printed = NULL,
	       *want = g_strdup_printf(
		       "fail %s\n%s:2: runtime error in close call: Expected result 0 but got -1 with errno 9 (Bad file "
		       "descriptor)\nskip %s\n%s:1: in code: import sys\npass %s\n1 passed, 1 failed, 1 skipped\n",
		       fail, fail, skip, skip, pass);

	ck_assert_int_eq(command(words, STDOUT_FILENO, &printed), 1);
	ck_assert_str_eq(printed, want);
}
END_TEST

/* A script asks by name for the preset; the command line's options go before its own. */
START_TEST(presets) {
	g_autofree char *path = script("p.pkt", "--mtu=12\n#ifdef BSD_CARD\n0 close(9) = 0\n#else\n"
	                                        "0 close(9) = -1 EBADF\n#endif\n");
	g_autofree char *plain = g_strconcat(path, " --verbose", NULL), *printed = NULL,
			*second = NULL;
	g_autofree char *bsd = NULL;

	ck_assert_int_eq(command(plain, STDOUT_FILENO, &printed), 1);
	ck_assert_ptr_nonnull(strstr(printed, "p.pkt:1: bad value of --mtu=12\n"));
	ck_assert(g_file_set_contents(path,
	                              "#ifdef BSD_CARD\n0 close(9) = 0\n#else\n"
	                              "0 close(9) = -1 EBADF\n#endif\n",
	                              -1, NULL));
	ck_assert_int_eq(command(plain, STDOUT_FILENO, &second), 0);
	bsd = g_strconcat(path, " --set tcp.preset=bsd-card", NULL);
	g_clear_pointer(&second, g_free);
	ck_assert_int_eq(command(bsd, STDOUT_FILENO, &second), 1);
	ck_assert_ptr_nonnull(strstr(second, "p.pkt:2: runtime error in close call"));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("pkt_command");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_loop_test(cases, bad_usage, 0, (int)G_N_ELEMENTS(usage));
	tcase_add_test(cases, help);
	tcase_add_test(cases, counts);
	tcase_add_test(cases, presets);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
