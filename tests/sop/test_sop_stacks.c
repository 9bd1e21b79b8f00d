/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INET and the cards behind one table of functions, in which a slot may be left out. */
#include <linux/sockios.h>
#include <net/if.h>
#include <net/route.h>

#include "run_suite.h"
#include "sop_world.h"

static const struct toedev_ops nothing;
static struct toedev bare = {.name = "bare0"}; /* without a table, or with an empty one */

/* --- defaults --------------------------------------------------------------------------------- */

static void knows_nothing(struct toedev *td) {
	struct socket *sock = sock_alloc_inner(w.k, SOCK_STREAM);
	struct rtentry rt = {0};
	struct ip_mreqn group = {0};

	ck_assert_int_eq(td->op.create(td, sock, 0), -EPROTONOSUPPORT);
	sock_release(sock);
	ck_assert(!td->op.accepts_into_made);
	ck_assert(!td->op.owns_addr(td, CARD1_ADDR));
	ck_assert_int_eq(td->op.route(td, CARD1_ADDR), -1);
	ck_assert(!td->op.is_broadcast(td, INADDR_BROADCAST));
	ck_assert(!td->op.on_link(td, CARD1_ADDR));
	ck_assert_int_eq(td->op.ioctl(td, SIOCGIFADDR, NULL), -EINVAL);
	ck_assert_int_eq(td->op.route_metric(td, &rt), -1);
	ck_assert_uint_eq(td->op.generation(td), 0);
	ck_assert_uint_eq(td->op.group_device(td, &group), 0);
	ck_assert_ptr_null(td->op.stack(td));
}

/* A card whose driver has nothing serves nobody, and is in nobody's way. */
static int beside_a_bare_card(struct task *me, void *arg) {
	int fd = TCP(me);
	uint16_t port = 0;
	uint32_t addr;

	(void)arg;
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	port = port_of(me, fd, &addr);
	ck_assert_uint_eq(port, 80);
	fake_connections(w.card2, 80, 1);
	sys_close(me, accept_on(me, fd, "toe1"));
	sys_close(me, fd);
	ck_assert_uint_gt(counter("bare0.refused"), 0);
	ck_assert_uint_eq(counter("bare0.chosen"), 0);
	fd = UDP(me);
	ck_assert_int_eq(send_to(me, fd, "10.0.1.9", 9), 4);
	ck_assert_int_eq(send_to(me, fd, "10.0.77.9", 9), -ENETUNREACH);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T1_1_a_driver_without_functions) {
	world_new();
	bare.ops = _i ? &nothing : NULL;
	ck_assert_int_eq(register_toedev(w.k, &bare), 0);
	knows_nothing(&bare);
	ck_assert(bare.op.has_device(&bare, "bare0"));
	world_load();
	world_start("test", beside_a_bare_card);
	world_run(1);
}
END_TEST

/* In the place of a card that was pulled. */
START_TEST(T15_1_nobody) {
	struct toedev nobody;

	world_new();
	world_load();
	toedev_nobody(&nobody);
	knows_nothing(&nobody);
	ck_assert(!nobody.op.has_device(&nobody, ""));
	world_run(0);
}
END_TEST

/* --- stack 0 ---------------------------------------------------------------------------------- */

/* INET answers the questions that a card does. */
START_TEST(T2_9_inet_is_stack_0) {
	struct toedev *td;

	world_new();
	world_load();
	td = toedev_host(w.k);
	ck_assert_str_eq(td->name, "inet");
	ck_assert_ptr_ne(toedev_first(w.k), td);
	ck_assert(td->op.owns_addr(td, NIC_ADDR));
	ck_assert(td->op.owns_addr(td, INADDR_LOOPBACK));
	ck_assert(!td->op.owns_addr(td, CARD1_ADDR));
	ck_assert_int_eq(td->op.route(td, NIC_ADDR + 7), 24);
	ck_assert_int_eq(td->op.route(td, CARD1_ADDR), -1);
	ck_assert(td->op.is_broadcast(td, NIC_ADDR | 0xff));
	ck_assert(td->op.on_link(td, NIC_ADDR + 7));
	ck_assert(td->op.has_device(td, "eth0") && !td->op.has_device(td, "toe0"));
	ck_assert_ptr_eq(td->op.stack(td), w.k->stack);
	world_run(0);
}
END_TEST

int main(void) {
	Suite *s = suite_create("sop_stacks");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, T1_1_a_driver_without_functions, 0, 2);
	tcase_add_test(tc, T15_1_nobody);
	tcase_add_test(tc, T2_9_inet_is_stack_0);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
