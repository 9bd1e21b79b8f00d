/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/time.h>

#include "compat.h"

static int switches(struct task *me, struct way *way) {
	static const int names[] = {SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_OOBINLINE,
	                            SO_DONTROUTE};
	struct remote *r;
	int fds[] = {TCP(me), connected(me, way, &r)};

	for (size_t f = 0; f < G_N_ELEMENTS(fds); f++)
		for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
			IS(get_int(me, fds[f], SOL_SOCKET, names[i]), 0);
			IS(set_int(me, fds[f], SOL_SOCKET, names[i], 5), 0);
			IS(get_int(me, fds[f], SOL_SOCKET, names[i]), 1);
			IS(set_int(me, fds[f], SOL_SOCKET, names[i], 0), 0);
			IS(get_int(me, fds[f], SOL_SOCKET, names[i]), 0);
		}
	return 0;
}

static int facts(struct task *me, struct way *way) {
	struct remote *r;
	int lfd = listen_on(me, 80), fd = connected(me, way, &r);

	IS(get_int(me, fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	IS(get_int(me, UDP(me), SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
	IS(get_int(me, fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	IS(get_int(me, lfd, SOL_SOCKET, SO_ACCEPTCONN), 1);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), 0);
	IS(set_int(me, fd, SOL_SOCKET, SO_TYPE, 1), -ENOPROTOOPT);
	IS(set_int(me, fd, SOL_SOCKET, SO_ERROR, 1), -ENOPROTOOPT);
	return 0;
}

static int buffers(struct task *me, struct way *way) {
	int fd = TCP(me);

	OK(get_int(me, fd, SOL_SOCKET, SO_SNDBUF) > 0);
	IS(set_int(me, fd, SOL_SOCKET, SO_SNDBUF, 20000), 0);
	IS(get_int(me, fd, SOL_SOCKET, SO_SNDBUF), 40000); /* 2.4 doubles it */
	IS(set_int(me, fd, SOL_SOCKET, SO_RCVBUF, 10000000), 0);
	IS(get_int(me, fd, SOL_SOCKET, SO_RCVBUF), 131070);
	return 0;
}

static int small_buffer(struct task *me, struct way *way) {
	struct remote *listener = remote_listen(way, 90);
	int fd = TCP(me), n;

	IS(set_int(me, fd, SOL_SOCKET, SO_SNDBUF, 4000), 0);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	sleep_ms(me, 10);
	listener->child->held = true;
	OK(fill(me, fd) > 0);
	IS(sys_ioctl(me, fd, SIOCOUTQ, &n), 0);
	OK(n > 1000);
	OK(n <= 8000);
	return 0;
}

static int structures(struct task *me, struct way *way) {
	struct linger ling = {1, 7};
	struct timeval tv = {3, 250000};
	int fd = TCP(me), len = sizeof ling;

	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, sizeof ling), 0);
	ling = (struct linger){0, 0};
	IS(sys_getsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, &len), 0);
	IS(ling.l_onoff, 1);
	IS(ling.l_linger, 7);
	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	tv = (struct timeval){0, 0};
	len = sizeof tv;
	IS(sys_getsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len), 0);
	IS(tv.tv_sec * 1000000 + tv.tv_usec, 3250000);
	return 0;
}

static int errors(struct task *me, struct way *way) {
	int fd = TCP(me), value = 1, len = sizeof value;

	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, &value, 2), -EINVAL);
	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, NULL, 4), -EFAULT);
	IS(set_int(me, fd, SOL_SOCKET, 999, 1), -ENOPROTOOPT);
	IS(get_int(me, fd, SOL_SOCKET, 999), -ENOPROTOOPT);
	IS(set_int(me, fd, IPPROTO_TCP, 999, 1), -ENOPROTOOPT);
	IS(get_int(me, fd, IPPROTO_TCP, 999), -ENOPROTOOPT);
	IS(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &value, 2), -EINVAL);
	IS(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, NULL, 4), -EFAULT);
	/* An unknown level: two answers, in 2.4. */
	IS(set_int(me, fd, 77, 1, 1), -ENOPROTOOPT);
	IS(get_int(me, fd, 77, 1), -EOPNOTSUPP);
	len = -1;
	IS(sys_getsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, &value, &len), -EINVAL);
	len = -1;
	IS(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &value, &len), -EINVAL);
	len = 2;
	IS(sys_getsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, &value, &len), 0);
	IS(len, 2);
	return 0;
}

static int tcp_errors_when_connected(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r), value = 1;

	IS(set_int(me, fd, IPPROTO_TCP, 999, 1), -ENOPROTOOPT);
	IS(get_int(me, fd, IPPROTO_TCP, 999), -ENOPROTOOPT);
	IS(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &value, 2), -EINVAL);
	IS(set_int(me, fd, 77, 1, 1), -ENOPROTOOPT);
	IS(get_int(me, fd, 77, 1), -EOPNOTSUPP);
	return 0;
}

