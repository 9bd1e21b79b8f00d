/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes a preset what it is called: mechanisms of Linux 2.4 and of 4.4BSD, each beside what the
 * other does. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "raw_fixture.h"
#include "run_suite.h"

/* --- D-SACK between two of us ------------------------------------------------------------------- */

struct plan {
	unsigned count;
	struct frame *again;
};

/* Loses the 40th and the 44th segment of data; the 42nd comes again when B reports two blocks. */
static struct fate again_between_holes(struct world *w, int from, struct frame *f) {
	size_t payload;
	enum { TCP_AT = 34, TWO_BLOCKS = (20 + 12 + 20) / 4 };
	struct plan *p = w->fate_data;

	if (from != A && p->again && frame_data(f)[TCP_AT + 12] >> 4 == TWO_BLOCKS) {
		net_input(w->node[B].st, w->node[B].ifp, p->again);
		p->again = NULL;
	}
	if (from != A || net_classify(f, &payload) != NET_KIND_DATA)
		return (struct fate){1, 0, false};
	if (++p->count == 42)
		p->again = frame_copy(f);
	return (struct fate){p->count != 40 && p->count != 44, 0, false};
}

/* RFC 2883 4.2 between two of us: a duplicate above the ACK is known for one, whatever was reported
 * before, and not taken for news. */
START_TEST(duplicate_between_holes) {
	struct world *w = world_new("linux-2.4", 5 * SIM_MS);
	struct plan p = {0};
	struct net_sock *a, *b;

	connect_pair(w, &a, &b);
	w->fate = again_between_holes;
	w->fate_data = &p;
	ck_assert_uint_eq(pump(w, a, b, 400000, 100 * SIM_S), 400000);
	ck_assert_uint_eq(counters(w, A)->tcp_dsacks_in, 1);
	ck_assert_uint_eq(counters(w, A)->tcp_retransmits, 2);
	world_free(w);
}
END_TEST

/* --- connect() and TIME_WAIT --------------------------------------------------------------------- */

static void by_bsd(struct net_params *p) {
	p->connect_recycles = false;
}
static void stampless(struct net_params *p) {
	p->timestamps = false;
}

/* 2.4's connect() from a port that bind() gave takes over the pair of a connection in TIME_WAIT that
 * had time-stamps, above its numbers; without them, with a drawn port, and elsewhere the pair is in
 * use. */
START_TEST(connect_to_a_waiting_pair) {
	static void (*const tweak[])(struct net_params *) = {NULL, stampless, by_bsd};
	struct world *w = world_tweaked("linux-2.4", 100 * SIM_US, tweak[_i]);
	struct net_sock *l = listener(w, B, 80, 5), *a, *b;
	uint16_t from = 4000;
	uint32_t addr;

	for (int i = 0; i < 4; i++) {
		bool waits = i > 0;

		a = sock_open(w, A, SOCK_STREAM);
		set_int(a, SOL_SOCKET, SO_REUSEADDR, 1);
		ck_assert_int_eq(net_bind(a, 0, from), 0);
		ck_assert_int_eq(net_connect(a, ADDR_B, 80),
		                 waits && _i ? -EADDRNOTAVAIL : -EINPROGRESS);
		if (waits && _i)
			break;
		world_for(w, SIM_MS);
		ck_assert_int_eq(net_state(a), TCP_ESTABLISHED);
		ck_assert_int_eq(net_accept(l, NULL, &b), 0);
		send_text(a, "again");
		world_for(w, SIM_S);
		ck_assert_str_eq(recv_text(b), "again");
		net_close(a, false); /* A closes first and waits */
		world_for(w, SIM_MS);
		net_close(b, false);
		world_for(w, 2 * SIM_S);
		ck_assert_uint_eq(counters(w, A)->tcp_time_waits, 1 + (uint64_t)i);
	}
	/* a port that is drawn is never one that waits */
	a = sock_open(w, A, SOCK_STREAM);
	ck_assert_int_eq(net_connect(a, ADDR_B, 80), -EINPROGRESS);
	ck_assert_int_eq(net_sockname(a, &addr, &from), 0);
	ck_assert_uint_ne(from, 4000);
	world_free(w);
}
END_TEST

static void fill(TCase *t) {
	tcase_add_test(t, duplicate_between_holes);
	tcase_add_loop_test(t, connect_to_a_waiting_pair, 0, 3);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-presets");

	add_both_ways(suite, "presets", near_wrap_on, near_wrap_off, fill);
	return run_suite(suite);
}
