/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which connection a packet of the script belongs to.
 *
 * Without ports a packet is of the connection under test: the last that connect() began or that an
 * inbound SYN opened, the first after a listen().  Any other SYN is that connection's too, even if it
 * is answered long since.  With ports ("5000 > 80") the pair names the connection, also across its
 * end, so that TIME_WAIT can be tested.
 */
#include "pkt/conn.h"

#include "pkt/run.h"

enum {
	FIRST_REMOTE_PORT = 40001,
	/* The script's first sequence number on the wire: the numbers wrap around early. */
	REMOTE_ISN = -600,
};

struct conn *conn_new(struct run *r, enum packet_kind kind) {
	struct conn *c = g_new0(struct conn, 1);

	c->kind = kind;
	c->fd = -1;
	c->stamps = g_hash_table_new(NULL, NULL);
	c->remote_port = (uint16_t)(FIRST_REMOTE_PORT + r->next_port++);
	c->local_port = r->conf.bind_port;
	g_ptr_array_add(r->conns, c);
	r->conn = c;
	return c;
}

void conn_free(gpointer p) {
	struct conn *c = p;

	g_hash_table_unref(c->stamps);
	g_free(c);
}

struct conn *conn_by_remote_port(struct run *r, uint16_t port) {
	for (guint i = r->conns->len; i-- > 0;) {
		struct conn *c = r->conns->pdata[i];

		if (c->remote_port == port && !c->active)
			return c;
	}
	return NULL;
}

/* By the script's ports. */
static struct conn *named(struct run *r, const struct packet *p) {
	for (guint i = r->conns->len; i-- > 0;) {
		struct conn *c = r->conns->pdata[i];

		if (c->kind == p->kind && c->script_port == p->remote_port)
			return c;
	}
	return NULL;
}

static struct conn *with_ports(struct run *r, const struct packet *p) {
	struct conn *c = named(r, p);

	if (!c && r->conn && r->conn->active && r->conn->kind == p->kind && !r->conn->script_port) {
		c = r->conn;
		c->script_port = p->remote_port;
	} else if (!c) {
		c = conn_new(r, p->kind);
		c->script_port = c->remote_port = p->remote_port;
		if (p->local_port)
			c->local_port = p->local_port;
	}
	r->conn = c;
	return c;
}

static bool is_opening(const struct packet *p) {
	return p->kind == PACKET_TCP && (p->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
}

/* The port that the newest listener has. */
static uint16_t listening_port(struct run *r) {
	GHashTableIter it;
	gpointer port;
	uint16_t found = r->conf.bind_port;

	g_hash_table_iter_init(&it, r->listeners);
	while (g_hash_table_iter_next(&it, NULL, &port))
		found = (uint16_t)GPOINTER_TO_UINT(port);
	return found;
}

static bool opens_another(struct run *r, const struct packet *p) {
	return is_opening(p) && g_hash_table_size(r->listeners) > 0 &&
	       (!r->conn || r->conn->kind != PACKET_TCP || r->listens_anew);
}

/* Datagrams need no opening; whoever sends first tells the ports. */
static struct conn *udp_conn(struct run *r, const struct packet *p) {
	struct conn *c = conn_new(r, p->kind);

	c->remote_port = r->conf.connect_port;
	c->connecting = !p->inbound;
	return c;
}

struct conn *conn_for(struct run *r, const struct event *ev) {
	const struct packet *p = &ev->packet;
	struct conn *c = r->conn;

	if (p->kind == PACKET_ICMP)
		return c ? c : conn_new(r, p->kind);
	if (p->remote_port) {
		c = with_ports(r, p);
	} else if (p->kind == PACKET_UDP) {
		c = c && c->kind == p->kind ? c : udp_conn(r, p);
	} else if (!c || c->kind != p->kind || (p->inbound && opens_another(r, p))) {
		if (!p->inbound) {
			run_fail(r, ev->line,
			         "error handling packet: no matching socket for script packet");
			return NULL;
		}
		c = conn_new(r, p->kind);
		c->local_port = listening_port(r);
		r->listens_anew = false;
	}
	if (!p->inbound || p->kind != PACKET_TCP)
		return c;
	if (!c->have_remote) {
		c->have_remote = true;
		c->remote_isn = p->flags & FLAG_SYN ? p->seq : 0;
		c->remote_offset = (r->conf.have_isn ? r->conf.isn : (uint32_t)REMOTE_ISN) - p->seq;
	}
	if (is_opening(p) && !c->active)
		c->have_local = c->answered = false;
	else if (p->flags & FLAG_ACK)
		c->answered = true;
	return c;
}
