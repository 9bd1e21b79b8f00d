/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine at the other end: what tests let it do. */
#include "compat.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"

#define ME_ADDR 0x0a000001U

/* --- sending and receiving -------------------------------------------------------------------- */

static void push(struct remote *r) {
	while (r->sent < r->left) {
		struct iovec iov = {r->to_send + r->sent, r->left - r->sent};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_send(r->ps.so, &msg);

		if (n <= 0)
			return;
		r->sent += (size_t)n;
	}
	if (r->close_when_sent) {
		r->close_when_sent = false;
		net_shutdown(r->ps.so, SHUT_WR);
	}
}

static void pull(struct remote *r) {
	uint8_t buf[8192];

	while (!r->held) {
		struct iovec iov = {buf, sizeof buf};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(r->ps.so, &msg);

		if (n < 0)
			return;
		if (n == 0 && r->stream) {
			if (r->echoes && !r->ended)
				remote_shutdown(r);
			r->ended = true;
			return;
		}
		g_byte_array_append(r->got, buf, (guint)n);
		r->from_port = msg.port;
		if (r->echoes)
			remote_send_bytes(r, buf, (size_t)n);
	}
}

static struct remote *remote_new(struct way *way);

static void take_children(struct remote *r) {
	for (;;) {
		struct remote *child = remote_new(r->way);

		child->stream = child->connected = true;
		child->echoes = r->echoes;
		if (peer_accept(r->way->peer, &r->ps, &child->ps) < 0) {
			child->ps.so = NULL;
			return;
		}
		r->child = child;
		r->accepted++;
		pull(child);
	}
}

static void on_event(struct peer_sock *ps, unsigned events) {
	struct remote *r = (struct remote *)ps;

	if (r->listens) {
		take_children(r);
		return;
	}
	if (events & NET_EV_CONNECTED)
		r->connected = true;
	if (events & NET_EV_ERROR)
		r->error = net_take_error(ps->so);
	if (ps->so)
		pull(r);
	if (ps->so)
		push(r);
}

/* --- making ----------------------------------------------------------------------------------- */

static struct remote *remote_new(struct way *way) {
	struct remote *r = g_new0(struct remote, 1);

	r->way = way;
	r->got = g_byte_array_new();
	r->ps.event = on_event;
	g_ptr_array_add(way->remotes, r);
	return r;
}

struct remote *remote_connect(struct way *way, uint16_t port) {
	struct remote *r = remote_new(way);

	r->stream = true;
	peer_open(way->peer, SOCK_STREAM, &r->ps);
	net_connect(r->ps.so, ME_ADDR, port);
	return r;
}

void remote_call(void *way) { remote_connect(way, 80); }

struct remote *remote_listen(struct way *way, uint16_t port) {
	struct remote *r = remote_new(way);

	r->listens = true;
	r->echoes = port == PORT_ECHO;
	peer_open(way->peer, SOCK_STREAM, &r->ps);
	net_bind(r->ps.so, 0, port);
	net_listen(r->ps.so, 10);
	return r;
}

struct remote *remote_udp(struct way *way, uint16_t port) {
	struct remote *r = remote_new(way);

	peer_open(way->peer, SOCK_DGRAM, &r->ps);
	net_bind(r->ps.so, 0, port);
	return r;
}

/* --- acting ----------------------------------------------------------------------------------- */

void remote_send_bytes(struct remote *r, const void *bytes, size_t len) {
	r->to_send = g_realloc(r->to_send, r->left + len);
	memcpy(r->to_send + r->left, bytes, len);
	r->left += len;
	push(r);
}

void remote_send(struct remote *r, const char *text) { remote_send_bytes(r, text, strlen(text)); }

void remote_greet(void *r) { remote_send(r, "hello"); }

void remote_urgent(struct remote *r, char byte) {
	struct iovec iov = {&byte, 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .flags = MSG_OOB};

	net_send(r->ps.so, &msg);
}

void remote_sendto(struct remote *r, uint16_t port, const void *bytes, size_t len) {
	struct iovec iov = {(void *)bytes, len};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = ME_ADDR, .port = port};

	net_send(r->ps.so, &msg);
}

void remote_shutdown(void *arg) {
	struct remote *r = arg;

	r->close_when_sent = true;
	push(r);
}

static void let_go(struct remote *r, bool abort) {
	if (r->ps.so)
		peer_close(r->way->peer, &r->ps, abort);
	r->ps.so = NULL;
}

void remote_close(void *r) { let_go(r, false); }
void remote_reset(void *r) { let_go(r, true); }

void remote_release(void *arg) {
	struct remote *r = arg;

	r->held = false;
	pull(r);
}

bool remote_got(const struct remote *r, const char *text) {
	return r->got->len == strlen(text) && memcmp(r->got->data, text, r->got->len) == 0;
}
