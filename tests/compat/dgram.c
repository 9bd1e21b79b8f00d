/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/wait.h>

#include "compat.h"

static int send_and_receive(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	struct sockaddr_in from;
	int fd = UDP(me), len = sizeof from;
	char buf[16];

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(send_to(me, fd, REMOTE, 6000, "hello"), 5);
	sleep_ms(me, 10);
	OK(remote_got(r, "hello"));
	IS(r->from_port, 5000);
	remote_sendto(r, 5000, "answer", 6);
	IS(sys_recvfrom(me, fd, buf, sizeof buf, 0, (struct sockaddr *)&from, &len), 6);
	IS(memcmp(buf, "answer", 6), 0);
	IS(len, sizeof from);
	IS(ntohl(from.sin_addr.s_addr), 0x0a000002);
	IS(ntohs(from.sin_port), 6000);
	return 0;
}

static int bound_specific(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	int fd = UDP(me);
	char buf[16];

	IS(bind_to(me, fd, ME, 5000), 0);
	remote_sendto(r, 5000, "x", 1);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 1);
	IS(send_to(me, fd, REMOTE, 6000, "y"), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "y"));
	return 0;
}

static int unbound_send(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	int fd = UDP(me);
	const char *addr;
	char byte;

	IS(send_to(me, fd, REMOTE, 6000, "x"), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "x"));
	IS(port_of(me, fd, false, &addr), r->from_port);
	IS(strcmp(addr, "0.0.0.0"), 0);
	remote_sendto(r, r->from_port, "y", 1);
	IS(sys_recv(me, fd, &byte, 1, 0), 1);
	return 0;
}

static int boundaries(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	int fd = UDP(me);
	char buf[16];

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	remote_sendto(r, 5000, "one", 3);
	remote_sendto(r, 5000, "", 0);
	remote_sendto(r, 5000, "three", 5);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 3);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 0);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 5);
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), -EAGAIN);
	return 0;
}

static int truncated(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	char buf[3];
	struct iovec iov = {buf, sizeof buf};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	int fd = UDP(me);

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	remote_sendto(r, 5000, "hello", 5);
	remote_sendto(r, 5000, "hello", 5);
	remote_sendto(r, 5000, "yes", 3);
	IS(sys_recvmsg(me, fd, &msg, 0), 3);
	OK(msg.msg_flags & MSG_TRUNC);
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_TRUNC), 5);
	IS(sys_recvmsg(me, fd, &msg, 0), 3);
	IS(msg.msg_flags & MSG_TRUNC, 0);
	IS(memcmp(buf, "yes", 3), 0);
	return 0;
}

static int peek(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	int fd = UDP(me), n;
	char buf[16];

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	remote_sendto(r, 5000, "one", 3);
	remote_sendto(r, 5000, "three", 5);
	IS(sys_recv(me, fd, buf, 2, MSG_PEEK), 2);
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_PEEK), 3);
	IS(sys_ioctl(me, fd, FIONREAD, &n), 0);
	IS(n, 3);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 3);
	IS(sys_ioctl(me, fd, FIONREAD, &n), 0);
	IS(n, 5);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 5);
	IS(sys_ioctl(me, fd, FIONREAD, &n), 0);
	IS(n, 0);
	return 0;
}

static int connected_socket(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000), *stranger = remote_udp(way, 6001);
	const char *addr;
	int fd = UDP(me);
	char buf[16];

	IS(sys_send(me, fd, "x", 1, 0), -EDESTADDRREQ);
	IS(connect_to(me, fd, REMOTE, 6000), 0);
	IS(port_of(me, fd, true, NULL), 6000);
	OK(port_of(me, fd, false, &addr) >= 1024);
	IS(strcmp(addr, ME), 0);
	IS(sys_send(me, fd, "hello", 5, 0), 5);
	sleep_ms(me, 10);
	OK(remote_got(r, "hello"));
	remote_sendto(stranger, r->from_port, "psst", 4);
	remote_sendto(r, r->from_port, "answer", 6);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), 6);
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), -EAGAIN);
	/* Another destination for one datagram is allowed. */
	IS(send_to(me, fd, REMOTE, 6001, "hey"), 3);
	sleep_ms(me, 10);
	OK(remote_got(stranger, "hey"));
	return 0;
}

