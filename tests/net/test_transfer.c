/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bulk transfers between two machines over a wire: how fast, and whether every byte arrives. */
#include <check.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/peer.h"

/* As in the bus's tests: note while the world runs, judge when it has stopped. */

#define SUBNET 0x0a000000U
#define BLOCK 8192U
#define PORT 5001

static struct sim *sim;

static void world_up(void) { sim = sim_new(1); }
static void world_down(void) {
	sim_free(sim);
	frame_pool_drain();
}

/* One transfer: a wire, a machine at each end, a program on each. */
struct transfer {
	struct peer_sock from, listener, to;
	struct link *link;
	struct peer *peer[2];
	uint64_t bytes, sent, received, wrong;
	bool ended;                          /* the receiver saw the end of the stream */
	unsigned errors;
	struct {
		uint64_t bytes;
		sim_time when;
	} mark[2];                           /* of the steady state: begin and end */
};

#define TRANSFER(ps, member) ((struct transfer *)((char *)(ps) - offsetof(struct transfer, member)))

/* The stream's bytes have a period that is prime, so that a segment out of place shows. */
enum { PERIOD = 65521 };
static uint8_t pattern[PERIOD + BLOCK];

static void pattern_init(void) {
	uint32_t x = 1;

	for (size_t i = 0; i < PERIOD; i++) {
		x = x * 1664525U + 1013904223U;
		pattern[i] = (uint8_t)(x >> 24);
	}
	memcpy(pattern + PERIOD, pattern, BLOCK);
}

static void pump(struct transfer *t) {
	while (t->sent < t->bytes) {
		struct iovec iov = {pattern + t->sent % PERIOD, MIN(BLOCK, t->bytes - t->sent)};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_send(t->from.so, &msg);

		if (n == -EAGAIN)
			return;
		if (n < 0) {
			t->errors++;
			return;
		}
		t->sent += (uint64_t)n;
	}
	net_shutdown(t->from.so, SHUT_WR);
}

static void from_event(struct peer_sock *ps, unsigned events) {
	struct transfer *t = TRANSFER(ps, from);

	if (events & NET_EV_ERROR)
		t->errors++;
	else if (events & (NET_EV_CONNECTED | NET_EV_WRITE))
		if (t->sent < t->bytes)
			pump(t);
}

static void check_bytes(struct transfer *t, const uint8_t *data, size_t n) {
	t->wrong += memcmp(data, pattern + t->received % PERIOD, n) != 0;
	t->received += n;
	for (int i = 0; i < 2; i++) {
		if (t->mark[i].when || t->received < t->mark[i].bytes)
			continue;
		t->mark[i].bytes = t->received;
		t->mark[i].when = sim_now(sim);
	}
}

/* Goodput of the steady state in Mbit/s. */
static double goodput(const struct transfer *t) {
	return (double)(t->mark[1].bytes - t->mark[0].bytes) * 8e-6 /
	       sim_to_s(t->mark[1].when - t->mark[0].when);
}

static void to_event(struct peer_sock *ps, unsigned events) {
	struct transfer *t = TRANSFER(ps, to);
	uint8_t data[BLOCK];

	if (events & NET_EV_ERROR)
		t->errors++;
	while (!t->ended) {
		struct iovec iov = {data, sizeof data};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(ps->so, &msg);

		if (n < 0)
			return;
		if (n == 0)
			t->ended = true;
		else
			check_bytes(t, data, (size_t)n);
	}
	if (ps->so)
		peer_close(t->peer[1], ps, false);
}

static void listener_event(struct peer_sock *ps, unsigned events) {
	struct transfer *t = TRANSFER(ps, listener);

	(void)events;
	t->to.event = to_event;
	peer_accept(t->peer[1], ps, &t->to);
}

static void transfer_begin(void *arg) {
	struct transfer *t = arg;

	t->listener.event = listener_event;
	t->from.event = from_event;
	g_assert(peer_open(t->peer[1], SOCK_STREAM, &t->listener) == 0);
	g_assert(net_bind(t->listener.so, 0, PORT) == 0);
	g_assert(net_listen(t->listener.so, 1) == 0);
	g_assert(peer_open(t->peer[0], SOCK_STREAM, &t->from) == 0);
	g_assert(net_connect(t->from.so, SUBNET + 2, PORT) == -EINPROGRESS);
}

static void transfer_up(struct transfer *t, const struct link_conf *wire,
                        const struct net_params *params, uint64_t bytes) {
	*t = (struct transfer){.bytes = bytes};
	t->mark[0].bytes = bytes / 4;
	t->mark[1].bytes = bytes / 20 * 19;
	t->link = link_new(sim, wire);
	for (unsigned i = 0; i < 2; i++) {
		struct peer_conf conf = {
		        .name = wire->name,
		        .addr = SUBNET + 1 + i,
		        .netmask = 0xffffff00U,
		        .mac = {2, 0, 0, 0, 0, (uint8_t)(1 + i)},
		        .params = *params,
		};
		t->peer[i] = peer_new(sim, &conf, link_port(t->link, i));
	}
	sim_call_at(sim, 0, transfer_begin, t);
}

static void transfer_down(struct transfer *t) {
	peer_free(t->peer[0]);
	peer_free(t->peer[1]);
	link_free(t->link);
}

static const struct net_counters *counters(const struct transfer *t, unsigned end) {
	return net_stack_counters(peer_stack(t->peer[end]));
}

/* --- speed ------------------------------------------------------------------------------------ */

