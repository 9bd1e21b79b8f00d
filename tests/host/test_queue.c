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

/* --- datagrams and their socket's buffer -------------------------------------------------------- */

/* 1,472 bytes make a packet of 1,500, which takes 1,531 rounded up to 1,536, and 160, of memory: while
 * less than 65,535 is taken there is room, so for 39 of them, and half is free when 19 are left. */
enum { FULL = 1472, TRUESIZE = 1696, ROOM = 39, SINK = 9 };
static const sim_time wire_time = (FULL + 28 + FRAME_ETHER + FRAME_WIRE_OVERHEAD) * 8 * SIM_NS;

struct arrivals {
	struct peer_sock ps; /* first */
	unsigned count;
	size_t bytes;
	sim_time first, last;
};
static struct arrivals arrivals;

static void arrival_event(struct peer_sock *ps, unsigned events) {
	static uint8_t buf[65536];
	struct iovec iov = {buf, sizeof buf};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	ssize_t n;

	(void)events;
	while ((n = net_recv(ps->so, &msg)) >= 0) {
		arrivals.last = sim_now(w.sim);
		if (!arrivals.count++)
			arrivals.first = arrivals.last;
		arrivals.bytes += (size_t)n;
		msg = (struct net_msg){.iov = &iov, .iovlen = 1};
	}
}

static void begin(bool costs) {
	net_world_init(&w, NULL);
	if (costs)
		net_world_costs(&w);
	net_world_know_each_other(&w, 0);
	arrivals = (struct arrivals){.ps.event = arrival_event};
	ck_assert_int_eq(peer_open(w.peer[0], SOCK_DGRAM, &arrivals.ps), 0);
	ck_assert_int_eq(net_bind(arrivals.ps.so, INADDR_ANY, SINK), 0);
}

static ssize_t send_full(struct task *me, int fd, int flags) {
	struct sockaddr_in to = inet_address("10.0.0.2", SINK);
	static uint8_t bytes[FULL];

	return sys_sendto(me, fd, bytes, FULL, flags, (struct sockaddr *)&to, sizeof to);
}

static bool writeable(struct task *me, int fd, int64_t timeout) {
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};

	return sys_poll(me, &pfd, 1, (int)timeout) == 1 && pfd.revents == POLLOUT;
}

static int unsent(struct task *me, int fd) {
	int n = 0;

	ck_assert_int_eq(sys_ioctl(me, fd, TIOCOUTQ, &n), 0);
	return n;
}

/* N datagrams take N x what one takes of the slower of wire and processor, and nothing is lost: the last
 * of them is handed over when 39 at most, and what the controller's FIFO holds, are still to be sent. */
enum { MANY = 2000 };

static int sends_many(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);

	(void)arg;
	began = sim_now(w.sim);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(send_full(me, fd, 0), FULL);
	ended = sim_now(w.sim);
	sys_close(me, fd); /* what is under way arrives */
	PROGRAM_END(&w);
}

START_TEST(a_sender_is_as_fast_as_the_wire) {
	sim_time all = MANY * wire_time;

	begin(false);
	net_world_run(&w, sends_many);
	printf("%d datagrams: %.3f ms, the wire takes %.3f ms\n", MANY,
	       sim_to_s(ended - began) * 1e3, sim_to_s(all) * 1e3);
	ck_assert_uint_eq(arrivals.count, MANY);
	ck_assert_uint_eq(nic_netdev(w.nic[0])->tx_dropped, 0);
	ck_assert_int_eq(arrivals.last - arrivals.first, all - wire_time);
	ck_assert_int_le(ended - began, all);
	ck_assert_int_ge(ended - began, all - (ROOM + 16384 / FULL + 1) * wire_time);
	net_world_free(&w);
}
END_TEST

/* Where the processor is slower nobody waits: syscall, dispatch, sendmsg, copy, segment, descriptor,
 * doorbell; and its share of an interrupt for every 32nd. */
START_TEST(a_slow_sender_never_waits) {
	const sim_time each = (700 + 1200 + 4000 + 4500 * FULL / 1000 + 8000 + 500 + 400) * SIM_NS;
	const sim_time most = each + 200 * SIM_NS + (3000 + 1000 + 400 + 2000) * SIM_NS / 32;

	begin(true);
	net_world_run(&w, sends_many);
	printf("%d datagrams: %.3f us each, %.3f to %.3f\n", MANY,
	       sim_to_s(ended - began) * 1e6 / MANY, sim_to_s(each) * 1e6, sim_to_s(most) * 1e6);
	ck_assert_int_ge(ended - began, MANY * each);
	ck_assert_int_le(ended - began, MANY * most);
	ck_assert_uint_eq(arrivals.count, MANY);
	net_world_free(&w);
}
END_TEST

