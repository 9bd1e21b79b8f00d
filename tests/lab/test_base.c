/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the lab stands on: files that users name, errors in one line, limits, guarded streams,
 * statistics. */
#include <check.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "captured.h"
#include "lab/base/digest.h"
#include "lab/base/error.h"
#include "lab/base/folder.h"
#include "lab/base/input.h"
#include "lab/base/interrupt.h"
#include "lab/base/rlimits.h"
#include "lab/base/terminal.h"
#include "lab/base/version.h"
#include "run_suite.h"
#include "scratch.h"

/* --- files ------------------------------------------------------------------------------------ */

static char *why_not(const char *path, gsize most) {
	char *why = NULL;
	GString *bytes = input_read(path, most, &why);

	ck_assert(!bytes == !!why);
	if (bytes)
		g_string_free(bytes, TRUE);
	return why;
}

START_TEST(inputs) {
	g_autofree char *dir = g_dir_make_tmp("sopsim-test-XXXXXX", NULL), *why = NULL;
	g_autofree char *file = g_build_filename(dir, "f", NULL),
			*pipe = g_build_filename(dir, "p", NULL);
	GString *bytes;

	ck_assert(g_file_set_contents(file, "a\0b", 3, NULL));
	ck_assert_int_eq(mkfifo(pipe, 0600), 0);
	bytes = input_read(file, 3, &why);
	ck_assert(bytes && bytes->len == 3 && memcmp(bytes->str, "a\0b", 4) == 0);
	g_string_free(bytes, TRUE);
	for (int i = 0; i < 6; i++) {
		static const char *const says[] = {"is larger than 2 bytes",
		                                   "is a directory",
		                                   "is a pipe",
		                                   "is a device",
		                                   "cannot be read: No such file or directory",
		                                   "cannot be read: Not a directory"};
		g_autofree char *none = g_build_filename(i == 4 ? dir : file, "none", NULL);
		const char *const paths[] = {file, dir, pipe, "/dev/zero", none, none};
		g_autofree char *said = why_not(paths[i], 2);

		ck_assert_str_eq(said, says[i]);
	}
	/* A whole number of MiB is said so. */
	ck_assert_int_eq(truncate(file, (1 << 20) + 1), 0);
	why = why_not(file, 1 << 20);
	ck_assert_str_eq(why, "is larger than 1 MiB");
	g_unlink(file);
	g_unlink(pipe);
	g_rmdir(dir);
}
END_TEST

START_TEST(folders) {
	g_autofree char *dir = g_dir_make_tmp("sopsim-test-XXXXXX", NULL);
	g_autofree char *deep = g_build_filename(dir, "a", "b", NULL),
			*moved = g_build_filename(dir, "c", NULL);
	g_autofree char *a = g_build_filename(dir, "a", NULL), *written = NULL, *text = NULL;
	g_autoptr(GError) error = NULL, gone = NULL;
	struct folder *folder = folder_open("--out", deep, &error);

	ck_assert(folder && folder_there(folder, NULL));
	ck_assert_str_eq(folder_path(folder), deep);
	written = folder_write_temporary(folder, "x.csv", "abc", 3);
	ck_assert(g_str_has_prefix(written + strlen(deep), "/.x.csv."));
	ck_assert(g_file_get_contents(written, &text, NULL, NULL));
	ck_assert_str_eq(text, "abc");
	g_unlink(written);
	ck_assert(!folder_failed(folder, "figures", ENOSPC, &error));
	ck_assert_msg(g_str_has_prefix(error->message, "--out: cannot write figures in '"), "%s",
	              error->message);
	ck_assert_ptr_nonnull(
		strstr(error->message, "No space left on device; allowed: a folder that can be"));
	ck_assert_int_eq(g_rename(deep, moved), 0);
	ck_assert(!folder_there(folder, &gone));
	ck_assert_ptr_nonnull(strstr(
		gone->message, "was removed or moved during the run; allowed: a folder that"));
	ck_assert_ptr_null(folder_write_temporary(folder, "y", "abc", 3));
	folder_close(folder);
	folder_close(NULL);
	g_rmdir(moved);
	g_rmdir(a);
	g_rmdir(dir);
}
END_TEST

/* --- errors ----------------------------------------------------------------------------------- */

static char *reported(int code, const char *message, int *status) {
	g_autoptr(GError) error = g_error_new_literal(LAB_ERROR, code, message);
	struct captured err = captured_begin(STDERR_FILENO);

	*status = lab_error_report(error);
	return captured_end(err);
}

START_TEST(errors) {
	g_autofree char *input = NULL, *defect = NULL, *clipped = NULL;
	g_autoptr(GString) text = g_string_new("begin ");
	int status;

	input = reported(LAB_ERROR_INPUT, "two\nlines\rhere", &status);
	ck_assert_str_eq(input, "sopsim: two lines here\n");
	ck_assert_int_eq(status, EXIT_BAD_INPUT);
	defect = reported(LAB_ERROR_DEFECT, "oh", &status);
	ck_assert_str_eq(defect, "sopsim: oh\n");
	ck_assert_int_eq(status, EXIT_DEFECT);
	/* What is wrong stands before the value, what is allowed behind it; characters stay whole.
	 */
	for (int i = 0; i < 5000; i++)
		g_string_append(text, "\xc3\xa9");
	g_string_append(text, "; allowed: less");
	clipped = reported(LAB_ERROR_INPUT, text->str, &status);
	ck_assert_uint_lt(strlen(clipped), 2100);
	ck_assert(g_str_has_prefix(clipped, "sopsim: begin ") &&
	          g_str_has_suffix(clipped, "; allowed: less\n"));
	ck_assert_ptr_nonnull(strstr(clipped, " ... "));
	ck_assert(g_utf8_validate(clipped, -1, NULL));
}
END_TEST

