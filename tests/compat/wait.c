/* SPDX-License-Identifier: GPL-3.0-or-later */
/* poll, select, SIGIO. */
#include <sys/time.h>

#include "compat.h"

#define ALL (POLLIN | POLLOUT | POLLPRI)

static int poll_masks(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char buf[8];

	IS(poll_one(me, fd, ALL, 0), POLLOUT);
	remote_send(r, "x");
	IS(poll_one(me, fd, POLLIN, 1000), POLLIN);
	IS(poll_one(me, fd, ALL, 0), POLLIN | POLLOUT);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 1);
	IS(poll_one(me, fd, ALL, 0), POLLOUT);
	remote_shutdown(r);
	IS(poll_one(me, fd, POLLIN, 1000), POLLIN);
	IS(sys_shutdown(me, fd, SHUT_WR), 0);
	OK(poll_one(me, fd, ALL, 0) & POLLHUP);
	return 0;
}

static int poll_fresh(struct task *me, struct way *way) {
	IS(poll_one(me, TCP(me), ALL, 0), POLLOUT | POLLHUP);
	IS(poll_one(me, UDP(me), ALL, 0), POLLOUT);
	IS(poll_one(me, 77, ALL, 0), POLLNVAL);
	return 0;
}

static int poll_timeouts(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	sim_time start = sys_gettime(me), took;

	IS(poll_one(me, fd, POLLIN, 0), 0);
	IS(poll_one(me, fd, POLLIN, 500), 0);
	took = sys_gettime(me) - start;
	OK(took >= 500 * SIM_MS && took < 550 * SIM_MS);
	later(way, 500, remote_greet, r);
	start = sys_gettime(me);
	IS(poll_one(me, fd, POLLIN, -1), POLLIN);
	took = sys_gettime(me) - start;
	OK(took >= 500 * SIM_MS && took < 501 * SIM_MS);
	return 0;
}

static int poll_listener(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80);

	IS(poll_one(me, lfd, ALL, 0), 0);
	remote_connect(way, 80);
	IS(poll_one(me, lfd, ALL, 1000), POLLIN);
	IS(nonblocking(me, lfd), 0);
	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	IS(poll_one(me, lfd, ALL, 0), 0);
	return 0;
}

static int poll_reset(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);

	later(way, 100, remote_reset, r);
	IS(poll_one(me, fd, POLLIN, 1000), POLLIN | POLLERR | POLLHUP);
	return 0;
}

static int poll_room(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	static char buf[1000];

	r->held = true;
	OK(fill(me, fd) > 0);
	IS(poll_one(me, fd, POLLOUT, 200), 0);
	later(way, 300, remote_release, r);
	IS(poll_one(me, fd, POLLOUT, 5000), POLLOUT);
	OK(sys_send(me, fd, buf, sizeof buf, MSG_DONTWAIT) > 0);
	return 0;
}

static int poll_interrupted(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);

	IS(signals_on(me, SIGUSR1), 0);
	signal_later(way, me, 100, SIGUSR1);
	IS(poll_one(me, fd, POLLIN, 5000), -EINTR);
	return 0;
}

static int poll_many(struct task *me, struct way *way) {
	struct remote *a, *b;
	struct pollfd pfd[3] = {
		{.events = POLLIN}, {.events = POLLIN}, {.fd = -1, .events = POLLIN}};

	pfd[0].fd = accepted(me, way, &a);
	pfd[1].fd = connected(me, way, &b);
	IS(sys_poll(me, pfd, 3, 0), 0);
	later(way, 100, remote_greet, b);
	IS(sys_poll(me, pfd, 3, 1000), 1);
	IS(pfd[0].revents, 0);
	IS(pfd[1].revents, POLLIN);
	remote_greet(a);
	sleep_ms(me, 10);
	IS(sys_poll(me, pfd, 3, 1000), 2);
	return 0;
}

