/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Corners of the operations on real stacks: routes and broadcast, full buffers, names, ioctls, poll,
 * options, shutdown.  Each test runs with both kinds of card. */
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/tcp.h>

#include "kinds.h"
#include "net/engine/route.h"

#ifndef SIOCGSTAMP
#define SIOCGSTAMP 0x8906
#endif

#define FAR 0x0a070707U /* 10.7.7.7: behind the peers, where nobody answers */
#define LOST(net) (peer_addr(net) + 7) /* nobody on the net */

static struct peer_sock server, conn, other;

static void take_one(struct peer_sock *ps, unsigned events) {
	(void)events;
	if (!conn.so)
		peer_accept(m.peer[ps == &server ? 1 : 0], ps, &conn);
}

/* A server on card 1's net that takes one connection; what comes is answered by `event`. */
static void serve(void (*event)(struct peer_sock *ps, unsigned events)) {
	server.event = take_one;
	conn.event = event;
	peer_bound(1, SOCK_STREAM, &server, 7);
}

static int connected(struct task *me) {
	int fd = TCP(me);

	ck_assert_int_eq(connect_to(me, fd, peer_addr(1), 7), 0);
	ck_assert_str_eq(stack_of(me, fd), "toe0");
	return fd;
}

static uint16_t port_of(struct task *me, int fd, uint32_t *addr) {
	struct sockaddr_in sin;
	int len = sizeof sin;

	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&sin, &len), 0);
	if (addr)
		*addr = g_ntohl(sin.sin_addr.s_addr);
	return g_ntohs(sin.sin_port);
}

static int peer_of(struct task *me, int fd) {
	struct sockaddr_in sin;
	int len = sizeof sin;

	return sys_getpeername(me, fd, (struct sockaddr *)&sin, &len);
}

static uint64_t frames_out(unsigned net) {
	struct net_stack *st = net ? toe_stack(m.toe[net]) : m.k->stack;

	return net_stack_counters(st)->ip_out;
}

/* --- connect ---------------------------------------------------------------------------------- */

static struct rtentry default_route(const char *dev, unsigned net) {
	struct sockaddr_in gw = at(peer_addr(net), 0), any = at(0, 0);
	struct rtentry rt = {.rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = (char *)dev};

	memcpy(&rt.rt_gateway, &gw, sizeof gw);
	memcpy(&rt.rt_dst, &any, sizeof any);
	memcpy(&rt.rt_genmask, &any, sizeof any);
	return rt;
}

static sim_time connect_time(struct task *me, uint32_t from, int expected) {
	int fd = TCP(me);
	sim_time start;

	if (from)
		ck_assert_int_eq(bind_to(me, fd, from, 0), 0);
	start = sys_gettime(me);
	ck_assert_int_eq(connect_to(me, fd, FAR, 80), expected);
	start = sys_gettime(me) - start;
	sys_close(me, fd);
	return start;
}

static int time_outs(struct task *me, void *arg) {
	struct rtentry rt1 = default_route("toe0", 1), rt2 = default_route("toe1", 2);
	int fd = TCP(me);
	sim_time first, second, both;

	(void)arg;
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCADDRT, &rt1), 0);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCADDRT, &rt2), 0);
	first = connect_time(me, own_addr(1), -ETIMEDOUT);
	second = connect_time(me, own_addr(2), -ETIMEDOUT);
	both = connect_time(me, INADDR_ANY, -ETIMEDOUT);
	ck_assert_int_gt(first, 10 * SIM_S);
	if (m.sop.connect_on_refused_only)
		ck_assert_int_lt(llabs(both - first), SIM_S);
	else
		ck_assert_int_lt(llabs(both - first - second), 2 * SIM_S);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T5_5_time_outs_add_up) { machine_do(time_outs); }
END_TEST
START_TEST(T5_5_only_the_first_time_out) {
	m.sop.connect_on_refused_only = true;
	machine_do(time_outs);
}
END_TEST

static int to_broadcast(struct task *me, void *arg) {
	(void)arg;
	for (unsigned net = 0; net < NETS; net++) {
		struct sockaddr_in sin = at(peer_addr(net) | 0xff, 9);
		int fd = UDP(me), t = TCP(me), one = 1;

		ck_assert_int_eq(sys_sendto(me, fd, "x", 1, 0, (struct sockaddr *)&sin, sizeof sin),
		                 -EACCES);
		ck_assert_int_eq(connect_to(me, fd, peer_addr(net) | 0xff, 9), -EACCES);
		ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof one),
		                 0);
		ck_assert_int_eq(sys_sendto(me, fd, "x", 1, 0, (struct sockaddr *)&sin, sizeof sin),
		                 1);
		ck_assert_int_eq(connect_to(me, fd, peer_addr(net) | 0xff, 9), 0);
		ck_assert_str_eq(stack_of(me, fd), stack_names[net]);
		ck_assert_int_eq(connect_to(me, t, peer_addr(net) | 0xff, 9), -ENETUNREACH);
		sys_close(me, fd);
		sys_close(me, t);
	}
	PROGRAM_END();
}
START_TEST(T5_18_broadcast) { machine_do(to_broadcast); }
END_TEST

