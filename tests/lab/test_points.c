/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands around a run of a sweep: its process, its turn, its file. */
#include <check.h>
#include <errno.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/campaign/jobs.h"
#include "lab/campaign/longest.h"
#include "lab/campaign/record.h"
#include "run_suite.h"

#define MANY 40

/* --- processes --------------------------------------------------------------------------------- */

static struct work {
	unsigned begun, of, ended;
	unsigned memory; /* of the command: it grows */
	char *answers[MANY];
} at;

static bool next(void *arg, unsigned *job) {
	(void)arg;
	*job = at.begun++;
	return *job < at.of;
}

static bool done(void *arg, unsigned job, const struct jobs_outcome *outcome, GError **error) {
	(void)arg;
	(void)error;
	at.answers[job] = g_strndup(outcome->answer, outcome->length);
	at.ended++;
	at.memory += 1000;
	return true;
}

static void answer_memory(void *arg, unsigned job, const GString *order, GString *answer) {
	(void)order;
	(void)arg;
	(void)job;
	g_string_append_printf(answer, "%u", at.memory);
}

static struct jobs_work work_of(void (*child)(void *arg, unsigned job, const GString *order,
                                              GString *answer)) {
	return (struct jobs_work){.next = next, .child = child, .done = done, .interrupted = "x"};
}

/* Else each fork would cost more than the last. */
START_TEST(children_do_not_see_the_command_grow) {
	const struct jobs_work work = work_of(answer_memory);
	g_autoptr(GError) error = NULL;

	at = (struct work){.of = MANY, .memory = 7};
	ck_assert_msg(jobs_run(&work, 2, &error), "%s", error ? error->message : "");
	ck_assert_uint_eq(at.ended, MANY);
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_str_eq(at.answers[i], "7");
}
END_TEST

static bool count_preparation(GError **error) {
	(void)error;
	at.memory = 99;
	return true;
}

/* It is done once, and all children have it; the command has not. */
START_TEST(prepared_once) {
	struct jobs_work work = work_of(answer_memory);

	work.prepare = count_preparation;
	at = (struct work){.of = 3};
	ck_assert(jobs_run(&work, 2, NULL));
	ck_assert_str_eq(at.answers[2], "99");
	ck_assert_uint_eq(at.memory, 3000);
}
END_TEST

static bool fail_to_prepare(GError **error) {
	g_set_error_literal(error, LAB_ERROR, LAB_ERROR_INPUT, "no library");
	return false;
}

START_TEST(without_preparation_nothing_runs) {
	struct jobs_work work = work_of(answer_memory);
	g_autoptr(GError) error = NULL;

	work.prepare = fail_to_prepare;
	at = (struct work){.of = 3};
	ck_assert(!jobs_run(&work, 2, &error));
	ck_assert_str_eq(error->message, "no library");
	ck_assert_uint_eq(at.ended, 0);
}
END_TEST

static void end_the_nursery(void *arg, unsigned job, const GString *order, GString *answer) {
	(void)order;
	(void)arg;
	(void)answer;
	if (job == 1)
		kill(getppid(), SIGKILL);
	pause();
}

START_TEST(the_end_of_the_nursery_is_told) {
	const struct jobs_work work = work_of(end_the_nursery);
	g_autoptr(GError) error = NULL;

	at = (struct work){.of = 3};
	ck_assert(!jobs_run(&work, 2, &error));
	ck_assert_msg(strstr(error->message, "was ended from outside"), "%s", error->message);
}
END_TEST

static volatile pid_t *pids; /* of children, in memory that all share */

static void wait_for_ever(void *arg, unsigned job, const GString *order, GString *answer) {
	(void)order;
	(void)arg;
	(void)answer;
	pids[job] = getpid();
	pause();
}

static bool is_there(pid_t pid) { return kill(pid, 0) == 0 || errno != ESRCH; }

/* kill -9 reaches a command, but not what it has begun. */
START_TEST(nothing_outlives_the_command) {
	const struct jobs_work work = work_of(wait_for_ever);
	pid_t command;

	pids = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	at = (struct work){.of = 2};
	command = fork();
	if (command == 0)
		_exit(jobs_run(&work, 2, NULL));
	while (!pids[0] || !pids[1])
		g_usleep(1000);
	kill(command, SIGKILL);
	waitpid(command, NULL, 0);
	for (unsigned i = 0; i < 5000 && (is_there(pids[0]) || is_there(pids[1])); i++)
		g_usleep(1000);
	ck_assert(!is_there(pids[0]) && !is_there(pids[1]));
}
END_TEST

/* Each child has both ends of a pipe for a moment. */
START_TEST(few_descriptors_are_told) {
	struct jobs_work work = work_of(answer_memory);
	struct rlimit few = {8, 8};
	g_autoptr(GError) error = NULL;

	at = (struct work){.of = MANY};
	setrlimit(RLIMIT_NOFILE, &few);
	ck_assert(!jobs_run(&work, 20, &error));
	ck_assert_msg(g_str_has_prefix(error->message, "a run cannot be started:"), "%s",
	              error->message);
}
END_TEST

static bool fail_to_keep(void *arg, unsigned job, const GString *order) {
	(void)arg;
	(void)order;
	return job != 5;
}

START_TEST(what_is_not_kept_is_told) {
	struct jobs_work work = work_of(answer_memory);
	g_autoptr(GError) error = NULL;

	work.keep = fail_to_keep;
	work.not_kept = "not kept";
	at = (struct work){.of = MANY};
	ck_assert(!jobs_run(&work, 2, &error));
	ck_assert_str_eq(error->message, "not kept");
}
END_TEST

/* --- turns ------------------------------------------------------------------------------------- */

