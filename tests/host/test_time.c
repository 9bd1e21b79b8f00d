/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When things happen on the host, and who pays: docs/time.md, each rule with a closed form.
 */
#include <linux/sockios.h>

#include "net_world.h"
#include "run_suite.h"

static struct net_world w;

static sim_time now(void) { return sim_now(w.sim); }

/* What left the host's first NIC, and when. */
enum { WIRE_MOST = 4096 };
static struct seen {
	sim_time date;
	enum net_kind kind;
	size_t payload;
	sim_time copied; /* what the processor has worked at copies for sending until then */
} wire[WIRE_MOST];
static unsigned n_wire;

static void wire_tap(void *arg, const struct frame *frame, bool tx) {
	struct seen *seen = &wire[n_wire];

	(void)arg;
	if (!tx || n_wire == WIRE_MOST)
		return;
	n_wire++;
	seen->date = now();
	seen->kind = net_classify(frame, &seen->payload);
	seen->copied = w.k->costs.account[COST_COPY_TX].time;
}

/* The peer's hardware address is known, so that nothing waits for ARP. */
static void know_peer(void) {
	static const uint8_t mac[6] = {2, 0, 0, 0, 1, 0};

	ck_assert_int_eq(net_arp_set(w.k->stack, PEER_ADDR(0), mac), 0);
}

static void world_begin(void) {
	net_world_init(&w, NULL);
	know_peer();
	n_wire = 0;
	port_tap(link_port(w.link[0], 0), wire_tap, NULL);
}

static void nap_until(struct task *me, sim_time date) {
	set_task_state(me, TASK_INTERRUPTIBLE);
	schedule_timeout(w.k, date - now());
}

static struct sockaddr_in peer_addr(uint16_t port) {
	return (struct sockaddr_in){.sin_family = AF_INET,
	                            .sin_port = htons(port),
	                            .sin_addr.s_addr = htonl(PEER_ADDR(0))};
}

/* --- ticks ------------------------------------------------------------------------------------ */

/* A SYN that nobody answers, begun 4 ms into a tick: sent again 3, 9 and 21 s after the tick *before*,
 * as mod_timer(jiffies + 3 * HZ) counts, so 4 ms sooner than 3 s after it left. */
static int connects_to_nobody(struct task *me, void *arg) {
	struct sockaddr_in to = peer_addr(80);
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	(void)arg;
	charge_time(w.k, COST_FILE_READ, 4 * SIM_MS);
	cpu_settle(w.k);
	sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), -EINPROGRESS);
	nap_until(me, 25 * SIM_S);
	sys_close(me, fd);
	PROGRAM_END(&w);
}

START_TEST(timers_of_the_stack_count_ticks) {
	static const sim_time dates[] = {4 * SIM_MS, 3 * SIM_S, 9 * SIM_S, 21 * SIM_S};

	world_begin();
	port_attach(link_port(w.link[0], 1), NULL, NULL);
	net_world_run(&w, connects_to_nobody);
	ck_assert_uint_eq(n_wire, 4);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_int_ge(wire[i].date, dates[i]);
		ck_assert_int_lt(wire[i].date, dates[i] + 5 * SIM_US);
	}
	net_world_free(&w);
}
END_TEST

/* --- loop-back -------------------------------------------------------------------------------- */

