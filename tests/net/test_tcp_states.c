/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every state of a connection meets every kind of segment: RFC 793, pages 65 to 76 ("segment
 * arrives"), as corrected by RFC 1122 4.2.2.20 and 4.2.2.13.  Each meeting is one cell of a table,
 * tried with sequence numbers in the middle of their space and just below 2^32.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "run_suite.h"
#include "two_stacks.h"

/* The tester's numbers: RCV.NXT of the stack is irs + 1 until the tester has sent a FIN. */
enum { WINDOW = 65535, BEYOND = 70000, PORT = 99 };

/* --- states ----------------------------------------------------------------------------------- */

struct meeting {
	struct world *w;
	struct net_sock *so; /* the user's, or NULL */
	uint32_t irs, rcv;   /* the tester's first number, and its next */
	uint32_t iss, una, max;
	uint16_t lport;
};

static void parameters(struct net_params *p) {
	p->timestamps = p->sack = p->window_scaling = false;
	p->quickacks = 0;
	p->delack_segments = 1; /* what is acknowledged is acknowledged at once */
}

static void send_to(struct meeting *m, uint8_t flags, uint32_t seq, uint32_t ack, const char *data,
                    uint16_t urg) {
	inject(m->w, &(struct seg){.flags = flags, .seq = seq, .ack = ack, .wnd = 20000, .urg = urg,
	                           .dport = m->lport, .data = data, .len = strlen(data)});
}

static void note_sent(struct meeting *m) {
	struct seg s;

	while (catch_seg(m->w, &s)) {
		uint32_t end = s.seq + (uint32_t)s.len + !!(s.flags & (SYN | FIN));

		if (s.flags & SYN) {
			m->iss = m->una = s.seq;
			m->max = s.seq;
		}
		if ((int32_t)(end - m->max) > 0)
			m->max = end;
	}
}

static void closed(struct meeting *m) { m->iss = m->una = m->max = 7000; }

static void listening(struct meeting *m) {
	m->so = listener(m->w, A, PORT, 5);
	closed(m);
}

static void syn_sent(struct meeting *m) {
	uint32_t addr;

	m->so = sock_open(m->w, A, SOCK_STREAM);
	net_connect(m->so, ADDR_B, 80);
	net_sockname(m->so, &addr, &m->lport);
	note_sent(m);
}

/* By a passive open: half-open, not yet a socket. */
static void syn_received(struct meeting *m) {
	listening(m);
	send_to(m, SYN, m->irs, 0, "", 0);
	note_sent(m);
}

/* By a simultaneous open: RFC 793 figure 8. */
static void syn_crossed(struct meeting *m) {
	syn_sent(m);
	send_to(m, SYN, m->irs, 0, "", 0);
	note_sent(m);
}

/* With three bytes under way. */
static void established(struct meeting *m) {
	syn_sent(m);
	send_to(m, SYN | ACK, m->irs, m->max, "", 0);
	m->una = m->max;
	note_sent(m);
	send_text(m->so, "abc");
	note_sent(m);
}

/* With three bytes and the FIN under way. */
static void fin_wait_1(struct meeting *m) {
	established(m);
	net_shutdown(m->so, SHUT_WR);
	note_sent(m);
}

static void fin_wait_2(struct meeting *m) {
	fin_wait_1(m);
	send_to(m, ACK, m->rcv, m->max, "", 0);
	m->una = m->max;
}

static void tester_closes(struct meeting *m) {
	send_to(m, FIN | ACK, m->rcv, m->una, "", 0);
	m->rcv++;
	note_sent(m);
}

static void close_wait(struct meeting *m) {
	established(m);
	tester_closes(m);
}

static void closing(struct meeting *m) {
	fin_wait_1(m);
	tester_closes(m);
}

static void last_ack(struct meeting *m) {
	close_wait(m);
	net_shutdown(m->so, SHUT_WR);
	note_sent(m);
}

static void time_wait(struct meeting *m) {
	fin_wait_2(m);
	tester_closes(m);
}

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
	void (*enter)(struct meeting *m);
	const char *cells;       /* in the order of kinds[] */
} rows[] = {
	{"CLOSED", "page 65", closed,
	 "RC. RC. RC. rC. rC. rC. rC. rC. rC. rC. rC. rC. rC. rC. RC. "
	 "rC. rC. rC. rC. .C. .C. .C. .C. .C. rC."},
	{"LISTEN", "page 65", listening,
	 "sY. sY. sY. rL. rL. rL. rL. rL. rL. rL. rL. rL. rL. rL. .L. "
	 "rL. rL. rL. rL. .L. .L. .L. .L. .L. rL."},
	{"SYN_SENT", "page 66", syn_sent,
	 "sY. sY. sY. aE. rS. rS. rS. .S. rS. .S. rS. rS. rS. rS. .S. "
	 "rS. .S. rS. rS. .S. .S. .S. .S. .Cf rS."},
	{"SYN_RECEIVED", "page 69", syn_received,
	 "sY. RL. aY. aY. rL. rY. rY. .Ec rY. aY. rY. aY. rY. aY. .Y. "
	 "rY. aWc aY. aY. .L. .L. .Y. .Y. .L. rY."},
	{"SYN_RECEIVED after SYN_SENT", "page 69", syn_crossed,
	 "sY. RCf aY. aE. rCf rY. rY. .E. rY. aY. rY. aY. rY. aY. .Y. "
	 "rY. aWe aY. aY. .Cf .Cf .Y. .Y. .Cf rY."},
	{"ESTABLISHED", "page 69", established,
	 "aE. RCr aE. aE. rCr .E. .E. .E. aE. aE. aEd aE. aE. aE. .E. "
	 "aWe aWe aE. aE. .Cr .Cr .E. .E. .Cr aEu"},
	{"FIN_WAIT_1", "page 69", fin_wait_1,
	 "a1. RCr a1. a1. rCr .1. .1. .2. a1. a1. a1d a1. a1. a1. .1. "
	 "aGe aTe a1. a1. .Cr .Cr .1. .1. .Cr a1u"},
	{"FIN_WAIT_2", "page 69", fin_wait_2,
	 "a2. RCr a2. a2. rCr .2. .2. .2. a2. a2. a2d a2. a2. a2. .2. "
	 "aTe aTe a2. a2. .Cr .Cr .2. .2. .Cr a2u"},
	{"CLOSE_WAIT", "page 69", close_wait,
	 "aW. RCp aW. aW. rCp .W. .W. .W. aW. aW. aW. aW. aW. aW. .W. "
	 "aW. aW. aW. aW. .Cp .Cp .W. .W. .Cp aW."},
	{"CLOSING", "page 69", closing,
	 "aG. RCr aG. aG. rCr .G. .G. .T. aG. aG. aG. aG. aG. aG. .G. "
	 "aG. .T. aG. aG. .Cr .Cr .G. .G. .Cr aG."},
	{"LAST_ACK", "page 69", last_ack,
	 "aK. RCr aK. aK. rCr .K. .K. .C. aK. aK. aK. aK. aK. aK. .K. "
	 "aK. .C. aK. aK. .Cr .Cr .K. .K. .Cr aK."},
	{"TIME_WAIT", "page 69", time_wait,
	 "aT. aT. aT. aT. aT. .T. .T. .T. .T. aT. aT. aT. aT. aT. aT. "
	 "aT. aT. aT. aT. .C. .T. .T. .T. .C. aT."},
};