/* --- send ------------------------------------------------------------------------------------- */

static void read_all(void *unused) {
	(void)unused;
	conn.event = peer_echo;
	for (char buf[4096];;) {
		struct iovec iov = {buf, sizeof buf};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		if (net_recv(conn.so, &msg) <= 0)
			break;
	}
}

static void read_often(void *count) {
	unsigned left = GPOINTER_TO_UINT(count);

	read_all(NULL);
	if (left)
		sim_call_at(m.sim, sim_now(m.sim) + 10 * SIM_MS, read_often,
		            GUINT_TO_POINTER(left - 1));
}

/* The peer does not read: a blocking send sleeps in its stack until it does, one that may not block
 * counts what fitted; no other stack hears of either. */
static int full_buffer(struct task *me, void *arg) {
	int fd = connected(me);
	g_autofree char *buf = g_malloc0(1 << 20);
	uint64_t inet = frames_out(0), toe1 = frames_out(2);
	ssize_t n;
	sim_time start;

	(void)arg;
	n = sys_send(me, fd, buf, 1 << 20, MSG_DONTWAIT);
	ck_assert_int_gt(n, 0);
	ck_assert_int_lt(n, 1 << 20);
	sys_nanosleep(me, 5 * SIM_S);
	while (sys_send(me, fd, buf, 4096, MSG_DONTWAIT) > 0)
		sys_nanosleep(me, SIM_S);
	ck_assert_int_eq(sys_send(me, fd, buf, 1, MSG_DONTWAIT), -EAGAIN);
	start = sys_gettime(me);
	sim_call_at(m.sim, start + SIM_S, read_often, GUINT_TO_POINTER(5000));
	ck_assert_int_eq(sys_send(me, fd, buf, 100000, 0), 100000);
	ck_assert_int_ge(sys_gettime(me) - start, SIM_S);
	ck_assert_uint_eq(frames_out(0), inet);
	ck_assert_uint_eq(frames_out(2), toe1);
	ck_assert_uint_eq(counter("send_sweeps"), 0);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_4_T6_9_full_buffer) {
	machine_boot();
	serve(peer_ignore);
	machine_start("test", full_buffer);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* --- names ------------------------------------------------------------------------------------ */

static int names(struct task *me, void *arg) {
	int any = UDP(me), fd = connected(me), failed = TCP(me), len;
	uint8_t few[16] = {[8] = 0xee};
	uint32_t addr;

	(void)arg;
	ck_assert_int_eq(bind_any(me, any, 0), 0);
	ck_assert_uint_ne(port_of(me, any, &addr), 0); /* b: INET's, as every stack's */
	ck_assert_uint_eq(addr, INADDR_ANY);
	len = 8; /* f: what fits is written, all is told */
	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)few, &len), 0);
	ck_assert_int_eq(len, 16);
	ck_assert_uint_eq(few[8], 0xee);
	ck_assert_mem_eq(few + 4, ((uint8_t[]){10, 0, 1, 1}), 4);
	len = -1;
	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)few, &len), -EINVAL);
	ck_assert_int_eq(connect_to(me, failed, peer_addr(1), 9999), -ECONNREFUSED);
	ck_assert_uint_eq(port_of(me, failed, NULL), 0); /* g */
	ck_assert_int_eq(bind_any(me, failed, 4444), 0);
	ck_assert_int_eq(connect_to(me, failed, peer_addr(2), 9999), -ECONNREFUSED);
	ck_assert_uint_eq(port_of(me, failed, NULL), 4444);
	peer_close(m.peer[1], &conn, true); /* c: after a reset there is no peer */
	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(peer_of(me, fd), -ENOTCONN);
	sys_close(me, any);
	sys_close(me, fd);
	sys_close(me, failed);
	PROGRAM_END();
}
START_TEST(T8b_T8c_T8f_T8g_names) {
	machine_boot();
	serve(peer_ignore);
	machine_start("test", names);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* --- ioctl ------------------------------------------------------------------------------------ */

static int stamps(struct task *me, void *arg) {
	int fd = UDP(me), on = 1, t = TCP(me);
	struct timeval tv;
	char buf[8];

	(void)arg;
	ck_assert_int_eq(sys_ioctl(me, t, FIONBIO, &on), 0); /* T9b */
	ck_assert_int_eq(connect_to(me, t, LOST(1), 7), -EINPROGRESS);
	ck_assert_int_eq(bind_any(me, fd, 53), 0);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGSTAMP, &tv), -ENOENT);
	for (unsigned net = 0; net < NETS; net++) {
		struct sockaddr_in sin = at(peer_addr(net), 7);
		sim_time sent = sys_gettime(me), stamp;

		ck_assert_int_eq(
			sys_sendto(me, fd, "ping", 4, 0, (struct sockaddr *)&sin, sizeof sin), 4);
		ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), 4);
		ck_assert_int_eq(sys_ioctl(me, fd, SIOCGSTAMP, &tv), 0);
		stamp = tv.tv_sec * SIM_S + tv.tv_usec * SIM_US;
		ck_assert_int_ge(stamp, sent - SIM_US);
		ck_assert_int_le(stamp, sys_gettime(me));
		sys_nanosleep(me, SIM_S);
	}
	sys_close(me, fd);
	sys_close(me, t);
	PROGRAM_END();
}
START_TEST(T9b_T9d_mode_and_stamp) {
	static struct peer_sock echo[NETS];

	machine_boot();
	for (unsigned net = 0; net < NETS; net++) {
		echo[net].event = peer_echo;
		peer_bound(net, SOCK_DGRAM, &echo[net], 7);
	}
	machine_start("test", stamps);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* A net behind the peer of card 1: by device, and by gateway alone. */
static int routes(struct task *me, void *arg) {
	struct rtentry rt = default_route(NULL, 1);
	int fd = UDP(me);

	(void)arg;
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCADDRT, &rt), 0);
	ck_assert_int_eq(connect_to(me, fd, FAR, 9), 0);
	ck_assert_str_eq(stack_of(me, fd), "toe0");
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCADDRT, &rt), -EEXIST);
	rt.rt_dev = (char *)"toe0";
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCDELRT, &rt), 0);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCDELRT, &rt), -ESRCH);
	ck_assert_int_eq(connect_to(me, fd, FAR, 9), -ENETUNREACH);
	rt.rt_dev = (char *)"toe7";
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCADDRT, &rt), -ENODEV);
	rt = default_route("toe1", 2);
	task_set_capable(me, false);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCADDRT, &rt), -EPERM);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T9g_routes) { machine_do(routes); }
