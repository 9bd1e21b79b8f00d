/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a connection. */
#include <linux/sockios.h>

#include "compat.h"
#include "net/engine/socket.h"

#define MEGABYTE (1 << 20)

/* --- plain ------------------------------------------------------------------------------------ */

static int echo_child_fd;

static int echo_sender(struct task *me, struct way *way) {
	static uint8_t buf[50000];

	for (uint64_t at = 0; at < MEGABYTE;) {
		size_t len = MIN(sizeof buf, MEGABYTE - at);

		pattern_fill(3, at, buf, len);
		IS(sys_send(me, echo_child_fd, buf, len, 0), len);
		at += len;
	}
	IS(sys_shutdown(me, echo_child_fd, SHUT_WR), 0);
	return 0;
}

static int echo(struct task *me, struct way *way) {
	static uint8_t buf[30000];
	uint64_t at = 0;
	ssize_t n;

	remote_listen(way, PORT_ECHO);
	echo_child_fd = TCP(me);
	IS(connect_to(me, echo_child_fd, REMOTE, PORT_ECHO), 0);
	OK(fork_with(me, way, echo_sender) > 0);
	while ((n = sys_recv(me, echo_child_fd, buf, sizeof buf, 0)) > 0) {
		OK(pattern_check(3, at, buf, (size_t)n));
		at += (uint64_t)n;
	}
	IS(n, 0);
	IS(at, MEGABYTE);
	return 0;
}

static int read_write(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char buf[16];

	IS(sys_write(me, fd, "hello", 5), 5);
	sleep_ms(me, 10);
	OK(remote_got(r, "hello"));
	remote_send(r, "goodbye");
	IS(sys_read(me, fd, buf, 4), 4);
	IS(memcmp(buf, "good", 4), 0);
	IS(sys_read(me, fd, buf, sizeof buf), 3);
	IS(memcmp(buf, "bye", 3), 0);
	return 0;
}

static int vectors(struct task *me, struct way *way) {
	struct iovec out[3] = {{"one ", 4}, {"", 0}, {"two", 3}}, in[2];
	struct remote *r;
	int fd = connected(me, way, &r);
	char a[4], b[8];

	IS(sys_writev(me, fd, out, 3), 7);
	sleep_ms(me, 10);
	OK(remote_got(r, "one two"));
	remote_send(r, "123456");
	sleep_ms(me, 10);
	in[0] = (struct iovec){a, sizeof a};
	in[1] = (struct iovec){b, sizeof b};
	IS(sys_readv(me, fd, in, 2), 6);
	IS(memcmp(a, "1234", 4), 0);
	IS(memcmp(b, "56", 2), 0);
	IS(sys_writev(me, fd, out, -1), -EINVAL);
	return 0;
}

static int messages(struct task *me, struct way *way) {
	struct sockaddr_in name;
	char a[3], b[10];
	struct iovec out[2] = {{"ab", 2}, {"cde", 3}}, in[2] = {{a, 3}, {b, 10}};
	struct msghdr msg = {.msg_iov = out, .msg_iovlen = 2};
	struct remote *r;
	int fd = connected(me, way, &r);

	IS(sys_sendmsg(me, fd, &msg, 0), 5);
	sleep_ms(me, 10);
	OK(remote_got(r, "abcde"));
	remote_send(r, "vwxyz");
	msg = (struct msghdr){
		.msg_iov = in, .msg_iovlen = 2, .msg_name = &name, .msg_namelen = sizeof name};
	IS(sys_recvmsg(me, fd, &msg, 0), 5);
	IS(memcmp(a, "vwx", 3), 0);
	IS(memcmp(b, "yz", 2), 0);
	IS(msg.msg_namelen, 0); /* a stream names nobody */
	return 0;
}

static int sendfile(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r), file;
	off_t at = 1000;

	IS(fs_create_pattern(way->kernel, "/file", 200000, 9), 0);
	file = sys_open(me, "/file", O_RDONLY);
	OK(file >= 0);
	for (ssize_t n, left = 199000; left > 0; left -= n) {
		n = sys_sendfile(me, fd, file, &at, (size_t)left);
		OK(n > 0);
	}
	IS(at, 200000);
	IS(sys_sendfile(me, fd, file, &at, 10), 0);
	sleep_ms(me, 1000);
	IS(r->got->len, 199000);
	OK(pattern_check(9, 1000, r->got->data, r->got->len));
	return 0;
}