static int fills_up(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0), done;

	(void)arg;
	for (done = 0; send_full(me, fd, MSG_DONTWAIT) == FULL; done++) {
		ck_assert_int_eq(unsent(me, fd), (done + 1) * TRUESIZE);
		ck_assert_int_eq(writeable(me, fd, 0), (done + 1) * TRUESIZE < 65535 / 2);
	}
	ck_assert_int_eq(done, ROOM);
	ck_assert_int_eq(send_full(me, fd, MSG_DONTWAIT), -EAGAIN);
	began = sim_now(w.sim);
	/* The 32nd asks for an interrupt: then 7 are left. */
	ck_assert(writeable(me, fd, -1));
	ck_assert_int_le(unsent(me, fd), 7 * TRUESIZE);
	ck_assert_int_le(sim_now(w.sim) - began, 32 * wire_time + 10 * SIM_US);
	ck_assert_int_eq(send_full(me, fd, MSG_DONTWAIT), FULL);
	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(unsent(me, fd), 0);
	PROGRAM_END(&w);
}

START_TEST(a_full_buffer_is_told) {
	begin(false);
	net_world_run(&w, fills_up);
	ck_assert_uint_eq(arrivals.count, ROOM + 1);
	net_world_free(&w);
}
END_TEST

/* With the smallest buffer there is room for two (0 and 1,696 are less than 2,048), and no 32nd frame
 * ever asks for an interrupt: a report comes 65.5 us after the last frame. */
static int sends_with_little_room(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0), size = 1, len = sizeof size;

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
	ck_assert_int_eq(size, 2048);
	began = sim_now(w.sim);
	for (int i = 0; i < 9; i++)
		ck_assert_int_eq(send_full(me, fd, 0), FULL);
	ended = sim_now(w.sim);
	PROGRAM_END(&w);
}

START_TEST(a_small_buffer_does_not_hang) {
	begin(false);
	net_world_run(&w, sends_with_little_room);
	ck_assert_uint_eq(arrivals.count, 9);
	/* four times two */
	ck_assert_int_ge(ended - began, 4 * (64 * 1024 * SIM_NS));
	ck_assert_int_le(ended - began, 4 * (64 * 1024 * SIM_NS + 2 * wire_time + 10 * SIM_US));
	net_world_free(&w);
}
END_TEST

/* Raw sockets count alike, with the 8 bytes that UDP's header has: so do 1,480 bytes of ICMP. */
static int pings(struct task *me, void *arg) {
	struct sockaddr_in to = inet_address("10.0.0.2", 0);
	int fd = sys_socket(me, AF_INET, SOCK_RAW, IPPROTO_ICMP), done = 0;
	static uint8_t echo[FULL + 8] = {8, 0, 0xf7, 0xff};

	(void)arg;
	while (sys_sendto(me, fd, echo, sizeof echo, MSG_DONTWAIT, (struct sockaddr *)&to,
	                  sizeof to) > 0)
		done++;
	ck_assert_int_eq(done, ROOM);
	ck_assert_int_eq(unsent(me, fd), ROOM * TRUESIZE);
	ck_assert(!writeable(me, fd, 0));
	ck_assert(writeable(me, fd, -1));
	PROGRAM_END(&w);
}

START_TEST(raw_sockets_have_a_buffer_too) {
	begin(false);
	net_world_run(&w, pings);
	net_world_free(&w);
}
END_TEST

/* Nobody answers for 10.0.0.9, so two datagrams wait for an address for 3 s: a third sender is told
 * after SO_SNDTIMEO, by a signal, or may go on when the two are given up. */
static int waits_for_room(struct task *me, void *arg) {
	struct sockaddr_in to = inet_address("10.0.0.9", SINK);
	static const int answers[] = {-EAGAIN, -EINTR, FULL};
	struct timeval tv = {0, 100000};
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0), size = 1;
	static uint8_t bytes[FULL];

	sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	if (!GPOINTER_TO_INT(arg))
		sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	began = sim_now(w.sim);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
			sys_sendto(me, fd, bytes, FULL, 0, (struct sockaddr *)&to, sizeof to),
			FULL);
	size = (int)sys_sendto(me, fd, bytes, FULL, 0, (struct sockaddr *)&to, sizeof to);
	ended = sim_now(w.sim);
	ck_assert_int_eq(size, answers[GPOINTER_TO_INT(arg)]);
	PROGRAM_END(&w);
}

static void nothing(struct task *me, int sig) { (void)me, (void)sig; }

static int interrupts(struct task *me, void *arg) {
	sys_nanosleep(me, 50 * SIM_MS);
	send_sig(w.k, arg, SIGUSR1);
	return 0;
}

static int is_interrupted(struct task *me, void *arg) {
	sys_signal(me, SIGUSR1, nothing);
	process_start(w.k, "interrupts", interrupts, me);
	return waits_for_room(me, arg);
}

