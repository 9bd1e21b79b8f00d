/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A fuzz target for the engine.  An input is a program: each byte chooses what happens next to one
 * stack (a socket call, a segment, a datagram, an ICMP error, a fragment, the passing of time), and
 * the bytes behind it are its arguments.  Segments are made relative to what the stack has sent, so
 * that inputs get past the handshake; their checksums are right.  Every other input is for two
 * stacks on a bad wire (fuzz_pair.c).  After each step the stacks must make sense (check_stack()),
 * and each frame sent must be right (watch_frame()).
 *
 * With libFuzzer (clang -fsanitize=fuzzer) it is an ordinary target.  Built with FUZZ_DRIVER it has
 * a main() of its own that makes up inputs: fuzz_engine [SEED [INPUTS]].
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/wire.h"

int32_t input_offset(struct input *in) {
	uint8_t b = input_byte(in);

	if (b < 128)
		return 0;
	if (b < 192)
		return (int8_t)input_byte(in);
	if (b < 240)
		return (int16_t)input_word(in);
	return (int32_t)((uint32_t)input_word(in) << 16 | input_word(in));
}

/* --- the stack's owner ------------------------------------------------------------------------ */

static bool output(void *owner, struct net_if *ifp, struct frame *f, enum net_kind kind,
                   size_t payload) {
	struct fuzz *z = owner;

	must(ifp == z->ifp);
	if (z->full) { /* our own queue */
		z->full--;
		frame_free(f);
		return false;
	}
	watch_frame(&z->watch, z->st, f, kind, payload);
	if (kind == NET_KIND_DATA || kind == NET_KIND_ACK || kind == NET_KIND_CONTROL)
		fuzz_see(z, frame_data(f) + ETH_HEADER + IP_HEADER, payload);
	frame_free(f);
	return true;
}

static void event(void *owner, struct net_sock *so, unsigned events) {
	(void)owner;
	must(events);
	net_poll(so);
}

static void timer(void *owner, sim_time when) { ((struct fuzz *)owner)->timer = when; }

static const struct net_ops ops = {.output = output, .event = event, .timer = timer};

static void check(struct fuzz *z) {
	must(z->timer == net_next_timer(z->st));
	check_stack(z->st);
}

/* --- time and the machine --------------------------------------------------------------------- */

static void pass(struct fuzz *z) {
	sim_time until = z->now + (SIM_US << input_byte(&z->in) % 30);

	while (z->timer <= until) {
		z->now = MAX(z->now, z->timer);
		net_timer(z->st);
	}
	z->now = until;
}

static const uint8_t mac[6] = {2, 2, 2, 2, 2, 2};

static void configure(struct fuzz *z, bool up, uint16_t mtu) {
	struct net_if_config conf = {.addr = OURS,
	                             .netmask = 0xffffff00U,
	                             .broadcast = 0x0a0000ffU,
	                             .mtu = mtu,
	                             .up = up};

	memcpy(conf.mac, mac, sizeof(mac));
	net_if_set(z->ifp, &conf);
}

static void plug(struct fuzz *z) {
	z->ifp = net_if_add(z->st, "eth0", mac, FRAME_MTU, NULL);
	configure(z, true, FRAME_MTU);
	net_arp_set(z->st, THEIRS, (const uint8_t[6]){2, 0, 0, 0, 0, 2});
}

static void machine(struct fuzz *z) {
	uint8_t b = input_byte(&z->in);

	z->watch.late |= b > 200;
	if (b == 255) {
		net_stack_fail(z->st, ENETDOWN);
	} else if (b == 254) {
		net_if_remove(z->ifp);
		plug(z);
	} else if (b > 240) {
		configure(z, b & 1, (uint16_t)(68 + input_word(&z->in) % 1433));
	} else if (b > 200) {
		net_arp_del(z->st, THEIRS);
	} else if (b > 100) {
		z->full = b % 16U;
	} else {
		net_arp_set(z->st, THEIRS, (const uint8_t[6]){2, 0, 0, 0, 0, 2});
	}
}

static void step(struct fuzz *z) {
	uint8_t b = input_byte(&z->in) % 32;

	if (b < 12)
		fuzz_call(z, b);
	else if (b < 12 + ARRIVALS)
		fuzz_arrival(z, b - 12U);
	else if (b < 31)
		pass(z);
	else
		machine(z);
}

/* --- an input --------------------------------------------------------------------------------- */

void input_params(uint8_t b, struct net_params *params) {
	net_params_preset(params, b & 1 ? "bsd-card" : "linux-2.4");
	if (b & 2)
		params->sack = params->timestamps = true;
	if (b & 4)
		params->rcvbuf = params->sndbuf = 300;
	if (b & 16)
		params->window_scaling = true, params->rcvbuf = 1000000;
	if (b & 32) {
		params->isn = UINT32_MAX - 2;
		params->timestamp_start = UINT32_MAX - 1010;
	}
	if (b & 64) { /* the other way round */
		params->fack ^= true;
		params->minshall = params->newreno = params->limited_transmit = false;
		params->rfc1337 = params->stdurg = true;
		params->icmp_aborts_connect ^= true;
		params->syncookies = true, params->syn_backlog = 2;
		params->growing_window = params->bsd_acks = params->ecn = params->rfc5961 = true;
	}
}

static void up(struct fuzz *z) {
	struct net_conf conf = {
		.name = "fuzz", .ops = &ops, .owner = z, .clock = &z->now, .seed = 1};
	uint8_t b = input_byte(&z->in);

	input_params(b, &conf.params);
	if (b & 8)
		conf.params.max_socks = 6;
	z->now = SIM_S;
	z->timer = SIM_NEVER;
	z->st = net_stack_new(&conf);
	plug(z);
}

/* Most inputs begin in the middle: a connection with 20,000 bytes to send, and a listener. */
static void begin(struct fuzz *z) {
	static uint8_t buffer[20000];
	struct iovec iov = {buffer, sizeof(buffer)};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	static const int one = 1;
	uint8_t b = input_byte(&z->in);

	net_sock_open(z->st, SOCK_STREAM, 0, z, &z->so[0]);
	net_sock_open(z->st, SOCK_STREAM, 0, z, &z->so[1]);
	net_bind(z->so[1], 0, 1);
	net_listen(z->so[1], 3);
	net_connect(z->so[0], THEIRS, 1);
	must(z->views == 1);
	fuzz_answer(z, z->view[0], 0);
	must(net_state(z->so[0]) == TCP_ESTABLISHED);
	net_setopt(z->so[1], IPPROTO_TCP, TCP_DEFER_ACCEPT, &one, b & 1 ? sizeof(one) : 0);
	net_setopt(z->so[0], IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof(one));
	net_setopt(z->so[0], SOL_SOCKET, SO_KEEPALIVE, &one, b & 2 ? sizeof(one) : 0);
	if (b & 4)
		net_send(z->so[0], &msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct fuzz z = {.in = {data, size}};

	if (size && data[0] & 128) {
		fuzz_pair(data, size);
		return 0;
	}
	up(&z);
	if (input_byte(&z.in) & 3)
		begin(&z);
	check(&z);
	while (z.in.left) {
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
