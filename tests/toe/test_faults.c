/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cards that die, late messages, sockets opened by a layer above, and what a send costs. */
#include "toe_world.h"

#include <netinet/tcp.h>

#include "host/dev/dev.h"
#include "host/dev/toedev.h"
#include "net/engine/route.h"
#include "net/engine/socket_state.h"
#include "run_suite.h"

static struct peer_conn client, server, conn;

static void conf_fast(struct toe_conf *conf) {
	toe_conf_default(conf);
	conf->command_timeout = SIM_S;
}

/* --- death ------------------------------------------------------------------------------------- */

static int accept_blocked(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 80);

	(void)arg;
	EXPECT_INT(sys_accept(me, fd, NULL, NULL), -ECONNRESET);
	EXPECT_INT(sys_accept(me, fd, NULL, NULL), -ECONNRESET);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

static int recv_blocked(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 81), child = sys_accept(me, fd, NULL, NULL);
	struct pollfd pfd = {.fd = child, .events = POLLIN};
	char byte;

	(void)arg;
	EXPECT(child >= 0);
	EXPECT_INT(sys_recv(me, child, &byte, 1, 0), -ECONNRESET);
	EXPECT_INT(sys_poll(me, &pfd, 1, 0), 1);
	EXPECT_INT(pfd.revents, POLLERR | POLLHUP);
	EXPECT_INT(sys_send(me, child, &byte, 1, 0), -ECONNRESET);
	EXPECT_INT(sys_socket(me, AF_TOE, SOCK_STREAM, 0), -ENETDOWN);
	W.programs++;
	return 0;
}

static int dgram_blocked(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	char byte;

	(void)arg;
	EXPECT_INT(bind_to(me, fd, "10.0.0.1", 53), 0);
	EXPECT_INT(sys_recv(me, fd, &byte, 1, 0), -ENETDOWN);
	W.programs++;
	return 0;
}

static sim_time poll_woke;

static int poll_blocked(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 82), err, len = sizeof err;
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	(void)arg;
	EXPECT_INT(sys_poll(me, &pfd, 1, -1), 1);
	EXPECT_INT(pfd.revents, POLLERR | POLLHUP);
	EXPECT_INT(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	EXPECT_INT(err, ECONNRESET);
	poll_woke = sys_gettime(me);
	W.programs++;
	return 0;
}

static unsigned failures;

static void card_failed(struct toedev_notifier *nb, struct toedev *td, enum toedev_event event) {
	(void)nb, (void)td;
	failures += event == TOEDEV_FAILED;
}

static void fail_card(void *arg) {
	(void)arg;
	toe_fail(W.toe[0]);
}

static void remove_card(void *arg) {
	(void)arg;
	toe_remove(W.toe[0]);
}

static void death(void (*how)(void *arg)) {
	struct toedev_notifier nb = {.fn = card_failed};
	struct toe_conf conf;

	conf_fast(&conf);
	client = (struct peer_conn){0};
	failures = 0;
	world_up_conf(1, &conf);
	register_toedev_notifier(W.kernel, &nb);
	start_at(0, accept_blocked, NULL);
	start_at(0, recv_blocked, NULL);
	start_at(0, dgram_blocked, NULL);
	start_at(0, poll_blocked, NULL);
	peer_connect_at(SIM_MS, 0, 81, &client);
	sim_call_at(W.sim, 10500 * SIM_MS, how, NULL);
	run(60 * SIM_S);
	EXPECT_INT(W.programs, 4);
	EXPECT_INT(failures, 1);
	unregister_toedev_notifier(W.kernel, &nb);
	world_down();
}

/* Found out by the keep-alive command: nobody had a command with a time-out under way. */
START_TEST(silent_death_is_found_out) {
	death(fail_card);
	ck_assert_int_gt(poll_woke, 11 * SIM_S);
	ck_assert_int_lt(poll_woke, 13 * SIM_S);
}
END_TEST

START_TEST(removal_is_seen_at_once) {
	death(remove_card);
	ck_assert_int_lt(poll_woke, 10501 * SIM_MS);
}
END_TEST

