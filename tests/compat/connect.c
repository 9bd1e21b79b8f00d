/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compat.h"

static int names(struct task *me, struct way *way) {
	const char *addr;
	int fd = TCP(me), port;

	remote_listen(way, 90);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	IS(port_of(me, fd, true, &addr), 90);
	IS(strcmp(addr, REMOTE), 0);
	port = port_of(me, fd, false, &addr);
	OK(port >= 1024);
	IS(strcmp(addr, ME), 0);
	return 0;
}

static int bound(struct task *me, struct way *way) {
	const char *addr;
	int a = TCP(me), b = TCP(me);

	remote_listen(way, 90);
	IS(bind_to(me, a, "0.0.0.0", 5000), 0);
	IS(connect_to(me, a, REMOTE, 90), 0);
	IS(port_of(me, a, false, &addr), 5000);
	IS(strcmp(addr, ME), 0);
	IS(bind_to(me, b, ME, 5001), 0);
	IS(connect_to(me, b, REMOTE, 90), 0);
	IS(port_of(me, b, false, NULL), 5001);
	return 0;
}

static int refused(struct task *me, struct way *way) {
	int fd = TCP(me);

	remote_listen(way, 90);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -ECONNREFUSED);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), 0);
	IS(port_of(me, fd, true, NULL), -ENOTCONN);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -ECONNREFUSED);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	return 0;
}

static int refused_keeps_port(struct task *me, struct way *way) {
	int fd = TCP(me);

	remote_listen(way, 90);
	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -ECONNREFUSED);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	IS(port_of(me, fd, false, NULL), 5000);
	return 0;
}

static int unreachable(struct task *me, struct way *way) {
	int fd = TCP(me);

	IS(connect_to(me, fd, ELSEWHERE, 90), -ENETUNREACH);
	remote_listen(way, 90);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	return 0;
}

static int no_host(struct task *me, struct way *way) {
	int fd = TCP(me);
	sim_time start = sys_gettime(me);

	IS(connect_to(me, fd, NOBODY, 90), -EHOSTUNREACH);
	OK(sys_gettime(me) - start > 500 * SIM_MS);
	return 0;
}

static int twice(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);

	IS(connect_to(me, fd, REMOTE, 90), -EISCONN);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -EISCONN);
	IS(bind_to(me, fd, ME, 5000), -EINVAL);
	return 0;
}

static int bad_address(struct task *me, struct way *way) {
	struct sockaddr_in in = inet_address(REMOTE, 90);
	int fd = TCP(me);

	remote_listen(way, 90);
	IS(sys_connect(me, fd, (struct sockaddr *)&in, 8), -EINVAL);
	in.sin_family = 77;
	IS(sys_connect(me, fd, (struct sockaddr *)&in, sizeof in), -EAFNOSUPPORT);
	IS(sys_connect(me, fd, NULL, sizeof in), -EFAULT);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	return 0;
}

static int nonblock(struct task *me, struct way *way) {
	int fd = TCP(me);
	char byte;

	remote_listen(way, 90);
	IS(nonblocking(me, fd), 0);
	IS(connect_to(me, fd, REMOTE, 90), -EINPROGRESS);
	IS(connect_to(me, fd, REMOTE, 90), -EALREADY);
	IS(poll_one(me, fd, POLLIN | POLLOUT, 1000), POLLOUT);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), 0);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	IS(connect_to(me, fd, REMOTE, 90), -EISCONN);
	IS(sys_recv(me, fd, &byte, 1, 0), -EAGAIN);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	return 0;
}

static int nonblock_refused(struct task *me, struct way *way) {
	int fd = TCP(me);

	remote_listen(way, 90);
	IS(nonblocking(me, fd), 0);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -EINPROGRESS);
	OK(poll_one(me, fd, POLLOUT, 1000) & POLLERR);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), 0);
	/* 2.4: the attempt that was under way is told as aborted, then all is as at first. */
	IS(connect_to(me, fd, REMOTE, 90), -ECONNABORTED);
	IS(connect_to(me, fd, REMOTE, 90), -EINPROGRESS);
	return 0;
}

static int nonblock_refused_by_connect(struct task *me, struct way *way) {
	int fd = TCP(me);

	IS(nonblocking(me, fd), 0);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -EINPROGRESS);
	sleep_ms(me, 10);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -ECONNREFUSED);
	IS(connect_to(me, fd, REMOTE, PORT_CLOSED), -EINPROGRESS);
	return 0;
}

