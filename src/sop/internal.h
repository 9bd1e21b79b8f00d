/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of SOP: the module, its stacks, the SOP socket and its legs.
 *
 * A *stack* is somebody who can serve a socket: INET or one card; all look alike (struct
 * sop_stack_ops).  A *leg* is a socket's foot in one stack: the inner socket there.  A fresh SOP
 * socket has a leg in every stack.  It is *pinned* once exactly one of them serves it from now on
 * (ps points to that leg); until then several may.
 *
 * Every operation has the same three steps.  sop_choose() (target.c) decides which legs the call
 * concerns, the only place that does; a function of merge.c calls them and makes one answer of
 * several; the operation records what follows from it.
 *
 * Order of legs and stacks: INET first, then the cards in order of registration.
 *
 * Life of an inner socket: whoever sleeps inside one of its operations holds leg->busy, so that a
 * leg that has to be dropped meanwhile (its card failed) parks the socket until the SOP socket is
 * released.  The socket layer holds the file during a call, so the SOP socket itself cannot go.
 */
#ifndef SOP_INTERNAL_H
#define SOP_INTERNAL_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>

#include "host/dev/toedev.h"
#include "sop/sop.h"

struct sop;
struct sop_stack;
struct sop_leg;

/* --- counters ------------------------------------------------------------------------------- */

/* The operations, counted per call. */
#define SOP_OPS(X)                                                                                 \
	X(socket) X(bind) X(listen) X(accept) X(connect) X(sendmsg) X(recvmsg) X(getname) X(ioctl)     \
	X(poll) X(setsockopt) X(getsockopt) X(shutdown) X(release) X(sendpage)

enum sop_op {
#define X(name) SOP_OP_##name,
	SOP_OPS(X)
#undef X
	SOP_OP_COUNT
};

/* Why a socket was pinned. */
#define SOP_PINS(X) X(bind) X(connect) X(accept) X(device)

enum sop_pin {
	SOP_PIN_NONE,
#define X(name) SOP_PIN_##name,
	SOP_PINS(X)
#undef X
	SOP_PIN_COUNT
};

/* What else was decided. */
#define SOP_EVENTS(X)                                                                              \
	X(unpins) X(connect_sweeps) X(send_sweeps) X(recv_sweeps) X(accept_sweeps) X(cache_hits)       \
	X(cache_misses) X(port_draws) X(port_redraws) X(undone) X(partial_create) X(partial_bind)      \
	X(partial_listen) X(partial_option) X(accept_threads) X(surplus_queued) X(surplus_closed)      \
	X(twins_made) X(losers_released) X(errors_held) X(late_legs) X(lost_legs) X(cards_added)       \
	X(cards_failed) X(cards_removed) X(raw_passed)

enum sop_event {
#define X(name) SOP_EV_##name,
	SOP_EVENTS(X)
#undef X
	SOP_EV_COUNT
};

/* Counted for each stack. */
#define SOP_STACK_EVENTS(X) X(opened) X(refused) X(chosen) X(pinned) X(accepted)

enum sop_stack_event {
#define X(name) SOP_STACK_##name,
	SOP_STACK_EVENTS(X)
#undef X
	SOP_STACK_EV_COUNT
};

/* --- stacks (stack.c) ------------------------------------------------------------------------- */

struct sop_stack_ops {
	/* Makes `inner` a socket of the stack; negative errno. */
	int (*create)(struct sop_stack *st, struct socket *inner, int protocol);
	/* Its accept() can put the connection into a socket that create() made. */
	bool accepts_into_made;
	bool (*owns_addr)(struct sop_stack *st, uint32_t addr);
	/* Length of the longest prefix that holds dst, -1: no route. */
	int (*route)(struct sop_stack *st, uint32_t dst);
	bool (*is_broadcast)(struct sop_stack *st, uint32_t addr);
	bool (*on_link)(struct sop_stack *st, uint32_t addr);
	/* Does it have the interface of that name? */
	bool (*has_device)(struct sop_stack *st, const char *name);
	int (*ioctl)(struct sop_stack *st, unsigned long cmd, void *arg);
	/* Metric of the route that SIOCDELRT with this request would delete, -1: none. */
	int64_t (*route_metric)(struct sop_stack *st, const struct rtentry *rt);
	/* Changes when addresses, routes or state do. */
	uint32_t (*generation)(struct sop_stack *st);
	/* Number of the interface that a request about a group means now, 0: none. */
	uint32_t (*group_device)(struct sop_stack *st, const struct ip_mreqn *request);
};

