/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transfers that an error ends: first comes the part that was moved, then the error, once, then
 * what 2.4 says of a connection that is over.  And transfers of nothing.
 */
#include "compat.h"

enum { MORE_THAN_A_COMMAND = 300000 };

static char bytes[MORE_THAN_A_COMMAND];

/* A blocking send that is asleep when the remote resets. */
static int sends(struct task *me, struct way *way, size_t len) {
	struct remote *r;
	int fd = connected(me, way, &r);
	ssize_t n;

	IS(signals_on(me, SIGPIPE), 0);
	r->held = true;
	n = fill(me, fd);
	OK(n > 0);
	r->held = false;
	remote_release(r); /* there is room for a part */
	sleep_ms(me, 10);
	r->held = true;
	later(way, 500, remote_reset, r);
	n = sys_send(me, fd, bytes, len, 0);
	OK(n > 0 && n < (ssize_t)len);
	IS(sys_send(me, fd, bytes, 100, 0), -ECONNRESET);
	IS(signals_seen(), 0);
	IS(sys_send(me, fd, bytes, 100, 0), -EPIPE);
	IS(signals_seen(), 1);
	return 0;
}

static int send_part(struct task *me, struct way *way) {
	return sends(me, way, MORE_THAN_A_COMMAND);
}

static int send_one_command(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r), room;

	IS(signals_on(me, SIGPIPE), 0);
	room = get_int(me, fd, SOL_SOCKET, SO_SNDBUF) / 2;
	OK(room > 8000);
	r->held = true;
	OK(fill(me, fd) > 0);
	remote_release(r);
	r->held = true;
	sleep_ms(me, 10);
	later(way, 500, remote_reset, r);
	while (sys_send(me, fd, bytes, 5000, 0) == 5000)
		;
	IS(signals_seen(), 0);
	IS(sys_send(me, fd, bytes, 5000, 0), -ECONNRESET);
	IS(sys_send(me, fd, bytes, 5000, MSG_NOSIGNAL), -EPIPE);
	return 0;
}

/* The reader is told as well as the writer would be. */
static int send_then_recv(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);

	r->held = true;
	later(way, 500, remote_reset, r);
	OK(sys_send(me, fd, bytes, sizeof bytes, 0) > 0);
	IS(sys_recv(me, fd, bytes, 10, 0), -ECONNRESET);
	IS(sys_recv(me, fd, bytes, 10, 0), 0);
	IS(sys_send(me, fd, bytes, 1, MSG_NOSIGNAL), -EPIPE);
	return 0;
}

static int receives(struct task *me, struct way *way, size_t there) {
	static char into[2 * MORE_THAN_A_COMMAND];
	struct remote *r;
	int fd = connected(me, way, &r);

	remote_send_bytes(r, bytes, there);
	later(way, 500, remote_reset, r);
	IS(sys_recv(me, fd, into, sizeof into, MSG_WAITALL), there);
	IS(sys_recv(me, fd, into, 10, 0), -ECONNRESET);
	IS(sys_recv(me, fd, into, 10, 0), 0);
	IS(sys_send(me, fd, bytes, 1, MSG_NOSIGNAL), -EPIPE);
	return 0;
}

static int recv_part(struct task *me, struct way *way) { return receives(me, way, 1000); }

/* The last byte of a command, the first of the next, and between. */
static int recv_commands(struct task *me, struct way *way) { return receives(me, way, 65536); }
static int recv_commands_and_one(struct task *me, struct way *way) {
	return receives(me, way, 65537);
}
static int recv_many(struct task *me, struct way *way) { return receives(me, way, 200000); }

static int recv_then_send(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	char into[2000];

	remote_send_bytes(r, bytes, 1000);
	later(way, 500, remote_reset, r);
	IS(sys_recv(me, fd, into, sizeof into, MSG_WAITALL), 1000);
	IS(sys_send(me, fd, bytes, 1, MSG_NOSIGNAL), -ECONNRESET);
	IS(sys_send(me, fd, bytes, 1, MSG_NOSIGNAL), -EPIPE);
	IS(sys_recv(me, fd, into, 10, 0), 0);
	return 0;
}

/* What had come before the reset is there to be read. */
static int bytes_first(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	char into[8];

	remote_send(r, "hello world");
	sleep_ms(me, 10);
	remote_reset(r);
	sleep_ms(me, 10);
	IS(sys_recv(me, fd, into, 6, MSG_WAITALL), 6);
	IS(sys_recv(me, fd, into, 8, MSG_WAITALL), 5);
	IS(sys_recv(me, fd, into, 6, 0), -ECONNRESET);
	IS(sys_recv(me, fd, into, 6, 0), 0);
	return 0;
}

/* 2.4: who has been told of the end is not told of what comes after it; the writer is. */
static int reset_behind_end(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	char into[8];

	remote_shutdown(r);
	sleep_ms(me, 10);
	remote_reset(r);
	sleep_ms(me, 10);
	IS(sys_recv(me, fd, into, 8, 0), 0);
	IS(sys_recv(me, fd, into, 8, 0), 0);
	IS(sys_send(me, fd, bytes, 1, MSG_NOSIGNAL), -EPIPE);
	IS(sys_recv(me, fd, into, 8, 0), 0);
	return 0;
}