static struct sockaddr_in lo_addr(uint16_t port) {
	return (struct sockaddr_in){.sin_family = AF_INET,
	                            .sin_port = htons(port),
	                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A datagram to the machine itself arrives when its sender has paid for it: system call 0.7, dispatch 1.2,
 * sendmsg 4, 1,400 bytes of 4.5 ns, UDP's transmit 8 us; then a softirq, 1, and UDP's receive, 7. */
static int sends_to_itself(struct task *me, void *arg) {
	struct sockaddr_in to = lo_addr(9);
	static char buf[1400];
	struct timeval stamp;
	sim_time start, at;
	int fd[2];

	(void)arg;
	for (int i = 0; i < 2; i++)
		fd[i] = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(sys_bind(me, fd[0], (struct sockaddr *)&to, sizeof to), 0);
	start = sys_gettime(me);
	ck_assert_int_eq(
		sys_sendto(me, fd[1], buf, sizeof buf, 0, (struct sockaddr *)&to, sizeof to),
		sizeof buf);
	ck_assert_int_eq(sys_recv(me, fd[0], buf, sizeof buf, 0), sizeof buf);
	ck_assert_int_eq(sys_ioctl(me, fd[0], SIOCGSTAMP, &stamp), 0);
	at = stamp.tv_sec * SIM_S + stamp.tv_usec * SIM_US;
	ck_assert_int_ge(at + SIM_US,
	                 start + 20200 * SIM_NS); /* the stamp is in whole microseconds */
	ck_assert_int_le(at, start + 20200 * SIM_NS + 9 * SIM_US);
	PROGRAM_END(&w);
}

START_TEST(loop_back_arrives_when_it_is_paid_for) {
	world_begin();
	net_world_costs(&w);
	net_world_run(&w, sends_to_itself);
	net_world_free(&w);
}
END_TEST

enum { ROUNDS = 2000, BULK = 64000 };

static int lo_server(struct task *me, void *arg) {
	struct sockaddr_in at = lo_addr(80);
	static char buf[BULK];
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0), c;

	ck_assert_int_eq(sys_bind(me, fd, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	c = sys_accept(me, fd, NULL, NULL);
	while (sys_recv(me, c, buf, sizeof buf, 0) == 1)
		ck_assert_int_eq(sys_send(me, c, buf, 1, 0), 1);
	while (arg && sys_recv(me, c, buf, sizeof buf, 0) > 0)
		;
	sys_close(me, c);
	sys_close(me, fd);
	return 0;
}

static int lo_connect(struct task *me) {
	struct sockaddr_in to = lo_addr(80);
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	nap_until(me, 10 * SIM_MS);
	ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

/* A byte forth and back keeps the processor busy: it never waits for a tick, whatever timers the
 * connection has set meanwhile. */
static int plays_ping_pong(struct task *me, void *arg) {
	int fd = lo_connect(me);
	struct cpu_usage usage;
	sim_time start, most = 0;
	char c = 'x';

	(void)arg;
	cpu_usage_reset(w.k);
	for (int i = 0; i < ROUNDS; i++) {
		start = sys_gettime(me);
		ck_assert_int_eq(sys_send(me, fd, &c, 1, 0), 1);
		ck_assert_int_eq(sys_recv(me, fd, &c, 1, 0), 1);
		most = MAX(most, sys_gettime(me) - start);
	}
	ck_assert_int_lt(most, 200 * SIM_US);
	cpu_usage_get(w.k, &usage);
	ck_assert_int_eq(usage.window, usage.busy[CPU_SYSTEM] + usage.busy[CPU_SOFTIRQ]);
	sys_close(me, fd);
	PROGRAM_END(&w);
}

START_TEST(loop_back_never_waits_for_a_tick) {
	world_begin();
	net_world_costs(&w);
	process_start(w.k, "server", lo_server, NULL);
	net_world_run(&w, plays_ping_pong);
	net_world_free(&w);
}
END_TEST

/* 64,000 bytes by an MTU of 16,436: 3 segments of 16,384 and one of 14,848; every segment pays for what
 * it is, data for data, and no checksum. */
static int sends_bulk(struct task *me, void *arg) {
	const struct cost_account *account = w.k->costs.account;
	static char buf[BULK];
	int fd = lo_connect(me);
	uint64_t data, tx, before_ack;

	(void)arg;
	nap_until(me, 100 * SIM_MS);
	data = account[COST_TCP_RX_DATA].charges;
	before_ack = account[COST_TCP_RX_ACK].charges;
	tx = account[COST_TCP_TX_SEGMENT].charges;
	ck_assert_int_eq(sys_send(me, fd, buf, BULK, 0), BULK);
	nap_until(me, 300 * SIM_MS);
	ck_assert_uint_eq(account[COST_TCP_RX_DATA].charges - data, 4);
	ck_assert_uint_eq(account[COST_TCP_TX_SEGMENT].charges - tx,
	                  4 + account[COST_TCP_RX_ACK].charges - before_ack);
	ck_assert_uint_eq(account[COST_CSUM_RX].bytes, 0);
	sys_close(me, fd);
	PROGRAM_END(&w);
}

START_TEST(loop_back_segments_pay_each_for_what_they_are) {
	world_begin();
	process_start(w.k, "server", lo_server, &w);
	net_world_run(&w, sends_bulk);
	net_world_free(&w);
}
END_TEST

/*
 * A hand-shake through the loop-back is over before connect() sleeps, and connect() calls schedule()
 * all the same (inet_wait_for_connect()).  So a client that never sleeps gives way, when it has used up
 * a tick of its slice, to the server that it woke.
 */
static sim_time connected, accepted;

static int lo_accepts(struct task *me, void *arg) {
	struct sockaddr_in at = lo_addr(80);
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	(void)arg;
	ck_assert_int_eq(sys_bind(me, fd, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(sys_listen(me, fd, 1000), 0);
	sys_close(me, sys_accept(me, fd, NULL, NULL));
	accepted = sys_gettime(me);
	nap_until(me, accepted + 100 * SIM_MS);
	sys_close(me, fd);
	return 0;
}

static int lo_connects(struct task *me, void *arg) {
	struct sockaddr_in to = lo_addr(80);
	int fd = lo_connect(me);

	(void)arg;
	connected = sys_gettime(me);
	while (!accepted) {
		sys_close(me, fd);
		fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), 0);
	}
	sys_close(me, fd);
	PROGRAM_END(&w);
}

START_TEST(connect_gives_way_when_the_handshake_is_over_at_once) {
	world_begin();
	net_world_costs(&w);
	accepted = 0;
	process_start(w.k, "server", lo_accepts, NULL);
	net_world_run(&w, lo_connects);
	ck_assert_int_gt(accepted - connected, KERNEL_TICK - SIM_MS);
	ck_assert_int_lt(accepted - connected, KERNEL_TICK + SIM_MS);
	net_world_free(&w);
}
END_TEST

/* --- the socket lock --------------------------------------------------------------------------- */

enum { SENT = 29000, WINDOW = 3 }; /* bytes; segments that need no ACK (RFC 2414) */

static struct peer_prog listener, remote;
static sim_time send_began;

static int sends_while_answered(struct task *me, void *arg) {
	struct sockaddr_in to = peer_addr(80);
	static char buf[SENT];
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	(void)arg;
	ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), 0);
	nap_until(me, 100 * SIM_MS);
	n_wire = 0;
	send_began = sys_gettime(me);
	ck_assert_int_eq(sys_send(me, fd, buf, SENT, 0), SENT);
	nap_until(me, 150 * SIM_MS);
	sys_close(me, fd);
	PROGRAM_END(&w);
}

/* What the processor has done when the first `n` data segments may leave, of which each is copied, 4.5 ns a
 * byte, and then sent: TCP 8, descriptor 0.5, doorbell 0.4 us; before them system call 0.7, dispatch 1.2,
 * sendmsg 4.5 us. */
static sim_time paid(unsigned n) {
	sim_time at = send_began + 6400 * SIM_NS;

	for (unsigned i = 0; i < n; i++)
		at += (sim_time)wire[i].payload * 4500 + 8900 * SIM_NS;
	return at;
}

/* From the doorbell to the wire: descriptor and 1,514 bytes cross the bus. */
enum { DEVICE_MOST = 8 };

/* No byte was on its way before it was copied. */
static void expect_copied(void) {
	sim_time end = 0;

	for (unsigned i = 0; i < n_wire; i++) {
		end += (sim_time)wire[i].payload;
		ck_assert_int_ge(wire[i].copied, end * 4500);
	}
	ck_assert_int_eq(end, SENT);
}

/*
 * A segment leaves when its own bytes are paid for, however many come after it; what the peer sends
 * meanwhile, ACKs and an echo, is received and makes nothing leave until all are.  So after the segments
 * that the first window permits, nothing is seen before the copy is over.
 */
START_TEST(bytes_leave_when_they_are_copied) {
	sim_time rest, device, copied;

	world_begin();
	net_world_costs(&w);
	peer_prog_init(&remote, w.peer[0]);
	remote.echo = true;
	peer_prog_listen(&listener, w.peer[0], 80, &remote);
	net_world_run(&w, sends_while_answered);
	device = wire[0].date - paid(1);
	ck_assert_int_gt(device, 0);
	ck_assert_int_lt(device, DEVICE_MOST * SIM_US);
	ck_assert_int_eq(wire[1].date - device, paid(2)); /* before the first interrupt */
	ck_assert_int_ge(wire[2].date - device, paid(3));
	rest = SENT;
	for (unsigned i = 0; i < WINDOW; i++)
		rest -= (sim_time)wire[i].payload;
	copied = paid(WINDOW) + rest * 4500;
	ck_assert_uint_gt(n_wire, 20);
	for (unsigned i = WINDOW; i < n_wire; i++)
		ck_assert_int_gt(wire[i].date - device, copied);
	expect_copied();
	peer_prog_free(&remote);
	net_world_free(&w);
}
END_TEST

/*
 * sendfile() sends a page, 4,096 bytes, at a time, each as a call of its own on the locked socket: what has
 * come is answered between two pages.  So a segment leaves when the calls of its pages are paid for and what
 * lies before its end is copied, whoever sends it.
 */
static sim_time paid_in_pages(unsigned n) {
	size_t end = 0;

	for (unsigned i = 0; i < n; i++)
		end += wire[i].payload;
	return paid(n) + (sim_time)((end - 1) / 4096) * 4500 * SIM_NS;
}

static int sends_a_file(struct task *me, void *arg) {
	struct sockaddr_in to = peer_addr(80);
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0), file = sys_open(me, "/page", O_RDONLY);

	(void)arg;
	ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), 0);
	nap_until(me, 100 * SIM_MS);
	n_wire = 0;
	send_began = sys_gettime(me);
	ck_assert_int_eq(sys_sendfile(me, fd, file, NULL, SENT), SENT);
	nap_until(me, 150 * SIM_MS);
	sys_close(me, file);
	sys_close(me, fd);
	PROGRAM_END(&w);
}

