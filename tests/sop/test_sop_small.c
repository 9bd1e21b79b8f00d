/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small operations on scripted stacks: names, ioctl, poll, options, shutdown. */
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/tcp.h>

#include "run_suite.h"
#include "sop_world.h"

static int any_udp(struct task *me, uint16_t port) {
	int fd = UDP(me);

	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", port), 0);
	clear_logs();
	return fd;
}

static int poll_for(struct task *me, int fd, int events) {
	struct pollfd pfd = {.fd = fd, .events = (short)events};

	return sys_poll(me, &pfd, 1, 0) < 0 ? -1 : pfd.revents;
}

static int set_int(struct task *me, int fd, int level, int name, int value) {
	return sys_setsockopt(me, fd, level, name, &value, sizeof value);
}

static int take_error(struct task *me, int fd) {
	int err = -1, len = sizeof err;

	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	return err;
}

/* --- names ------------------------------------------------------------------------------------ */

static uint32_t name_of(struct task *me, int fd, bool peer, uint16_t *port) {
	struct sockaddr_in sin = {0};
	int len = sizeof sin;

	ck_assert_int_eq(peer ? sys_getpeername(me, fd, (struct sockaddr *)&sin, &len)
	                      : sys_getsockname(me, fd, (struct sockaddr *)&sin, &len),
	                 0);
	ck_assert_int_eq(len, sizeof sin);
	*port = g_ntohs(sin.sin_port);
	return g_ntohl(sin.sin_addr.s_addr);
}

/* An accepted connection's names are its stack's.  When the card is dead they are those that SOP
 * remembers, and where it never knew a peer there is none. */
static int names(struct task *me, void *arg) {
	int l = listen_any(me, 80), bound = TCP(me), child, conn = TCP(me);
	uint16_t port;
	struct sockaddr_in sin;
	int len = sizeof sin;

	(void)arg;
	ck_assert_int_eq(bind_to(me, bound, "10.0.1.1", 81), 0);
	ck_assert_int_eq(connect_to(me, conn, "10.0.1.9", 99), 0);
	fake_connections(w.card1, 80, 1);
	nonblocking(me, l);
	child = sys_accept(me, l, (struct sockaddr *)&sin, &len);
	ck_assert_uint_eq(g_ntohl(sin.sin_addr.s_addr), CARD1_ADDR + 1);
	clear_logs();
	ck_assert_uint_eq(name_of(me, child, false, &port), CARD1_ADDR);
	ck_assert_uint_eq(name_of(me, child, true, &port), CARD1_ADDR + 1);
	LOG_IS(w.inet, "");
	toedev_failed(&w.card1->td);
	ck_assert_uint_eq(name_of(me, bound, false, &port), CARD1_ADDR);
	ck_assert_uint_eq(port, 81);
	ck_assert_uint_eq(name_of(me, conn, true, &port), 0x0a000109);
	ck_assert_uint_eq(port, 99);
	ck_assert_int_lt(sys_getpeername(me, bound, (struct sockaddr *)&sin, &len), 0);
	for (int i = 0; i < 4; i++)
		sys_close(me, (int[]){l, bound, child, conn}[i]);
	PROGRAM_END();
}
START_TEST(T8a_T8e_names) { world_do(names); }
END_TEST

/* --- ioctl ------------------------------------------------------------------------------------ */

static int queues(struct task *me, void *arg) {
	int fd = any_udp(me, 53), l = listen_any(me, 80), n;
	char buf[8];

	(void)arg;
	fake_datagrams(w.card1, 53, 3);
	fake_datagrams(w.card2, 53, 2);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCINQ, &n), 0);
	ck_assert_int_eq(n, 30);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), 4);
	ck_assert_mem_eq(buf, "toe0", 4);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCINQ, &n), 0); /* of the stack whose turn it is */
	ck_assert_int_eq(n, 20);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, MSG_PEEK), 4);
	ck_assert_mem_eq(buf, "toe1", 4);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCINQ, &n), 0); /* of what was peeked at */
	ck_assert_int_eq(n, 20);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCOUTQ, &n), 0); /* of all */
	ck_assert_int_eq(n, 3 * 7);
	clear_logs();
	ck_assert_int_eq(sys_ioctl(me, l, SIOCINQ, &n), -EINVAL);
	ck_assert_int_eq(sys_ioctl(me, l, SIOCOUTQ, &n), -EINVAL);
	LOG_IS(w.card1, "");
	LOG_IS(w.inet, "");
	sys_close(me, fd);
	sys_close(me, l);
	PROGRAM_END();
}
START_TEST(T9a_T7_3_queues) { world_do(queues); }
END_TEST

