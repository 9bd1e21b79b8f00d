/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long does a row of sends take?  The process that sends, and the sink that must not be what
 * it waits for.
 */
#include "apps/sendbench.h"

#include <errno.h>
#include <glib.h>
#include <netinet/tcp.h>

#include "host/socket/syscalls.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"
#include "sim/histogram.h"

struct sendbench {
	struct kernel *k;
	struct sendbench_conf conf;
	double *latency;
	struct histogram *sends;    /* each of them, since the reset */
	unsigned finished, counted; /* repetitions; of them in latency[] */
	bool stale;                 /* the one under way began before the window */
	int error;
	void (*done)(void *arg);
	void *done_arg;
	void (*watch)(void *arg, bool start);
	void *watch_arg;
};

void sendbench_conf_default(struct sendbench_conf *conf) {
	*conf = (struct sendbench_conf){
		.family = AF_INET,
		.port = 5001,
		.sends = 10000,
		.repetitions = 10,
		.message = 256,
		.nodelay = true,
		.gap = 100 * SIM_MS,
	};
}

static void tell(const struct sendbench *bench, bool start) {
	if (bench->watch)
		bench->watch(bench->watch_arg, start);
}

static int open_connection(struct task *me, const struct sendbench_conf *conf) {
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(conf->port),
		.sin_addr.s_addr = htonl(conf->addr),
	};
	int nodelay = conf->nodelay;
	int fd = sys_socket(me, conf->family, SOCK_STREAM, 0);

	if (fd < 0)
		return fd;
	int err = sys_connect(me, fd, (const struct sockaddr *)&sin, sizeof sin);
	if (!err)
		err = sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, sizeof nodelay);
	if (err) {
		sys_close(me, fd);
		return err;
	}
	return fd;
}

static int repetition(struct task *me, struct sendbench *bench, int fd, const char *message) {
	sim_time start = sys_gettime(me), before = start, now;

	bench->stale = false;
	tell(bench, true);
	for (unsigned i = 0; i < bench->conf.sends; i++, before = now) {
		ssize_t n = sys_send(me, fd, message, bench->conf.message, 0);
		if (n < 0)
			return (int)n;
		now = task_stopwatch(me);
		if (!bench->stale)
			histogram_add(bench->sends, now - before);
	}
	sim_time taken = sys_gettime(me) - start;
	tell(bench, false);
	bench->finished++;
	if (!bench->stale)
		bench->latency[bench->counted++] = sim_to_us(taken) / bench->conf.sends;
	return 0;
}

static int bench_main(struct task *me, void *arg) {
	struct sendbench *bench = arg;
	g_autofree char *message = g_malloc0(bench->conf.message);
	int fd = open_connection(me, &bench->conf);
	int err = fd < 0 ? fd : 0;

	while (!err && bench->finished < bench->conf.repetitions) {
		err = sys_nanosleep(me, bench->conf.gap);
		if (!err)
			err = repetition(me, bench, fd, message);
	}
	if (fd >= 0)
		sys_close(me, fd);
	bench->error = err;
	if (bench->done)
		bench->done(bench->done_arg);
	return err ? 1 : 0;
}

struct sendbench *sendbench_start(struct kernel *k, const struct sendbench_conf *conf,
                                  void (*done)(void *arg), void *arg) {
	struct sendbench *bench = g_new0(struct sendbench, 1);

	bench->k = k;
	bench->conf = *conf;
	bench->latency = g_new0(double, conf->repetitions);
	bench->sends = histogram_new();
	bench->done = done;
	bench->done_arg = arg;
	process_start(k, "sendbench", bench_main, bench);
	return bench;
}

void sendbench_free(struct sendbench *bench) {
	g_free(bench->latency);
	histogram_free(bench->sends);
	g_free(bench);
}

void sendbench_reset(struct sendbench *bench) {
	bench->counted = 0;
	histogram_reset(bench->sends);
	bench->stale = true;
}

const double *sendbench_latencies(const struct sendbench *bench, unsigned *n) {
	*n = bench->counted;
	return bench->latency;
}

const struct histogram *sendbench_sends(const struct sendbench *bench) { return bench->sends; }

int sendbench_error(const struct sendbench *bench) { return bench->error; }

void sendbench_watch(struct sendbench *bench, void (*fn)(void *arg, bool start), void *arg) {
	bench->watch = fn;
	bench->watch_arg = arg;
}

double sendbench_trimmed_mean(const double *latency, unsigned n) {
	double sum = 0, least = latency[0], most = latency[0];

	for (unsigned i = 0; i < n; i++) {
		sum += latency[i];
		least = MIN(least, latency[i]);
		most = MAX(most, latency[i]);
	}
	return n > 2 ? (sum - least - most) / (n - 2) : sum / n;
}

/* --- the sink ------------------------------------------------------------------------------- */

struct sink_conn {
	struct peer_sock ps; /* first: events find the connection */
	struct sink *sink;
	struct sink_conn *next;
};

struct sink {
	struct peer_sock ps; /* first */
	struct peer *peer;
	struct sink_conn *conns;
	uint64_t bytes;
};

static void sink_drain(struct peer_sock *ps, unsigned events) {
	struct sink_conn *conn = (struct sink_conn *)ps;
	char buf[8192];
	struct iovec iov = {buf, sizeof buf};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	ssize_t n;

	(void)events;
	if (!ps->so)
		return;
	while ((n = net_recv(ps->so, &msg)) > 0)
		conn->sink->bytes += (uint64_t)n;
	if (n == -EAGAIN)
		return;
	peer_close(conn->sink->peer, ps, false);
	ps->so = NULL;
}

static void sink_accept(struct peer_sock *ps, unsigned events) {
	struct sink *sink = (struct sink *)ps;

	(void)events;
	for (;;) {
		struct sink_conn *conn = g_new0(struct sink_conn, 1);
		conn->ps.event = sink_drain;
		conn->sink = sink;
		if (peer_accept(sink->peer, ps, &conn->ps)) {
			g_free(conn);
			return;
		}
		conn->next = sink->conns;
		sink->conns = conn;
		sink_drain(&conn->ps, NET_EV_READ);
	}
}

struct sink *sink_start(struct peer *peer, uint16_t port) {
	struct sink *sink = g_new0(struct sink, 1);

	sink->peer = peer;
	sink->ps.event = sink_accept;
	if (peer_open(peer, SOCK_STREAM, &sink->ps) || net_bind(sink->ps.so, 0, port) ||
	    net_listen(sink->ps.so, 128))
		g_error("a peer's sink cannot listen on port %u", port);
	return sink;
}

uint64_t sink_bytes(const struct sink *sink) { return sink->bytes; }

void sink_free(struct sink *sink) {
	while (sink->conns) {
		struct sink_conn *conn = sink->conns;
		sink->conns = conn->next;
		if (conn->ps.so)
			peer_close(sink->peer, &conn->ps, true);
		g_free(conn);
	}
	peer_close(sink->peer, &sink->ps, true);
	g_free(sink);
}
