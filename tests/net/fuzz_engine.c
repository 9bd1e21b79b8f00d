/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A fuzz target for the engine.  An input is a program: each byte chooses what happens next to one
 * stack (a socket call, a segment, a datagram, an ICMP error, a fragment, the passing of time), and
 * the bytes behind it are its arguments.  Segments are made relative to what the stack has sent, so
 * that inputs get past the handshake; their checksums are right.  After each step the connections
 * must make sense (check_connection()), and each frame sent must be well formed.
 *
 * With libFuzzer (clang -fsanitize=fuzzer) it is an ordinary target.  Built with FUZZ_DRIVER it has
 * a main() of its own that makes up inputs: fuzz_engine [SEED [INPUTS]].
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz_check.h"

#define OURS 0x0a000001U
#define THEIRS 0x0a000002U

enum { SOCKS = 8, VIEWS = 8, PORTS = 4 };

/* What the other side knows of a connection, from the segments that the stack sent. */
struct view {
	uint16_t lport, fport;
	uint32_t next, ack; /* behind the last byte sent; what it expects */
	uint32_t una;       /* acknowledged so far */
	uint32_t first;     /* of the oldest segment seen */
};

struct fuzz {
	const uint8_t *data;
	size_t left;
	struct net_stack *st;
	struct net_if *ifp;
	sim_time now, timer;
	struct net_sock *so[SOCKS];
	struct view view[VIEWS];
	unsigned views;
};

/* --- arguments -------------------------------------------------------------------------------- */

static uint8_t byte(struct fuzz *z) {
	if (!z->left)
		return 0;
	z->left--;
	return *z->data++;
}
static uint16_t word(struct fuzz *z) { return (uint16_t)(byte(z) << 8 | byte(z)); }

/* Mostly nothing or little, sometimes far. */
static int32_t offset(struct fuzz *z) {
	uint8_t b = byte(z);

	if (b < 128)
		return 0;
	if (b < 192)
		return (int8_t)byte(z);
	if (b < 240)
		return (int16_t)word(z);
	return (int32_t)((uint32_t)word(z) << 16 | word(z));
}

static uint16_t small_port(struct fuzz *z) { return (uint16_t)(1 + byte(z) % PORTS); }

/* --- what the stack sends --------------------------------------------------------------------- */

static struct view *find_view(struct fuzz *z, uint16_t lport, uint16_t fport) {
	for (unsigned i = 0; i < MIN(z->views, VIEWS); i++)
		if (z->view[i].lport == lport && z->view[i].fport == fport)
			return &z->view[i];
	return NULL;
}

static void see_segment(struct fuzz *z, const uint8_t *tcp, size_t payload) {
	uint16_t lport = get16(tcp), fport = get16(tcp + 2);
	struct view *v = find_view(z, lport, fport);
	uint32_t seq = get32(tcp + 4);
	uint8_t flags = tcp[13];

	if (flags & TCP_RST)
		return;
	if (!v) {
		v = &z->view[z->views++ % VIEWS];
		*v = (struct view){.lport = lport, .fport = fport, .first = seq, .next = seq,
		                   .una = seq};
	}
	seq += (uint32_t)payload + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
	if (flags & TCP_SYN || seq_gt(seq, v->next))
		v->next = seq;
	if (flags & TCP_ACK)
		v->ack = get32(tcp + 8);
}

static void output(void *owner, struct net_if *ifp, struct frame *f, enum net_kind kind,
                   size_t payload) {
	struct fuzz *z = owner;
	const uint8_t *ip = frame_data(f) + ETH_HEADER, *tcp = ip + IP_HEADER;
	size_t again, total;

	must(ifp == z->ifp);
	must(net_classify(f, &again) == kind && again == payload);
	must(f->len >= ETH_HEADER && f->len <= ETH_HEADER + FRAME_MTU);
	if (kind == NET_KIND_DATA || kind == NET_KIND_ACK || kind == NET_KIND_CONTROL) {
		total = get16(ip + 2);
		must(cksum_fold(cksum_add(0, ip, IP_HEADER)) == 0);
		must(cksum_fold(cksum_add(pseudo_sum(get32(ip + 12), get32(ip + 16), IPPROTO_TCP,
		                                     total - IP_HEADER),
		                          tcp, total - IP_HEADER)) == 0);
		see_segment(z, tcp, payload);
	}
	frame_free(f);
}