struct sop_stack {
	char name[16]; /* "inet", or of the card's interface */
	const struct sop_stack_ops *ops;
	struct sop *sop;
	struct toedev *td; /* NULL: INET, or a card that was removed */
	bool gone;         /* failed or removed: opens no more legs */
	struct sop_stack *next;
	uint64_t count[SOP_STACK_EV_COUNT];
	char *count_name[SOP_STACK_EV_COUNT];
};

struct sop_stack *sop_stack_new_inet(struct sop *sop);
struct sop_stack *sop_stack_new_card(struct sop *sop, struct toedev *td);
void sop_stack_free(struct sop_stack *st);

/* Sum of the stacks' generations: unequal when anything that a decision rests on has changed. */
uint32_t sop_generation(const struct sop *sop);
/* The stack that has `addr`, is attached to its net, has a net with that broadcast
 * address, has that interface; NULL. */
struct sop_stack *sop_owner(const struct sop *sop, uint32_t addr);
struct sop_stack *sop_neighbour(const struct sop *sop, uint32_t addr);
struct sop_stack *sop_broadcaster(const struct sop *sop, uint32_t addr);
struct sop_stack *sop_device(const struct sop *sop, const char *name);
struct sop_stack *sop_device_by_index(const struct sop *sop, uint32_t index);
/* The stack with the route that SIOCDELRT would delete from one table for all: the lowest metric. */
struct sop_stack *sop_route_holder(const struct sop *sop, const struct rtentry *rt);

/* --- the module (module.c) -------------------------------------------------------------------- */

struct sop {
	struct sop_conf conf;
	struct module *module;
	struct kernel *kernel;
	const struct net_proto_family *inet; /* the family that was there before */
	struct sop_stack *stacks;            /* INET first */
	uint32_t epoch;                      /* moves with each change of the list of stacks */
	struct sop_sock *socks;              /* all that live */
	struct toedev_notifier notifier;
	struct task *follower;               /* the thread of follow.c; NULL */
	uint64_t op_count[SOP_OP_COUNT];
	uint64_t pin_count[SOP_PIN_COUNT];
	uint64_t count[SOP_EV_COUNT];
};

/* The module of a machine, NULL when it is not loaded. */
struct sop *sop_of(const struct kernel *k);

static inline bool sop_is_inet(const struct sop_stack *st) { return st == st->sop->stacks; }

/* --- legs (leg.c) ----------------------------------------------------------------------------- */

enum sop_leg_state { LEG_ABSENT, LEG_OPEN, LEG_BOUND, LEG_LISTENING, LEG_CONNECTED };

struct sop_leg {
	struct sop_sock *ss;
	struct sop_stack *stack;
	struct sop_leg *next;
	struct socket *inner; /* NULL while absent */
	enum sop_leg_state state;
	bool lost;        /* the card failed or went: drop at the next chance */
	bool stirred;     /* a callback said that something happened */
	unsigned busy;    /* calls in progress inside the inner socket */
	uint32_t opt_seq; /* SOL_SOCKET options copied up to this */
	struct task *thread; /* that accepts on it; NULL */
	struct socket *made; /* waits for the connection that the thread will accept; NULL */
	unsigned untaken;    /* connections from the thread that nobody has taken yet */
	bool stop;           /* tells the thread to end */
	struct {             /* the callbacks that SOP's stand before */
		void (*state_change)(struct sock *sk);
		void (*data_ready)(struct sock *sk);
		void (*write_space)(struct sock *sk);
		void (*error_report)(struct sock *sk);
		void (*urgent)(struct sock *sk);
	} saved;
};