/* Neither a dead card nor what has no room is listed; an alias is its interface's. */
static int interfaces(struct task *me, void *arg) {
	struct ifreq list[4], one = {.ifr_name = "toe1:2"};
	struct ifconf conf = {.ifc_len = 3 * sizeof list[0], .ifc_buf = (char *)list};
	int fd = UDP(me);

	(void)arg;
	memset(list, 0x55, sizeof list);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFCONF, &conf), 0);
	ck_assert_int_eq(conf.ifc_len, 3 * sizeof list[0]);
	ck_assert_int_eq(list[3].ifr_name[0], 0x55);
	toedev_failed(&w.card1->td);
	conf.ifc_len = sizeof list;
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFCONF, &conf), 0);
	for (unsigned i = 0; i < (unsigned)conf.ifc_len / sizeof list[0]; i++)
		ck_assert_str_ne(list[i].ifr_name, "toe0");
	clear_logs();
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFADDR, &one), 0);
	LOG_IS(w.card2, "dev:8915");
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSIFADDR, &one), 0);
	task_set_capable(me, false);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSIFADDR, &one), -EPERM);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFADDR, &one), 0); /* to look is free */
	LOG_IS(w.card2, "dev:8916 dev:8915");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T9e_T9f_interfaces) { world_do(interfaces); }
END_TEST

static void put_addr(struct sockaddr *sa, uint32_t addr) {
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = g_htonl(addr)};

	memcpy(sa, &sin, sizeof sin);
}

/* A route goes by device, by gateway, by its own net; an ARP entry by device or net. */
static int routes(struct task *me, void *arg) {
	struct rtentry rt = {.rt_flags = RTF_UP | RTF_GATEWAY};
	struct arpreq arp = {.arp_flags = ATF_COM};
	int fd = UDP(me);

	(void)arg;
	clear_logs();
	put_addr(&rt.rt_dst, 0x0a070000);
	put_addr(&rt.rt_genmask, 0xffff0000);
	put_addr(&rt.rt_gateway, CARD2_ADDR + 8);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCADDRT, &rt), 0);
	LOG_IS(w.card2, "dev:890b");
	rt.rt_dev = (char *)"toe0"; /* says more than the gateway */
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCDELRT, &rt), 0);
	LOG_IS(w.card1, "dev:890c");
	rt.rt_dev = NULL;
	rt.rt_flags = RTF_UP;
	put_addr(&rt.rt_dst, CARD1_ADDR & ~0xffU);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCADDRT, &rt), 0);
	LOG_IS(w.card1, "dev:890b");
	put_addr(&arp.arp_pa, CARD2_ADDR + 4);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSARP, &arp), 0);
	LOG_IS(w.card2, "dev:8955");
	LOG_IS(w.card1, "");
	task_set_capable(me, false);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSARP, &arp), -EPERM);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGARP, &arp), 0);
	LOG_IS(w.card2, "dev:8954");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T9g_T9h_routes_and_neighbours) { world_do(routes); }
END_TEST

/* --- poll ------------------------------------------------------------------------------------- */

/* A listener hears of the stacks that listen: one that refused is not asked, and its hang-up mask
 * (of a bound stream) would never end. */
static int deaf(struct task *me, void *arg) {
	int fd = TCP(me);

	(void)arg;
	w.card1->listen_err = -ENOBUFS;
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	ck_assert_int_eq(poll_for(me, fd, POLLIN | POLLOUT), 0);
	nonblocking(me, fd);
	clear_logs();
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	LOG_IS(w.card1, "");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T10c_T3_2_a_stack_that_does_not_listen) { world_do(deaf); }
END_TEST

