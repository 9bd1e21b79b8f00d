/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a transfer must take, by formula, beside what it takes.  Each test prints both numbers.  Means lie
 * near 2^32 and far from it in turn; with the word `long` each does both, and is of more. */
#include <check.h>
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/stack.h"
#include "run_suite.h"
#include "transfer.h"

enum { MSS = 1460, DATA_WIRE = 1538, ACK_WIRE = 84 };

static struct sim *sim;
static struct net_params params;
static bool near_wrap;
static unsigned losses = 150; /* of a transfer, on average */
static unsigned many = 300;   /* short transfers */

static void near_wrap_on(void) { near_wrap = true; }

static void world_up(void) {
	sim = sim_new(1);
	ck_assert(net_params_preset(&params, "linux-2.4"));
	params.timestamps = false;
	params.sndbuf = params.rcvbuf = 64 * 1024 * 1024;
	if (near_wrap)
		begin_near_wrap(&params, 1000);
}
static void world_down(void) {
	sim_free(sim);
	frame_pool_drain();
}

static void compare(const char *what, double expected, double simulated, const char *unit) {
	printf("%s: formula %.6g, simulated %.6g %s (%+.3f %%)\n", what, expected, simulated, unit,
	       100 * (simulated / expected - 1));
}

/* The sender's wire to the far end and back, with a segment one way and an ACK the other. */
static sim_time round_trip(const struct link_conf *wire) {
	return 2 * wire->propagation + sim_serialise(DATA_WIRE, wire->bits_per_s) +
	       sim_serialise(ACK_WIRE, wire->bits_per_s);
}

static void arrived_whole(const struct transfer *t) {
	ck_assert(t->ended);
	ck_assert_uint_eq(t->received, t->bytes);
	ck_assert_uint_eq(t->wrong + t->errors, 0);
}

/* --- the wire limits -------------------------------------------------------------------------- */

/* The wire carries 1,538 bytes for 1,460 of payload, 1,448 with time stamps (RFC 1323);
 * 9,038 for 8,960 or 8,948 in jumbo frames. */
static const struct {
	bool timestamps;
	uint16_t mtu; /* 0: the ordinary one */
	double mbit_s;
} goodputs[] = {
	{false, 0, 1460 / 1538.0 * 1000},    {true, 0, 1448 / 1538.0 * 1000},
	{false, 9000, 8960 / 9038.0 * 1000}, {true, 9000, 8948 / 9038.0 * 1000},
	{false, 4470, 4430 / 4508.0 * 1000}, {true, 576, 524 / 614.0 * 1000},
};

START_TEST(goodput_is_that_of_a_full_wire) {
	const struct link_conf wire = {.name = "gigabit",
	                               .bits_per_s = 1000000000,
	                               .propagation = 50 * SIM_US,
	                               .mtu = goodputs[_i].mtu};
	struct transfer t;

	/* Were the send buffer the limit, each time that all of it is under way its last segment
	 * would be a small one (Minshall's variant of Nagle's rule, as in Linux 2.4). */
	params.sndbuf = 256 * 1024;
	params.rcvbuf = 64 * 1024;
	params.timestamps = goodputs[_i].timestamps;
	transfer_up(&t, sim, &wire, &params, 20000000, 0);
	sim_run(sim, 5 * SIM_S);
	arrived_whole(&t);
	compare("goodput", goodputs[_i].mbit_s, transfer_goodput(&t), "Mbit/s");
	ck_assert_double_eq_tol(transfer_goodput(&t), goodputs[_i].mbit_s,
	                        goodputs[_i].mbit_s / 1000);
	ck_assert_uint_eq(transfer_counters(&t, 0)->tcp_retransmits, 0);
	/* little but the frames' arrivals costs events: sockets' events come with them */
	uint64_t frames = transfer_counters(&t, 0)->ip_out + transfer_counters(&t, 1)->ip_out;
	ck_assert_uint_le(sim_events_run(sim), frames + frames / 50);
	transfer_down(&t);
}
END_TEST

/* --- the window limits ------------------------------------------------------------------------ */

static const unsigned windows[] = {3, 10, 42}; /* segments; the last in a buffer below 65,536 */

/* Of a buffer of so many segments 2.4 keeps one for what is on its way (tcp_init_buffer_space()), and an
 * ACK leaves before the program has read the one that it acknowledges. */
enum { NOT_UNDER_WAY = 2 };

/* A window a round trip, to the picosecond. */
START_TEST(window_a_round_trip) {
	const struct link_conf wire = {
		.name = "long", .bits_per_s = 1000000000, .propagation = 5 * SIM_MS};
	const unsigned n = windows[_i], rounds = 100;
	struct transfer t;

	params.rcvbuf = (n + NOT_UNDER_WAY) * MSS;
	params.window_scaling = false;
	params.delack_segments = 1;
	transfer_up(&t, sim, &wire, &params, 1000 * (uint64_t)n * MSS, 0);
	t.mark[0].bytes = 100 * n * MSS;
	t.mark[1].bytes = (100 + rounds) * n * MSS;
	sim_run(sim, 60 * SIM_S);
	arrived_whole(&t);
	compare("window-limited", n * MSS * 8 / sim_to_s(round_trip(&wire)) / 1e6,
	        transfer_goodput(&t), "Mbit/s");
	ck_assert_int_eq(t.mark[1].when - t.mark[0].when, rounds * round_trip(&wire));
	transfer_down(&t);
}
END_TEST

