/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TCP/IP stack: the host's, a card's and a client's are instances of this one.
 *
 * The stack is pure: it owns no clock and no thread and knows nothing of hosts, cards or costs.
 * It is handed frames (net_input), socket calls and timer calls (net_timer); it hands back frames,
 * socket events and the date of its next timer through `struct net_ops`.  It reads the time
 * through the pointer in its configuration.  Calls never block: what would is -EAGAIN or
 * -EINPROGRESS, and an event follows.  Errors are negative errno values, those of Linux 2.4.
 *
 * Re-entrance: ops are called from inside stack calls.  `output` and `loopback` must not call back
 * into the same stack; `event` may call only net_sock_user() and net_poll(): record and return.
 *
 * Addresses and ports are in host byte order throughout this interface.
 */
#ifndef NET_STACK_H
#define NET_STACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "net/engine/frame.h"
#include "sim/units.h"

struct net_stack;
struct net_sock;
struct net_if;

/* --- what the owner provides -------------------------------------------------------------- */

enum net_event {
	NET_EV_READ = 1,      /* data, a connection to accept, or end of stream became available */
	NET_EV_WRITE = 2,     /* send-buffer space became available: a third of it at least, of datagrams
	                         half */
	NET_EV_CONNECTED = 4, /* an active open completed */
	NET_EV_ERROR = 8,     /* so_error was set (reset, time-out, ICMP) */
	NET_EV_HANGUP = 16,   /* the peer's FIN arrived */
	NET_EV_URGENT = 32,   /* urgent data arrived (SIGURG) */
	NET_EV_CLOSED = 64,   /* the connection reached CLOSED; the sock is still the user's to close */
	NET_EV_FIN_ACKED = 128, /* all that was sent, our FIN included, is acknowledged */
};

/* What kind of frame passes `output` or arrived: lets an owner charge the cost that fits. */
enum net_kind {
	NET_KIND_DATA = 1, /* TCP with payload */
	NET_KIND_ACK,      /* TCP without payload, SYN, FIN, RST */
	NET_KIND_CONTROL,  /* TCP with SYN, FIN or RST (FIN with payload is DATA) */
	NET_KIND_UDP,
	NET_KIND_OTHER,    /* ARP, ICMP, fragments */
};

struct net_ops {
	/* A complete Ethernet frame for the wire of `ifp`; ownership passes.  `kind` and `payload`
	 * (bytes of the user's data in it; of a fragment too) describe it.  False: the machine's own queue did not take it, so
	 * that it never left; whoever sent it is told, and TCP slows down. */
	bool (*output)(void *owner, struct net_if *ifp, struct frame *frame, enum net_kind kind,
	               size_t payload);
	/* A frame for the stack itself, by its loop-back interface, or a copy (frame->looped) of what an
	 * interface sends to many; ownership passes, and it comes back by net_input() on `ifp`.  NULL:
	 * the stack queues such frames and takes them at its next timer's date, which is at once. */
	void (*loopback)(void *owner, struct net_if *ifp, struct frame *frame, enum net_kind kind,
	                 size_t payload);
	/* Events (a mask of enum net_event) on a socket that the owner opened or accepted. */
	void (*event)(void *owner, struct net_sock *so, unsigned events);
	/* The date of the earliest timer changed; SIM_NEVER: none runs.  Call net_timer() then. */
	void (*timer)(void *owner, sim_time when);
	/* Inside net_timer(): one of the timers is about to act (NULL: not wanted). */
	void (*timer_runs)(void *owner);
	/* What the interface wants to receive has changed: its address, mode or groups; see
	 * mac_filter.h.  NULL: not wanted. */
	void (*filter)(void *owner, struct net_if *ifp);
};

/* --- parameters ---------------------------------------------------------------------------- */

