/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Does a viewer's picture stand still?  The process that paces a stream, and the buffer that plays
 * it.
 */
#include "apps/streaming.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/file/file.h"
#include "host/socket/syscalls.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"
#include "sim/rng.h"

/* Bytes of every stream: the same film for all. */
#define FILM_KEY 0x5eedU

struct viewer {
	struct peer_sock ps; /* first: events find the viewer */
	struct streaming *st;
	struct peer *peer;
	struct sim_event tick; /* arrival first, then one play-out step a chunk */
	uint32_t target;
	uint64_t received, played;
	uint64_t next;      /* of a group's stream: what is to come, 0: nothing came yet */
	sim_time dry_since; /* if dry: the play-out step that had nothing, or the reset after it */
	bool arrived, playing, dry;
};

/* Who sends to the group by one interface. */
struct caster {
	struct streaming *st;
	uint32_t addr;
};

struct streaming {
	struct sim *sim;
	struct kernel *server;
	struct streaming_conf conf;
	struct viewer *viewers;
	struct caster *casters;
	struct streaming_result result;
};

/* One stream's process needs a buffer and its place in the film. */
struct feeder {
	struct streaming *st;
	int conn;
	char buf[];
};

void streaming_conf_default(struct streaming_conf *conf) {
	*conf = (struct streaming_conf){
		.family = AF_INET,
		.port = 554,
		.bits_per_s = 1500000,
		.chunk = 100 * SIM_MS,
		.prebuffer = 2 * SIM_S,
		.viewers = 100,
		.ramp = 2 * SIM_S,
	};
}

/* Film bytes due after time t. */
static uint64_t bytes_at(const struct streaming_conf *conf, sim_time t) {
	return (uint64_t)(sim_to_s(t) * (double)conf->bits_per_s / 8);
}

/* --- the server --------------------------------------------------------------------------- */

/* Sends ahead by the viewer's pre-buffer and a chunk, then keeps to the clock, in whole chunks. */
static int feed(struct task *me, void *arg) {
	g_autofree struct feeder *f = arg; /* freed too when the world ends under the process */
	const struct streaming_conf *conf = &f->st->conf;
	size_t size = bytes_at(conf, conf->chunk);
	sim_time start = sys_gettime(me);
	uint64_t sent = 0;
	ssize_t n = 0;

	while (n >= 0) {
		sim_time ahead = sys_gettime(me) - start + conf->prebuffer + conf->chunk;
		if (sent + size > bytes_at(conf, ahead)) {
			sys_nanosleep(me, conf->chunk);
			continue;
		}
		pattern_fill(FILM_KEY, sent, f->buf, size);
		user_charge(me, COST_USER_BYTE, size);
		n = sys_send(me, f->conn, f->buf, size, MSG_NOSIGNAL);
		sent += n > 0 ? (uint64_t)n : 0;
	}
	sys_close(me, f->conn);
	return 0;
}

/* --- the server of a group ------------------------------------------------------------------- */

/* A datagram: eight bytes that say where in the film it begins, and seven packets of an MPEG
 * transport stream. */
enum { CAST_HEADER = 8, CAST_BYTES = 7 * 188 };

static ssize_t cast_one(struct task *me, const struct streaming *st, int fd, uint64_t from,
                        size_t size) {
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(st->conf.port),
		.sin_addr.s_addr = htonl(st->conf.group),
	};
	char datagram[CAST_HEADER + CAST_BYTES];

	from = GUINT64_TO_BE(from);
	memcpy(datagram, &from, CAST_HEADER);
	pattern_fill(FILM_KEY, GUINT64_FROM_BE(from), datagram + CAST_HEADER, size);
	user_charge(me, COST_USER_BYTE, size);
	return sys_sendto(me, fd, datagram, CAST_HEADER + size, 0, (const struct sockaddr *)&to,
	                  sizeof to);
}

