/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every state of a connection meets every kind of segment: RFC 793, pages 65 to 76 ("segment
 * arrives"), as corrected by RFC 1122 4.2.2.20 and 4.2.2.13.  Each meeting is one cell of a table.
 * The same table is tried on the engine alone, and on whole machines: through the system calls, the
 * host's INET or a card.
 */
#ifndef MEETING_H
#define MEETING_H

#include "two_stacks.h"

struct meeting;

/* What brings a user and a tester together.  The user's calls act at once; what they and segments
 * cause has happened when they return. */
struct meeting_place {
	void (*listens)(struct meeting *m);  /* the user, on port `lport` */
	void (*connects)(struct meeting *m); /* to `fport`, and does not wait; says `lport` */
	void (*sends)(struct meeting *m);    /* "abc" */
	void (*shuts)(struct meeting *m);    /* for sending */
	void (*tells)(struct meeting *m, const struct seg *s); /* the tester */
	bool (*hears)(struct meeting *m, struct seg *s);       /* the next segment for the tester */
	/* Of the user's socket, 0 if there is none. */
	unsigned (*polls)(struct meeting *m);
	int (*error)(struct meeting *m); /* SO_ERROR */
	int (*readable)(struct meeting *m);
	struct net_stack *(*stack)(struct meeting *m); /* that serves */
};

struct meeting {
	const struct meeting_place *place;
	void *where;         /* the place's own */
	struct net_sock *so; /* the place's own: the user's socket */
	int fd;
	bool listener; /* the user's socket is one */
	uint16_t lport, fport;
	uint32_t irs, rcv; /* the tester's first number, and its next */
	uint32_t iss, una, max;
};

unsigned meeting_rows(void);
unsigned meeting_kinds(void);
/* In the middle of the numbers, and with both directions just below 2^32 (`shift`). */
struct meeting_start {
	uint32_t irs;
	bool shift;
};
enum { MEETING_STARTS = 4 };
extern const struct meeting_start meeting_starts[MEETING_STARTS];

/* Parameters of the stack under test. */
void meeting_parameters(struct net_params *p);
/* Holds one meeting: place, where, irs and, but for one who connects, ports are given.  Three
 * letters. */
void meeting_hold(struct meeting *m, unsigned row, unsigned kind, char cell[4]);
/* Its parts: the way into a state, a step a letter (see meeting.c); the letters of what the user's
 * side has sent since; the letter of the state it is in. */
void meeting_enter(struct meeting *m, const char *steps);
void meeting_sent(struct meeting *m, char *letters, size_t size);
char meeting_state(struct meeting *m);
/* Asserts that they are those of the table. */
void meeting_judge(const char *place, unsigned row, unsigned kind, uint32_t irs, const char *cell);

#endif
