/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machines at the other ends: each answers (port 7), answers and resets (port 8), and calls in.
 */
#include "echo_peer.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"
#include "random_world.h"

#include <errno.h>
#include <string.h>

static struct peer_sock server[NETS][3]; /* echo stream, rude stream, echo datagrams */

struct partner {
	struct peer_sock ps; /* first */
	unsigned net;
	bool rude; /* resets after the first data */
};

static void partner_gone(struct partner *p, bool abort) {
	peer_close(random_peer(p->net), &p->ps, abort);
	g_free(p);
}

static void partner_event(struct peer_sock *ps, unsigned events) {
	struct partner *p = (struct partner *)ps;
	char buf[2048];
	ssize_t n;

	for (;;) {
		struct iovec iov = {buf, sizeof buf};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(ps->so, &msg);
		if (n <= 0)
			break;
		iov.iov_len = (size_t)n;
		net_send(ps->so, &msg);
		if (p->rude) {
			partner_gone(p, true);
			return;
		}
	}
	if (n != -EAGAIN || events & (NET_EV_ERROR | NET_EV_CLOSED))
		partner_gone(p, false);
}

static struct partner *partner_new(unsigned net, bool rude) {
	struct partner *p = g_new0(struct partner, 1);

	p->ps.event = partner_event;
	p->net = net;
	p->rude = rude;
	return p;
}

static void serve(struct peer_sock *ps, unsigned events) {
	unsigned at = (unsigned)(ps - &server[0][0]), net = at / 3;

	(void)events;
	for (;;) {
		struct partner *p = partner_new(net, at % 3 == 1);

		if (peer_accept(random_peer(net), ps, &p->ps) == 0)
			continue;
		g_free(p);
		return;
	}
}

static void call_in(void *arg) {
	char hello[100];
	struct partner *p = arg;
	uint16_t port = (uint16_t)(80 + p->net / NETS);
	struct iovec iov = {hello, sizeof hello};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	uint32_t addr = random_addr(p->net % NETS);

	memset(hello, RANDOM_BYTE, sizeof hello);
	p->net = random_home(p->net % NETS);
	if (peer_open(random_peer(p->net), SOCK_STREAM, &p->ps))
		WRONG("a counterpart has no socket");
	if (net_connect(p->ps.so, addr, port) == -EINPROGRESS)
		net_send(p->ps.so, &msg);
	else
		partner_gone(p, true);
}

static void send_datagram(void *arg) {
	unsigned net = GPOINTER_TO_UINT(arg) % NETS;
	char text[] = {RANDOM_BYTE, RANDOM_BYTE, RANDOM_BYTE, RANDOM_BYTE};
	struct iovec iov = {text, sizeof text};
	struct net_msg msg = {.iov = &iov,
	                      .iovlen = 1,
	                      .addr = random_addr(net),
	                      .port = (uint16_t)(80 + GPOINTER_TO_UINT(arg) / NETS)};

	net_send(server[random_home(net)][2].so, &msg);
}

static void send_to_group(void *arg) {
	unsigned n = GPOINTER_TO_UINT(arg);
	char text[] = {RANDOM_BYTE, RANDOM_BYTE};
	struct iovec iov = {text, sizeof text};
	struct net_msg msg = {.iov = &iov,
	                      .iovlen = 1,
	                      .addr = random_group(n / NETS / PORTS),
	                      .port = (uint16_t)(80 + n / NETS % PORTS)};

	net_send(server[random_home(n % NETS)][2].so, &msg);
}

/* --- from outside ----------------------------------------------------------------------------- */

static void bound(unsigned net, int type, struct peer_sock *ps, uint16_t port) {
	if (peer_open(random_peer(net), type, ps) || net_bind(ps->so, 0, port) ||
	    (type == SOCK_STREAM && net_listen(ps->so, 20)))
		WRONG("a counterpart cannot serve port %u", port);
}

void random_partners(void) {
	for (unsigned net = 0; net < NETS; net++) {
		server[net][0].event = server[net][1].event = serve;
		server[net][2].event = peer_echo;
		bound(net, SOCK_STREAM, &server[net][0], 7);
		bound(net, SOCK_STREAM, &server[net][1], 8);
		bound(net, SOCK_DGRAM, &server[net][2], 7);
		if (peer_join(random_peer(net), &server[net][2], random_group(net)) ||
		    peer_send_to_groups(random_peer(net), &server[net][2]))
			WRONG("a counterpart cannot join a group");
	}
}

void random_caller(const struct random_op *op) {
	struct partner *p =
		partner_new(random_net(op->b) + op->b / 1024 % PORTS * NETS, op->c % 8 == 0);

	random_later((1 + op->c / 8 % 1000) * SIM_US, call_in, p);
}

void random_datagram(const struct random_op *op) {
	random_later((1 + op->c % 1000) * SIM_US, send_datagram,
	             GUINT_TO_POINTER(random_net(op->b) + op->b / 1024 % PORTS * NETS));
}

void random_gathering(const struct random_op *op) {
	random_later((1 + op->c % 1000) * SIM_US, send_to_group,
	             GUINT_TO_POINTER(random_net(op->b) + op->b / 1024 % (PORTS * 2) * NETS));
}
