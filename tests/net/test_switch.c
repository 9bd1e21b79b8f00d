/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learning switch. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "link_ends.h"
#include "run_suite.h"

enum { STATIONS = 3 };

struct lan {
	struct ether_switch *sw;
	struct link *link[STATIONS];
	struct end end[STATIONS];
};

struct shot {
	struct lan *lan;
	unsigned from, src, dst; /* dst STATIONS: broadcast */
};

static void station(uint8_t mac[6], unsigned i) {
	const uint8_t address[6] = {2, 0, 0, 0, 0, (uint8_t)(i + 1)};

	memcpy(mac, address, 6);
	if (i == STATIONS)
		memset(mac, 0xff, 6);
}

static void shoot(void *arg) {
	struct shot *s = arg;
	struct frame *f = numbered(s->src, 500);

	station(frame_data(f), s->dst);
	station(frame_data(f) + 6, s->src);
	port_send(s->lan->end[s->from].port, f);
}

static void lan_up(struct lan *lan) {
	lan->sw = ether_switch_new(sim, "sw0", 10 * SIM_US);
	for (unsigned i = 0; i < STATIONS; i++) {
		lan->link[i] = link_new(sim, &gigabit);
		end_init(&lan->end[i], link_port(lan->link[i], 0), &quiet_ops);
		ether_switch_plug(lan->sw, link_port(lan->link[i], 1));
	}
}

static void lan_down(struct lan *lan) {
	ether_switch_free(lan->sw);
	for (unsigned i = 0; i < STATIONS; i++) {
		link_free(lan->link[i]);
		end_clear(&lan->end[i]);
	}
}

/* Shots a millisecond apart; how many frames each station got afterwards. */
static void fire(struct lan *lan, struct shot *shot, size_t n, const unsigned got[STATIONS]) {
	for (size_t i = 0; i < n; i++) {
		shot[i].lan = lan;
		sim_call_at(sim, (sim_time)i * SIM_MS, shoot, &shot[i]);
	}
	sim_run(sim, SIM_NEVER);
	for (unsigned i = 0; i < STATIONS; i++)
		ck_assert_uint_eq(lan->end[i].number->len, got[i]);
}

START_TEST(switch_floods_then_learns) {
	struct shot shot[] = {
		{.from = 0, .src = 0, .dst = 1},        /* unknown: to 1 and 2 */
		{.from = 1, .src = 1, .dst = 0},        /* learned: to 0 */
		{.from = 0, .src = 0, .dst = 1},        /* learned: to 1 */
		{.from = 2, .src = 2, .dst = STATIONS}, /* broadcast: to 0 and 1 */
		{.from = 0, .src = 0, .dst = 0},        /* on its own side: nowhere */
	};
	struct lan lan;

	lan_up(&lan);
	fire(&lan, shot, G_N_ELEMENTS(shot), (unsigned[]){2, 3, 1});
	/* store and forward: twice the wire, twice the way, and the switch between */
	ck_assert_int_eq(WHEN(&lan.end[1], 0), 2 * (524 * 8 * SIM_NS + 50 * SIM_US) + 10 * SIM_US);
	lan_down(&lan);
}
END_TEST

START_TEST(switch_follows_a_station_that_moves) {
	struct shot shot[] = {
		{.from = 0, .src = 0, .dst = STATIONS}, /* 1, 2 */
		{.from = 1, .src = 0, .dst = STATIONS}, /* moved to 1: 0, 2 */
		{.from = 2, .src = 2, .dst = 0},        /* 1 */
		{.from = 0, .src = 0, .dst = STATIONS}, /* and back: 1, 2 */
		{.from = 2, .src = 2, .dst = 0},        /* 0 */
	};
	struct lan lan;

	lan_up(&lan);
	fire(&lan, shot, G_N_ELEMENTS(shot), (unsigned[]){2, 3, 3});
	lan_down(&lan);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("switches");
	TCase *tc = tcase_create("switch");

	tcase_add_checked_fixture(tc, world_up, world_down);
	tcase_add_test(tc, switch_floods_then_learns);
	tcase_add_test(tc, switch_follows_a_station_that_moves);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