/* A socket whose datagrams leave by one interface. */
static int cast_socket(struct task *me, const struct caster *c) {
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(c->addr)};
	int fd = sys_socket(me, c->st->conf.family, SOCK_DGRAM, 0);

	if (fd < 0 || sys_bind(me, fd, (const struct sockaddr *)&from, sizeof from) ||
	    sys_setsockopt(me, fd, IPPROTO_IP, IP_MULTICAST_IF, &from.sin_addr,
	                   sizeof from.sin_addr) < 0)
		return -1;
	return fd;
}

/* A live stream: what is due is sent each chunk, whoever listens. */
static int cast_main(struct task *me, void *arg) {
	struct caster *c = arg;
	const struct streaming_conf *conf = &c->st->conf;
	int fd = cast_socket(me, c);
	sim_time start = sys_gettime(me);
	uint64_t sent = 0;

	if (fd < 0)
		return 1;
	for (;;) {
		uint64_t due = bytes_at(conf, sys_gettime(me) - start + conf->chunk);

		while (sent < due) {
			size_t size = MIN(CAST_BYTES, due - sent);

			if (cast_one(me, c->st, fd, sent, size) < 0)
				return 1;
			sent += size;
		}
		sys_nanosleep(me, conf->chunk);
	}
}

static int streaming_main(struct task *me, void *arg) {
	struct streaming *st = arg;
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(st->conf.port),
		.sin_addr.s_addr = htonl(st->conf.addr),
	};
	int fd = sys_socket(me, st->conf.family, SOCK_STREAM, 0);

	sys_signal(me, SIGCHLD, SIGNAL_IGNORE);
	if (fd < 0 || sys_bind(me, fd, (const struct sockaddr *)&sin, sizeof sin) ||
	    sys_listen(me, fd, 128))
		return 1;
	for (;;) {
		int conn = sys_accept(me, fd, NULL, NULL);
		if (conn == -EINTR || conn == -ECONNABORTED)
			continue;
		if (conn < 0)
			return 1;
		struct feeder *f = g_malloc(sizeof *f + bytes_at(&st->conf, st->conf.chunk));
		f->st = st;
		f->conn = conn;
		if (sys_fork(me, feed, f) < 0)
			g_free(f);
		sys_close(me, conn);
	}
}

/* --- the viewers ----------------------------------------------------------------------------- */

static void take(struct viewer *v) {
	char buf[8192];
	struct iovec iov = {buf, sizeof buf};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	ssize_t n;

	while ((n = net_recv(v->ps.so, &msg)) > 0) {
		if (!pattern_check(FILM_KEY, v->received, buf, (size_t)n))
			v->st->result.wrong += (uint64_t)n;
		v->received += (uint64_t)n;
		v->st->result.bytes += (uint64_t)n;
	}
}

static void take_datagram(struct viewer *v, const char *data, size_t len) {
	struct streaming_result *r = &v->st->result;
	uint64_t from;

	memcpy(&from, data, CAST_HEADER);
	from = GUINT64_FROM_BE(from);
	len -= CAST_HEADER;
	if (from < v->next) /* doubled, or late: given up already */
		return;
	if (!pattern_check(FILM_KEY, from, data + CAST_HEADER, len))
		r->wrong += len;
	if (v->next)
		r->lost += from - v->next;
	v->next = from + len;
	v->received += len;
	r->bytes += len;
}

static void take_cast(struct viewer *v) {
	char buf[CAST_HEADER + CAST_BYTES];
	struct iovec iov = {buf, sizeof buf};
	ssize_t n;

	for (;;) {
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(v->ps.so, &msg);
		if (n < CAST_HEADER)
			return;
		take_datagram(v, buf, (size_t)n);
	}
}

static void on_event(struct peer_sock *ps, unsigned events) {
	struct viewer *v = (struct viewer *)ps;
	struct streaming *st = v->st;

	if (events & NET_EV_ERROR)
		return;
	if (st->conf.group)
		take_cast(v);
	else
		take(v);
	if (!v->playing && v->received >= bytes_at(&st->conf, st->conf.prebuffer)) {
		v->playing = true;
		st->result.playing++;
		sim_after(st->sim, &v->tick, st->conf.chunk);
	}
}

