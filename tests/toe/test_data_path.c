/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who pays for a connection's data on a card with a data path in hardware, and how long is it on its way? */
#include "host/core/kernel.h"
#include "run_suite.h"
#include "toe_world.h"

#define PART (44 * 1460) /* a send */
#define BULK (7 * PART)
#define PING 100
#define ROUNDS 20

static struct peer_conn server, conn;
static struct toe_conf conf;
static sim_time took;

static void card_cost(const char *name, sim_time each) {
	ck_assert_int_eq(toe_set_cost(W.toe[0], name, (struct cost_value){each, 0}), 0);
}

static uint64_t charged(enum toe_cost id) { return toe_costs(W.toe[0])->account[id].charges; }

static int connected(struct task *me) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);

	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), 0);
	return fd;
}

/* Sends so many bytes; `took` is until all are acknowledged. */
static int sends(struct task *me, void *arg) {
	unsigned bytes = GPOINTER_TO_UINT(arg);
	g_autofree uint8_t *buf = g_malloc(PART);
	struct linger linger = {1, 100};
	int fd = connected(me);
	sim_time start = sys_gettime(me);

	EXPECT_INT(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
	for (unsigned at = 0; at < bytes; at += PART) {
		pattern_fill(1, at, buf, PART);
		EXPECT_INT(sys_send(me, fd, buf, MIN(PART, bytes - at), 0), MIN(PART, bytes - at));
	}
	EXPECT_INT(sys_close(me, fd), 0);
	took = sys_gettime(me) - start;
	W.programs++;
	return 0;
}

static void start_world(void) {
	server = conn = (struct peer_conn){.key_rx = 1};
	conn.close_when_sent = true;
	world_up_conf(1, &conf);
	peer_serve(0, 80, &server, &conn);
}

static void bulk(unsigned bytes) {
	start_at(0, sends, GUINT_TO_POINTER(bytes));
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(conn.received, bytes);
}

static void hardware_conf(void) {
	toe_conf_default(&conf);
	conf.data_path = CARD_PATH_HARDWARE;
}

/* --- who pays ---------------------------------------------------------------------------------- */

/* Segments and ACKs are the pipeline's; hand-shake and end are the firmware's. */
START_TEST(data_are_not_the_firmwares) {
	struct toe_usage usage;

	hardware_conf();
	start_world();
	card_cost("path_tx", SIM_US);
	card_cost("path_ack", SIM_US);
	card_cost("tx_segment", 50 * SIM_US);
	card_cost("rx_ack", 50 * SIM_US);
	card_cost("control", 7 * SIM_US);
	bulk(BULK);
	EXPECT_INT(charged(TOE_COST_TX_SEGMENT), 0);
	EXPECT_INT(charged(TOE_COST_RX_ACK), 0);
	EXPECT_INT(charged(TOE_COST_TX_ACK), 0); /* its last one of the hand-shake, too */
	EXPECT(charged(TOE_COST_PATH_TX) >= BULK / 1460);
	EXPECT(charged(TOE_COST_PATH_TX) <= BULK / 1460 + 2); /* the window ends within one */
	EXPECT_INT(charged(TOE_COST_PATH_CUT), 0);
	EXPECT(charged(TOE_COST_PATH_ACK) >= BULK / 1460 / 3);
	EXPECT_INT(charged(TOE_COST_CONTROL), 4); /* SYN, SYN ACK, two FINs */
	toe_usage_get(W.toe[0], &usage);
	EXPECT_INT(usage.busy, 4 * 7 * SIM_US);
	EXPECT_INT(usage.path_busy,
	           (charged(TOE_COST_PATH_TX) + charged(TOE_COST_PATH_ACK)) * SIM_US);
	world_down();
}
END_TEST

/* What comes in is the pipeline's, but for what carries the FIN. */
static int receives(struct task *me, void *arg) {
	uint8_t buf[8192];
	int fd = connected(me);
	uint64_t at = 0;
	ssize_t n;

	(void)arg;
	while ((n = sys_recv(me, fd, buf, sizeof buf, 0)) > 0) {
		EXPECT(pattern_check(2, at, buf, (size_t)n));
		at += (uint64_t)n;
	}
	EXPECT_INT(at, BULK);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

START_TEST(received_data_are_not_the_firmwares) {
	hardware_conf();
	start_world();
	conn.key_tx = 2;
	conn.to_send = BULK;
	card_cost("path_rx", SIM_US);
	card_cost("rx_segment", 50 * SIM_US);
	start_at(0, receives, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(charged(TOE_COST_PATH_RX) + charged(TOE_COST_RX_SEGMENT), BULK / 1460);
	EXPECT(charged(TOE_COST_RX_SEGMENT) <= 2);
	world_down();
}
END_TEST

/* --- large segments ---------------------------------------------------------------------------- */

/* Four frames at once, in large segments of `tso`: whoever sends begins with each, and the rest are cut. */
static void cut(enum card_data_path data_path, uint32_t tso, enum toe_cost begin, uint64_t begins,
                uint64_t cuts) {
	toe_conf_default(&conf);
	conf.data_path = data_path;
	conf.tso = tso;
	conf.net.initial_window = 4;
	start_world();
	card_cost("path_cut", SIM_US);
	bulk(4 * 1460);
	EXPECT_INT(charged(begin), begins);
	EXPECT_INT(charged(TOE_COST_PATH_CUT), cuts);
	world_down();
}

START_TEST(firmware_pays_for_large_segments) {
	cut(CARD_PATH_FIRMWARE, 64000, TOE_COST_TX_SEGMENT, 1, 4);
}
END_TEST

START_TEST(hardware_begins_once) { cut(CARD_PATH_HARDWARE, 64000, TOE_COST_PATH_TX, 1, 3); }
END_TEST

/* A large segment is no larger than it may be. */
START_TEST(large_segments_end) {
	cut(CARD_PATH_FIRMWARE, 3 * 1460 - 1, TOE_COST_TX_SEGMENT, 2, 4);
	cut(CARD_PATH_HARDWARE, 3 * 1460, TOE_COST_PATH_TX, 2, 2);
}
END_TEST

START_TEST(without_tso_none_is_cut) {
	toe_conf_default(&conf);
	start_world();
	bulk(BULK);
	EXPECT(charged(TOE_COST_TX_SEGMENT) >= BULK / 1460);
	EXPECT_INT(charged(TOE_COST_PATH_CUT), 0);
	world_down();
}
END_TEST

/* --- time -------------------------------------------------------------------------------------- */

/* A pipeline that takes longer for a segment than the wire is what bounds a transfer. */
START_TEST(pipeline_is_the_bottleneck) {
	sim_time segment = 50 * SIM_US, least = BULK / 1460 * segment;

	hardware_conf();
	start_world();
	card_cost("path_tx", segment);
	bulk(BULK);
	EXPECT(took >= least);
	EXPECT(took < least + least / 20);
	world_down();
}
END_TEST

static int pings(struct task *me, void *arg) {
	uint8_t buf[PING];
	int fd = connected(me), on = 1;
	sim_time start = 0;

	(void)arg;
	EXPECT_INT(sys_setsockopt(me, fd, IPPROTO_TCP, 1, &on, sizeof on), 0); /* TCP_NODELAY */
	for (unsigned i = 0; i <= ROUNDS; i++) {
		if (i == 1)
			start = sys_gettime(me);
		pattern_fill(1, (uint64_t)i * PING, buf, PING);
		EXPECT_INT(sys_send(me, fd, buf, PING, 0), PING);
		EXPECT_INT(sys_recv(me, fd, buf, PING, 0), PING);
	}
	took = sys_gettime(me) - start;
	W.programs++;
	return 0;
}

/* With the world as it is when they are done. */
static void ping(void) {
	start_world();
	conn.echo = true;
	conn.close_when_sent = false;
	start_at(0, pings, NULL);
	run(SIM_S);
	EXPECT_INT(W.programs, 1);
}

static sim_time ping_time(sim_time latency) {
	hardware_conf();
	conf.path_latency = latency;
	ping();
	world_down();
	return took;
}

/* A frame is so much longer on its way, out and in. */
START_TEST(latency_is_paid_each_way) {
	sim_time more = ping_time(10 * SIM_US) - ping_time(0), due = ROUNDS * 2 * 10 * SIM_US;

	ck_assert_int_ge(more, due - due / 100);
	ck_assert_int_le(more, due + due / 100);
}
END_TEST

/* --- order ------------------------------------------------------------------------------------- */

/* The last ACK of a hand-shake is still the firmware's when the first segments come right behind it, and they wait
 * with it.  What comes when the connection is established waits behind those. */
static int serves(struct task *me, void *arg) {
	g_autofree uint8_t *buf = g_malloc(PART);
	int fd = listener(me, "10.0.0.1", 80);
	uint64_t at = 0;
	ssize_t n;

	(void)arg;
	fd = sys_accept(me, fd, NULL, NULL);
	while ((n = sys_recv(me, fd, buf, PART, 0)) > 0) {
		EXPECT(pattern_check(2, at, buf, (size_t)n));
		at += (uint64_t)n;
	}
	EXPECT_INT(at, BULK);
	W.programs++;
	return 0;
}

START_TEST(what_the_firmware_has_goes_first) {
	hardware_conf();
	start_world();
	card_cost("rx_ack", 30 * SIM_US);
	card_cost("rx_segment", 300 * SIM_US);
	conn = (struct peer_conn){.key_tx = 2, .to_send = BULK, .close_when_sent = true};
	start_at(0, serves, NULL);
	peer_connect_at(SIM_MS, 0, 80, &conn);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT(charged(TOE_COST_PATH_RX) > BULK / 1460 / 2);
	EXPECT(charged(TOE_COST_RX_SEGMENT) > 1);
	EXPECT_INT(net_stack_counters(toe_stack(W.toe[0]))->tcp_out_of_order, 0);
	world_down();
}
END_TEST

/* --- the host's memory ------------------------------------------------------------------------- */

/* What is large enough goes from and to the program's pages; the bytes are the same. */
START_TEST(large_sends_are_not_copied) {
	const struct cost_account *account;

	toe_conf_default(&conf);
	conf.pin_from = PING + 1;
	ping();
	account = W.kernel->costs.account;
	EXPECT_INT(account[COST_COMM_COPY].bytes, 2 * PING * (ROUNDS + 1));
	EXPECT_INT(account[COST_COMM_PIN].charges, 0);
	world_down();

	conf.pin_from = PING;
	ping();
	account = W.kernel->costs.account;
	EXPECT_INT(account[COST_COMM_COPY].charges, 0);
	EXPECT_INT(account[COST_COMM_PIN].charges, 2 * (ROUNDS + 1));
	world_down();
}
END_TEST

/* --- sends that are not waited for --------------------------------------------------------------- */

#define SENDS 700 /* more than the card has room for at once */
static sim_time slowest;

/* Sends messages, each when the ones before are out of the way, until the peer has them. */
static int posts(struct task *me, void *arg) {
	uint8_t buf[PING];
	int fd = connected(me), on = 1;

	(void)arg;
	EXPECT_INT(sys_setsockopt(me, fd, IPPROTO_TCP, 1, &on, sizeof on), 0); /* TCP_NODELAY */
	slowest = 0;
	for (unsigned i = 0; i < SENDS; i++) {
		sim_time start = sys_gettime(me);

		pattern_fill(1, (uint64_t)i * PING, buf, PING);
		EXPECT_INT(sys_send(me, fd, buf, PING, 0), PING);
		if (i)
			slowest = MAX(slowest, sys_gettime(me) - start);
		EXPECT_INT(sys_nanosleep(me, SIM_MS), 0);
	}
	W.programs++;
	return 0;
}

static void post(bool posted_sends) {
	hardware_conf();
	conf.posted_sends = posted_sends;
	start_world();
	card_cost("command", 100 * SIM_US);
	conn.close_when_sent = false;
	start_at(0, posts, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(conn.received, SENDS * PING);
	world_down();
}

/* A send whose bytes find room does not wait for the card, which takes 100 us for it, and tells what room it has
 * got again. */
START_TEST(posted_sends_do_not_wait) {
	post(false);
	ck_assert_int_gt(slowest, 100 * SIM_US);
	post(true);
	ck_assert_int_lt(slowest, 5 * SIM_US);
}
END_TEST

/* A peer that does not read: sends are posted until the card has no room, as the host reckons it, and the next one
 * waits as ever.  Not a byte is lost. */
static int fills(struct task *me, void *arg) {
	uint8_t buf[1000];
	int fd = connected(me);
	uint64_t sent = 0;
	unsigned full = 0;

	(void)arg;
	while (full < 2) {
		ssize_t n;

		pattern_fill(1, sent, buf, sizeof buf);
		n = sys_send(me, fd, buf, sizeof buf, MSG_DONTWAIT);
		full = n < (ssize_t)sizeof buf ? full + 1 : 0;
		if (n < (ssize_t)sizeof buf) /* what is on its way makes room */
			EXPECT_INT(sys_nanosleep(me, 100 * SIM_MS), 0);
		EXPECT(n > 0 || n == -EAGAIN);
		sent += (uint64_t)MAX(n, 0);
	}
	EXPECT(sent > 20000);
	took = (sim_time)sent;
	W.programs++;
	return 0;
}

static sim_time filled(bool posted_sends) {
	hardware_conf();
	conf.posted_sends = posted_sends;
	start_world();
	conn.ps.so = (void *)&conn; /* the peer leaves it in its queue and does not read */
	start_at(0, fills, NULL);
	run(SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
	return took;
}

START_TEST(posted_sends_end_where_room_does) {
	sim_time waited = filled(false), own = filled(true);

	ck_assert_int_le(llabs(own - waited), 1000); /* of what is on its way when there is room */
}
END_TEST

/* The peer resets the connection between two sends: the host does not know when it posts the next one, and tells the
 * call after that. */
static int meets_reset(struct task *me, void *arg) {
	uint8_t bytes[2];
	int fd = connected(me);

	(void)arg;
	pattern_fill(1, 0, bytes, sizeof bytes);
	EXPECT_INT(sys_send(me, fd, bytes, 1, 0), 1);
	EXPECT_INT(sys_nanosleep(me, 20 * SIM_MS), 0);
	EXPECT_INT(sys_send(me, fd, bytes + 1, 1, MSG_NOSIGNAL), 1);
	EXPECT_INT(sys_nanosleep(me, SIM_MS), 0);
	EXPECT_INT(sys_send(me, fd, bytes, 1, MSG_NOSIGNAL), -ECONNRESET);
	EXPECT_INT(sys_send(me, fd, bytes, 1, MSG_NOSIGNAL), -EPIPE);
	W.programs++;
	return 0;
}

static void reset_conn(void *arg) {
	(void)arg;
	net_close(conn.ps.so, true);
	conn.ps.so = NULL;
}

START_TEST(posted_sends_learn_of_a_reset) {
	hardware_conf();
	conf.posted_sends = true;
	start_world();
	conn.close_when_sent = false;
	start_at(0, meets_reset, NULL);
	sim_call_at(W.sim, 10 * SIM_MS, reset_conn, NULL);
	run(SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

static Suite *suite_data_path(void) {
	Suite *suite = suite_create("data path");
	TCase *tcase = tcase_create("data path");

	tcase_add_test(tcase, data_are_not_the_firmwares);
	tcase_add_test(tcase, received_data_are_not_the_firmwares);
	tcase_add_test(tcase, firmware_pays_for_large_segments);
	tcase_add_test(tcase, hardware_begins_once);
	tcase_add_test(tcase, large_segments_end);
	tcase_add_test(tcase, without_tso_none_is_cut);
	tcase_add_test(tcase, pipeline_is_the_bottleneck);
	tcase_add_test(tcase, latency_is_paid_each_way);
	tcase_add_test(tcase, what_the_firmware_has_goes_first);
	tcase_add_test(tcase, large_sends_are_not_copied);
	tcase_add_test(tcase, posted_sends_do_not_wait);
	tcase_add_test(tcase, posted_sends_end_where_room_does);
	tcase_add_test(tcase, posted_sends_learn_of_a_reset);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void) { return run_suite(suite_data_path()); }