static int sendfile_nonblock(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r), file;
	off_t at = 0;
	ssize_t n;

	IS(fs_create_pattern(way->kernel, "/file", 2000000, 9), 0);
	file = sys_open(me, "/file", O_RDONLY);
	r->held = true;
	IS(nonblocking(me, fd), 0);
	while ((n = sys_sendfile(me, fd, file, &at, 100000)) > 0)
		;
	IS(n, -EAGAIN);
	OK(at > 10000 && at < 2000000);
	remote_release(r);
	sleep_ms(me, 5000);
	IS(r->got->len, at); /* the offset says what was taken */
	OK(pattern_check(9, 0, r->got->data, r->got->len));
	return 0;
}

static int zero_bytes(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	char buf[4];

	IS(sys_send(me, fd, "", 0, 0), 0);
	IS(sys_write(me, fd, "", 0), 0);
	remote_send(r, "x");
	sleep_ms(me, 10);
	IS(sys_recv(me, fd, buf, 0, 0), 0);
	IS(sys_read(me, fd, buf, 0), 0);
	IS(sys_recv(me, fd, buf, 4, 0), 1);
	IS(r->got->len, 0);
	return 0;
}

static int not_connected(struct task *me, struct way *way) {
	int fd = TCP(me);
	char byte;

	IS(sys_recv(me, fd, &byte, 1, 0), -ENOTCONN);
	IS(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	IS(sys_shutdown(me, fd, SHUT_WR), -ENOTCONN);
	IS(sys_recv(me, fd, NULL, 1, 0), -EFAULT);
	return 0;
}

static int send_ignores_name(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);

	IS(send_to(me, fd, NOBODY, 99, "x"), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "x"));
	return 0;
}

/* --- flags ------------------------------------------------------------------------------------ */

static int peek(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char buf[8];

	remote_send(r, "hello");
	IS(sys_recv(me, fd, buf, 3, MSG_PEEK), 3);
	IS(memcmp(buf, "hel", 3), 0);
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_PEEK), 5);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 5);
	IS(memcmp(buf, "hello", 5), 0);
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_PEEK | MSG_DONTWAIT), -EAGAIN);
	return 0;
}

static int dontwait(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r), total = 0, n;
	static char buf[100000];

	IS(sys_recv(me, fd, buf, 1, MSG_DONTWAIT), -EAGAIN);
	r->held = true;
	while ((n = (int)sys_send(me, fd, buf, sizeof buf, MSG_DONTWAIT)) > 0)
		total += n;
	IS(n, -EAGAIN);
	OK(total > 10000);
	remote_release(r);
	sleep_ms(me, 1000);
	OK(sys_send(me, fd, buf, 1000, MSG_DONTWAIT) == 1000);
	sleep_ms(me, 1000);
	IS(r->got->len, total + 1000);
	return 0;
}

static int waitall(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char buf[16];

	remote_send(r, "hello");
	later(way, 100, remote_greet, r);
	IS(sys_recv(me, fd, buf, 10, MSG_WAITALL), 10);
	IS(memcmp(buf, "hellohello", 10), 0);
	remote_send(r, "abc");
	later(way, 100, remote_shutdown, r);
	IS(sys_recv(me, fd, buf, 10, MSG_WAITALL), 3);
	return 0;
}

static int waitall_interrupted(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char buf[16];

	IS(signals_on(me, SIGUSR1), 0);
	remote_send(r, "abc");
	signal_later(way, me, 100, SIGUSR1);
	IS(sys_recv(me, fd, buf, 10, MSG_WAITALL), 3);
	return 0;
}

/* What there is when the time or the wish not to wait ends it. */
static int waitall_ends(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char buf[16];

	remote_send(r, "abc");
	sleep_ms(me, 10);
	IS(sys_recv(me, fd, buf, 10, MSG_WAITALL | MSG_PEEK | MSG_DONTWAIT), 3);
	IS(sys_recv(me, fd, buf, 10, MSG_WAITALL | MSG_DONTWAIT), 3);
	IS(sys_recv(me, fd, buf, 10, MSG_WAITALL | MSG_DONTWAIT), -EAGAIN);
	IS(set_seconds(me, fd, SO_RCVTIMEO, 1), 0);
	remote_send(r, "de");
	IS(sys_recv(me, fd, buf, 10, MSG_WAITALL), 2);
	IS(sys_recv(me, fd, buf, 10, MSG_WAITALL), -EAGAIN);
	return 0;
}

