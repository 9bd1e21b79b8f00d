/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the engine share: the stack, interfaces, sockets, timers, and the doors between
 * ARP, IP, ICMP, UDP and TCP.  Nothing outside src/net/engine/ includes this.
 *
 * Life of a socket: while `owned`, the user holds it.  A protocol that is done with a socket takes
 * it out of every table (sock_unlink); if nobody owns it any more it goes to the stack's graveyard,
 * which is emptied when a call into the stack returns (stack_leave), so that no function down the
 * call chain ever meets freed memory.
 */
#ifndef NET_INTERNAL_H
#define NET_INTERNAL_H

#include <errno.h>
#include <glib.h>
#include <netinet/tcp.h>

#include "net/engine/stack.h"
#include "net/engine/wire.h"

/* --- timers: an intrusive heap ---------------------------------------------------------------- */

/* `when` is the heap's key.  Owners that move their date later very often keep the true date
 * themselves and re-arm when an early firing comes (see tcp_timer.c). */
struct net_timer {
	sim_time when;
	void (*fire)(struct net_stack *st, struct net_timer *t);
	uint32_t slot; /* place in the heap + 1; 0: not running */
};

/* The date stands in the slot too: a comparison then touches no timer's memory. */
struct timer_slot {
	sim_time when;
	struct net_timer *t;
};

struct timer_heap {
	struct timer_slot *slots;
	uint32_t count, size;
	sim_time reported; /* what ops->timer was last told */
	bool firing;
};

/* When a timer that is to go off at `when` does, by the owner's ticks.  A date that is a tick, or not
 * later than now, stays what it is. */
sim_time timer_date(const struct net_stack *st, sim_time when);
void timer_set(struct net_stack *st, struct net_timer *t, sim_time when);
void timer_stop(struct net_stack *st, struct net_timer *t);
void timers_run(struct net_stack *st); /* those that are due */
static inline bool timer_runs(const struct net_timer *t) { return t->slot != 0; }

/* --- addresses and routes --------------------------------------------------------------------- */

struct net_if {
	struct net_if *next;
	struct net_stack *st;
	void *user;
	char name[NET_IF_NAME];
	uint32_t index, addr, netmask, broadcast;
	uint16_t mtu;
	bool up, loopback, promisc, allmulti;
	uint8_t mac[6];
	struct net_if_counters count;
	struct if_group *groups;
	sim_time v1_until; /* a router that knows IGMPv1 only was heard: it is present until then */
};

/* A group that an interface takes part in (in_device.mc_list of 2.4). */
struct if_group {
	struct net_group g; /* first: net_group_next() casts back */
	struct if_group *next;
	struct net_if *ifp;
	struct net_timer timer; /* of the next report */
	uint8_t unsolicited;    /* reports to repeat after it */
	bool reporter;          /* the last report on this net was ours */
};

/* Hands a frame to the owner; false if his queue did not take it. */
bool iface_output(struct net_if *ifp, struct frame *f, enum net_kind kind, size_t payload);

struct route {
	struct net_route rt; /* first: net_route_next() casts back */
	struct route *next;
};

/* NUD_* of Linux 2.4.  STALE and what comes behind it: the address is known and in use. */
enum arp_state {
	ARP_INCOMPLETE,
	ARP_REACHABLE,
	ARP_STALE, /* not confirmed for long */
	ARP_DELAY, /* and in use again: a layer above may yet confirm it */
	ARP_PROBE, /* none did: it is asked */
	ARP_PERMANENT,
};

struct arp_entry {
	uint32_t addr;
	enum arp_state state;
	uint8_t mac[6];
	uint8_t tries;
	struct net_if *ifp;
	struct net_stack *st;
	struct frame_queue pending;
	sim_time confirmed;   /* when it was last known to be there */
	sim_time fresh_until; /* while REACHABLE: not before that it is stale */
	sim_time updated;     /* when its hardware address came */
	struct net_timer timer;
};

/* A resolved way to a destination, kept by whoever sends there often; valid while `generation` is
 * the stack's. */
struct path {
	uint32_t generation;
	uint32_t nexthop;
	struct net_if *ifp;
	struct arp_entry *arp;
};

