/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of connections. */
#include <sys/wait.h>

#include "compat.h"

static int end_of_stream(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char buf[8];

	remote_send(r, "bye");
	remote_shutdown(r);
	sleep_ms(me, 10);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 3);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 0);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 0);
	IS(sys_send(me, fd, "still", 5, 0), 5);
	IS(sys_close(me, fd), 0);
	sleep_ms(me, 10);
	OK(remote_got(r, "still") && r->ended);
	return 0;
}

static int shutdown_write(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	char buf[8];

	IS(sys_send(me, fd, "hello", 5, 0), 5);
	IS(sys_shutdown(me, fd, SHUT_WR), 0);
	sleep_ms(me, 10);
	OK(remote_got(r, "hello") && r->ended);
	IS(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	remote_send(r, "answer");
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 6);
	return 0;
}

static int shutdown_read(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	char buf[8];

	IS(sys_shutdown(me, fd, SHUT_RD), 0);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 0);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "x"));
	OK(!r->ended);
	return 0;
}

static int shut_fd;

static int shut_child(struct task *me, struct way *way) {
	sleep_ms(me, 100);
	IS(sys_shutdown(me, shut_fd, SHUT_RDWR), 0);
	return 0;
}

static int shutdown_wakes(struct task *me, struct way *way) {
	struct remote *r;
	char byte;

	shut_fd = connected(me, way, &r);
	OK(fork_with(me, way, shut_child) > 0);
	IS(sys_recv(me, shut_fd, &byte, 1, 0), 0);
	sleep_ms(me, 100);
	OK(r->ended);
	return 0;
}

static int shutdown_errors(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);

	IS(sys_shutdown(me, fd, 3), -EINVAL);
	IS(sys_shutdown(me, fd, -1), -EINVAL);
	IS(sys_shutdown(me, TCP(me), SHUT_RD), -ENOTCONN);
	IS(sys_shutdown(me, UDP(me), SHUT_RD), -ENOTCONN);
	IS(sys_shutdown(me, fd, SHUT_RDWR), 0);
	return 0;
}

static int shutdown_connecting(struct task *me, struct way *way) {
	int fd = TCP(me);

	remote_listen(way, 90);
	IS(nonblocking(me, fd), 0);
	IS(connect_to(me, fd, NOBODY, 90), -EINPROGRESS);
	IS(sys_shutdown(me, fd, SHUT_RDWR), 0);
	IS(connect_to(me, fd, REMOTE, 90), -EINPROGRESS);
	IS(poll_one(me, fd, POLLOUT, 1000), POLLOUT);
	return 0;
}

static int shutdown_listener(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80);
	struct remote *r = remote_connect(way, 80), *late;

	sleep_ms(me, 10);
	IS(sys_shutdown(me, lfd, SHUT_WR), 0);
	IS(poll_one(me, lfd, POLLIN, 0), POLLIN);
	IS(sys_shutdown(me, lfd, SHUT_RD), 0);
	IS(sys_accept(me, lfd, NULL, NULL), -EINVAL);
	sleep_ms(me, 100);
	IS(r->error, ECONNRESET);
	late = remote_connect(way, 80);
	sleep_ms(me, 100);
	IS(late->error, ECONNREFUSED);
	IS(sys_listen(me, lfd, 5), 0);
	remote_connect(way, 80);
	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	return 0;
}

static int reset(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char byte;

	later(way, 100, remote_reset, r);
	IS(sys_recv(me, fd, &byte, 1, 0), -ECONNRESET);
	IS(sys_recv(me, fd, &byte, 1, 0), 0);
	IS(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	IS(port_of(me, fd, true, NULL), -ENOTCONN);
	return 0;
}

static int reset_then_send(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);

	remote_reset(r);
	sleep_ms(me, 10);
	IS(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -ECONNRESET);
	IS(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	return 0;
}

static int reset_and_error_option(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char byte;

	remote_reset(r);
	sleep_ms(me, 10);
	OK(poll_one(me, fd, POLLIN, 0) & POLLERR);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), ECONNRESET);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), 0);
	IS(sys_recv(me, fd, &byte, 1, 0), 0);
	return 0;
}

