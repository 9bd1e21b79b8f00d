/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole machine on bad wires, both directions: a program answers what a peer sends, through the
 * NIC and the kernel's stack on one wire, through a card's on the other.  What comes back must be
 * what went, whatever the wires do, or both ends must be told.
 */
#include <check.h>
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "echo_machine.h"
#include "net/engine/socket.h"
#include "run_suite.h"
#include "transfer.h"

enum { SEEDS = 8, DEATHS = 12 };

static struct echo_machine m;

static uint64_t count_bad(const struct link_counters *c) {
	return c->lost + c->corrupted + c->duplicated + c->reordered;
}

/* The wires were bad indeed. */
static uint64_t bad_frames(void) {
	struct link_counters c;
	uint64_t n = 0;

	for (unsigned i = 0; i < WIRES; i++)
		for (unsigned end = 0; end < 2; end++) {
			port_counters(link_port(m.wire[i], end), &c);
			n += count_bad(&c);
		}
	return n;
}

/* --- streams ---------------------------------------------------------------------------------- */

/* Of the seeds all but the first begin near 2^32, each fault at another place of its stream. */
START_TEST(every_byte_comes_back) {
	const struct fault_conf *fault = &bad_wires[(unsigned)_i % BAD_WIRES];
	uint32_t before = (unsigned)_i < BAD_WIRES ? 0 : 1000 + (uint32_t)_i * (ECHO_BYTES / 70);

	echo_machine_up(&m, 1 + (uint64_t)_i / BAD_WIRES, fault, before);
	echo_machine_begin(&m);
	sim_run(m.sim, 1800 * SIM_S);
	for (unsigned i = 0; i < WIRES; i++) {
		ck_assert_int_eq(m.served[i], 1);
		ck_assert_uint_eq(m.echo[i].errors, 0);
		ck_assert_uint_eq(m.echo[i].returned, ECHO_BYTES);
		ck_assert_uint_eq(m.echo[i].wrong, 0);
		ck_assert(m.echo[i].ended);
	}
	ck_assert(bad_frames() > 50 || fault->jitter);
	echo_machine_down(&m);
}
END_TEST

/* A wire that dies on the way, one direction of it or both, at another place with each seed: nobody
 * waits for ever, and nobody takes a part for the whole. */
START_TEST(dead_wire_is_an_error) {
	const struct fault_conf dying = {.burst_enter = 0.001, .burst_loss = 1};

	echo_machine_up(&m, 1 + (uint64_t)_i, &dying, 0);
	echo_machine_begin(&m);
	/* two hours until the first keep-alive, and what follows */
	sim_run(m.sim, 3 * 3600 * SIM_S);
	for (unsigned i = 0; i < WIRES; i++) {
		const struct echo *e = &m.echo[i];

		printf("%s: %d bytes back, %s; the server: %s\n", i == CARD ? "card" : "NIC",
		       (int)e->returned, e->errors ? "error" : "end",
		       g_strerror(-MIN(0, m.served[i])));
		ck_assert_uint_eq(e->wrong, 0);
		ck_assert(e->ended ? e->returned == ECHO_BYTES : e->errors == 1);
		ck_assert_int_ne(m.served[i], 0);
		ck_assert(m.served[i] < 0 || e->sent == ECHO_BYTES);
	}
	ck_assert_uint_gt(bad_frames(), 0);
	echo_machine_down(&m);
}
END_TEST

/* --- datagrams -------------------------------------------------------------------------------- */

enum { DATAGRAMS = 2000, LONGEST = 4000 };

/* A peer's side: the n-th datagram has n first, and a pattern of its own length and place. */
struct pinger {
	struct peer_sock ps; /* first */
	struct echo_machine *m;
	uint32_t sent;
	unsigned returned, wrong, times[DATAGRAMS];
};

static struct pinger pinger[WIRES];

static size_t datagram(uint32_t n, char data[LONGEST]) {
	size_t len = 16 + n * 997U % (LONGEST - 16);

	pattern_fill(n, 0, data, len);
	memcpy(data, &n, sizeof n);
	return len;
}