/* --- sockets ---------------------------------------------------------------------------------- */

enum sock_kind {
	SOCK_KIND_TCP,
	SOCK_KIND_TIMEWAIT,
	SOCK_KIND_REQUEST,
	SOCK_KIND_UDP,
	SOCK_KIND_RAW,
};

enum sock_flag {
	SO_F_OWNED = 1,       /* the user holds it: events are delivered */
	SO_F_BOUND_ADDR = 2,  /* bind gave the address */
	SO_F_BOUND_PORT = 4,  /* bind gave the port: it outlives a failed connect */
	SO_F_REUSEADDR = 8,
	SO_F_KEEPALIVE = 16,
	SO_F_BROADCAST = 32,
	SO_F_OOBINLINE = 64,
	SO_F_DEAD = 128,      /* in the graveyard */
	SO_F_HASHED = 256,    /* in the demultiplexing table */
	SO_F_LISTED = 512,    /* in the list of all sockets */
	SO_F_DONTROUTE = 1024,
	SO_F_NO_SOURCE = 2048, /* bound to a group or a broadcast address: never sent from */
};

/* What every kind has; kept short, since TIME_WAIT and SYN queues hold tens of thousands.  What
 * each segment touches stands first: with ten thousand connections every cache line of one is cold. */
struct net_sock {
	struct net_sock *hash_next;
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	uint8_t kind;
	uint8_t state; /* TCP_ESTABLISHED ... */
	uint16_t flags;
	struct net_stack *st;
	void *user;
	struct net_sock *all_next, **all_pprev;
	struct net_sock *bind_next, **bind_pprev; /* users of a port; pprev NULL: none held */
};

/* What sockets of users have beyond that. */
struct user_sock {
	struct net_sock so;
	const struct sock_ops *ops;
	struct net_if *device; /* SO_BINDTODEVICE */
	int rcvlowat;
	int linger_on, linger_s; /* remembered for getsockopt; the owner acts on them */
	uint8_t priority;
	/* what each segment touches */
	uint8_t shutdown;        /* bit 0: receive, bit 1: send */
	uint8_t ttl, tos;
	uint8_t events;          /* gathered, delivered when the call returns */
	uint8_t pmtudisc;        /* IP_MTU_DISCOVER: IP_PMTUDISC_ */
	uint8_t cmsg_flags;      /* what goes with received datagrams: CMSG_ */
	bool recverr;            /* IP_RECVERR */
	uint32_t sndbuf, rcvbuf; /* payload bytes; sndbuf of datagrams: memory, see dgram_buffer.c */
	int error, soft_error;   /* positive errno */
	struct path path;
	struct net_sock *event_next;
	struct mcast *mcast; /* mcast.c; NULL: all as it was */
};

enum { CMSG_PKTINFO = 1, CMSG_TTL = 2, CMSG_TOS = 4 };
enum { SHUT_RECV = 1, SHUT_SEND = 2, SHUT_BOTH = 3 };

/* What a protocol does for a user's socket. */
struct sock_ops {
	int (*listen)(struct user_sock *us, int backlog);
	int (*accept)(struct user_sock *us, void *user, struct net_sock **child);
	int (*connect)(struct user_sock *us, uint32_t addr, uint16_t port);
	int (*disconnect)(struct user_sock *us);
	ssize_t (*send)(struct user_sock *us, const struct net_msg *msg);
	ssize_t (*recv)(struct user_sock *us, struct net_msg *msg);
	int (*shutdown)(struct user_sock *us, int bits);
	void (*close)(struct user_sock *us, bool abort);
	unsigned (*poll)(const struct user_sock *us);
	int (*setopt)(struct user_sock *us, int name, int value); /* of the protocol's own level */
	int (*getopt)(struct user_sock *us, int name, void *value, socklen_t *len);
	int (*readable)(const struct user_sock *us);
	int (*unsent)(const struct user_sock *us);
	size_t (*space)(const struct user_sock *us);
	size_t (*memory)(const struct user_sock *us);
	void (*rcvbuf_changed)(struct user_sock *us);
	void (*keepalive_changed)(struct user_sock *us); /* NULL: it has none */
	void (*forget_interface)(struct user_sock *us, const struct net_if *ifp); /* NULL: knows none */
	void (*forget_errors)(struct user_sock *us); /* the queue of IP_RECVERR; NULL: has none */
	void (*fail)(struct user_sock *us, int error); /* hardware gone */
	void (*destroy)(struct user_sock *us);         /* frees what it holds, and itself */
};