static void event(void *owner, struct net_sock *so, unsigned events) {
	(void)owner;
	must(events);
	net_poll(so);
}

static void timer(void *owner, sim_time when) { ((struct fuzz *)owner)->timer = when; }

static const struct net_ops ops = {output, event, timer};

/* --- what must always hold -------------------------------------------------------------------- */

static void check(struct fuzz *z) {
	unsigned n = 0;

	must(z->timer == net_next_timer(z->st));
	must(!z->st->event_head && !z->st->graveyard);
	for (struct net_sock *so = NULL; (so = net_sock_next(z->st, so)); n += sock_is_user(so))
		if (so->kind == SOCK_KIND_TCP)
			check_connection((struct tcp_sock *)so);
	must(n == z->st->sock_count);
}

/* --- socket calls ----------------------------------------------------------------------------- */

static void op_open(struct fuzz *z, unsigned i) {
	static const struct {
		int type, protocol;
	} kinds[] = {{SOCK_STREAM, 0}, {SOCK_STREAM, 0}, {SOCK_DGRAM, 0},
	             {SOCK_RAW, IPPROTO_ICMP}, {SOCK_STREAM, 99}, {77, 0}};
	unsigned k = byte(z) % G_N_ELEMENTS(kinds);

	if (!z->so[i])
		net_sock_open(z->st, kinds[k].type, kinds[k].protocol, z, &z->so[i]);
}

static void op_connect(struct fuzz *z, struct net_sock *so) {
	static const uint32_t to[] = {THEIRS, THEIRS, THEIRS, OURS, INADDR_LOOPBACK,
	                              INADDR_BROADCAST, 0x0a0000ffU, 0xe0000001U, 0x0b000001U, 0};

	net_connect(so, to[byte(z) % G_N_ELEMENTS(to)], small_port(z));
}

static void op_listening(struct fuzz *z, struct net_sock *so) {
	net_bind(so, byte(z) & 1 ? OURS : 0, byte(z) & 8 ? 0 : small_port(z));
	net_listen(so, (int8_t)byte(z));
}

static void op_accept(struct fuzz *z, struct net_sock *so) {
	for (unsigned i = 0; i < SOCKS; i++)
		if (!z->so[i]) {
			if (net_accept(so, z, &z->so[i]) < 0)
				z->so[i] = NULL;
			return;
		}
}

static uint8_t buffer[70000];

static void op_send(struct fuzz *z, struct net_sock *so) {
	static const int flags[] = {0, 0, 0, MSG_OOB, MSG_MORE, MSG_OOB | MSG_MORE};
	size_t len = byte(z) & 1 ? byte(z) : word(z);
	struct iovec iov[2] = {{buffer, len / 3}, {buffer, len - len / 3}};
	struct net_msg msg = {.iov = iov, .iovlen = 2,
	                      .flags = flags[byte(z) % G_N_ELEMENTS(flags)]};

	if (byte(z) & 1) {
		msg.addr = THEIRS;
		msg.port = small_port(z);
	}
	net_send(so, &msg);
}

static void op_recv(struct fuzz *z, struct net_sock *so) {
	static const int flags[] = {0, 0, 0, MSG_PEEK, MSG_OOB, MSG_TRUNC, MSG_OOB | MSG_PEEK};
	struct iovec iov = {buffer, byte(z) & 1 ? byte(z) : word(z)};
	struct net_msg msg = {.iov = &iov, .iovlen = 1,
	                      .flags = flags[byte(z) % G_N_ELEMENTS(flags)]};
	ssize_t n = net_recv(so, &msg);

	must(n <= (ssize_t)iov.iov_len || msg.flags & MSG_TRUNC);
}

