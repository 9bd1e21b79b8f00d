/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does a machine at the other end of a lesson do with what it hears?  Servers that echo or
 * swallow, and clients that connect and ask, by socket events.
 */
#include "apps/echo.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "net/engine/socket.h"
#include "net/engine/stack.h"
#include "script/script_process.h"
#include "script/script_read.h"
#include "script/script_tree.h"

#define CHUNK 8192U

/* A connection that a server accepted. */
struct served {
	struct peer_sock ps; /* first */
	struct echo *echo;
	GByteArray *queue; /* to be sent back */
	bool ended, open;
};

struct echo {
	struct peer_sock ps; /* first: the listener, or the client's socket */
	struct peer *peer;
	char *name;
	struct echo_conf conf;
	script_log log;
	void (*done)(void *arg);
	void *arg;
	struct sim_event timer;
	GPtrArray *served;
	GString *got; /* of the message or stream that is coming in */
	size_t sent;
	unsigned connection, message;
	bool open, connected, resting; /* resting: the timer is the pause, else the time-out */
	bool pushing;                  /* of the message some is still to be sent */
	sim_time began;
	double sum_us;
	struct echo_result result;
};

void echo_conf_default(struct echo_conf *conf) {
	*conf = (struct echo_conf){
		.mode = ECHO_CONNECT,
		.port = 7,
		.ttl = 1,
		.bytes = 5,
		.answer = true,
		.times = 1,
		.connections = 1,
		.start = 10 * SIM_MS,
		.timeout = 10 * SIM_S,
	};
}

static sim_time now(const struct echo *e) { return sim_now(peer_sim(e->peer)); }

