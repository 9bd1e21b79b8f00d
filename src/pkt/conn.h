/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which connection does a packet belong to, and what are the script's numbers on the wire?
 */
#ifndef PKT_CONN_H
#define PKT_CONN_H

#include "pkt/script.h"

struct run;

/* What the script's numbers are on the wire. */
struct conn {
	uint16_t script_port; /* the remote port that the script names, 0: none */
	uint16_t remote_port, local_port;
	enum packet_kind kind; /* PACKET_TCP or PACKET_UDP */
	bool active;           /* opened by the machine */
	bool connecting;       /* local port not known yet */
	bool answered;         /* handshake complete, as far as the script sent it */
	bool have_remote, have_local;
	uint32_t remote_offset, local_offset; /* on the wire minus in the script, of SYNs */
	uint32_t remote_isn, local_isn;       /* the script's, of each side's first SYN */
	GHashTable *stamps;                   /* time-stamp values of ours: script's -> wire's */
	bool have_stamp;
	uint32_t first_script_stamp, first_stamp;
	int fd;                  /* script's descriptor, -1: none */
	uint32_t written, taken; /* bytes through that descriptor (stream.c) */
	bool odd_in, odd_out;    /* there are bytes that are not as stream.c fills them in */
};

/* On the wire minus in the script.  SYNs have the script's own numbers; in all other segments the
 * numbers count from each side's initial one, as in packetdrill. */
static inline uint32_t conn_remote(const struct conn *c, uint8_t flags) {
	return c->remote_offset + (flags & FLAG_SYN ? 0 : c->remote_isn);
}
static inline uint32_t conn_local(const struct conn *c, uint8_t flags) {
	return c->local_offset + (flags & FLAG_SYN ? 0 : c->local_isn);
}
struct conn *conn_new(struct run *r, enum packet_kind kind);
void conn_free(gpointer conn);
/* The connection that a packet of the script belongs to; makes one where the script begins one.
 * NULL after run_fail(). */
struct conn *conn_for(struct run *r, const struct event *ev);
struct conn *conn_by_remote_port(struct run *r, uint16_t port);

#endif
