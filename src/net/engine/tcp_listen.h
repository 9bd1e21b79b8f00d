/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is there before a connection?  Listeners, the requests in their SYN queues, SYN cookies.
 * Internal to the engine.
 */
#ifndef NET_TCP_LISTEN_H
#define NET_TCP_LISTEN_H

#include "net/engine/tcp.h"

struct icmp_news;

struct listener {
	struct tcp_sock *head, **tail;
	uint32_t queued, backlog;
	uint32_t requests, young; /* SYN queue; young: not yet retransmitted */
	sim_time cookies_until; /* after an overflow: how long ACKs of SYN cookies count; 0: not */
};

/* A half-open passive connection (Linux: open_request). */
struct tcp_request {
	struct net_sock so;
	struct tcp_sock *listener;
	struct net_timer timer;
	sim_time sent;
	uint32_t iss, irs, ts_recent, window;
	struct tcp_options opt; /* of the SYN */
	uint8_t retries, rcv_wscale;
	bool ecn;         /* agreed on */
	bool acked;       /* the ACK came while there was no room */
	bool again;       /* the SYN came again, and its answer was sent again */
	bool unreachable; /* an ICMP error about the SYN,ACK came */
	bool cookie;      /* made of a SYN cookie: when the SYN,ACK left is not known */
};

/* tcp_listen.c */
int tcp_listen(struct user_sock *us, int backlog);
int tcp_accept(struct user_sock *us, void *user, struct net_sock **child);
void tcp_listen_stop(struct tcp_sock *tp);
void tcp_listen_input(struct tcp_sock *lp, struct segment *s, uint32_t least_iss);
void tcp_request_input(struct tcp_request *rq, struct segment *s);
/* An ICMP error about a segment with the number `seq`: nobody is told (Linux 2.4, tcp_v4_err()). */
void tcp_request_icmp(struct tcp_request *rq, uint32_t seq, const struct icmp_news *news);
void tcp_request_free(struct net_sock *so);

/* tcp_cookie.c */
/* The number of the SYN,ACK that answers a SYN, for an MSS that the peer announced (0: none). */
uint32_t cookie_make(struct net_stack *st, const struct segment *s, uint16_t mss);
/* Does an ACK return one?  *mss: what is left of the peer's MSS, 0: the default. */
bool cookie_check(const struct net_stack *st, const struct segment *s, uint16_t *mss);
sim_time cookie_lifetime(const struct net_stack *st); /* after an overflow */

#endif