/* Plays a chunk; a dry buffer counts once until it has data again. */
static void play(struct viewer *v) {
	struct streaming *st = v->st;
	uint64_t chunk = bytes_at(&st->conf, st->conf.chunk);

	if (v->received - v->played >= chunk) {
		v->played += chunk;
		if (v->dry)
			st->result.late_s += sim_to_s(sim_now(st->sim) - v->dry_since);
		v->dry = false;
	} else if (!v->dry) {
		st->result.underruns++;
		v->dry_since = sim_now(st->sim);
		v->dry = true;
	}
	sim_after(st->sim, &v->tick, st->conf.chunk);
}

/* Viewers of one machine have a socket each, and a copy each of what comes. */
static void join_group(struct viewer *v) {
	int on = 1;

	if (peer_open(v->peer, SOCK_DGRAM, &v->ps))
		return;
	net_setopt(v->ps.so, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (!net_bind(v->ps.so, v->st->conf.group, v->st->conf.port))
		peer_join(v->peer, &v->ps, v->st->conf.group);
}

static void arrive(struct viewer *v) {
	v->arrived = true;
	v->ps.event = on_event;
	if (v->st->conf.group)
		join_group(v);
	else if (!peer_open(v->peer, SOCK_STREAM, &v->ps))
		net_connect(v->ps.so, v->target, v->st->conf.port);
}

static void on_tick(void *arg) {
	struct viewer *v = arg;

	if (v->arrived)
		play(v);
	else
		arrive(v);
}

static void start_casters(struct streaming *st, const uint32_t *targets, unsigned n) {
	st->casters = g_new(struct caster, n);
	for (unsigned i = 0; i < n; i++) {
		st->casters[i] = (struct caster){st, targets[i]};
		process_start(st->server, "streamd", cast_main, &st->casters[i]);
	}
}

struct streaming *streaming_start(struct kernel *server, struct peer *const *peers,
                                  unsigned n_peers, const uint32_t *targets, unsigned n_targets,
                                  const struct streaming_conf *conf) {
	struct streaming *st = g_new0(struct streaming, 1);

	st->sim = server->sim;
	st->server = server;
	st->conf = *conf;
	st->viewers = g_new0(struct viewer, conf->viewers);
	if (conf->group)
		start_casters(st, targets, n_targets);
	else
		process_start(server, "streamd", streaming_main, st);
	gsl_rng *arrivals = sim_rng_new(st->sim, "streaming.arrivals");
	for (unsigned i = 0; i < conf->viewers; i++) {
		struct viewer *v = &st->viewers[i];
		v->st = st;
		v->peer = peers[i % n_peers];
		v->target = targets[i % n_targets];
		sim_event_init(&v->tick, on_tick, v);
		sim_after(st->sim, &v->tick,
		          (sim_time)(gsl_rng_uniform(arrivals) * (double)conf->ramp));
	}
	gsl_rng_free(arrivals);
	return st;
}

void streaming_reset(struct streaming *st) {
	st->result = (struct streaming_result){
		.playing = st->result.playing,
		.wrong = st->result.wrong,
	};
	for (unsigned i = 0; i < st->conf.viewers; i++)
		st->viewers[i].dry_since = sim_now(st->sim);
}

void streaming_result(const struct streaming *st, struct streaming_result *result) {
	*result = st->result;
	for (unsigned i = 0; i < st->conf.viewers; i++)
		if (st->viewers[i].dry)
			result->late_s += sim_to_s(sim_now(st->sim) - st->viewers[i].dry_since);
}

void streaming_free(struct streaming *st) {
	for (unsigned i = 0; i < st->conf.viewers; i++) {
		struct viewer *v = &st->viewers[i];
		sim_cancel(st->sim, &v->tick);
		if (v->ps.so)
			peer_close(v->peer, &v->ps, true);
	}
	g_free(st->viewers);
	g_free(st->casters);
	g_free(st);
}