/* Connected: the stack in charge counts alone, though the others are kept for the next aim; what
 * had come on them before is still announced.  Open: errors count as data do, one SO_ERROR each. */
static int masks(struct task *me, void *arg) {
	int fd = any_udp(me, 53), open = any_udp(me, 54);
	char buf[8];

	(void)arg;
	ck_assert_int_eq(connect_to(me, fd, "10.0.2.9", 7), 0);
	fake_datagrams(w.card1, 53, 1);
	ck_assert_int_eq(poll_for(me, fd, POLLIN), 0);
	fake_datagrams(w.card2, 53, 1);
	ck_assert_int_eq(poll_for(me, fd, POLLIN), POLLIN);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.9", 7), 0); /* leaves toe1, where one lies */
	ck_assert_int_eq(poll_for(me, fd, POLLIN), POLLIN);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), 4);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(poll_for(me, fd, POLLIN), 0);
	ck_assert_int_eq(poll_for(me, open, POLLIN | POLLOUT), POLLOUT);
	fake_find(w.card1, 54)->sk.err = ECONNREFUSED;
	fake_find(w.card2, 54)->sk.err = EHOSTUNREACH;
	ck_assert_int_eq(poll_for(me, open, POLLIN), POLLERR);
	ck_assert_int_eq(take_error(me, open), ECONNREFUSED);
	ck_assert_int_eq(poll_for(me, open, POLLIN), POLLERR);
	ck_assert_int_eq(take_error(me, open), EHOSTUNREACH);
	ck_assert_int_eq(take_error(me, open), 0);
	ck_assert_int_eq(poll_for(me, open, POLLIN), 0);
	fake_error(w.card1, 54, ECONNREFUSED); /* found by a sweep that had data: held */
	fake_datagrams(w.card2, 54, 1);
	ck_assert_int_eq(sys_recv(me, open, buf, sizeof buf, MSG_DONTWAIT), 4);
	ck_assert_int_eq(poll_for(me, open, POLLIN), POLLERR);
	ck_assert_int_eq(sys_recv(me, open, buf, sizeof buf, MSG_DONTWAIT), -ECONNREFUSED);
	ck_assert_int_eq(poll_for(me, open, POLLIN), 0);
	sys_close(me, fd);
	sys_close(me, open);
	PROGRAM_END();
}
START_TEST(T10a_T10e_T12b_masks) { world_do(masks); }
END_TEST

/* A thread delivers when nobody waits in accept: whoever polls is woken.  The caller was chosen by
 * a signal first, so that threads stand. */
static struct task *poller;
static void on_signal(struct task *me, int sig) { (void)me, (void)sig; }
static void poke(void *unused) {
	(void)unused;
	send_sig(w.k, poller, SIGUSR1);
}
static void connect_card1(void *unused) {
	(void)unused;
	fake_connections(w.card1, 80, 1);
}

static int surplus(struct task *me, void *arg) {
	int fd = listen_any(me, 80), new;
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	(void)arg;
	poller = me;
	sys_signal(me, SIGUSR1, on_signal);
	sim_call_at(w.sim, SIM_MS, poke, NULL);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EINTR);
	sim_call_at(w.sim, 5 * SIM_MS, connect_card1, NULL);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
	sys_nanosleep(me, SIM_MS); /* the thread takes it: it is in no stack's queue any more */
	ck_assert_int_eq(fake_find(w.card1, 80)->pending_conns, 0);
	ck_assert_int_eq(poll_for(me, fd, POLLIN), POLLIN);
	nonblocking(me, fd);
	new = sys_accept(me, fd, NULL, NULL);
	ck_assert_int_ge(new, 0);
	ck_assert_int_eq(poll_for(me, fd, POLLIN), 0);
	sys_close(me, new);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T10c_T10f_T10g_surplus) { world_do(surplus); }
END_TEST

/* --- options ---------------------------------------------------------------------------------- */

/* SOL_SOCKET: only what the program has set, so that a card's own defaults stand; before it
 * matters; at once on a pinned stack, and with the next call that goes there on others. */
