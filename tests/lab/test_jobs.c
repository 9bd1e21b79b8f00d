/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs in child processes: answers come back in order, trouble is told. */
#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/campaign/run.h"
#include "lab/campaign/store.h"
#include "run_suite.h"
#include "scratch.h"

static const char scenario[] =
	"[server]\ntype = host\n[pci0]\ntype = pci\n[eth0]\ntype = nic\naddress = 10.0.0.1/24\n"
	"[client]\ntype = peer\naddress = 10.0.0.2/24\n[lan]\ntype = network\nmembers = eth0, client\n"
	"[f]\ntype = fileset\npath = /a\nsize = 1KiB\n[web]\ntype = web\n"
	"[fetch]\ntype = fetch\npeer = client\ntarget = eth0\nfileset = f\n";

static struct text *load(void) {
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("sopsim-XXXXXX.ini", &path, NULL);
	struct text *text;

	close(fd);
	g_file_set_contents(path, scenario, -1, NULL);
	text = text_load(path, NULL);
	g_unlink(path);
	return text;
}

static void crash(struct world *world, void *arg) {
	(void)world;
	(void)arg;
	raise(SIGKILL);
}

static void leave(struct world *world, void *arg) {
	(void)world;
	(void)arg;
	_exit(0);
}

static void number(struct world *world, struct measures *m, void *arg) {
	(void)world;
	measures_set(m, "test", "number", *(double *)arg);
}

START_TEST(answers_in_order) {
	struct text *text = load();
	struct run_spec *specs[5];
	struct measures *m[5];
	double numbers[5];
	g_autoptr(GError) error = NULL;

	for (unsigned i = 0; i < 5; i++) {
		numbers[i] = i;
		specs[i] = run_spec_new("run", text, 1);
		specs[i]->after = number;
		specs[i]->arg = &numbers[i];
	}
	ck_assert_msg(run_all(specs, 5, 2, m, &error), "%s", error ? error->message : "");
	for (unsigned i = 0; i < 5; i++) {
		ck_assert(measures_get(m[i], "test.number") == i);
		ck_assert(measures_get(m[i], "fetch.done") == 1);
		ck_assert(measures_get(m[i], "fetch.wrong_bytes") == 0);
		ck_assert(measures_get(m[i], "sim.events") == measures_get(m[0], "sim.events"));
	}
	for (unsigned i = 0; i < 5; i++) {
		measures_free(m[i]);
		run_spec_free(specs[i]);
	}
	text_free(text);
}
END_TEST

static void expect_trouble(void (*before)(struct world *world, void *arg), enum lab_error code,
                           const char *word) {
	struct text *text = load();
	struct run_spec *specs[2] = {run_spec_new("good", text, 1), run_spec_new("bad", text, 1)};
	struct measures *m[2];
	g_autoptr(GError) error = NULL;

	if (before)
		specs[1]->before = before;
	else
		text_set(specs[1]->text, "fetch", "times", "0", "test");
	ck_assert(!run_all(specs, 2, 2, m, &error));
	ck_assert(g_error_matches(error, LAB_ERROR, (int)code));
	ck_assert_msg(strstr(error->message, word), "'%s' does not say '%s'", error->message, word);
	ck_assert_ptr_null(m[0]);
	for (unsigned i = 0; i < 2; i++)
		run_spec_free(specs[i]);
	text_free(text);
}

START_TEST(a_crash_is_a_defect) { expect_trouble(crash, LAB_ERROR_DEFECT, "'bad' crashed"); }
END_TEST
START_TEST(silence_is_a_defect) { expect_trouble(leave, LAB_ERROR_DEFECT, "no result"); }
END_TEST
START_TEST(bad_input_is_input) { expect_trouble(NULL, LAB_ERROR_INPUT, "[fetch] times"); }
END_TEST

/* A run that was stopped while it wrote leaves a part of its file: gone when the command ends, with the folder that
 * holds nothing else. */
START_TEST(nothing_half_written_is_left) {
	char *dir = scratch_new();
	g_autofree char *out = g_build_filename(dir, "out", NULL);
	g_autofree char *half = g_build_filename(out, "runs", ".1234.99", NULL);
	g_autofree char *runs = g_path_get_dirname(half);
	struct store *store = store_open(out, NULL);

	ck_assert(store && g_file_set_contents(half, "{", 1, NULL));
	store_close(store);
	ck_assert(!g_file_test(runs, G_FILE_TEST_EXISTS));
	scratch_remove(dir);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("jobs");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, answers_in_order);
	tcase_add_test(tc, a_crash_is_a_defect);
	tcase_add_test(tc, silence_is_a_defect);
	tcase_add_test(tc, bad_input_is_input);
	tcase_add_test(tc, nothing_half_written_is_left);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