/* A card that is slower than the driver's patience. */
static int slow_program(struct task *me, void *arg) {
	(void)arg;
	EXPECT(sys_socket(me, AF_TOE, SOCK_STREAM, 0) >= 0);
	toe_slow(W.toe[0], 1e6);
	EXPECT_INT(bind_to(me, sys_socket(me, AF_TOE, SOCK_STREAM, 0), "10.0.0.1", 80),
	           -ECONNRESET);
	W.programs++;
	return 0;
}

/* socket() has no connection that could be reset. */
static int opens_on_the_silent(struct task *me, void *arg) {
	(void)arg;
	toe_fail(W.toe[0]);
	EXPECT_INT(sys_socket(me, AF_TOE, SOCK_STREAM, 0), -ENETDOWN);
	W.programs++;
	return 0;
}

START_TEST(socket_of_a_dead_card) {
	struct toe_conf conf;

	toe_conf_default(&conf);
	conf.sync_init = true;
	world_up_conf(1, &conf);
	start_at(0, opens_on_the_silent, NULL);
	run(60 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

START_TEST(too_slow_is_dead) {
	struct toe_conf conf;

	conf_fast(&conf);
	world_up_conf(1, &conf);
	ck_assert_int_eq(toe_set_cost(W.toe[0], "command", (struct cost_value){10 * SIM_US, 0}), 0);
	ck_assert_int_eq(toe_set_cost(W.toe[0], "comand", (struct cost_value){0}), -ENOENT);
	start_at(0, slow_program, NULL);
	run(60 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

static int other_card(struct task *me, void *arg) {
	int fd = listener(me, "10.0.1.1", 80), child;
	char byte;

	(void)arg;
	child = sys_accept(me, fd, NULL, NULL);
	EXPECT(child >= 0);
	EXPECT_INT(sys_recv(me, child, &byte, 1, 0), 1);
	EXPECT(sys_socket(me, AF_TOE, SOCK_STREAM, 0) >= 0);
	W.programs++;
	return 0;
}

START_TEST(other_card_goes_on) {
	client = (struct peer_conn){.key_tx = 1, .to_send = 1};
	world_up(2);
	start_at(0, accept_blocked, NULL);
	start_at(0, other_card, NULL);
	sim_call_at(W.sim, SIM_S, remove_card, NULL);
	peer_connect_at(2 * SIM_S, 1, 80, &client);
	run(60 * SIM_S);
	EXPECT_INT(W.programs, 2);
	world_down();
}
END_TEST

/* AF_TOE is there as long as one card is. */
START_TEST(family_leaves_with_the_last_card) {
	world_up(2);
	run(SIM_S);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_ptr_nonnull(W.kernel->net_families[AF_TOE]);
		toe_free(W.toe[i]);
		W.toe[i] = NULL;
	}
	ck_assert_ptr_null(W.kernel->net_families[AF_TOE]);
	world_down();
}
END_TEST

/* --- late messages ------------------------------------------------------------------------------- */

static struct peer_sock dgram_peer;
static void dgram_ignored(struct peer_sock *ps, unsigned events) { (void)ps, (void)events; }

static void dgram_send(void *arg) {
	struct iovec iov = {"x", 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = 0x0a000001, .port = 53};

	(void)arg;
	EXPECT_INT(net_send(dgram_peer.so, &msg), 1);
}

/* A datagram arrives, and its event is under way while the socket is released. */
static int late_program(struct task *me, void *arg) {
	(void)arg;
	for (unsigned i = 0; i < 200; i++) {
		int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
		struct pollfd pfd = {.fd = fd, .events = POLLIN};

		EXPECT_INT(bind_to(me, fd, "10.0.0.1", 53), 0);
		EXPECT(sys_poll(me, &pfd, 1, 0) >= 0); /* the one before may come here */
		sim_call_at(W.sim, sys_gettime(me) + 10 * SIM_US, dgram_send, NULL);
		user_charge(me, COST_USER_WORK, 10000 + i * 100);
		EXPECT_INT(sys_close(me, fd), 0);
	}
	W.programs++;
	return 0;
}

START_TEST(late_events_are_dropped) {
	struct toe_usage usage;

	world_up(1);
	kernel_set_cost(W.kernel, "user_work", (struct cost_value){0, SIM_NS});
	dgram_peer.event = dgram_ignored;
	ck_assert_int_eq(peer_open(W.peer[0], SOCK_DGRAM, &dgram_peer), 0);
	start_at(0, late_program, NULL);
	run(60 * SIM_S);
	EXPECT_INT(W.programs, 1);
	toe_usage_get(W.toe[0], &usage);
	EXPECT(usage.late_answers > 0);
	EXPECT(usage.late_answers < 200);
	EXPECT_INT(usage.sockets, 200);
	world_down();
}
END_TEST

/* --- a layer above ------------------------------------------------------------------------------ */

static struct socket *inner_socket(struct toedev *td) {
	struct socket *sock = sock_alloc_inner(W.kernel, SOCK_STREAM);

	EXPECT_INT(td->ops->create(td, sock, 0), 0);
	return sock;
}

/* SOP's way: accept into a socket that was initialised for the purpose, and into an empty one. */
static int layer_program(struct task *me, void *arg) {
	struct toedev *td = toe_dev(W.toe[0]);
	struct socket *sock = inner_socket(td), *used = inner_socket(td), *empty;
	struct sockaddr_in in = inet_address("10.0.0.1", 80);
	int len = sizeof in, on = 1;

	(void)arg, (void)me;
	empty = sock_alloc_inner(W.kernel, SOCK_STREAM);
	empty->ops = sock->ops;
	EXPECT(td->ops->owns_addr(td, 0x0a000001));
	EXPECT(!td->ops->owns_addr(td, 0x0a000002));
	EXPECT(td->ops->on_link(td, 0x0a000002));
	EXPECT(td->ops->is_broadcast(td, 0x0a0000ff));
	EXPECT_INT(td->ops->route(td, 0x0a000002), 24);
	EXPECT_INT(td->ops->route(td, 0x0b000002), -1);
	EXPECT_INT(td->ops->route(td, 0x7f000001), -1);
	EXPECT_INT(sock_setsockopt(sock, SO_KEEPALIVE, &on, sizeof on), 0);
	EXPECT_INT(sock->ops->bind(sock, (struct sockaddr *)&in, sizeof in), 0);
	EXPECT_INT(sock->ops->listen(sock, 5), 0);
	EXPECT_INT(sock->ops->accept(sock, empty, O_NONBLOCK), -EAGAIN);
	EXPECT(empty->sk == NULL);
	EXPECT_INT(sock->ops->accept(sock, used, 0), 0);
	EXPECT_INT(sock->ops->accept(sock, empty, 0), 0);
	EXPECT(used->sk && used->sk->keepalive && used->state == SS_CONNECTED);
	EXPECT_INT(empty->ops->getname(empty, (struct sockaddr *)&in, &len, 2), 0);
	EXPECT_INT(ntohl(in.sin_addr.s_addr), 0x0a000002);
	sock_release(used);
	sock_release(empty);
	sock_release(sock);
	W.programs++;
	return 0;
}

START_TEST(accept_for_a_layer_above) {
	struct peer_conn other = {0};
	uint32_t live = 0;

	client = (struct peer_conn){0};
	world_up(1);
	start_at(0, layer_program, NULL);
	peer_connect_at(SIM_S, 0, 80, &client);
	peer_connect_at(SIM_S, 0, 80, &other);
	run(5 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT(client.ended && other.ended);
	for (struct net_sock *so = net_sock_next(toe_stack(W.toe[0]), NULL); so;
	     so = net_sock_next(toe_stack(W.toe[0]), so))
		live += net_state(so) == TCP_LISTEN || net_state(so) == TCP_ESTABLISHED ||
		        net_state(so) == TCP_CLOSE;
	EXPECT_INT(live, 0);
	world_down();
}
END_TEST

/* --- interface ioctls ---------------------------------------------------------------------------- */

static int ioctl_program(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0), lfd;
	struct sockaddr_in addr = inet_address("10.5.0.1", 0);
	struct toedev *td = toe_dev(W.toe[0]);
	uint32_t generation = td->ops->generation(td);
	struct ifreq ifr = {.ifr_name = "toe0"};

	(void)arg;
	memcpy(&ifr.ifr_addr, &addr, sizeof addr);
	EXPECT_INT(sys_ioctl(me, fd, SIOCSIFADDR, &ifr), 0);
	EXPECT(generation != td->ops->generation(td));
	EXPECT(td->ops->owns_addr(td, 0x0a050001));
	EXPECT(net_is_local(toe_stack(W.toe[0]), 0x0a050001));
	lfd = listener(me, "10.5.0.1", 80);
	EXPECT_INT(sys_close(me, lfd), 0);
	g_strlcpy(ifr.ifr_name, "toe7", IFNAMSIZ);
	EXPECT_INT(sys_ioctl(me, fd, SIOCGIFADDR, &ifr), -ENODEV);
	task_set_capable(me, false);
	g_strlcpy(ifr.ifr_name, "toe0", IFNAMSIZ);
	EXPECT_INT(sys_ioctl(me, fd, SIOCSIFADDR, &ifr), -EPERM);
	W.programs++;
	return 0;
}

START_TEST(configured_by_ioctl) {
	world_up(1);
	start_at(0, ioctl_program, NULL);
	run(5 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* --- what a send costs --------------------------------------------------------------------------- */

#define SEND_BYTES 256

static void cost(const char *name, sim_time each, sim_time per_byte) {
	EXPECT_INT(kernel_set_cost(W.kernel, name, (struct cost_value){each, per_byte}), 0);
}

static void card_cost(const char *name, sim_time each) {
	EXPECT_INT(toe_set_cost(W.toe[0], name, (struct cost_value){each, 0}), 0);
}

static sim_time timed_send(struct task *me, int fd) {
	char buf[SEND_BYTES] = {0};
	sim_time start = sim_now(W.sim);

	EXPECT_INT(sys_send(me, fd, buf, sizeof buf, 0), sizeof buf);
	return sim_now(W.sim) - start;
}

static int connected_socket(struct task *me) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0), on = 1;

	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), 0);
	EXPECT_INT(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
	sys_nanosleep(me, SIM_S);
	return fd;
}

/* Every cost adds once, and the card answers when it has the data, not when it has sent them. */
static int cost_program(struct task *me, void *arg) {
	int fd = connected_socket(me);
	sim_time bare = timed_send(me, fd), with, added;

	(void)arg;
	/* Doorbell, descriptor, data, entry, interrupt, cause register: microseconds, not tens. */
	EXPECT(bare > 2 * SIM_US && bare < 10 * SIM_US);
	sys_nanosleep(me, SIM_S);
	cost("syscall", 700 * SIM_NS, 0);
	cost("dispatch", 1200 * SIM_NS, 0);
	cost("comm_command", 2200 * SIM_NS, 0);
	cost("comm_copy", 0, 3 * SIM_NS);
	cost("mmio_write", 400 * SIM_NS, 0);
	cost("irq", 4000 * SIM_NS, 0);
	cost("mmio_read", 100 * SIM_NS, 0);
	cost("comm_complete", 500 * SIM_NS, 0);
	cost("wakeup", 300 * SIM_NS, 0);
	card_cost("command", 12 * SIM_US);
	card_cost("tx_segment", 45 * SIM_US);
	with = timed_send(me, fd);
	added = 700 + 1200 + 2200 + 3 * SEND_BYTES + 400 + 500 + 12000;
	if (kind == TOE_KIND_INTERRUPT)
		EXPECT_INT(with - bare, (added + 4000 + 100 + 300) * SIM_NS);
	else /* neither interrupt nor wake-up; the task looks once a microsecond */
		EXPECT(llabs(with - bare - added * SIM_NS) <= SIM_US);
	W.programs++;
	return 0;
}

static void cost_world(program main) {
	server = (struct peer_conn){0};
	conn = (struct peer_conn){0};
	world_up(1);
	peer_serve(0, 80, &server, &conn);
	conn.ps.so = (void *)&conn; /* the peer leaves it in its queue and does not read */
	start_at(0, main, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}

START_TEST(send_latency_adds_up) { cost_world(cost_program); }
END_TEST

/* A loop of small sends on a card whose segments take longer than a turn of the loop: commands
 * interrupt the stack's work, and sends share segments. */
static int loop_program(struct task *me, void *arg) {
	int fd = connected_socket(me);
	struct toe_usage usage;
	sim_time start, busy;

	(void)arg;
	cost("comm_command", 10 * SIM_US, 0);
	card_cost("command", 12 * SIM_US);
	card_cost("tx_segment", 45 * SIM_US);
	card_cost("rx_ack", 25 * SIM_US);
	card_cost("path_tx", 45 * SIM_US);
	card_cost("path_ack", 25 * SIM_US);
	toe_usage_reset(W.toe[0]);
	start = sys_gettime(me);
	for (int i = 0; i < 200; i++)
		timed_send(me, fd);
	EXPECT(sys_gettime(me) - start < 200 * 30 * SIM_US);
	toe_usage_get(W.toe[0], &usage);
	EXPECT_INT(usage.commands, 200);
	busy = hardware ? usage.path_busy : usage.busy;
	EXPECT(busy > usage.window * 9 / 10 && busy <= usage.window);
	EXPECT(toe_costs(W.toe[0])->account[TOE_COST_TX_SEGMENT].charges < 100);
	/* the pipeline has no commands to take beside them */
	EXPECT(toe_costs(W.toe[0])->account[TOE_COST_PATH_TX].charges < 200 * 30 / 45);
	W.programs++;
	return 0;
}

START_TEST(small_sends_share_segments) { cost_world(loop_program); }
END_TEST

/* --- a card's place ---------------------------------------------------------------------------- */

static void pull_card(void *arg) {
	(void)arg;
	toe_free(W.toe[0]);
	W.toe[0] = NULL;
}

static void plug_card(void *arg) {
	struct toe_conf conf;

	(void)arg;
	EXPECT_INT(client.failed, 0);
	toe_conf_default(&conf);
	conf.name = "toe0";
	conf.kind = kind;
	W.toe[0] = toe_new(W.kernel, W.bus, link_port(W.link[0], 0), &conf);
	ck_assert_int_eq(toe_configure(W.toe[0], "10.0.0.1", "255.255.255.0", NULL), 0);
}

/* A card goes while a frame is on its way to it, and more are sent until another takes its place. */
START_TEST(a_wire_outlives_its_card) {
	world_up(1);
	peer_connect_at(SIM_S, 0, 80, &client);
	sim_call_at(W.sim, SIM_S + SIM_US, pull_card, NULL);
	sim_call_at(W.sim, 2500 * SIM_MS, plug_card, NULL);
	run(10 * SIM_S);
	EXPECT_INT(client.error, ECONNREFUSED);
	world_down();
}
END_TEST

static void add_tests(TCase *tcase) {
	tcase_add_test(tcase, silent_death_is_found_out);
	tcase_add_test(tcase, removal_is_seen_at_once);
	tcase_add_test(tcase, too_slow_is_dead);
	tcase_add_test(tcase, socket_of_a_dead_card);
	tcase_add_test(tcase, other_card_goes_on);
	tcase_add_test(tcase, family_leaves_with_the_last_card);
	tcase_add_test(tcase, late_events_are_dropped);
	tcase_add_test(tcase, a_wire_outlives_its_card);
	tcase_add_test(tcase, accept_for_a_layer_above);
	tcase_add_test(tcase, configured_by_ioctl);
	tcase_add_test(tcase, send_latency_adds_up);
	tcase_add_test(tcase, small_sends_share_segments);
}

int main(void) {
	Suite *suite = suite_create("toe-faults");

	suite_add_kinds(suite, add_tests);
	return run_suite(suite);
}