/* Makes the inner socket, with the options recorded so far.  Counted; negative errno and absent. */
int leg_open(struct sop_leg *leg);
/* Takes an accepted connection's socket as the leg's inner socket. */
void leg_graft(struct sop_leg *leg, struct socket *inner);
/* Releases the inner socket quietly (a loser: without lingering) and leaves the leg absent. */
void leg_drop(struct sop_leg *leg);
/* There is no unbind: releases the inner socket and makes a new one. */
int leg_reopen(struct sop_leg *leg);
/* Brings a fresh leg to where the socket is: bound, listening. */
int leg_catch_up(struct sop_leg *leg);

/* The operations of the inner socket; -ENETDOWN if the leg is absent. */
int leg_bind(struct sop_leg *leg, uint32_t addr, uint16_t port);
int leg_listen(struct sop_leg *leg, int backlog);
int leg_connect(struct sop_leg *leg, const struct sockaddr *addr, int len, int flags);
int leg_disconnect(struct sop_leg *leg);
int leg_accept(struct sop_leg *leg, int flags, struct socket **inner);
/* Blocks until a connection has moved into a socket that the stack's create made beforehand. */
int leg_accept_made(struct sop_leg *leg, struct socket **inner);
/* Releases such a socket if no connection came; not by unwinding, since that may not charge. */
void leg_unmake(struct sop_leg *leg);
ssize_t leg_sendmsg(struct sop_leg *leg, struct msghdr *msg, size_t len);
ssize_t leg_recvmsg(struct sop_leg *leg, struct msghdr *msg, size_t len, int flags);
ssize_t leg_sendpage(struct sop_leg *leg, const void *page, size_t size, int flags);
unsigned leg_poll(struct sop_leg *leg, struct file *file, struct poll_table *table); /* gone: 0 */
int leg_getname(struct sop_leg *leg, struct sockaddr *addr, int *len, int peer);
/* Takes the inner socket's pending error (positive errno), 0 if none. */
int leg_take_error(struct sop_leg *leg);
int leg_ioctl(struct sop_leg *leg, unsigned long cmd, void *arg);
int leg_shutdown(struct sop_leg *leg, int how);
int leg_setsockopt(struct sop_leg *leg, int level, int name, const void *val, int len);
int leg_getsockopt(struct sop_leg *leg, int level, int name, void *val, int *len);
/* Port that the inner socket is bound to; 0: none.  Its own address; 0: any. */
uint16_t leg_port(struct sop_leg *leg);
uint32_t leg_address(struct sop_leg *leg);

/* An error that says "this card is not there any more", not "this call is wrong". */
static inline bool card_is_gone(const struct sop_leg *leg, int err) {
	return !sop_is_inet(leg->stack) && (err == -ENETDOWN || err == -ENODEV || err == -ECONNRESET);
}

/* --- the SOP socket (create.c, release.c) ----------------------------------------------------- */

/* An option below SOL_SOCKET's level that a program set, for inner sockets made later. */
struct sop_option {
	int level, name, len;
	uint8_t *val;
};

/* What IP_ADD_MEMBERSHIP or IP_MULTICAST_IF asked for, and the stack that carries it out (NULL: it
 * was not asked) by which of its interfaces. */
struct sop_membership {
	struct ip_mreqn request;
	struct sop_stack *stack;
	uint32_t device;
	unsigned count; /* so often */
};

/* A connection that a thread accepted and nobody has taken yet. */
struct sop_delivery {
	struct sop_stack *stack;
	struct socket *inner;
	bool made; /* into a socket that the stack's create made */
	struct sop_delivery *next;
};

/* What a listener on several stacks needs to block in accept (threads.c). */
struct sop_acceptor {
	struct sop_delivery *head, **tail;
	unsigned queued;            /* deliveries in the queue */
	unsigned waiting;           /* callers that sleep */
	unsigned running;           /* threads */
	int err;                    /* first hard error of a thread, negative; 0 */
	struct wait_queue callers;  /* exclusive: wake-one */
	struct wait_queue room;     /* standing threads whose connection was not taken yet */
	struct wait_queue gone;     /* who waits for the threads' end */
};

