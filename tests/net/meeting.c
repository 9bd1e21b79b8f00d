/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "meeting.h"
#include "net/engine/socket_state.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

enum { BEYOND = 70000 };

void meeting_parameters(struct net_params *p) {
	p->timestamps = p->sack = p->window_scaling = false;
	p->quickacks = 0;
	p->delack_segments = 1; /* what is acknowledged is acknowledged at once */
}

const struct meeting_start meeting_starts[MEETING_STARTS] = {
	{5000, false}, {0xffffffff, true}, {0xfffffffe, true}, {0xffff0000, true}};

/* --- segments --------------------------------------------------------------------------------- */

enum base { AT_IRS, AT_RCV };
enum acks { NO_ACK, OLD, SAME, NEW, FUTURE };

static const struct kind {
	const char *name;
	uint8_t flags;
	enum base base;
	int32_t offset;
	enum acks ack;
	const char *data;
	uint16_t urg;
} kinds[] = {
	{"SYN again", SYN, AT_IRS, 0, NO_ACK, "", 0},
	{"SYN in window", SYN, AT_RCV, 10, NO_ACK, "", 0},
	{"SYN beyond", SYN, AT_RCV, BEYOND, NO_ACK, "", 0},
	{"SYN,ACK again", SYN | ACK, AT_IRS, 0, NEW, "", 0},
	{"SYN,ACK in window", SYN | ACK, AT_RCV, 10, SAME, "", 0},
	{"ACK old", ACK, AT_RCV, 0, OLD, "", 0},
	{"ACK same", ACK, AT_RCV, 0, SAME, "", 0},
	{"ACK new", ACK, AT_RCV, 0, NEW, "", 0},
	{"ACK future", ACK, AT_RCV, 0, FUTURE, "", 0},
	{"ACK beyond", ACK, AT_RCV, BEYOND, NEW, "", 0},
	{"data", ACK | PSH, AT_RCV, 0, SAME, "hello", 0},
	{"data old", ACK | PSH, AT_IRS, -9, SAME, "hello", 0},
	{"data behind a gap", ACK | PSH, AT_RCV, 100, SAME, "hello", 0},
	{"data beyond", ACK | PSH, AT_RCV, BEYOND, SAME, "hello", 0},
	{"data without ACK", PSH, AT_RCV, 0, NO_ACK, "hello", 0},
	{"FIN", FIN | ACK, AT_RCV, 0, SAME, "", 0},
	{"FIN, ACK new", FIN | ACK, AT_RCV, 0, NEW, "", 0},
	{"FIN old", FIN | ACK, AT_RCV, -1, SAME, "", 0},
	{"FIN beyond", FIN | ACK, AT_RCV, BEYOND, SAME, "", 0},
	{"RST exact", RST, AT_RCV, 0, NO_ACK, "", 0},
	{"RST in window", RST, AT_RCV, 10, NO_ACK, "", 0},
	{"RST old", RST, AT_RCV, -9, NO_ACK, "", 0},
	{"RST beyond", RST, AT_RCV, BEYOND, NO_ACK, "", 0},
	{"RST,ACK", RST | ACK, AT_RCV, 0, NEW, "", 0},
	{"urgent data", ACK | URG, AT_RCV, 0, SAME, "hello", 3},
};

/* --- what comes of it ------------------------------------------------------------------------- */

/*
 * A cell is three letters.
 * The answer:    . none   a ACK   s SYN,ACK   r RST at the ACK's number   R RST,ACK   f FIN
 * The new state: C CLOSED  L LISTEN  S SYN_SENT  Y SYN_RECEIVED  E ESTABLISHED  1 and 2 FIN_WAIT
 *                W CLOSE_WAIT  G CLOSING  K LAST_ACK  T TIME_WAIT
 * The user sees: . nothing  d data  u data and an urgent byte  e end of stream
 *                c a connection to accept  and, as errors,
 *                r ECONNRESET  f ECONNREFUSED  p EPIPE
 */
