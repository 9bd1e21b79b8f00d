/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does a script being run know, and what went wrong?  It has a simulated machine, the script
 * at the other end of its wire, and two processes of the machine that make its system calls.
 *
 * The interpreter is a process of the simulation but none of the machine's.  It walks through the
 * events: waits for an event's date, then injects the packet, has the call made, or waits for the
 * packet that the machine should send.  A call that is to block is left to the one process while
 * the other makes the calls that come meanwhile; both have the same descriptors.  All costs are 0
 * and the bus has next to no latency, so that the dates are the protocol's alone.
 */
#ifndef PKT_RUN_H
#define PKT_RUN_H

#include <glib.h>

#include "pkt/machine.h"
#include "pkt/script.h"
#include "pkt/worker.h"

/* A frame that the machine sent. */
struct seen {
	struct frame *frame;
	sim_time at;
};

/* The fragments of the machine's that wait for the rest of their datagram. */
struct reassembly {
	uint16_t id;
	size_t have, total; /* total 0: the last was not seen yet */
	uint8_t bytes[65536];
};

struct run {
	const struct script *script;
	struct run_conf conf;
	struct machine m;
	struct sim_proc *proc;
	struct sim_event alarm;
	struct worker workers[WORKERS];
	GHashTable *fds;       /* script's -> machine's */
	GPtrArray *conns;      /* struct conn, newest last */
	struct conn *conn;     /* under test */
	GHashTable *listeners; /* script's descriptors that listen -> port */
	GHashTable *bound;     /* script's descriptor -> port that bind() gave */
	GQueue wire;           /* struct seen, not yet looked at */
	uint16_t next_port;
	uint16_t ip_id;
	const struct packet *fragment_before; /* the last packet sent, if it was a fragment */
	struct reassembly reassembly;
	bool listens_anew;     /* a socket has begun to listen, and no SYN has come for it */
	bool unsure;           /* bytes went through a descriptor of no known connection */
	GHashTable *variables; /* of code: name -> double * */
	sim_time start;        /* date of the script's time 0 */
	sim_time due;          /* when the event at hand should happen */
	sim_time base;         /* when the last event happened: of relative times */
	bool finished;         /* the last event is done */
	bool closing;          /* the calling processes end */
	GError *error;
};

/* report.c: notes what went wrong (the first counts).  Always false. */
bool run_fail(struct run *r, unsigned line, const char *format, ...) G_GNUC_PRINTF(3, 4);
bool run_skip(struct run *r, unsigned line, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Date on the script's clock, in seconds. */
static inline double run_seconds(const struct run *r, sim_time date) {
	return sim_to_s(date - r->start);
}

/* Runs a script; *message (g_free) says what was wrong. */
enum outcome run_script(const struct script *script, const struct run_conf *conf, char **message);

/* How far off something may happen that was waited for so long. */
sim_time run_tolerance(const struct run *r, sim_time waited);
/* Checks a date against the expected one, within the tolerance; `since`: when the wait began. */
bool run_check_time(struct run *r, unsigned line, const char *prefix, const char *what,
                    sim_time from, sim_time until, sim_time happened, sim_time since);
/* worker.c: sleeps until ready() or the date, and looks after the workers; whether it is ready. */
bool run_wait(struct run *r, sim_time until, bool (*ready)(struct run *r, const void *arg),
              const void *arg);

#endif
