/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does one request get through?  A small state machine on socket events; a time-out ends
 * whatever has not ended.
 */
#include "apps/http_get.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "apps/line.h"
#include "host/file/file.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"

/* A paced client reads about a segment at a time: fine enough for the pace, few events. */
#define READ_CHUNK 1460U

static void finish(struct http_get *get, int error) {
	sim_cancel(peer_sim(get->peer), &get->timer);
	peer_close(get->peer, &get->ps, error != 0);
	get->active = false;
	get->error = error;
	get->finished = sim_now(peer_sim(get->peer));
	get->done(get);
}

static void arm(struct http_get *get, sim_time delay) {
	if (delay > 0)
		sim_after(peer_sim(get->peer), &get->timer, delay);
	else
		sim_cancel(peer_sim(get->peer), &get->timer);
}

static void push_request(struct http_get *get) {
	struct iovec iov = {get->head + get->request_sent,
	                    (size_t)(get->request_len - get->request_sent)};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	ssize_t n = net_send(get->ps.so, &msg);

	if (n > 0)
		get->request_sent = (uint16_t)(get->request_sent + n);
	else if (n != -EAGAIN)
		finish(get, (int)n);
}

/* Header lines that a client needs; `head` ends with a NUL. */
static void parse_head(struct http_get *get) {
	static const char name[] = "Content-Length:";

	get->content_length = -1;
	for (const char *end = get->head; get->content_length < 0 && (end = strchr(end, '\n'));
	     end++)
		if (end > get->head && end[-1] == '\r' &&
		    g_ascii_strncasecmp(end + 1, name, sizeof name - 1) == 0)
			get->content_length = g_ascii_strtoll(end + sizeof name, NULL, 10);
	if (g_str_has_prefix(get->head, "HTTP/1.") && strlen(get->head) > 9)
		get->status = (int)g_ascii_strtoll(get->head + 9, NULL, 10);
}

static void take_body(struct http_get *get, const char *bytes, size_t n) {
	if (get->conf.verify && get->status == 200 &&
	    !pattern_check(get->conf.pattern_key, get->body, bytes, n))
		get->wrong++;
	get->body += n;
}

/* Consumes received bytes: head first, then body.  False if the head is too long. */
static bool take_bytes(struct http_get *get, const char *bytes, size_t n) {
	if (get->status != 0) {
		take_body(get, bytes, n);
		return true;
	}
	size_t room = sizeof get->head - 1 - get->head_len;
	size_t part = MIN(n, room);
	memcpy(get->head + get->head_len, bytes, part);
	get->head_len = (uint16_t)(get->head_len + part);
	get->head[get->head_len] = '\0';
	char *end = strstr(get->head, "\r\n\r\n");
	if (!end)
		return get->head_len < sizeof get->head - 1;
	size_t head = (size_t)(end + 4 - get->head);
	size_t before = get->head_len - part;
	end[2] = '\0';
	parse_head(get);
	take_body(get, bytes + (head - before), n - (head - before));
	return true;
}

static void end_of_stream(struct http_get *get) {
	bool short_body = get->content_length >= 0 && get->body != (uint64_t)get->content_length;

	finish(get, get->status == 0 || short_body ? -ECONNABORTED : 0);
}

/* Reads what the line speed allows; waits for more by the timer or by the socket's next event. */
static void read_some(struct http_get *get) {
	char buf[4 * READ_CHUNK];
	size_t chunk = get->conf.line_speed ? READ_CHUNK : sizeof buf;
	struct sim *sim = peer_sim(get->peer);

	for (;;) {
		struct iovec iov = {buf, chunk};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(get->ps.so, &msg);
		if (n == -EAGAIN) {
			get->reading = false;
			arm(get, get->conf.timeout);
			return;
		}
		if (n <= 0) {
			if (n < 0)
				finish(get, (int)n);
			else
				end_of_stream(get);
			return;
		}
		if (get->first_byte < 0)
			get->first_byte = sim_now(sim);
		if (!take_bytes(get, buf, (size_t)n)) {
			finish(get, -EPROTO);
			return;
		}
		if (get->conf.line_speed) {
			get->next_read = MAX(get->next_read, sim_now(sim)) +
			                 sim_serialise((uint64_t)n, get->conf.line_speed);
			get->reading = true;
			sim_at(sim, &get->timer, get->next_read);
			return;
		}
	}
}

static void on_event(struct peer_sock *ps, unsigned events) {
	struct http_get *get = (struct http_get *)((char *)ps - offsetof(struct http_get, ps));

	if (!get->active)
		return;
	if (events & NET_EV_ERROR) {
		int error = net_take_error(ps->so);
		finish(get, error ? -error : -ECONNRESET);
		return;
	}
	if (events & NET_EV_CONNECTED)
		get->connected = sim_now(peer_sim(get->peer));
	if (get->request_sent < get->request_len && (events & (NET_EV_CONNECTED | NET_EV_WRITE)))
		push_request(get);
	/* While a paced read is due the timer will look, whatever arrives. */
	if (get->active && !get->reading && (events & (NET_EV_READ | NET_EV_HANGUP)))
		read_some(get);
}

static void on_timer(void *arg) {
	struct http_get *get = arg;

	if (get->reading)
		read_some(get);
	else
		finish(get, -ETIMEDOUT);
}

void http_get_init(struct http_get *get, struct peer *peer, void (*done)(struct http_get *get)) {
	memset(get, 0, sizeof *get);
	get->peer = peer;
	get->done = done;
	sim_event_init(&get->timer, on_timer, get);
}

void http_get_start(struct http_get *get, const struct http_get_conf *conf) {
	get->conf = *conf;
	get->conf.path = NULL;
	get->started = sim_now(peer_sim(get->peer));
	get->connected = get->first_byte = get->finished = -1;
	get->next_read = 0;
	get->body = get->wrong = 0;
	get->status = get->error = 0;
	get->content_length = -1;
	get->request_sent = get->head_len = 0;
	get->reading = false;
	struct line request = line_in(get->head, sizeof get->head);
	line_text(&request, "GET ");
	line_text(&request, conf->path);
	line_text(&request, " HTTP/1.0\r\nUser-Agent: sopsim\r\nAccept: */*\r\n\r\n");
	get->request_len = (uint16_t)line_length(&request);
	get->ps = (struct peer_sock){.event = on_event};
	int err = peer_open(get->peer, SOCK_STREAM, &get->ps);
	if (!err) {
		get->active = true;
		err = net_connect(get->ps.so, conf->addr, conf->port);
		if (!err || err == -EINPROGRESS) {
			arm(get, conf->timeout);
			return;
		}
		finish(get, err);
		return;
	}
	get->error = err;
	get->finished = get->started;
	get->done(get);
}

void http_get_abort(struct http_get *get) {
	if (!get->active)
		return;
	sim_cancel(peer_sim(get->peer), &get->timer);
	peer_close(get->peer, &get->ps, true);
	get->active = false;
}
