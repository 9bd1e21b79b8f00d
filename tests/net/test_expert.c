/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures of transfers under the eyes of tshark, which takes longer to start than to look: so they lie
 * near 2^32 and far from it in turn; with the word `long` each does both.  Skipped (exit status 77) where
 * there is no tshark. */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "expert.h"
#include "net/wire/capture.h"
#include "run_suite.h"
#include "transfer.h"

enum { SENDER = 0, MANY = 40 };

static struct sim *sim;
static struct net_params params;
static char *dir, *path;
static bool near_wrap;

static void near_wrap_on(void) { near_wrap = true; }

static void world_up(void) {
	sim = sim_new(1);
	ck_assert(net_params_preset(&params, "linux-2.4"));
	if (near_wrap)
		begin_near_wrap(&params, 1000);
	dir = g_dir_make_tmp("expert-XXXXXX", NULL);
	path = g_build_filename(dir, "sender.pcap", NULL);
}

static void world_down(void) {
	sim_free(sim);
	frame_pool_drain();
	g_unlink(path);
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
}

/* --- transfers -------------------------------------------------------------------------------- */

static struct capture *capture(const struct transfer *t) {
	struct capture *c = capture_new(sim, link_port(t->link, SENDER), path, NULL);

	ck_assert_ptr_nonnull(c);
	return c;
}

static void resume(void *arg) { transfer_resume(arg); }

static const struct scene {
	const char *what;
	struct fault_conf fault;
	bool sack, paused;
} scenes[] = {
	{.what = "clean", .sack = true},
	{.what = "clean without SACK"},
	{.what = "1 % loss", .fault = {.loss = 0.01}, .sack = true},
	{.what = "1 % loss without SACK", .fault = {.loss = 0.01}},
	{.what = "bursts of loss",
         .fault = {.burst_loss = 0.5, .burst_enter = 0.005, .burst_leave = 0.2},
         .sack = true},
	{.what = "reordering",
         .fault = {.reorder = 0.02, .reorder_delay = 300 * SIM_US},
         .sack = true},
	{.what = "duplicates", .fault = {.duplicate = 0.05}, .sack = true},
	{.what = "zero window", .sack = true, .paused = true},
};

START_TEST(one_transfer) {
	const struct scene *scene = &scenes[_i];
	const struct link_conf wire = {.name = scene->what,
	                               .bits_per_s = 100000000,
	                               .propagation = SIM_MS,
	                               .fault = {scene->fault, {0}}};
	struct transfer t;

	params.sack = scene->sack;
	params.timestamps = scene->sack;
	transfer_up(&t, sim, &wire, &params, 3000000, 0);
	t.paused = scene->paused;
	if (scene->paused)
		sim_call_at(sim, 30 * SIM_S, resume, &t);
	struct capture *c = capture(&t);
	sim_run(sim, 3600 * SIM_S);
	ck_assert(capture_close(c, NULL));
	ck_assert_uint_eq(t.received, t.bytes);
	ck_assert_uint_eq(t.wrong + t.errors, 0);
	if (scene->paused)
		ck_assert_uint_gt(transfer_counters(&t, 0)->tcp_window_probes, 0);
	expert_judge(path, scene->what, "10.0.0.1", transfer_counters(&t, 0));
	transfer_down(&t);
}
END_TEST

START_TEST(many_connections) {
	const struct link_conf wire = {.name = "many",
	                               .bits_per_s = 100000000,
	                               .propagation = SIM_MS,
	                               .fault = {{.loss = 0.01}, {.loss = 0.01}}};
	static struct transfer t[MANY];

	transfer_up(&t[0], sim, &wire, &params, 50000, 0);
	for (unsigned i = 1; i < MANY; i++)
		transfer_between(&t[i], sim, t[0].peer[0], t[0].peer[1], (uint16_t)(6000 + i),
		                 50000, i * SIM_MS);
	struct capture *c = capture(&t[0]);
	sim_run(sim, 3600 * SIM_S);
	ck_assert(capture_close(c, NULL));
	for (unsigned i = 0; i < MANY; i++) {
		ck_assert_uint_eq(t[i].received, t[i].bytes);
		ck_assert_uint_eq(t[i].wrong + t[i].errors, 0);
	}
	expert_judge(path, "many connections", "10.0.0.1", transfer_counters(&t[0], 0));
	transfer_down(&t[0]);
}
END_TEST

static bool both;     /* ways for each */
static unsigned ways; /* that have their tests */

static void fill(TCase *tc) {
	unsigned way = ways++;

	tcase_add_checked_fixture(tc, world_up, world_down);
	for (int i = 0; i < (int)G_N_ELEMENTS(scenes); i++)
		if (both || (unsigned)i % 2 == way)
			tcase_add_loop_test(tc, one_transfer, i, i + 1);
	if (both || way == 1)
		tcase_add_test(tc, many_connections);
}

int main(int argc, char **argv) {
	Suite *suite = suite_create("expert");

	if (expert_missing())
		return 77;
	both = argc > 1 && strcmp(argv[1], "long") == 0;
	add_both_ways(suite, "captures", near_wrap_on, NULL, fill);
	return run_suite(suite);
}