static int serve_datagrams(struct task *me, void *arg) {
	bool card = GPOINTER_TO_UINT(arg) == CARD;
	struct sockaddr_in sin = inet_address(card ? "10.0.1.1" : "10.0.0.1", ECHO_PORT), from;
	int fd = sys_socket(me, card ? AF_TOE : AF_INET, SOCK_DGRAM, 0), len = sizeof from;
	char data[LONGEST];
	ssize_t n;

	if (sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin) < 0)
		return 1;
	while ((n = sys_recvfrom(me, fd, data, sizeof data, 0, (struct sockaddr *)&from, &len)) > 0)
		sys_sendto(me, fd, data, (size_t)n, 0, (struct sockaddr *)&from, len);
	return 0;
}

static void judge_datagram(struct pinger *p, const char *data, size_t len) {
	char expected[LONGEST];
	uint32_t n;

	memcpy(&n, data, sizeof n);
	p->returned++;
	if (len < sizeof n || n >= p->sent || datagram(n, expected) != len ||
	    memcmp(data, expected, len) != 0)
		p->wrong++;
	else
		p->times[n]++;
}

static void datagram_event(struct peer_sock *ps, unsigned events) {
	char data[LONGEST];
	ssize_t n;

	(void)events;
	do {
		struct iovec iov = {data, sizeof data};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(ps->so, &msg);
		if (n > 0)
			judge_datagram((struct pinger *)ps, data, (size_t)n);
	} while (n > 0);
}

static void ping(void *arg) {
	struct pinger *p = arg;
	char data[LONGEST];
	struct iovec iov = {data, datagram(p->sent, data)};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	net_send(p->ps.so, &msg);
	if (++p->sent < DATAGRAMS)
		sim_call_at(p->m->sim, sim_now(p->m->sim) + 3 * SIM_MS, ping, p);
}

static void pinger_up(unsigned i) {
	struct pinger *p = &pinger[i];

	*p = (struct pinger){.ps.event = datagram_event, .m = &m};
	process_start(m.kernel, "datagrams", serve_datagrams, GUINT_TO_POINTER(i));
	g_assert(peer_open(m.peer[i], SOCK_DGRAM, &p->ps) == 0);
	g_assert(net_connect(p->ps.so, echo_address(i), ECHO_PORT) == 0);
	sim_call_at(m.sim, 10 * SIM_MS, ping, p);
}

/* UDP promises less: some are lost, some come twice, but none is other than it was sent, of one
 * fragment or three. */
START_TEST(datagrams_are_whole_or_lost) {
	const struct fault_conf *fault = &bad_wires[_i];
	/* a datagram is up to six frames there and back, and one of 20 is lost at most */
	unsigned least = DATAGRAMS / 2, most = fault->duplicate ? 3 * DATAGRAMS : DATAGRAMS;

	echo_machine_up(&m, 1, fault, 0);
	for (unsigned i = 0; i < WIRES; i++)
		pinger_up(i);
	sim_run(m.sim, 60 * SIM_S);
	for (unsigned i = 0; i < WIRES; i++) {
		unsigned different = 0;

		for (unsigned n = 0; n < DATAGRAMS; n++)
			different += pinger[i].times[n] > 0;
		printf("%s: of %d datagrams %u came back, %u different ones\n",
		       i == CARD ? "card" : "NIC", DATAGRAMS, pinger[i].returned, different);
		ck_assert_uint_eq(pinger[i].sent, DATAGRAMS);
		ck_assert_uint_eq(pinger[i].wrong, 0);
		ck_assert_uint_ge(different, least);
		ck_assert_uint_le(pinger[i].returned, most);
	}
	ck_assert(bad_frames() > 50 || fault->jitter);
	echo_machine_down(&m);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("bad networks");
	TCase *tc = tcase_create("machine");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, every_byte_comes_back, 0, SEEDS * BAD_WIRES);
	tcase_add_loop_test(tc, dead_wire_is_an_error, 0, DEATHS);
	tcase_add_loop_test(tc, datagrams_are_whole_or_lost, 0, BAD_WIRES);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
