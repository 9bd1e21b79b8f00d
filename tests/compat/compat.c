/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs each test on each way, in a process of its own, and makes the table.
 *
 *     compat --check FILE   compares the table with the file: 1 if they differ
 *     compat --write FILE   writes it there
 *     compat --table        prints it: 1 if anything failed
 *     compat TEST [WAY]     runs one test in this process, for a debugger
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"

#define WALL_SECONDS 60 /* a test that needs more does not come to an end */

static const struct compat_case *const tables[] = {
	compat_names,    compat_accept,    compat_connect, compat_stream, compat_close,
	compat_unwaited, compat_partial,   compat_files,   compat_wait,   compat_options,
	compat_dgram,    compat_addresses, compat_control};

/* --- one test --------------------------------------------------------------------------------- */

/* Runs it in a child process; what was wrong, or NULL. */
static char *run_child(compat_test test, unsigned way_index) {
	int fds[2], status;
	char text[400];
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	sim_load();
	if (pipe(fds) < 0 || (pid = fork()) < 0)
		g_error("no process for a test");
	if (pid == 0) {
		struct way way;

		alarm(WALL_SECONDS);
		machine_run(&way, way_index, test);
		if (way.why && write(fds[1], way.why, strlen(way.why)) < 0)
			_exit(3);
		_exit(0);
	}
	close(fds[1]);
	n = read(fds[0], text, sizeof text - 1);
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		return g_strdup_printf("dies: %s", strsignal(WTERMSIG(status)));
	return n > 0 ? g_strndup(text, (gsize)n) : NULL;
}

/* --- the table -------------------------------------------------------------------------------- */

struct totals {
	unsigned tests, failed, differing; /* runs; failures; tests whose ways do not agree */
	bool print;                        /* rows as they come */
};

static void add_row(GString *table, GString *reasons, const struct compat_case *c,
                    struct totals *totals) {
	unsigned failed = 0;
	gsize start = table->len;

	g_string_append_printf(table, "%-28s", c->name);
	for (unsigned w = 0; w < WAYS; w++) {
		g_autofree char *why = run_child(c->test, w);

		g_string_append_printf(table, " %-10s", why ? "FAIL" : "ok");
		if (why)
			g_string_append_printf(reasons, "%s on %s: %s\n", c->name, way_names[w],
			                       why);
		failed += why != NULL;
	}
	while (table->str[table->len - 1] == ' ')
		g_string_truncate(table, table->len - 1);
	g_string_append_c(table, '\n');
	if (totals->print)
		fputs(table->str + start, stdout);
	totals->tests += WAYS;
	totals->failed += failed;
	totals->differing += failed > 0 && failed < WAYS;
}

static GString *make_table(GString *reasons, struct totals *totals) {
	GString *table = g_string_new(NULL);
	gsize end;

	g_string_append_printf(table, "%-28s", "test");
	for (unsigned w = 0; w < WAYS; w++)
		g_string_append_printf(table, w + 1 < WAYS ? " %-10s" : " %s", way_names[w]);
	g_string_append_c(table, '\n');
	if (totals->print)
		fputs(table->str, stdout);
	for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
		for (const struct compat_case *c = tables[t]; c->name; c++)
			add_row(table, reasons, c, totals);
	end = table->len;
	g_string_append_printf(table,
	                       "%u tests, %u ways: %u ok, %u failed; the ways differ on %u\n",
	                       totals->tests / WAYS, WAYS, totals->tests - totals->failed,
	                       totals->failed, totals->differing);
	if (totals->print)
		fputs(table->str + end, stdout);
	return table;
}

/* --- what is done with it --------------------------------------------------------------------- */

static int print_table(void) {
	g_autoptr(GString) reasons = g_string_new(NULL);
	struct totals totals = {.print = true};

	g_string_free(make_table(reasons, &totals), TRUE);
	fputs(reasons->str, stdout);
	printf("%u passed, %u failed\n", totals.tests - totals.failed, totals.failed);
	return totals.failed > 0;
}

static int write_table(const char *path) {
	g_autoptr(GString) reasons = g_string_new(NULL);
	struct totals totals = {0};
	g_autoptr(GString) table = make_table(reasons, &totals);
	g_autoptr(GError) error = NULL;

	if (g_file_set_contents(path, table->str, (gssize)table->len, &error))
		return 0;
	fprintf(stderr, "%s\n", error->message);
	return 2;
}

/* Counted like a Check program: a run each, and a failure for each line that is not as expected. */
static int compare_table(const char *path) {
	g_autoptr(GString) reasons = g_string_new(NULL);
	struct totals totals = {0};
	g_autoptr(GString) table = make_table(reasons, &totals);
	g_autofree char *expected = NULL;
	unsigned wrong = 0;

	if (!g_file_get_contents(path, &expected, NULL, NULL)) {
		fprintf(stderr, "%s cannot be read\n", path);
		return 2;
	}
	g_auto(GStrv) is = g_strsplit(table->str, "\n", -1);
	g_auto(GStrv) wanted = g_strsplit(expected, "\n", -1);
	for (unsigned i = 0; is[i] || wanted[i]; i++) {
		if (is[i] && wanted[i] && strcmp(is[i], wanted[i]) == 0)
			continue;
		printf("expected: %s\nis:       %s\n", wanted[i] ? wanted[i] : "",
		       is[i] ? is[i] : "");
		wrong++;
		if (!is[i] || !wanted[i])
			break;
	}
	if (wrong)
		fputs(reasons->str, stdout);
	printf("Checks: %u, Failures: %u, Errors: 0\n", totals.tests, wrong);
	return wrong > 0;
}

static int run_one(const char *name, const char *way_name) {
	for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
		for (const struct compat_case *c = tables[t]; c->name; c++) {
			struct way way;
			unsigned w = 0;

			if (strcmp(c->name, name) != 0)
				continue;
			while (way_name && w + 1 < WAYS && strcmp(way_names[w], way_name) != 0)
				w++;
			machine_run(&way, w, c->test);
			printf("%s on %s: %s\n", name, way_names[w], way.why ? way.why : "ok");
			w = way.why != NULL;
			g_free(way.why);
			return (int)w;
		}
	fprintf(stderr, "no test is called %s\n", name);
	return 2;
}

int main(int argc, char **argv) {
	if (argc == 2 && strcmp(argv[1], "--table") == 0)
		return print_table();
	if (argc == 3 && strcmp(argv[1], "--check") == 0)
		return compare_table(argv[2]);
	if (argc == 3 && strcmp(argv[1], "--write") == 0)
		return write_table(argv[2]);
	if ((argc == 2 || argc == 3) && argv[1][0] != '-')
		return run_one(argv[1], argc == 3 ? argv[2] : NULL);
	fprintf(stderr, "usage: compat --table | --check FILE | --write FILE | TEST [WAY]\n");
	return 2;
}