struct net_params {
	/* buffers, bytes */
	uint32_t sndbuf, rcvbuf; /* defaults of new TCP sockets; of others 65,535 */
	uint32_t sndbuf_max, rcvbuf_max; /* most that SO_SNDBUF and SO_RCVBUF give */
	/* which mechanisms are in use */
	bool sack, timestamps, window_scaling, newreno, limited_transmit, dsack;
	bool ecn;                /* RFC 3168: asked for, and agreed to */
	bool fack;               /* what lies dupack_threshold segments below the highest SACKed byte
	                            is lost (Mathis, Mahdavi 1996), until reordering is seen */
	bool rate_halving;       /* a reduced window shrinks by a segment with every second ACK (Linux),
	                            not at once */
	bool adapt_reordering;   /* the duplicate ACKs that mean loss grow with the reordering seen */
	bool undo;               /* reductions of cwnd that no loss caused are taken back */
	bool nagle_default;      /* Nagle on unless TCP_NODELAY */
	bool minshall;           /* Nagle: a small segment waits for small ones only; without, for
	                            anything that was out when output began (BSD) */
	bool bsd_acks;           /* the second segment since the last ACK forces one, however small */
	bool bsd_window;         /* what is free is offered in any step, and told when it has grown by two
	                            segments or half the buffer; without, by steps of a segment, and when
	                            it has doubled (Linux) */
	bool bsd_closing;        /* a reset is no error once both sides have closed; data for a user who
	                            has closed is answered with one in every state */
	bool bsd_urgent;         /* urgent data is announced through a shut window */
	bool idle_restart;       /* RFC 2581 4.1 */
	bool idle_decay;         /* and not at once: the window is halved per RTO idled (RFC 2861 3.1) */
	bool linux_rto;          /* rto_min bounds 4 * RTTVAR instead of the RTO as a whole */
	bool growing_window;     /* the window offered begins small and grows (Linux) */
	bool linux_window;       /* an ACK that acknowledges something always brings its window, RFC 793's
	                            SND.WL1 or not; without, such an ACK leaves the right edge where
	                            it is */
	bool stdurg;             /* urgent pointers point to the last urgent byte (RFC 1122 4.2.2.4), not
	                            behind it (BSD) */
	bool urgent_zero;        /* without stdurg: a pointer of 0 points to a segment's first byte
	                            (Linux); without, nowhere (BSD) */
	bool cork_or_nodelay;    /* TCP_CORK and TCP_NODELAY exclude each other: -EINVAL */
	bool last_fragment_first; /* fragments leave in the order in which Linux makes them; without, the
	                             first leaves first (BSD) */
	bool early_timestamp;    /* TS.Recent is renewed before the window is looked at (RFC 7323 D), not
	                            by what lies in the window only */
	bool rfc5961;            /* resets, SYNs and ACKs that a stranger may have guessed are answered
	                            with an ACK, at most ten in a second */
	bool syncookies;         /* a request without a place in the SYN queue is kept in the number of its
	                            SYN,ACK */
	bool bsd_syncache;       /* a full SYN queue drops the request that has waited longest, and each
	                            SYN,ACK has a cookie (FreeBSD); without, the new SYN is dropped, or
	                            answered with a cookie and no options but the MSS (Linux) */
	bool rfc1337;            /* resets do not end TIME_WAIT */
	bool connect_recycles;   /* connect() from a port that bind() gave takes over a pair in TIME_WAIT
	                            whose connection had time-stamps */
	bool icmp_aborts_connect; /* soft ICMP errors too, which RFC 1122 4.2.3.9 forbids, in either
	                             direction */
	/* numbers */
	uint16_t mss;            /* largest MSS announced and used, besides what the interface's MTU
	                            and the path's allow; 16,396: no bound of its own */
	uint16_t initial_window; /* segments; 0: RFC 3390's rule */
	uint16_t dupack_threshold;
	sim_time rto_initial, rto_min, rto_max;
	sim_time delack_min, delack_max; /* delayed-ACK time-out range; equal: fixed */
	uint8_t delack_segments;         /* full segments that force an ACK (2) */
	uint8_t quickacks;               /* immediate ACKs at the start of a connection (2.4: up to 16) */
	sim_time persist_min, persist_max;
	sim_time time_wait;              /* 2 MSL */
	sim_time keepalive_idle, keepalive_interval;
	uint8_t keepalive_probes;
	uint8_t syn_retries, synack_retries, retries1, retries2;
	uint16_t port_low, port_high;    /* local port range for port 0 */
	uint16_t somaxconn;
	uint32_t syn_backlog;            /* half-open connections a listener may have */
	uint32_t max_socks;              /* 0: no limit; else -ENOBUFS beyond it (a card's TCBs,
	                                    TIME_WAIT ones not counted when time_wait_recycle) */
	bool time_wait_reuse;            /* a SYN with a higher sequence number reopens (RFC 1122) */
	sim_time reassembly_timeout;
	bool forward_icmp_errors;
	uint32_t isn;                    /* of every connection, to meet the wrap-around soon; 0: RFC
	                                    1948's */
	uint32_t timestamp_start;        /* the time-stamp clock at time 0 */
};