static void tell(struct echo *e, enum script_event_kind kind, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void tell(struct echo *e, enum script_event_kind kind, const char *format, ...) {
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	if (e->log)
		e->log(e->arg,
		       &(struct script_event){
			       .kind = kind, .when = now(e), .process = e->name, .text = text});
}

static uint8_t pattern(size_t i) { return (uint8_t)('a' + i % 26); }

/* --- servers ---------------------------------------------------------------------------------- */

static void served_close(struct served *s) {
	s->open = false;
	peer_close(s->echo->peer, &s->ps, false);
}

static void served_flush(struct served *s) {
	while (s->queue->len) {
		struct iovec iov = {s->queue->data, s->queue->len};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_send(s->ps.so, &msg);

		if (n <= 0)
			return;
		g_byte_array_remove_range(s->queue, 0, (guint)n);
		s->echo->result.answers += !s->queue->len;
	}
	if (s->ended)
		served_close(s);
}

static void served_event(struct peer_sock *ps, unsigned events) {
	struct served *s = (struct served *)ps;
	uint8_t buf[CHUNK];
	struct iovec iov = {buf, sizeof buf};
	ssize_t n = 0;
	bool came = false;

	if (!s->open)
		return;
	if (events & NET_EV_ERROR) {
		tell(s->echo, SCRIPT_PRINT, "connection lost: %s",
		     g_strerror(net_take_error(s->ps.so)));
		served_close(s);
		return;
	}
	while (!s->ended) {
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(ps->so, &msg);
		if (n <= 0)
			break;
		came = true;
		s->echo->result.bytes += (uint64_t)n;
		if (s->echo->conf.mode == ECHO_SERVER)
			g_byte_array_append(s->queue, buf, (guint)n);
	}
	s->echo->result.messages += came;
	s->ended |= n == 0;
	served_flush(s);
}

static void listener_event(struct peer_sock *ps, unsigned events) {
	struct echo *e = (struct echo *)ps;

	(void)events;
	for (;;) {
		struct served *s = g_new0(struct served, 1);

		s->ps.event = served_event;
		if (peer_accept(e->peer, ps, &s->ps)) {
			g_free(s);
			return;
		}
		s->echo = e;
		s->open = true;
		s->queue = g_byte_array_new();
		g_ptr_array_add(e->served, s);
		e->result.connections++;
	}
}

static void udp_server_event(struct peer_sock *ps, unsigned events) {
	struct echo *e = (struct echo *)ps;
	uint8_t buf[65536];
	struct iovec iov = {buf, sizeof buf};

	(void)events;
	for (;;) {
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(ps->so, &msg);
		struct iovec back = {buf, n > 0 ? (size_t)n : 0};

		if (n == -EAGAIN)
			return;
		if (n < 0)
			continue; /* a pending ICMP error, told once */
		e->result.messages++;
		e->result.bytes += (uint64_t)n;
		if (e->conf.mode == ECHO_UDP_SINK)
			continue;
		msg.iov = &back;
		msg.flags = 0;
		if (net_send(ps->so, &msg) >= 0)
			e->result.answers++;
	}
}

/* --- clients ---------------------------------------------------------------------------------- */

static void next_connection(struct echo *e);

static void set_timer(struct echo *e, bool resting, sim_time delay) {
	e->resting = resting;
	sim_after(peer_sim(e->peer), &e->timer, delay);
}

static void all_done(struct echo *e) {
	sim_cancel(peer_sim(e->peer), &e->timer);
	e->result.finished = true;
	if (e->done)
		e->done(e->arg);
}

static int wanted_error(const struct echo *e) {
	static const int errors[] = {0, ECONNREFUSED, ECONNRESET, ETIMEDOUT};

	return errors[e->conf.expect];
}

/* A connection (or the whole of a datagram client) has come to its end. */
static void ended(struct echo *e, int error) {
	int wanted = wanted_error(e);

	if (error)
		tell(e, SCRIPT_PRINT, "%s: %s", e->connected ? "connection lost" : "no connection",
		     g_strerror(error));
	if (error != wanted) {
		e->result.failed++;
		tell(e, SCRIPT_MISMATCH, "expected %s", wanted ? g_strerror(wanted) : "no error");
	}
	if (e->open)
		peer_close(e->peer, &e->ps, false);
	e->open = false;
	if (++e->connection < e->conf.connections && e->conf.mode == ECHO_CONNECT)
		set_timer(e, true, e->conf.interval);
	else
		all_done(e);
}

/* The message is with the stack: what comes next if no answer is waited for. */
static void message_sent(struct echo *e) {
	if (e->conf.answer)
		return;
	if (e->conf.mode == ECHO_CONNECT) {
		if (e->message + 1 == e->conf.times)
			net_shutdown(e->ps.so, SHUT_WR);
		else
			set_timer(e, true, e->conf.interval);
	} else if (++e->message < e->conf.times) {
		set_timer(e, true, e->conf.interval);
	} else {
		ended(e, 0);
	}
}

/* Sends what there is room for; called again when there is more. */
static void push(struct echo *e) {
	uint8_t buf[CHUNK];

	while (e->sent < e->conf.bytes) {
		size_t len = MIN(sizeof buf, e->conf.bytes - e->sent);
		struct iovec iov = {buf, len};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n;

		if (e->conf.mode == ECHO_UDP_SEND) {
			len = iov.iov_len = MIN(sizeof buf, e->conf.bytes);
			msg.addr = e->conf.addr;
			msg.port = e->conf.port;
		}
		for (size_t i = 0; i < len; i++)
			buf[i] = pattern(e->sent + i);
		n = net_send(e->ps.so, &msg);
		if (n <= 0)
			return;
		e->sent += (size_t)n;
	}
	if (e->pushing) {
		e->pushing = false;
		message_sent(e);
	}
}

static bool is_shown(const struct echo *e) {
	return !e->conf.quiet || e->message == 0 || e->message + 1 == e->conf.times;
}

static void begin_message(struct echo *e) {
	e->began = now(e);
	e->sent = 0;
	g_string_truncate(e->got, 0);
	e->result.messages++;
	set_timer(e, false, e->conf.timeout);
	e->pushing = true;
	push(e);
}

static void message_answered(struct echo *e) {
	double took = sim_to_us(now(e) - e->began);

	for (size_t i = 0; i < e->got->len; i++)
		e->result.wrong += (uint8_t)e->got->str[i] != pattern(i);
	e->result.answers++;
	e->sum_us += took;
	e->result.answer_us_max = MAX(e->result.answer_us_max, took);
	if (is_shown(e))
		tell(e, SCRIPT_PRINT, "answer of %zu bytes after %.3f ms", e->got->len,
		     took / 1000);
	if (++e->message < e->conf.times)
		set_timer(e, true, e->conf.interval);
	else
		ended(e, 0);
}

static void end_of_stream(struct echo *e) {
	g_autoptr(GString) text = g_string_new(NULL);

	data_format(text, e->got->str, e->got->len);
	tell(e, SCRIPT_PRINT, "received %zu bytes %s", e->got->len, text->str);
	/* An end before all was sent, or answered, is none to be wished for. */
	ended(e, e->conf.answer || e->pushing || e->message + 1 < e->conf.times ? ECONNRESET : 0);
}

static void pull(struct echo *e) {
	char buf[CHUNK];
	struct iovec iov = {buf, sizeof buf};

	while (e->open) {
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(e->ps.so, &msg);

		if (n < 0)
			return;
		if (n == 0 && e->conf.mode == ECHO_CONNECT) {
			end_of_stream(e);
			return;
		}
		e->result.bytes += (uint64_t)n;
		g_string_append_len(e->got, buf, n);
		if (e->conf.answer && e->got->len >= e->conf.bytes && !e->resting)
			message_answered(e);
	}
}

static void client_event(struct peer_sock *ps, unsigned events) {
	struct echo *e = (struct echo *)ps;

	if (!e->open)
		return;
	if (events & NET_EV_ERROR) {
		ended(e, net_take_error(ps->so));
		return;
	}
	if ((events & NET_EV_CONNECTED) && !e->connected) {
		e->connected = true;
		e->result.connections++;
		tell(e, SCRIPT_PRINT, "connected after %.3f ms",
		     sim_to_us(now(e) - e->began) / 1000);
		begin_message(e);
	}
	if (e->open && (events & NET_EV_WRITE) && e->connected)
		push(e);
	if (e->open && (events & (NET_EV_READ | NET_EV_HANGUP)))
		pull(e);
}

/* What concerns groups: of a datagram socket that was just opened. */
static int join_group(struct echo *e) {
	int err = peer_send_to_groups(e->peer, &e->ps);

	if (!err)
		err = net_setopt(e->ps.so, IPPROTO_IP, IP_MULTICAST_TTL, &e->conf.ttl,
		                 sizeof e->conf.ttl);
	if (!err && e->conf.group)
		err = peer_join(e->peer, &e->ps, e->conf.group);
	return err;
}

static void next_connection(struct echo *e) {
	int type = e->conf.mode == ECHO_CONNECT ? SOCK_STREAM : SOCK_DGRAM, err;

	e->connected = false;
	e->message = 0;
	e->began = now(e);
	g_string_truncate(e->got, 0);
	e->ps.event = client_event;
	err = peer_open(e->peer, type, &e->ps);
	if (!err) {
		e->open = true;
		if (e->conf.local_port)
			err = net_bind(e->ps.so, 0, e->conf.local_port);
		if (!err && type == SOCK_DGRAM)
			err = join_group(e);
	}
	if (!err && type == SOCK_STREAM)
		err = net_connect(e->ps.so, e->conf.addr, e->conf.port);
	if (err && err != -EINPROGRESS) {
		ended(e, -err);
		return;
	}
	set_timer(e, false, e->conf.timeout);
	if (type == SOCK_DGRAM)
		begin_message(e);
}

static void on_timer(void *arg) {
	struct echo *e = arg;

	if (!e->open) {
		next_connection(e);
	} else if (!e->resting) {
		/* A lost datagram is not the end of the others. */
		if (e->conf.mode == ECHO_UDP_SEND && e->message + 1 < e->conf.times) {
			e->message++;
			e->result.failed += e->conf.expect != ECHO_TIMEOUT;
			tell(e, SCRIPT_PRINT, "no answer");
			begin_message(e);
		} else {
			ended(e, ETIMEDOUT);
		}
	} else {
		if (e->conf.mode == ECHO_CONNECT && !e->conf.answer)
			e->message++;
		begin_message(e);
	}
}

/* --- life ------------------------------------------------------------------------------------- */

static int serve(struct echo *e) {
	bool udp = e->conf.mode == ECHO_UDP || e->conf.mode == ECHO_UDP_SINK;
	int err, on = 1;

	e->ps.event = udp ? udp_server_event : listener_event;
	err = peer_open(e->peer, udp ? SOCK_DGRAM : SOCK_STREAM, &e->ps);
	if (err)
		return err;
	e->open = true;
	if (e->conf.group) /* several of a machine may listen to one group */
		net_setopt(e->ps.so, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	err = net_bind(e->ps.so, 0, e->conf.port);
	if (!err)
		err = udp ? join_group(e) : net_listen(e->ps.so, 128);
	return err;
}

struct echo *echo_start(struct peer *peer, const char *name, const struct echo_conf *conf,
                        script_log log, void (*done)(void *arg), void *arg) {
	struct echo *e = g_new0(struct echo, 1);
	int err;

	e->peer = peer;
	e->name = g_strdup(name);
	e->conf = *conf;
	e->log = log;
	e->done = done;
	e->arg = arg;
	e->served = g_ptr_array_new();
	e->got = g_string_new(NULL);
	sim_event_init(&e->timer, on_timer, e);
	if (conf->mode == ECHO_CONNECT || conf->mode == ECHO_UDP_SEND) {
		sim_at(peer_sim(peer), &e->timer, MAX(conf->start, now(e)));
		return e;
	}
	err = serve(e);
	if (err) {
		e->result.failed++;
		tell(e, SCRIPT_MISMATCH, "cannot serve on port %u: %s", conf->port,
		     g_strerror(-err));
	}
	return e;
}

void echo_reset(struct echo *e) {
	e->sum_us = 0;
	e->result = (struct echo_result){
		.wrong = e->result.wrong,
		.failed = e->result.failed,
		.finished = e->result.finished,
	};
}

void echo_result(const struct echo *e, struct echo_result *result) {
	*result = e->result;
	result->answer_us = e->result.answers ? e->sum_us / (double)e->result.answers : 0;
}

void echo_free(struct echo *e) {
	sim_cancel(peer_sim(e->peer), &e->timer);
	for (guint i = 0; i < e->served->len; i++) {
		struct served *s = e->served->pdata[i];

		if (s->open)
			peer_close(e->peer, &s->ps, true);
		g_byte_array_unref(s->queue);
		g_free(s);
	}
	if (e->open)
		peer_close(e->peer, &e->ps, true);
	g_ptr_array_unref(e->served);
	g_string_free(e->got, TRUE);
	g_free(e->name);
	g_free(e);
}
