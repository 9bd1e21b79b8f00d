/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two stacks on a bad wire.  The input says who writes, reads, closes and sets options, and what
 * becomes of each frame: it arrives in or out of turn, twice, spoilt, as an ICMP error, or not at all.
 * What is read must be what was written, at each moment; and when the input has come to its end the
 * wire becomes good, everybody reads, and what is still connected must get all and the end as well.
 */
#include <glib.h>
#include <poll.h>

#include "fuzz.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/tcp.h"

enum { STREAMS = 3, WIRE = 64, FROM = 1000, TO = 80, BLOCK = 5000, PATIENCE = 2000 };

struct side {
	struct pair *pair;
	struct net_stack *st;
	struct net_if *ifp;
	sim_time timer;
	struct watch watch;
	GPtrArray *wire; /* frames on their way from here */
};

/* A connection; [0] opened it, [1] accepted. */
struct stream {
	struct net_sock *so[2];
	uint64_t sent[2], got[2]; /* bytes that this side wrote and read */
	bool opened, accepted, fin[2], eof[2];
	bool sound; /* when the wire becomes good it is connected and has hope */
};

struct pair {
	struct input in;
	sim_time now;
	bool good; /* the wire: nothing is lost, and there is room for all */
	struct side side[2];
	struct net_sock *listener[STREAMS];
	struct stream stream[STREAMS];
};

static const uint32_t address[2] = {OURS, THEIRS};
static const sim_time round_trip = 200 * SIM_MS, standstill = 250 * SIM_S;

/* --- the stacks' owner ------------------------------------------------------------------------ */

static bool output(void *owner, struct net_if *ifp, struct frame *f, enum net_kind kind,
                   size_t payload) {
	struct side *s = owner;

	must(ifp == s->ifp);
	watch_frame(&s->watch, s->st, f, kind, payload);
	if (s->wire->len < WIRE || s->pair->good) {
		frame_orphan(f);
		g_ptr_array_add(s->wire, f);
	} else {
		frame_free(f);
	}
	return true;
}

static void event(void *owner, struct net_sock *so, unsigned events) {
	(void)owner;
	must(events);
	net_poll(so);
}

static void timer(void *owner, sim_time when) { ((struct side *)owner)->timer = when; }

static const struct net_ops ops = {.output = output, .event = event, .timer = timer};

static void side_up(struct pair *p, int i) {
	struct side *s = &p->side[i];
	struct net_conf conf = {.name = i ? "b" : "a",
	                        .ops = &ops,
	                        .owner = s,
	                        .clock = &p->now,
	                        .seed = 1 + (uint64_t)i};
	struct net_if_config ic = {.addr = address[i],
	                           .netmask = 0xffffff00U,
	                           .mtu = FRAME_MTU,
	                           .up = true,
	                           .mac = {2, 0, 0, 0, 0, (uint8_t)i}};

	input_params(input_byte(&p->in), &conf.params);
	conf.params.stdurg = false; /* both must mean the same */
	s->pair = p;
	s->wire = g_ptr_array_new();
	s->timer = SIM_NEVER;
	s->st = net_stack_new(&conf);
	s->ifp = net_if_add(s->st, "eth0", ic.mac, FRAME_MTU, NULL);
	net_if_set(s->ifp, &ic);
	net_arp_set(s->st, address[!i], (const uint8_t[6]){2, 0, 0, 0, 0, (uint8_t)!i});
}

static void check(struct pair *p) {
	for (int i = 0; i < 2; i++) {
		must(p->side[i].timer == net_next_timer(p->side[i].st));
		check_stack(p->side[i].st);
	}
}

/* --- the wire --------------------------------------------------------------------------------- */

static struct frame *take(struct side *s, unsigned i) {
	return g_ptr_array_remove_index(s->wire, i);
}

static void deliver(struct pair *p, int from, struct frame *f) {
	struct side *to = &p->side[!from];

	net_input(to->st, to->ifp, f);
}