END_TEST

static int neighbours(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	for (unsigned net = 0; net < NETS; net++) {
		static const uint8_t mac[6] = {2, 9, 9, 9, 9, 9};
		struct sockaddr_in sin = at(LOST(net), 0);
		struct arpreq arp = {.arp_flags = ATF_PERM | ATF_COM,
		                     .arp_ha.sa_family = ARPHRD_ETHER};
		uint8_t found[6];

		memcpy(&arp.arp_pa, &sin, sizeof sin);
		ck_assert_int_eq(sys_ioctl(me, fd, SIOCGARP, &arp),
		                 -ENODEV); /* 2.4 wants the device */
		g_snprintf(arp.arp_dev, sizeof arp.arp_dev, net ? "toe%u" : "eth%u",
		           net ? net - 1 : 0);
		ck_assert_int_eq(sys_ioctl(me, fd, SIOCGARP, &arp), -ENXIO);
		memcpy(arp.arp_ha.sa_data, mac, sizeof mac);
		arp.arp_flags = ATF_PERM | ATF_COM;
		arp.arp_dev[0] = '\0'; /* by the net alone */
		ck_assert_int_eq(sys_ioctl(me, fd, SIOCSARP, &arp), 0);
		ck_assert_int_eq(
			net_arp_get(net ? toe_stack(m.toe[net]) : m.k->stack, LOST(net), found), 0);
		ck_assert_mem_eq(found, mac, sizeof mac);
		memset(&arp.arp_ha.sa_data, 0, 6);
		g_snprintf(arp.arp_dev, sizeof arp.arp_dev, net ? "toe%u" : "eth%u",
		           net ? net - 1 : 0);
		ck_assert_int_eq(sys_ioctl(me, fd, SIOCGARP, &arp), 0);
		ck_assert_mem_eq(arp.arp_ha.sa_data, mac, sizeof mac);
		ck_assert_int_eq(sys_ioctl(me, fd, SIOCDARP, &arp), 0);
		ck_assert_int_eq(sys_ioctl(me, fd, SIOCGARP, &arp), -ENXIO);
	}
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T9h_neighbours) { machine_do(neighbours); }
END_TEST

