/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world for tests of the engine: two stacks, or one stack and a tester who writes segments by
 * hand, on a wire with a delay and with faults, and an event loop of its own.
 */
#ifndef TWO_STACKS_H
#define TWO_STACKS_H

#include <glib.h>
#include <netinet/tcp.h>

#include "near_wrap.h"
#include "net/engine/stack.h"

enum { A, B };

#define ADDR_A 0x0a000001U
#define ADDR_B 0x0a000002U

extern const uint8_t node_mac[2][6];

struct world;

/* What happens to a frame sent by `from`: deliver it `copies` times, `extra` later. */
struct fate {
	unsigned copies;
	sim_time extra;
	bool corrupt;
};
typedef struct fate (*fate_fn)(struct world *w, int from, struct frame *f);

struct node {
	struct world *w;
	int id;
	struct net_stack *st;
	struct net_if *ifp;
	sim_time timer;
	GHashTable *events; /* sock -> mask, gathered until taken */
	unsigned sent, data_sent, sent_elsewhere;
	unsigned room,
		refused; /* frames that its own queue takes yet (UINT_MAX: all), did not take */
};

struct world {
	sim_time now, delay;
	struct node node[2];
	GQueue flying; /* struct flight, by arrival */
	fate_fn fate;
	void *fate_data;
	uint64_t random;
	unsigned serial;
	/* With a tester in the place of B, what A sent waits here. */
	bool raw;
	struct frame_queue caught;
	GArray *when;    /* sim_time of each caught frame */
	uint32_t tester; /* added to the tester's sequence numbers on their way to the stack */
};

struct world *world_new(const char *preset, sim_time delay);
/* The same with parameters changed by `tweak` for both stacks. */
struct world *world_tweaked(const char *preset, sim_time delay, void (*tweak)(struct net_params *));
/* B is the tester. */
struct world *world_raw(void (*tweak)(struct net_params *));

/* Fixtures: in worlds made between them sequence numbers, the tester's too, and time-stamps start
 * just below 2^32. */
void near_wrap_on(void);
void near_wrap_off(void);
/* Between them: not two bytes, but `before` from 2^32, so that it falls into what a test is about. */
void near_wrap_at(uint32_t before);
void world_free(struct world *w);

/* Runs until nothing is left to do or the time has come; the clock then stands at `until`, or at
 * the last event for SIM_NEVER. */
void world_run(struct world *w, sim_time until);
static inline void world_for(struct world *w, sim_time span) { world_run(w, w->now + span); }
uint64_t world_random(struct world *w);
/* Events of a socket since the last call. */
unsigned take_events(struct world *w, int id, struct net_sock *so);
const struct net_counters *counters(struct world *w, int id);

struct net_sock *sock_open(struct world *w, int id, int type);
struct net_sock *listener(struct world *w, int id, uint16_t port, int backlog);
/* Connects A to B's listener on port 80 and accepts. */
void connect_pair(struct world *w, struct net_sock **a, struct net_sock **b);
ssize_t send_text(struct net_sock *so, const char *text);
ssize_t send_flags(struct net_sock *so, const void *data, size_t len, int flags);
ssize_t recv_flags(struct net_sock *so, void *data, size_t len, int flags);
/* Reads what there is into a string (static, cut at 4,095 bytes); "<eof>" and "<errno N>" show. */
const char *recv_text(struct net_sock *so);
int set_int(struct net_sock *so, int level, int name, int value);

/* Moves `bytes` of a pattern from one socket to the other, running the world; the pattern is
 * checked byte by byte.  Returns bytes received. */
size_t pump(struct world *w, struct net_sock *from, struct net_sock *to, size_t bytes,
            sim_time limit);

/* --- segments by hand ------------------------------------------------------------------------- */

struct seg {
	uint8_t flags;
	uint32_t seq, ack;
	uint16_t wnd, urg, sport, dport;
	uint32_t to; /* inject: not to A's address but this */
	const void *data;
	size_t len;
	const uint8_t *opt;
	size_t optlen;
	/* of caught segments */
	sim_time when;
	uint8_t payload[1500];
	uint8_t options[40];
};

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

/* A segment of the tester's as a frame for `to`, and one of the other's frames read: both as they are
 * on the wire. */
struct frame *seg_frame(const struct seg *s, const uint8_t to[6]);
void seg_read(const struct frame *f, struct seg *s);
/* Hands a segment from the tester (B, port 80 unless given) to A. */
void inject(struct world *w, const struct seg *s);
/* The next segment that A sent; false if there is none. */
bool catch_seg(struct world *w, struct seg *s);
void drop_caught(struct world *w);
/* A connects to the tester: returns with both in ESTABLISHED, iss of A and of the tester (5000). */
struct net_sock *raw_connected(struct world *w, uint32_t *iss, const uint8_t *opt, size_t optlen,
                               uint16_t wnd);

#endif
