/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams sent from a socket that no stack owns: along the routes, and the destination remembered. */
#include <netinet/in.h>

#include "net/engine/route.h"
#include "run_suite.h"
#include "sop_world.h"

#define FAR "10.7.7.7"   /* by default routes only */
#define NEAR2 "10.0.2.9" /* on the second card's net */

/* Since the last look. */
static bool sent_by(struct fake_stack *st) { return strstr(fake_log(st), "send"); }

/* --- which errors go on ----------------------------------------------------------------------- */

static const struct {
	int err;
	bool goes_on;
} errors[] = {
	{-ENETUNREACH, true}, {-EHOSTUNREACH, true}, {-ENETDOWN, true},      {-ENODEV, true},
	{-EACCES, true}, /* a prohibit route */
	{-EMSGSIZE, false},   {-EINVAL, false},      {-EDESTADDRREQ, false}, {-EOPNOTSUPP, false},
	{-EFAULT, false},     {-EPIPE, false},       {-ECONNREFUSED, false}, {-EINTR, false},
	{-EAGAIN, false},     {-ENOBUFS, false},     {-ENOMEM, false},       {-EPERM, false},
};
static int which;

static int an_error(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	w.card1->default_route = w.card2->default_route = 1;
	w.card1->send_err = errors[which].err;
	ck_assert_int_eq(send_to(me, fd, FAR, 53), errors[which].goes_on ? 4 : errors[which].err);
	LOG_HAS(w.card1, "send");
	ck_assert(!strstr(fake_log(w.card2), "send") == !errors[which].goes_on);
	/* When all have failed the last answer counts. */
	w.card2->send_err = -ENETDOWN;
	ck_assert_int_eq(send_to(me, fd, "10.7.7.8", 53),
	                 errors[which].goes_on ? -ENETDOWN : errors[which].err);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_3_error_stops_or_goes_on) {
	which = _i;
	world_do(an_error);
}
END_TEST

/* --- the order of the stacks ------------------------------------------------------------------ */

static int prefixes(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	w.card1->default_route = 1;
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), 4);
	LOG_HAS(w.card2, "send"); /* its own net, though the first card has a route too */
	ck_assert_ptr_null(strstr(fake_log(w.card1), "send"));
	w.card2->send_err = -EHOSTUNREACH;
	ck_assert_int_eq(send_to(me, fd, "10.0.2.10", 53), 4);
	LOG_HAS(w.card1, "send"); /* the default route, after it */
	ck_assert_uint_eq(counter("send_sweeps"), 2);
	w.card1->default_route = 0;
	ck_assert_int_eq(send_to(me, fd, FAR, 53), -ENETUNREACH);
	LOG_IS(w.card1, "");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_2_longest_prefix_first) { world_do(prefixes); }
END_TEST

/* --- the port --------------------------------------------------------------------------------- */

static int no_port(struct task *me, void *arg) {
	int fd = UDP(me);
	uint32_t addr;
	char buf[8];

	(void)arg;
	w.card1->bind_err = -EADDRINUSE; /* whatever INET draws */
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), -EAGAIN);
	ck_assert(!sent_by(w.card2)); /* the log tells of all draws */
	w.card1->bind_err = 0;
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), 4);
	uint16_t port = port_of(me, fd, &addr);
	ck_assert_uint_eq(addr, INADDR_ANY);
	nonblocking(me, fd);
	struct fake_stack *const stacks[] = {w.inet, w.card1, w.card2};
	for (unsigned i = 0; i < 3; i++) {
		fake_datagrams(stacks[i], port, 1);
		ck_assert_int_gt(sys_recv(me, fd, buf, sizeof buf, 0), 0);
	}
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), -EAGAIN);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_6_first_send_agrees_a_port) { world_do(no_port); }
END_TEST

/* --- what makes the last destination stale ---------------------------------------------------- */

static void route_of_a_card(struct task *me, int fd) {
	(void)me;
	(void)fd;
	w.card1->generation++;
}

static void route_of_inet(struct task *me, int fd) {
	struct net_route route = {.dst = 0x0a090000,
	                          .mask = 0xffff0000,
	                          .gateway = NIC_ADDR + 1,
	                          .ifp = net_if_find(w.k->stack, "eth0")};

	(void)me;
	(void)fd;
	ck_assert_int_eq(net_route_add(w.k->stack, &route), 0);
}

static void address_of_the_nic(struct task *me, int fd) {
	struct net_if *ifp = net_if_find(w.k->stack, "eth0");
	struct net_if_config config;

	(void)me;
	(void)fd;
	net_if_get(ifp, &config);
	config.addr++;
	ck_assert_int_eq(net_if_set(ifp, &config), 0);
}

