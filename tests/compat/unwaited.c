/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connections whose connect() nobody waited for: what the program does next must go by the
 * connection, not by what connect() has said.
 */
#include <poll.h>

#include "compat.h"

/* The descriptor, blocking again; `r` is the remote's end of a connection that is there by now. */
static int unwaited(struct task *me, struct way *way, struct remote **r) {
	struct remote *listener = remote_listen(way, 90);
	int fd = TCP(me);

	IS(nonblocking(me, fd), 0);
	if (connect_to(me, fd, REMOTE, 90) != -EINPROGRESS)
		return -1;
	sleep_ms(me, 50);
	sys_fcntl(me, fd, F_SETFL, 0);
	*r = listener->child;
	return listener->child ? fd : -1;
}

/* One that is not answered; blocking. */
static int unanswered(struct task *me) {
	int fd = TCP(me), err;

	sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
	err = connect_to(me, fd, NOBODY, 90);
	sys_fcntl(me, fd, F_SETFL, 0);
	return err == -EINPROGRESS ? fd : -1;
}

static int peer_name(struct task *me, struct way *way) {
	const char *addr = NULL;
	struct remote *r = NULL;
	int fd = unwaited(me, way, &r);

	OK(fd >= 0 && r);
	IS(port_of(me, fd, true, &addr), 90);
	IS(strcmp(addr, REMOTE), 0);
	OK(port_of(me, fd, false, &addr) > 0);
	IS(strcmp(addr, ME), 0);
	remote_reset(r);
	sleep_ms(me, 10);
	IS(port_of(me, fd, true, NULL), -ENOTCONN);
	return 0;
}

static int half_close(struct task *me, struct way *way) {
	struct remote *r = NULL;
	int fd = unwaited(me, way, &r);
	char buf[16];

	OK(fd >= 0 && r);
	IS(sys_shutdown(me, fd, SHUT_WR), 0);
	sleep_ms(me, 10);
	OK(r->ended);
	remote_send(r, "hello");
	sleep_ms(me, 10);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 5);
	IS(connect_to(me, fd, REMOTE, 90), -EISCONN);
	IS(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	remote_shutdown(r);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 0);
	return 0;
}

static int half_close_and_reset(struct task *me, struct way *way) {
	struct remote *r = NULL;
	int fd = unwaited(me, way, &r);
	char byte;

	OK(fd >= 0 && r);
	IS(sys_shutdown(me, fd, SHUT_WR), 0);
	IS(poll_one(me, fd, POLLIN, 10), 0);
	remote_reset(r);
	OK(poll_one(me, fd, POLLIN, 1000) & POLLERR);
	IS(sys_recv(me, fd, &byte, 1, 0), -ECONNRESET);
	IS(sys_recv(me, fd, &byte, 1, 0), 0);
	return 0;
}

static int shut_reading(struct task *me, struct way *way) {
	struct remote *r = NULL;
	int fd = unwaited(me, way, &r);
	char byte;

	OK(fd >= 0 && r);
	IS(sys_shutdown(me, fd, SHUT_RD), 0);
	IS(sys_recv(me, fd, &byte, 1, 0), 0);
	IS(sys_send(me, fd, "hello", 5, 0), 5);
	sleep_ms(me, 10);
	OK(remote_got(r, "hello"));
	return 0;
}

static int shut_unanswered(struct task *me, struct way *way) {
	int fd = unanswered(me);
	char byte;

	OK(fd >= 0);
	IS(sys_shutdown(me, fd, SHUT_WR), 0);
	IS(port_of(me, fd, false, NULL), 0);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), ECONNRESET);
	IS(sys_recv(me, fd, &byte, 1, MSG_DONTWAIT), -ENOTCONN);
	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	remote_listen(way, 90);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	IS(port_of(me, fd, false, NULL), 5000);
	return 0;
}

/* 2.4: it is no attempt any more, and not yet a socket like a new one. */
static int shut_refused(struct task *me, struct way *way) {
	int fd = TCP(me);

	IS(nonblocking(me, fd), 0);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -EINPROGRESS);
	sleep_ms(me, 10);
	IS(sys_shutdown(me, fd, SHUT_WR), -ENOTCONN);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -EINVAL);
	return 0;
}

/* The bits that shutdown() leaves on a socket without a connection do not outlive a connect(). */
static int shut_before(struct task *me, struct way *way) {
	int fd = TCP(me);
	char buf[8];

	IS(sys_shutdown(me, fd, SHUT_RDWR), -ENOTCONN);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -ECONNREFUSED);
	remote_listen(way, PORT_ECHO);
	IS(connect_to(me, fd, REMOTE, PORT_ECHO), 0);
	IS(sys_send(me, fd, "hello", 5, 0), 5);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 5);
	return 0;
}