static int inward(struct task *me, void *arg) {
	int u = UDP(me), fd = TCP(me), plain = TCP(me);

	(void)arg;
	fake_find(w.card1, 0)->sk.keepalive = true; /* of the first, u: as a default of the card */
	ck_assert_int_eq(set_int(me, u, SOL_SOCKET, SO_REUSEADDR, 1), 0);
	ck_assert_int_eq(send_to(me, u, "10.0.1.9", 53), 4);
	ck_assert(fake_find(w.card1, 1024)->sk.keepalive);
	ck_assert_int_eq(set_int(me, u, SOL_SOCKET, SO_BROADCAST, 1), 0);
	clear_logs();
	ck_assert_int_eq(send_to(me, u, "10.0.1.9", 53), 4);
	LOG_IS(w.card1, "option:6 send");
	clear_logs();
	ck_assert_int_eq(set_int(me, fd, SOL_SOCKET, SO_KEEPALIVE, 1), 0);
	LOG_IS(w.card1, ""); /* not yet: no stack has been asked anything */
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), 0);
	LOG_HAS(w.card1, "option:9 bind:");
	ck_assert_int_eq(set_int(me, fd, SOL_SOCKET, SO_OOBINLINE, 1), 0);
	LOG_IS(w.card1, "option:10"); /* without another call */
	ck_assert_int_eq(connect_to(me, plain, "10.0.1.9", 80), 0);
	ck_assert_ptr_null(strstr(fake_log(w.card1), "option"));
	sys_close(me, u);
	sys_close(me, fd);
	sys_close(me, plain);
	PROGRAM_END();
}
START_TEST(T11a_inward) { world_do(inward); }
END_TEST

/* What was set last is what a late card hears, of options as of groups. */
static int late(struct task *me, void *arg) {
	int fd = TCP(me);

	(void)arg;
	ck_assert_int_eq(set_int(me, fd, IPPROTO_TCP, TCP_NODELAY, 1), 0);
	ck_assert_int_eq(set_int(me, fd, IPPROTO_TCP, TCP_NODELAY, 0), 0);
	ck_assert_int_eq(set_int(me, fd, SOL_SOCKET, SO_REUSEADDR, 1), 0);
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
	ck_assert_int_eq(register_toedev(w.k, &w.card2->td), 0);
	sys_nanosleep(me, SIM_MS);
	LOG_IS(w.card2, "create option:2 set:6.1 bind:80");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11d_T1_4_late_card) {
	world_new();
	ck_assert_int_eq(register_toedev(w.k, &w.card1->td), 0);
	w.module = sop_module_new(&w.conf);
	ck_assert_int_eq(module_load(w.k, w.module), 0);
	world_start("test", late);
	world_run(1);
}
END_TEST

/* A group without interface is joined where its route leads, else on INET; packets to a group leave
 * by the interface that the program chose. */
static int groups(struct task *me, void *arg) {
	struct ip_mreq mreq = {.imr_multiaddr.s_addr = g_htonl(0xe0010101U)};
	struct in_addr via = {g_htonl(CARD2_ADDR)}, wrong = {g_htonl(0x0a090909)};
	int fd = any_udp(me, 53);

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof mreq),
	                 0);
	LOG_IS(w.inet, "set:0.35");
	LOG_IS(w.card1, "");
	w.card1->default_route = 1;
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof mreq),
	                 0);
	LOG_IS(w.inet, "");
	LOG_IS(w.card1, "set:0.35");
	LOG_IS(w.card2, "");
	ck_assert_int_eq(send_to(me, fd, "224.1.1.1", 53), 4);
	LOG_IS(w.card1, "send");
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_MULTICAST_IF, &via, sizeof via), 0);
	LOG_IS(w.card2, "set:0.32");
	LOG_IS(w.card1, "");
	ck_assert_int_eq(send_to(me, fd, "224.1.1.1", 53), 4);
	LOG_IS(w.card2, "send");
	LOG_IS(w.card1, "");
	LOG_IS(w.inet, "");
	w.inet->setsockopt_err = -EADDRNOTAVAIL; /* nobody's interface: INET says so */
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_MULTICAST_IF, &wrong, sizeof wrong),
	                 -EADDRNOTAVAIL);
	LOG_IS(w.card2, "");
	w.inet->setsockopt_err = 0;
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11e_T6_8_groups) { world_do(groups); }
END_TEST

