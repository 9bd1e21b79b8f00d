/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams on several stacks, and the small operations: names, ioctl, poll, options, shutdown. */
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>

#include "run_suite.h"
#include "sop_world.h"

#define FAR "10.7.7.7"

static int any_udp(struct task *me, uint16_t port) {
	int fd = UDP(me);

	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", port), 0);
	clear_logs();
	return fd;
}

/* --- sendmsg ---------------------------------------------------------------------------------- */

static int routes(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	ck_assert_int_eq(send_to(me, fd, FAR, 53), -ENETUNREACH); /* T6.2 */
	ck_assert_uint_eq(port_of(me, fd, NULL), 1024);           /* T6.6 */
	clear_logs();
	ck_assert_int_eq(send_to(me, fd, "10.0.2.9", 53), 4);
	LOG_IS(w.card2, "send");
	LOG_IS(w.inet, "");
	ck_assert_int_eq(send_to(me, fd, "10.0.2.9", 53), 4); /* T6.7 */
	ck_assert_uint_eq(counter("cache_hits"), 1);
	w.card1->default_route = 1;
	w.card1->generation++; /* a route changed: the cache is not trusted */
	ck_assert_int_eq(send_to(me, fd, "10.0.2.9", 53), 4);
	ck_assert_uint_eq(counter("cache_hits"), 1);
	w.card2->default_route = 1;
	w.card1->send_err = -EHOSTUNREACH; /* T6.3: goes on */
	clear_logs();
	ck_assert_int_eq(send_to(me, fd, FAR, 53), 4);
	LOG_IS(w.card1, "send");
	LOG_IS(w.card2, "send");
	w.card1->send_err = -EAGAIN; /* stops */
	ck_assert_int_eq(send_to(me, fd, "10.7.7.8", 53), -EAGAIN);
	LOG_IS(w.card2, "");
	ck_assert_int_eq(sys_send(me, fd, "x", 1, 0), -EDESTADDRREQ); /* Rule V: INET's word */
	ck_assert_int_eq(send_to(me, fd, "224.1.1.1", 53), -EAGAIN);  /* T6.8: one copy */
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_2_T6_3_T6_6_T6_7_T6_8_routes_and_cache) { world_do(routes); }
END_TEST

/* --- recvmsg ---------------------------------------------------------------------------------- */

static void datagram1(void *unused) {
	(void)unused;
	fake_datagrams(w.card1, 53, 1);
}