/* --- limits ----------------------------------------------------------------------------------- */

static void limit(int resource, rlim_t value) {
	struct rlimit l;

	ck_assert_int_eq(getrlimit((__rlimit_resource_t)resource, &l), 0);
	l.rlim_cur = value;
	ck_assert_int_eq(setrlimit((__rlimit_resource_t)resource, &l), 0);
}

START_TEST(limits) {
	struct captured err;
	g_autofree char *files = NULL;
	bool enough;

	limit(RLIMIT_NOFILE, 32);
	ck_assert(limits_suffice());
	err = captured_begin(STDERR_FILENO);
	limit(RLIMIT_NOFILE, 31);
	enough = limits_suffice();
	limit(RLIMIT_NOFILE, 64);
	files = captured_end(err);
	ck_assert(!enough);
	ck_assert_str_eq(files,
	                 "sopsim: ulimit -n: 31 are too few descriptors; allowed: 32 or more\n");
	ck_assert(!limits_memory());
	limit(RLIMIT_DATA, (rlim_t)8 << 30);
	ck_assert(limits_memory());
	ck_assert(limits_suffice());
}
END_TEST

/* --- signals ---------------------------------------------------------------------------------- */

/* Taken twice, given back twice; what came is told until then, and forgotten behind it. */
START_TEST(interrupts) {
	g_autoptr(GError) error = NULL;

	ck_assert_int_eq(interrupt_fd(), -1);
	ck_assert(interrupt_check("nothing", &error));
	interrupt_take();
	interrupt_take();
	ck_assert_int_ge(interrupt_fd(), 0);
	ck_assert(interrupt_check("nothing", &error));
	ck_assert_int_eq(raise(SIGTERM), 0);
	interrupt_release();
	ck_assert(!interrupt_check("nothing was written", &error));
	ck_assert_msg(strstr(error->message, "interrupted; nothing was written"), "%s",
	              error->message);
	interrupt_release();
	ck_assert_int_eq(interrupt_fd(), -1);
}
END_TEST

/* --- streams ---------------------------------------------------------------------------------- */

/* Bytes that turn up one by one are one character; nothing that moves the cursor gets through. */
START_TEST(guarded) {
	struct captured out = captured_begin(STDOUT_FILENO), err;
	g_autofree char *printed = NULL, *said = NULL;

	err = captured_begin(STDERR_FILENO);
	terminal_guard();
	printf("caf\xc3");
	fflush(stdout);
	printf("\xa9 \x1b[2J\t\n\xff");
	fprintf(stderr, "\a");
	g_message("\x9b"
	          "31m");
	fflush(stdout);
	said = captured_end(err);
	printed = captured_end(out);
	ck_assert_str_eq(printed, "caf\xc3\xa9 \\x1b[2J\t\n\\xff");
	ck_assert(g_str_has_prefix(said, "\\x07"));
	ck_assert_ptr_null(strstr(said, "\x9b"));
}
END_TEST

/* --- what there is, and which program ----------------------------------------------------------- */

/* A folder with a file of that name in a folder below it, as well as another. */
static char *digest_with(const char *name, const char *text) {
	char *dir = scratch_new();
	g_autofree char *below = g_build_filename(dir, "below", NULL);
	char *digest;

	ck_assert_int_eq(g_mkdir(below, 0777), 0);
	g_free(scratch_file(below, name, text));
	g_free(scratch_file(dir, "other", "same"));
	digest = g_strdup(digest_of(dir));
	/* It stays what it was found to be. */
	scratch_wipe(dir);
	ck_assert_str_eq(digest_of(dir), digest);
	scratch_remove(dir);
	return digest;
}

START_TEST(digests) {
	g_autofree char *one = digest_with("a", "one"), *same = digest_with("a", "one");
	g_autofree char *text = digest_with("a", "two"), *name = digest_with("b", "one");
	g_autofree char *moved = digest_with("a", "");

	ck_assert_uint_eq(strlen(one), 64);
	ck_assert_str_eq(one, same);
	ck_assert_str_ne(one, text);
	ck_assert_str_ne(one, name);
	ck_assert_str_ne(one, moved);
	ck_assert_str_eq(digest_of("/no/such/file"), "none");
}
END_TEST

/* Who has changes on top of a commit is told apart from others who have. */
START_TEST(builds) {
	const char *build = version_build();

	ck_assert(version_dirty() == (build != NULL));
	if (build)
		ck_assert_msg(strlen(build) >= 16 &&
		                      strspn(build, "0123456789abcdef") == strlen(build),
		              "%s", build);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, inputs);
	tcase_add_test(tc, folders);
	tcase_add_test(tc, errors);
	tcase_add_test(tc, limits);
	tcase_add_test(tc, interrupts);
	tcase_add_test(tc, guarded);
	tcase_add_test(tc, digests);
	tcase_add_test(tc, builds);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