/* Fills in a preset: "linux-2.4" or "bsd-card".  False if there is no such preset.
 * Values and sources stand beside them in params.c. */
bool net_params_preset(struct net_params *params, const char *preset);

/* Finds a parameter by its name in scenarios ("rto_min", "sack" ...) and sets it from base units
 * (ps, bytes, count, 0/1).  Returns 0, -ENOENT or -ERANGE. */
int net_params_set(struct net_params *params, const char *name, int64_t value);
/* Enumerates: name, unit ("time", "bytes", "count", "bool") and current value of the i-th
 * parameter; false past the end. */
bool net_params_get(const struct net_params *params, size_t i, const char **name, const char **unit,
                    int64_t *value);

struct net_conf {
	const char *name;         /* for messages and counters, copied */
	struct net_params params;
	const struct net_ops *ops;
	void *owner;              /* first argument of the ops */
	const sim_time *clock;    /* the current time, read only */
	/* Ticks of the owner's timers, at phase + n * tick: a timer of any kind goes off as many ticks
	 * after the last one as its time has, parts of a tick counted as one (mod_timer() of Linux
	 * 2.4), so up to a tick early.  0: timers are exact. */
	sim_time tick, tick_phase;
	uint64_t seed;            /* initial sequence numbers, ephemeral ports */
};

/* --- counters ----------------------------------------------------------------------------- */

#define NET_COUNTERS(X)                                                                            \
	X(ip_in) X(ip_out) X(ip_bad_header) X(ip_no_route) X(ip_not_mine) X(ip_looped_in)          \
	X(other_host) X(ip_fragments_in) X(ip_fragments_out) X(ip_reassembled)                     \
	X(ip_reassembly_timeouts) X(arp_in) X(arp_out) X(icmp_in) X(icmp_out) X(igmp_in)           \
	X(igmp_out) X(udp_in) X(udp_out) X(udp_no_port) X(udp_bad_checksum) X(udp_overflow)        \
	X(tcp_in) X(tcp_out) X(tcp_bytes_in) X(tcp_bytes_out) X(tcp_bad_checksum)                  \
	X(tcp_retransmits) X(tcp_fast_retransmits) X(tcp_timeouts) X(tcp_dup_acks_in)              \
	X(tcp_out_of_order) X(tcp_window_probes) X(tcp_keepalives) X(tcp_resets_in)                \
	X(tcp_resets_out) X(tcp_active_opens) X(tcp_passive_opens) X(tcp_established)              \
	X(tcp_begun) X(tcp_over) /* connections, from the first SYN on; until TIME_WAIT or CLOSED */   \
	X(tcp_attempt_fails) X(tcp_listen_overflows) X(tcp_cookies_sent) X(tcp_cookies_taken)      \
	X(tcp_syn_retransmits) X(tcp_time_waits)                                                   \
	X(tcp_time_wait_reused) X(tcp_delayed_acks) X(tcp_paws_drops) X(tcp_sacked_segments)       \
	X(tcp_dsacks_in) X(tcp_undos) X(socks_opened) X(socks_refused)

struct net_counters {
#define X(name) uint64_t name;
	NET_COUNTERS(X)
#undef X
};

/* --- life --------------------------------------------------------------------------------- */

struct net_stack *net_stack_new(const struct net_conf *conf);
/* Frees everything, sockets included, without sending anything. */
void net_stack_free(struct net_stack *st);
void *net_stack_owner(const struct net_stack *st);
struct net_params *net_stack_params(struct net_stack *st); /* in force for new sockets */
const struct net_counters *net_stack_counters(const struct net_stack *st);

/* --- interfaces, addresses, routes ---------------------------------------------------------- */

#define NET_IF_NAME 16

/* Adds an interface, down and without address; `mtu` 68..9000.  A loop-back interface "lo" with
 * 127.0.0.1/8 always exists; packets to any of the stack's own addresses stay inside. */
struct net_if *net_if_add(struct net_stack *st, const char *name, const uint8_t mac[6],
                          uint16_t mtu, void *user);
/* Takes an interface out and frees it: its routes, ARP entries and SO_BINDTODEVICE bindings go with
 * it, datagrams that came through it stay readable.  Sockets with its address stay too, and find no
 * route.  The loop-back interface cannot be removed: -EINVAL. */