static void op_option(struct fuzz *z, struct net_sock *so) {
	static const int levels[] = {SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, 200};
	int level = levels[byte(z) % G_N_ELEMENTS(levels)], name = byte(z) % 48;
	int value = offset(z);
	socklen_t len = byte(z) % 200;

	if (byte(z) & 1)
		net_setopt(so, level, name, &value, sizeof(value) >> (byte(z) % 8 == 0));
	else
		net_getopt(so, level, name, buffer, &len);
}

static void op_questions(struct net_sock *so) {
	uint32_t addr;
	uint16_t port;

	net_sockname(so, &addr, &port);
	net_peername(so, &addr, &port);
	net_readable(so);
	net_unsent(so);
	net_at_mark(so);
	net_poll(so);
	net_send_space(so);
	net_sock_memory(so);
	net_take_error(so);
}

static void socket_call(struct fuzz *z, unsigned call) {
	unsigned i = byte(z) % SOCKS;
	struct net_sock *so = z->so[i];

	if (!so) {
		op_open(z, i);
		return;
	}
	switch (call) {
	case 0: op_connect(z, so); break;
	case 1: op_listening(z, so); break;
	case 2: op_accept(z, so); break;
	case 3: op_send(z, so); break;
	case 4: op_recv(z, so); break;
	case 5: op_option(z, so); break;
	case 6: net_shutdown(so, byte(z) % 4); break;
	case 7: net_disconnect(so); break;
	case 8: op_questions(so); break;
	default:
		z->so[i] = NULL;
		net_close(so, byte(z) & 1);
	}
}

/* --- what arrives ----------------------------------------------------------------------------- */

/* Puts an IP header before `f` and hands it over. */
static void arrive(struct fuzz *z, struct frame *f, uint8_t protocol, uint16_t fragment,
                   uint16_t id) {
	uint8_t *ip = frame_push(f, IP_HEADER), *eth;

	memset(ip, 0, IP_HEADER);
	ip[0] = 0x45;
	put16(ip + 2, f->len);
	put16(ip + 4, id);
	put16(ip + 6, fragment);
	ip[8] = 64;
	ip[9] = protocol;
	put32(ip + 12, THEIRS);
	put32(ip + 16, OURS);
	put16(ip + 10, cksum_fold(cksum_add(0, ip, IP_HEADER)));
	eth = frame_push(f, ETH_HEADER);
	memset(eth, 2, 12);
	put16(eth + 12, ETH_IP);
	net_input(z->st, z->ifp, f);
}

static size_t raw_options(struct fuzz *z, uint8_t *p) {
	size_t n = byte(z) % 11 * 4;

	for (size_t i = 0; i < n; i++)
		p[i] = byte(z);
	return n;
}

static size_t sensible_options(struct fuzz *z, const struct view *v, uint8_t *p, bool syn) {
	static const uint8_t all[20] = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 2};
	unsigned blocks = byte(z) % 4;
	size_t n = 0;

	if (syn) {
		memcpy(p, all, sizeof(all));
		put16(p + 2, (uint16_t)(word(z) % 1600));
		return sizeof(all);
	}
	if (byte(z) & 1) {
		memcpy(p, (const uint8_t[4]){1, 1, 8, 10}, 4);
		put32(p + 4, (uint32_t)(z->now / SIM_MS) + 9 + (uint32_t)(int8_t)byte(z));
		put32(p + 8, (uint32_t)(z->now / SIM_MS) + 1 - byte(z) % 4);
		n = 12;
	}
	if (blocks) {
		memcpy(p + n, (const uint8_t[4]){1, 1, 5, (uint8_t)(2 + 8 * blocks)}, 4);
		n += 4;
		for (unsigned i = 0; i < blocks; i++, n += 8) {
			uint32_t out = v->next - v->una, start = v->una;

			start += out ? word(z) % out : 0;
			put32(p + n, start);
			put32(p + n + 4, start + word(z) % 4000 + (uint32_t)offset(z));
		}
	}
	return n;
}

