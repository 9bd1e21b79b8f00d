/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How do runs share the processors without sharing an address space, and what if one of them
 * crashes?
 */
#include "lab/campaign/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lab/base/interrupt.h"
#include "lab/base/rlimits.h"

/* Children that have answered and keep what they did, for each that may run: the disk takes its time,
 * and writes of several go together. */
#define KEEPING 16
/* An answer ends with this: one that was cut off does not. */
#define END_OF_ANSWER '\n'

struct child {
	bool busy; /* else the slot is free */
	unsigned job;
	int fd; /* -1: at its end */
	GString *answer;
	bool ended; /* the process, with that status */
	int status;
};

struct pool {
	const struct jobs_work *work;
	struct nursery *nursery;
	unsigned jobs, running, keeping;
	struct child *child;
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

static void child_main(void *arg, unsigned job, const GString *order, int fd) {
	const struct jobs_work *work = arg;
	GString *answer = g_string_new(NULL);
	bool kept;

	silence();
	work->child(work->arg, job, order, answer);
	g_string_append_c(answer, END_OF_ANSWER);
	write_all(fd, answer->str, answer->len);
	close(fd);
	kept = !work->keep || work->keep(work->arg, job, order);
	/* Not exit(): the parent's buffers are not ours to flush. */
	_exit(kept ? EXIT_DONE : EXIT_CHECK_FAILED);
}

/* --- the parent -------------------------------------------------------------------------------- */

static bool start_child(struct pool *pool, struct child *child, unsigned job, GError **error) {
	g_autoptr(GString) order = g_string_new(NULL);
	int fds[2];

	if (pool->work->order)
		pool->work->order(pool->work->arg, job, order);
	if (pipe2(fds, O_CLOEXEC) < 0) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "a run cannot be started: pipe: %s; allowed: room for %d descriptors "
		            "more, see ulimit -a",
		            g_strerror(errno), 2);
		return false;
	}
	if (!nursery_start(pool->nursery, job, order, fds[1], error)) {
		close(fds[0]);
		return false;
	}
	*child = (struct child){
		.busy = true, .job = job, .fd = fds[0], .answer = g_string_new(NULL)};
	pool->running++;
	return true;
}

static void free_slot(struct pool *pool, struct child *child) {
	if (child->fd >= 0)
		close(child->fd);
	g_string_free(child->answer, TRUE);
	child->busy = false;
	pool->running--;
}

static bool is_kept(const struct pool *pool, int status, GError **error) {
	if (status == 0 || !pool->work->not_kept)
		return true;
	g_set_error_literal(error, LAB_ERROR, LAB_ERROR_INPUT, pool->work->not_kept);
	return false;
}

/* Who ended the children with one signal meant the parent too. */
static bool hand_on(struct pool *pool, const struct child *child,
                    const struct jobs_outcome *outcome, GError **error) {
	return (outcome->answer || interrupt_check(pool->work->interrupted, error)) &&
	       pool->work->done(pool->work->arg, child->job, outcome, error);
}

/* Its pipe is at its end.  Without a whole answer it is its status that counts, once it is known. */
static bool take_answer(struct pool *pool, struct child *child, GError **error) {
	GString *answer = child->answer;
	struct jobs_outcome outcome = {.status = child->status};
	bool whole, good;

	g_assert(answer); /* as each child that runs has one */
	whole = answer->len && answer->str[answer->len - 1] == END_OF_ANSWER;
	if (!whole && !child->ended)
		return true;
	if (whole) {
		g_string_truncate(answer, answer->len - 1);
		outcome.answer = answer->str;
		outcome.length = answer->len;
		if (!child->ended)
			pool->keeping++;
	}
	good = hand_on(pool, child, &outcome, error) &&
	       (!whole || !child->ended || is_kept(pool, child->status, error));
	free_slot(pool, child);
	return good;
}