int net_if_remove(struct net_if *ifp);
void *net_if_user(const struct net_if *ifp);
const char *net_if_name(const struct net_if *ifp);
/* Its number: lo is 1 and the others follow as they were added, unless the owner says otherwise,
 * whose machine has interfaces of more than one stack. */
uint32_t net_if_index(const struct net_if *ifp);
void net_if_set_index(struct net_if *ifp, uint32_t index);
struct net_if *net_if_find(const struct net_stack *st, const char *name);
struct net_if *net_if_by_index(const struct net_stack *st, uint32_t index); /* NULL: none */
struct net_if *net_if_next(const struct net_stack *st, const struct net_if *ifp); /* NULL: first */

/* The largest MTU that it may have: 9,000, which 2.4's gigabit drivers allow (acenic, tg3; e1000 even
 * more); the loop-back interface 16,436. */
uint16_t net_if_mtu_max(const struct net_if *ifp);

struct net_if_config {
	uint32_t addr, netmask, broadcast; /* 0: none */
	uint16_t mtu;
	bool up;
	uint8_t mac[6];
	bool promisc, allmulti; /* the controller takes all frames; those to all groups */
};
void net_if_get(const struct net_if *ifp, struct net_if_config *conf);
/* Applies a configuration.  With a new address, mask or broadcast address, and when the interface
 * goes up or down, all routes by it go and the connected one comes (back), if it is up.  -EINVAL for
 * a mask with holes or an MTU outside 68..net_if_mtu_max(). */
int net_if_set(struct net_if *ifp, const struct net_if_config *conf);
/* Address, mask, the usual broadcast address, and up; and a default route unless `gateway` is 0. */
int net_if_configure(struct net_if *ifp, uint32_t addr, uint32_t mask, uint32_t gateway);

/* What passed an interface since it was added: frames, with their Ethernet headers in the bytes; of
 * the loop-back, which has none, packets. */
struct net_if_counters {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	/* None of these went further: to other stations (not to groups); longer than it takes. */
	uint64_t rx_others, rx_too_long;
};
void net_if_count(const struct net_if *ifp, struct net_if_counters *count);
/* The controller's filter left a frame on the wire: its owner tells. */
void net_if_left(struct net_if *ifp, const struct frame *frame);
/* Whether the controller takes a frame of this length: 1,514 bytes whatever the MTU, or a larger
 * MTU's.  Counts those that it does not; their owner drops them. */
bool net_if_takes(struct net_if *ifp, const struct frame *frame);

/* A group that an interface takes part in, 224.0.0.1 among them while it is up.  Newest first; NULL:
 * the first, the end. */
struct net_group {
	uint32_t addr;
	unsigned users; /* memberships of sockets */
};
const struct net_group *net_group_next(const struct net_if *ifp, const struct net_group *group);
/* Number of the interface that IP_ADD_MEMBERSHIP would join on now (ip_mc_find_dev()), 0: none. */
uint32_t net_group_device(const struct net_stack *st, const struct ip_mreqn *mreq);

struct net_route {
	uint32_t dst, mask, gateway; /* gateway 0: on link */
	uint32_t metric;
	struct net_if *ifp;
};
/* -EEXIST, -ENETUNREACH (the gateway is no neighbour), -ENETDOWN (nor may its interface be down). */
int net_route_add(struct net_stack *st, const struct net_route *rt);
/* Deletes the first that has this prefix, and the gateway, interface and metric where they are given
 * (not 0): -ESRCH.  Which that would be; NULL: none. */
int net_route_del(struct net_stack *st, const struct net_route *rt);
const struct net_route *net_route_match(const struct net_stack *st, const struct net_route *rt);
/* Longest prefix, then lowest metric, then newest, connected ones oldest first, as fn_hash_insert() of
 * 2.4 sorts them.  NULL if none; only interfaces that are up. */
const struct net_route *net_route_lookup(const struct net_stack *st, uint32_t dst);
const struct net_route *net_route_next(const struct net_stack *st, const struct net_route *rt);
bool net_is_local(const struct net_stack *st, uint32_t addr);
/* Counts changes of addresses and routes: lets callers drop what they cached. */
uint32_t net_config_generation(const struct net_stack *st);

/* ARP cache: permanent entries may be set; lookups return -ENXIO. */
int net_arp_set(struct net_stack *st, uint32_t addr, const uint8_t mac[6]);
int net_arp_get(const struct net_stack *st, uint32_t addr, uint8_t mac[6]);
int net_arp_del(struct net_stack *st, uint32_t addr);