static int sweeps(struct task *me, void *arg) {
	int fd = any_udp(me, 53), len = sizeof(struct sockaddr_in);
	struct sockaddr_in from = {0};
	char buf[8];

	(void)arg;
	ck_assert_int_eq(sys_recv(me, fd, buf, 8, MSG_DONTWAIT), -EAGAIN); /* T7.4, T7.5 */
	fake_datagrams(w.card1, 53, 4);
	fake_datagrams(w.card2, 53, 4);
	int first = 0;
	for (int i = 0; i < 4; i++) { /* T7.2 */
		ck_assert_int_eq(sys_recv(me, fd, buf, 8, 0), 4);
		first += !memcmp(buf, "toe0", 4);
	}
	ck_assert_int_eq(first, 2);
	ck_assert_int_eq(sys_recv(me, fd, buf, 8, MSG_PEEK), 4); /* T7.3 */
	char peeked = buf[3];
	ck_assert_int_eq(sys_recvfrom(me, fd, buf, 8, 0, (struct sockaddr *)&from, &len), 4);
	ck_assert_int_eq(buf[3], peeked);
	ck_assert_int_eq(len, sizeof from); /* T7.7 */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(sys_recv(me, fd, buf, 8, 0), 4);
	fake_error(w.inet, 53, ECONNREFUSED);
	fake_datagrams(w.card2, 53, 1);
	ck_assert_int_eq(sys_recv(me, fd, buf, 8, 0), 4); /* T7.4: data first */
	ck_assert_int_eq(sys_recv(me, fd, buf, 8, MSG_DONTWAIT), -ECONNREFUSED);
	ck_assert_int_eq(sys_recv(me, fd, buf, 8, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(sys_shutdown(me, fd, SHUT_RD), -ENOTCONN); /* T13b */
	ck_assert_int_eq(sys_recv(me, fd, buf, 8, 0), 0);           /* T7.8 */
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T7_2_T7_3_T7_4_T7_7_T7_8_sweep) { world_do(sweeps); }
END_TEST

static sim_time woke_at;
static int sleeper(struct task *me, void *arg) {
	int fd = any_udp(me, 53);
	struct timeval tv = {.tv_usec = 35000};
	char buf[8];

	(void)arg;
	sim_call_at(w.sim, 12 * SIM_MS, datagram1, NULL);
	ck_assert_int_eq(sys_recv(me, fd, buf, 8, 0), 4);
	woke_at = sim_now(w.sim);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	ck_assert_int_eq(sys_recv(me, fd, buf, 8, 0), -EAGAIN); /* T7.5 */
	ck_assert_int_ge(sim_now(w.sim) - woke_at, 35 * SIM_MS);
	ck_assert_int_le(sim_now(w.sim) - woke_at, 60 * SIM_MS);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T7_1_T7_5_interval) {
	world_do(sleeper);
	ck_assert_int_eq(woke_at, 20 * SIM_MS); /* the next tick */
}
END_TEST
START_TEST(T7_1_T7_5_wait_on_all) {
	world_new();
	w.conf.receive = SOP_RECV_WAIT_ALL;
	world_load();
	world_start("test", sleeper);
	world_run(1);
	ck_assert_int_eq(woke_at, 12 * SIM_MS);
}
END_TEST

/* --- names, ioctl ----------------------------------------------------------------------------- */

static int names(struct task *me, void *arg) {
	int fd = TCP(me), len = sizeof(struct sockaddr_in);
	struct sockaddr_in sin;
	uint32_t addr;

	(void)arg;
	ck_assert_uint_eq(port_of(me, fd, &addr), 0); /* (d) */
	ck_assert_int_eq(sys_getpeername(me, fd, (struct sockaddr *)&sin, &len), -ENOTCONN);
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), 0);
	clear_logs();
	ck_assert_int_eq(sys_getpeername(me, fd, (struct sockaddr *)&sin, &len), 0); /* (a) */
	LOG_IS(w.card1, "getname");
	LOG_IS(w.inet, "");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T8a_T8c_T8d_names) { world_do(names); }
END_TEST

static int ioctls(struct task *me, void *arg) {
	int fd = any_udp(me, 53), t = TCP(me), n;
	struct ifreq ifr[4];
	struct ifconf conf = {.ifc_len = sizeof ifr, .ifc_buf = (char *)ifr};

	(void)arg;
	fake_datagrams(w.card2, 53, 3);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCINQ, &n), 0); /* (a) */
	ck_assert_int_eq(n, 30);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFCONF, &conf),
	                 0); /* (e): lo, eth0 and the cards */
	ck_assert_int_ge(conf.ifc_len, 3 * (int)sizeof ifr[0]);
	ck_assert_str_eq(ifr[conf.ifc_len / (int)sizeof ifr[0] - 1].ifr_name, "toe1");
	conf.ifc_buf = NULL;
	n = conf.ifc_len;
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFCONF, &conf), 0);
	ck_assert_int_eq(conf.ifc_len, n);
	clear_logs();
	struct ifreq one = {.ifr_name = "toe0"};
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFADDR, &one), 0); /* (f) */
	LOG_HAS(w.card1, "dev:8915");
	task_set_capable(me, false);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSIFADDR, &one), -EPERM);
	struct ifreq none = {.ifr_name = "eth7"};
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFADDR, &none), -ENODEV);
	ck_assert_int_eq(sys_ioctl(me, fd, 0x1234, &none), -EINVAL); /* (i) */
	ck_assert_int_eq(sys_listen(me, t, 1), 0);
	ck_assert_int_eq(sys_ioctl(me, t, SIOCINQ, &n), -EINVAL);
	sys_close(me, fd);
	sys_close(me, t);
	PROGRAM_END();
}
START_TEST(T9a_T9e_T9f_T9i_ioctl) { world_do(ioctls); }
END_TEST

