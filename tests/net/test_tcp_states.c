/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine alone, every state and every segment: see meeting.h. */
#include <check.h>
#include <poll.h>
#include <stdlib.h>

#include "meeting.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "run_suite.h"

enum { PORT = 99 };

static void listens(struct meeting *m) { m->so = listener(m->where, A, m->lport, 5); }

static void connects(struct meeting *m) {
	uint32_t addr;

	m->so = sock_open(m->where, A, SOCK_STREAM);
	net_connect(m->so, ADDR_B, m->fport);
	net_sockname(m->so, &addr, &m->lport);
}

static void sends(struct meeting *m) { send_text(m->so, "abc"); }
static void shuts(struct meeting *m) { net_shutdown(m->so, SHUT_WR); }
static void tells(struct meeting *m, const struct seg *s) { inject(m->where, s); }
static bool hears(struct meeting *m, struct seg *s) { return catch_seg(m->where, s); }
static unsigned polls(struct meeting *m) { return m->so ? net_poll(m->so) : 0; }
static int error(struct meeting *m) { return m->so ? net_take_error(m->so) : 0; }
static int readable(struct meeting *m) { return net_readable(m->so); }

static struct net_stack *stack(struct meeting *m) {
	struct world *w = m->where;

	return w->node[A].st;
}

static const struct meeting_place engine = {
	.listens = listens,
	.connects = connects,
	.sends = sends,
	.shuts = shuts,
	.tells = tells,
	.hears = hears,
	.polls = polls,
	.error = error,
	.readable = readable,
	.stack = stack,
};

static void meet(unsigned row, unsigned kind, const struct meeting_start *start) {
	struct meeting m = {.place = &engine, .irs = start->irs, .lport = PORT, .fport = 80};
	struct world *w;
	char cell[4];

	if (start->shift)
		near_wrap_on();
	m.where = w = world_raw(meeting_parameters);
	w->tester = 0; /* irs says where his numbers are */
	near_wrap_off();
	meeting_hold(&m, row, kind, cell);
	world_free(w);
	meeting_judge("the engine", row, kind, start->irs, cell);
}

START_TEST(state_meets_segment) {
	for (unsigned kind = 0; kind < meeting_kinds(); kind++)
		meet((unsigned)_i / MEETING_STARTS, kind, &meeting_starts[_i % MEETING_STARTS]);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("net-tcp-states");
	TCase *t = tcase_create("table");

	tcase_add_loop_test(t, state_meets_segment, 0, (int)meeting_rows() * MEETING_STARTS);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