static void another_card_gone(struct task *me, int fd) {
	(void)me;
	(void)fd;
	unregister_toedev(&w.card1->td);
}

static void a_connection_between(struct task *me, int fd) {
	const struct sockaddr unspec = {.sa_family = AF_UNSPEC};

	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 53), 0);
	ck_assert_int_eq(sys_connect(me, fd, &unspec, sizeof unspec), 0);
}

static void another_destination(struct task *me, int fd) {
	ck_assert_int_eq(send_to(me, fd, "10.0.2.8", 53), 4);
}

static void another_port(struct task *me, int fd) {
	ck_assert_int_eq(send_to(me, fd, NEAR2, 54), 4);
}

static const struct {
	const char *what;
	void (*happens)(struct task *me, int fd);
} reasons[] = {
	{"a card's route", route_of_a_card},
	{"a route of INET", route_of_inet},
	{"the NIC's address", address_of_the_nic},
	{"a card gone", another_card_gone},
	{"connect", a_connection_between},
	{"another destination", another_destination},
	{"another port", another_port},
};

static int stale(struct task *me, void *arg) {
	int fd = UDP(me);
	uint64_t hits;

	(void)arg;
	w.card1->generation = 1; /* so that what it has counted goes with it */
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(send_to(me, fd, NEAR2, 53), 4);
	ck_assert_uint_eq(counter("cache_hits"), 2);
	reasons[which].happens(me, fd);
	hits = counter("cache_hits");
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), 4);
	ck_assert_msg(counter("cache_hits") == hits, "%s: still trusted", reasons[which].what);
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), 4);
	ck_assert_uint_eq(counter("cache_hits"), hits + 1);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_7_cache_is_dropped) {
	which = _i;
	world_do(stale);
}
END_TEST

/* The stack that served fails: the sweep, and its winner is remembered. */
static int served_fails(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	w.card1->default_route = 1;
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), 4);
	w.card2->send_err = -EHOSTUNREACH;
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), 4);
	w.card2->send_err = 0;
	clear_logs();
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), 4);
	LOG_IS(w.card1, "send");
	LOG_IS(w.card2, "");
	/* The one that is remembered goes: the other serves, then none. */
	unregister_toedev(&w.card1->td);
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), 4);
	LOG_HAS(w.card2, "send");
	unregister_toedev(&w.card2->td);
	ck_assert_int_eq(send_to(me, fd, NEAR2, 53), -ENETUNREACH);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_7_served_stack_fails) { world_do(served_fails); }
END_TEST

/* --- one copy --------------------------------------------------------------------------------- */

static int copies(struct task *me, void *arg) {
	int fd = UDP(me), one = 1;
	struct in_addr second = {.s_addr = g_htonl(CARD2_ADDR)};

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof one), 0);
	w.card1->default_route = w.card2->default_route = 1;
	ck_assert_int_eq(send_to(me, fd, "224.1.1.1", 53), 4); /* by route: the first of equals */
	ck_assert(!sent_by(w.inet) && sent_by(w.card1) && !sent_by(w.card2));
	ck_assert_int_eq(
		sys_setsockopt(me, fd, IPPROTO_IP, IP_MULTICAST_IF, &second, sizeof second), 0);
	clear_logs();
	ck_assert_int_eq(send_to(me, fd, "224.1.1.2", 53), 4);
	ck_assert(!sent_by(w.inet) && !sent_by(w.card1) && sent_by(w.card2));
	ck_assert_int_eq(send_to(me, fd, "10.0.1.255", 53), 4); /* the first card's net */
	ck_assert(!sent_by(w.inet) && sent_by(w.card1) && !sent_by(w.card2));
	w.card1->send_err = -EHOSTUNREACH; /* and no second try elsewhere */
	ck_assert_int_eq(send_to(me, fd, "10.0.1.255", 54), -EHOSTUNREACH);
	ck_assert(!sent_by(w.inet) && !sent_by(w.card2));
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_8_one_copy) { world_do(copies); }
END_TEST

int main(void) {
	Suite *s = suite_create("sop_send");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, T6_3_error_stops_or_goes_on, 0, G_N_ELEMENTS(errors));
	tcase_add_test(tc, T6_2_longest_prefix_first);
	tcase_add_test(tc, T6_6_first_send_agrees_a_port);
	tcase_add_loop_test(tc, T6_7_cache_is_dropped, 0, G_N_ELEMENTS(reasons));
	tcase_add_test(tc, T6_7_served_stack_fails);
	tcase_add_test(tc, T6_8_one_copy);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