static inline struct user_sock *user_sock(const struct net_sock *so) {
	return (struct user_sock *)so;
}
/* What packets leave from; 0: the address of the interface that they take. */
static inline uint32_t source_of(const struct net_sock *so) {
	return so->flags & SO_F_NO_SOURCE ? 0 : so->laddr;
}
static inline bool sock_is_user(const struct net_sock *so) {
	return so->kind != SOCK_KIND_TIMEWAIT && so->kind != SOCK_KIND_REQUEST;
}

/* ip_dont_fragment() of 2.4. */
static inline bool us_dont_fragment(const struct user_sock *us) {
	return us->pmtudisc != IP_PMTUDISC_DONT;
}

/* A hash of sockets, chained through hash_next; grows with its load. */
struct sock_table {
	struct net_sock **heads;
	uint32_t mask, count;
};

/* --- the stack -------------------------------------------------------------------------------- */

enum { COOKIE_SECRETS = 32 };

struct icmp_news;
struct ip_info;

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
	const struct protocol *raw;                 /* sees copies of all; keeps the chain untouched */
};
extern const struct protocol icmp_protocol, igmp_protocol, tcp_protocol, udp_protocol,
	raw_protocol;

static inline const struct protocol *protocol_find(const struct protocols *p, unsigned number) {
	return number < G_N_ELEMENTS(p->of) ? p->of[number] : NULL;
}

struct net_stack {
	char *name;
	struct net_params params;
	const struct net_ops *ops;
	const struct protocols *protocols;
	void *owner;
	const sim_time *clock;
	sim_time tick, tick_phase;
	uint64_t seed, random;
	struct net_counters n;

	struct timer_heap timers;

	struct net_if *ifs, *lo;
	uint32_t last_index; /* of interfaces */
	struct route *routes; /* in the order of lookup */
	uint32_t generation;      /* public: addresses and routes */
	uint32_t path_generation; /* also ARP entries that went */
	GHashTable *arp;          /* address -> struct arp_entry */
	GHashTable *pmtu;         /* address -> struct pmtu_entry */
	GHashTable *reassembly;   /* struct datagram_key -> struct reassembly */
	GQueue reassembly_age;    /* the same, oldest first */
	size_t reassembly_bytes;
	uint16_t ip_id;

	struct frame_queue lo_queue;
	struct net_timer lo_timer;

	struct net_sock *socks; /* all of them, newest first */
	struct net_sock *raws;  /* chained through hash_next */
	uint32_t sock_count;    /* those that max_socks counts */
	GHashTable *ports[2];   /* port -> first user; TCP, UDP */
	struct sock_table tcp_table, listen_table, udp_table;
	struct net_sock *event_head, **event_tail;
	struct net_sock *locked; /* its user is at work on it */
	struct tcp_waiting *waiting, **waiting_last; /* segments for it */
	struct net_sock *graveyard; /* chained through hash_next */

