/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every state and every segment (meeting.h) on whole machines, by the engine's own table. */
#include <check.h>
#include <stdlib.h>

#include "meeting_machine.h"
#include "run_suite.h"

enum { STARTS_USED = 2 };

struct round {
	unsigned row;
	uint32_t irs;
	char cells[MACHINE_MEETINGS][4];
};

static void hold_all(void *arg) {
	struct round *r = arg;

	for (unsigned i = 0; i < meeting_kinds(); i++) {
		struct meeting m = machine_meeting(i, r->irs);

		meeting_hold(&m, r->row, i, r->cells[i]);
		machine_end_meeting(&m);
	}
}

START_TEST(state_meets_segment) {
	const struct meeting_start *start = &meeting_starts[_i / MACHINE_WAYS % STARTS_USED];
	unsigned way = (unsigned)_i % MACHINE_WAYS;
	struct round r = {.row = (unsigned)_i / MACHINE_WAYS / STARTS_USED, .irs = start->irs};

	ck_assert_uint_le(meeting_kinds(), MACHINE_MEETINGS);
	machine_run(way, start->shift, hold_all, &r);
	for (unsigned i = 0; i < meeting_kinds(); i++)
		meeting_judge(machine_ways[way], r.row, i, r.irs, r.cells[i]);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("net-tcp-states-machine");
	TCase *t = tcase_create("table");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, state_meets_segment, 0,
	                    (int)meeting_rows() * MACHINE_WAYS * STARTS_USED);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