/* MSG_PEEK blocks as a receive does, and takes nothing. */
static int peek_blocks(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r), n;
	char buf[8];

	later(way, 100, remote_greet, r);
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_PEEK), 5);
	IS(sys_ioctl(me, fd, FIONREAD, &n), 0);
	IS(n, 5);
	IS(poll_one(me, fd, POLLIN, 0), POLLIN);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 5);
	return 0;
}

static int low_water(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char buf[16];

	IS(set_int(me, fd, SOL_SOCKET, SO_RCVLOWAT, 8), 0);
	remote_send(r, "abc");
	later(way, 100, remote_greet, r);
	IS(sys_recv(me, fd, buf, 16, 0), 8);
	return 0;
}

static int truncate_stream(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char buf[8] = "xxxxxxx";

	remote_send(r, "hello");
	sleep_ms(me, 10);
	/* MSG_TRUNC on a stream throws the bytes away. */
	IS(sys_recv(me, fd, buf, 3, MSG_TRUNC), 3);
	IS(buf[0], 'x');
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 2);
	IS(memcmp(buf, "lo", 2), 0);
	return 0;
}

/* --- urgent data ------------------------------------------------------------------------------ */

static int urgent(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r), mark;
	char buf[8];

	IS(sys_recv(me, fd, buf, 1, MSG_OOB), -EINVAL);
	remote_send(r, "ab");
	remote_urgent(r, '!');
	remote_send(r, "cd");
	IS(poll_one(me, fd, POLLPRI, 1000), POLLPRI);
	IS(sys_ioctl(me, fd, SIOCATMARK, &mark), 0);
	IS(mark, 0);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 2); /* stops at the mark */
	IS(sys_ioctl(me, fd, SIOCATMARK, &mark), 0);
	IS(mark, 1);
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_OOB), 1);
	IS(buf[0], '!');
	IS(sys_recv(me, fd, buf, 1, MSG_OOB), -EINVAL);
	sleep_ms(me, 10);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 2);
	IS(memcmp(buf, "cd", 2), 0);
	return 0;
}

static int urgent_inline(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r), mark;
	char buf[8];

	IS(set_int(me, fd, SOL_SOCKET, SO_OOBINLINE, 1), 0);
	remote_send(r, "ab");
	remote_urgent(r, '!');
	sleep_ms(me, 500); /* the remote may wait for the ACK of the first segment */
	IS(sys_recv(me, fd, buf, 1, MSG_OOB), -EINVAL);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 2);
	IS(sys_ioctl(me, fd, SIOCATMARK, &mark), 0);
	IS(mark, 1);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 1);
	IS(buf[0], '!');
	return 0;
}

static int urgent_sent(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r), on = 1;

	net_setopt(r->ps.so, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
	IS(sys_send(me, fd, "a", 1, 0), 1);
	IS(sys_send(me, fd, "bc", 2, MSG_OOB), 2);
	sleep_ms(me, 10);
	OK(remote_got(r, "abc"));
	return 0;
}

static int urgent_signal(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);

	IS(signals_on(me, SIGURG), 0);
	IS(sys_fcntl(me, fd, F_SETOWN, task_pid(me)), 0);
	remote_urgent(r, '!');
	IS(sys_nanosleep(me, SIM_S), -EINTR);
	IS(signals_seen(), 1);
	return 0;
}

/* --- blocking --------------------------------------------------------------------------------- */

static int recv_interrupted(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	char byte;

	IS(signals_on(me, SIGUSR1), 0);
	signal_later(way, me, 100, SIGUSR1);
	IS(sys_recv(me, fd, &byte, 1, 0), -EINTR);
	remote_send(r, "x");
	IS(sys_recv(me, fd, &byte, 1, 0), 1);
	return 0;
}