static bool read_child(struct pool *pool, struct child *child, GError **error) {
	char buffer[65536];
	ssize_t n = read(child->fd, buffer, sizeof buffer);

	if (n > 0)
		g_string_append_len(child->answer, buffer, n);
	if (n > 0 || (n < 0 && errno == EINTR))
		return true;
	close(child->fd);
	child->fd = -1;
	return take_answer(pool, child, error);
}

/* A child has ended: one that has answered before, or one that has not. */
static bool hear(struct pool *pool, GError **error) {
	struct nursery_news news;

	if (!nursery_hear(pool->nursery, &news, error))
		return false;
	for (unsigned i = 0; i < pool->jobs; i++) {
		struct child *child = &pool->child[i];

		if (!child->busy || child->job != news.job)
			continue;
		child->ended = true;
		child->status = news.status;
		return child->fd >= 0 || take_answer(pool, child, error);
	}
	pool->keeping--;
	return is_kept(pool, news.status, error);
}

/* What has answered keeps what it did, whatever happened to others. */
static bool end_pool(struct pool *pool, GError **error) {
	struct nursery_news news;
	bool good = true;

	for (unsigned i = 0; i < pool->jobs; i++)
		if (pool->child[i].busy) {
			nursery_kill(pool->nursery, pool->child[i].job);
			free_slot(pool, &pool->child[i]);
			pool->keeping++;
		}
	for (; good && pool->keeping; pool->keeping--)
		good = nursery_hear(pool->nursery, &news, error) &&
		       is_kept(pool, news.status, error);
	if (pool->nursery != pool->work->nursery)
		nursery_free(pool->nursery);
	return good;
}

static bool wait_some(struct pool *pool, GError **error) {
	g_autofree struct pollfd *fds = g_new0(struct pollfd, pool->jobs + 2);

	for (unsigned i = 0; i < pool->jobs; i++)
		fds[i] = (struct pollfd){pool->child[i].busy ? pool->child[i].fd : -1, POLLIN, 0};
	fds[pool->jobs] = (struct pollfd){interrupt_fd(), POLLIN, 0};
	fds[pool->jobs + 1] = (struct pollfd){nursery_fd(pool->nursery), POLLIN, 0};
	if (poll(fds, pool->jobs + 2, 500) < 0 && errno != EINTR)
		g_error("poll: %s", g_strerror(errno));
	if (pool->work->show)
		pool->work->show(pool->work->arg);
	if (!interrupt_check(pool->work->interrupted, error))
		return false;
	for (unsigned i = 0; i < pool->jobs; i++)
		if (pool->child[i].busy && fds[i].revents &&
		    !read_child(pool, &pool->child[i], error))
			return false;
	return !fds[pool->jobs + 1].revents || hear(pool, error);
}

static bool start_some(struct pool *pool, GError **error) {
	unsigned job;

	for (unsigned i = 0; i < pool->jobs && pool->keeping < KEEPING * pool->jobs; i++)
		if (!pool->child[i].busy && pool->work->next(pool->work->arg, &job) &&
		    !start_child(pool, &pool->child[i], job, error))
			return false;
	return true;
}

static bool run_pool(struct pool *pool, GError **error) {
	for (;;) {
		if (!start_some(pool, error))
			return false;
		if (!pool->running && !pool->keeping)
			return true;
		if (!wait_some(pool, error))
			return false;
	}
}

struct nursery *jobs_nursery(const struct jobs_work *work, GError **error) {
	const struct nursery_work children = {(void *)(uintptr_t)work, work->prepare, child_main};

	return nursery_new(&children, error);
}

bool jobs_run(const struct jobs_work *work, unsigned jobs, GError **error) {
	struct pool pool = {.work = work, .jobs = MAX(jobs, 1)};
	bool good;

	interrupt_take();
	pool.nursery = work->nursery ? work->nursery : jobs_nursery(work, error);
	pool.child = g_new0(struct child, pool.jobs);
	good = pool.nursery && run_pool(&pool, error);
	if (pool.nursery)
		good = end_pool(&pool, good ? error : NULL) && good;
	g_free(pool.child);
	interrupt_release();
	return good;
}