/* --- poll ------------------------------------------------------------------------------------- */

static void connection2(void *unused) {
	(void)unused;
	fake_connections(w.card2, 80, 1);
}

static int polls(struct task *me, void *arg) {
	int t = TCP(me), u = any_udp(me, 53), p = TCP(me);
	struct pollfd fds[2] = {{.fd = t, .events = POLLIN | POLLOUT}, {.fd = u, .events = POLLIN}};

	(void)arg;
	ck_assert_int_eq(sys_poll(me, fds, 2, 0), 1);
	ck_assert_int_eq(fds[0].revents, POLLOUT | POLLHUP); /* (b) */
	ck_assert_int_eq(bind_to(me, t, "0.0.0.0", 80), 0);
	ck_assert_int_eq(sys_listen(me, t, 5), 0);
	sim_call_at(w.sim, 3 * SIM_MS, connection2, NULL);
	ck_assert_int_eq(sys_poll(me, fds, 2, -1), 1); /* (c), (f): woken by a card */
	ck_assert_int_eq(sim_now(w.sim), 3 * SIM_MS);
	sim_call_at(w.sim, 5 * SIM_MS, datagram1, NULL);
	ck_assert_int_eq(sys_poll(me, fds + 1, 1, -1), 1);   /* (e) */
	ck_assert_int_eq(bind_to(me, p, "10.0.0.1", 81), 0); /* (a): pinned, that stack only */
	fds[0].fd = p;
	ck_assert_int_eq(sys_poll(me, fds, 1, 0), 1);
	sys_close(me, t);
	sys_close(me, u);
	sys_close(me, p);
	PROGRAM_END();
}
START_TEST(T10a_T10b_T10c_T10e_T10f_poll) { world_do(polls); }
END_TEST

static int sigio_seen;
static void on_sigio(struct task *me, int sig) {
	(void)me;
	sigio_seen += sig == SIGIO;
}
static int async(struct task *me, void *arg) {
	int fd = any_udp(me, 53);

	(void)arg;
	sys_signal(me, SIGIO, on_sigio);
	sys_fcntl(me, fd, F_SETOWN, task_pid(me));
	sys_fcntl(me, fd, F_SETFL, O_ASYNC);
	sim_call_at(w.sim, SIM_MS, datagram1, NULL);
	ck_assert_int_eq(sys_nanosleep(me, SIM_S), -EINTR);
	ck_assert_int_eq(sigio_seen, 1);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T9c_sigio_is_forwarded) { world_do(async); }
END_TEST

/* --- options ---------------------------------------------------------------------------------- */

static int options(struct task *me, void *arg) {
	int fd = TCP(me), one = 1, len = sizeof one, val;

	(void)arg;
	clear_logs();
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &one, 4), 0);
	LOG_IS(w.inet, "set:6.1");
	LOG_IS(w.card2, "set:6.1");
	w.card1->setsockopt_err = -ENOPROTOOPT; /* (b): ignored, counted */
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_CORK, &one, 4), 0);
	ck_assert_uint_eq(counter("partial_option"), 1);
	w.card1->setsockopt_err = -EINVAL; /* first error of a card, after all were asked */
	clear_logs();
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_CORK, &one, 4), -EINVAL);
	LOG_IS(w.card2, "set:6.3");
	w.inet->setsockopt_err = -EFAULT; /* INET's verdict ends it */
	clear_logs();
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_CORK, &one, 4), -EFAULT);
	LOG_IS(w.card2, "");
	w.inet->setsockopt_err = w.card1->setsockopt_err = 0;
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, &len), 0);
	ck_assert_int_eq(val, NIC_ADDR); /* INET represents */
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), 0);
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, &len), 0);
	ck_assert_int_eq(val, CARD1_ADDR);      /* T12a */
	w.card1->setsockopt_err = -ENOPROTOOPT; /* T11c */
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_CORK, &one, 4), -ENOPROTOOPT);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11b_T11c_T12a_options) { world_do(options); }
END_TEST

