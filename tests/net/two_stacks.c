/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "two_stacks.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "must.h"

struct flight {
	sim_time when;
	unsigned serial;
	int to;
	struct frame *frame;
};

const uint8_t node_mac[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

uint64_t world_random(struct world *w) {
	w->random = w->random * 6364136223846793005U + 1442695040888963407U;
	return w->random >> 33;
}

static int by_arrival(const void *a, const void *b, void *data) {
	const struct flight *x = a, *y = b;

	(void)data;
	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	return x->serial < y->serial ? -1 : 1;
}

static void launch(struct world *w, int to, struct frame *f, sim_time when) {
	struct flight *fl = g_new(struct flight, 1);
	GList *at = w->flying.tail;

	*fl = (struct flight){when, w->serial++, to, f};
	while (at && by_arrival(at->data, fl, NULL) > 0)
		at = at->prev;
	if (at)
		g_queue_insert_after(&w->flying, at, fl);
	else
		g_queue_push_head(&w->flying, fl);
}

static bool output(void *owner, struct net_if *ifp, struct frame *f, enum net_kind kind,
                   size_t payload) {
	struct node *n = owner;
	struct world *w = n->w;
	struct fate fate = {1, 0, false};
	size_t again;

	must(net_classify(f, &again) == kind || kind == NET_KIND_FORWARD);
	must(again == payload || kind >= NET_KIND_OTHER); /* a fragment's */
	if (ifp != n->ifp) { /* a test's second interface, on a wire without an end */
		n->sent_elsewhere++;
		frame_free(f);
		return true;
	}
	if (!n->room) {
		n->refused++;
		frame_free(f);
		return false;
	}
	n->room -= n->room != UINT_MAX;
	if (!w->raw)
		frame_orphan(f); /* else it counts as unsent until the test has looked at it */
	n->sent++;
	n->data_sent += kind == NET_KIND_DATA;
	if (w->raw) {
		frame_queue_push(&w->caught, f);
		g_array_append_val(w->when, w->now);
		return true;
	}
	if (w->fate)
		fate = w->fate(w, n->id, f);
	/* The sum that goes with the bytes is theirs. */
	ck_assert_uint_eq(cksum_fold(frame_sum(f, 0)),
	                  cksum_fold(cksum_add(0, frame_data(f), f->len)));
	if (fate.corrupt) {
		frame_data(f)[14 + world_random(w) % (f->len - 14U)] ^= 0x10;
		frame_doubt(f);
	}
	for (unsigned i = 1; i < fate.copies; i++)
		launch(w, !n->id, frame_copy(f), w->now + w->delay + fate.extra);
	if (fate.copies)
		launch(w, !n->id, f, w->now + w->delay + fate.extra);
	else
		frame_free(f);
	return true;
}

static void event(void *owner, struct net_sock *so, unsigned events) {
	struct node *n = owner;
	unsigned had = GPOINTER_TO_UINT(g_hash_table_lookup(n->events, so));

	net_poll(so);
	g_hash_table_insert(n->events, so, GUINT_TO_POINTER(had | events));
}

static void timer(void *owner, sim_time when) { ((struct node *)owner)->timer = when; }

static const struct net_ops ops = {.output = output, .event = event, .timer = timer};

static void node_up(struct world *w, int id, const struct net_params *params) {
	struct node *n = &w->node[id];
	struct net_conf conf = {.name = id == A ? "a" : "b",
	                        .params = *params,
	                        .ops = &ops,
	                        .owner = n,
	                        .clock = &w->now,
	                        .seed = 7 + (uint64_t)id};
	struct net_if_config ic = {.addr = id == A ? ADDR_A : ADDR_B,
	                           .netmask = 0xffffff00U,
	                           .broadcast = 0x0a0000ffU,
	                           .mtu = 1500,
	                           .up = true};

	n->w = w;
	n->id = id;
	n->timer = SIM_NEVER;
	n->room = UINT_MAX;
	n->events = g_hash_table_new(NULL, NULL);
	n->st = net_stack_new(&conf);
	n->ifp = net_if_add(n->st, "eth0", node_mac[id], 1500, NULL);
	memcpy(ic.mac, node_mac[id], 6);
	ck_assert_int_eq(net_if_set(n->ifp, &ic), 0);
}

/* Two bytes of data and the numbers begin anew, the tester's as well. */
enum { NEAR = 2, TESTER = 5003 };

static bool near_wrap;
static uint32_t before_wrap = NEAR;

void near_wrap_on(void) { near_wrap = true; }
void near_wrap_off(void) {
	near_wrap = false;
	before_wrap = NEAR;
}
void near_wrap_at(uint32_t before) { before_wrap = before; }

struct world *world_tweaked(const char *preset, sim_time delay,
                            void (*tweak)(struct net_params *)) {
	struct world *w = g_new0(struct world, 1);
	struct net_params p;

	ck_assert(net_params_preset(&p, preset));
	if (tweak)
		tweak(&p);
	if (near_wrap) {
		begin_near_wrap(&p, before_wrap);
		w->tester = UINT32_MAX - TESTER + 1;
	}
	w->delay = delay;
	w->random = 1;
	w->when = g_array_new(FALSE, FALSE, sizeof(sim_time));
	g_queue_init(&w->flying);
	node_up(w, A, &p);
	node_up(w, B, &p);
	return w;
}

struct world *world_new(const char *preset, sim_time delay) {
	return world_tweaked(preset, delay, NULL);
}

struct world *world_raw(void (*tweak)(struct net_params *)) {
	struct world *w = world_tweaked("linux-2.4", 0, tweak);

	w->raw = true;
	ck_assert_int_eq(net_arp_set(w->node[A].st, ADDR_B, node_mac[B]), 0);
	return w;
}

void world_free(struct world *w) {
	struct flight *fl;

	for (int i = 0; i < 2; i++) {
		net_stack_free(w->node[i].st);
		g_hash_table_destroy(w->node[i].events);
	}
	while ((fl = g_queue_pop_head(&w->flying))) {
		frame_free(fl->frame);
		g_free(fl);
	}
	frame_queue_flush(&w->caught);
	g_array_free(w->when, TRUE);
	g_free(w);
	frame_pool_drain();
}

static sim_time next_date(struct world *w) {
	struct flight *fl = g_queue_peek_head(&w->flying);
	sim_time next = fl ? fl->when : SIM_NEVER;

	for (int i = 0; i < 2; i++) {
		must(w->node[i].timer == net_next_timer(w->node[i].st));
		next = MIN(next, w->node[i].timer);
	}
	return next;
}

void world_run(struct world *w, sim_time until) {
	for (;;) {
		sim_time next = next_date(w);
		struct flight *fl = g_queue_peek_head(&w->flying);

		if (next == SIM_NEVER || next > until)
			break;
		w->now = MAX(w->now, next);
		if (fl && fl->when <= w->now) {
			g_queue_pop_head(&w->flying);
			if (w->node[fl->to].ifp)
				net_input(w->node[fl->to].st, w->node[fl->to].ifp, fl->frame);
			else
				frame_free(fl->frame);
			g_free(fl);
			continue;
		}
		for (int i = 0; i < 2; i++)
			if (w->node[i].timer <= w->now)
				net_timer(w->node[i].st);
	}
	if (until != SIM_NEVER)
		w->now = until;
}

unsigned take_events(struct world *w, int id, struct net_sock *so) {
	unsigned mask = GPOINTER_TO_UINT(g_hash_table_lookup(w->node[id].events, so));

	g_hash_table_remove(w->node[id].events, so);
	return mask;
}

const struct net_counters *counters(struct world *w, int id) {
	return net_stack_counters(w->node[id].st);
}

/* --- sockets ---------------------------------------------------------------------------------- */

struct net_sock *sock_open(struct world *w, int id, int type) {
	struct net_sock *so;

	ck_assert_int_eq(net_sock_open(w->node[id].st, type, 0, NULL, &so), 0);
	return so;
}

struct net_sock *listener(struct world *w, int id, uint16_t port, int backlog) {
	struct net_sock *so = sock_open(w, id, SOCK_STREAM);

	ck_assert_int_eq(net_bind(so, 0, port), 0);
	ck_assert_int_eq(net_listen(so, backlog), 0);
	return so;
}

void connect_pair(struct world *w, struct net_sock **a, struct net_sock **b) {
	struct net_sock *l = listener(w, B, 80, 5);

	*a = sock_open(w, A, SOCK_STREAM);
	ck_assert_int_eq(net_connect(*a, ADDR_B, 80), -EINPROGRESS);
	world_for(w, 10 * w->delay + SIM_MS);
	ck_assert_int_eq(net_state(*a), TCP_ESTABLISHED);
	ck_assert_int_eq(net_accept(l, NULL, b), 0);
	net_close(l, false);
}

ssize_t send_flags(struct net_sock *so, const void *data, size_t len, int flags) {
	struct iovec iov = {(void *)data, len};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .flags = flags};

	return net_send(so, &msg);
}

