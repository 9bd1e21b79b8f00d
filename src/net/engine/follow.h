/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does a TCP connection fare?  Whoever wants to know is told of each one that begins, chooses, and is
 * told from then on whenever something of what is seen here changes: once a segment, a call or a timer.
 * Of a stack that nobody follows a pointer is tested as a call into it returns.
 */
#ifndef NET_FOLLOW_H
#define NET_FOLLOW_H

#include <stdint.h>

#include "sim/units.h"

struct net_stack;

/* What happened since the last look; several may have. */
#define NET_STEPS(X)                                                                               \
	X(OPEN, "open") /* the first look: a SYN was sent, or a handshake is complete */           \
	X(ESTABLISHED, "established")                                                              \
	X(RTO, "RTO") /* the retransmission timer went off, of a SYN too */                        \
	X(FAST_RETRANSMIT, "fast retransmit")                                                      \
	X(RETRANSMISSION, "retransmission") /* data, or FIN, was sent again, for whatever reason */ \
	X(CWR, "window reduced") /* without a loss: by ECN, by a full queue of the machine's own */ \
	X(UNDO, "undo")          /* a reduction was taken back */                                  \
	X(RECOVERY_END, "recovery end") /* all is acknowledged that was out when a loss was seen */ \
	X(IDLE, "restart after idle")                                                              \
	X(SLOW_START, "slow start")                                                                \
	X(AVOIDANCE, "congestion avoidance")                                                       \
	X(ZERO_WINDOW, "zero window") /* the peer's */                                             \
	X(WINDOW_OPENS, "window opens")                                                            \
	X(PROBE, "window probe")                                                                   \
	X(KEEPALIVE, "keep-alive")                                                                 \
	X(FIN_SENT, "FIN sent")                                                                    \
	X(FIN_RECEIVED, "FIN received")                                                            \
	X(TIME_WAIT, "TIME_WAIT")                                                                  \
	X(CLOSED, "closed") /* in good order */                                                    \
	X(FAILED, "failed") /* reset, timed out, refused */

enum net_step_bit {
#define X(step, name) NET_STEP_BIT_##step,
	NET_STEPS(X)
#undef X
		NET_STEP_COUNT
};
enum net_step {
#define X(step, name) NET_STEP_##step = 1 << NET_STEP_BIT_##step,
	NET_STEPS(X)
#undef X
};

#define NET_NO_THRESHOLD UINT32_MAX

struct net_look {
	uint32_t laddr, faddr; /* host byte order; they stay as they were at first */
	uint16_t lport, fport;
	int state;         /* TCP_ESTABLISHED ... */
	uint32_t cwnd;     /* bytes */
	uint32_t ssthresh; /* bytes; NET_NO_THRESHOLD: no loss has set one yet */
	uint32_t
		in_flight; /* bytes, SYN and FIN too, from the first that is not acknowledged to the
	                     * highest that was sent */
	uint32_t rwnd;     /* bytes that the peer's last window permits */
	sim_time srtt;     /* 0: not measured yet */
	sim_time rto;      /* with what back-off made of it */
	unsigned steps;    /* a mask of enum net_step */
};

struct net_follower {
	/* A connection of the stack called `stack` begins.  What `changed` will be handed for it; NULL: it is
	 * not to be followed. */
	void *(*begins)(void *arg, const char *stack, const struct net_look *look);
	/* At once after that, and at each change, until a look has one of the steps TIME_WAIT, CLOSED and
	 * FAILED.  May not call into the stack. */
	void (*changed)(void *connection, const struct net_look *look);
	void *arg;
};

/* Follows those that begin from now on; NULL: nobody follows any more, not even those of before.  One
 * follower a stack, who outlives it or lets go. */
void net_follow(struct net_stack *st, const struct net_follower *follower);

#endif
