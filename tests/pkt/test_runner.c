/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The script runner: every script of runner/ fails or is skipped for the reason that its first line
 * names ("// expect fail: ...", "// expect skip: ..."), or passes and prints what it names.
 */
#include <check.h>
#include <string.h>

#include "captured.h"
#include "pkt/conf.h"
#include "pkt/run.h"
#include "run_suite.h"

static GPtrArray *paths; /* in order of their names */

static int by_name(gconstpointer a, gconstpointer b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_scripts(void) {
	GDir *d = g_dir_open(SCRIPTS, 0, NULL);
	const char *name;

	if (!d)
		g_error("there is no " SCRIPTS);
	paths = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(d)))
		if (g_str_has_suffix(name, ".pkt"))
			g_ptr_array_add(paths, g_build_filename(SCRIPTS, name, NULL));
	g_dir_close(d);
	g_ptr_array_sort(paths, by_name);
}

/* Runs one over INET, with what it prints in *printed; *message says why it did not pass. */
static enum outcome run_path(const char *path, char **printed, char **message) {
	g_autoptr(GHashTable) defines =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GError) error = NULL;
	struct run_conf conf;
	struct script *script;
	enum outcome outcome;
	struct captured out = captured_begin(STDOUT_FILENO);

	run_conf_default(&conf);
	g_hash_table_insert(defines, run_conf_preset_name(&conf), g_strdup("1"));
	script = script_parse(path, defines, &error);
	outcome = script ? run_script(script, &conf, message) : (enum outcome)error->code;
	if (!script)
		*message = g_strdup(error->message);
	script_free(script);
	*printed = captured_end(out);
	return outcome;
}

START_TEST(comes_out_as_it_says) {
	static const char *const words[] = {"pass: ", "fail: ", "skip: "};
	static const enum outcome outcomes[] = {OUTCOME_PASSED, OUTCOME_FAILED, OUTCOME_SKIPPED};
	const char *path = paths->pdata[_i], *expect;
	g_autofree char *text = NULL, *printed = NULL, *message = NULL, *reason = NULL;
	unsigned kind = 0;
	enum outcome outcome;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	ck_assert_msg(g_str_has_prefix(text, "// expect "), "%s: no expectation", path);
	expect = text + strlen("// expect ");
	while (kind < 3 && !g_str_has_prefix(expect, words[kind]))
		kind++;
	ck_assert_msg(kind < 3, "%s: its first line does not say what to expect", path);
	reason = g_strndup(expect + strlen(words[kind]),
	                   strcspn(expect, "\n") - strlen(words[kind]));
	outcome = run_path(path, &printed, &message);
	ck_assert_msg(outcome == outcomes[kind], "%s: %d: %s", path, (int)outcome,
	              message ? message : "");
	ck_assert(!message == (outcome == OUTCOME_PASSED));
	ck_assert_msg(strstr(message ? message : printed, reason), "%s: '%s' is not in: %s", path,
	              reason, message ? message : printed);
	ck_assert_msg(!message || g_str_has_prefix(message, path), "%s: no file: %s", path,
	              message);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("pkt_runner");
	TCase *cases = tcase_create("all");

	find_scripts();
	tcase_add_loop_test(cases, comes_out_as_it_says, 0, (int)paths->len);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
