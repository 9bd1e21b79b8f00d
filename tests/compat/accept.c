/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/wait.h>

#include "compat.h"

static int names(struct task *me, struct way *way) {
	struct sockaddr_in in;
	int lfd = listen_on(me, 80), fd, len = sizeof in, port;
	struct remote *r = remote_connect(way, 80);
	const char *addr;

	fd = sys_accept(me, lfd, (struct sockaddr *)&in, &len);
	OK(fd >= 0);
	IS(len, sizeof in);
	IS(ntohl(in.sin_addr.s_addr), 0x0a000002);
	port = ntohs(in.sin_port);
	OK(port != 0);
	IS(port_of(me, fd, true, &addr), port);
	IS(strcmp(addr, REMOTE), 0);
	IS(port_of(me, fd, false, &addr), 80);
	IS(strcmp(addr, ME), 0);
	IS(port_of(me, lfd, false, &addr), 80);
	IS(strcmp(addr, "0.0.0.0"), 0);
	OK(r->connected);
	return 0;
}

static int refused(struct task *me, struct way *way) {
	struct remote *r;
	int fd = TCP(me);

	IS(sys_accept(me, fd, NULL, NULL), -EINVAL);
	IS(bind_to(me, fd, "0.0.0.0", 80), 0);
	IS(sys_accept(me, fd, NULL, NULL), -EINVAL);
	IS(sys_accept(me, UDP(me), NULL, NULL), -EOPNOTSUPP);
	IS(sys_accept(me, connected(me, way, &r), NULL, NULL), -EINVAL);
	return 0;
}

static int nonblock(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80), fd;

	IS(nonblocking(me, lfd), 0);
	IS(sys_accept(me, lfd, NULL, NULL), -EAGAIN);
	remote_connect(way, 80);
	sleep_ms(me, 10);
	fd = sys_accept(me, lfd, NULL, NULL);
	OK(fd >= 0);
	IS(sys_fcntl(me, fd, F_GETFL, 0) & O_NONBLOCK, 0);
	IS(sys_accept(me, lfd, NULL, NULL), -EAGAIN);
	return 0;
}

static int interrupted(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80);

	IS(signals_on(me, SIGUSR1), 0);
	signal_later(way, me, 100, SIGUSR1);
	IS(sys_accept(me, lfd, NULL, NULL), -EINTR);
	IS(signals_seen(), 1);
	remote_connect(way, 80);
	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	return 0;
}

static int timeout(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80);
	sim_time start = sys_gettime(me), took;

	IS(set_seconds(me, lfd, SO_RCVTIMEO, 2), 0);
	IS(sys_accept(me, lfd, NULL, NULL), -EAGAIN);
	took = sys_gettime(me) - start;
	OK(took >= 2 * SIM_S - TICK && took < 2 * SIM_S + 50 * SIM_MS);
	remote_connect(way, 80);
	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	return 0;
}

static int shut_fd;

static int shut_child(struct task *me, struct way *way) {
	sleep_ms(me, 100);
	IS(sys_shutdown(me, shut_fd, SHUT_RD), 0);
	return 0;
}

static int shutdown_wakes(struct task *me, struct way *way) {
	shut_fd = listen_on(me, 80);
	OK(fork_with(me, way, shut_child) > 0);
	IS(sys_accept(me, shut_fd, NULL, NULL), -EINVAL);
	IS(sys_waitpid(me, -1, NULL, 0) > 0, 1);
	return 0;
}

static int pre_lfd;

static int pre_child(struct task *me, struct way *way) {
	char name = 0;
	int fd = sys_accept(me, pre_lfd, NULL, NULL);

	OK(fd >= 0);
	IS(sys_recv(me, fd, &name, 1, 0), 1);
	IS(sys_send(me, fd, &name, 1, 0), 1);
	IS(sys_close(me, fd), 0);
	return 0;
}

