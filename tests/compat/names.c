/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets before there is a connection: types, bind, names, listen. */
#include "compat.h"

static int types(struct task *me, struct way *way) {
	OK(TCP(me) >= 0);
	OK(UDP(me) >= 0);
	OK(sys_socket(me, AF_INET, SOCK_STREAM, IPPROTO_TCP) >= 0);
	OK(sys_socket(me, AF_INET, SOCK_DGRAM, IPPROTO_UDP) >= 0);
	IS(sys_socket(me, AF_INET, SOCK_STREAM, IPPROTO_UDP), -EPROTONOSUPPORT);
	IS(sys_socket(me, AF_INET, SOCK_DGRAM, IPPROTO_TCP), -EPROTONOSUPPORT);
	IS(sys_socket(me, AF_INET, SOCK_SEQPACKET, 0), -ESOCKTNOSUPPORT);
	IS(sys_socket(me, AF_INET, 77, 0), -EINVAL);
	IS(sys_socket(me, 31, SOCK_STREAM, 0), -EAFNOSUPPORT);
	IS(sys_socket(me, 77, SOCK_STREAM, 0), -EAFNOSUPPORT);
	return 0;
}

static int socketpair_none(struct task *me, struct way *way) {
	int fds[2];

	IS(sys_socketpair(me, AF_INET, SOCK_STREAM, 0, fds), -EOPNOTSUPP);
	return 0;
}

static int bind_specific(struct task *me, struct way *way) {
	const char *addr;
	int fd = TCP(me);

	IS(bind_to(me, fd, ME, 5000), 0);
	IS(port_of(me, fd, false, &addr), 5000);
	IS(strcmp(addr, ME), 0);
	return 0;
}

static int bind_any(struct task *me, struct way *way) {
	const char *addr;
	int fd = TCP(me);

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(port_of(me, fd, false, &addr), 5000);
	IS(strcmp(addr, "0.0.0.0"), 0);
	return 0;
}

static int bind_port_zero(struct task *me, struct way *way) {
	int a = TCP(me), b = TCP(me), port;

	IS(bind_to(me, a, "0.0.0.0", 0), 0);
	port = port_of(me, a, false, NULL);
	OK(port >= 1024);
	IS(bind_to(me, b, ME, 0), 0);
	OK(port_of(me, b, false, NULL) >= 1024);
	OK(port_of(me, b, false, NULL) != port);
	return 0;
}

static int bind_twice(struct task *me, struct way *way) {
	int fd = TCP(me);

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	IS(bind_to(me, fd, "0.0.0.0", 5001), -EINVAL);
	IS(bind_to(me, fd, ME, 5000), -EINVAL);
	IS(port_of(me, fd, false, NULL), 5000);
	return 0;
}

static int bind_in_use(struct task *me, struct way *way) {
	int a = TCP(me), b = TCP(me), c = TCP(me);

	IS(bind_to(me, a, "0.0.0.0", 5000), 0);
	IS(bind_to(me, b, "0.0.0.0", 5000), -EADDRINUSE);
	IS(bind_to(me, b, ME, 5000), -EADDRINUSE);
	IS(port_of(me, b, false, NULL), 0);
	IS(bind_to(me, b, ME, 5001), 0);
	IS(bind_to(me, c, "0.0.0.0", 5001), -EADDRINUSE);
	IS(bind_to(me, c, "0.0.0.0", 5002), 0);
	/* Another protocol's ports are others. */
	IS(bind_to(me, UDP(me), "0.0.0.0", 5000), 0);
	return 0;
}

static int bind_reuse(struct task *me, struct way *way) {
	int a = TCP(me), b = TCP(me);

	IS(set_int(me, a, SOL_SOCKET, SO_REUSEADDR, 1), 0);
	IS(set_int(me, b, SOL_SOCKET, SO_REUSEADDR, 1), 0);
	IS(bind_to(me, a, "0.0.0.0", 5000), 0);
	IS(bind_to(me, b, "0.0.0.0", 5000), 0);
	IS(sys_listen(me, a, 5), 0);
	IS(sys_listen(me, b, 5), -EADDRINUSE);
	return 0;
}

static int bind_foreign(struct task *me, struct way *way) {
	int fd = TCP(me);

	IS(bind_to(me, fd, NOBODY, 5000), -EADDRNOTAVAIL);
	IS(bind_to(me, fd, ELSEWHERE, 5000), -EADDRNOTAVAIL);
	IS(bind_to(me, fd, ME, 5000), 0);
	return 0;
}