ssize_t recv_flags(struct net_sock *so, void *data, size_t len, int flags) {
	struct iovec iov = {data, len};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .flags = flags};

	return net_recv(so, &msg);
}

ssize_t send_text(struct net_sock *so, const char *text) {
	return send_flags(so, text, strlen(text), 0);
}

const char *recv_text(struct net_sock *so) {
	static char text[4096];
	ssize_t n = recv_flags(so, text, sizeof(text) - 1, 0);

	if (n > 0)
		text[n] = 0;
	else if (n == 0)
		strcpy(text, "<eof>");
	else
		snprintf(text, sizeof(text), "<errno %d>", (int)-n);
	return text;
}

int set_int(struct net_sock *so, int level, int name, int value) {
	return net_setopt(so, level, name, &value, sizeof(value));
}

static uint8_t pattern(size_t i) { return (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16)); }

size_t pump(struct world *w, struct net_sock *from, struct net_sock *to, size_t bytes,
            sim_time limit) {
	static uint8_t chunk[8192];
	size_t sent = 0, got = 0;

	while (got < bytes && w->now < limit) {
		sim_time next;
		ssize_t n;

		while (sent < bytes) {
			size_t want = MIN(sizeof(chunk), bytes - sent);

			for (size_t i = 0; i < want; i++)
				chunk[i] = pattern(sent + i);
			n = send_flags(from, chunk, want, 0);
			if (n <= 0)
				break;
			sent += (size_t)n;
		}
		while ((n = recv_flags(to, chunk, sizeof(chunk), 0)) > 0) {
			for (ssize_t i = 0; i < n; i++)
				must(chunk[i] == pattern(got + (size_t)i));
			got += (size_t)n;
		}
		next = next_date(w);
		if (next == SIM_NEVER)
			break;
		world_run(w, next);
	}
	return got;
}