/* Each connection goes to exactly one of the processes that wait. */
static int prefork(struct task *me, struct way *way) {
	struct remote *r[3];

	pre_lfd = listen_on(me, 80);
	for (int i = 0; i < 3; i++)
		OK(fork_with(me, way, pre_child) > 0);
	sleep_ms(me, 50);
	for (int i = 0; i < 3; i++) {
		r[i] = remote_connect(way, 80);
		remote_send(r[i], "x");
	}
	for (int i = 0; i < 3; i++)
		OK(sys_waitpid(me, -1, NULL, 0) > 0);
	sleep_ms(me, 50);
	for (int i = 0; i < 3; i++)
		OK(remote_got(r[i], "x") && r[i]->ended);
	return 0;
}

/* More clients than the queue holds: the rest come through by trying again. */
static int backlog(struct task *me, struct way *way) {
	int lfd = TCP(me);
	struct remote *r[6];

	IS(bind_to(me, lfd, ME, 80), 0);
	IS(sys_listen(me, lfd, 1), 0);
	for (int i = 0; i < 6; i++)
		r[i] = remote_connect(way, 80);
	sleep_ms(me, 1000);
	for (int i = 0; i < 6; i++)
		OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	sleep_ms(me, 1000);
	for (int i = 0; i < 6; i++)
		OK(r[i]->connected && !r[i]->error);
	return 0;
}

static int aborted(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80), fd;
	struct remote *r = remote_connect(way, 80);
	char byte;

	sleep_ms(me, 10);
	remote_reset(r);
	sleep_ms(me, 10);
	/* 2.4 hands it out all the same; the program learns from it. */
	fd = sys_accept(me, lfd, NULL, NULL);
	OK(fd >= 0);
	IS(sys_recv(me, fd, &byte, 1, 0), -ECONNRESET);
	return 0;
}

static int inherits(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80), fd;
	char byte;

	IS(set_int(me, lfd, SOL_SOCKET, SO_KEEPALIVE, 1), 0);
	IS(set_seconds(me, lfd, SO_RCVTIMEO, 1), 0);
	remote_connect(way, 80);
	fd = sys_accept(me, lfd, NULL, NULL);
	IS(get_int(me, fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	IS(get_int(me, fd, SOL_SOCKET, SO_OOBINLINE), 0);
	IS(sys_recv(me, fd, &byte, 1, 0), -EAGAIN);
	return 0;
}

static int no_descriptor(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80), last = lfd, fd;
	struct remote *r;

	while ((fd = sys_dup(me, lfd)) >= 0)
		last = fd;
	IS(fd, -EMFILE);
	IS(TCP(me), -EMFILE);
	r = remote_connect(way, 80);
	sleep_ms(me, 10);
	IS(sys_accept(me, lfd, NULL, NULL), -EMFILE);
	sleep_ms(me, 100);
	/* The connection was closed, not lost. */
	OK(r->ended || r->error);
	IS(sys_close(me, last), 0);
	remote_connect(way, 80);
	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	return 0;
}

static int close_listener(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80);
	struct remote *r = remote_connect(way, 80), *late;

	sleep_ms(me, 10);
	OK(r->connected);
	IS(sys_close(me, lfd), 0);
	sleep_ms(me, 100);
	IS(r->error, ECONNRESET);
	late = remote_connect(way, 80);
	sleep_ms(me, 100);
	IS(late->error, ECONNREFUSED);
	return 0;
}

static int bad_pointer(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80), len = -1;
	struct sockaddr_in in;

	remote_connect(way, 80);
	IS(sys_accept(me, lfd, (struct sockaddr *)&in, NULL), -EFAULT);
	remote_connect(way, 80);
	IS(sys_accept(me, lfd, (struct sockaddr *)&in, &len), -EINVAL);
	return 0;
}

const struct compat_case compat_accept[] = {
	{"accept names", names},
	{"accept refused", refused},
	{"accept O_NONBLOCK", nonblock},
	{"accept EINTR", interrupted},
	{"accept SO_RCVTIMEO", timeout},
	{"accept and shutdown", shutdown_wakes},
	{"accept in three processes", prefork},
	{"accept backlog", backlog},
	{"accept after a reset", aborted},
	{"accept inherits options", inherits},
	{"accept EMFILE", no_descriptor},
	{"accept bad pointers", bad_pointer},
	{"close of a listener", close_listener},
	{NULL, NULL},
};
