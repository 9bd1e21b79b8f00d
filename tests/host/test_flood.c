/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a flood of frames leaves to a program: docs/time.md, "Softirqs and ksoftirqd", with closed forms.
 */
#include <math.h>

#include "net_world.h"
#include "run_suite.h"

enum { TICK_MS = 10, BUDGET = 300 };

static struct net_world w;
static struct peer_sock source;
static sim_time interval;
static const sim_time begin = 100 * SIM_MS;
static sim_time end; /* of the flood */
static struct cpu_usage seen;
static uint64_t taken;

/* --- the flood -------------------------------------------------------------------------------- */

static void source_event(struct peer_sock *ps, unsigned events) { (void)ps, (void)events; }

static void send_one(void *arg) {
	struct iovec iov = {(void *)"x", 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = HOST_ADDR(0), .port = 9};

	(void)arg;
	net_send(source.so, &msg);
	if (sim_now(w.sim) < end)
		sim_call_at(w.sim, sim_now(w.sim) + interval, send_one, NULL);
}

static void window_begins(void *arg) {
	(void)arg;
	cpu_usage_reset(w.k);
}

static void window_ends(void *arg) {
	(void)arg;
	cpu_usage_get(w.k, &seen);
	taken = w.k->costs.account[COST_UDP_RX].charges;
}

/* A socket takes the datagrams, and nobody reads them. */
static void listen_only(struct task *me) {
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_eq(sys_bind(me, fd, (struct sockaddr *)&at, sizeof at), 0);
}

static int computes(struct task *me, void *arg) {
	(void)arg;
	listen_only(me);
	while (sim_now(w.sim) < end) {
		user_charge(me, COST_USER_WORK, 0);
		cpu_settle(w.k);
	}
	PROGRAM_END(&w);
}

static int sleeps(struct task *me, void *arg) {
	(void)arg;
	listen_only(me);
	set_task_state(me, TASK_INTERRUPTIBLE);
	schedule_timeout(w.k, end + SIM_S);
	PROGRAM_END(&w);
}

static void cost(const char *name, sim_time each) {
	ck_assert_int_eq(kernel_set_cost(w.k, name, (struct cost_value){each, 0}), 0);
}

/* A datagram each `every`, which costs `packet` in the softirq; `handler` per interrupt.  Seen for `span`. */
static void flood(bool napi, sim_time every, sim_time packet, sim_time handler, program main,
                  sim_time span) {
	static const uint8_t mac[6] = {2, 0, 0, 0, 1, 0};
	struct nic_conf conf;

	nic_conf_default(&conf);
	conf.napi = napi;
	net_world_init(&w, &conf);
	ck_assert_int_eq(net_arp_set(w.k->stack, PEER_ADDR(0), mac), 0);
	cost("udp_rx", packet);
	cost("irq", handler);
	cost("user_work", 100 * SIM_US);
	interval = every;
	end = begin + span;
	source = (struct peer_sock){.event = source_event};
	ck_assert_int_eq(peer_open(w.peer[0], SOCK_DGRAM, &source), 0);
	sim_call_at(w.sim, 50 * SIM_MS, send_one, NULL);
	sim_call_at(w.sim, begin, window_begins, NULL);
	sim_call_at(w.sim, end - SIM_MS, window_ends, NULL);
	net_world_run(&w, main);
}

static double user_share(void) { return (double)seen.busy[CPU_USER] / (double)seen.window; }

/* --- a NIC that is polled --------------------------------------------------------------------- */

/*
 * More comes than the processor can take.  While the program computes, each tick runs one budget of
 * frames, and its slice of 6 ticks pays for these runs too.  Then ksoftirqd has a slice of one tick, which
 * ends with the run that uses it up.  Nothing else depends on anything, so this is the share:
 */
static double polled_share(double run) {
	double t = 0, user = 0, tick = TICK_MS * SIM_MS, slice_end, next, turn;

	for (int turns = 0; turns < 1000; turns++) {
		slice_end = t + 6 * tick;
		while (t < slice_end) {
			next = (floor(t / tick) + 1) * tick;
			user += MIN(next, slice_end) - t;
			t = next < slice_end ? next + run : slice_end;
		}
		turn = t;
		while (t - turn < tick)
			t += run;
	}
	return user / t;
}

static const sim_time packets[] = {11 * SIM_US, 17 * SIM_US, 21 * SIM_US, 29 * SIM_US};

START_TEST(a_polled_flood_leaves_what_the_budget_leaves) {
	double law = polled_share((double)(BUDGET * packets[_i]));

	flood(true, 8 * SIM_US, packets[_i], 0, computes, 2 * SIM_S);
	ck_assert_double_eq_tol(user_share(), law, 0.015 * law);
	net_world_free(&w);
}
END_TEST

/* Who has nothing else to do takes all that the processor can: ksoftirqd runs at once. */
START_TEST(an_idle_machine_takes_what_it_can) {
	flood(true, 8 * SIM_US, 20 * SIM_US, 0, sleeps, SIM_S / 2);
	ck_assert_double_eq_tol((double)taken * 20 * SIM_US, (double)seen.window,
	                        1e-3 * (double)seen.window);
	net_world_free(&w);
}
END_TEST

/* --- an interrupt for each frame -------------------------------------------------------------- */

/* Every interrupt ends in a pass, so all that comes is paid for first, and beyond 1 / (interrupt + frame)
 * nothing is left: receive livelock (J. C. Mogul, K. K. Ramakrishnan, USENIX 1996). */
static const sim_time intervals[] = {100 * SIM_US, 50 * SIM_US, 20 * SIM_US, 10 * SIM_US,
                                     8 * SIM_US};

START_TEST(interrupts_per_frame_livelock) {
	const struct cost_account *reads;
	double stall, law;

	flood(false, intervals[_i], 10 * SIM_US, 5 * SIM_US, computes, SIM_S / 2);
	reads = &w.k->costs.account[COST_MMIO_READ];
	stall = (double)reads->time / (double)reads->charges;
	law = 1 - (15 * SIM_US + stall) / (double)interval;
	ck_assert_double_eq_tol(user_share(), MAX(law, 0), 0.005);
	net_world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("flood");
	TCase *tc = tcase_create("flood");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, a_polled_flood_leaves_what_the_budget_leaves, 0,
	                    G_N_ELEMENTS(packets));
	tcase_add_test(tc, an_idle_machine_takes_what_it_can);
	tcase_add_loop_test(tc, interrupts_per_frame_livelock, 0, G_N_ELEMENTS(intervals));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