START_TEST(a_wait_for_room_ends) {
	static const sim_time least[] = {90 * SIM_MS, 50 * SIM_MS, 2990 * SIM_MS};

	begin(false);
	process_start(w.k, "waits", _i == 1 ? is_interrupted : waits_for_room, GINT_TO_POINTER(_i));
	sim_run(w.sim, 10 * SIM_S);
	ck_assert_uint_eq(w.ended, 1);
	ck_assert_int_ge(ended - began, least[_i]);
	ck_assert_int_le(ended - began, least[_i] + 20 * SIM_MS);
	net_world_free(&w);
}
END_TEST

/* --- fragments ----------------------------------------------------------------------------------- */

enum { BIG = 8192, PIECES = 6 };

static struct {
	unsigned n;
	sim_time at[64];
	unsigned offset[64];
} fragments;

static void fragment_tap(void *arg, const struct frame *f, bool tx) {
	const uint8_t *p = f->bytes + f->start;

	(void)arg;
	if (!tx || p[23] != IPPROTO_UDP || fragments.n == G_N_ELEMENTS(fragments.at))
		return;
	fragments.at[fragments.n] = sim_now(w.sim);
	fragments.offset[fragments.n++] = (unsigned)((p[20] & 0x1f) << 8 | p[21]) * 8;
}

static int sends_big(struct task *me, void *arg) {
	struct sockaddr_in to = inet_address("10.0.0.2", SINK);
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	static uint8_t bytes[65507];

	began = sim_now(w.sim);
	ck_assert_int_eq(sys_sendto(me, fd, bytes, GPOINTER_TO_SIZE(arg), 0, (struct sockaddr *)&to,
	                            sizeof to),
	                 (ssize_t)GPOINTER_TO_SIZE(arg));
	ended = sim_now(w.sim);
	PROGRAM_END(&w);
}

/* Six fragments, the last first (ip_build_xmit_slow()); with a copy of 20 ns a byte the processor is
 * slower than the wire, and each leaves when its own bytes are paid for: 1,480 x 20 ns, the packet, the
 * descriptor and the doorbell behind the one before. */
START_TEST(a_fragment_leaves_when_it_is_copied) {
	const sim_time each = (1480 * 20 + 5000 + 500 + 400) * SIM_NS;
	const sim_time before =
		(700 + 1200 + 4000 + (BIG + 8 - 5 * 1480) * 20 + 5000 + 500 + 400) * SIM_NS;

	begin(true);
	kernel_set_cost(w.k, "copy_tx", (struct cost_value){0, 20 * SIM_NS});
	port_tap(link_port(w.link[0], 0), fragment_tap, NULL);
	process_start(w.k, "big", sends_big, GSIZE_TO_POINTER(BIG));
	sim_run(w.sim, SIM_S);
	ck_assert_uint_eq(fragments.n, PIECES);
	ck_assert_uint_eq(arrivals.bytes, BIG);
	for (unsigned i = 0; i < PIECES; i++)
		ck_assert_uint_eq(fragments.offset[i], (PIECES - 1 - i) * 1480);
	/* the first leaves behind what it took, doorbell and fetching */
	ck_assert_int_ge(fragments.at[0] - began, before);
	ck_assert_int_le(fragments.at[0] - began, before + 10 * SIM_US);
	for (unsigned i = 2; i < PIECES - 1; i++)
		ck_assert_int_eq(fragments.at[i] - fragments.at[i - 1], each);
	/* the UDP header is not copied from the user */
	ck_assert_int_eq(fragments.at[PIECES - 1] - fragments.at[PIECES - 2],
	                 each - 8 * 20 * SIM_NS);
	net_world_free(&w);
}
END_TEST

/* A large datagram is more than the buffer holds: 44 fragments of 1,696.  So its sender waits in the middle of
 * it, for the interrupt of the 32nd frame; without blocking, the first fragment alone is asked whether there
 * is room. */
START_TEST(a_large_datagram_waits_within) {
	begin(false);
	process_start(w.k, "big", sends_big, GSIZE_TO_POINTER(64000));
	sim_run(w.sim, SIM_S);
	ck_assert_uint_eq(arrivals.bytes, 64000);
	ck_assert_int_ge(ended - began, (32 - 16384 / FULL - 1) * wire_time);
	ck_assert_int_le(ended - began, 32 * wire_time + 10 * SIM_US);
	net_world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("queue");
	TCase *tc = tcase_create("tcp");

	tcase_add_test(tc, a_full_queue_is_no_loss);
	suite_add_tcase(suite, tc);
	tc = tcase_create("datagrams");
	tcase_add_test(tc, a_sender_is_as_fast_as_the_wire);
	tcase_add_test(tc, a_slow_sender_never_waits);
	tcase_add_test(tc, a_full_buffer_is_told);
	tcase_add_test(tc, a_small_buffer_does_not_hang);
	tcase_add_test(tc, raw_sockets_have_a_buffer_too);
	tcase_add_loop_test(tc, a_wait_for_room_ends, 0, 3);
	tcase_add_test(tc, a_fragment_leaves_when_it_is_copied);
	tcase_add_test(tc, a_large_datagram_waits_within);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
