/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many timers, in heap, row and wheel, go off at their dates and in the order in which they were set; and
 * many connections are found again: both beside models that look at all of them. */
#include <string.h>

#include "net/engine/internal.h"
#include "run_suite.h"

enum { TIMERS = 2500, STEPS = 12000 };

static sim_time now;
static struct net_stack *stack;
static GRand *draw;

static struct watched {
	struct net_timer timer; /* first */
	uint64_t turn;          /* when it was set, counted; 0: it does not run */
} watched[TIMERS];
static uint64_t turns;
static unsigned fired;
static bool busy; /* what goes off sets and stops others */

static struct watched *first_watched(void) {
	struct watched *first = NULL;

	for (unsigned i = 0; i < TIMERS; i++) {
		struct watched *x = &watched[i];

		if (x->turn && (!first || x->timer.when < first->timer.when ||
		                (x->timer.when == first->timer.when && x->turn < first->turn)))
			first = x;
	}
	return first;
}

static void set(struct watched *x, sim_time delay) {
	timer_set(stack, &x->timer, now + delay);
	ck_assert_int_eq(x->timer.when, now + delay);
	x->turn = ++turns;
}

/* What connections wait for: a delayed ACK, a retransmission, a SYN, a probe, a keep-alive, a month; now
 * and then at dates that others have, too. */
static sim_time some_delay(void) {
	static const sim_time most[] = {SIM_US,       SIM_MS,       40 * SIM_MS,
	                                300 * SIM_MS, 300 * SIM_MS, 3 * SIM_S,
	                                64 * SIM_S,   7200 * SIM_S, 30 * 86400 * SIM_S};
	sim_time of = most[g_rand_int_range(draw, 0, G_N_ELEMENTS(most))];
	sim_time delay = (sim_time)(g_rand_double(draw) * (double)of);

	return g_rand_int_range(draw, 0, 3) ? delay : delay / (of / 16) * (of / 16);
}

/* As a connection's does: perhaps it is set again at once, or another one stopped. */
static void fire(struct net_stack *st, struct net_timer *t) {
	struct watched *x = (struct watched *)t, *other;

	ck_assert_ptr_eq(st, stack);
	ck_assert_ptr_eq(x, first_watched());
	ck_assert_int_le(t->when, now);
	ck_assert(!timer_runs(t));
	x->turn = 0;
	fired++;
	if (!busy)
		return;
	if (g_rand_int_range(draw, 0, 3) == 0)
		set(x, some_delay());
	other = &watched[g_rand_int_range(draw, 0, TIMERS)];
	if (g_rand_int_range(draw, 0, 8) == 0) {
		timer_stop(stack, &other->timer);
		other->turn = 0;
	}
}

static void up(void) {
	struct net_conf conf = {.name = "host", .ops = &net_silent_ops, .clock = &now, .seed = 1};

	now = 5 * SIM_S;
	turns = fired = 0;
	draw = g_rand_new();
	net_params_preset(&conf.params, "linux-2.4");
	stack = net_stack_new(&conf);
	memset(watched, 0, sizeof watched);
	for (unsigned i = 0; i < TIMERS; i++)
		watched[i].timer.fire = fire;
}

static void down(void) {
	net_stack_free(stack);
	g_rand_free(draw);
}

static void go_on(void) {
	sim_time next = net_next_timer(stack);
	const struct watched *first = first_watched();

	ck_assert_int_eq(next, first ? first->timer.when : SIM_NEVER);
	if (next == SIM_NEVER)
		return;
	now = next; /* or later, as where a processor is busy; all that is due goes off */
	if (busy && g_rand_int_range(draw, 0, 4) == 0)
		now += g_rand_int_range(draw, 0, 20) * SIM_MS;
	net_timer(stack);
	ck_assert_int_gt(net_next_timer(stack), now);
}

/* Few, so that the heap does it all; then more than it is to have, then fewer again. */
static unsigned used(unsigned step) {
	return step < STEPS / 6 ? 100 : step < STEPS / 2 ? TIMERS : 300;
}

