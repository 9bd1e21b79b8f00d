/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls on sockets, with whatever arguments. */
#include "fuzz.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"

static void op_open(struct fuzz *z, unsigned i) {
	static const struct {
		int type, protocol;
	} kinds[] = {{SOCK_STREAM, 0},         {SOCK_STREAM, 0},  {SOCK_DGRAM, 0},
	             {SOCK_RAW, IPPROTO_ICMP}, {SOCK_STREAM, 99}, {77, 0}};
	unsigned k = input_byte(&z->in) % G_N_ELEMENTS(kinds);

	if (!z->so[i])
		net_sock_open(z->st, kinds[k].type, kinds[k].protocol, z, &z->so[i]);
}

static void op_connect(struct fuzz *z, struct net_sock *so) {
	static const uint32_t to[] = {
		THEIRS,           THEIRS,      THEIRS,      OURS,        INADDR_LOOPBACK,
		INADDR_BROADCAST, 0x0a0000ffU, 0xe0000001U, 0x0b000001U, 0};

	net_connect(so, to[input_byte(&z->in) % G_N_ELEMENTS(to)], fuzz_port(z));
}

static void op_listening(struct fuzz *z, struct net_sock *so) {
	net_bind(so, input_byte(&z->in) & 1 ? OURS : 0, input_byte(&z->in) & 8 ? 0 : fuzz_port(z));
	net_listen(so, (int8_t)input_byte(&z->in));
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
	size_t len = input_byte(&z->in) & 1 ? input_byte(&z->in) : input_word(&z->in);
	struct iovec iov[2] = {{buffer, len / 3}, {buffer, len - len / 3}};
	struct net_msg msg = {
		.iov = iov, .iovlen = 2, .flags = flags[input_byte(&z->in) % G_N_ELEMENTS(flags)]};

	if (input_byte(&z->in) & 1) {
		msg.addr = THEIRS;
		msg.port = fuzz_port(z);
	}
	net_send(so, &msg);
}

static void op_recv(struct fuzz *z, struct net_sock *so) {
	static const int flags[] = {0, 0, 0, MSG_PEEK, MSG_OOB, MSG_TRUNC, MSG_OOB | MSG_PEEK};
	struct iovec iov = {buffer,
	                    input_byte(&z->in) & 1 ? input_byte(&z->in) : input_word(&z->in)};
	struct net_msg msg = {
		.iov = &iov, .iovlen = 1, .flags = flags[input_byte(&z->in) % G_N_ELEMENTS(flags)]};
	ssize_t n = net_recv(so, &msg);

	must(n <= (ssize_t)iov.iov_len || msg.flags & MSG_TRUNC);
}

static void op_option(struct fuzz *z, struct net_sock *so) {
	static const int levels[] = {SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, 200};
	int level = levels[input_byte(&z->in) % G_N_ELEMENTS(levels)],
	    name = input_byte(&z->in) % 48;
	int value = input_offset(&z->in);
	socklen_t len = input_byte(&z->in) % 200;

	if (input_byte(&z->in) & 1)
		net_setopt(so, level, name, &value, sizeof(value) >> (input_byte(&z->in) % 8 == 0));
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

void fuzz_call(struct fuzz *z, unsigned call) {
	unsigned i = input_byte(&z->in) % SOCKS;
	struct net_sock *so = z->so[i];

	if (!so) {
		op_open(z, i);
		return;
	}
	switch (call) {
	case 0:
		op_connect(z, so);
		break;
	case 1:
		op_listening(z, so);
		break;
	case 2:
		op_accept(z, so);
		break;
	case 3:
		op_send(z, so);
		break;
	case 4:
		op_recv(z, so);
		break;
	case 5:
		op_option(z, so);
		break;
	case 6:
		net_shutdown(so, input_byte(&z->in) % 4);
		break;
	case 7:
		net_disconnect(so);
		break;
	case 8:
		op_questions(so);
		break;
	default:
		z->so[i] = NULL;
		net_close(so, input_byte(&z->in) & 1);
	}
}
