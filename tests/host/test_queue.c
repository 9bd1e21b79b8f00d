/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's own queues, before the ring and of each socket: who finds them full is told, or waits. */
#include "net_world.h"

#include "run_suite.h"

static struct net_world w;

/* --- TCP and the device's queue ----------------------------------------------------------------- */

enum { SENDERS = 40, ANSWER = 60000, FIRST_PORT = 100 };

static struct peer_prog listeners[SENDERS], sinks[SENDERS];
static sim_time began, ended;

static int answers(struct task *me, void *arg) {
	struct sockaddr_in to = inet_address("10.0.0.2", (uint16_t)(FIRST_PORT + (intptr_t)arg));
	static uint8_t bytes[ANSWER];
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);
	uint8_t end;

	ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), 0);
	sys_nanosleep(me, 100 * SIM_MS);
	began = sim_now(w.sim);
	ck_assert_int_eq(sys_send(me, fd, bytes, sizeof bytes, 0), sizeof bytes);
	sys_shutdown(me, fd, SHUT_WR);
	ck_assert_int_eq(sys_recv(me, fd, &end, 1, 0), 0);
	ended = sim_now(w.sim);
	PROGRAM_END(&w);
}

static void sink_event(struct peer_sock *ps, unsigned events) {
	struct peer_prog *p = (struct peer_prog *)ps;

	peer_prog_event(ps, events);
	if (p->eof && !p->finished) {
		p->finished = true;
		net_shutdown(ps->so, SHUT_WR);
	}
}

/* Forty answers begin at once, on a machine without costs: their first windows are more than a ring of
 * 16 and a queue of 100 hold.  What is refused never left, so nothing is sent again on a perfect wire.
 * 40 x 60,000 bytes, in 42 segments each, take what the wire takes, and 200 ms for those of which nothing
 * at all was in flight: they try again after an RTO, which is less than a tick longer. */
START_TEST(a_full_queue_is_no_loss) {
	const struct net_counters *n;
	struct nic_conf conf;
	sim_time wire = 0;

	nic_conf_default(&conf);
	conf.tx_ring = 16;
	net_world_init(&w, &conf);
	net_world_know_each_other(&w, 0);
	for (int i = 0; i < SENDERS; i++) {
		peer_prog_init(&sinks[i], w.peer[0]);
		sinks[i].ps.event = sink_event;
		peer_prog_listen(&listeners[i], w.peer[0], (uint16_t)(FIRST_PORT + i), &sinks[i]);
		process_start(w.k, "sender", answers, GINT_TO_POINTER(i));
	}
	sim_run(w.sim, 10 * SIM_S);
	n = net_stack_counters(w.k->stack);
	ck_assert_uint_eq(w.ended, SENDERS);
	ck_assert_uint_gt(nic_netdev(w.nic[0])->tx_dropped, 0);
	ck_assert_uint_eq(n->tcp_retransmits, 0);
	ck_assert_uint_eq(n->tcp_timeouts, 0);
	ck_assert_uint_eq(n->tcp_bytes_out, SENDERS * ANSWER);
	wire = SENDERS * sim_serialise(ANSWER + 42 * (66 + FRAME_WIRE_OVERHEAD), 1000000000);
	printf("40 x 60,000 bytes: %g ms, the wire takes %g ms\n", sim_to_s(ended - began) * 1e3,
	       sim_to_s(wire) * 1e3);
	ck_assert_int_le(ended - began, wire + 210 * SIM_MS);
	for (int i = 0; i < SENDERS; i++) {
		ck_assert_uint_eq(sinks[i].in_len, ANSWER);
		peer_prog_free(&sinks[i]);
	}
	net_world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("queue");
	TCase *tc = tcase_create("tcp");

	tcase_add_test(tc, a_full_queue_is_no_loss);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
