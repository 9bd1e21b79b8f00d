/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How do runs share the processors without sharing an address space, and what if one of them
 * crashes?
 */
#include "lab/campaign/jobs.h"

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

/* Children that have answered and keep what they did, for each that may run: the disk takes its time,
 * and writes of several go together. */
#define KEEPING 16
/* An answer ends with this: one that was cut off does not. */
#define END_OF_ANSWER '\n'

struct child {
	pid_t pid; /* 0: the slot is free */
	unsigned job;
	int fd;
	gint64 started; /* monotonic, microseconds */
	GString *answer;
};

struct pool {
	const struct jobs_work *work;
	unsigned jobs, running;
	struct child *child;
	GArray *keeping; /* pid_t */
};

unsigned run_default_jobs(void) { return MAX(1, g_get_num_processors()); }

/* --- the child --------------------------------------------------------------------------------- */

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

static void child_main(const struct jobs_work *work, unsigned job, int fd) {
	GString *answer = g_string_new(NULL);
	bool kept;

	work->child(work->arg, job, answer);
	g_string_append_c(answer, END_OF_ANSWER);
	write_all(fd, answer->str, answer->len);
	close(fd);
	kept = !work->keep || work->keep(work->arg, job);
	/* Not exit(): the parent's buffers are not ours to flush. */
	_exit(kept ? EXIT_DONE : EXIT_CHECK_FAILED);
}

static bool no_child(const char *what, GError **error) {
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"a run cannot be started: %s: %s; allowed: room for a process and %d descriptors more, "
		"see ulimit -a",
		what, g_strerror(errno), 2);
	return false;
}

static bool start_child(struct pool *pool, struct child *child, unsigned job, GError **error) {
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
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		/* Descriptors may be few. */
		for (unsigned i = 0; i < pool->jobs; i++)
			if (pool->child[i].pid)
				close(pool->child[i].fd);
		silence();
		child_main(pool->work, job, fds[1]);
	}
	close(fds[1]);
	*child = (struct child){pid, job, fds[0], g_get_monotonic_time(), g_string_new(NULL)};
	pool->running++;
	return true;
}

/* --- the parent -------------------------------------------------------------------------------- */

static int wait_for(pid_t pid) {
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static bool kept(const struct pool *pool, int status, GError **error) {
	if (status == 0)
		return true;
	g_set_error_literal(error, LAB_ERROR, LAB_ERROR_INPUT, pool->work->not_kept);
	return false;
}

/* Those that have ended; all but `most` are waited for. */
static bool reap(struct pool *pool, unsigned most, GError **error) {
	for (guint i = 0; i < pool->keeping->len;) {
		pid_t pid = g_array_index(pool->keeping, pid_t, i);
		int status = 0;

		if (pool->keeping->len > most)
			status = wait_for(pid);
		else if (waitpid(pid, &status, WNOHANG) == 0) {
			i++;
			continue;
		}
		g_array_remove_index(pool->keeping, i);
		if (pool->work->not_kept && !kept(pool, status, error))
			return false;
	}
	return true;
}

static void free_slot(struct pool *pool, struct child *child) {
	close(child->fd);
	g_string_free(child->answer, TRUE);
	child->pid = 0;
	pool->running--;
}

/* Its pipe is at its end. */
static bool take_answer(struct pool *pool, struct child *child, GError **error) {
	GString *answer = child->answer;
	struct jobs_outcome outcome = {.wall_s = (double)(g_get_monotonic_time() - child->started) /
	                                         1e6};
	bool good;

	g_assert(answer); /* as each child that runs has one */
	if (answer->len && answer->str[answer->len - 1] == END_OF_ANSWER) {
		g_string_truncate(answer, answer->len - 1);
		outcome.answer = answer->str;
		outcome.length = answer->len;
		g_array_append_val(pool->keeping, child->pid);
	} else {
		outcome.status = wait_for(child->pid);
	}
	/* Who ended the children with one signal meant the parent too. */
	good = (outcome.answer || interrupt_check(pool->work->interrupted, error)) &&
	       pool->work->done(pool->work->arg, child->job, &outcome, error);
	free_slot(pool, child);
	return good;
}

static bool read_child(struct pool *pool, struct child *child, GError **error) {
	char buffer[65536];
	ssize_t n = read(child->fd, buffer, sizeof buffer);

	if (n > 0)
		g_string_append_len(child->answer, buffer, n);
	return n == 0 ? take_answer(pool, child, error) : n > 0 || errno == EINTR;
}

static void stop_children(struct pool *pool) {
	for (unsigned i = 0; i < pool->jobs; i++)
		if (pool->child[i].pid) {
			kill(pool->child[i].pid, SIGKILL);
			wait_for(pool->child[i].pid);
			free_slot(pool, &pool->child[i]);
		}
}

static bool wait_some(struct pool *pool, GError **error) {
	g_autofree struct pollfd *fds = g_new0(struct pollfd, pool->jobs + 1);

	for (unsigned i = 0; i < pool->jobs; i++)
		fds[i] = (struct pollfd){pool->child[i].pid ? pool->child[i].fd : -1, POLLIN, 0};
	fds[pool->jobs] = (struct pollfd){interrupt_fd(), POLLIN, 0};
	if (poll(fds, pool->jobs + 1, 500) < 0 && errno != EINTR)
		g_error("poll: %s", g_strerror(errno));
	if (pool->work->show)
		pool->work->show(pool->work->arg);
	if (!interrupt_check(pool->work->interrupted, error))
		return false;
	for (unsigned i = 0; i < pool->jobs; i++)
		if (fds[i].revents && !read_child(pool, &pool->child[i], error))
			return false;
	return reap(pool, KEEPING * pool->jobs, error);
}

static bool start_some(struct pool *pool, GError **error) {
	unsigned job;

	for (unsigned i = 0; i < pool->jobs; i++)
		if (pool->child[i].pid == 0 && pool->work->next(pool->work->arg, &job) &&
		    !start_child(pool, &pool->child[i], job, error))
			return false;
	return true;
}

static bool run_pool(struct pool *pool, GError **error) {
	for (;;) {
		if (!start_some(pool, error))
			return false;
		if (!pool->running)
			return true;
		if (!wait_some(pool, error))
			return false;
	}
}

bool jobs_run(const struct jobs_work *work, unsigned jobs, GError **error) {
	struct pool pool = {.work = work, .jobs = MAX(jobs, 1)};
	bool good;

	interrupt_take();
	pool.child = g_new0(struct child, pool.jobs);
	pool.keeping = g_array_new(FALSE, FALSE, sizeof(pid_t));
	good = run_pool(&pool, error);
	stop_children(&pool);
	/* What has answered keeps what it did, whatever happened to others. */
	good = reap(&pool, 0, good ? error : NULL) && good;
	g_array_unref(pool.keeping);
	g_free(pool.child);
	interrupt_release();
	return good;
}
