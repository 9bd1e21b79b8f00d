/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Raw ICMP sockets: what ping needs.  Received datagrams include the IP header (raw(7)). */
#include "net/engine/dgram.h"
#include "net/engine/internal.h"
#include "net/engine/socket.h"
#include "net/engine/wire.h"

static ssize_t raw_send(struct user_sock *us, const struct net_msg *msg) {
	const struct dgram_sock *ds = (const struct dgram_sock *)us;
	size_t len = msg_length(msg);
	struct dgram_to to;
	struct ip_out out;
	uint8_t *flat;
	int err;

	if (len > 65535 - IP_HEADER)
		return -EMSGSIZE;
	err = dgram_destination(us, msg, &to);
	if (err)
		return err;
	dgram_out(us, &to, (uint8_t)ds->protocol, &out);
	out.kind = NET_KIND_OTHER;
	out.payload = len;
	out.progress = msg->progress;
	flat = g_malloc(MAX(len, 1));
	msg_get(msg, 0, flat, len);
	err = ip_output_bytes(us->so.st, to.path, &out, flat, len);
	g_free(flat);
	if (err == -EMSGSIZE)
		return dgram_too_big(us, &to);
	return err ? err : (ssize_t)len;
}

static void raw_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                      struct frame *chain, size_t len) {
	for (struct net_sock *so = st->raws; so; so = so->hash_next) {
		struct dgram_sock *ds = (struct dgram_sock *)so;
		struct frame *copy;

		if (ds->protocol != ip->protocol || (so->laddr && so->laddr != ip->dst) ||
		    (so->faddr && so->faddr != ip->src))
			continue;
		copy = chain_copy(chain);
		frame_push(copy, ip->header);
		memcpy(frame_data(copy), chain->bytes + chain->start - ip->header, ip->header);
		dgram_queue(ds, copy, len + ip->header, ip, 0, ifp);
	}
}

static const struct sock_ops raw_ops = {
	.forget_interface = dgram_forget_interface,
	.connect = dgram_connect,
	.disconnect = dgram_disconnect,
	.send = raw_send,
	DGRAM_OPS,
};

static struct user_sock *raw_open(struct net_stack *st, int protocol) {
	struct dgram_sock *ds = g_new0(struct dgram_sock, 1);

	user_sock_init(&ds->us, st, SOCK_KIND_RAW, &raw_ops);
	ds->protocol = protocol;
	ds->us.so.hash_next = st->raws;
	st->raws = &ds->us.so;
	return &ds->us;
}

const struct protocol raw_protocol = {.open = raw_open, .input = raw_input};