/* --- nothing ---------------------------------------------------------------------------------- */

static int recv_nothing(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	sim_time start;
	char into[8];

	IS(sys_recv(me, TCP(me), into, 0, 0), -ENOTCONN);
	IS(sys_recv(me, fd, into, 0, MSG_DONTWAIT), -EAGAIN);
	IS(set_seconds(me, fd, SO_RCVTIMEO, 1), 0);
	start = sys_gettime(me);
	IS(sys_recv(me, fd, into, 0, 0), 0);
	OK(sys_gettime(me) - start >= SIM_S - TICK);
	IS(set_seconds(me, fd, SO_RCVTIMEO, 0), 0);
	later(way, 500, remote_greet, r);
	start = sys_gettime(me);
	IS(sys_recv(me, fd, into, 0, 0), 0);
	OK(sys_gettime(me) - start >= 500 * SIM_MS);
	IS(sys_recv(me, fd, into, 0, 0), 0);
	IS(sys_recv(me, fd, into, 8, 0), 5);
	remote_shutdown(r);
	sleep_ms(me, 10);
	IS(sys_recv(me, fd, into, 0, 0), 0);
	return 0;
}

static int recv_nothing_of_reset(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	char into[8];

	IS(sys_recv(me, listen_on(me, 80), into, 0, 0), -ENOTCONN);
	remote_reset(r);
	sleep_ms(me, 10);
	IS(sys_recv(me, fd, into, 0, 0), -ECONNRESET);
	IS(sys_recv(me, fd, into, 0, 0), 0);
	return 0;
}

static int send_nothing(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);

	IS(sys_send(me, fd, bytes, 0, 0), 0);
	remote_reset(r);
	sleep_ms(me, 10);
	IS(sys_send(me, fd, bytes, 0, MSG_NOSIGNAL), -ECONNRESET);
	IS(sys_send(me, fd, bytes, 0, MSG_NOSIGNAL), -EPIPE);
	IS(sys_send(me, TCP(me), bytes, 0, MSG_NOSIGNAL), -EPIPE);
	return 0;
}

/* --- a connection that is over before it is accepted ------------------------------------------- */

static int reset_in_queue(struct task *me, struct way *way) {
	struct sockaddr_in in;
	int lfd = listen_on(me, 80), fd, len = sizeof in;
	struct remote *r = remote_connect(way, 80);
	char into[8];

	IS(poll_one(me, lfd, POLLIN, 1000), POLLIN);
	remote_reset(r);
	sleep_ms(me, 10);
	IS(poll_one(me, lfd, POLLIN, 0), POLLIN);
	fd = sys_accept(me, lfd, (struct sockaddr *)&in, &len);
	OK(fd >= 0);
	IS(ntohl(in.sin_addr.s_addr), 0x0a000002);
	IS(port_of(me, fd, true, NULL), -ENOTCONN);
	IS(port_of(me, fd, false, NULL), 80);
	OK(poll_one(me, fd, POLLIN, 0) & POLLERR);
	IS(sys_recv(me, fd, into, sizeof into, 0), -ECONNRESET);
	IS(sys_recv(me, fd, into, sizeof into, 0), 0);
	IS(sys_send(me, fd, into, 1, MSG_NOSIGNAL), -EPIPE);
	return 0;
}

static int said_and_reset_in_queue(struct task *me, struct way *way) {
	int lfd = listen_on(me, 80), fd;
	struct remote *r = remote_connect(way, 80);
	char into[8];

	sleep_ms(me, 10);
	remote_send(r, "hello");
	sleep_ms(me, 10);
	remote_reset(r);
	sleep_ms(me, 10);
	fd = sys_accept(me, lfd, NULL, NULL);
	OK(fd >= 0);
	IS(sys_recv(me, fd, into, sizeof into, 0), 5);
	IS(sys_recv(me, fd, into, sizeof into, 0), -ECONNRESET);
	return 0;
}

const struct compat_case compat_partial[] = {
	{"reset under a big send", send_part},
	{"reset under a small send", send_one_command},
	{"reset under send, then recv", send_then_recv},
	{"reset under recv", recv_part},
	{"reset under recv at 64 KiB", recv_commands},
	{"reset under recv behind it", recv_commands_and_one},
	{"reset under a big recv", recv_many},
	{"reset under recv, then send", recv_then_send},
	{"bytes before the reset", bytes_first},
	{"reset behind the end", reset_behind_end},
	{"recv of nothing", recv_nothing},
	{"recv of nothing, reset", recv_nothing_of_reset},
	{"send of nothing", send_nothing},
	{"reset before accept", reset_in_queue},
	{"bytes, reset, then accept", said_and_reset_in_queue},
	{NULL, NULL},
};