START_TEST(they_go_off_in_order) {
	g_rand_set_seed(draw, (guint32)_i);
	busy = true;
	for (unsigned step = 0; step < STEPS; step++) {
		struct watched *x = &watched[g_rand_int_range(draw, 0, (gint32)used(step))];
		int what = g_rand_int_range(draw, 0, 12);

		if (what < 8) {
			set(x, some_delay());
		} else if (what < 9) {
			timer_stop(stack, &x->timer);
			x->turn = 0;
		} else {
			go_on();
		}
	}
	ck_assert_uint_gt(fired, STEPS / 6);
	while (net_next_timer(stack) != SIM_NEVER && fired < 3 * STEPS)
		go_on();
}
END_TEST

/* Where all that is left is an hour away, what is set then comes first. */
START_TEST(the_wheel_stands_far_ahead) {
	busy = false;
	for (unsigned i = 0; i < TIMERS; i++)
		set(&watched[i], 3600 * SIM_S + i % 7 * SIM_US);
	ck_assert_int_eq(net_next_timer(stack), now + 3600 * SIM_S);
	set(&watched[11], 200 * SIM_MS);
	set(&watched[12], 1000 * SIM_S);
	set(&watched[13], SIM_MS);
	go_on();
	ck_assert_uint_eq(watched[13].turn, 0);
	go_on();
	ck_assert_uint_eq(watched[11].turn, 0);
	while (net_next_timer(stack) != SIM_NEVER)
		go_on();
	ck_assert_uint_eq(fired, TIMERS);
}
END_TEST

/* --- connections ------------------------------------------------------------------------------ */

enum { PAIRS = 600, PORTS = 40 };

static void name(struct net_sock *so) {
	so->laddr = 0x0a000001U + (uint32_t)g_rand_int_range(draw, 0, 3);
	so->faddr = 0x0a000101U + (uint32_t)g_rand_int_range(draw, 0, 3);
	so->lport = (uint16_t)g_rand_int_range(draw, 80, 80 + PORTS);
	so->fport = (uint16_t)g_rand_int_range(draw, 1024, 1024 + PORTS);
	so->state = TCP_ESTABLISHED;
}

static struct net_sock *find(const struct pair_table *table, const struct net_sock *so) {
	return pair_find(table, so->laddr, so->lport, so->faddr, so->fport);
}

START_TEST(connections_are_found) {
	struct pair_table table = {0};
	struct net_sock *sock[PAIRS];

	draw = g_rand_new_with_seed(3);
	for (unsigned i = 0; i < PAIRS; i++)
		sock[i] = g_new0(struct net_sock, 1);
	for (unsigned step = 0; step < 40 * PAIRS; step++) {
		struct net_sock *so = sock[g_rand_int_range(draw, 0, PAIRS)];

		if (so->flags & SO_F_HASHED) {
			ck_assert_ptr_eq(find(&table, so), so);
			pair_remove(&table, so);
			ck_assert(!(so->flags & SO_F_HASHED));
			ck_assert_ptr_null(find(&table, so));
		} else {
			name(so);
			if (!find(&table, so))
				pair_insert(&table, so);
		}
		if (step % 64 == 0)
			for (unsigned i = 0; i < PAIRS; i++)
				ck_assert(!(sock[i]->flags & SO_F_HASHED) ||
				          find(&table, sock[i]) == sock[i]);
	}
	ck_assert_uint_gt(table.count, PAIRS / 4);
	ck_assert_uint_ge(table.mask + 1, 2 * table.count);
	pairs_free(&table);
	for (unsigned i = 0; i < PAIRS; i++)
		g_free(sock[i]);
	g_rand_free(draw);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("net-many");
	TCase *timers = tcase_create("timers"), *pairs = tcase_create("pairs");

	tcase_add_checked_fixture(timers, up, down);
	tcase_add_loop_test(timers, they_go_off_in_order, 0, 2);
	tcase_add_test(timers, the_wheel_stands_far_ahead);
	suite_add_tcase(suite, timers);
	tcase_add_test(pairs, connections_are_found);
	suite_add_tcase(suite, pairs);
	return run_suite(suite);
}
