/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Captures of a machine's NIC and of its card on bad wires, under the eyes of tshark: streams both
 * ways, so that what is lost of one rides with the ACKs of the other.  Skipped (exit status 77)
 * where there is no tshark.
 */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "echo_machine.h"
#include "expert.h"
#include "net/wire/capture.h"
#include "run_suite.h"

static const struct scene {
	const char *what;
	struct fault_conf fault;
} scenes[] = {
	{.what = "clean"},
	{"1 % loss", {.loss = 0.01}},
	{"5 % loss", {.loss = 0.05}},
	{"bursts of loss", {.burst_loss = 0.5, .burst_enter = 0.005, .burst_leave = 0.2}},
};
static const char *const source[WIRES] = {"10.0.0.1", "10.0.1.1"};

/* Half of them begin near 2^32. */
START_TEST(both_interfaces) {
	const struct scene *scene = &scenes[(unsigned)_i % G_N_ELEMENTS(scenes)];
	uint32_t before = (unsigned)_i < G_N_ELEMENTS(scenes) ? 0 : ECHO_BYTES / 2;
	g_autofree char *dir = g_dir_make_tmp("expert-XXXXXX", NULL);
	struct capture *capture[WIRES];
	struct echo_machine m;
	char *path[WIRES];

	echo_machine_up(&m, 1, &scene->fault, before);
	for (unsigned i = 0; i < WIRES; i++) {
		path[i] = g_build_filename(dir, i == CARD ? "toe0.pcap" : "eth0.pcap", NULL);
		capture[i] = capture_new(m.sim, link_port(m.wire[i], 0), path[i], NULL);
		ck_assert_ptr_nonnull(capture[i]);
	}
	echo_machine_begin(&m);
	sim_run(m.sim, 1800 * SIM_S);
	for (unsigned i = 0; i < WIRES; i++) {
		const struct net_counters *c = net_stack_counters(echo_stack(&m, i));
		g_autofree char *what =
			g_strconcat(scene->what, i == CARD ? ", card" : ", NIC", NULL);

		ck_assert(capture_close(capture[i], NULL));
		ck_assert_uint_eq(m.echo[i].returned, ECHO_BYTES);
		expert_judge(path[i], what, source[i], c);
		ck_assert((c->tcp_retransmits > 0) == (scene != scenes));
		g_unlink(path[i]);
		g_free(path[i]);
	}
	g_rmdir(dir);
	echo_machine_down(&m);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("expert, machine");
	TCase *tc = tcase_create("captures");

	if (expert_missing())
		return 77;
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, both_interfaces, 0, 2 * G_N_ELEMENTS(scenes));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