static int select_sets(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	struct timeval tv = {0, 200000};
	fd_set in, out, ex;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	out = ex = in;
	IS(sys_select(me, fd + 1, &in, &out, &ex, &tv), 1);
	OK(!FD_ISSET(fd, &in) && FD_ISSET(fd, &out) && !FD_ISSET(fd, &ex));
	remote_urgent(r, '!');
	sleep_ms(me, 10);
	FD_ZERO(&in);
	ex = in;
	FD_SET(fd, &ex);
	IS(sys_select(me, fd + 1, NULL, NULL, &ex, NULL), 1);
	OK(FD_ISSET(fd, &ex));
	later(way, 100, remote_greet, r);
	FD_SET(fd, &in);
	tv = (struct timeval){5, 0};
	IS(sys_select(me, fd + 1, &in, NULL, NULL, &tv), 1);
	OK(FD_ISSET(fd, &in));
	OK(tv.tv_sec == 4); /* Linux says what is left */
	return 0;
}

static int select_timeout(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	struct timeval tv = {0, 300000};
	sim_time start = sys_gettime(me);
	fd_set in;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	IS(sys_select(me, fd + 1, &in, NULL, NULL, &tv), 0);
	OK(!FD_ISSET(fd, &in));
	OK(sys_gettime(me) - start >= 300 * SIM_MS - TICK);
	IS(tv.tv_sec + tv.tv_usec, 0);
	tv = (struct timeval){0, 100000};
	IS(sys_select(me, 0, NULL, NULL, NULL, &tv), 0);
	FD_ZERO(&in);
	FD_SET(77, &in);
	IS(sys_select(me, 78, &in, NULL, NULL, &tv), -EBADF);
	return 0;
}

static int sigio(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);

	IS(signals_on(me, SIGIO), 0);
	IS(sys_fcntl(me, fd, F_SETOWN, task_pid(me)), 0);
	IS(sys_fcntl(me, fd, F_SETFL, O_ASYNC | O_NONBLOCK), 0);
	later(way, 100, remote_greet, r);
	IS(sys_nanosleep(me, SIM_S), -EINTR);
	IS(signals_seen(), 1);
	IS(poll_one(me, fd, POLLIN, 0), POLLIN);
	IS(sys_fcntl(me, fd, F_SETFL, 0), 0);
	later(way, 100, remote_greet, r);
	IS(sys_nanosleep(me, SIM_S), 0);
	return 0;
}

static int sigio_listener(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80);

	IS(signals_on(me, SIGIO), 0);
	IS(sys_fcntl(me, lfd, F_SETOWN, task_pid(me)), 0);
	IS(sys_fcntl(me, lfd, F_SETFL, O_ASYNC), 0);
	sleep_ms(me, 10);
	remote_connect(way, 80);
	IS(sys_nanosleep(me, SIM_S), -EINTR);
	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	return 0;
}

/* The owner and the mode by ioctl, as BSD programs set them; what SOP does not hand on it must keep. */
static int sigio_by_ioctl(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r), pid = task_pid(me), other = 9999, on = 1, seen = 0;

	IS(signals_on(me, SIGIO), 0);
	task_set_capable(me, false);
	IS(sys_ioctl(me, fd, FIOSETOWN, &other), -EPERM);
	task_set_capable(me, true);
	IS(sys_ioctl(me, fd, SIOCSPGRP, &pid), 0);
	IS(sys_ioctl(me, fd, FIOGETOWN, &seen), 0);
	IS(seen, pid);
	IS(sys_ioctl(me, fd, SIOCGPGRP, &seen), 0);
	IS(seen, pid);
	IS(sys_ioctl(me, fd, FIOASYNC, &on), 0);
	later(way, 100, remote_greet, r);
	IS(sys_nanosleep(me, SIM_S), -EINTR);
	IS(signals_seen(), 1);
	return 0;
}

static int sigio_dgram(struct task *me, struct way *way) {
	int fd = UDP(me);
	struct remote *r = remote_udp(way, 6000);

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(signals_on(me, SIGIO), 0);
	IS(sys_fcntl(me, fd, F_SETOWN, task_pid(me)), 0);
	IS(sys_fcntl(me, fd, F_SETFL, O_ASYNC), 0);
	sleep_ms(me, 10);
	remote_sendto(r, 5000, "x", 1);
	IS(sys_nanosleep(me, SIM_S), -EINTR);
	IS(signals_seen(), 1);
	return 0;
}