START_TEST(pages_leave_when_they_are_copied) {
	sim_time device;

	world_begin();
	net_world_costs(&w);
	fs_create_pattern(w.k, "/page", SENT, 1);
	peer_prog_init(&remote, w.peer[0]);
	remote.echo = true;
	peer_prog_listen(&listener, w.peer[0], 80, &remote);
	net_world_run(&w, sends_a_file);
	device = wire[0].date - paid_in_pages(1);
	ck_assert_int_gt(device, 0);
	ck_assert_int_lt(device, DEVICE_MOST * SIM_US);
	ck_assert_int_eq(wire[1].date - device, paid_in_pages(2)); /* before the first interrupt */
	ck_assert_uint_gt(n_wire, 20);
	expect_copied();
	peer_prog_free(&remote);
	net_world_free(&w);
}
END_TEST

/* --- waiting ---------------------------------------------------------------------------------- */

enum { READERS = 8, DATAGRAMS = 1000 };

static int reads_datagrams(struct task *me, void *arg) {
	char c;

	while (sys_recv(me, *(int *)arg, &c, 1, 0) == 1)
		w.ended++;
	return 0;
}

/* Eight readers of one socket: a datagram wakes one of them, so n datagrams cost n wake-ups. */
static int feeds_readers(struct task *me, void *arg) {
	struct cost_account *wakeups = &w.k->costs.account[COST_WAKEUP];
	struct sockaddr_in at = lo_addr(9);
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0),
	    out = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	uint64_t before;

	(void)arg;
	ck_assert_int_eq(sys_bind(me, fd, (struct sockaddr *)&at, sizeof at), 0);
	for (int i = 0; i < READERS; i++)
		sys_fork(me, reads_datagrams, &fd);
	nap_until(me, 20 * SIM_MS);
	before = wakeups->charges;
	for (int i = 0; i < DATAGRAMS; i++) {
		ck_assert_int_eq(sys_sendto(me, out, "x", 1, 0, (struct sockaddr *)&at, sizeof at),
		                 1);
		nap_until(me, now() + 10 * SIM_MS);
	}
	ck_assert_uint_eq(w.ended, DATAGRAMS);
	ck_assert_uint_eq(wakeups->charges - before, DATAGRAMS);
	/* The end of the socket's life concerns all. */
	sys_shutdown(me, fd, SHUT_RDWR);
	while (sys_waitpid(me, -1, NULL, 0) > 0)
		;
	PROGRAM_END(&w);
}