struct net_arp_entry {
	uint32_t addr;
	uint8_t mac[6];
	bool complete, permanent;
	const struct net_if *ifp; /* NULL: not known yet */
};
/* The entry with the lowest address above `after` (-1: the first); false if there is none. */
bool net_arp_next(const struct net_stack *st, int64_t after, struct net_arp_entry *entry);

/* --- traffic ------------------------------------------------------------------------------ */

/* Frames that the stack had sent were freed, or orphaned, outside of a call into it: tells the sockets
 * whose send buffers have room again.  (Inside of one that happens when it returns.) */
void net_sent(struct net_stack *st);
/* Whether there is somebody to tell. */
bool net_has_events(const struct net_stack *st);
/* A frame arrived on `ifp`; ownership passes. */
void net_input(struct net_stack *st, struct net_if *ifp, struct frame *frame);
/* The kind that net_input() will see in a frame, and its TCP/UDP payload: what an owner charges
 * before it calls net_input().  Reads headers only. */
enum net_kind net_classify(const struct frame *frame, size_t *payload);
/* Runs every timer that is due. */
void net_timer(struct net_stack *st);
/* Date of the earliest timer, SIM_NEVER if none. */
sim_time net_next_timer(const struct net_stack *st);

/* --- sockets ------------------------------------------------------------------------------ */

/* Opens a socket of SOCK_STREAM, SOCK_DGRAM or SOCK_RAW (ICMP).  -ENOBUFS, -EPROTONOSUPPORT,
 * -ESOCKTNOSUPPORT. */
int net_sock_open(struct net_stack *st, int type, int protocol, void *user, struct net_sock **so);
void net_sock_set_user(struct net_sock *so, void *user);
void *net_sock_user(const struct net_sock *so);
struct net_stack *net_sock_stack(const struct net_sock *so);

/* -EADDRINUSE, -EADDRNOTAVAIL, -EINVAL (already bound), port 0 draws one. */
int net_bind(struct net_sock *so, uint32_t addr, uint16_t port);
int net_listen(struct net_sock *so, int backlog);
/* Takes an established connection off the queue: -EAGAIN, -EINVAL (not listening).  The child's
 * user pointer is `user`. */
int net_accept(struct net_sock *so, void *user, struct net_sock **child);
/* TCP: -EINPROGRESS when under way, then NET_EV_CONNECTED or NET_EV_ERROR; -EALREADY, -EISCONN;
 * UDP: 0 at once.  -ENETUNREACH, -EADDRNOTAVAIL, -EAGAIN (no port left). */
int net_connect(struct net_sock *so, uint32_t addr, uint16_t port);
/* Undoes connect (AF_UNSPEC). */
int net_disconnect(struct net_sock *so);

struct net_msg {
	const struct iovec *iov;
	size_t iovlen;
	uint32_t addr; /* to or from; addr 0 and port 0: none */
	uint16_t port;
	int flags;     /* in: MSG_OOB; send: MSG_MORE; recv: MSG_PEEK, MSG_TRUNC, MSG_ERRQUEUE; out:
	                  MSG_TRUNC, MSG_CTRUNC, MSG_ERRQUEUE, MSG_OOB */
	struct net_if *ifp; /* out, recv: where a datagram arrived */
	/* Control messages of a datagram, as sendmsg() and recvmsg() lay them out: IP_PKTINFO goes both
	 * ways; IP_TTL, IP_TOS and IP_RECVERR are received. */
	void *control;
	size_t controllen; /* recv: in: room, out: bytes used; a stream leaves it alone */
	/* send: a datagram in fragments that leave as there is room for each; all 0 at first.  When
	 * -EAGAIN comes the rest is still to be sent, by the same call once more.  NULL: all at once, if
	 * there is room for the first (2.4's non-blocking sends). */
	struct net_progress *progress;
};
struct net_progress {
	unsigned done; /* fragments that have left */
	uint16_t id;   /* of the datagram */
};
/* Most bytes of control messages that a datagram can bring. */
#define NET_CONTROL_MAX 256U
/* What IP_PKTINFO among control messages asks for; 0: nothing.  -EINVAL for messages that are
 * malformed, or of IP and unknown. */
struct net_pktinfo {
	uint32_t index, source; /* of the interface; address */
};
int net_pktinfo(const void *control, size_t len, struct net_pktinfo *info);

