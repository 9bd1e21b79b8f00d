/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How can a process have children that cost the same, however much it remembers itself? */
#include "lab/campaign/nursery.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNREADY_MAX 512 /* bytes of a message: why it is not ready */

struct nursery {
	int fd;
	pid_t pid;
};

/* From the command; START has words behind it, and a descriptor with it. */
struct order {
	enum { START, KILL } what;
	unsigned job;
};

#define ORDER_MAX (sizeof(struct order) + NURSERY_ORDER_MAX)

/* To the command. */
struct told {
	bool unready; /* prepare() failed: `why` */
	struct nursery_news news;
	char why[UNREADY_MAX];
};

/* --- in the nursery ---------------------------------------------------------------------------- */

struct child {
	pid_t pid;
	unsigned job;
};

struct keeper {
	const struct nursery_work *work;
	int fd, signals;
	sigset_t mask; /* of children */
	bool ready;
	GArray *children;
	char bytes[ORDER_MAX]; /* the order that came last */
};

/* All processes behind it end with it. */
static void end_with(pid_t parent) {
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have ended already. */
	if (getppid() != parent)
		_exit(EXIT_DEFECT);
}

static void tell(const struct keeper *keeper, const struct told *told) {
	if (send(keeper->fd, told, sizeof *told, MSG_NOSIGNAL) < 0)
		_exit(EXIT_DEFECT);
}

static void tell_news(const struct keeper *keeper, unsigned job, int trouble, int status) {
	const struct told told = {.news = {job, trouble, status}};

	tell(keeper, &told);
}

static void prepare(struct keeper *keeper) {
	const struct nursery_work *work = keeper->work;
	g_autoptr(GError) error = NULL;

	if (!keeper->ready && work->prepare && !work->prepare(&error)) {
		struct told told = {.unready = true};

		g_strlcpy(told.why, error->message, sizeof told.why);
		tell(keeper, &told);
		_exit(EXIT_BAD_INPUT);
	}
	keeper->ready = true;
}

static void start(struct keeper *keeper, unsigned job, const GString *order, int fd) {
	struct child child = {.job = job};
	pid_t parent = getpid();
	int trouble;

	child.pid = fork();
	trouble = errno;
	if (child.pid == 0) {
		end_with(parent);
		close(keeper->fd);
		close(keeper->signals);
		sigprocmask(SIG_SETMASK, &keeper->mask, NULL);
		keeper->work->child(keeper->work->arg, job, order, fd);
		_exit(EXIT_DEFECT);
	}
	close(fd);
	if (child.pid < 0)
		tell_news(keeper, job, trouble, 0);
	else
		g_array_append_val(keeper->children, child);
}

static void kill_job(const struct keeper *keeper, unsigned job) {
	for (guint i = 0; i < keeper->children->len; i++)
		if (g_array_index(keeper->children, struct child, i).job == job)
			kill(g_array_index(keeper->children, struct child, i).pid, SIGKILL);
}

static void reap(struct keeper *keeper) {
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(keeper->signals, &info, sizeof info) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (guint i = 0; i < keeper->children->len; i++)
			if (g_array_index(keeper->children, struct child, i).pid == pid) {
				tell_news(keeper,
				          g_array_index(keeper->children, struct child, i).job, 0,
				          status);
				g_array_remove_index_fast(keeper->children, i);
				break;
			}
}

/* The descriptor that came with a message; -1: none, since there is no room for it. */
static int fd_of(struct msghdr *message) {
	const struct cmsghdr *part = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (part && part->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(part), sizeof fd);
	return fd;
}

/* False: the command wants no more. */
static bool obey(struct keeper *keeper) {
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} with = {{0}};
	struct iovec bytes = {keeper->bytes, sizeof keeper->bytes};
	struct msghdr message = {.msg_iov = &bytes,
	                         .msg_iovlen = 1,
	                         .msg_control = with.bytes,
	                         .msg_controllen = sizeof with};
	ssize_t n = recvmsg(keeper->fd, &message, MSG_CMSG_CLOEXEC);
	struct order order;
	GString words = {keeper->bytes + sizeof order, 0, 0};
	int fd;

	if (n < 0 && errno == EINTR)
		return true;
	if (n < (ssize_t)sizeof order)
		return false;
	memcpy(&order, keeper->bytes, sizeof order);
	words.len = (gsize)n - sizeof order;
	if (order.what == KILL) {
		kill_job(keeper, order.job);
		return true;
	}
	fd = fd_of(&message);
	prepare(keeper);
	if (fd < 0)
		tell_news(keeper, order.job, EMFILE, 0);
	else
		start(keeper, order.job, &words, fd);
	return true;
}

