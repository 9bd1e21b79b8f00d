/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bulk transfers between two machines over bad wires: whether every byte arrives. */
#include <check.h>
#include <glib.h>
#include <stdlib.h>

#include "net/engine/stack.h"
#include "run_suite.h"
#include "transfer.h"

static struct sim *sim;

static void world_up(void) { sim = sim_new(1); }
static void world_down(void) {
	sim_free(sim);
	frame_pool_drain();
}

/* Every fault with several seeds (a wire's name roots its streams), both directions faulty. */
enum { SEEDS = 6, WIRES = SEEDS * BAD_WIRES };

static void faulty_up(struct transfer *t, unsigned i, struct net_params *params, bool near_wrap) {
	char name[16];
	struct link_conf wire = {.name = name, .bits_per_s = 100000000, .propagation = SIM_MS};

	g_snprintf(name, sizeof name, "wire%u", i);
	if (near_wrap) /* each at another place of its segments */
		begin_near_wrap(params, 997 * i);
	wire.fault[0] = wire.fault[1] = bad_wires[i % BAD_WIRES];
	transfer_up(t, sim, &wire, params, 300000, 0);
}

START_TEST(every_byte_survives_every_fault) {
	struct transfer *t = g_new0(struct transfer, WIRES);
	struct net_params params;
	uint64_t retransmits = 0, bad = 0;

	ck_assert(net_params_preset(&params, "linux-2.4"));
	params.sack = _i & 1;
	params.timestamps = _i & 2;
	for (unsigned i = 0; i < WIRES; i++)
		faulty_up(&t[i], i, &params, _i & 4);
	sim_run(sim, 600 * SIM_S);
	for (unsigned i = 0; i < WIRES; i++) {
		const struct net_counters *c = transfer_counters(&t[i], 1);

		ck_assert_msg(t[i].received == t[i].bytes && t[i].ended,
		              "wire %u: %" PRIu64 " of %" PRIu64 " bytes", i, t[i].received,
		              t[i].bytes);
		ck_assert_uint_eq(t[i].wrong, 0);
		ck_assert_uint_eq(t[i].errors, 0);
		bad += c->tcp_bad_checksum + c->ip_bad_header;
		retransmits += transfer_counters(&t[i], 0)->tcp_retransmits;
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

	tcase_add_checked_fixture(tc, world_up, world_down);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, every_byte_survives_every_fault, 0, 8);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
