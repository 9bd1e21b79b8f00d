/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slurm by its commands, of which these are stand-ins: what they say is understood. */
#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/campaign/slurm.h"
#include "lab/campaign/sweep_slurm.h"
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

/* --- a sweep by its tasks ----------------------------------------------------------------------- */

#define SENDS                                                                                      \
	"[scenario]\n[server]\ntype = host\n[pci0]\ntype = pci\n[toe0]\ntype = toe\n"             \
	"address = 10.0.0.1/24\n[c]\ntype = peer\naddress = 10.0.0.2/24\n"                        \
	"[lan]\ntype = network\nmembers = toe0, c\n"                                             \
	"[bench]\ntype = sendbench\npeer = c\nfamily = toe\nsends = 5\nrepetitions = 2\n"

/* What one command does in the folder; runs that are missing still. */
static guint by_slurm(const char *out, bool no_wait, char **message) {
	char *vary[] = {(char *)"pci0.latency=1us,2us,3us", NULL};
	const struct sweep_wanted wanted = {.axes.vary = vary, .seed = 1, .repeat = 1};
	const struct slurm_wanted slurm = {NULL, no_wait};
	g_autoptr(GString) bytes = g_string_new(SENDS);
	g_autoptr(GError) error = NULL;
	struct text *text = text_parse(bytes, "a.ini", &error);
	struct sweep *sweep = text ? sweep_new(text, &wanted, &error) : NULL;
	struct store *store = sweep ? store_open(out, &error) : NULL;
	guint left = 99;

	ck_assert_msg(store && sweep_resume(sweep, store, false, &error), "%s",
	              error ? error->message : "");
	if (!sweep_run_slurm(sweep, store, &slurm, &left, &error))
		*message = g_strdup(error->message);
	store_close(store);
	sweep_free(sweep);
	text_free(text);
	return left;
}

static bool is_there(const char *out, const char *name) {
	g_autofree char *file = g_build_filename(out, name, NULL);

	return g_file_test(file, G_FILE_TEST_EXISTS);
}

/* A job that is left, its tasks one by one, and the command that collects. */
START_TEST(tasks) {
	g_autofree char *out = g_build_filename(dir, "out", NULL), *message = NULL;
	g_autoptr(GError) error = NULL;

	command("sbatch", "echo 17");
	command("squeue", "echo RUNNING");
	command("sinfo", "echo 0/2/0/2");
	ck_assert_uint_eq(by_slurm(out, true, &message), 3);
	for (unsigned task = 0; task < 3; task++)
		ck_assert_msg(slurm_task(out, task, 1, &error), "%s", error ? error->message : "");
	ck_assert(!slurm_task(out, 3, 1, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "tasks/3: there is no such file; allowed: "));
	ck_assert_uint_eq(by_slurm(out, false, &message), 0);
	ck_assert_ptr_null(message);
	ck_assert(is_there(out, "about.json") && !is_there(out, "slurm"));
}
END_TEST

/* Jobs that bring nothing end it, and what they said stays. */
START_TEST(in_vain) {
	g_autofree char *out = g_build_filename(dir, "out", NULL), *message = NULL;

	command("sbatch", "echo 17");
	command("squeue", "echo");
	command("sinfo", "exit 1");
	by_slurm(out, false, &message);
	ck_assert_ptr_nonnull(
		strstr(message, "--slurm: 3 jobs in a row brought none of the 3 runs"));
	ck_assert(is_there(out, "slurm/log"));
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
	tcase_add_test(tc, tasks);
	tcase_add_test(tc, in_vain);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