static int reconnect(struct task *me, struct way *way) {
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	struct remote *a = remote_udp(way, 6000), *b = remote_udp(way, 6001);
	int fd = UDP(me);

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(connect_to(me, fd, REMOTE, 6000), 0);
	IS(connect_to(me, fd, REMOTE, 6001), 0);
	IS(port_of(me, fd, true, NULL), 6001);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	sleep_ms(me, 10);
	IS(a->got->len, 0);
	OK(remote_got(b, "x"));
	IS(b->from_port, 5000);
	IS(sys_connect(me, fd, &none, sizeof none), 0);
	IS(port_of(me, fd, true, NULL), -ENOTCONN);
	IS(sys_send(me, fd, "x", 1, 0), -EDESTADDRREQ);
	IS(port_of(me, fd, false, NULL), 5000);
	return 0;
}

/* udp_disconnect() puts back a port that was drawn: the next bind() may ask for one. */
static int put_back(struct task *me, struct way *way) {
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	int fd = UDP(me);

	IS(connect_to(me, fd, REMOTE, 6000), 0);
	OK(port_of(me, fd, false, NULL) > 0);
	IS(bind_to(me, fd, "0.0.0.0", 5000), -EINVAL);
	IS(sys_connect(me, fd, &none, sizeof none), 0);
	IS(port_of(me, fd, false, NULL), 0);
	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(connect_to(me, fd, REMOTE, 6000), 0);
	IS(sys_connect(me, fd, &none, sizeof none), 0);
	IS(port_of(me, fd, false, NULL), 5000);
	return 0;
}

static int refused(struct task *me, struct way *way) {
	int fd = UDP(me);
	char byte;

	IS(connect_to(me, fd, REMOTE, 6000), 0);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	IS(sys_recv(me, fd, &byte, 1, 0), -ECONNREFUSED);
	IS(sys_recv(me, fd, &byte, 1, MSG_DONTWAIT), -EAGAIN);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	sleep_ms(me, 10);
	IS(poll_one(me, fd, POLLIN, 0) & POLLERR, POLLERR);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), 0);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	sleep_ms(me, 10);
	IS(sys_send(me, fd, "x", 1, 0), -ECONNREFUSED);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	return 0;
}

/* Without connect nobody is told of an ICMP error. */
static int refused_unconnected(struct task *me, struct way *way) {
	int fd = UDP(me);
	char byte;

	IS(send_to(me, fd, REMOTE, 6000, "x"), 1);
	sleep_ms(me, 10);
	IS(send_to(me, fd, REMOTE, 6000, "x"), 1);
	IS(sys_recv(me, fd, &byte, 1, MSG_DONTWAIT), -EAGAIN);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), 0);
	return 0;
}

static int bad_sends(struct task *me, struct way *way) {
	struct sockaddr_in in = inet_address(REMOTE, 6000);
	struct sockaddr *sa = (struct sockaddr *)&in;
	static char big[70000];
	int fd = UDP(me);

	IS(sys_sendto(me, fd, big, 65508, 0, sa, sizeof in), -EMSGSIZE);
	IS(sys_sendto(me, fd, big, 70000, 0, sa, sizeof in), -EMSGSIZE);
	IS(sys_sendto(me, fd, "x", 1, 0, sa, 8), -EINVAL);
	IS(sys_sendto(me, fd, "x", 1, MSG_OOB, sa, sizeof in), -EOPNOTSUPP);
	in.sin_port = 0;
	IS(sys_sendto(me, fd, "x", 1, 0, sa, sizeof in), -EINVAL);
	IS(send_to(me, fd, ELSEWHERE, 6000, "x"), -ENETUNREACH);
	IS(send_to(me, fd, REMOTE, 6000, "x"), 1);
	return 0;
}