static int select_interrupted(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	struct timeval tv = {5, 0};
	fd_set in;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	IS(signals_on(me, SIGUSR1), 0);
	signal_later(way, me, 100, SIGUSR1);
	IS(sys_select(me, fd + 1, &in, NULL, NULL, &tv), -EINTR);
	IS(signals_seen(), 1);
	return 0;
}

/* How programs of the time connect with a time-out: select() for writing, then SO_ERROR. */
static int select_connects(struct task *me, struct way *way) {
	static const int ports[] = {90, PORT_CLOSED};

	remote_listen(way, 90);
	for (size_t i = 0; i < G_N_ELEMENTS(ports); i++) {
		int fd = TCP(me);
		struct timeval tv = {5, 0};
		fd_set in, out;

		IS(nonblocking(me, fd), 0);
		IS(connect_to(me, fd, REMOTE, (uint16_t)ports[i]), -EINPROGRESS);
		FD_ZERO(&in);
		FD_SET(fd, &in);
		out = in;
		OK(sys_select(me, fd + 1, &in, &out, NULL, &tv) > 0);
		OK(FD_ISSET(fd, &out));
		IS(!!FD_ISSET(fd, &in), i); /* the refused one is readable too */
		IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), i ? ECONNREFUSED : 0);
	}
	return 0;
}

static int select_listener(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80);
	fd_set in, out;

	FD_ZERO(&in);
	FD_SET(lfd, &in);
	out = in;
	later(way, 100, remote_call, way);
	IS(sys_select(me, lfd + 1, &in, &out, NULL, NULL), 1);
	OK(FD_ISSET(lfd, &in) && !FD_ISSET(lfd, &out));
	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	return 0;
}

/* One process sleeps in poll, another in recv: both hear of the data. */
static int poll_fd;
static int poll_child(struct task *me, struct way *way) {
	IS(poll_one(me, poll_fd, POLLIN, -1), POLLIN);
	return 0;
}
static int poll_beside_recv(struct task *me, struct way *way) {
	struct remote *r;
	char byte;

	poll_fd = accepted(me, way, &r);
	OK(fork_with(me, way, poll_child) > 0);
	sleep_ms(me, 10);
	later(way, 100, remote_greet, r);
	IS(sys_recv(me, poll_fd, &byte, 1, 0), 1);
	OK(sys_waitpid(me, -1, NULL, 0) > 0);
	return 0;
}

static int poll_connecting(struct task *me, struct way *way) {
	int fd = TCP(me);

	IS(nonblocking(me, fd), 0);
	IS(connect_to(me, fd, NOBODY, 90), -EINPROGRESS);
	IS(poll_one(me, fd, ALL, 100), 0);
	OK(poll_one(me, fd, ALL, 10000) & (POLLERR | POLLHUP));
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), EHOSTUNREACH);
	return 0;
}

/* The kernel is older than epoll; a program finds out and takes poll(). */
static int epoll(struct task *me, struct way *way) {
	IS(sys_epoll_create(me, 10), -ENOSYS);
	IS(sys_epoll_ctl(me, 3, 1, TCP(me), NULL), -ENOSYS);
	IS(sys_epoll_wait(me, 3, NULL, 1, 0), -ENOSYS);
	return 0;
}

const struct compat_case compat_wait[] = {
	{"poll masks", poll_masks},
	{"poll of a fresh socket", poll_fresh},
	{"poll time-outs", poll_timeouts},
	{"poll of a listener", poll_listener},
	{"poll and a reset", poll_reset},
	{"poll waits for room", poll_room},
	{"poll EINTR", poll_interrupted},
	{"poll of many", poll_many},
	{"select", select_sets},
	{"select time-out", select_timeout},
	{"select EINTR", select_interrupted},
	{"select and connect", select_connects},
	{"select of a listener", select_listener},
	{"poll beside recv", poll_beside_recv},
	{"poll while connecting", poll_connecting},
	{"epoll is ENOSYS", epoll},
	{"SIGIO", sigio},
	{"SIGIO of a listener", sigio_listener},
	{"SIGIO by ioctl", sigio_by_ioctl},
	{"SIGIO of datagrams", sigio_dgram},
	{NULL, NULL},
};
