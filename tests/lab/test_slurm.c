/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slurm by its commands, of which these are stand-ins: what they say is understood. */
#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/campaign/slurm.h"
#include "run_suite.h"
#include "scratch.h"

static char *dir, *path;

static void set_up(void) {
	dir = scratch_new();
	path = g_strdup(g_getenv("PATH"));
	g_setenv("PATH", dir, TRUE);
}

static void tear_down(void) {
	g_setenv("PATH", path, TRUE);
	g_free(path);
	scratch_remove(dir);
}

static void command(const char *name, const char *does) {
	g_autofree char *script = g_strconcat("#!/bin/sh\n", does, "\n", NULL);
	g_autofree char *file = scratch_file(dir, name, script);

	ck_assert_int_eq(chmod(file, 0755), 0);
}

/* As many tasks as said, the options before the script, and the id without the cluster's name. */
START_TEST(submitted) {
	char *options[] = {(char *)"--partition=long", NULL};
	g_autofree char *said = g_build_filename(dir, "said", NULL), *does = NULL, *line = NULL;
	g_autofree char *id = NULL;

	does = g_strdup_printf("echo \"$@\" >%s; echo 'sbatch: a warning' >&2; echo '17;far'",
	                       said);
	command("sbatch", does);
	id = slurm_submit("/x/job.sh", 8, "/x/%A_%a.log", options, NULL);
	ck_assert_str_eq(id, "17");
	ck_assert(g_file_get_contents(said, &line, NULL, NULL));
	ck_assert_str_eq(line, "--parsable --job-name=sopsim --no-requeue --array=0-7 "
	                       "--output=/x/%A_%a.log --partition=long /x/job.sh\n");
}
END_TEST

static const struct {
	const char *does, *message; /* does: NULL, there is no such command */
} refusals[] = {
	{NULL, "--slurm: there is no sbatch; allowed: on a machine that submits to Slurm"},
	{"echo 'sbatch: Lua: hello' >&2; echo 'sbatch: error: no partition' >&2; exit 1",
         "--slurm: sbatch: error: no partition; allowed: what `man sbatch` knows, in --slurm-option"},
	{"echo \"sbatch: unrecognized option '--x'\" >&2; echo 'Try --help' >&2; exit 1",
         "--slurm: sbatch: unrecognized option '--x'; allowed: what `man sbatch` knows, in "
         "--slurm-option"},
	{"echo done", "--slurm: done; allowed: what `man sbatch` knows, in --slurm-option"},
	{"exit 3", "--slurm: ; allowed: what `man sbatch` knows, in --slurm-option"},
};

START_TEST(refused) {
	g_autoptr(GError) error = NULL;

	if (refusals[_i].does)
		command("sbatch", refusals[_i].does);
	ck_assert_ptr_null(slurm_submit("/x/job.sh", 1, "/x/log", NULL, &error));
	ck_assert_str_eq(error->message, refusals[_i].message);
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
}
END_TEST

static const struct {
	const char *does;
	enum slurm_state state;
} looks[] = {
	{"echo PENDING; echo RUNNING", SLURM_ACTIVE},
	{"echo", SLURM_OVER},
	{"echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1", SLURM_OVER},
	{"echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1",
         SLURM_UNKNOWN},
	{NULL, SLURM_UNKNOWN},
};

START_TEST(looked_at) {
	if (looks[_i].does)
		command("squeue", looks[_i].does);
	ck_assert_int_eq(slurm_look("17"), looks[_i].state);
}
END_TEST

START_TEST(cancelled) {
	g_autofree char *said = g_build_filename(dir, "said", NULL);
	g_autofree char *does = g_strdup_printf("echo \"$@\" >%s", said), *line = NULL;

	slurm_cancel("17"); /* there is no such command */
	command("scancel", does);
	slurm_cancel("17");
	ck_assert(g_file_get_contents(said, &line, NULL, NULL));
	ck_assert_str_eq(line, "17\n");
}
END_TEST

/* The largest partition's, of all states. */
START_TEST(processors) {
	ck_assert_uint_eq(slurm_processors(), 0);
	command("sinfo", "echo 1/1/0/2; echo 0/16/0/16");
	ck_assert_uint_eq(slurm_processors(), 16);
	command("sinfo", "echo none; exit 1");
	ck_assert_uint_eq(slurm_processors(), 0);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("slurm");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, submitted);
	tcase_add_loop_test(tc, refused, 0, (int)G_N_ELEMENTS(refusals));
	tcase_add_loop_test(tc, looked_at, 0, (int)G_N_ELEMENTS(looks));
	tcase_add_test(tc, cancelled);
	tcase_add_test(tc, processors);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
