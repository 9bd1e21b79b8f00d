/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs in parallel: a child process each, since a process holds one SimGrid engine.  A child writes
 * its measures (or "!" and a message) into a pipe and leaves; the parent polls the pipes and the
 * signals that interrupt, so that no child outlives it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/base/interrupt.h"
#include "lab/base/rlimits.h"
#include "lab/campaign/progress.h"
#include "lab/campaign/run.h"

struct child {
	pid_t pid; /* 0: the slot is free */
	unsigned index;
	int fd;
	GString *answer;
};

struct pool {
	struct run_spec *const *specs;
	struct measures **results;
	unsigned n, jobs, next, running;
	struct child *child;
	struct progress *progress;
};

unsigned run_default_jobs(void) { return MAX(1, g_get_num_processors()); }

/* --- the child ---------------------------------------------------------------------------------
 */

static void write_all(int fd, const char *data, size_t len) {
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

/* With limited memory a library that gets none complains on stderr before it ends the process; the
 * parent's line says it. */
static void silence(void) {
	int fd = limits_memory() ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;

	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
}

static void child_main(const struct run_spec *spec, int fd) {
	g_autoptr(GError) error = NULL;
	struct measures *m = run_here(spec, &error);
	g_autoptr(GString) answer = g_string_new(NULL);

	if (m)
		measures_write(m, answer);
	else
		g_string_printf(answer, "%c%s",
		                g_error_matches(error, LAB_ERROR, LAB_ERROR_DEFECT) ? '?' : '!',
		                error->message);
	g_clear_pointer(&m, measures_free);
	write_all(fd, answer->str, answer->len);
	close(fd);
	/* Not exit(): the parent's buffers are not ours to flush. */
	_exit(EXIT_DONE);
}

static bool no_child(const char *what, GError **error) {
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"a run cannot be started: %s: %s; allowed: room for a process and %d descriptors more, "
		"see ulimit -a",
		what, g_strerror(errno), 2);
	return false;
}

static bool start_child(struct pool *pool, struct child *child, GError **error) {
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0)
		return no_child("pipe", error);
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return no_child("fork", error);
	}
	child->index = pool->next++;
	child->answer = g_string_new(NULL);
	child->pid = pid;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		/* Descriptors may be few. */
		for (unsigned i = 0; i < pool->jobs; i++)
			if (pool->child[i].pid && &pool->child[i] != child)
				close(pool->child[i].fd);
		silence();
		child_main(pool->specs[child->index], fds[1]);
	}
	close(fds[1]);
	child->fd = fds[0];
	pool->running++;
	return true;
}

/* --- the parent --------------------------------------------------------------------------------
 */

static bool crashed(const struct pool *pool, const struct child *child, int status,
                    GError **error) {
	const char *name = pool->specs[child->index]->name;

	if (!interrupt_check("nothing was written", error))
		return false;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"standard output: closed while the run '%s' printed; allowed: a reader that reads to "
			"the end",
			name);
	else if (WIFSIGNALED(status) && limits_memory())
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"the run '%s' was ended: %s; allowed: a scenario for which the memory suffices, "
			"see ulimit -a",
			name, strsignal(WTERMSIG(status)));
	else if (WIFSIGNALED(status))
		g_set_error(error, LAB_ERROR, LAB_ERROR_DEFECT, "defect: the run '%s' crashed: %s",
		            name, strsignal(WTERMSIG(status)));
	else
		g_set_error(error, LAB_ERROR, LAB_ERROR_DEFECT,
		            "defect: the run '%s' ended with status %d and no result", name,
		            WEXITSTATUS(status));
	return false;
}

static bool take_answer(struct pool *pool, struct child *child, int status, GError **error) {
	const char *answer = child->answer->str;
	struct measures *m;

	if (status != 0 || !*answer)
		return crashed(pool, child, status, error);
	if (*answer == '!' || *answer == '?') {
		g_set_error_literal(error, LAB_ERROR,
		                    *answer == '?' ? LAB_ERROR_DEFECT : LAB_ERROR_INPUT,
		                    answer + 1);
		return false;
	}
	m = measures_new();
	if (!measures_read(m, answer)) {
		measures_free(m);
		return crashed(pool, child, status, error);
	}
	pool->results[child->index] = m;
	progress_done(pool->progress, pool->specs[child->index]->weight);
	return true;
}

static int reap(struct pool *pool, struct child *child) {
	int status = 0;

	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(child->fd);
	child->pid = 0;
	pool->running--;
	return status;
}

/* Reads what a child wrote; at the end of its pipe, takes its answer. */
static bool read_child(struct pool *pool, struct child *child, GError **error) {
	char buffer[65536];
	ssize_t n = read(child->fd, buffer, sizeof buffer);
	bool good;

	if (n > 0)
		g_string_append_len(child->answer, buffer, n);
	if (n != 0)
		return n > 0 || errno == EINTR;
	good = take_answer(pool, child, reap(pool, child), error);
	g_string_free(child->answer, TRUE);
	return good;
}

static void stop_children(struct pool *pool) {
	for (unsigned i = 0; i < pool->jobs; i++)
		if (pool->child[i].pid) {
			kill(pool->child[i].pid, SIGKILL);
			reap(pool, &pool->child[i]);
			g_string_free(pool->child[i].answer, TRUE);
		}
}

static bool wait_some(struct pool *pool, GError **error) {
	g_autofree struct pollfd *fds = g_new0(struct pollfd, pool->jobs + 1);

	for (unsigned i = 0; i < pool->jobs; i++)
		fds[i] = (struct pollfd){pool->child[i].pid ? pool->child[i].fd : -1, POLLIN, 0};
	fds[pool->jobs] = (struct pollfd){interrupt_fd(), POLLIN, 0};
	if (poll(fds, pool->jobs + 1, 500) < 0 && errno != EINTR)
		g_error("poll: %s", g_strerror(errno));
	progress_show(pool->progress);
	if (!interrupt_check("nothing was written", error))
		return false;
	for (unsigned i = 0; i < pool->jobs; i++)
		if (fds[i].revents && !read_child(pool, &pool->child[i], error))
			return false;
	return true;
}

static bool run_pool(struct pool *pool, GError **error) {
	while (pool->next < pool->n || pool->running) {
		for (unsigned i = 0; i < pool->jobs && pool->next < pool->n; i++)
			if (pool->child[i].pid == 0 && !start_child(pool, &pool->child[i], error))
				return false;
		if (!wait_some(pool, error))
			return false;
	}
	return true;
}

bool run_all(struct run_spec *const *specs, unsigned n, unsigned jobs, struct measures **results,
             GError **error) {
	struct pool pool = {
		.specs = specs, .results = results, .n = n, .jobs = CLAMP(jobs, 1, MAX(n, 1))};
	double weight = 0;
	bool good;

	for (unsigned i = 0; i < n; i++) {
		weight += specs[i]->weight;
		results[i] = NULL;
	}
	if (!run_prepare(error))
		return false;
	interrupt_take();
	pool.child = g_new0(struct child, pool.jobs);
	pool.progress = progress_new(weight);
	good = run_pool(&pool, error);
	stop_children(&pool);
	progress_free(pool.progress);
	g_free(pool.child);
	interrupt_release();
	for (unsigned i = 0; !good && i < n; i++)
		g_clear_pointer(&results[i], measures_free);
	return good;
}