/* Writing to a remote that has closed: the first is taken, the answer to it is a reset. */
static int write_to_closed(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);

	remote_close(r);
	sleep_ms(me, 10);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	sleep_ms(me, 10);
	IS(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	return 0;
}

static int sigpipe_once(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);

	IS(signals_on(me, SIGPIPE), 0);
	IS(sys_shutdown(me, fd, SHUT_WR), 0);
	IS(sys_send(me, fd, "x", 1, 0), -EPIPE);
	IS(signals_seen(), 1);
	IS(sys_write(me, fd, "x", 1), -EPIPE);
	IS(signals_seen(), 2);
	IS(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	IS(signals_seen(), 2);
	IS(sys_send(me, TCP(me), "x", 1, 0), -EPIPE);
	IS(signals_seen(), 3);
	return 0;
}

static int piped_child(struct task *me, struct way *way) {
	sys_send(me, TCP(me), "x", 1, 0);
	OK(!"SIGPIPE ends the process");
	return 0;
}

static int sigpipe_kills(struct task *me, struct way *way) {
	int status = 0;

	OK(fork_with(me, way, piped_child) > 0);
	OK(sys_waitpid(me, -1, &status, 0) > 0);
	OK(WIFSIGNALED(status));
	IS(WTERMSIG(status), SIGPIPE);
	return 0;
}

static int close_unread(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);

	remote_send(r, "nobody reads this");
	sleep_ms(me, 10);
	IS(sys_close(me, fd), 0);
	sleep_ms(me, 10);
	IS(r->error, ECONNRESET);
	return 0;
}

static int close_sends_rest(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	static char buf[60000];

	IS(sys_send(me, fd, buf, sizeof buf, 0), sizeof buf);
	IS(sys_close(me, fd), 0);
	sleep_ms(me, 1000);
	IS(r->got->len, sizeof buf);
	OK(r->ended && !r->error);
	return 0;
}

static int set_linger(struct task *me, int fd, int on, int seconds) {
	struct linger ling = {on, seconds};

	return sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, sizeof ling);
}

static int linger_zero(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);

	IS(set_linger(me, fd, 1, 0), 0);
	IS(sys_close(me, fd), 0);
	sleep_ms(me, 10);
	IS(r->error, ECONNRESET);
	return 0;
}

static int linger_waits(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	sim_time start, took;
	ssize_t sent;

	r->held = true;
	IS(set_linger(me, fd, 1, 5), 0);
	sent = fill(me, fd);
	later(way, 1000, remote_release, r);
	start = sys_gettime(me);
	IS(sys_close(me, fd), 0);
	took = sys_gettime(me) - start;
	OK(took >= 900 * SIM_MS && took < 4 * SIM_S);
	IS(r->got->len, sent);
	return 0;
}

static int linger_gives_up(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	sim_time start, took;

	r->held = true;
	IS(set_linger(me, fd, 1, 2), 0);
	OK(fill(me, fd) > 0);
	start = sys_gettime(me);
	IS(sys_close(me, fd), 0);
	took = sys_gettime(me) - start;
	OK(took >= 2 * SIM_S - TICK && took < 2 * SIM_S + 100 * SIM_MS);
	return 0;
}

/* A signal ends the wait, not the sending. */
static int linger_interrupted(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	sim_time start, took;
	ssize_t sent;

	r->held = true;
	IS(set_linger(me, fd, 1, 60), 0);
	sent = fill(me, fd);
	IS(signals_on(me, SIGUSR1), 0);
	signal_later(way, me, 500, SIGUSR1);
	start = sys_gettime(me);
	IS(sys_close(me, fd), 0);
	took = sys_gettime(me) - start;
	OK(took >= 400 * SIM_MS && took < SIM_S);
	remote_release(r);
	sleep_ms(me, 5000);
	IS(r->got->len, sent);
	return 0;
}