static int recv_timeout(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r);
	sim_time start, took;
	char byte;

	IS(set_seconds(me, fd, SO_RCVTIMEO, 1), 0);
	start = sys_gettime(me);
	IS(sys_recv(me, fd, &byte, 1, 0), -EAGAIN);
	took = sys_gettime(me) - start;
	OK(took >= SIM_S - TICK && took < SIM_S + 50 * SIM_MS);
	remote_send(r, "x");
	IS(sys_recv(me, fd, &byte, 1, 0), 1);
	return 0;
}

static int send_timeout(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	ssize_t n, total = 0;
	static char buf[1000000];
	sim_time start;

	r->held = true;
	IS(set_seconds(me, fd, SO_SNDTIMEO, 1), 0);
	while ((n = sys_send(me, fd, buf, sizeof buf, 0)) > 0)
		total += n;
	IS(n, -EAGAIN);
	start = sys_gettime(me);
	IS(sys_send(me, fd, buf, 1000, 0), -EAGAIN);
	OK(sys_gettime(me) - start >= SIM_S - TICK);
	remote_release(r);
	sleep_ms(me, 5000);
	IS(r->got->len, total);
	return 0;
}

static int send_blocks(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	static char buf[500000];

	r->held = true;
	later(way, 500, remote_release, r);
	IS(sys_send(me, fd, buf, sizeof buf, 0), sizeof buf);
	sleep_ms(me, 2000);
	IS(r->got->len, sizeof buf);
	return 0;
}

static int send_interrupted(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);
	static char buf[1000000];
	ssize_t n;

	r->held = true;
	IS(signals_on(me, SIGUSR1), 0);
	signal_later(way, me, 500, SIGUSR1);
	n = sys_send(me, fd, buf, sizeof buf, 0);
	OK(n > 0 && n < (ssize_t)sizeof buf);
	IS(signals_seen(), 1);
	n += fill(me, fd);
	signal_later(way, me, 500, SIGUSR1);
	IS(sys_send(me, fd, buf, sizeof buf, 0), -EINTR);
	remote_release(r);
	sleep_ms(me, 5000);
	IS(r->got->len, n);
	return 0;
}

static int queue_lengths(struct task *me, struct way *way) {
	struct remote *r;
	int fd = accepted(me, way, &r), n = -1;

	IS(sys_ioctl(me, fd, FIONREAD, &n), 0);
	IS(n, 0);
	remote_send(r, "hello");
	sleep_ms(me, 10);
	IS(sys_ioctl(me, fd, FIONREAD, &n), 0);
	IS(n, 5);
	IS(sys_ioctl(me, fd, SIOCOUTQ, &n), 0);
	IS(n, 0);
	r->held = true;
	IS(set_seconds(me, fd, SO_SNDTIMEO, 1), 0);
	while (sys_send(me, fd, "0123456789abcdef", 16, MSG_DONTWAIT) > 0)
		;
	IS(sys_ioctl(me, fd, SIOCOUTQ, &n), 0);
	OK(n > 0);
	return 0;
}

const struct compat_case compat_stream[] = {
	{"echo of 1 MB", echo},
	{"read and write", read_write},
	{"readv and writev", vectors},
	{"sendmsg and recvmsg", messages},
	{"sendfile", sendfile},
	{"sendfile O_NONBLOCK", sendfile_nonblock},
	{"zero bytes", zero_bytes},
	{"send without connection", not_connected},
	{"send ignores the name", send_ignores_name},
	{"MSG_PEEK", peek},
	{"MSG_DONTWAIT", dontwait},
	{"MSG_WAITALL", waitall},
	{"MSG_PEEK blocks", peek_blocks},
	{"MSG_WAITALL and EINTR", waitall_interrupted},
	{"MSG_WAITALL ends early", waitall_ends},
	{"MSG_TRUNC on a stream", truncate_stream},
	{"SO_RCVLOWAT", low_water},
	{"urgent data", urgent},
	{"urgent data in line", urgent_inline},
	{"urgent data sent", urgent_sent},
	{"SIGURG", urgent_signal},
	{"recv EINTR", recv_interrupted},
	{"recv SO_RCVTIMEO", recv_timeout},
	{"send SO_SNDTIMEO", send_timeout},
	{"send blocks", send_blocks},
	{"send EINTR", send_interrupted},
	{"FIONREAD and SIOCOUTQ", queue_lengths},
	{NULL, NULL},
};