/* While it is under way there is a local name, of the interface that leads there, and no peer. */
static int names_meanwhile(struct task *me, struct way *way) {
	const char *addr = NULL;
	int fd = TCP(me);

	IS(nonblocking(me, fd), 0);
	IS(connect_to(me, fd, NOBODY, 90), -EINPROGRESS);
	OK(port_of(me, fd, false, &addr) > 0);
	IS(strcmp(addr, ME), 0);
	IS(port_of(me, fd, true, NULL), -ENOTCONN);
	return 0;
}

static int data_meanwhile(struct task *me, struct way *way) {
	int fd = TCP(me);
	char byte;

	IS(nonblocking(me, fd), 0);
	IS(connect_to(me, fd, NOBODY, 90), -EINPROGRESS);
	IS(sys_send(me, fd, "x", 1, 0), -EAGAIN);
	IS(sys_recv(me, fd, &byte, 1, 0), -EAGAIN);
	IS(sys_listen(me, fd, 5), -EINVAL);
	IS(sys_close(me, fd), 0);
	return 0;
}

static int interrupted(struct task *me, struct way *way) {
	int fd = TCP(me);

	IS(signals_on(me, SIGUSR1), 0);
	signal_later(way, me, 100, SIGUSR1);
	IS(connect_to(me, fd, NOBODY, 90), -EINTR);
	IS(signals_seen(), 1);
	IS(nonblocking(me, fd), 0);
	IS(connect_to(me, fd, NOBODY, 90), -EALREADY);
	IS(sys_fcntl(me, fd, F_SETFL, 0), 0);
	IS(connect_to(me, fd, NOBODY, 90), -EHOSTUNREACH);
	return 0;
}

static int timeout(struct task *me, struct way *way) {
	int fd = TCP(me);
	sim_time start = sys_gettime(me), took;

	IS(set_seconds(me, fd, SO_SNDTIMEO, 1), 0);
	IS(connect_to(me, fd, NOBODY, 90), -EINPROGRESS);
	took = sys_gettime(me) - start;
	OK(took >= SIM_S - TICK && took < SIM_S + 50 * SIM_MS);
	return 0;
}

static int unspec(struct task *me, struct way *way) {
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	struct remote *r;
	int fd = connected(me, way, &r);
	char byte;

	IS(sys_connect(me, fd, &none, sizeof none), 0);
	IS(port_of(me, fd, true, NULL), -ENOTCONN);
	IS(sys_recv(me, fd, &byte, 1, 0), -ENOTCONN);
	sleep_ms(me, 10);
	OK(r->ended || r->error);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	return 0;
}

/* To itself: over the loop-back interface, and over its own address. */
static int local(struct task *me, struct way *way) {
	static const char *const addrs[] = {"127.0.0.1", ME};

	for (int i = 0; i < 2; i++) {
		int lfd = listen_on(me, (uint16_t)(80 + i)), fd = TCP(me), child;
		char buf[8];

		IS(connect_to(me, fd, addrs[i], (uint16_t)(80 + i)), 0);
		child = sys_accept(me, lfd, NULL, NULL);
		OK(child >= 0);
		IS(sys_send(me, fd, "hello", 5, 0), 5);
		IS(sys_recv(me, child, buf, sizeof buf, 0), 5);
		IS(port_of(me, child, true, NULL), port_of(me, fd, false, NULL));
	}
	return 0;
}

static int many(struct task *me, struct way *way) {
	struct remote *listener = remote_listen(way, 90);

	for (int i = 0; i < 100; i++) {
		int fd = TCP(me);

		IS(connect_to(me, fd, REMOTE, 90), 0);
		IS(sys_send(me, fd, "x", 1, 0), 1);
		IS(sys_close(me, fd), 0);
	}
	sleep_ms(me, 100);
	IS(listener->accepted, 100);
	OK(listener->child->ended);
	return 0;
}

const struct compat_case compat_connect[] = {
	{"connect names", names},
	{"connect bound", bound},
	{"connect refused", refused},
	{"connect refused keeps port", refused_keeps_port},
	{"connect without route", unreachable},
	{"connect to no host", no_host},
	{"connect twice", twice},
	{"connect bad address", bad_address},
	{"connect O_NONBLOCK", nonblock},
	{"connect O_NONBLOCK refused", nonblock_refused},
	{"connect says it was refused", nonblock_refused_by_connect},
	{"names while connecting", names_meanwhile},
	{"data while connecting", data_meanwhile},
	{"connect EINTR", interrupted},
	{"connect SO_SNDTIMEO", timeout},
	{"connect AF_UNSPEC", unspec},
	{"connect to itself", local},
	{"connect 100 times", many},
	{NULL, NULL},
};