static int urgent, ios;
static void on_urgent(struct task *me, int sig) {
	(void)me;
	urgent += sig == SIGURG;
	ios += sig == SIGIO;
}

static void send_urgent(void *ps) {
	struct iovec iov = {"!", 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .flags = MSG_OOB};

	ck_assert_int_eq(net_send(((struct peer_sock *)ps)->so, &msg), 1);
}

/* Urgent data on a card's connection, and on INET's: the owner of the descriptor gets the signal. */
static int signalled(struct task *me, void *arg) {
	int fd = connected(me), flags;
	char byte;

	(void)arg;
	sys_signal(me, SIGURG, on_urgent);
	sys_signal(me, SIGIO, on_urgent);
	ck_assert_int_eq(sys_fcntl(me, fd, F_SETOWN, task_pid(me)), 0);
	sim_call_at(m.sim, sys_gettime(me) + SIM_MS, send_urgent, &conn);
	ck_assert_int_eq(sys_nanosleep(me, SIM_S), -EINTR);
	ck_assert_int_eq(urgent, 1);
	ck_assert_int_eq(ios, 0);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCATMARK, &flags), 0);
	ck_assert_int_eq(flags, 1);
	ck_assert_int_eq(sys_recv(me, fd, &byte, 1, MSG_OOB), 1);
	ck_assert_int_eq(byte, '!');
	sys_fcntl(me, fd, F_SETFL, O_ASYNC);
	sys_gettime(me); /* the far end acts when the calls so far are worked off */
	peer_close(m.peer[1], &conn, false);
	ck_assert_int_eq(sys_nanosleep(me, SIM_S), -EINTR);
	ck_assert_int_ge(ios, 1);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T9c_urgent_data_signals) {
	machine_boot();
	serve(peer_ignore);
	machine_start("test", signalled);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* --- poll ------------------------------------------------------------------------------------- */

static void call_in(void *unused) {
	(void)unused;
	other.event = peer_ignore;
	ck_assert_int_eq(peer_open(m.peer[2], SOCK_STREAM, &other), 0);
	net_connect(other.so, own_addr(2), 80);
}

static int polls(struct task *me, void *arg) {
	int fd = TCP(me), l = listen_at(me, INADDR_ANY, 80), new;
	struct pollfd pfd = {.fd = fd, .events = POLLOUT | POLLIN};

	(void)arg;
	nonblocking(me, fd);
	nonblocking(me, l);
	ck_assert_int_eq(connect_to(me, fd, LOST(2), 7), -EINPROGRESS);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 100), 0); /* d: the idle stacks say nothing */
	pfd.fd = l;
	for (int i = 0; i < 20; i++) { /* g */
		sim_call_at(m.sim, sys_gettime(me) + SIM_MS, call_in, NULL);
		ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
		ck_assert_int_eq(pfd.revents, POLLIN);
		new = sys_accept(me, l, NULL, NULL);
		ck_assert_int_ge(new, 0);
		sys_close(me, new);
		peer_close(m.peer[2], &other, true);
		ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 0);
	}
	sys_close(me, fd);
	sys_close(me, l);
	PROGRAM_END();
}
START_TEST(T10d_T10g_poll) { machine_do(polls); }
END_TEST

/* --- options ---------------------------------------------------------------------------------- */

/* The same questions to a socket on INET and to one on a card, and to one on all. */
static void ask_options(struct task *me, int fd) {
	struct {
		struct tcp_info info;
		char more[64];
	} ti;
	int val = 1, len;
	char flag = 1;

	/* 11h */
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &flag, 1), -EINVAL);
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, NULL, 4), -EFAULT);
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, 999, &val, 4), -ENOPROTOOPT);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, 999, &val, 4), -ENOPROTOOPT);
	/* 12f */
	ck_assert_int_eq(sys_setsockopt(me, fd, 77, 1, &val, 4), -ENOPROTOOPT);
	len = 4;
	ck_assert_int_eq(sys_getsockopt(me, fd, 77, 1, &val, &len), -EOPNOTSUPP);
	/* 12d */
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, 4), 0);
	len = 100;
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, &len), 0);
	ck_assert_int_eq(len, 4);
	ck_assert_int_eq(val, 1);
	len = 1;
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, &len), 0);
	ck_assert_int_eq(len, 1);
	len = -1;
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, &len), -EINVAL);
	/* 12c */
	val = 5000;
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &val, 4), 0);
	len = 4;
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &val, &len), 0);
	ck_assert_int_eq(val, 10000);
	/* 12e */
	len = sizeof ti.info;
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_INFO, &ti.info, &len), 0);
	ck_assert_int_eq(ti.info.tcpi_state, peer_of(me, fd) ? TCP_CLOSE : TCP_ESTABLISHED);
}