static guint row_of_next(struct longest *longest) {
	const struct sweep_run *run = longest_take(longest);

	return run ? run->row : G_MAXUINT;
}

/* Three rows with two runs each. */
START_TEST(longest_first) {
	struct sweep sweep = {.rows = g_array_new(FALSE, TRUE, sizeof(struct sweep_row))};
	struct sweep_run runs[6];
	struct longest *longest;

	g_array_set_size(sweep.rows, 3);
	for (guint i = 0; i < 3; i++)
		g_array_index(sweep.rows, struct sweep_row, i).weight = 1 + (i == 1);
	longest = longest_new(&sweep);
	for (guint i = 0; i < 6; i++) {
		runs[i] = (struct sweep_run){.row = i / 2, .number = i};
		longest_add(longest, &runs[i]);
	}
	/* By weight, then in order. */
	ck_assert_uint_eq(row_of_next(longest), 1);
	ck_assert_uint_eq(row_of_next(longest), 1);
	ck_assert_uint_eq(row_of_next(longest), 0);
	/* A unit of weight takes a second, as far as is known; so row 2 is before what takes less. */
	longest_learn(longest, 1, 2, 2.5);
	longest_learn(longest, 0, 1, 0.5);
	ck_assert_uint_eq(row_of_next(longest), 2);
	/* And behind what takes more. */
	longest_learn(longest, 0, 1, 4);
	longest_learn(longest, 2, 1, 3.9);
	ck_assert_uint_eq(longest_left(longest), 2);
	ck_assert_uint_eq(row_of_next(longest), 0);
	ck_assert_uint_eq(row_of_next(longest), 2);
	ck_assert_uint_eq(row_of_next(longest), G_MAXUINT);
	longest_free(longest);
	g_array_unref(sweep.rows);
}
END_TEST

/* --- files ------------------------------------------------------------------------------------- */

static GString *laid_out(const char *json, gsize length) {
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(JsonGenerator) generator = json_generator_new();
	GString *out = g_string_new(NULL);

	ck_assert(json_parser_load_from_data(parser, json, (gssize)length, NULL));
	json_generator_set_root(generator, json_parser_get_root(parser));
	json_generator_set_pretty(generator, TRUE);
	json_generator_to_gstring(generator, out);
	g_string_append_c(out, '\n');
	return out;
}

static void expect_layout(const struct run_file *file) {
	GString *json = run_file_write(file), *again = laid_out(json->str, json->len);
	struct run_file *back = run_file_read(json->str, json->len);

	ck_assert_str_eq(json->str, again->str);
	ck_assert_ptr_nonnull(back);
	ck_assert_str_eq(back->text, file->text);
	ck_assert_uint_eq(back->record->values->len, file->record->values->len);
	run_file_free(back);
	g_string_free(json, TRUE);
	g_string_free(again, TRUE);
}

/* A run's file is put together by hand: it has the bytes that the library gives. */
START_TEST(a_run_s_file) {
	static const double numbers[] = {0, -1, 0.1, 1e300, -2.5e-7, 8999999999999999, 1e16, NAN};
	char *none[] = {NULL}, *two[] = {(char *)"a.b=1", (char *)"c.d=\"x\\y\"", NULL};
	struct run_file file = {.id = (char *)"0123456789abcdef",
	                        .scenario = (char *)"a b.ini",
	                        .text = (char *)"[a]\n\tk = \"\\ \b\f\r \001\036\177 \303\244\n",
	                        .experiment = (char *)"-",
	                        .config = (char *)"fig5/x",
	                        .settings = none,
	                        .record = record_new()};

	expect_layout(&file);
	for (unsigned i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *name = g_strdup_printf("group.measure%u", i);
		struct value value = {g_quark_from_string(name), numbers[i]};

		g_array_append_val(file.record->values, value);
	}
	g_ptr_array_add(file.record->reasons, g_strdup("one"));
	file.settings = two;
	file.seed = 1ULL << 40;
	expect_layout(&file);
	g_ptr_array_add(file.record->reasons, g_strdup("two"));
	expect_layout(&file);
	record_free(file.record);
}
END_TEST

/* Through a pipe, with a record that has other names, the same, or none. */
START_TEST(a_record_s_bytes) {
	struct record *record = record_failed("why", false), *like = record_new(), *back;
	GString *bytes = g_string_new(NULL);
	struct value value = {g_quark_from_static_string("a.b"), 1.5};

	g_array_append_val(record->values, value);
	record_write(record, bytes);
	for (unsigned i = 0; i < 3; i++) {
		back = record_read(bytes->str, bytes->len, i ? like : NULL);
		ck_assert(record_value(back, value.name) == 1.5 && back->values->len == 1);
		ck_assert_str_eq(back->reasons->pdata[0], "why");
		record_free(back);
		value.name = i ? value.name : g_quark_from_static_string("c.d");
		g_array_set_size(like->values, 0);
		g_array_append_val(like->values, value);
		value.name = g_quark_from_static_string("a.b");
	}
	ck_assert_ptr_null(record_read(bytes->str, bytes->len - 1, NULL));
	g_string_free(bytes, TRUE);
	record_free(record);
	record_free(like);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("points");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, children_do_not_see_the_command_grow);
	tcase_add_test(tc, prepared_once);
	tcase_add_test(tc, without_preparation_nothing_runs);
	tcase_add_test(tc, the_end_of_the_nursery_is_told);
	tcase_add_test(tc, nothing_outlives_the_command);
	tcase_add_test(tc, few_descriptors_are_told);
	tcase_add_test(tc, what_is_not_kept_is_told);
	tcase_add_test(tc, longest_first);
	tcase_add_test(tc, a_run_s_file);
	tcase_add_test(tc, a_record_s_bytes);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