	sim_time challenge_second; /* when the second began in which challenge ACKs are counted */
	unsigned challenges;
	struct tcp_timewait *tw_head, *tw_tail; /* by expiry */
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
bool stack_room(struct net_stack *st); /* max_socks permits another; counts a refusal */

/* sock.c */
void sock_init(struct net_sock *so, struct net_stack *st, enum sock_kind kind);
void user_sock_init(struct user_sock *us, struct net_stack *st, enum sock_kind kind,
                    const struct sock_ops *ops);
void sock_event(struct user_sock *us, unsigned events);
void sock_unlink(struct net_sock *so); /* from every table */
void sock_bury(struct net_sock *so);   /* unlink and free when the call returns */
void sock_free(struct net_sock *so);   /* at once, whatever its kind */
size_t msg_length(const struct net_msg *msg);
/* Copies between a flat buffer and a message's iovec, `skip` bytes into it. */
void msg_put(const struct net_msg *msg, size_t skip, const void *data, size_t len);
void msg_get(const struct net_msg *msg, size_t skip, void *data, size_t len);

/* table.c */
void table_insert(struct sock_table *table, struct net_sock *so, uint32_t hash);
void table_remove(struct sock_table *table, struct net_sock *so, uint32_t hash);
void table_free(struct sock_table *table);
uint32_t tuple_hash(uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport);
static inline uint32_t sock_hash(const struct net_sock *so) {
	return tuple_hash(so->laddr, so->lport, so->faddr, so->fport);
}
static inline uint32_t port_hash(uint16_t port) { return port * 2654435761U >> 12; }
static inline struct net_sock *table_chain(const struct sock_table *table, uint32_t hash) {
	return table->heads ? table->heads[hash & table->mask] : NULL;
}

/* port.c */
int port_bind(struct net_sock *so, uint32_t addr, uint16_t port); /* 0 draws one */
void port_join(struct net_sock *so, uint16_t port);               /* without asking */
void port_leave(struct net_sock *so);
bool port_listen_conflict(const struct net_sock *so);

/* sockopt.c */
int option_int(const void *value, socklen_t len, int *out);
int option_put(void *value, socklen_t *len, const void *from, size_t size);

/* iface.c, route.c, arp.c */
bool is_broadcast(const struct net_stack *st, uint32_t addr);
bool is_loopback(uint32_t addr);
struct net_if *net_if_by_addr(const struct net_stack *st, uint32_t addr); /* NULL: not ours */
void route_connected(struct net_if *ifp, uint32_t addr, uint32_t mask);
void routes_drop(const struct net_if *ifp); /* all that lead through it */
void paths_changed(struct net_stack *st);
const struct net_route *route_find(const struct net_stack *st, uint32_t dst,
                                   const struct net_if *only);
void arp_input(struct net_stack *st, struct net_if *ifp, struct frame *f);
struct arp_entry *arp_lookup(struct net_stack *st, struct net_if *ifp, uint32_t addr);
/* RFC 1122 2.3.2.1: advice from above that an entry may be out of date, or is not. */
void arp_doubt(struct arp_entry *e);
void arp_confirm(struct arp_entry *e);
static inline void path_confirm(const struct net_stack *st, const struct path *path) {
	if (!path->arp || path->generation != st->path_generation)
		return;
	path->arp->confirmed = stack_now(st);
	if (path->arp->state != ARP_REACHABLE)
		arp_confirm(path->arp);
}
/* Sends an Ethernet frame (its first 14 bytes already pushed) to the entry, or queues it.  False: the
 * machine's own queue did not take it (what waits for an address counts as taken). */
bool arp_send(struct net_stack *st, struct arp_entry *e, struct frame *f, enum net_kind kind,
              size_t payload);
void arp_flush(struct net_stack *st, const struct net_if *ifp);
void arp_entry_free(gpointer entry);

struct ip_info;

/* mcast.c: groups, as sockets and interfaces join them */
int mcast_setopt(struct user_sock *us, int name, const void *value, socklen_t len);
int mcast_set_number(struct user_sock *us, int name, int value); /* IP_MULTICAST_TTL, _LOOP */
int mcast_get_number(const struct user_sock *us, int name);
uint32_t mcast_source(const struct user_sock *us); /* of IP_MULTICAST_IF, 0: none */
/* The interface that a socket's datagrams to a group go through if no route is to be asked. */
const struct net_if *mcast_device(const struct user_sock *us);
void mcast_close(struct user_sock *us); /* leaves all groups */
void mcast_forget_interface(struct user_sock *us, const struct net_if *ifp);
bool if_has_group(const struct net_if *ifp, uint32_t group);
void if_groups_up(struct net_if *ifp);
void if_groups_down(struct net_if *ifp);
void if_groups_free(struct net_if *ifp);
void if_filter_changed(struct net_if *ifp);

/* igmp.c */
void igmp_joined(struct if_group *g);
void igmp_left(struct if_group *g); /* tells routers, if we are who reported it */
void igmp_stop(struct if_group *g);
void igmp_fire(struct net_stack *st, struct net_timer *t);

/* ip.c */
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
	bool whole; /* rather not at all than in fragments */
	bool no_loop;      /* no copy of a group's packet for this machine */
	bool router_alert; /* RFC 2113 */
	enum net_kind kind;
	size_t payload; /* for ops->output */
	struct dgram_sock *from; /* whose send buffer it counts against; NULL: nobody's */
	struct net_progress *progress;
};
/* Fills in `path` for dst from src (0: not chosen yet) by `only` (NULL: any interface), reusing it
 * when it is still valid: 0, -ENETUNREACH, -EINVAL when no interface has the source any more, or no
 * packet from there may go to dst.  With a source or an interface, limited broadcasts and groups
 * need no route, and with an interface nothing does. */
