/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long does each operation of a socket keep its caller?  A process times its own calls; a peer
 * is the other end of them.
 */
#include "apps/oplat.h"

#include <errno.h>
#include <glib.h>
#include <linux/sockios.h>
#include <math.h>
#include <netinet/tcp.h>
#include <string.h>

#include "host/socket/syscalls.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"
#include "sim/histogram.h"

/* Longer than anything that is under way between two timed operations. */
#define SETTLE (20 * SIM_MS)

const char *const oplat_op_names[OPLAT_OPS_COUNT] = {
#define X(name) #name,
	OPLAT_OPS(X)
#undef X
};

struct oplat_conn {
	struct peer_sock ps; /* first: events find the connection */
	struct oplat *bench;
};

/* Times of one kind of operation. */
struct tally {
	double sum_us;
	unsigned n;
};

/* A stretch of the run in which the host's processor is watched. */
struct stretch {
	sim_time since, busy; /* its start, the window's if that is later; the account then */
	sim_time took, used;  /* once it is over */
	unsigned exchanges;
	bool begun, over;
};

struct oplat {
	struct kernel *k;
	struct peer *peer;
	struct oplat_conf conf;
	struct tally op[OPLAT_OPS_COUNT], accept_wake;
	struct stretch exchange, idle;
	struct histogram *exchanges; /* each of them, since the reset */
	int error;                   /* of what failed, or 0 */
	const char *failed;          /* its name, NULL */
	struct oplat_conn server, datagrams;
	GPtrArray *conns;   /* struct oplat_conn */
	sim_time reset;     /* the window began */
	sim_time started;   /* of the operation that is timed */
	sim_time connected; /* when the counterpart's last call was answered */
	char *buf;
	void (*done)(void *arg);
	void *done_arg;
};

void oplat_conf_default(struct oplat_conf *conf) {
	*conf = (struct oplat_conf){
		.family = AF_INET,
		.port = 7,
		.rounds = 50,
		.exchanges = 200,
		.idle = SIM_S,
		.message = 64,
	};
}

/* --- the counterpart -------------------------------------------------------------------------- */

static void echo(struct oplat *bench, struct peer_sock *ps) {
	char buf[4096];
	ssize_t n;

	for (;;) {
		struct iovec iov = {buf, sizeof buf};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(ps->so, &msg);
		if (n <= 0)
			break;
		iov.iov_len = (size_t)n;
		net_send(ps->so, &msg); /* a datagram's source is still in it */
	}
	if (n == -EAGAIN || ps == &bench->datagrams.ps)
		return;
	peer_close(bench->peer, ps, false);
	ps->so = NULL;
}

static void conn_event(struct peer_sock *ps, unsigned events) {
	struct oplat *bench = ((struct oplat_conn *)ps)->bench;

	if (events & NET_EV_CONNECTED)
		bench->connected = sim_now(peer_sim(bench->peer));
	if (ps->so)
		echo(bench, ps);
}

static struct oplat_conn *conn_new(struct oplat *bench) {
	struct oplat_conn *conn = g_new0(struct oplat_conn, 1);

	conn->ps.event = conn_event;
	conn->bench = bench;
	g_ptr_array_add(bench->conns, conn);
	return conn;
}

static void serve(struct peer_sock *ps, unsigned events) {
	struct oplat *bench = ((struct oplat_conn *)ps)->bench;
	struct oplat_conn *conn = conn_new(bench);

	(void)events;
	while (!peer_accept(bench->peer, ps, &conn->ps))
		conn = conn_new(bench);
	g_ptr_array_remove(bench->conns, conn);
	g_free(conn);
}

static void call_host(void *arg) {
	struct oplat *bench = arg;
	struct oplat_conn *conn = conn_new(bench);

	if (peer_open(bench->peer, SOCK_STREAM, &conn->ps) ||
	    net_connect(conn->ps.so, bench->conf.own_addr, bench->conf.port) != -EINPROGRESS)
		g_error("a peer cannot call the host");
}

static void counterpart_start(struct oplat *bench) {
	struct peer_sock *server = &bench->server.ps, *datagrams = &bench->datagrams.ps;

	bench->server.bench = bench->datagrams.bench = bench;
	server->event = serve;
	datagrams->event = conn_event;
	if (peer_open(bench->peer, SOCK_STREAM, server) ||
	    net_bind(server->so, 0, bench->conf.port) || net_listen(server->so, 128) ||
	    peer_open(bench->peer, SOCK_DGRAM, datagrams) ||
	    net_bind(datagrams->so, 0, bench->conf.port))
		g_error("a peer cannot serve port %u", bench->conf.port);
}

/* --- timing ----------------------------------------------------------------------------------- */

static void check(struct oplat *bench, const char *name, long result) {
	if (result >= 0 || bench->error)
		return;
	bench->error = (int)result;
	bench->failed = name;
}