/* An ICMP error about a frame, to who sent it. */
static void complain(struct pair *p, int from, struct frame *about) {
	static const uint8_t types[][2] = {{ICMP_UNREACH, ICMP_UNREACH_NEEDFRAG},
	                                   {ICMP_UNREACH, 1},
	                                   {ICMP_QUENCH, 0},
	                                   {ICMP_EXCEEDED, 0},
	                                   {ICMP_PARAMETER, 0}};
	const uint8_t *type = types[input_byte(&p->in) % G_N_ELEMENTS(types)];
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, FRAME_MTU - IP_HEADER);
	uint8_t *m = frame_data(f), *ip, *eth;

	f->len = ICMP_HEADER + IP_HEADER + 8;
	memset(m, 0, ICMP_HEADER);
	m[0] = type[0];
	m[1] = type[1];
	put16(m + 6, 200 + input_word(&p->in) % 1300);
	memcpy(m + ICMP_HEADER, frame_data(about) + ETH_HEADER, IP_HEADER + 8);
	put16(m + 2, cksum_fold(cksum_add(0, m, f->len)));
	ip = frame_push(f, IP_HEADER);
	memset(ip, 0, IP_HEADER);
	ip[0] = 0x45;
	put16(ip + 2, f->len);
	ip[8] = 64;
	ip[9] = IPPROTO_ICMP;
	put32(ip + 12, address[!from]);
	put32(ip + 16, address[from]);
	put16(ip + 10, cksum_fold(cksum_add(0, ip, IP_HEADER)));
	eth = frame_push(f, ETH_HEADER);
	memset(eth, 2, 12);
	memcpy(eth, frame_data(about) + 6, 6); /* back to who sent it */
	put16(eth + 12, ETH_IP);
	net_input(p->side[from].st, p->side[from].ifp, f);
}

/* Something happens to a frame. */
static void fate(struct pair *p) {
	uint8_t b = input_byte(&p->in), what = b >> 1 & 15;
	int from = b & 1;
	struct side *s = &p->side[from];
	struct frame *f;
	unsigned i;

	if (!s->wire->len)
		return;
	i = what < 8 ? 0 : input_byte(&p->in) % s->wire->len;
	f = g_ptr_array_index(s->wire, i);
	if (what < 11) {
		deliver(p, from, take(s, i));
	} else if (what < 13) {
		frame_free(take(s, i));
	} else if (what == 13) {
		deliver(p, from, frame_copy(f));
	} else if (what == 14) {
		f = take(s, i);
		frame_data(f)[ETH_HEADER + input_word(&p->in) % (f->len - ETH_HEADER)] ^=
			(uint8_t)(1 << b % 8);
		frame_doubt(f);
		deliver(p, from, f);
	} else {
		complain(p, from, f);
	}
}

/* --- programs --------------------------------------------------------------------------------- */

static uint8_t pattern(unsigned stream, int side, uint64_t at) {
	return (uint8_t)(at * 167 + (at >> 8) * 13 + (at >> 16) + stream * 2 + (unsigned)side);
}

static void write_some(struct pair *p, unsigned n, int side) {
	static const int flags[8] = {0, 0, 0, 0, 0, MSG_MORE, MSG_OOB, MSG_OOB | MSG_MORE};
	static uint8_t block[BLOCK];
	struct stream *s = &p->stream[n];
	struct iovec iov = {block, input_word(&p->in) % BLOCK};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .flags = flags[input_byte(&p->in) % 8]};
	ssize_t done;

	for (size_t i = 0; i < iov.iov_len; i++)
		block[i] = pattern(n, side, s->sent[side] + i);
	done = net_send(s->so[side], &msg);
	must(done <= (ssize_t)iov.iov_len);
	must(!s->fin[side] || done < 0 || !iov.iov_len);
	s->sent[side] += (uint64_t)MAX(done, 0);
}

static bool read_some(struct pair *p, unsigned n, int side, size_t len, int flags) {
	static uint8_t block[65536];
	struct stream *s = &p->stream[n];
	struct iovec iov = {block, len};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .flags = flags};
	ssize_t done = net_recv(s->so[side], &msg);

	if (done == 0 && len) {
		/* The end comes after all, and only when it was said.  (That of a lost connection
		 * comes anyhow.) */
		bool all = s->got[side] == s->sent[!side] && s->fin[!side];

		must(all || !(tcp_sock(s->so[side])->flags & TF_FIN_RCVD) ||
		     net_state(s->so[side]) == TCP_CLOSE);
		s->eof[side] |= all;
		return false;
	}
	for (ssize_t i = 0; i < done; i++)
		must(block[i] == pattern(n, !side, s->got[side] + (uint64_t)i));
	if (done <= 0 || flags & MSG_PEEK)
		return false;
	s->got[side] += (uint64_t)done;
	must(s->got[side] <= s->sent[!side]);
	return true;
}