enum { ROWS = G_N_ELEMENTS(rows), KINDS = G_N_ELEMENTS(kinds) };

static char answer(struct meeting *m) {
	char letter = '.';
	struct seg s;

	while (catch_seg(m->w, &s)) {
		ck_assert_msg(letter == '.', "more than one answer");
		if (s.flags & RST)
			letter = s.flags & ACK ? 'R' : 'r';
		else if (s.flags & SYN)
			letter = 's';
		else if (s.flags & FIN)
			letter = 'f';
		else
			letter = 'a';
	}
	return letter;
}

/* Of the connection if there is one, else of the user's socket. */
static char state_now(struct meeting *m) {
	static const char letters[] = "?ESY12TCWKLG"; /* by TCP_ESTABLISHED ... TCP_CLOSING */
	struct net_sock *so = NULL;
	uint32_t addr;
	uint16_t port;
	int state = TCP_CLOSE;

	while ((so = net_sock_next(m->w->node[A].st, so))) {
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
	} errors[] = {{ECONNRESET, 'r'}, {ECONNREFUSED, 'f'}, {EPIPE, 'p'}};
	unsigned now = m->so ? net_poll(m->so) : 0;
	int error = m->so ? net_take_error(m->so) : 0;

	for (size_t i = 0; i < G_N_ELEMENTS(errors); i++)
		if (error == errors[i].error)
			return errors[i].letter;
	ck_assert_int_eq(error, 0);
	if (now & POLLPRI)
		return 'u';
	if (m->so && net_state(m->so) == TCP_LISTEN)
		return now & POLLIN ? 'c' : '.';
	if (now & ~before & POLLIN)
		return net_readable(m->so) > 0 ? 'd' : 'e';
	return '.';
}

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

static void meet(const struct row *row, const struct kind *k, uint32_t irs, bool shift,
                 char cell[4]) {
	struct meeting m = {.irs = irs, .rcv = irs + 1, .lport = PORT};
	unsigned before;

	if (shift)
		near_wrap_on();
	m.w = world_raw(parameters);
	m.w->tester = 0; /* irs says where his numbers are */
	near_wrap_off();
	row->enter(&m);
	drop_caught(m.w);
	before = m.so ? net_poll(m.so) : 0;
	send_to(&m, k->flags, (k->base == AT_IRS ? m.irs : m.rcv) + (uint32_t)k->offset,
	        acknowledged(&m, k->ack), k->data, k->urg);
	cell[0] = answer(&m);
	cell[1] = state_now(&m);
	cell[2] = seen(&m, before);
	cell[3] = 0;
	world_free(m.w);
}

/* In the middle of the numbers, and with both directions just below 2^32. */
static const struct {
	uint32_t irs;
	bool shift;
} starts[] = {{5000, false}, {0xffffffff, true}, {0xfffffffe, true}, {0xffff0000, true}};

START_TEST(state_meets_segment) {
	const struct row *row = &rows[_i / (int)G_N_ELEMENTS(starts)];
	unsigned start = (unsigned)_i % G_N_ELEMENTS(starts);
	char cell[4], expected[4] = "";

	ck_assert_uint_eq(strlen(row->cells), 4 * KINDS - 1);
	for (size_t i = 0; i < KINDS; i++) {
		memcpy(expected, row->cells + 4 * i, 3);
		meet(row, &kinds[i], starts[start].irs, starts[start].shift, cell);
		ck_assert_msg(strcmp(cell, expected) == 0,
		              "%s (RFC 793 %s) meets %s, irs %u: %s, expected %s", row->name,
		              row->page, kinds[i].name, starts[start].irs, cell, expected);
	}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("net-tcp-states");
	TCase *t = tcase_create("table");

	tcase_add_loop_test(t, state_meets_segment, 0, ROWS * (int)G_N_ELEMENTS(starts));
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