int path_find(struct net_stack *st, struct path *path, uint32_t dst, uint32_t src,
              const struct net_if *only);
/* 0.0.0.0 as a destination is this machine: the sender's own address, if it has one. */
uint32_t path_destination(uint32_t dst, uint32_t src, const struct net_if *only);
/* What a layer above says when nothing comes back this way (RFC 1122 3.3.1.4): the route is looked up
 * again, and the next hop's hardware address asked for while the known one stays in use. */
void path_doubt(struct net_stack *st, struct path *path);
/* The address that packets on this path are sent from. */
uint32_t path_source(const struct path *path, uint32_t dst);
/* Largest IP packet for dst on this path: the interface's or what ICMP reported. */
uint16_t path_mtu(struct net_stack *st, const struct path *path, uint32_t dst);
void pmtu_learn(struct net_stack *st, uint32_t dst, uint16_t mtu);
/* Puts IP and Ethernet headers before a frame that fits the MTU, and sends it.  False: the machine's own
 * queue did not take it. */
bool ip_output(struct net_stack *st, const struct path *path, const struct ip_out *out,
               struct frame *f);
/* Sends `len` bytes of IP payload, in fragments if need be: 0, -EMSGSIZE (`whole`), -EAGAIN (the send
 * buffer is full), -ENOBUFS (the machine's queue is, and the sender asked for such errors). */
int ip_output_bytes(struct net_stack *st, const struct path *path, const struct ip_out *out,
                    const uint8_t *data, size_t len);
/* `looped`: our own packet, which comes back as a copy for this machine. */
void ip_input(struct net_stack *st, struct net_if *ifp, struct frame *f, bool looped);
void ip_deliver(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                struct frame *chain, size_t len);
uint32_t pseudo_sum(uint32_t src, uint32_t dst, uint8_t protocol, size_t len);

/* ip_frag.c */
void reassembly_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                      struct frame *f);
void reassembly_free(gpointer r);
guint reassembly_hash(gconstpointer key);
gboolean reassembly_equal(gconstpointer a, gconstpointer b);

/* chain.c: payloads that span several frames (reassembled datagrams) */
struct chain_gone {
	uint32_t frames, bytes;
};
/* Finds the place of `f` in a list sorted by mark, the number of a frame's first byte (modulo
 * 2^32), in which no byte is twice: `f` loses what the frame before it has and its end to the frame
 * behind; frames that it covers go, and are added to `gone`.  NULL: nothing of it is new. */
struct frame **chain_place(struct frame **at, struct frame *f, struct chain_gone *gone);
void chain_free(struct frame *chain);
uint8_t *chain_flatten(const struct frame *chain, size_t len); /* g_free() it */

/* icmp.c */
/* Answers a packet with an error that quotes its header and first 8 bytes. */
void icmp_error(struct net_stack *st, const struct ip_info *ip, const uint8_t *packet,
                size_t packet_len, uint8_t type, uint8_t code);
/* What an ICMP message says about a packet of ours. */
struct icmp_news {
	uint8_t type, code;
	uint32_t info; /* its MTU or pointer, 0: neither */
	const struct ip_info *ip; /* its own header; NULL: it is this machine that says so */
	struct net_if *ifp;
	int error;    /* positive errno */
	bool hard;    /* trying on makes no sense */
	bool quench;  /* nothing but: slower */
	uint16_t mtu; /* 0: not about that */
};
/* Tells the socket that sent the quoted packet. */
void icmp_notify(struct net_stack *st, const uint8_t *quoted, size_t len,
                 const struct icmp_news *news);

#endif