static int bind_privileged(struct task *me, struct way *way) {
	int fd = TCP(me);

	task_set_capable(me, false);
	IS(bind_to(me, fd, ME, 1023), -EACCES);
	IS(bind_to(me, fd, "0.0.0.0", 80), -EACCES);
	IS(bind_to(me, fd, ME, 1024), 0);
	return 0;
}

static int bind_bad_address(struct task *me, struct way *way) {
	struct sockaddr_in in = inet_address(ME, 5000);
	int fd = TCP(me);

	IS(sys_bind(me, fd, (struct sockaddr *)&in, 8), -EINVAL);
	IS(sys_bind(me, fd, (struct sockaddr *)&in, -1), -EINVAL);
	IS(sys_bind(me, fd, NULL, sizeof in), -EFAULT);
	IS(bind_to(me, fd, ME, 5000), 0);
	return 0;
}

static int port_free_after_close(struct task *me, struct way *way) {
	for (int i = 0; i < 3; i++) {
		int fd = listen_on(me, 80);

		OK(fd >= 0);
		IS(sys_close(me, fd), 0);
	}
	return 0;
}

static int fresh_names(struct task *me, struct way *way) {
	const char *addr;
	int fd = TCP(me);

	IS(port_of(me, fd, false, &addr), 0);
	IS(strcmp(addr, "0.0.0.0"), 0);
	IS(port_of(me, fd, true, NULL), -ENOTCONN);
	IS(port_of(me, UDP(me), true, NULL), -ENOTCONN);
	return 0;
}

static int name_lengths(struct task *me, struct way *way) {
	struct sockaddr_in in = {.sin_port = 77};
	int fd = TCP(me), len = 2;

	IS(bind_to(me, fd, ME, 5000), 0);
	IS(sys_getsockname(me, fd, (struct sockaddr *)&in, &len), 0);
	IS(len, sizeof in);
	IS(in.sin_family, AF_INET);
	IS(in.sin_port, 77);
	len = -1;
	IS(sys_getsockname(me, fd, (struct sockaddr *)&in, &len), -EINVAL);
	len = 100;
	IS(sys_getsockname(me, fd, (struct sockaddr *)&in, &len), 0);
	IS(len, sizeof in);
	return 0;
}

static int listen_unbound(struct task *me, struct way *way) {
	struct remote *r;
	int fd = TCP(me), port;

	IS(sys_listen(me, fd, 5), 0);
	port = port_of(me, fd, false, NULL);
	OK(port >= 1024);
	r = remote_connect(way, (uint16_t)port);
	OK(sys_accept(me, fd, NULL, NULL) >= 0);
	OK(r->connected);
	return 0;
}

static int listen_again(struct task *me, struct way *way) {
	int fd = listen_on(me, 80);

	IS(sys_listen(me, fd, 0), 0);
	IS(sys_listen(me, fd, 1000), 0);
	remote_connect(way, 80);
	OK(sys_accept(me, fd, NULL, NULL) >= 0);
	return 0;
}

static int listen_refused(struct task *me, struct way *way) {
	struct remote *r;

	IS(sys_listen(me, UDP(me), 5), -EOPNOTSUPP);
	IS(sys_listen(me, connected(me, way, &r), 5), -EINVAL);
	return 0;
}

static int listener_is_no_connection(struct task *me, struct way *way) {
	int fd = listen_on(me, 80), n;
	char byte = 0;

	IS(connect_to(me, fd, REMOTE, 90), -EISCONN);
	IS(sys_recv(me, fd, &byte, 1, 0), -ENOTCONN);
	IS(sys_send(me, fd, &byte, 1, MSG_NOSIGNAL), -EPIPE);
	IS(port_of(me, fd, true, NULL), -ENOTCONN);
	IS(sys_ioctl(me, fd, FIONREAD, &n), -EINVAL);
	return 0;
}

const struct compat_case compat_names[] = {
	{"socket types", types},
	{"socketpair", socketpair_none},
	{"bind specific", bind_specific},
	{"bind any", bind_any},
	{"bind port 0", bind_port_zero},
	{"bind twice", bind_twice},
	{"bind in use", bind_in_use},
	{"bind SO_REUSEADDR", bind_reuse},
	{"bind foreign address", bind_foreign},
	{"bind privileged port", bind_privileged},
	{"bind bad address", bind_bad_address},
	{"port free after close", port_free_after_close},
	{"names of a fresh socket", fresh_names},
	{"name lengths", name_lengths},
	{"listen unbound", listen_unbound},
	{"listen again", listen_again},
	{"listen refused", listen_refused},
	{"listener is no connection", listener_is_no_connection},
	{NULL, NULL},
};