/* Only the last close lingers. */
static int linger_dup(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r), copy;
	sim_time start = 0;

	r->held = true;
	IS(set_linger(me, fd, 1, 2), 0);
	OK(fill(me, fd) > 0);
	copy = sys_dup(me, fd);
	start = sys_gettime(me);
	IS(sys_close(me, fd), 0);
	OK(sys_gettime(me) - start < 100 * SIM_MS);
	IS(sys_close(me, copy), 0);
	OK(sys_gettime(me) - start >= 2 * SIM_S - TICK);
	return 0;
}

static int sigpipe_ways(struct task *me, struct way *way) {
	struct iovec iov[2] = {{"ab", 2}, {"cd", 2}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
	struct remote *r;
	int fd = connected(me, way, &r), file;

	IS(fs_create_pattern(way->kernel, "/file", 1000, 9), 0);
	file = sys_open(me, "/file", O_RDONLY);
	IS(signals_on(me, SIGPIPE), 0);
	IS(sys_shutdown(me, fd, SHUT_WR), 0);
	IS(sys_writev(me, fd, iov, 2), -EPIPE);
	IS(signals_seen(), 1);
	IS(sys_sendmsg(me, fd, &msg, 0), -EPIPE);
	IS(signals_seen(), 2);
	IS(sys_sendmsg(me, fd, &msg, MSG_NOSIGNAL), -EPIPE);
	IS(signals_seen(), 2);
	IS(sys_sendfile(me, fd, file, NULL, 100), -EPIPE);
	IS(signals_seen(), 3);
	return 0;
}

static int time_wait(struct task *me, struct way *way) {
	int lfd = TCP(me), fd, again;
	struct remote *r;

	IS(set_int(me, lfd, SOL_SOCKET, SO_REUSEADDR, 1), 0);
	IS(bind_to(me, lfd, "0.0.0.0", 80), 0);
	IS(sys_listen(me, lfd, 5), 0);
	r = remote_connect(way, 80);
	fd = sys_accept(me, lfd, NULL, NULL);
	IS(sys_close(me, fd), 0); /* the machine closes first: TIME_WAIT is here */
	sleep_ms(me, 10);
	remote_close(r);
	sleep_ms(me, 10);
	IS(sys_close(me, lfd), 0);
	again = TCP(me);
	IS(bind_to(me, again, "0.0.0.0", 80), -EADDRINUSE);
	IS(set_int(me, again, SOL_SOCKET, SO_REUSEADDR, 1), 0);
	IS(bind_to(me, again, "0.0.0.0", 80), 0);
	IS(sys_listen(me, again, 5), 0);
	return 0;
}

const struct compat_case compat_close[] = {
	{"end of stream", end_of_stream},
	{"shutdown SHUT_WR", shutdown_write},
	{"shutdown SHUT_RD", shutdown_read},
	{"shutdown wakes recv", shutdown_wakes},
	{"shutdown errors", shutdown_errors},
	{"shutdown while connecting", shutdown_connecting},
	{"shutdown of a listener", shutdown_listener},
	{"reset and recv", reset},
	{"reset and send", reset_then_send},
	{"reset and SO_ERROR", reset_and_error_option},
	{"write to a closed remote", write_to_closed},
	{"SIGPIPE once", sigpipe_once},
	{"SIGPIPE of each call", sigpipe_ways},
	{"SIGPIPE kills", sigpipe_kills},
	{"close with unread bytes", close_unread},
	{"close sends the rest", close_sends_rest},
	{"SO_LINGER 0", linger_zero},
	{"SO_LINGER waits", linger_waits},
	{"SO_LINGER gives up", linger_gives_up},
	{"SO_LINGER EINTR", linger_interrupted},
	{"SO_LINGER and dup", linger_dup},
	{"TIME_WAIT and bind", time_wait},
	{NULL, NULL},
};