static int refused_is_as_new(struct task *me, struct way *way) {
	int fd = TCP(me);
	char byte;

	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -ECONNREFUSED);
	IS(sys_recv(me, fd, &byte, 1, MSG_DONTWAIT), -ENOTCONN);
	IS(poll_one(me, fd, POLLIN | POLLOUT, 0), POLLOUT | POLLHUP);
	IS(port_of(me, fd, false, NULL), 0);
	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(sys_listen(me, fd, 5), 0);
	return 0;
}

static int listen_and_bind(struct task *me, struct way *way) {
	struct remote *r = NULL;
	int fd = unwaited(me, way, &r);

	OK(fd >= 0 && r);
	IS(bind_to(me, fd, "0.0.0.0", 5000), -EINVAL);
	IS(sys_listen(me, fd, 5), -EINVAL);
	IS(sys_accept(me, fd, NULL, NULL), -EINVAL);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	IS(connect_to(me, fd, REMOTE, 90), -EISCONN);
	IS(sys_listen(me, fd, 5), -EINVAL);
	IS(port_of(me, fd, true, NULL), 90);
	return 0;
}

static int linger(struct task *me, struct way *way) {
	struct linger five = {1, 5};
	struct remote *r = NULL;
	int fd = unwaited(me, way, &r);
	sim_time start, took;
	ssize_t sent;

	OK(fd >= 0 && r);
	r->held = true;
	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &five, sizeof five), 0);
	sent = fill(me, fd);
	later(way, 1000, remote_release, r);
	start = sys_gettime(me);
	IS(sys_close(me, fd), 0);
	took = sys_gettime(me) - start;
	OK(took >= 900 * SIM_MS && took < 4 * SIM_S);
	IS(r->got->len, sent);
	return 0;
}

/* Unread bytes make it a reset, and there is nothing to wait for (tcp_close() of 2.4). */
static int linger_unread(struct task *me, struct way *way) {
	struct linger five = {1, 5};
	struct remote *r = NULL;
	int fd = unwaited(me, way, &r);
	sim_time start;

	OK(fd >= 0 && r);
	r->held = true;
	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &five, sizeof five), 0);
	remote_send(r, "hello");
	OK(fill(me, fd) > 0);
	start = sys_gettime(me);
	IS(sys_close(me, fd), 0);
	OK(sys_gettime(me) - start < 500 * SIM_MS);
	sleep_ms(me, 10);
	IS(r->error, ECONNRESET);
	return 0;
}

static int linger_after_reset(struct task *me, struct way *way) {
	struct linger five = {1, 5};
	struct remote *r;
	int fd = connected(me, way, &r);
	sim_time start;

	OK(fd >= 0 && r);
	r->held = true;
	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &five, sizeof five), 0);
	OK(fill(me, fd) > 0);
	remote_reset(r);
	sleep_ms(me, 10);
	start = sys_gettime(me);
	IS(sys_close(me, fd), 0);
	OK(sys_gettime(me) - start < 500 * SIM_MS);
	return 0;
}

static int listener_disconnected(struct task *me, struct way *way) {
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	struct remote *r = remote_listen(way, 90);
	int fd = TCP(me);

	IS(sys_listen(me, fd, 5), 0);
	IS(get_int(me, fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
	IS(sys_connect(me, fd, &none, sizeof none), 0);
	IS(get_int(me, fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	IS(sys_accept(me, fd, NULL, NULL), -EINVAL);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	sleep_ms(me, 10);
	IS(r->accepted, 1);
	return 0;
}

const struct compat_case compat_unwaited[] = {
	{"unwaited: peer's name", peer_name},
	{"unwaited: half-close", half_close},
	{"unwaited: half-close, reset", half_close_and_reset},
	{"unwaited: SHUT_RD", shut_reading},
	{"unwaited: shut in SYN_SENT", shut_unanswered},
	{"unwaited: shut when refused", shut_refused},
	{"shutdown before connect", shut_before},
	{"refused is as new", refused_is_as_new},
	{"unwaited: listen and bind", listen_and_bind},
	{"unwaited: SO_LINGER", linger},
	{"SO_LINGER with unread bytes", linger_unread},
	{"SO_LINGER after a reset", linger_after_reset},
	{"listener disconnected", listener_disconnected},
	{NULL, NULL},
};
