/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is a stack made of, and what is a protocol above IP to it?  Nothing outside src/net/engine/
 * includes this or what stands beside it: timer.h, netif.h (interfaces), path.h and arp.h (the way
 * of a packet), sock.h and table.h (sockets), mcast.h, ip.h, icmp.h, chain.h, dgram.h, and tcp.h with
 * what that names.
 */
#ifndef NET_INTERNAL_H
#define NET_INTERNAL_H

#include <errno.h>
#include <glib.h>
#include <netinet/tcp.h>

#include "net/engine/pairs.h"
#include "net/engine/slab.h"
#include "net/engine/stack.h"
#include "net/engine/table.h"
#include "net/engine/tcp_buf.h"
#include "net/engine/timer.h"
#include "sim/list.h"

struct icmp_news;
struct ip_info;
struct net_follower;

enum { COOKIE_SECRETS = 32 };

/*
 * A protocol above IP.  Layers below do not know which there are: stack.c, on top, says so.
 */
struct protocol {
	/* A socket for a program; NULL: it has none. */
	struct user_sock *(*open)(struct net_stack *st, int protocol);
	/* Takes what is behind the header of a whole datagram: `len` bytes in a chain of frames. */
	void (*input)(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
	              struct frame *chain, size_t len);
	/* News of a packet that it sent, of which `len` bytes, 8 at least, are quoted from its header
	 * on; NULL: it does not ask. */
	void (*icmp)(struct net_stack *st, const struct ip_info *ip, const uint8_t *header,
	             size_t len, const struct icmp_news *news);
	/* What it keeps of connections that no program has (TCP's requests and TIME_WAITs): frees one;
	 * its bytes. */
	void (*free)(struct net_sock *so);
	size_t (*bytes)(enum sock_kind kind);
	/* The last, small segment is kept back (net_hold()); NULL: there is no such thing. */
	void (*hold)(struct user_sock *us, bool more);
	/* What it keeps for a whole stack, and its end; NULL: nothing. */
	void (*init)(struct net_stack *st);
	void (*exit)(struct net_stack *st);
};

struct protocols {
	const struct protocol *of[IPPROTO_UDP + 1]; /* by number */
	const struct protocol *raw; /* sees copies of all; keeps the chain untouched */
};
extern const struct protocol icmp_protocol, igmp_protocol, tcp_protocol, udp_protocol, raw_protocol;

static inline const struct protocol *protocol_find(const struct protocols *p, unsigned number) {
	return number < G_N_ELEMENTS(p->of) ? p->of[number] : NULL;
}

struct net_stack {
	char *name;
	struct net_params params;
	const struct net_ops *ops;
	const struct protocols *protocols;
	/* What becomes of packets for other machines; NULL: nothing, it is an end system. */
	void (*forward)(struct net_stack *st, const struct ip_info *ip, struct frame *f);
	void *owner;
	const sim_time *clock;
	sim_time tick, tick_phase;
	uint64_t seed, random;
	struct net_counters n;
	unsigned acceptable; /* connections that wait for accept() */

	struct timers timers;
	struct slab tcp_slab;

	struct net_if *ifs, *lo;
	uint32_t last_index;      /* of interfaces */
	struct route *routes;     /* in the order of lookup */
	uint32_t generation;      /* public: addresses and routes */
	uint32_t path_generation; /* also ARP entries that went */
	struct known_input {      /* ip.c */
		uint32_t src, dst, generation;
		const struct net_if *ifp;
	} known_input;
	GHashTable *arp;            /* address -> struct arp_entry */
	GHashTable *pmtu;           /* address -> struct pmtu_entry */
	GHashTable *reassembly;     /* struct datagram_key -> struct reassembly */
	struct list reassembly_age; /* the same, oldest first */
	size_t reassembly_bytes;
	uint16_t ip_id;

	struct frame_queue lo_queue;
	struct net_timer lo_timer;

	struct net_sock *socks; /* all of them, newest first */
	struct net_sock *raws;  /* chained through hash_next */
	uint32_t sock_count;    /* those that max_socks counts */
	GHashTable *ports[2];   /* port -> first user; TCP, UDP */
	struct pair_table tcp_pairs;
	struct sock_table listen_table, udp_table;
	struct net_sock *event_head, **event_tail;
	void (*look)(
		struct net_stack *st); /* tells followers of changes; NULL: nobody follows any */
	/* A connection begins: its names are known, and the call is not over.  NULL: nobody wants to know. */
	void (*begins)(struct net_sock *so);
	const struct net_follower *follower;
	GSList *followed;                            /* struct followed of tcp_follow.c */
	struct net_sock *locked;                     /* its user is at work on it */
	struct tcp_waiting *waiting, **waiting_last; /* segments for it */
	struct net_sock *graveyard;                  /* chained through hash_next */
	struct spares spare_socks;                   /* TCP's */
	struct ring_pool rings;                      /* of their send buffers */

	sim_time challenge_second; /* when the second began in which challenge ACKs are counted */
	unsigned challenges;
	struct list timewaits; /* struct tcp_timewait, by expiry */
	struct net_timer tw_timer;
	struct cookie_secret { /* of FreeBSD's SYN cookies */
		uint32_t bits; /* 0: none yet */
		sim_time expires;
	} cookie_secrets[COOKIE_SECRETS];
};

static inline sim_time stack_now(const struct net_stack *st) { return *st->clock; }
/* Said by a timer that went off and has something to do. */
static inline void timer_acts(struct net_stack *st) {
	if (st->ops->timer_runs)
		st->ops->timer_runs(st->owner);
}
/* A number from the stack's stream (SplitMix64). */
uint64_t stack_random(struct net_stack *st);
uint64_t stack_mix(uint64_t x);
/* What every call into the stack ends with: delivers events, frees the dead. */
void stack_leave(struct net_stack *st);
/* Whoever follows connections is told of what has changed. */
static inline void stack_look(struct net_stack *st) {
	if (G_UNLIKELY(st->look))
		st->look(st);
}
bool stack_room(struct net_stack *st); /* max_socks permits another; counts a refusal */

#endif