static void set_option(struct pair *p, struct net_sock *so) {
	static const struct {
		int level, name;
	} options[] = {{IPPROTO_TCP, TCP_NODELAY},   {IPPROTO_TCP, TCP_CORK},
	               {IPPROTO_TCP, TCP_QUICKACK},  {SOL_SOCKET, SO_KEEPALIVE},
	               {IPPROTO_TCP, TCP_KEEPIDLE},  {SOL_SOCKET, SO_RCVBUF},
	               {SOL_SOCKET, SO_SNDBUF},      {IPPROTO_TCP, TCP_WINDOW_CLAMP},
	               {IPPROTO_IP, IP_MTU_DISCOVER}};
	unsigned i = input_byte(&p->in) % G_N_ELEMENTS(options);
	int value = i < 5 ? input_byte(&p->in) & 1 : input_word(&p->in);

	net_setopt(so, options[i].level, options[i].name, &value, sizeof(value));
}

static void open_stream(struct pair *p, unsigned n) {
	struct stream *s = &p->stream[n];
	static const int one = 1;

	if (s->opened)
		return;
	s->opened = true;
	if (net_sock_open(p->side[0].st, SOCK_STREAM, 0, p, &s->so[0]) < 0)
		return;
	net_setopt(s->so[0], SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
	net_bind(s->so[0], 0, (uint16_t)(FROM + n));
	net_connect(s->so[0], THEIRS, (uint16_t)(TO + n));
}

static void accept_all(struct pair *p) {
	for (unsigned n = 0; n < STREAMS; n++)
		if (!p->stream[n].accepted &&
		    net_accept(p->listener[n], p, &p->stream[n].so[1]) == 0)
			p->stream[n].accepted = true;
}

static void program(struct pair *p, uint8_t what) {
	uint8_t b = input_byte(&p->in);
	unsigned n = b % STREAMS;
	int side = b >> 7;
	struct net_sock *so = p->stream[n].so[side];

	if (!so) {
		if (side == 0)
			open_stream(p, n);
	} else if (what < 3) {
		write_some(p, n, side);
	} else if (what < 6) {
		read_some(p, n, side, input_word(&p->in), b & 64 ? MSG_PEEK : 0);
	} else if (what == 6) {
		set_option(p, so);
	} else if (b & 64) { /* all that is over */
		p->stream[n].so[side] = NULL;
		p->stream[n].fin[side] = true;
		net_close(so, b & 32);
	} else {
		p->stream[n].fin[side] |= net_shutdown(so, SHUT_WR) == 0;
	}
}

/* --- time ------------------------------------------------------------------------------------- */

static void run_until(struct pair *p, sim_time when) {
	p->now = MAX(p->now, when);
	for (int i = 0; i < 2; i++)
		if (p->side[i].timer <= p->now)
			net_timer(p->side[i].st);
}

static void pass(struct pair *p) {
	uint8_t b = input_byte(&p->in);
	sim_time next = MIN(p->side[0].timer, p->side[1].timer);

	run_until(p, b < 128 && next != SIM_NEVER ? next : p->now + (SIM_US << b % 24));
}

/* --- the end ---------------------------------------------------------------------------------- */

static bool hopeful(const struct net_sock *so) {
	const struct tcp_sock *tp = tcp_sock(so);

	return tcp_synchronised(tp) && !tp->us.error && tp->retries < 5 && tp->probes < 5;
}

/* Closes what has lost its other end; what has not must come to a good one. */
static void judge_hope(struct pair *p) {
	for (unsigned n = 0; n < STREAMS; n++) {
		struct stream *s = &p->stream[n];

		s->sound = s->so[0] && s->so[1] && hopeful(s->so[0]) && hopeful(s->so[1]);
		for (int i = 0; i < 2; i++) {
			static const int off = 0;

			if (s->so[i])
				net_setopt(s->so[i], IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
		}
	}
}

/* One round on a good wire, which takes its time, so that two who misunderstand each other do not
 * stop it for the others; false when nothing is left to happen. */
static bool heal(struct pair *p) {
	bool busy = false;
	sim_time next;

	for (int i = 0; i < 2; i++)
		while (p->side[i].wire->len) {
			deliver(p, i, take(&p->side[i], 0));
			busy = true;
		}
	accept_all(p);
	for (unsigned n = 0; n < STREAMS; n++)
		for (int i = 0; i < 2; i++)
			if (p->stream[n].so[i])
				while (read_some(p, n, i, 65536, 0))
					busy = true;
	next = MIN(p->side[0].timer, p->side[1].timer);
	if (busy)
		run_until(p, p->now + round_trip);
	else if (next != SIM_NEVER)
		run_until(p, next);
	return busy || next != SIM_NEVER;
}

static bool complete(const struct stream *s) {
	if (!s->sound)
		return true;
	for (int i = 0; i < 2; i++)
		if (s->got[i] != s->sent[!i] || (s->fin[!i] && !s->eof[i]))
			return false;
	return true;
}

static bool all_complete(const struct pair *p) {
	for (unsigned n = 0; n < STREAMS; n++)
		if (!complete(&p->stream[n]))
			return false;
	return true;
}

/* Resets that are still under way would end what is judged to have hope. */
static void drop_resets(struct side *s) {
	for (unsigned i = s->wire->len; i-- > 0;) {
		struct frame *f = g_ptr_array_index(s->wire, i);

		if (frame_data(f)[ETH_HEADER + IP_HEADER + 13] & TCP_RST)
			frame_free(take(s, i));
	}
}

/* What sound streams have read so far. */
static uint64_t progress(const struct pair *p) {
	uint64_t bytes = 0;

	for (unsigned n = 0; n < STREAMS; n++)
		for (int i = 0; i < 2 && p->stream[n].sound; i++)
			bytes += p->stream[n].got[i] + p->stream[n].eof[i];
	return bytes;
}

/* How long it takes is for the windows to say, which may be tiny; but a stream must not stand still:
 * not for longer than two of the longest waits that a retransmission or probe may have. */
static void finish(struct pair *p) {
	sim_time since;
	uint64_t before;

	p->good = true;
	drop_resets(&p->side[0]);
	drop_resets(&p->side[1]);
	judge_hope(p);
	since = p->now;
	before = progress(p);
	for (unsigned rounds = 0; !all_complete(p); rounds++) {
		must(rounds < PATIENCE && p->now - since < standstill);
		must(heal(p) || all_complete(p));
		check(p);
		if (progress(p) == before)
			continue;
		before = progress(p);
		since = p->now;
		rounds = 0;
	}
}

/* --- an input --------------------------------------------------------------------------------- */

static void begin(struct pair *p) {
	static const int one = 1;

	for (unsigned n = 0; n < STREAMS; n++) {
		net_sock_open(p->side[1].st, SOCK_STREAM, 0, p, &p->listener[n]);
		net_setopt(p->listener[n], SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
		net_bind(p->listener[n], 0, (uint16_t)(TO + n));
		net_listen(p->listener[n], 2);
	}
	open_stream(p, 0);
	for (unsigned i = 0; i < 4; i++)
		heal(p);
	must(p->stream[0].so[1]);
}

void fuzz_pair(const uint8_t *data, size_t size) {
	struct pair p = {.in = {data, size}, .now = SIM_S};

	side_up(&p, 0);
	side_up(&p, 1);
	begin(&p);
	check(&p);
	while (p.in.left) {
		uint8_t b = input_byte(&p.in) % 16;

		if (b < 8)
			program(&p, b);
		else if (b < 14)
			fate(&p);
		else
			pass(&p);
		accept_all(&p);
		check(&p);
	}
	finish(&p);
	for (int i = 0; i < 2; i++) {
		while (p.side[i].wire->len)
			frame_free(take(&p.side[i], 0));
		g_ptr_array_unref(p.side[i].wire);
		net_stack_free(p.side[i].st);
	}
}
