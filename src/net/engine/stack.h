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
 *
 * Here: what does the owner of a stack give it, and what does he hand to it?  What is asked of the
 * rest stands apart: params.h which mechanisms and numbers it works with, iface.h its interfaces,
 * route.h where packets go (routes, ARP), socket.h the calls on sockets, socket_state.h how a socket
 * stands.
 */
#ifndef NET_STACK_H
#define NET_STACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/engine/frame.h"
#include "net/engine/params.h"
#include "sim/units.h"

struct net_stack;
struct net_sock;
struct net_if;

/* --- what the owner provides -------------------------------------------------------------- */

enum net_event {
	NET_EV_READ = 1, /* data, a connection to accept, or end of stream became available */
	NET_EV_WRITE =
		2, /* send-buffer space became available: a third of it at least, of datagrams
	                         half */
	NET_EV_CONNECTED = 4, /* an active open completed */
	NET_EV_ERROR = 8,     /* so_error was set (reset, time-out, ICMP) */
	NET_EV_HANGUP = 16,   /* the peer's FIN arrived */
	NET_EV_URGENT = 32,   /* urgent data arrived (SIGURG) */
	NET_EV_CLOSED =
		64, /* the connection reached CLOSED; the sock is still the user's to close */
	NET_EV_FIN_ACKED = 128, /* all that was sent, our FIN included, is acknowledged */
};

/* What kind of frame passes `output` or arrived: lets an owner charge the cost that fits. */
enum net_kind {
	NET_KIND_DATA = 1, /* TCP with payload */
	NET_KIND_ACK,      /* TCP without payload, SYN, FIN, RST */
	NET_KIND_CONTROL,  /* TCP with SYN, FIN or RST (FIN with payload is DATA) */
	NET_KIND_UDP,
	NET_KIND_OTHER,   /* ARP, ICMP, fragments */
	NET_KIND_FORWARD, /* a packet of others' that goes on; never of one that arrives */
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
	/* So many connections wait for accept() now, of all listeners (NULL: not wanted). */
	void (*waiting)(void *owner, unsigned connections);
};

/* Of a stack that nobody listens to: what goes out is gone, and nothing is told. */
extern const struct net_ops net_silent_ops;

/* --- configuration ------------------------------------------------------------------------ */

struct net_conf {
	const char *name; /* for messages and counters, copied */
	struct net_params params;
	const struct net_ops *ops;
	void *owner;           /* first argument of the ops */
	const sim_time *clock; /* the current time, read only */
	/* Ticks of the owner's timers, at phase + n * tick: a timer of any kind goes off as many ticks
	 * after the last one as its time has, parts of a tick counted as one (mod_timer() of Linux
	 * 2.4), so up to a tick early.  0: timers are exact. */
	sim_time tick, tick_phase;
	uint64_t seed; /* initial sequence numbers, ephemeral ports */
};

/* --- counters ----------------------------------------------------------------------------- */

#define NET_COUNTERS(X)                                                                            \
	X(ip_in) X(ip_out) X(ip_bad_header) X(ip_no_route) X(ip_not_mine) X(ip_looped_in)          \
	X(ip_forwarded)                                                                            \
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
/* For tests, since a card that dies is silent: fails everything as when the hardware goes: every socket gets `error` (positive errno) and is
 * closed without a packet. */
void net_stack_fail(struct net_stack *st, int error);

/* --- traffic ------------------------------------------------------------------------------ */

/* Frames that the stack had sent were freed, or orphaned, outside of a call into it: tells the sockets
 * whose send buffers have room again.  (Inside of one that happens when it returns.) */
void net_sent(struct net_stack *st);
/* Whether there is somebody to tell. */
bool net_has_events(const struct net_stack *st);
/* A frame arrived on `ifp`; ownership passes. */
void net_input(struct net_stack *st, struct net_if *ifp, struct frame *frame);
/* A frame is under way to net_input(), and may be lost yet; `next`: it will be the next.  What it needs
 * comes from memory meanwhile: with many connections each is far away.  Changes nothing, and need not
 * be called. */
void net_expect(const struct net_stack *st, const struct frame *frame, bool next);
/* The kind that net_input() will see in a frame, and its TCP/UDP payload: what an owner charges
 * before it calls net_input().  Reads headers only. */
enum net_kind net_classify(const struct frame *frame, size_t *payload);
/* Whether a frame that arrives is a segment of a connection that was established, without SYN, FIN, RST or
 * urgent data: what a card's hardware takes without its processor.  Reads headers only. */
bool net_is_plain(const struct net_stack *st, const struct frame *frame);
/* Whether a frame that arrives is to be forwarded: its receipt is that of an IP packet, whatever it carries. */
bool net_goes_on(const struct net_stack *st, const struct frame *frame);
/* Runs every timer that is due. */
void net_timer(struct net_stack *st);
/* Date of the earliest timer, SIM_NEVER if none. */
sim_time net_next_timer(const struct net_stack *st);

#endif
