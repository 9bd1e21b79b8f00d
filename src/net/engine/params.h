/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameters of a stack: which mechanisms does it use, and by which numbers?
 */
#ifndef NET_PARAMS_H
#define NET_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/units.h"

struct net_params {
	/* buffers, bytes */
	uint32_t sndbuf, rcvbuf;         /* defaults of new TCP sockets; of others 65,535 */
	uint32_t sndbuf_max, rcvbuf_max; /* most that SO_SNDBUF and SO_RCVBUF give */
	/* which mechanisms are in use */
	bool sack, timestamps, window_scaling, newreno, limited_transmit, dsack;
	bool ecn;          /* RFC 3168: asked for, and agreed to */
	bool fack;         /* what lies dupack_threshold segments below the highest SACKed byte
	                            is lost (Mathis, Mahdavi 1996), until reordering is seen */
	bool rate_halving; /* a reduced window shrinks by a segment with every second ACK (Linux),
	                            not at once */
	bool adapt_reordering; /* the duplicate ACKs that mean loss grow with the reordering seen */
	bool undo;             /* reductions of cwnd that no loss caused are taken back */
	bool nagle_default;    /* Nagle on unless TCP_NODELAY */
	bool minshall;         /* Nagle: a small segment waits for small ones only; without, for
	                            anything that was out when output began (BSD) */
	bool bsd_acks;         /* the second segment since the last ACK forces one, however small */
	bool bsd_window;   /* what is free is offered in any step, and told when it has grown by two
	                            segments or half the buffer; without, by steps of a segment, and when
	                            it has doubled (Linux) */
	bool bsd_closing;  /* a reset is no error once both sides have closed; data for a user who
	                            has closed is answered with one in every state */
	bool bsd_urgent;   /* urgent data is announced through a shut window */
	bool idle_restart; /* RFC 2581 4.1 */
	bool idle_decay;   /* and not at once: the window is halved per RTO idled (RFC 2861 3.1) */
	bool linux_rto;    /* rto_min bounds 4 * RTTVAR instead of the RTO as a whole */
	bool growing_window; /* the window offered begins small and grows (Linux) */
	bool linux_window; /* an ACK that acknowledges something always brings its window, RFC 793's
	                            SND.WL1 or not; without, such an ACK leaves the right edge where
	                            it is */
	bool stdurg;       /* urgent pointers point to the last urgent byte (RFC 1122 4.2.2.4), not
	                            behind it (BSD) */
	bool urgent_zero;  /* without stdurg: a pointer of 0 points to a segment's first byte
	                            (Linux); without, nowhere (BSD) */
	bool cork_or_nodelay; /* TCP_CORK and TCP_NODELAY exclude each other: -EINVAL */
	bool last_fragment_first; /* fragments leave in the order in which Linux makes them; without, the
	                             first leaves first (BSD) */
	bool early_timestamp; /* TS.Recent is renewed before the window is looked at (RFC 7323 D), not
	                            by what lies in the window only */
	bool rfc5961;         /* resets, SYNs and ACKs that a stranger may have guessed are answered
	                            with an ACK, at most ten in a second */
	bool syncookies; /* a request without a place in the SYN queue is kept in the number of its
	                            SYN,ACK */
	bool bsd_syncache; /* a full SYN queue drops the request that has waited longest, and each
	                            SYN,ACK has a cookie (FreeBSD); without, the new SYN is dropped, or
	                            answered with a cookie and no options but the MSS (Linux) */
	bool rfc1337;      /* resets do not end TIME_WAIT */
	bool connect_recycles; /* connect() from a port that bind() gave takes over a pair in TIME_WAIT
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
	uint8_t quickacks; /* immediate ACKs at the start of a connection (2.4: up to 16) */
	sim_time persist_min, persist_max;
	sim_time time_wait; /* 2 MSL */
	sim_time keepalive_idle, keepalive_interval;
	uint8_t keepalive_probes;
	uint8_t syn_retries, synack_retries, retries1, retries2;
	uint16_t port_low, port_high; /* local port range for port 0 */
	uint16_t somaxconn;
	uint32_t syn_backlog; /* half-open connections a listener may have */
	uint32_t max_socks;   /* 0: no limit; else -ENOBUFS beyond it (a card's TCBs,
	                                    TIME_WAIT ones not counted when time_wait_recycle) */
	bool time_wait_reuse; /* a SYN with a higher sequence number reopens (RFC 1122) */
	sim_time reassembly_timeout;
	bool forward_icmp_errors;
	bool forward;             /* packets for other machines go on (net.ipv4.ip_forward) */
	uint32_t isn;             /* of every connection, to meet the wrap-around soon; 0: RFC
	                                    1948's */
	uint32_t timestamp_start; /* the time-stamp clock at time 0 */
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

#endif