static void finish_tcp(struct fuzz *z, struct frame *f, const struct view *v, uint8_t flags,
                       size_t options) {
	uint8_t *h = frame_data(f);

	put16(h, v->fport);
	put16(h + 2, v->lport);
	h[12] = (uint8_t)((TCP_HEADER + options) << 2);
	h[13] = flags;
	put16(h + 16, 0);
	put16(h + 16, cksum_fold(cksum_add(pseudo_sum(THEIRS, OURS, IPPROTO_TCP, f->len), h,
	                                   f->len)));
	arrive(z, f, IPPROTO_TCP, 0, 0);
}

static struct view any_view(struct fuzz *z) {
	struct view v = {.lport = small_port(z), .fport = small_port(z)};
	uint8_t which = byte(z);

	if (z->views && which < 240)
		v = z->view[which % MIN(z->views, VIEWS)];
	return v;
}

/* What a segment acknowledges: all, what was acknowledged before, or a part of the rest. */
static uint32_t choose_ack(struct fuzz *z, const struct view *v) {
	uint8_t b = byte(z);
	uint32_t out = v->next - v->una;

	if (b < 64)
		return v->next;
	if (b < 160)
		return v->una;
	if (b < 224)
		return v->una + (out ? word(z) % out : 0);
	return v->next + (uint32_t)offset(z);
}

/* A segment of a known connection, more or less off the mark, or of a new one. */
static void segment(struct fuzz *z) {
	static const uint8_t usual[] = {TCP_ACK, TCP_ACK, TCP_ACK | TCP_PSH, TCP_SYN, TCP_SYN | TCP_ACK,
	                                TCP_FIN | TCP_ACK, TCP_RST, TCP_ACK | TCP_URG};
	struct view v = any_view(z);
	uint8_t b = byte(z), flags = b < 224 ? usual[b % 8] : byte(z);
	struct frame *f = frame_new(FRAME_PAYLOAD_AT);
	uint8_t options[TCP_OPTIONS_MAX], *h;
	uint32_t seq = v.ack + (uint32_t)offset(z), ack = choose_ack(z, &v);
	struct view *known = find_view(z, v.lport, v.fport);
	size_t n;

	if (known && seq_gt(ack, known->una) && seq_le(ack, known->next))
		known->una = ack;

	f->len = (uint16_t)(b & 8 ? byte(z) : b & 16 ? word(z) % 1400 : 0);
	for (size_t i = 0; i < f->len; i++)
		frame_data(f)[i] = (uint8_t)(seq + i);
	n = byte(z) & 1 ? raw_options(z, options)
	                : sensible_options(z, &v, options, flags & TCP_SYN);
	memcpy(frame_push(f, n), options, n);
	h = frame_push(f, TCP_HEADER);
	put32(h + 4, seq);
	put32(h + 8, ack);
	b = byte(z);
	put16(h + 14, b < 128 ? 0xffff : b < 192 ? 0 : word(z));
	put16(h + 18, byte(z));
	finish_tcp(z, f, &v, flags, n);
}

/* What an honest peer would say now: completes handshakes and acknowledges all. */
static void answer(struct fuzz *z, struct view v, size_t len) {
	struct frame *f = frame_new(FRAME_PAYLOAD_AT);
	uint8_t *h, flags = TCP_ACK, options[TCP_OPTIONS_MAX];
	struct view *known = find_view(z, v.lport, v.fport);
	size_t n = 0;

	if (!v.ack) { /* the stack's SYN */
		flags |= TCP_SYN;
		v.ack = 1000;
		if (byte(z) & 1)
			n = sensible_options(z, &v, options, true);
	}
	if (known)
		known->una = v.next;
	f->len = (uint16_t)(flags & TCP_SYN ? 0 : len);
	memset(frame_data(f), 'h', f->len);
	memcpy(frame_push(f, n), options, n);
	h = frame_push(f, TCP_HEADER);
	put32(h + 4, v.ack);
	put32(h + 8, v.next);
	put16(h + 14, 0xffff);
	put16(h + 18, 0);
	finish_tcp(z, f, &v, flags, n);
}

static void honest_answer(struct fuzz *z) {
	struct view v = any_view(z);

	answer(z, v, byte(z));
}