static const struct row {
	const char *name, *page; /* of RFC 793 */
	const char *steps;       /* that lead there: see enter() */
	const char *cells;       /* in the order of kinds[] */
} rows[] = {
	{"CLOSED", "page 65", "",
         "RC. RC. RC. rC. rC. rC. rC. rC. rC. rC. rC. rC. rC. rC. RC. "
         "rC. rC. rC. rC. .C. .C. .C. .C. .C. rC."},
	{"LISTEN", "page 65", "l",
         "sY. sY. sY. rL. rL. rL. rL. rL. rL. rL. rL. rL. rL. rL. .L. "
         "rL. rL. rL. rL. .L. .L. .L. .L. .L. rL."},
	{"SYN_SENT", "page 66", "c",
         "sY. sY. sY. aE. rS. rS. rS. .S. rS. .S. rS. rS. rS. rS. .S. "
         "rS. .S. rS. rS. .S. .S. .S. .S. .Cf rS."},
	{"SYN_RECEIVED", "page 69", "lS",
         "sY. RL. aY. aY. rL. rY. rY. .Ec rY. aY. rY. aY. rY. aY. .Y. "
         "rY. aWc aY. aY. .L. .L. .Y. .Y. .L. rY."},
	{"SYN_RECEIVED after SYN_SENT", "page 69", "cS",
         "sY. RCf aY. aE. rCf rY. rY. .E. rY. aY. rY. aY. rY. aY. .Y. "
         "rY. aWe aY. aY. .Cf .Cf .Y. .Y. .Cf rY."},
	{"ESTABLISHED", "page 69", "cAs",
         "aE. RCr aE. aE. rCr .E. .E. .E. aE. aE. aEd aE. aE. aE. .E. "
         "aWe aWe aE. aE. .Cr .Cr .E. .E. .Cr aEu"},
	{"FIN_WAIT_1", "page 69", "cAsw",
         "a1. RCr a1. a1. rCr .1. .1. .2. a1. a1. a1d a1. a1. a1. .1. "
         "aGe aTe a1. a1. .Cr .Cr .1. .1. .Cr a1u"},
	{"FIN_WAIT_2", "page 69", "cAswa",
         "a2. RCr a2. a2. rCr .2. .2. .2. a2. a2. a2d a2. a2. a2. .2. "
         "aTe aTe a2. a2. .Cr .Cr .2. .2. .Cr a2u"},
	{"CLOSE_WAIT", "page 69", "cAsF",
         "aW. RCp aW. aW. rCp .W. .W. .W. aW. aW. aW. aW. aW. aW. .W. "
         "aW. aW. aW. aW. .Cp .Cp .W. .W. .Cp aW."},
	{"CLOSING", "page 69", "cAswF",
         "aG. RCr aG. aG. rCr .G. .G. .T. aG. aG. aG. aG. aG. aG. .G. "
         "aG. .T. aG. aG. .Cr .Cr .G. .G. .Cr aG."},
	{"LAST_ACK", "page 69", "cAsFw",
         "aK. RCr aK. aK. rCr .K. .K. .C. aK. aK. aK. aK. aK. aK. .K. "
         "aK. .C. aK. aK. .Cr .Cr .K. .K. .Cr aK."},
	{"TIME_WAIT", "page 69", "cAswaF",
         "aT. aT. aT. aT. aT. .T. .T. .T. .T. aT. aT. aT. aT. aT. aT. "
         "aT. aT. aT. aT. .C. .T. .T. .T. .C. aT."},
};

unsigned meeting_rows(void) { return G_N_ELEMENTS(rows); }
unsigned meeting_kinds(void) { return G_N_ELEMENTS(kinds); }

/* --- the way there ---------------------------------------------------------------------------- */

static void tell(struct meeting *m, uint8_t flags, uint32_t seq, uint32_t ack, const char *data,
                 uint16_t urg) {
	m->place->tells(m, &(struct seg){.flags = flags,
	                                 .seq = seq,
	                                 .ack = ack,
	                                 .wnd = 20000,
	                                 .urg = urg,
	                                 .sport = m->fport,
	                                 .dport = m->lport,
	                                 .data = data,
	                                 .len = strlen(data)});
}

/* Takes notice of what the user's side has sent. */
static void note_sent(struct meeting *m) {
	struct seg s;

	while (m->place->hears(m, &s)) {
		uint32_t end = s.seq + (uint32_t)s.len + !!(s.flags & (SYN | FIN));

		if (s.flags & SYN)
			m->iss = m->una = m->max = s.seq;
		if ((int32_t)(end - m->max) > 0)
			m->max = end;
	}
}

/* One step: l and c, the user listens or connects; s and w, it sends three bytes or its FIN;
 * S, the tester's SYN; A, its answer to the user's; R, its refusal; a, its ACK of all; d, five
 * bytes; F, its FIN, which acknowledges nothing new; r, its reset. */