struct sop_sock {
	struct sock sk;             /* first: all that an INET socket has */
	struct sop *sop;
	struct sop_sock *next, *prev;
	struct sop_leg *ps;         /* the stack in charge; NULL while several may serve */
	enum sop_pin pin;           /* why */
	struct sop_leg *legs;
	uint32_t epoch;             /* the list of stacks that the legs stand for */
	bool bound;                 /* port is agreed, on all the legs that the socket has */
	bool drawn;                 /* it was drawn, not asked for */
	bool listening;
	bool losers;                /* pinned by a connect under way: the other legs still exist */
	int backlog;
	uint32_t addr;              /* the recorded local address and port */
	uint16_t port;
	uint32_t peer_addr;         /* of connect */
	uint16_t peer_port;
	struct {                    /* the last successful sendmsg */
		struct sop_leg *leg;    /* NULL: none */
		uint32_t addr, generation;
		uint16_t port;
	} last;
	GHashTable *origins;        /* address -> the leg that last delivered from it; NULL: none did */
	struct sop_leg *served;     /* delivered last: the next sweep starts behind it */
	struct sop_leg *peeked;     /* MSG_PEEK came from here: so must the next datagram */
	struct sop_leg *drain;      /* UDP connected elsewhere; what had arrived here is readable */
	struct sop_leg *stamped;    /* delivered the datagram that SIOCGSTAMP asks about */
	struct sop_membership mcast_if; /* IP_MULTICAST_IF */
	GArray *groups;             /* struct sop_membership; NULL: none */
	uint32_t options_set;       /* SOL_SOCKET options that the program has set: bits, options.c */
	GArray *options;            /* struct sop_option; NULL: none */
	struct sop_acceptor *acceptor; /* NULL until a blocking accept on several stacks */
	struct task *locker;        /* changes which legs there are and what they are bound to */
	struct wait_queue lock_wait;
	bool closing;               /* release() has begun */
	bool followed;              /* the module's thread is at it: release() waits for that */
	struct wait_queue any_wait; /* sleepers that wait for all stacks at once */
	GSList *parked;             /* dropped inner sockets somebody still sleeps in */
};

static inline struct sop_sock *sop_sk(const struct socket *sock) {
	return (struct sop_sock *)sock->sk;
}
static inline struct kernel *sop_kernel(const struct sop_sock *ss) { return ss->sop->kernel; }
/* Where an unpinned socket's legs are, but for those that join just now or were refused. */
static inline enum sop_leg_state sop_leg_goal(const struct sop_sock *ss) {
	return ss->listening ? LEG_LISTENING : ss->bound ? LEG_BOUND : LEG_OPEN;
}
/* May a call on an unpinned socket go to it? */
static inline bool sop_leg_serves(const struct sop_leg *leg) {
	return leg->inner && !leg->lost && leg->state >= sop_leg_goal(leg->ss);
}
static inline void sop_count(struct sop_sock *ss, enum sop_event ev) { ss->sop->count[ev]++; }

/* A SOP sock without legs, linked to `sock` and to the module, which it keeps loaded. */
struct sop_sock *sop_sock_new(struct sop *sop, struct socket *sock, int type, int protocol);
/* Adds an absent leg, at its place in the order. */
struct sop_leg *sop_add_leg(struct sop_sock *ss, struct sop_stack *st);
struct sop_leg *sop_leg_of(const struct sop_sock *ss, const struct sop_stack *st);
/* Legs for all stacks: 0, or INET's error.  A card that refuses is left out. */
/* One on every stack but `except` (NULL: on all). */
int sop_open_legs(struct sop_sock *ss, const struct sop_stack *except);
/* Frees what sop_sock_new() made; the legs are dropped by then. */
void sop_sock_free(struct sop_sock *ss);

/* Records the decision.  Losers are the other legs. */
void sop_pin_to(struct sop_sock *ss, struct sop_leg *leg, enum sop_pin why);
void sop_release_losers(struct sop_sock *ss);
/* Back to "several may serve"; a drawn port is dropped on all, an explicit one kept on all. */
void sop_unpin(struct sop_sock *ss);
/* A port that was drawn, not asked for, is given back by all stacks. */
void sop_drop_drawn_port(struct sop_sock *ss);
/* Does so if INET has given it back. */
void sop_review_port(struct sop_sock *ss);