START_TEST(a_datagram_wakes_one_reader) {
	world_begin();
	net_world_costs(&w);
	net_world_run(&w, feeds_readers);
	net_world_free(&w);
}
END_TEST

/* A processor that falls idle has switched, too: to the idle task.  So a sleep alone on the machine costs
 * two switches, and an interrupt that comes at once finds the first under way. */
static int sleeps_alone(struct task *me, void *arg) {
	struct cpu_usage usage;
	sim_time start;

	(void)arg;
	start = now();
	cpu_usage_reset(w.k);
	for (int i = 0; i < 10; i++)
		nap_until(me, now() + 10 * SIM_MS);
	cpu_usage_get(w.k, &usage);
	ck_assert_uint_eq(usage.context_switches, 20);
	ck_assert_int_eq(w.k->costs.account[COST_SCHEDULE].time, 20 * 2 * SIM_US);
	ck_assert_int_lt(now() - start, 101 * SIM_MS);
	PROGRAM_END(&w);
}

START_TEST(falling_idle_is_a_switch) {
	world_begin();
	kernel_set_cost(w.k, "context_switch", (struct cost_value){2 * SIM_US, 0});
	net_world_run(&w, sleeps_alone);
	net_world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("time");
	TCase *tc = tcase_create("ticks");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, timers_of_the_stack_count_ticks);
	tcase_add_test(tc, loop_back_arrives_when_it_is_paid_for);
	tcase_add_test(tc, loop_back_never_waits_for_a_tick);
	tcase_add_test(tc, loop_back_segments_pay_each_for_what_they_are);
	tcase_add_test(tc, connect_gives_way_when_the_handshake_is_over_at_once);
	tcase_add_test(tc, bytes_leave_when_they_are_copied);
	tcase_add_test(tc, pages_leave_when_they_are_copied);
	tcase_add_test(tc, a_datagram_wakes_one_reader);
	tcase_add_test(tc, falling_idle_is_a_switch);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