/* --- segments by hand ------------------------------------------------------------------------- */

static void put16(uint8_t *p, unsigned v) {
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static void put32(uint8_t *p, uint32_t v) {
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}
static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

struct frame *seg_frame(const struct seg *s, const uint8_t to[6]) {
	struct frame *f = frame_new(0, FRAME_MTU);
	uint8_t *p = frame_data(f), *ip = p + 14, *tcp = ip + 20;
	size_t tcplen = 20 + s->optlen + s->len;
	uint8_t pseudo[12];

	f->len = (uint16_t)(34 + tcplen);
	memset(p, 0, f->len);
	memcpy(p, to, 6);
	memcpy(p + 6, node_mac[B], 6);
	put16(p + 12, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned)(20 + tcplen));
	ip[8] = 64;
	ip[9] = IPPROTO_TCP;
	put32(ip + 12, ADDR_B);
	put32(ip + 16, s->to ? s->to : ADDR_A);
	put16(ip + 10, cksum_fold(cksum_add(0, ip, 20)));
	put16(tcp, s->sport ? s->sport : 80);
	put16(tcp + 2, s->dport);
	put32(tcp + 4, s->seq);
	put32(tcp + 8, s->ack);
	tcp[12] = (uint8_t)((20 + s->optlen) << 2);
	tcp[13] = s->flags;
	put16(tcp + 14, s->wnd);
	put16(tcp + 18, s->urg);
	memcpy(tcp + 20, s->opt ? s->opt : p, s->optlen);
	memcpy(tcp + 20 + s->optlen, s->data ? s->data : p, s->len);
	memcpy(pseudo, ip + 12, 8);
	put16(pseudo + 8, IPPROTO_TCP);
	put16(pseudo + 10, (unsigned)tcplen);
	put16(tcp + 16, cksum_fold(cksum_add(cksum_add(0, pseudo, 12), tcp, tcplen)));
	return f;
}

