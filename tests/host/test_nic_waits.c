/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a NIC waits for with its interrupt, what the processor waits for, and how often it polls. */
#include "run_suite.h"
#include "storm.h"

/* Each turn of the poll list is counted: as many as interrupts if a frame comes alone; in a flood 64 frames at most. */
START_TEST(polls_are_counted) {
	const struct net_device *dev;
	struct storm storm;

	net_world_init(&w, NULL);
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 100, SIM_MS, 200);
	net_world_run(&w, receive_main);
	dev = nic_netdev(w.nic[0]);
	ck_assert_uint_eq(dev->polls_done, counters(0).irqs);
	ck_assert_uint_eq(dev->polls_more, 0);
	net_world_free(&w);

	net_world_init(&w, NULL);
	kernel_set_cost(w.k, "udp_rx", (struct cost_value){14 * SIM_US, 0});
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 5000, 5 * SIM_US, 200);
	net_world_run(&w, receive_main);
	dev = nic_netdev(w.nic[0]);
	ck_assert_uint_gt(dev->polls_more, 10 * dev->polls_done);
	ck_assert_uint_ge(dev->polls_more * 64, dev->rx_packets * 9 / 10);
	ck_assert_uint_le(dev->polls_more * 55, dev->rx_packets);
	net_world_free(&w);
}
END_TEST

/* A card that waits for five frames, or for 60 us: what comes each 10 us interrupts each 50 us, and a frame alone is told
 * by and by. */
START_TEST(receive_interrupts_wait) {
	static const struct {
		sim_time interval;
		unsigned least, most;
	} cases[] = {{10 * SIM_US, 195, 205}, {200 * SIM_US, 1000, 1002}};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct nic_conf conf;
		struct storm storm;

		nic_conf_default(&conf);
		conf.rx_irq_frames = 5;
		conf.rx_irq_delay = 60 * SIM_US;
		net_world_init(&w, &conf);
		net_world_know_each_other(&w, 0);
		storm_start(&storm, 0, 1000, cases[i].interval, 200);
		net_world_run(&w, receive_main);
		ck_assert_uint_eq(received, 1000);
		ck_assert_uint_ge(counters(0).irqs, cases[i].least);
		ck_assert_uint_le(counters(0).irqs, cases[i].most);
		net_world_free(&w);
	}
}
END_TEST

/* Accesses that wait are charged for what they are made for: each stalls as the read of the cause does. */
START_TEST(accesses_wait) {
	const struct cost_account *reads;
	struct nic_conf conf;
	struct storm storm;
	sim_time each;

	nic_conf_default(&conf);
	conf.rx_accesses = 2;
	conf.irq_accesses = 3;
	net_world_init(&w, &conf);
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 1000, 200 * SIM_US, 200);
	net_world_run(&w, receive_main);
	ck_assert_uint_eq(received, 1000);
	reads = &w.k->costs.account[COST_MMIO_READ];
	each = reads->time / (sim_time)MAX(reads->charges, 1);
	ck_assert_uint_eq(reads->charges, 1000 * 2 + counters(0).irqs * (1 + 3));
	ck_assert_int_gt(each, 500 * SIM_NS);
	ck_assert_int_lt(each, 2 * SIM_US);
	net_world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("nic waits");
	TCase *tc = tcase_create("nic waits");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, polls_are_counted);
	tcase_add_test(tc, receive_interrupts_wait);
	tcase_add_test(tc, accesses_wait);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