static void datagram(struct fuzz *z) {
	struct frame *f = frame_new(FRAME_PAYLOAD_AT);
	uint8_t *h = frame_data(f);

	f->len = (uint16_t)(UDP_HEADER + byte(z));
	memset(h, 'u', f->len);
	put16(h, small_port(z));
	put16(h + 2, small_port(z));
	put16(h + 4, (uint16_t)(f->len + (uint32_t)offset(z)));
	put16(h + 6, 0); /* none */
	arrive(z, f, IPPROTO_UDP, 0, 0);
}

static void fragment(struct fuzz *z) {
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, 99};
	struct frame *f = frame_new(FRAME_PAYLOAD_AT);
	uint8_t b = byte(z);

	f->len = (uint16_t)(b & 1 ? word(z) % 1400 : byte(z) % 9 * 8);
	for (size_t i = 0; i < f->len; i++)
		frame_data(f)[i] = i < 24 ? byte(z) : (uint8_t)i;
	arrive(z, f, protocols[b / 2 % 4], (uint16_t)(byte(z) % 4 * f->len / 8 | (b & 16 ? IP_MF : 0)),
	       b >> 6);
}

/* An ICMP message; errors quote a segment of the stack's. */
static void icmp(struct fuzz *z) {
	static const uint8_t types[] = {ICMP_UNREACH, ICMP_UNREACH, ICMP_EXCEEDED, ICMP_PARAMETER,
	                                ICMP_ECHO, ICMP_ECHOREPLY, 13};
	struct view v = any_view(z);
	struct frame *f = frame_new(FRAME_PAYLOAD_AT);
	uint8_t *m = frame_data(f), *q = m + ICMP_HEADER;

	f->len = (uint16_t)(ICMP_HEADER + IP_HEADER + 8);
	memset(m, 0, f->len);
	m[0] = types[byte(z) % G_N_ELEMENTS(types)];
	m[1] = byte(z) % 18;
	put16(m + 6, word(z));
	q[0] = byte(z) % 16 ? 0x45 : byte(z);
	put16(q + 2, word(z));
	q[9] = byte(z) & 1 ? IPPROTO_TCP : IPPROTO_UDP;
	put32(q + 12, OURS);
	put32(q + 16, THEIRS);
	put16(q + 20, v.lport);
	put16(q + 22, v.fport);
	put32(q + 24, v.first + (uint32_t)offset(z));
	f->len = (uint16_t)(byte(z) % 16 ? f->len : byte(z) % f->len);
	if (f->len >= ICMP_HEADER)
		put16(m + 2, cksum_fold(cksum_add(0, m, f->len)));
	arrive(z, f, IPPROTO_ICMP, 0, 0);
}

static void garbage(struct fuzz *z) {
	struct frame *f = frame_new(0);
	uint8_t *p = frame_data(f);

	f->len = byte(z);
	for (size_t i = 0; i < f->len; i++)
		p[i] = byte(z);
	if (f->len >= ETH_HEADER && byte(z) & 1)
		put16(p + 12, byte(z) & 1 ? ETH_IP : ETH_ARP);
	net_input(z->st, z->ifp, f);
}

/* --- time and the machine --------------------------------------------------------------------- */

static void pass(struct fuzz *z) {
	sim_time until = z->now + (SIM_US << byte(z) % 30);

	while (z->timer <= until) {
		z->now = MAX(z->now, z->timer);
		net_timer(z->st);
	}
	z->now = until;
}

static const uint8_t mac[6] = {2, 2, 2, 2, 2, 2};

static void configure(struct fuzz *z, bool up, uint16_t mtu) {
	struct net_if_config conf = {.addr = OURS, .netmask = 0xffffff00U, .broadcast = 0x0a0000ffU,
	                             .mtu = mtu, .up = up};

	memcpy(conf.mac, mac, sizeof(mac));
	net_if_set(z->ifp, &conf);
}

static void plug(struct fuzz *z) {
	z->ifp = net_if_add(z->st, "eth0", mac, FRAME_MTU, NULL);
	configure(z, true, FRAME_MTU);
	net_arp_set(z->st, THEIRS, (const uint8_t[6]){2, 0, 0, 0, 0, 2});
}