/* --- cards that come and go (follow.c) -------------------------------------------------------- */

/* The socket follows changes of the list of stacks: late cards get a leg, failed ones lose it. */
void sop_refresh(struct sop_sock *ss);
/* The list of stacks has changed: sockets that are bound follow by themselves, in a thread of the
 * module's, the others when they are used next. */
void sop_follow(struct sop *sop);
/* Returns when the thread is not at the socket, and will not be again. */
void sop_leave_alone(struct sop_sock *ss);

/* --- the lock (lock.c) ------------------------------------------------------------------------ */

/* Stacks are asked one after the other and cards are slow: of the processes that have a socket, one
 * at a time may make it bind, listen or follow the list of stacks (lock_sock() of 2.4).  Nothing
 * that sleeps for longer than a command takes it.  NULL: the caller has it already. */
struct sop_sock *sop_lock(struct sop_sock *ss);
void sop_unlock(struct sop_sock **ss);
/* Holds the lock to the end of the block. */
#define SOP_LOCKED __attribute__((cleanup(sop_unlock), unused)) struct sop_sock *

/* --- sleeping (leg.c) ------------------------------------------------------------------------- */

/* A place in a wait queue, left also when the task is unwound at the end of a run. */
struct sop_waiter {
	struct wait_queue *wq; /* NULL: in none */
	struct wait_entry entry;
};
#define SOP_WAITER struct sop_waiter __attribute__((cleanup(sop_waiter_leave)))
void sop_waiter_join(struct sop_waiter *w, struct kernel *k, struct wait_queue *wq, bool exclusive);
void sop_waiter_leave(struct sop_waiter *w);

/* --- the decision (target.c) ------------------------------------------------------------------ */

struct sop_set {
	unsigned n;
	struct sop_leg *leg[SOP_STACKS_MAX];
};

/* What an unpinned socket's call concerns. */
enum sop_rule {
	SOP_FOR_ALL,   /* every leg, in order */
	SOP_FOR_INET,  /* INET, which represents the socket */
	SOP_FOR_TURN,  /* every leg that may deliver, starting behind the one that did last */
	SOP_FOR_ROUTE, /* the legs with a route to `dst`, best first; of those that are as good the one
	                * that last delivered from there, then in order */
};

/* THE decision.  Charges it, counts the call, fills the set: the pinned leg alone, or what `rule`
 * says.  May be empty. */
void sop_choose(struct sop_sock *ss, enum sop_op op, enum sop_rule rule, uint32_t dst,
                struct sop_set *set);
/* The legs of a rule again, within the same operation. */
void sop_fill(struct sop_sock *ss, enum sop_rule rule, uint32_t dst, struct sop_set *set);
/* Which stack has the address that a program wants to bind.  *leg NULL and 0: all of them;
 * -EADDRNOTAVAIL: none. */
int sop_choose_address(struct sop_sock *ss, uint32_t addr, struct sop_stack **st);

/* --- where datagrams came from (origin.c) ------------------------------------------------------ */

/* The leg has delivered a datagram from that address. */
void sop_came_from(struct sop_sock *ss, struct sop_leg *leg, uint32_t addr);
/* The leg that did last, NULL: none, or it is not known any more. */
struct sop_leg *sop_origin(const struct sop_sock *ss, uint32_t addr);
/* The leg goes: nothing came from there. */
void sop_forget_origins(struct sop_sock *ss, const struct sop_leg *leg);

/* --- the merging (merge.c) -------------------------------------------------------------------- */

typedef ssize_t (*sop_call)(struct sop_leg *leg, void *arg);

/* Each leg in turn until one answers >= 0 or with an error that `goes_on` does not let
 * pass.  The answer of the last leg asked; *who is it. */
ssize_t sop_first_success(const struct sop_set *set, sop_call call, void *arg,
                          bool (*goes_on)(int err, void *judge), void *judge,
                          struct sop_leg **who);
/* All legs, INET last since it has no way back; when one fails those before are undone and its
 * error is the answer. */
