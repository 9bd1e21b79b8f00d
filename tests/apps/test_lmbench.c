/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lmbench says of a machine whose costs are known. */
#include <check.h>
#include <errno.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>

#include "apps/lmbench.h"
#include "host/boot/boot.h"
#include "run_suite.h"

static struct kernel *k;

static void cost(const char *name, sim_time each, sim_time per_byte) {
	ck_assert_int_eq(kernel_set_cost(k, name, (struct cost_value){each, per_byte}), 0);
}

static void set_done(void *done) { *(bool *)done = true; }

static void set_costs(void) {
	cost("syscall", 300 * SIM_NS, 0);
	cost("dispatch", 100 * SIM_NS, 0);
	cost("file_read", 200 * SIM_NS, 2500);
	cost("file_write", 100 * SIM_NS, 0);
	cost("file_stat", 2 * SIM_US, 0);
	cost("file_open", 3 * SIM_US, 0);
	cost("poll", 150 * SIM_NS, 0);
	cost("signal", 2 * SIM_US, 0);
	cost("fork", 100 * SIM_US, 0);
	cost("context_switch", 800 * SIM_NS, 0);
	cost("wakeup", 200 * SIM_NS, 0);
	cost("refill_l2", 0, 200);
	cost("refill_memory", 0, 2500);
	cost("pipe", 250 * SIM_NS, 0);
	cost("unix_message", 500 * SIM_NS, 0);
	cost("tcp_sendmsg", 1 * SIM_US, 0);
	cost("tcp_recvmsg", 1 * SIM_US, 0);
	cost("tcp_tx_segment", 3 * SIM_US, 0);
	cost("tcp_rx_data", 2 * SIM_US, 0);
	cost("softirq", 500 * SIM_NS, 0);
	cost("udp_tx", 1 * SIM_US, 0);
	cost("copy_tx", 0, 5000);
	cost("copy_rx", 0, 2000);
}

/* From the costs above, by hand. */
static const struct {
	enum lmbench_measure measure;
	double value;
} expected[] = {
	{LMBENCH_null_call, 0.3},
	{LMBENCH_null_io, 0.3 + (0.2 + 0.1) / 2},
	{LMBENCH_stat, 0.3 + 2},
	{LMBENCH_open_close, 0.6 + 3},
	{LMBENCH_select_tcp, 0.3 + 100 * 0.15},
	{LMBENCH_sig_install, 0.3},
	{LMBENCH_sig_handle, 0.3 + 2},
	{LMBENCH_ctx_2p_0k, 0.8 + 0.2},
	{LMBENCH_ctx_2p_16k, 1 + 16.384 * 0.2},
	{LMBENCH_ctx_8p_64k, 1 + 65.536 * 2.5},
	{LMBENCH_ctx_16p_64k, 1 + 65.536 * 2.5},
	{LMBENCH_pipe, 2 * (2 * (0.3 + 0.25) + 1)},
	{LMBENCH_af_unix, 2 * (2 * (0.3 + 0.1 + 0.5) + 1)},
	/* Two calls, two looks at a descriptor, a segment, a softirq, a switch; a byte copied twice. */
	{LMBENCH_tcp, 2 * (2 * 0.3 + 2 * 0.1 + 1 + 1 + 3 + 2 + 0.5 + 1 + 0.007)},
	{LMBENCH_bw_reread, 65.536 / (0.5 + 65.536 * 2.5) * 1000},
};

START_TEST(of_known_costs) {
	struct kernel_conf conf;
	struct sim *sim = sim_new(1);
	struct lmbench *bench;
	bool done = false;
	const char *what;

	kernel_conf_default(&conf);
	conf.l2 = 256 * 1024;
	k = kernel_new(sim, &conf);
	set_costs();
	bench = lmbench_start(k, set_done, &done);
	sim_run(sim, SIM_NEVER);
	ck_assert(done);
	ck_assert_int_eq(lmbench_error(bench, &what), 0);
	for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
		double value = lmbench_value(bench, expected[i].measure);

		ck_assert_msg(fabs(value / expected[i].value - 1) < 0.01, "%s is %g, not %g",
		              lmbench_names[expected[i].measure], value, expected[i].value);
	}
	for (unsigned i = 0; i < LMBENCH_COUNT; i++)
		ck_assert_msg(lmbench_value(bench, i) > 0, "%s", lmbench_names[i]);
	kernel_free(k);
	lmbench_free(bench);
	sim_free(sim);
}
END_TEST

/* Without room for descriptors or tasks it says what it could not do. */
START_TEST(what_fails_is_told) {
	struct kernel_conf conf;
	struct sim *sim = sim_new(1);
	struct lmbench *bench;
	const char *what;

	kernel_conf_default(&conf);
	conf.max_files = 50;
	k = kernel_new(sim, &conf);
	bench = lmbench_start(k, NULL, NULL);
	sim_run(sim, SIM_NEVER);
	ck_assert_int_eq(lmbench_error(bench, &what), -EMFILE);
	ck_assert_str_eq(what, "select_tcp");
	ck_assert(isnan(lmbench_value(bench, LMBENCH_fork)));
	kernel_free(k);
	lmbench_free(bench);
	sim_free(sim);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("lmbench");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, of_known_costs);
	tcase_add_test(tc, what_fails_is_told);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