/* An operation that began before the window does not count. */
static void tally_add(struct tally *tally, const struct oplat *bench, sim_time start,
                      sim_time end) {
	if (start < bench->reset)
		return;
	tally->sum_us += sim_to_us(end - start);
	tally->n++;
}

static double tally_mean(const struct tally *tally) {
	return tally->n ? tally->sum_us / tally->n : NAN;
}

static long timed(struct task *me, struct oplat *bench, enum oplat_op op, long result) {
	tally_add(&bench->op[op], bench, bench->started, task_stopwatch(me));
	check(bench, oplat_op_names[op], result);
	return result;
}

/* Times one operation, and passes its result on. */
#define TIMED(op, call)                                                                            \
	(bench->started = task_stopwatch(me), timed(me, bench, OPLAT_##op, (call)))

static struct sockaddr_in address(uint32_t addr, uint16_t port) {
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = g_htons(port), .sin_addr.s_addr = g_htonl(addr)};
}

/* One life of a stream socket that connects. */
static void caller_round(struct task *me, struct oplat *bench) {
	const struct oplat_conf *conf = &bench->conf;
	struct sockaddr_in any = address(INADDR_ANY, 0),
			   peer = address(conf->peer_addr, conf->port);
	int one = 1, len = sizeof any, optlen = sizeof one;
	int fd = (int)TIMED(socket, sys_socket(me, conf->family, SOCK_STREAM, 0));
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	TIMED(setsockopt, sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
	TIMED(bind, sys_bind(me, fd, (struct sockaddr *)&any, sizeof any));
	TIMED(connect, sys_connect(me, fd, (struct sockaddr *)&peer, sizeof peer));
	TIMED(getname, sys_getsockname(me, fd, (struct sockaddr *)&any, &len));
	TIMED(sendmsg, sys_send(me, fd, bench->buf, conf->message, MSG_NOSIGNAL));
	sys_nanosleep(me, SETTLE);
	TIMED(ioctl, sys_ioctl(me, fd, SIOCINQ, &one));
	TIMED(poll, sys_poll(me, &pfd, 1, 0));
	TIMED(recvmsg, sys_recv(me, fd, bench->buf, conf->message, MSG_DONTWAIT));
	TIMED(getsockopt, sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &one, &optlen));
	TIMED(shutdown, sys_shutdown(me, fd, SHUT_WR));
	sys_nanosleep(me, SETTLE);
	TIMED(release, sys_close(me, fd));
}

/* A listener, a connection that lies ready, and one that a sleeping accept waits for. */
static void listener_round(struct task *me, struct oplat *bench) {
	struct sockaddr_in any = address(INADDR_ANY, bench->conf.port);
	int fd = sys_socket(me, bench->conf.family, SOCK_STREAM, 0), one = 1, ready, woken;

	sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	check(bench, "bind", sys_bind(me, fd, (struct sockaddr *)&any, sizeof any));
	TIMED(listen, sys_listen(me, fd, 10));
	if (bench->error)
		return;
	call_host(bench);
	sys_nanosleep(me, SETTLE);
	ready = (int)TIMED(accept, sys_accept(me, fd, NULL, NULL));
	sim_call_at(bench->k->sim, sys_gettime(me) + SETTLE, call_host, bench);
	woken = sys_accept(me, fd, NULL, NULL);
	check(bench, "accept", woken);
	tally_add(&bench->accept_wake, bench, bench->connected, task_stopwatch(me));
	sys_close(me, ready);
	sys_close(me, woken);
	sys_close(me, fd);
	sys_nanosleep(me, SETTLE);
}

static sim_time busy_time(struct kernel *k) {
	struct cpu_usage usage;

	cpu_usage_get(k, &usage);
	return usage.busy[CPU_USER] + usage.busy[CPU_SYSTEM] + usage.busy[CPU_SOFTIRQ] +
	       usage.busy[CPU_IRQ];
}

static void stretch_begin(struct stretch *stretch, struct kernel *k) {
	stretch->begun = true;
	stretch->since = sim_now(k->sim);
	stretch->busy = busy_time(k);
}

/* What it has come to; it may still go on. */
static struct stretch stretch_now(const struct stretch *stretch, struct kernel *k) {
	struct stretch now = *stretch;

	if (now.begun && !now.over) {
		now.took = sim_now(k->sim) - now.since;
		now.used = busy_time(k) - now.busy;
	}
	return now;
}

static void stretch_end(struct stretch *stretch, struct kernel *k) {
	*stretch = stretch_now(stretch, k);
	stretch->over = true;
}

/* The window begins: of a stretch that is over nothing counts, of one under way what comes. */
static void stretch_reset(struct stretch *stretch, struct kernel *k) {
	stretch->exchanges = 0;
	stretch->took = stretch->used = 0;
	if (stretch->begun && !stretch->over)
		stretch_begin(stretch, k);
}

static double stretch_percent(const struct stretch *stretch) {
	return stretch->took > 0 ? 100.0 * (double)stretch->used / (double)stretch->took : NAN;
}

static void exchange_all(struct task *me, struct oplat *bench, int fd) {
	struct sockaddr_in peer = address(bench->conf.peer_addr, bench->conf.port);

	sim_time before = task_stopwatch(me), now;

	stretch_begin(&bench->exchange, bench->k);
	for (unsigned i = 0; i < bench->conf.exchanges && !bench->error; i++, before = now) {
		check(bench, "sendto",
		      sys_sendto(me, fd, bench->buf, bench->conf.message, 0,
		                 (struct sockaddr *)&peer, sizeof peer));
		if (!bench->error)
			check(bench, "recvfrom",
			      sys_recv(me, fd, bench->buf, bench->conf.message, 0));
		bench->exchange.exchanges++;
		now = task_stopwatch(me);
		/* One that the window's opening found half done is none. */
		if (before >= bench->reset)
			histogram_add(bench->exchanges, now - before);
	}
	task_stopwatch(me);
	stretch_end(&bench->exchange, bench->k);
}

static void wait_in_vain(struct task *me, struct oplat *bench, int fd) {
	struct timeval tv = {.tv_sec = bench->conf.idle / SIM_S,
	                     .tv_usec = bench->conf.idle % SIM_S / SIM_US};

	sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	task_stopwatch(me);
	stretch_begin(&bench->idle, bench->k);
	if (sys_recv(me, fd, bench->buf, bench->conf.message, 0) != -EAGAIN)
		check(bench, "a receive in vain", -EPROTO);
	task_stopwatch(me);
	stretch_end(&bench->idle, bench->k);
}

static void datagram_part(struct task *me, struct oplat *bench) {
	int fd = sys_socket(me, bench->conf.family, SOCK_DGRAM, 0);

	if (bench->conf.exchanges)
		exchange_all(me, bench, fd);
	if (bench->conf.idle)
		wait_in_vain(me, bench, fd);
	sys_close(me, fd);
}

static int oplat_main(struct task *me, void *arg) {
	struct oplat *bench = arg;

	sys_nanosleep(me, SETTLE);
	for (unsigned i = 0; i < bench->conf.rounds && !bench->error; i++) {
		caller_round(me, bench);
		if (!bench->error)
			listener_round(me, bench);
	}
	if (!bench->error)
		datagram_part(me, bench);
	if (bench->done)
		bench->done(bench->done_arg);
	return bench->error ? 1 : 0;
}

/* --- life ------------------------------------------------------------------------------------- */

struct oplat *oplat_start(struct kernel *k, struct peer *peer, const struct oplat_conf *conf,
                          void (*done)(void *arg), void *arg) {
	struct oplat *bench = g_new0(struct oplat, 1);

	bench->k = k;
	bench->peer = peer;
	bench->exchanges = histogram_new();
	bench->conf = *conf;
	bench->conns = g_ptr_array_new();
	bench->buf = g_malloc0(conf->message);
	bench->done = done;
	bench->done_arg = arg;
	counterpart_start(bench);
	process_start(k, "oplat", oplat_main, bench);
	return bench;
}

void oplat_free(struct oplat *bench) {
	for (guint i = 0; i < bench->conns->len; i++) {
		struct oplat_conn *conn = bench->conns->pdata[i];

		if (conn->ps.so)
			peer_close(bench->peer, &conn->ps, true);
		g_free(conn);
	}
	peer_close(bench->peer, &bench->server.ps, true);
	peer_close(bench->peer, &bench->datagrams.ps, true);
	g_ptr_array_free(bench->conns, TRUE);
	g_free(bench->buf);
	histogram_free(bench->exchanges);
	g_free(bench);
}

void oplat_reset(struct oplat *bench) {
	bench->reset = sim_now(bench->k->sim);
	histogram_reset(bench->exchanges);
	memset(bench->op, 0, sizeof bench->op);
	bench->accept_wake = (struct tally){0};
	stretch_reset(&bench->exchange, bench->k);
	stretch_reset(&bench->idle, bench->k);
}

const struct histogram *oplat_exchanges(const struct oplat *bench) { return bench->exchanges; }

void oplat_result(const struct oplat *bench, struct oplat_result *result) {
	struct stretch exchange = stretch_now(&bench->exchange, bench->k);
	struct stretch idle = stretch_now(&bench->idle, bench->k);

	for (unsigned i = 0; i < OPLAT_OPS_COUNT; i++)
		result->us[i] = tally_mean(&bench->op[i]);
	result->accept_wake_us = tally_mean(&bench->accept_wake);
	result->exchange_us =
		exchange.exchanges ? sim_to_us(exchange.took) / exchange.exchanges : NAN;
	result->exchanges_per_s = 1e6 / result->exchange_us;
	result->exchange_cpu_pct = stretch_percent(&exchange);
	result->idle_cpu_pct = stretch_percent(&idle);
	result->error = bench->error;
	result->failed = bench->failed;
}