static int options(struct task *me, void *arg) {
	int any = TCP(me), inet = TCP(me), card = TCP(me), fd = connected(me), refused = TCP(me),
	    err, len;

	(void)arg;
	ck_assert_int_eq(bind_to(me, inet, own_addr(0), 0), 0);
	ck_assert_int_eq(bind_to(me, card, own_addr(1), 0), 0);
	ask_options(me, any);
	ask_options(me, inet);
	ask_options(me, card);
	ask_options(me, fd);
	err = 1; /* 11i */
	ck_assert_int_eq(sys_setsockopt(me, any, IPPROTO_IP, IP_HDRINCL, &err, 4), -ENOPROTOOPT);
	ck_assert_uint_eq(counter("partial_option"), 0);
	nonblocking(me, refused); /* 12b */
	ck_assert_int_eq(connect_to(me, refused, peer_addr(1), 9999), -EINPROGRESS);
	sys_nanosleep(me, 10 * SIM_MS);
	for (int want = ECONNREFUSED; want >= 0; want = want ? 0 : -1) {
		len = sizeof err;
		ck_assert_int_eq(sys_getsockopt(me, refused, SOL_SOCKET, SO_ERROR, &err, &len), 0);
		ck_assert_int_eq(err, want);
	}
	for (int i = 0; i < 5; i++)
		sys_close(me, (int[]){any, inet, card, fd, refused}[i]);
	PROGRAM_END();
}
START_TEST(T11h_T11i_T12b_T12c_T12d_T12e_T12f_options) {
	machine_boot();
	serve(peer_ignore);
	machine_start("test", options);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* --- shutdown --------------------------------------------------------------------------------- */

static int shutdowns(struct task *me, void *arg) {
	int fd = connected(me), half = TCP(me), err, len = sizeof err;
	char buf[8];

	(void)arg;
	ck_assert_int_eq(sys_send(me, fd, "bye", 3, 0), 3); /* e */
	ck_assert_int_eq(sys_shutdown(me, fd, SHUT_WR), 0);
	ck_assert_int_eq(sys_recv(me, fd, buf, 3, MSG_WAITALL), 3);
	ck_assert_int_eq(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
	nonblocking(me, half); /* f */
	ck_assert_int_eq(connect_to(me, half, LOST(1), 7), -EINPROGRESS);
	ck_assert_str_eq(stack_of(me, half), "toe0");
	ck_assert_int_eq(sys_shutdown(me, half, SHUT_RDWR), 0);
	ck_assert_str_eq(stack_of(me, half), "any");
	ck_assert_int_eq(sys_getsockopt(me, half, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	ck_assert_int_eq(err, ECONNRESET);
	sys_fcntl(me, half, F_SETFL, 0); /* g */
	sys_gettime(me);                 /* the far end acts when the calls so far are worked off */
	peer_close(m.peer[1], &conn, true);
	ck_assert_int_eq(connect_to(me, half, peer_addr(1), 7), 0);
	ck_assert_int_eq(sys_send(me, half, "hello", 5, 0), 5);
	ck_assert_int_eq(sys_recv(me, half, buf, 5, MSG_WAITALL), 5);
	sys_close(me, fd);
	sys_close(me, half);
	PROGRAM_END();
}
START_TEST(T13e_T13f_T13g_shutdown) {
	machine_boot();
	serve(peer_echo);
	machine_start("test", shutdowns);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

static void add(TCase *tc) {
	tcase_add_test(tc, T5_5_time_outs_add_up);
	tcase_add_test(tc, T5_5_only_the_first_time_out);
	tcase_add_test(tc, T5_18_broadcast);
	tcase_add_test(tc, T6_4_T6_9_full_buffer);
	tcase_add_test(tc, T8b_T8c_T8f_T8g_names);
	tcase_add_test(tc, T9b_T9d_mode_and_stamp);
	tcase_add_test(tc, T9g_routes);
	tcase_add_test(tc, T9h_neighbours);
	tcase_add_test(tc, T9c_urgent_data_signals);
	tcase_add_test(tc, T10d_T10g_poll);
	tcase_add_test(tc, T11h_T11i_T12b_T12c_T12d_T12e_T12f_options);
	tcase_add_test(tc, T13e_T13f_T13g_shutdown);
}

int main(void) { return run_kinds("sop_corners", add); }