int sop_all_or_undo(struct sop_sock *ss, const struct sop_set *set, sop_call call, sop_call undo,
                    void *arg);
/* INET first: its error is the answer and ends the matter.  Then the cards: errors in `ignored`
 * (0-terminated) are counted, of the others the first is the answer, after all were asked. */
int sop_inet_represents(struct sop_sock *ss, const struct sop_set *set, sop_call call, void *arg,
                        const int *ignored);
/* All are called; INET's answer is the answer, whatever the cards say. */
int sop_inet_answers(const struct sop_set *set, sop_call call, void *arg);
/* The masks of all. */
unsigned sop_or_masks(const struct sop_set *set, sop_call call, void *arg);

/* --- the operations --------------------------------------------------------------------------- */

int sop_create(struct kernel *k, struct socket *sock, int protocol);
int sop_release(struct socket *sock);
int sop_bind(struct socket *sock, const struct sockaddr *addr, int addr_len);
int sop_stream_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags);
int sop_dgram_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags);
int sop_accept(struct socket *sock, struct socket *newsock, int flags);
int sop_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer);
unsigned sop_poll(struct file *file, struct socket *sock, struct poll_table *table);
int sop_ioctl(struct socket *sock, unsigned long cmd, void *arg);
int sop_listen(struct socket *sock, int backlog);
int sop_shutdown(struct socket *sock, int how);
int sop_setsockopt(struct socket *sock, int level, int name, const void *val, int len);
int sop_getsockopt(struct socket *sock, int level, int name, void *val, int *len);
ssize_t sop_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t sop_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
ssize_t sop_sendpage(struct socket *sock, const void *page, size_t size, int flags);

/* The socket listens no more: before its stacks are told (release.c). */
void sop_end_listening(struct sop_sock *ss);

/* Draws a port for an unbound socket and binds it on every stack (bind.c): as bind(ANY, 0). */
int sop_agree_port(struct sop_sock *ss);

/* --- accept threads (threads.c) --------------------------------------------------------------- */

/* Blocks until some stack has delivered a connection: 0 and *d, or negative errno. */
int sop_accept_by_threads(struct sop_sock *ss, struct sop_delivery *d);
/* Takes a connection that lies ready.  False: none. */
bool sop_take_surplus(struct sop_sock *ss, struct sop_delivery *d);
bool sop_has_surplus(const struct sop_sock *ss);
/* Resets the connections that nobody took. */
void sop_close_surplus(struct sop_sock *ss);
/* All callers that sleep in accept look again. */
void sop_wake_callers(struct sop_sock *ss);
/* Ends the threads and waits for that; then frees the acceptor. */
void sop_stop_threads(struct sop_sock *ss);

/* --- options (options.c) ---------------------------------------------------------------------- */

/* Hooks of the outer sock. */
void sop_option_changed(struct sock *sk, int name);
void sop_fetch_error(struct sock *sk);
/* Copies the SOL_SOCKET options that the program has set onto the leg, if they changed. */
void leg_sync_options(struct sop_leg *leg);
/* A child has what its listener had. */
void sop_inherit_options(struct sop_sock *child, const struct sop_sock *from);
/* Shows the program what of the buffers is in force: after the set of stacks has changed. */
void sop_show_buffers(struct sop_sock *ss);
/* Sets all recorded options on a fresh inner socket. */
void leg_replay_options(struct sop_leg *leg);
void sop_forget_options(struct sop_sock *ss);

/* --- groups (groups.c) ------------------------------------------------------------------------ */

bool sop_is_group_option(int level, int name);
/* Carries one out; `all`: the legs that an unpinned socket has, or the pinned one. */
int sop_group_option(struct sop_sock *ss, const struct sop_set *all, int name, const void *val,
                     int len);
/* A fresh inner socket joins what was joined on its stack, or on one whose place it takes. */
void leg_replay_groups(struct sop_leg *leg);
/* Has a card taken the place of one that is gone, whose groups the socket should join again there?
 * It does so. */
bool sop_groups_wait(struct sop_sock *ss);
void sop_groups_follow(struct sop_sock *ss);
void sop_forget_groups(struct sop_sock *ss);

#endif