/* --- slow start limits ------------------------------------------------------------------------ */

static const unsigned lengths[] = {1, 3, 4, 9, 10, 45, 46, 93, 1000};

/* Every ACK opens the window by one segment: round r carries w1 * 2^(r-1) of them, back to back,
 * and begins a round trip after the round before. */
START_TEST(slow_start_takes_its_rounds) {
	const struct link_conf wire = {
		.name = "slow", .bits_per_s = 1000000000, .propagation = 50 * SIM_MS};
	const sim_time segment = sim_serialise(DATA_WIRE, wire.bits_per_s);
	const unsigned d = lengths[_i], w1 = 3; /* RFC 3390 */
	unsigned rounds = 1, before = 0, size = w1;
	struct transfer t;
	sim_time expected;

	while (before + size < d) {
		before += size;
		size *= 2;
		rounds++;
	}
	ck_assert_double_eq(rounds, ceil(log2((double)d / w1 + 1) - 1e-9));
	/* the handshake's ACK goes first */
	expected = sim_serialise(ACK_WIRE, wire.bits_per_s) + (rounds - 1) * round_trip(&wire) +
	           (d - before) * segment + wire.propagation;
	params.delack_segments = 1;
	transfer_up(&t, sim, &wire, &params, (uint64_t)d * MSS, 0);
	sim_run(sim, 60 * SIM_S);
	arrived_whole(&t);
	compare("slow start", sim_to_s(expected), sim_to_s(t.done - t.began), "s");
	ck_assert_int_eq(t.done - t.began, expected);
	transfer_down(&t);
}
END_TEST

/* --- loss limits ------------------------------------------------------------------------------ */

static const struct lossy {
	double p;
	unsigned b; /* segments an ACK */
	bool sack;
	bool mathis;     /* rare enough for Mathis's formula */
	unsigned window; /* segments that the receiver lets be under way; 0: no limit */
} lossy[] = {
	{0.0005, 1, true, true, 0}, {0.002, 1, true, true, 0},    {0.002, 2, true, true, 0},
	{0.002, 2, false, true, 0}, {0.01, 1, true, true, 0},     {0.01, 2, true, true, 0},
	{0.03, 2, true, false, 0},  {0.0005, 1, true, false, 12}, {0.002, 2, true, false, 8},
	{0.01, 1, true, false, 6},
};

/* Mathis, Semke, Mahdavi, Ott 1997, segments a second. */
static double mathis(double p, unsigned b, double rtt) { return sqrt(3 / (2 * b * p)) / rtt; }

/* Padhye, Firoiu, Towsley, Kurose 1998: how likely a loss in a window of w segments ends in a
 * time-out, and how many time-outs one costs. */
static double pftk_q(double p, double w) {
	double q = 1 - p;

	return MIN(1, (1 - pow(q, 3)) * (1 + pow(q, 3) * (1 - pow(q, w - 3))) / (1 - pow(q, w)));
}

static double pftk_f(double p) {
	return 1 + p + 2 * pow(p, 2) + 4 * pow(p, 3) + 8 * pow(p, 4) + 16 * pow(p, 5) +
	       32 * pow(p, 6);
}

/* Their full model, segments a second; a window of at most `most` segments, 0: any. */
static double pftk(double p, unsigned b, unsigned most, double rtt, double t0) {
	double c = (2.0 + b) / (3.0 * b), q = 1 - p;
	double w = c + sqrt(8 * q / (3 * b * p) + c * c);
	double rounds = b / 2.0 * w + 1;

	if (most && w >= most) {
		w = most;
		rounds = b / 8.0 * w + q / (p * w) + 2;
	}
	return (q / p + w + pftk_q(p, w) / q) / (rtt * rounds + pftk_q(p, w) * t0 * pftk_f(p) / q);
}