static void machine(struct fuzz *z) {
	uint8_t b = byte(z);

	if (b == 255) {
		net_stack_fail(z->st, ENETDOWN);
	} else if (b == 254) {
		net_if_remove(z->ifp);
		plug(z);
	} else if (b > 240) {
		configure(z, b & 1, (uint16_t)(68 + word(z) % 1433));
	} else if (b > 200) {
		net_arp_del(z->st, THEIRS);
	} else {
		net_arp_set(z->st, THEIRS, (const uint8_t[6]){2, 0, 0, 0, 0, 2});
	}
}

static void step(struct fuzz *z) {
	uint8_t b = byte(z) % 32;

	if (b < 12)
		socket_call(z, b);
	else if (b < 21)
		segment(z);
	else if (b < 25)
		honest_answer(z);
	else if (b < 27)
		pass(z);
	else if (b == 27)
		datagram(z);
	else if (b == 28)
		fragment(z);
	else if (b == 29)
		icmp(z);
	else if (b == 30)
		garbage(z);
	else
		machine(z);
}

/* --- an input --------------------------------------------------------------------------------- */

static void up(struct fuzz *z) {
	struct net_conf conf = {.name = "fuzz", .ops = &ops, .owner = z, .clock = &z->now, .seed = 1};
	uint8_t b = byte(z);

	net_params_preset(&conf.params, b & 1 ? "bsd-card" : "linux-2.4");
	if (b & 2)
		conf.params.sack = conf.params.timestamps = true;
	if (b & 4)
		conf.params.rcvbuf = conf.params.sndbuf = 300;
	if (b & 8)
		conf.params.max_socks = 6;
	if (b & 16)
		conf.params.window_scaling = true, conf.params.rcvbuf = 1000000;
	if (b & 32) {
		conf.params.isn = UINT32_MAX - 2;
		conf.params.timestamp_start = UINT32_MAX - 1010;
	}
	z->now = SIM_S;
	z->timer = SIM_NEVER;
	z->st = net_stack_new(&conf);
	plug(z);
}

/* Most inputs begin in the middle: a connection with 20,000 bytes to send, and a listener. */
static void begin(struct fuzz *z) {
	struct iovec iov = {buffer, 20000};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	static const int one = 1;
	uint8_t b = byte(z);

	net_sock_open(z->st, SOCK_STREAM, 0, z, &z->so[0]);
	net_sock_open(z->st, SOCK_STREAM, 0, z, &z->so[1]);
	net_bind(z->so[1], 0, 1);
	net_listen(z->so[1], 3);
	net_connect(z->so[0], THEIRS, 1);
	must(z->views == 1);
	answer(z, z->view[0], 0);
	must(net_state(z->so[0]) == TCP_ESTABLISHED);
	net_setopt(z->so[1], IPPROTO_TCP, TCP_DEFER_ACCEPT, &one, b & 1 ? sizeof(one) : 0);
	net_setopt(z->so[0], IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof(one));
	net_setopt(z->so[0], SOL_SOCKET, SO_KEEPALIVE, &one, b & 2 ? sizeof(one) : 0);
	if (b & 4)
		net_send(z->so[0], &msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct fuzz z = {.data = data, .left = size};

	up(&z);
	if (byte(&z) & 3)
		begin(&z);
	check(&z);
	while (z.left) {
		step(&z);
		check(&z);
	}
	net_stack_free(z.st);
	return 0;
}

#ifdef FUZZ_DRIVER
int main(int argc, char **argv) {
	uint64_t x = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	unsigned inputs = argc > 2 ? (unsigned)atoi(argv[2]) : 20000;
	uint8_t data[2048];

	for (unsigned i = 0; i < inputs; i++) {
		size_t size;

		for (size_t at = 0; at < sizeof(data); at += 8) {
			uint64_t r = stack_mix(x += 0x9e3779b97f4a7c15U);

			memcpy(data + at, &r, 8);
		}
		size = stack_mix(x) % sizeof(data);
		LLVMFuzzerTestOneInput(data, size);
	}
	frame_pool_drain();
	printf("%u inputs\n", inputs);
	return 0;
}
#endif
