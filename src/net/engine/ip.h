/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does an IP packet leave, and what becomes of one that came?  Internal to the engine.
 */
#ifndef NET_IP_H
#define NET_IP_H

#include <glib.h>

#include "net/engine/path.h"
#include "net/engine/stack.h"

struct dgram_sock;
struct net_progress;

struct ip_info {
	uint32_t src, dst;
	uint8_t protocol, ttl, tos, header; /* header: bytes */
	uint16_t flags_offset, id;
	bool to_many; /* came in an Ethernet broadcast or multicast */
	bool looped;  /* our own, that came back as a copy for this machine */
};
/* How a packet is to be sent. */
struct ip_out {
	uint32_t src, dst;
	uint8_t protocol, ttl, tos;
	bool df;
	bool whole;        /* rather not at all than in fragments */
	bool no_loop;      /* no copy of a group's packet for this machine */
	bool router_alert; /* RFC 2113 */
	enum net_kind kind;
	size_t payload;          /* for ops->output */
	struct dgram_sock *from; /* whose send buffer it counts against; NULL: nobody's */
	struct net_progress *progress;
};

/* ip.c */
/* Puts IP and Ethernet headers before a frame that fits the MTU, and sends it.  False: the machine's own
 * queue did not take it. */
bool ip_output(struct net_stack *st, const struct path *path, const struct ip_out *out,
               struct frame *f);
/* Sends `len` bytes of IP payload, in fragments if need be: 0, -EMSGSIZE (`whole`), -EAGAIN (the send
 * buffer is full), -ENOBUFS (the machine's queue is, and the sender asked for such errors). */
int ip_output_bytes(struct net_stack *st, const struct path *path, const struct ip_out *out,
                    const uint8_t *data, size_t len);
/* Puts an Ethernet header before a packet whose IP header is there, and sends it; as ip_output(). */
bool ip_send_on(struct net_stack *st, const struct path *path, const struct ip_out *out,
                struct frame *f);
/* `looped`: our own packet, which comes back as a copy for this machine. */
void ip_input(struct net_stack *st, struct net_if *ifp, struct frame *f, bool looped);
void ip_deliver(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                struct frame *chain, size_t len);
uint32_t pseudo_sum(uint32_t src, uint32_t dst, uint8_t protocol, size_t len);

/* ip_forward.c: a packet for another machine, its IP header in front. */
void ip_forward(struct net_stack *st, const struct ip_info *ip, struct frame *f);

/* ip_frag.c */
void reassembly_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                      struct frame *f);
void reassembly_free(gpointer r);
guint reassembly_hash(gconstpointer key);
gboolean reassembly_equal(gconstpointer a, gconstpointer b);

#endif