static int large(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	static uint8_t buf[20000];
	int fd = UDP(me);

	pattern_fill(4, 0, buf, sizeof buf);
	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(connect_to(me, fd, REMOTE, 6000), 0);
	/* Many fragments behind an address that is not known yet would be dropped. */
	IS(sys_send(me, fd, "", 0, 0), 0);
	sleep_ms(me, 100);
	IS(sys_send(me, fd, buf, 8000, 0), 8000);
	sleep_ms(me, 100);
	IS(r->got->len, 8000);
	OK(pattern_check(4, 0, r->got->data, 8000));
	remote_sendto(r, 5000, buf, sizeof buf);
	memset(buf, 0, sizeof buf);
	IS(sys_recv(me, fd, buf, sizeof buf, 0), sizeof buf);
	OK(pattern_check(4, 0, buf, sizeof buf));
	return 0;
}

static int broadcast(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	int fd = UDP(me);

	IS(send_to(me, fd, "10.0.0.255", 6000, "x"), -EACCES);
	IS(connect_to(me, fd, "10.0.0.255", 6000), -EACCES);
	IS(set_int(me, fd, SOL_SOCKET, SO_BROADCAST, 1), 0);
	IS(send_to(me, fd, "10.0.0.255", 6000, "x"), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "x"));
	return 0;
}

static int bind_rules(struct task *me, struct way *way) {
	int a = UDP(me), b = UDP(me);

	IS(bind_to(me, a, "0.0.0.0", 5000), 0);
	IS(bind_to(me, a, "0.0.0.0", 5001), -EINVAL);
	IS(bind_to(me, b, ME, 5000), -EADDRINUSE);
	IS(bind_to(me, b, NOBODY, 5000), -EADDRNOTAVAIL);
	IS(bind_to(me, b, ME, 5001), 0);
	IS(sys_close(me, a), 0);
	IS(bind_to(me, UDP(me), "0.0.0.0", 5000), 0);
	return 0;
}

static int waits(struct task *me, struct way *way) {
	int fd = UDP(me);
	sim_time start, took;
	char byte;

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(sys_recv(me, fd, &byte, 1, MSG_DONTWAIT), -EAGAIN);
	IS(set_seconds(me, fd, SO_RCVTIMEO, 1), 0);
	start = sys_gettime(me);
	IS(sys_recv(me, fd, &byte, 1, 0), -EAGAIN);
	took = sys_gettime(me) - start;
	OK(took >= SIM_S - TICK);
	OK(took < SIM_S + 50 * SIM_MS);
	IS(nonblocking(me, fd), 0);
	IS(sys_recv(me, fd, &byte, 1, 0), -EAGAIN);
	return 0;
}

static int interrupted(struct task *me, struct way *way) {
	int fd = UDP(me);
	char byte;

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(signals_on(me, SIGUSR1), 0);
	signal_later(way, me, 100, SIGUSR1);
	IS(sys_recv(me, fd, &byte, 1, 0), -EINTR);
	return 0;
}