/* A card that is gone is no reason to refuse an option; header inclusion is no card's. */
static int partial(struct task *me, void *arg) {
	int fd = TCP(me);

	(void)arg;
	w.card2->setsockopt_err = -ENETDOWN;
	w.card1->setsockopt_err = -EOPNOTSUPP;
	ck_assert_int_eq(set_int(me, fd, IPPROTO_TCP, TCP_NODELAY, 1), 0);
	ck_assert_uint_eq(counter("partial_option"), 2);
	w.card1->setsockopt_err = -EINVAL; /* the first that matters */
	w.card2->setsockopt_err = -ENOMEM;
	ck_assert_int_eq(set_int(me, fd, IPPROTO_TCP, TCP_NODELAY, 1), -EINVAL);
	w.card1->setsockopt_err = w.card2->setsockopt_err = 0;
	clear_logs();
	set_int(me, fd, IPPROTO_IP, IP_HDRINCL, 1);
	LOG_HAS(w.inet, "set:0.3");
	LOG_IS(w.card1, "");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11b_T11i_partial) { world_do(partial); }
END_TEST

/* A device decides, counted, until it is taken back. */
static int device(struct task *me, int fd, const char *name) {
	char padded[IFNAMSIZ] = "";

	g_strlcpy(padded, name, sizeof padded);
	return sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, padded, sizeof padded);
}
static int devices(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	ck_assert_int_eq(device(me, fd, "toe9"), -ENODEV);
	ck_assert_int_eq(device(me, fd, "toe1"), 0);
	ck_assert_str_eq(stack_of(me, fd), "toe1");
	ck_assert_uint_eq(counter("pins.device"), 1);
	ck_assert_int_eq(device(me, fd, "toe0"), 0);
	ck_assert_str_eq(stack_of(me, fd), "toe0");
	ck_assert_int_eq(bind_to(me, fd, "10.0.2.1", 53), -EADDRNOTAVAIL);
	clear_logs();
	send_to(me, fd, "10.0.2.9", 53); /* though that net is another's */
	LOG_HAS(w.card1, "send");
	LOG_IS(w.card2, "");
	ck_assert_int_eq(device(me, fd, ""), 0);
	ck_assert_str_eq(stack_of(me, fd), "any");
	ck_assert_int_eq(send_to(me, fd, "10.0.2.9", 53), 4);
	LOG_HAS(w.card2, "send");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11f_devices) { world_do(devices); }
END_TEST

/* The stack of an accepted connection answers for it. */
static int child_options(struct task *me, void *arg) {
	int l = listen_any(me, 80), child, val, len = sizeof val;

	(void)arg;
	nonblocking(me, l);
	fake_connections(w.card2, 80, 1);
	child = sys_accept(me, l, NULL, NULL);
	ck_assert_int_ge(child, 0);
	ck_assert_int_eq(sys_getsockopt(me, l, IPPROTO_TCP, TCP_NODELAY, &val, &len), 0);
	ck_assert_int_eq(val, NIC_ADDR);
	ck_assert_int_eq(sys_getsockopt(me, child, IPPROTO_TCP, TCP_NODELAY, &val, &len), 0);
	ck_assert_int_eq(val, CARD2_ADDR);
	clear_logs();
	ck_assert_int_eq(set_int(me, child, IPPROTO_TCP, TCP_NODELAY, 1), 0);
	LOG_IS(w.inet, "");
	LOG_IS(w.card2, "set:6.1");
	sys_close(me, child);
	sys_close(me, l);
	PROGRAM_END();
}
START_TEST(T12a_T11g_child) { world_do(child_options); }
END_TEST

/* --- shutdown --------------------------------------------------------------------------------- */

