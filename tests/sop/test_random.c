/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random sequences of socket calls on a SOP machine whose cards fail, arrive, slow down and
 * lie, on wires that lose.  After each one nothing may be left behind, and the same seed must give
 * the same results at the same times.  A sequence that fails is shrunk, and printed.
 *
 *     test_random [FIRST_SEED [SEQUENCES [OPERATIONS]]]
 *     test_random SEED 1 OPERATIONS NUMBER...   only these, in this process, for a debugger
 */
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random_ops.h"

/* Of wall time, for one sequence, which takes some milliseconds: more is a hang. */
#define CHILD_SECONDS 20
#define SHRINK_SECONDS 2
/* A sequence that hangs is slow to shrink. */
#define SHRINK_RUNS 400
#define SHRINK_PATIENCE (120 * G_USEC_PER_SEC)

struct outcome {
	bool good;
	uint64_t digest, calls;
};

/* In a process of its own: a world can live only once in one. */
static struct outcome run(const struct random_sequence *seq, const bool *keep, bool quiet,
                          unsigned seconds) {
	struct outcome out = {.good = false};
	int fds[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) < 0 || (pid = fork()) < 0)
		g_error("no process to run in");
	if (pid == 0) {
		if (quiet &&
		    (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)))
			_exit(2);
		alarm(seconds);
		out.digest = random_world_run(seq, keep, &out.calls);
		out.good = true;
		_exit(write(fds[1], &out, sizeof out) == sizeof out ? 0 : 2);
	}
	close(fds[1]);
	if (read(fds[0], &out, sizeof out) != sizeof out)
		out.good = false;
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (status != 0)
		out.good = false;
	if (status != 0 && !quiet && WIFSIGNALED(status))
		printf("ended by signal %d\n", WTERMSIG(status));
	return out;
}

static bool fails(const struct random_sequence *seq, const bool *keep) {
	return !run(seq, keep, true, SHRINK_SECONDS).good;
}

/* Leaves out ever smaller parts as long as what remains still fails. */
static void shrink(const struct random_sequence *seq, bool *keep) {
	bool trial[RANDOM_OPS];
	gint64 start = g_get_monotonic_time();
	unsigned runs = 0;

	for (unsigned part = seq->n / 2; part > 0; part /= 2)
		for (unsigned from = 0; from < seq->n && runs < SHRINK_RUNS; from += part) {
			bool any = false;

			if (g_get_monotonic_time() - start > SHRINK_PATIENCE)
				return;
			memcpy(trial, keep, sizeof trial);
			for (unsigned i = from; i < MIN(from + part, seq->n); i++) {
				any |= trial[i];
				trial[i] = false;
			}
			if (any && ++runs && fails(seq, trial))
				memcpy(keep, trial, sizeof trial);
		}
}

static void report(const struct random_sequence *seq, const char *what, bool small) {
	bool keep[RANDOM_OPS];

	memset(keep, true, sizeof keep);
	printf("seed %d %s\n", (int)seq->seed, what);
	if (small)
		shrink(seq, keep);
	random_sequence_print(seq, keep);
	run(seq, keep, false, CHILD_SECONDS);
}

static int run_some(uint64_t seed, unsigned n, char **numbers) {
	struct random_sequence seq;
	bool keep[RANDOM_OPS] = {false};
	uint64_t calls;

	random_sequence_make(&seq, seed, n);
	for (; *numbers; numbers++)
		keep[(unsigned)atoi(*numbers) % RANDOM_OPS] = true;
	random_sequence_print(&seq, keep);
	random_world_run(&seq, keep, &calls);
	return 0;
}

int main(int argc, char **argv) {
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	unsigned sequences = argc > 2 ? (unsigned)atoi(argv[2]) : 3000;
	unsigned n = argc > 3 ? (unsigned)atoi(argv[3]) : 150;
	gint64 start = g_get_monotonic_time();
	uint64_t calls = 0;
	unsigned done = 0;
	bool all[RANDOM_OPS];

	memset(all, true, sizeof all);
	n = MIN(n, RANDOM_OPS);
	if (argc > 4)
		return run_some(first, n, argv + 4);
	for (; done < sequences; done++) {
		struct random_sequence seq;
		struct outcome out;

		random_sequence_make(&seq, first + done, n);
		out = run(&seq, all, true, CHILD_SECONDS);
		calls += out.calls;
		if (!out.good) {
			report(&seq, "fails", true);
			return 1;
		}
		if (done % 4 == 0 && run(&seq, all, true, CHILD_SECONDS).digest != out.digest) {
			report(&seq, "does not repeat", false);
			return 1;
		}
	}
	printf("%u sequences, %" G_GUINT64_FORMAT " calls, %.1f s\n", done, calls,
	       (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
	return 0;
}