static int replay(struct task *me, void *arg) {
	int fd = TCP(me), one = 1;
	struct ip_mreq mreq = {.imr_multiaddr.s_addr = g_htonl(0xe0010101U),
	                       .imr_interface.s_addr = g_htonl(CARD2_ADDR)};

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &one, 4), 0);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, &one, 4), 0);
	w.inet->bind_err = -EADDRINUSE; /* cards are bound and undone: new inner sockets */
	clear_logs();
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), -EADDRINUSE);
	LOG_IS(w.card1, "option:9 bind:80 release create option:9 set:6.1"); /* T11a, T11d */
	w.inet->bind_err = 0;
	int u = UDP(me);
	clear_logs();
	ck_assert_int_eq(sys_setsockopt(me, u, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof mreq),
	                 0);
	LOG_IS(w.inet, ""); /* T11e */
	LOG_IS(w.card1, "");
	LOG_HAS(w.card2, "set:0.");
	sys_close(me, fd);
	sys_close(me, u);
	PROGRAM_END();
}
START_TEST(T11a_T11d_T11e_T11g_replay) { world_do(replay); }
END_TEST

/* --- shutdown, release ------------------------------------------------------------------------ */

static int closing(struct task *me, void *arg) {
	int fd = TCP(me), l = TCP(me);
	struct linger ling = {1, 5};

	(void)arg;
	ck_assert_int_eq(sys_shutdown(me, fd, 3), -EINVAL);         /* T13a */
	ck_assert_int_eq(sys_shutdown(me, fd, SHUT_WR), -ENOTCONN); /* T13b */
	ck_assert_int_eq(bind_to(me, l, "0.0.0.0", 80), 0);
	ck_assert_int_eq(sys_listen(me, l, 5), 0);
	ck_assert_int_eq(sys_shutdown(me, l, SHUT_WR), 0); /* T13d */
	ck_assert(fake_find(w.card1, 80)->listening);
	ck_assert_int_eq(sys_shutdown(me, l, SHUT_RDWR), 0); /* T13c */
	ck_assert(!fake_find(w.card1, 80)->listening);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, sizeof ling), 0);
	w.card1->connect_err = -EINPROGRESS;
	nonblocking(me, fd);
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), -EINPROGRESS);
	struct fake_sock *loser = fake_find(w.inet, 1024);
	ck_assert_ptr_nonnull(loser);
	fake_connected(w.card1, 1024, 0);
	ck_assert(fake_find(w.card1, 1024)->sk.linger); /* T14b: the stack in charge lingers */
	clear_logs();
	sys_close(me, fd);
	LOG_IS(w.inet, "release");
	LOG_IS(w.card1, "release");
	sys_close(me, l);
	PROGRAM_END();
}
START_TEST(T13a_T13b_T13c_T13d_T14b_shutdown_and_release) { world_do(closing); }
END_TEST

int main(void) {
	Suite *s = suite_create("sop_dgram");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, T6_2_T6_3_T6_6_T6_7_T6_8_routes_and_cache);
	tcase_add_test(tc, T7_2_T7_3_T7_4_T7_7_T7_8_sweep);
	tcase_add_test(tc, T7_1_T7_5_interval);
	tcase_add_test(tc, T7_1_T7_5_wait_on_all);
	tcase_add_test(tc, T8a_T8c_T8d_names);
	tcase_add_test(tc, T9a_T9e_T9f_T9i_ioctl);
	tcase_add_test(tc, T10a_T10b_T10c_T10e_T10f_poll);
	tcase_add_test(tc, T9c_sigio_is_forwarded);
	tcase_add_test(tc, T11b_T11c_T12a_options);
	tcase_add_test(tc, T11a_T11d_T11e_T11g_replay);
	tcase_add_test(tc, T13a_T13b_T13c_T13d_T14b_shutdown_and_release);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
