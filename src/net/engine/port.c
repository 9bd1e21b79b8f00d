/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who uses which local port.  TCP and UDP have port spaces of their own.  Accepted children and
 * TIME_WAIT connections are users as much as bound sockets, as in Linux 2.4 (tcp_bind_bucket).
 */
#include "net/engine/internal.h"
#include "net/engine/table.h"

struct bucket {
	struct net_sock *first;
};

void port_bucket_free(void *bucket) { g_slice_free(struct bucket, bucket); }

static GHashTable *space(const struct net_sock *so) {
	return so->st->ports[so->kind == SOCK_KIND_UDP];
}

static struct bucket *bucket_of(const struct net_sock *so, uint16_t port) {
	return g_hash_table_lookup(space(so), GUINT_TO_POINTER(port));
}

/* Linux 2.4, tcp_bind_conflict(): sockets of one port and overlapping addresses live together only
 * if all of them permit it and none listens. */
static bool conflict(const struct net_sock *so, const struct bucket *b, uint32_t addr, bool udp) {
	for (const struct net_sock *other = b ? b->first : NULL; other; other = other->bind_next) {
		if (other == so)
			continue;
		if (other->laddr && addr && other->laddr != addr)
			continue;
		if (so->flags & other->flags & SO_F_REUSEADDR &&
		    (udp || other->state != TCP_LISTEN))
			continue;
		return true;
	}
	return false;
}

static int draw(const struct net_sock *so) {
	const struct net_params *p = &so->st->params;
	uint32_t range = p->port_high >= p->port_low ? p->port_high - p->port_low + 1U : 0;
	uint32_t at = range ? (uint32_t)(stack_random(so->st) % range) : 0;

	for (uint32_t i = 0; i < range; i++) {
		uint16_t port = (uint16_t)(p->port_low + (at + i) % range);

		if (!bucket_of(so, port))
			return port;
	}
	return -EADDRINUSE;
}

int port_bind(struct net_sock *so, uint32_t addr, uint16_t port) {
	if (!port) {
		int drawn = draw(so);

		if (drawn < 0)
			return drawn;
		port = (uint16_t)drawn;
	} else if (conflict(so, bucket_of(so, port), addr, so->kind == SOCK_KIND_UDP)) {
		return -EADDRINUSE;
	}
	port_join(so, port);
	return 0;
}

bool port_listen_conflict(const struct net_sock *so) {
	return conflict(so, bucket_of(so, so->lport), so->laddr, false);
}

void port_join(struct net_sock *so, uint16_t port) {
	struct bucket *b = bucket_of(so, port);

	if (!b) {
		b = g_slice_new0(struct bucket);
		g_hash_table_insert(space(so), GUINT_TO_POINTER(port), b);
	}
	so->lport = port;
	so->bind_next = b->first;
	so->bind_pprev = &b->first;
	if (b->first)
		b->first->bind_pprev = &so->bind_next;
	b->first = so;
}

void port_leave(struct net_sock *so) {
	struct bucket *b;

	if (!so->bind_pprev)
		return;
	*so->bind_pprev = so->bind_next;
	if (so->bind_next)
		so->bind_next->bind_pprev = so->bind_pprev;
	so->bind_pprev = NULL;
	so->bind_next = NULL;
	b = bucket_of(so, so->lport);
	if (!b->first)
		g_hash_table_remove(space(so), GUINT_TO_POINTER(so->lport));
}
