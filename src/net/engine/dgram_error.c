/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error queue of datagram sockets: IP_RECVERR and MSG_ERRQUEUE (ip_icmp_error(), ip_local_error()
 * and ip_recv_error() of 2.4). */
#include "net/engine/dgram.h"
#include "net/engine/icmp.h"
#include "net/engine/socket.h"
#include "net/engine/wire.h"

#include <linux/errqueue.h>

struct dgram_error {
	struct dgram_error *next;
	struct sock_extended_err ee;
	struct arrival from; /* of the ICMP message */
	uint32_t offender, addr;
	uint16_t port; /* addr, port: where the datagram was to go */
	size_t len;
	uint8_t bytes[]; /* of it, as far as they came back */
};

/* What one takes of the receive buffer, besides its bytes. */
enum { ERROR_OVERHEAD = 256 };

/* An empty one at the end; NULL if the receive buffer is full. */
static struct dgram_error *queue(struct dgram_sock *ds, const uint8_t *bytes, size_t len) {
	struct dgram_error *e, **at = &ds->errors;

	if (ds->queued + ERROR_OVERHEAD + len > ds->us.rcvbuf)
		return NULL;
	e = g_malloc0(sizeof *e + len);
	e->len = len;
	if (len)
		memcpy(e->bytes, bytes, len);
	while (*at)
		at = &(*at)->next;
	*at = e;
	ds->queued += ERROR_OVERHEAD + len;
	sock_event(&ds->us, NET_EV_ERROR);
	return e;
}

static void drop_first(struct dgram_sock *ds) {
	struct dgram_error *e = ds->errors;

	ds->errors = e->next;
	ds->queued -= ERROR_OVERHEAD + e->len;
	g_free(e);
}

void dgram_errors_forget(struct user_sock *us) {
	while (((struct dgram_sock *)us)->errors)
		drop_first((struct dgram_sock *)us);
}

void dgram_errors_forget_interface(struct dgram_sock *ds, const struct net_if *ifp) {
	for (struct dgram_error *e = ds->errors; e; e = e->next)
		if (e->from.ifp == ifp)
			e->from.ifp = NULL;
}

void dgram_icmp_error(struct dgram_sock *ds, const struct ip_info *quoted, uint16_t port,
                      const struct icmp_news *news, const uint8_t *bytes, size_t len) {
	struct dgram_error *e = ds->us.recverr ? queue(ds, bytes, len) : NULL;

	if (!e)
		return;
	e->ee = (struct sock_extended_err){
		.ee_errno = (uint32_t)news->error,
		.ee_origin = SO_EE_ORIGIN_ICMP,
		.ee_type = news->type,
		.ee_code = news->code,
		.ee_info = news->info,
	};
	e->addr = quoted->dst;
	e->port = port;
	/* An error of this machine's own is a message to itself. */
	e->offender = news->ip ? news->ip->src : quoted->src;
	e->from = (struct arrival){.ifp = news->ifp,
	                           .dst = quoted->src,
	                           .ttl = news->ip ? news->ip->ttl : DEFAULT_TTL,
	                           .tos = news->ip ? news->ip->tos : 0};
}

int dgram_too_big(struct user_sock *us, const struct dgram_to *to) {
	struct dgram_error *e = us->recverr ? queue((struct dgram_sock *)us, NULL, 0) : NULL;

	if (e) {
		e->ee = (struct sock_extended_err){
			.ee_errno = EMSGSIZE,
			.ee_origin = SO_EE_ORIGIN_LOCAL,
			.ee_info = path_mtu(us->so.st, to->path, to->addr),
		};
		e->addr = to->addr;
		e->port = us->so.fport;
	}
	return -EMSGSIZE;
}

ssize_t dgram_recv_error(struct dgram_sock *ds, struct net_msg *msg) {
	struct cmsg_room room = {msg->control, msg->controllen};
	const struct dgram_error *e = ds->errors;
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} head = {.offender.sin_family = AF_UNSPEC};
	size_t n;

	if (!e)
		return -EAGAIN;
	n = MIN(e->len, msg_length(msg));
	msg->flags = MSG_ERRQUEUE | (n < e->len ? MSG_TRUNC : 0);
	msg_put(msg, 0, e->bytes, n);
	msg->addr = e->addr;
	msg->port = e->port;
	msg->ifp = e->from.ifp;
	head.ee = e->ee;
	if (e->ee.ee_origin == SO_EE_ORIGIN_ICMP) {
		head.offender.sin_family = AF_INET;
		head.offender.sin_addr.s_addr = g_htonl(e->offender);
		cmsg_put_arrival(&room, msg, &ds->us, &e->from);
	}
	cmsg_put(&room, msg, IP_RECVERR, &head, sizeof head);
	msg->controllen -= room.left;
	drop_first(ds);
	/* The error that a call would tell is the next one's. */
	ds->us.error = ds->errors ? (int)ds->errors->ee.ee_errno : 0;
	if (ds->us.error)
		sock_event(&ds->us, NET_EV_ERROR);
	return (ssize_t)n;
}