static void serve(struct keeper *keeper) {
	bool wanted = true;

	while (wanted || keeper->children->len) {
		struct pollfd fds[] = {{wanted ? keeper->fd : -1, POLLIN, 0},
		                       {keeper->signals, POLLIN, 0}};

		if (poll(fds, G_N_ELEMENTS(fds), -1) < 0)
			continue;
		if (fds[1].revents)
			reap(keeper);
		if (fds[0].revents)
			wanted = obey(keeper);
	}
}

static G_NORETURN void keep(const struct nursery_work *work, int fd) {
	struct keeper *keeper = g_new0(struct keeper, 1);
	sigset_t ends;

	keeper->work = work;
	keeper->fd = fd;
	keeper->children = g_array_new(FALSE, FALSE, sizeof(struct child));

	sigemptyset(&ends);
	sigaddset(&ends, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ends, &keeper->mask);
	keeper->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	serve(keeper);
	/* Not exit(): the command's buffers are not ours to flush. */
	_exit(EXIT_DONE);
}

/* --- in the command ---------------------------------------------------------------------------- */

static bool no_child(const char *what, int trouble, GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "a run cannot be started: %s: %s; allowed: room for two processes and a few "
	            "descriptors more, see ulimit -a",
	            what, g_strerror(trouble));
	return false;
}

struct nursery *nursery_new(const struct nursery_work *work, GError **error) {
	pid_t parent = getpid(), pid;
	struct nursery *nursery;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		no_child("socketpair", errno, error);
		return NULL;
	}
	/* What is in the buffers is written once. */
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		end_with(parent);
		close(fds[0]);
		keep(work, fds[1]);
	}
	close(fds[1]);
	if (pid < 0) {
		no_child("fork", errno, error);
		close(fds[0]);
		return NULL;
	}
	nursery = g_new0(struct nursery, 1);
	nursery->fd = fds[0];
	nursery->pid = pid;
	return nursery;
}

void nursery_free(struct nursery *nursery) {
	if (!nursery)
		return;
	shutdown(nursery->fd, SHUT_WR);
	while (waitpid(nursery->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(nursery->fd);
	g_free(nursery);
}

static bool has_ended(GError **error) {
	g_set_error_literal(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"the process that starts the runs was ended from outside; allowed: the same "
		"command again, with more memory if it was short");
	return false;
}

bool nursery_start(struct nursery *nursery, unsigned job, const GString *words, int fd,
                   GError **error) {
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} with = {{0}};
	struct order order = {START, job};
	struct iovec bytes[] = {{&order, sizeof order}, {words->str, words->len}};
	struct msghdr message = {.msg_iov = bytes,
	                         .msg_iovlen = G_N_ELEMENTS(bytes),
	                         .msg_control = with.bytes,
	                         .msg_controllen = sizeof with};
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);
	ssize_t n;

	g_assert(words->len <= NURSERY_ORDER_MAX);
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(part), &fd, sizeof fd);
	do
		n = sendmsg(nursery->fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	close(fd);
	/* Why it has ended, if it could say so, is in its news. */
	return n > 0 || errno == EPIPE || no_child("sendmsg", errno, error);
}

void nursery_kill(struct nursery *nursery, unsigned job) {
	const struct order order = {KILL, job};

	while (send(nursery->fd, &order, sizeof order, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

int nursery_fd(const struct nursery *nursery) { return nursery->fd; }

bool nursery_hear(struct nursery *nursery, struct nursery_news *news, GError **error) {
	struct told told;
	ssize_t n;

	/* Where it ended without reading all orders, that is told before what it had said. */
	do
		n = recv(nursery->fd, &told, sizeof told, 0);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n != sizeof told)
		return has_ended(error);
	*news = told.news;
	if (told.unready)
		g_set_error_literal(error, LAB_ERROR, LAB_ERROR_INPUT, told.why);
	else if (told.news.trouble)
		no_child("fork", told.news.trouble, error);
	return !told.unready && !told.news.trouble;
}