static int tcp_options(struct task *me, struct way *way) {
	struct remote *r;
	int fds[] = {TCP(me), connected(me, way, &r)};

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		IS(get_int(me, fds[i], IPPROTO_TCP, TCP_NODELAY), 0);
		IS(set_int(me, fds[i], IPPROTO_TCP, TCP_NODELAY, 1), 0);
		IS(get_int(me, fds[i], IPPROTO_TCP, TCP_NODELAY), 1);
		IS(set_int(me, fds[i], IPPROTO_TCP, TCP_NODELAY, 0), 0);
		IS(set_int(me, fds[i], IPPROTO_TCP, TCP_CORK, 1), 0);
		IS(get_int(me, fds[i], IPPROTO_TCP, TCP_CORK), 1);
		IS(set_int(me, fds[i], IPPROTO_TCP, TCP_CORK, 0), 0);
		IS(get_int(me, fds[i], IPPROTO_TCP, TCP_CORK), 0);
		OK(get_int(me, fds[i], IPPROTO_TCP, TCP_MAXSEG) > 0);
	}
	return 0;
}

static int options_last(struct task *me, struct way *way) {
	struct remote *r;
	int fd = TCP(me);

	IS(set_int(me, fd, IPPROTO_TCP, TCP_NODELAY, 1), 0);
	IS(set_int(me, fd, SOL_SOCKET, SO_KEEPALIVE, 1), 0);
	IS(set_seconds(me, fd, SO_RCVTIMEO, 1), 0);
	r = remote_listen(way, 90);
	IS(connect_to(me, fd, REMOTE, 90), 0);
	IS(get_int(me, fd, IPPROTO_TCP, TCP_NODELAY), 1);
	IS(get_int(me, fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	IS(sys_recv(me, fd, &r, 1, 0), -EAGAIN);
	return 0;
}

static int cork(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r);

	IS(set_int(me, fd, IPPROTO_TCP, TCP_CORK, 1), 0);
	IS(sys_send(me, fd, "part ", 5, 0), 5);
	IS(sys_send(me, fd, "and ", 4, 0), 4);
	sleep_ms(me, 50);
	IS(r->got->len, 0);
	IS(set_int(me, fd, IPPROTO_TCP, TCP_CORK, 0), 0);
	sleep_ms(me, 50);
	OK(remote_got(r, "part and "));
	return 0;
}

static int ip_options(struct task *me, struct way *way) {
	int fds[] = {TCP(me), UDP(me)};

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		IS(set_int(me, fds[i], IPPROTO_IP, IP_TTL, 5), 0);
		IS(get_int(me, fds[i], IPPROTO_IP, IP_TTL), 5);
		IS(set_int(me, fds[i], IPPROTO_IP, IP_TTL, 0), -EINVAL);
		IS(set_int(me, fds[i], IPPROTO_IP, IP_TOS, 0x10), 0);
		IS(get_int(me, fds[i], IPPROTO_IP, IP_TOS), 0x10);
		IS(set_int(me, fds[i], IPPROTO_IP, 999, 1), -ENOPROTOOPT);
	}
	return 0;
}

static int bind_to_device(struct task *me, struct way *way) {
	int fd = TCP(me);

	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, "none0", 6), -ENODEV);
	task_set_capable(me, false);
	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, "none0", 6), -EPERM);
	return 0;
}

static int device(struct task *me, struct way *way) {
	int fd = TCP(me), u = UDP(me);
	char name[IFNAMSIZ];
	char buf[8];

	remote_listen(way, PORT_ECHO)->echoes = true;
	device_name(me, fd, name);
	OK(name[0]);
	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, name, IFNAMSIZ), 0);
	IS(connect_to(me, fd, REMOTE, PORT_ECHO), 0);
	IS(sys_setsockopt(me, u, SOL_SOCKET, SO_BINDTODEVICE, name, IFNAMSIZ), 0);
	IS(bind_to(me, u, "0.0.0.0", 5000), 0);
	remote_sendto(remote_udp(way, 6000), 5000, "x", 1);
	IS(sys_recv(me, u, buf, sizeof buf, 0), 1);
	IS(send_to(me, u, REMOTE, 6000, "x"), 1);
	return 0;
}

/* A listener that waits for data shows no connection before (Apache and Thrift were caught by
 * stacks that took the option and did not obey). */
static int defer_accept(struct task *me, struct way *way) {
	int lfd = TCP(me), fd;
	struct remote *r;
	char buf[8];

	IS(set_int(me, lfd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 30), 0);
	IS(bind_to(me, lfd, "0.0.0.0", 80), 0);
	IS(sys_listen(me, lfd, 5), 0);
	r = remote_connect(way, 80);
	IS(poll_one(me, lfd, POLLIN, 100), 0);
	remote_send(r, "x");
	IS(poll_one(me, lfd, POLLIN, 1000), POLLIN);
	fd = sys_accept(me, lfd, NULL, NULL);
	OK(fd >= 0);
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), 1);
	return 0;
}

const struct compat_case compat_options[] = {
	{"on-off options", switches},
	{"SO_TYPE, SO_ACCEPTCONN", facts},
	{"SO_SNDBUF, SO_RCVBUF", buffers},
	{"SO_SNDBUF in force", small_buffer},
	{"SO_LINGER, SO_RCVTIMEO", structures},
	{"option errors", errors},
	{"option errors, connected", tcp_errors_when_connected},
	{"TCP options", tcp_options},
	{"options survive connect", options_last},
	{"TCP_CORK", cork},
	{"IP options", ip_options},
	{"SO_BINDTODEVICE", device},
	{"SO_BINDTODEVICE errors", bind_to_device},
	{"TCP_DEFER_ACCEPT", defer_accept},
	{NULL, NULL},
};