static int polls(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	int fd = UDP(me);
	char byte;

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(poll_one(me, fd, POLLIN, 100), 0);
	remote_sendto(r, 5000, "x", 1);
	IS(poll_one(me, fd, POLLIN, 1000), POLLIN);
	IS(poll_one(me, fd, POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
	IS(sys_recv(me, fd, &byte, 1, MSG_DONTWAIT), 1);
	IS(poll_one(me, fd, POLLIN, 0), 0);
	return 0;
}

static int not_a_stream(struct task *me, struct way *way) {
	int fd = UDP(me);
	char byte;

	IS(sys_accept(me, fd, NULL, NULL), -EOPNOTSUPP);
	IS(sys_listen(me, fd, 1), -EOPNOTSUPP);
	IS(sys_recv(me, fd, &byte, 1, MSG_OOB), -EOPNOTSUPP);
	IS(sys_shutdown(me, fd, SHUT_RD), -ENOTCONN);
	IS(set_int(me, fd, IPPROTO_TCP, 1, 1), -ENOPROTOOPT);
	return 0;
}

static int read_and_write(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	struct iovec iov[2] = {{"ab", 2}, {"cd", 2}};
	int fd = UDP(me);
	char buf[16];

	IS(connect_to(me, fd, REMOTE, 6000), 0);
	IS(sys_write(me, fd, "hello", 5), 5);
	sleep_ms(me, 10);
	OK(remote_got(r, "hello"));
	g_byte_array_set_size(r->got, 0);
	IS(sys_writev(me, fd, iov, 2), 4); /* one datagram */
	sleep_ms(me, 10);
	OK(remote_got(r, "abcd"));
	remote_sendto(r, r->from_port, "xyz", 3);
	IS(sys_read(me, fd, buf, sizeof buf), 3);
	return 0;
}

/* Two sockets of the machine, over loop-back and over its own address. */
static int local(struct task *me, struct way *way) {
	int a = UDP(me), b = UDP(me);
	char buf[8];

	IS(bind_to(me, a, "0.0.0.0", 5000), 0);
	IS(send_to(me, b, "127.0.0.1", 5000, "one"), 3);
	IS(sys_recv(me, a, buf, sizeof buf, 0), 3);
	IS(send_to(me, b, ME, 5000, "four"), 4);
	IS(sys_recv(me, a, buf, sizeof buf, 0), 4);
	return 0;
}

static int reader_fd;

static int reader(struct task *me, struct way *way) {
	char byte;

	IS(sys_recv(me, reader_fd, &byte, 1, 0), 1);
	return 0;
}

static int two_readers(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);

	reader_fd = UDP(me);
	IS(bind_to(me, reader_fd, "0.0.0.0", 5000), 0);
	OK(fork_with(me, way, reader) > 0);
	OK(fork_with(me, way, reader) > 0);
	sleep_ms(me, 10);
	remote_sendto(r, 5000, "x", 1);
	remote_sendto(r, 5000, "y", 1);
	OK(sys_waitpid(me, -1, NULL, 0) > 0);
	OK(sys_waitpid(me, -1, NULL, 0) > 0);
	return 0;
}

static int shutdown_connected(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	int fd = UDP(me);
	char byte;

	IS(connect_to(me, fd, REMOTE, 6000), 0);
	IS(sys_shutdown(me, fd, SHUT_RD), 0);
	IS(sys_recv(me, fd, &byte, 1, 0), 0);
	IS(sys_send(me, fd, "x", 1, 0), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "x"));
	return 0;
}

/* What getsockopt says is in force: the largest datagram fits into the buffer that a socket has. */
static int largest(struct task *me, struct way *way) {
	static char big[65507], into[70000];
	int fd = UDP(me);
	struct remote *r = remote_udp(way, 6000);

	IS(bind_to(me, fd, ME, 5000), 0);
	IS(send_to(me, fd, REMOTE, 6000, "x"), 1); /* that each knows where the other is */
	sleep_ms(me, 10);
	OK(remote_got(r, "x"));
	IS(get_int(me, fd, SOL_SOCKET, SO_RCVBUF), 65535);
	for (size_t len = 20000; len <= sizeof big; len += 7583) {
		pattern_fill(3, 0, big, len);
		remote_sendto(r, 5000, big, len);
		sleep_ms(me, 50);
		IS(sys_recv(me, fd, into, sizeof into, MSG_DONTWAIT), len);
		OK(memcmp(big, into, len) == 0);
	}
	remote_sendto(r, 5000, big, sizeof big);
	sleep_ms(me, 50);
	IS(sys_recv(me, fd, into, sizeof into, MSG_DONTWAIT), sizeof big);
	return 0;
}

const struct compat_case compat_dgram[] = {
	{"UDP sendto and recvfrom", send_and_receive},
	{"UDP bound to an address", bound_specific},
	{"UDP sends unbound", unbound_send},
	{"UDP boundaries", boundaries},
	{"UDP truncated", truncated},
	{"UDP MSG_PEEK, FIONREAD", peek},
	{"UDP connected", connected_socket},
	{"UDP connects again", reconnect},
	{"UDP AF_UNSPEC puts back a drawn port", put_back},
	{"UDP refused", refused},
	{"UDP refused, unconnected", refused_unconnected},
	{"UDP bad sends", bad_sends},
	{"UDP in fragments", large},
	{"UDP of the largest size", largest},
	{"UDP broadcast", broadcast},
	{"UDP bind", bind_rules},
	{"UDP SO_RCVTIMEO", waits},
	{"UDP EINTR", interrupted},
	{"UDP poll", polls},
	{"UDP is no stream", not_a_stream},
	{"UDP read and write", read_and_write},
	{"UDP to itself", local},
	{"UDP two readers", two_readers},
	{"UDP shutdown", shutdown_connected},
	{NULL, NULL},
};