/* Bytes taken into the send buffer, or -EAGAIN when there is no room; a datagram takes room until the
 * owner's hardware has sent it.  -ENOBUFS: his queue refused a datagram of a socket with IP_RECVERR.
 * -EPIPE, -ENOTCONN,
 * -EMSGSIZE, -EDESTADDRREQ, -ENETUNREACH, -EACCES (broadcast), the pending error. */
ssize_t net_send(struct net_sock *so, const struct net_msg *msg);
/* A stream's owner gathers what its user writes in parts: small segments wait until it says that no more
 * is to come, and then go by the rules for one write.  Nothing for other sockets. */
void net_hold(struct net_sock *so, bool more);
/* Bytes received (0: end of stream; without room for any: there is something to read), or -EAGAIN,
 * -ENOTCONN, -EINVAL (no urgent data), the pending error.  With MSG_ERRQUEUE: the bytes that came
 * back with the oldest queued error (IP_RECVERR), or -EAGAIN. */
ssize_t net_recv(struct net_sock *so, struct net_msg *msg);

int net_shutdown(struct net_sock *so, int how); /* SHUT_*; -ENOTCONN */
/* The user lets go of the socket: it sends what is buffered and FIN, or RST when unread data is
 * left (RFC 2525 2.17) or `abort` (linger 0), and is freed by the stack when the protocol is done. */
void net_close(struct net_sock *so, bool abort);

/* POLLIN, POLLOUT, POLLERR, POLLHUP, POLLPRI as tcp_poll and datagram_poll of 2.4 give them. */
unsigned net_poll(const struct net_sock *so);
/* Takes the pending error (positive errno), 0 if none. */
int net_take_error(struct net_sock *so);
int net_peek_error(const struct net_sock *so);
/* All that can be read was, and an error waits: a call that has moved bytes leaves it to the next. */
bool net_only_error(const struct net_sock *so);

/* Option at SOL_SOCKET, IPPROTO_TCP or IPPROTO_IP; -ENOPROTOOPT, -EINVAL.  Groups (mcast.c):
 * -ENODEV, -EADDRINUSE, -EADDRNOTAVAIL, -ENOBUFS (more than 20 of a socket). */
int net_setopt(struct net_sock *so, int level, int name, const void *value, socklen_t len);
int net_getopt(struct net_sock *so, int level, int name, void *value, socklen_t *len);

int net_sockname(const struct net_sock *so, uint32_t *addr, uint16_t *port);
int net_peername(const struct net_sock *so, uint32_t *addr, uint16_t *port); /* -ENOTCONN */

/* What ioctl asks: bytes readable in the stream or of the next datagram; bytes not yet
 * acknowledged, or memory of datagrams not yet sent; whether the read pointer is at the urgent mark. */
int net_readable(const struct net_sock *so);
int net_unsent(const struct net_sock *so);
bool net_at_mark(const struct net_sock *so);
/* Free send-buffer space in bytes. */
size_t net_send_space(const struct net_sock *so);
/* Bytes at the end of the send buffer that no segment has had yet; 0 for datagrams. */
uint32_t net_send_rest(const struct net_sock *so);

/* A user's work on a socket takes time: between net_lock() and net_unlock() segments for it wait (for a
 * listener those of connections that it has not handed over), and its timers act later, as under the
 * socket lock of Linux 2.4.  One socket of a stack at a time.  net_locked_input() takes what has waited so
 * far, in order, and is false if nothing has; the socket may be gone then, or be closed before: a closed one
 * discards it. */
void net_lock(struct net_sock *so);
bool net_locked_input(struct net_stack *st);
void net_unlock(struct net_stack *st);
/* TCP state (TCP_ESTABLISHED ... of <netinet/tcp.h>), TCP_CLOSE for others. */
int net_state(const struct net_sock *so);
/* Bytes of memory the socket holds: struct, queued data, options. */
size_t net_sock_memory(const struct net_sock *so);

/* Walks all sockets (netstat); NULL: first.  Sockets in TIME_WAIT are included. */
struct net_sock *net_sock_next(struct net_stack *st, struct net_sock *so);

/* What netstat shows of a socket of any kind. */
struct net_sock_info {
	int type, state; /* SOCK_STREAM ...; TCP_ESTABLISHED ... */
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	int recv_q, send_q; /* bytes; 0 in listeners and where there are no queues */
};
void net_sock_get(const struct net_sock *so, struct net_sock_info *info);

/* Fails everything as when the hardware goes: every socket gets `error` (positive errno) and is
 * closed without a packet. */
void net_stack_fail(struct net_stack *st, int error);

#endif