void seg_read(const struct frame *f, struct seg *s) {
	const uint8_t *tcp = f->bytes + f->start + 34;
	size_t header = (size_t)(tcp[12] >> 4) * 4;

	memset(s, 0, sizeof(*s));
	s->sport = get16(tcp);
	s->dport = get16(tcp + 2);
	s->seq = get32(tcp + 4);
	s->flags = tcp[13];
	s->ack = get32(tcp + 8);
	s->wnd = get16(tcp + 14);
	s->urg = get16(tcp + 18);
	s->optlen = header - 20;
	memcpy(s->options, tcp + 20, s->optlen);
	s->len = f->len - 34 - header;
	memcpy(s->payload, tcp + header, s->len);
}

/* The port of A's only connection. */
static uint16_t only_port(const struct world *w) {
	struct net_sock *so = NULL;
	uint16_t port = 0;
	uint32_t addr;

	while ((so = net_sock_next(w->node[A].st, so)))
		if (net_state(so) != TCP_LISTEN)
			net_sockname(so, &addr, &port);
	return port;
}

void inject(struct world *w, const struct seg *s) {
	struct seg copy = *s;

	if (!copy.dport)
		copy.dport = only_port(w);
	copy.seq += w->tester;
	net_input(w->node[A].st, w->node[A].ifp, seg_frame(&copy, node_mac[A]));
}

/* SACK blocks name the tester's numbers. */
static void back_sacks(const struct world *w, struct seg *s) {
	for (size_t at = 0; at + 1 < s->optlen && s->options[at];) {
		uint8_t *p = s->options + at, len = p[0] == 1 ? 1 : p[1];

		for (size_t i = 2; p[0] == 5 && i + 4 <= len; i += 4)
			put32(p + i, get32(p + i) - w->tester);
		at += MAX(len, 1);
	}
}

bool catch_seg(struct world *w, struct seg *s) {
	struct frame *f = frame_queue_pop(&w->caught);

	memset(s, 0, sizeof(*s));
	if (!f)
		return false;
	seg_read(f, s);
	s->when = g_array_index(w->when, sim_time, 0);
	g_array_remove_index(w->when, 0);
	s->ack -= s->flags & ACK ? w->tester : 0;
	back_sacks(w, s);
	frame_free(f);
	return true;
}

void drop_caught(struct world *w) {
	frame_queue_flush(&w->caught);
	g_array_set_size(w->when, 0);
}

struct net_sock *raw_connected(struct world *w, uint32_t *iss, const uint8_t *opt, size_t optlen,
                               uint16_t wnd) {
	struct net_sock *so = sock_open(w, A, SOCK_STREAM);
	struct seg s;

	ck_assert_int_eq(net_connect(so, ADDR_B, 80), -EINPROGRESS);
	ck_assert(catch_seg(w, &s));
	ck_assert_int_eq(s.flags, SYN);
	*iss = s.seq;
	inject(w, &(struct seg){.flags = SYN | ACK,
	                        .seq = 5000,
	                        .ack = *iss + 1,
	                        .wnd = wnd,
	                        .opt = opt,
	                        .optlen = optlen});
	ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
	ck_assert(catch_seg(w, &s));
	ck_assert_int_eq(s.flags, ACK);
	ck_assert_uint_eq(s.ack, 5001);
	take_events(w, A, so);
	return so;
}
