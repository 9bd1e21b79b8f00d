/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of INET's streams share: a machine, its peer's program, short forms of calls. */
#ifndef TESTS_HOST_INET_PROGRAMS_H
#define TESTS_HOST_INET_PROGRAMS_H

#include "net/engine/socket.h"
#include "net_world.h"

static struct net_world w;
static struct peer_prog prog, listener;
static uint8_t bytes[300000];

enum { PORT = 8080 };

static inline void setup(void) {
	net_world_init(&w, NULL);
	peer_prog_init(&prog, w.peer[0]);
	fill(bytes, sizeof bytes);
}

static inline void teardown(void) {
	peer_prog_free(&prog);
	net_world_free(&w);
}

static inline sim_time now(void) { return sim_now(w.sim); }

static inline int tcp_socket(struct task *me) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static inline int connect_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in to = inet_address(addr, port);

	return sys_connect(me, fd, (struct sockaddr *)&to, sizeof to);
}

static inline int bind_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in to = inet_address(addr, port);

	return sys_bind(me, fd, (struct sockaddr *)&to, sizeof to);
}

static inline int listening(struct task *me, uint16_t port) {
	int fd = tcp_socket(me);

	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", port), 0);
	ck_assert_int_eq(sys_listen(me, fd, 8), 0);
	return fd;
}

/* The peer connects to the host at `when`. */
static inline void peer_connects(void *arg) {
	(void)arg;
	ck_assert_int_eq(peer_open(w.peer[0], SOCK_STREAM, &prog.ps), 0);
	ck_assert_int_eq(net_connect(prog.ps.so, HOST_ADDR(0), PORT), -EINPROGRESS);
}

#endif