static int ends(struct task *me, void *arg) {
	int fd = TCP(me), l = listen_any(me, 80), u = any_udp(me, 53);

	(void)arg;
	clear_logs();
	ck_assert_int_eq(sys_shutdown(me, fd, 3), -EINVAL);
	ck_assert_int_eq(sys_shutdown(me, l, -1), -EINVAL);
	LOG_IS(w.inet, ""); /* a: nobody was asked */
	LOG_IS(w.card1, "");
	ck_assert_int_eq(sys_shutdown(me, u, SHUT_RDWR), -ENOTCONN);
	ck_assert_uint_eq(fake_find(w.card2, 53)->sk.shutdown, 3); /* b: the bits are set, on all */
	w.card2->shutdown_err = -EIO;
	fake_find(w.card2, 80)->listening = false; /* as if the card had ended it by itself */
	ck_assert_int_eq(sys_shutdown(me, l, SHUT_RD), 0); /* c: INET's answer */
	ck_assert(!fake_find(w.inet, 80)->listening);
	ck_assert(!fake_find(w.card1, 80)->listening);
	ck_assert_int_eq(sys_accept(me, l, NULL, NULL), -EINVAL);
	sys_close(me, fd);
	sys_close(me, l);
	sys_close(me, u);
	PROGRAM_END();
}
START_TEST(T13a_T13b_T13c_ends) { world_do(ends); }
END_TEST

/* Linger is the stack's in charge: the others are closed quietly. */
static int lingers(struct task *me, void *arg) {
	struct linger reset = {1, 0};
	int fd = TCP(me);

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
	w.card1->connect_err = -EINPROGRESS;
	nonblocking(me, fd);
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), -EINPROGRESS);
	ck_assert(fake_find(w.inet, 1024)->sk.linger);
	clear_logs();
	sys_close(me, fd);
	LOG_IS(w.inet, "release");
	LOG_IS(w.card1, "reset");
	LOG_IS(w.card2, "release");
	PROGRAM_END();
}
START_TEST(T14b_losers_do_not_linger) { world_do(lingers); }
END_TEST

/* A sleeper in accept on a machine without cards is woken too: it needs no thread. */
static int server_fd;
static int shuts(struct task *me, void *arg) {
	(void)arg;
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_int_eq(sys_shutdown(me, server_fd, SHUT_RD), 0);
	PROGRAM_END();
}
static int alone(struct task *me, void *arg) {
	(void)arg;
	server_fd = listen_any(me, 80);
	ck_assert_int_gt(sys_fork(me, shuts, NULL), 0);
	ck_assert_int_eq(sys_accept(me, server_fd, NULL, NULL), -EINVAL);
	ck_assert_int_eq(sim_now(w.sim), 20 * SIM_MS);
	ck_assert_uint_eq(counter("accept_threads"), 0);
	sys_close(me, server_fd);
	PROGRAM_END();
}
START_TEST(T13c_T4_6_no_card) {
	world_new();
	w.module = sop_module_new(&w.conf);
	ck_assert_int_eq(module_load(w.k, w.module), 0);
	world_start("test", alone);
	world_run(2);
}
END_TEST

int main(void) {
	Suite *s = suite_create("sop_small");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, T8a_T8e_names);
	tcase_add_test(tc, T9a_T7_3_queues);
	tcase_add_test(tc, T9e_T9f_interfaces);
	tcase_add_test(tc, T9g_T9h_routes_and_neighbours);
	tcase_add_test(tc, T10c_T3_2_a_stack_that_does_not_listen);
	tcase_add_test(tc, T10a_T10e_T12b_masks);
	tcase_add_test(tc, T10c_T10f_T10g_surplus);
	tcase_add_test(tc, T11a_inward);
	tcase_add_test(tc, T11d_T1_4_late_card);
	tcase_add_test(tc, T11e_T6_8_groups);
	tcase_add_test(tc, T11b_T11i_partial);
	tcase_add_test(tc, T11f_devices);
	tcase_add_test(tc, T12a_T11g_child);
	tcase_add_test(tc, T13a_T13b_T13c_ends);
	tcase_add_test(tc, T14b_losers_do_not_linger);
	tcase_add_test(tc, T13c_T4_6_no_card);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