/* The wire carries 1,538 bytes for 1,460 of payload, 1,448 with time stamps (RFC 1323). */
static const struct {
	bool timestamps;
	double mbit_s;
} goodputs[] = {{false, 949.285}, {true, 941.482}};

START_TEST(goodput_is_that_of_a_full_wire) {
	const struct link_conf wire = {
	        .name = "gigabit", .bits_per_s = 1000000000, .propagation = 50 * SIM_US};
	struct net_params params;
	struct transfer t;

	ck_assert(net_params_preset(&params, "linux-2.4"));
	/* Were the send buffer the limit, each time that all of it is under way its last segment
	 * would be a small one (Minshall's variant of Nagle's rule, as in Linux 2.4). */
	params.sndbuf = 256 * 1024;
	params.rcvbuf = 64 * 1024;
	params.timestamps = goodputs[_i].timestamps;
	transfer_up(&t, &wire, &params, 20000000);
	sim_run(sim, 5 * SIM_S);
	ck_assert(t.ended);
	ck_assert_uint_eq(t.received, t.bytes);
	ck_assert_uint_eq(t.wrong + t.errors, 0);
	ck_assert_double_eq_tol(goodput(&t), goodputs[_i].mbit_s, 0.1);
	ck_assert_uint_eq(counters(&t, 0)->tcp_retransmits, 0);
	/* little but the frames' arrivals costs events: sockets' events come with them */
	uint64_t frames = counters(&t, 0)->ip_out + counters(&t, 1)->ip_out;
	ck_assert_uint_le(sim_events_run(sim), frames + frames / 50);
	transfer_down(&t);
}
END_TEST

/* A window smaller than the pipe: a window a round trip. */
START_TEST(goodput_is_a_window_a_round_trip) {
	const struct link_conf wire = {
	        .name = "long", .bits_per_s = 1000000000, .propagation = 5 * SIM_MS};
	struct net_params params;
	struct transfer t;

	ck_assert(net_params_preset(&params, "linux-2.4"));
	params.rcvbuf = 64 * 1024;
	params.sndbuf = 1024 * 1024;
	params.window_scaling = false;
	transfer_up(&t, &wire, &params, 4000000);
	sim_run(sim, 60 * SIM_S);
	ck_assert_uint_eq(t.received, t.bytes);
	ck_assert_double_le(goodput(&t), 65535 * 8e-6 / 0.010);
	ck_assert_double_ge(goodput(&t), 65535 * 8e-6 / 0.010 * 0.95); /* full segments only */
	transfer_down(&t);
}
END_TEST

/* --- faults ----------------------------------------------------------------------------------- */

static const struct fault_conf faults[] = {
        {.loss = 0.01},
        {.loss = 0.05},
        {.burst_loss = 0.5, .burst_enter = 0.005, .burst_leave = 0.2},
        {.corrupt = 0.02},
        {.duplicate = 0.05},
        {.reorder = 0.02, .reorder_delay = 300 * SIM_US},
        {.jitter = 500 * SIM_US},
        {.loss = 0.01,
         .corrupt = 0.01,
         .duplicate = 0.01,
         .reorder = 0.01,
         .reorder_delay = 200 * SIM_US,
         .jitter = 50 * SIM_US},
};

/* Every fault with several seeds (a wire's name roots its streams), both directions faulty. */
enum { SEEDS = 6, WIRES = SEEDS * G_N_ELEMENTS(faults) };

static void faulty_up(struct transfer *t, unsigned i, const struct net_params *params) {
	char name[16];
	struct link_conf wire = {.name = name, .bits_per_s = 100000000, .propagation = SIM_MS};

	g_snprintf(name, sizeof name, "wire%u", i);
	wire.fault[0] = wire.fault[1] = faults[i % G_N_ELEMENTS(faults)];
	transfer_up(t, &wire, params, 300000);
}

START_TEST(every_byte_survives_every_fault) {
	struct transfer *t = g_new0(struct transfer, WIRES);
	struct net_params params;
	uint64_t retransmits = 0, bad = 0;

	ck_assert(net_params_preset(&params, "linux-2.4"));
	params.sack = _i & 1;
	params.timestamps = _i & 2;
	for (unsigned i = 0; i < WIRES; i++)
		faulty_up(&t[i], i, &params);
	sim_run(sim, 600 * SIM_S);
	for (unsigned i = 0; i < WIRES; i++) {
		const struct net_counters *c = counters(&t[i], 1);

		ck_assert_msg(t[i].received == t[i].bytes && t[i].ended,
		              "wire %u: %" PRIu64 " of %" PRIu64 " bytes", i, t[i].received,
		              t[i].bytes);
		ck_assert_uint_eq(t[i].wrong, 0);
		ck_assert_uint_eq(t[i].errors, 0);
		bad += c->tcp_bad_checksum + c->ip_bad_header;
		retransmits += counters(&t[i], 0)->tcp_retransmits;
		transfer_down(&t[i]);
	}
	ck_assert_uint_gt(retransmits, 0);
	ck_assert_uint_gt(bad, 0);
	g_free(t);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("transfers");
	TCase *tc = tcase_create("transfer");

	pattern_init();
	tcase_add_checked_fixture(tc, world_up, world_down);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, goodput_is_that_of_a_full_wire, 0, G_N_ELEMENTS(goodputs));
	tcase_add_test(tc, goodput_is_a_window_a_round_trip);
	tcase_add_loop_test(tc, every_byte_survives_every_fault, 0, 4);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