START_TEST(loss_limits) {
	const struct lossy *l = &lossy[_i];
	/* the bottleneck is never the wire */
	const struct link_conf wire = {.name = "lossy",
	                               .bits_per_s = 10000000000,
	                               .propagation = 25 * SIM_MS,
	                               .fault = {{.loss = l->p}, {0}}};
	const double rtt = sim_to_s(round_trip(&wire));
	uint64_t segments = (uint64_t)(losses / l->p);
	struct transfer t;
	double rate, formula = pftk(l->p, l->b, l->window, rtt, rtt + 0.2);

	params.sack = l->sack;
	if (l->window) {
		params.rcvbuf = (l->window + NOT_UNDER_WAY) * MSS;
		params.window_scaling = false;
	}
	params.delack_segments = (uint8_t)l->b;
	params.quickacks = 0;
	transfer_up(&t, sim, &wire, &params, segments * MSS, 0);
	sim_run(sim, 36000 * SIM_S);
	arrived_whole(&t);
	rate = (double)(t.mark[1].bytes - t.mark[0].bytes) / MSS /
	       sim_to_s(t.mark[1].when - t.mark[0].when);
	printf("p = %g, b = %u, SACK %d, window %u, %u segments\n", l->p, l->b, l->sack, l->window,
	       (unsigned)segments);
	if (l->mathis)
		compare("  Mathis", mathis(l->p, l->b, rtt), rate, "segments/s");
	compare("  PFTK", formula, rate, "segments/s");
	/* PFTK lets every loss take the rest of its round along, which these, drawn one by one, do
	 * not: it stays below. */
	ck_assert_double_eq_tol(rate / formula, 1, 0.3);
	if (l->mathis)
		ck_assert_double_eq_tol(rate / mathis(l->p, l->b, rtt), 1, 0.2);
	transfer_down(&t);
}
END_TEST

/* --- short transfers under loss --------------------------------------------------------------- */

/* Cardwell, Savage, Anderson 2000: seconds from the first segment to the last ACK of d segments. */
static double cardwell(double p, unsigned d, unsigned w1, double rtt, double t0) {
	const double g = 2; /* an ACK for each segment */
	double q = 1 - p, whole = pow(q, d);
	double slow = p > 0 ? MIN(d, (1 - whole) * q / p + 1) : d; /* segments sent in slow start */
	double window = slow * (g - 1) / g + w1 / g;
	double time = rtt * log2(slow * (g - 1) / w1 + 1);
	double timeout;

	if (p == 0)
		return time;
	timeout = pftk_q(p, window);
	time += (1 - whole) * (timeout * pftk_f(p) * t0 / q + (1 - timeout) * rtt);
	return time + (d - slow) / pftk(p, 1, 0, rtt, t0);
}

/* Lengths that fill their last round of slow start, of which the formula knows no parts.  What
 * follows a loss it has at the steady rate: no good for a few segments of which many transfers lose
 * one (of 9 at 3 % it is 28 % too short). */
static const struct {
	double p;
	unsigned segments;
} shorts[] = {{0, 9}, {0.01, 9}, {0.01, 45}, {0.01, 93}, {0.03, 45}, {0.03, 93}};

/* The mean of many, on a wire each. */
START_TEST(short_transfers) {
	const double p = shorts[_i].p, t0 = 0.3;
	const unsigned d = shorts[_i].segments;
	struct transfer *t = g_new0(struct transfer, many);
	char name[16];
	struct link_conf wire = {.name = name,
	                         .bits_per_s = 10000000000,
	                         .propagation = 50 * SIM_MS,
	                         .fault = {{.loss = p}, {0}}};
	const double rtt = sim_to_s(round_trip(&wire));
	double sum = 0, formula = cardwell(p, d, 3, rtt, t0);

	params.delack_segments = 1;
	params.sndbuf = params.rcvbuf = 1024 * 1024;
	for (unsigned i = 0; i < many; i++) {
		g_snprintf(name, sizeof name, "short%u", i);
		transfer_up(&t[i], sim, &wire, &params, (uint64_t)d * MSS, 0);
	}
	sim_run(sim, 3600 * SIM_S);
	for (unsigned i = 0; i < many; i++) {
		arrived_whole(&t[i]);
		sum += sim_to_s(t[i].done - t[i].began);
		transfer_down(&t[i]);
	}
	printf("p = %g, %u segments\n", p, d);
	compare("  Cardwell", formula, sum / many + rtt / 2, "s");
	ck_assert_double_eq_tol((sum / many + rtt / 2) / formula, 1, 0.2);
	g_free(t);
}
END_TEST

static bool both;     /* ways for each mean */
static unsigned ways; /* that have their tests */

static void add_means(TCase *tc, const TTest *test, unsigned n, unsigned way) {
	for (unsigned i = 0; i < n; i++)
		if (both || i % 2 == way)
			tcase_add_loop_test(tc, test, (int)i, (int)i + 1);
}

static void fill(TCase *tc) {
	unsigned way = ways++;

	tcase_add_checked_fixture(tc, world_up, world_down);
	tcase_add_loop_test(tc, goodput_is_that_of_a_full_wire, 0, G_N_ELEMENTS(goodputs));
	tcase_add_loop_test(tc, window_a_round_trip, 0, G_N_ELEMENTS(windows));
	tcase_add_loop_test(tc, slow_start_takes_its_rounds, 0, G_N_ELEMENTS(lengths));
	add_means(tc, loss_limits, G_N_ELEMENTS(lossy), way);
	add_means(tc, short_transfers, G_N_ELEMENTS(shorts), way);
}

int main(int argc, char **argv) {
	Suite *suite = suite_create("closed forms");

	both = argc > 1 && strcmp(argv[1], "long") == 0;
	if (both)
		losses = many = 600;
	add_both_ways(suite, "transfer", near_wrap_on, NULL, fill);
	return run_suite(suite);
}