static void step(struct meeting *m, char what) {
	switch (what) {
	case 'l':
		m->listener = true;
		m->place->listens(m);
		break;
	case 'c':
		m->place->connects(m);
		break;
	case 's':
		m->place->sends(m);
		break;
	case 'w':
		m->place->shuts(m);
		break;
	case 'S':
		tell(m, SYN, m->irs, 0, "", 0);
		break;
	case 'A':
		tell(m, SYN | ACK, m->irs, m->max, "", 0);
		m->una = m->max;
		break;
	case 'R':
		tell(m, RST | ACK, m->rcv, m->max, "", 0);
		break;
	case 'a':
		tell(m, ACK, m->rcv, m->max, "", 0);
		m->una = m->max;
		break;
	case 'd':
		tell(m, ACK | PSH, m->rcv, m->una, "hello", 0);
		m->rcv += 5;
		break;
	case 'r':
		tell(m, RST, m->rcv, 0, "", 0);
		break;
	default:
		tell(m, FIN | ACK, m->rcv++, m->una, "", 0);
		break;
	}
	note_sent(m);
}

void meeting_enter(struct meeting *m, const char *steps) {
	m->rcv = m->irs + 1;
	m->iss = m->una = m->max = 7000; /* of nobody */
	for (; *steps; steps++)
		step(m, *steps);
}

/* --- the letters ------------------------------------------------------------------------------ */

static char letter_of(const struct seg *s) {
	if (s->flags & RST)
		return s->flags & ACK ? 'R' : 'r';
	if (s->flags & SYN)
		return 's';
	return s->flags & FIN ? 'f' : 'a';
}

void meeting_sent(struct meeting *m, char *letters, size_t size) {
	struct seg s;
	size_t n = 0;

	while (m->place->hears(m, &s) && n + 1 < size)
		letters[n++] = letter_of(&s);
	letters[n] = 0;
}

static char answer(struct meeting *m) {
	char letters[3];

	meeting_sent(m, letters, sizeof letters);
	return !letters[0] ? '.' : letters[1] ? '?' : letters[0];
}

/* Of the connection if there is one, else of the user's socket. */
char meeting_state(struct meeting *m) {
	static const char letters[] = "?ESY12TCWKLG"; /* by TCP_ESTABLISHED ... TCP_CLOSING */
	struct net_stack *st = m->place->stack(m);
	struct net_sock *so = NULL;
	uint32_t addr;
	uint16_t port;
	int state = TCP_CLOSE;

	while ((so = net_sock_next(st, so))) {
		net_sockname(so, &addr, &port);
		if (port == m->lport && net_state(so) != TCP_CLOSE &&
		    (state == TCP_CLOSE || state == TCP_LISTEN))
			state = net_state(so);
	}
	return letters[state];
}

static char seen(struct meeting *m, unsigned before) {
	static const struct {
		int error;
		char letter;
	} errors[] = {{0, 0}, {ECONNRESET, 'r'}, {ECONNREFUSED, 'f'}, {EPIPE, 'p'}};
	unsigned now = m->place->polls(m);
	int error = m->place->error(m);
	size_t i = 0;

	while (i < G_N_ELEMENTS(errors) && errors[i].error != error)
		i++;
	if (error)
		return i < G_N_ELEMENTS(errors) ? errors[i].letter : '?';
	if (now & POLLPRI)
		return 'u';
	if (m->listener)
		return now & POLLIN ? 'c' : '.';
	if (now & ~before & POLLIN)
		return m->place->readable(m) > 0 ? 'd' : 'e';
	return '.';
}

/* --- one meeting ------------------------------------------------------------------------------ */

/* The number that a segment acknowledges. */
static uint32_t acknowledged(const struct meeting *m, enum acks which) {
	switch (which) {
	case OLD:
		return m->una - 1;
	case SAME:
		return m->una;
	case NEW:
		return m->max;
	case FUTURE:
		return m->max + 1;
	default:
		return 0;
	}
}

void meeting_hold(struct meeting *m, unsigned row, unsigned kind, char cell[4]) {
	const struct kind *k = &kinds[kind];
	unsigned before;

	meeting_enter(m, rows[row].steps);
	before = m->place->polls(m);
	tell(m, k->flags, (k->base == AT_IRS ? m->irs : m->rcv) + (uint32_t)k->offset,
	     acknowledged(m, k->ack), k->data, k->urg);
	cell[0] = answer(m);
	cell[1] = meeting_state(m);
	cell[2] = seen(m, before);
	cell[3] = 0;
}

void meeting_judge(const char *place, unsigned row, unsigned kind, uint32_t irs, const char *cell) {
	char expected[4] = "";

	ck_assert_uint_eq(strlen(rows[row].cells), 4 * G_N_ELEMENTS(kinds) - 1);
	memcpy(expected, rows[row].cells + 4 * (size_t)kind, 3);
	ck_assert_msg(strcmp(cell, expected) == 0,
	              "%s: %s (RFC 793 %s) meets %s, irs %u: %s, expected %s", place,
	              rows[row].name, rows[row].page, kinds[kind].name, irs, cell, expected);
}
