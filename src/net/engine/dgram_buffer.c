/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The send buffer of datagram sockets as Linux 2.4 counts it (sock_alloc_send_skb(), sock_wfree()): a
 * packet takes memory, its overhead included, from when it is made until the controller has sent it,
 * and a sender who has taken all that he may waits.  What is being sent outlives its socket.
 */
#include "net/engine/dgram.h"

struct dgram_buffer {
	struct frame_owner owner; /* first */
	struct dgram_sock *ds;    /* NULL: it is gone */
	uint32_t bytes;
};

/* ip_build_xmit() asks for 15 bytes besides the packet and the hardware header, which is rounded up to
 * 16; alloc_skb() rounds to cache lines and adds struct sk_buff (i386, with netfilter). */
enum { HARD_HEADER = 16, ALIGNMENT = 15, LINE = 32, SK_BUFF = 160 };

static uint32_t truesize(size_t len) {
	return (uint32_t)(len + HARD_HEADER + ALIGNMENT + LINE - 1) / LINE * LINE + SK_BUFF;
}

/* Who waits is woken when half is free, not for each packet (sock_def_write_space()). */
static void released(struct frame_owner *owner, uint32_t bytes) {
	struct dgram_buffer *b = (struct dgram_buffer *)owner;
	uint32_t before = b->bytes;

	b->bytes -= bytes;
	if (!b->ds) {
		if (!b->bytes)
			g_free(b);
	} else if (2 * before >= b->ds->us.sndbuf && 2 * b->bytes <= b->ds->us.sndbuf) {
		sock_event(&b->ds->us, NET_EV_WRITE);
	}
}

uint32_t dgram_sending(const struct dgram_sock *ds) { return ds->sending ? ds->sending->bytes : 0; }

void dgram_owns(struct dgram_sock *ds, struct frame *f, size_t len) {
	if (!ds->sending) {
		ds->sending = g_new(struct dgram_buffer, 1);
		*ds->sending = (struct dgram_buffer){{released}, ds, 0};
	}
	f->owner = &ds->sending->owner;
	f->truesize = truesize(len);
	ds->sending->bytes += f->truesize;
}

void dgram_buffer_leave(struct dgram_sock *ds) {
	struct dgram_buffer *b = g_steal_pointer(&ds->sending);

	if (!b)
		return;
	b->ds = NULL;
	if (!b->bytes)
		g_free(b);
}
