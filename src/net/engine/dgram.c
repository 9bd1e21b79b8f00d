/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do UDP and raw sockets have in common?  Their queue, destination, errors and memory. */
#include "net/engine/dgram.h"
#include "net/engine/chain.h"
#include "net/engine/internal.h"
#include "net/engine/mcast.h"
#include "net/engine/netif.h"
#include "net/engine/socket.h"

#include <poll.h>

struct frame *chain_copy(const struct frame *chain) {
	struct frame_queue q = {0};

	for (; chain; chain = chain->next)
		frame_queue_push(&q, frame_copy(chain));
	return q.head;
}

void dgram_queue(struct dgram_sock *ds, struct frame *chain, size_t len, const struct ip_info *ip,
                 uint16_t port, struct net_if *ifp) {
	struct dgram *d;

	if (ds->queued + len > ds->us.rcvbuf || ds->us.shutdown & SHUT_RECV) {
		ds->us.so.st->n.udp_overflow++;
		chain_free(chain);
		return;
	}
	d = g_new(struct dgram, 1);
	*d = (struct dgram){NULL, chain, {ifp, ip->dst, ip->ttl, ip->tos}, len, ip->src, port};
	if (!ds->head)
		ds->tail = &ds->head;
	*ds->tail = d;
	ds->tail = &d->next;
	ds->queued += len;
	sock_event(&ds->us, NET_EV_READ);
}

void dgram_forget_interface(struct user_sock *us, const struct net_if *ifp) {
	struct dgram_sock *ds = (struct dgram_sock *)us;

	for (struct dgram *d = ds->head; d; d = d->next)
		if (d->from.ifp == ifp)
			d->from.ifp = NULL;
	dgram_errors_forget_interface(ds, ifp);
}

/* --- naming ----------------------------------------------------------------------------------- */

/* The first connect gives the socket its source, which it then keeps (udp_connect() of 2.4, which
 * raw sockets use too). */
int dgram_connect(struct user_sock *us, uint32_t addr, uint16_t port) {
	struct net_sock *so = &us->so;
	uint32_t source = source_of(so);
	int err;

	addr = path_destination(addr, source, us->device);
	us->path.generation = 0;
	err = path_find(so->st, &us->path, addr, source, us->device);
	if (err)
		return err;
	if (is_broadcast(so->st, addr) && !(so->flags & SO_F_BROADCAST))
		return -EACCES;
	if (!so->laddr)
		so->laddr = path_source(&us->path, addr);
	so->faddr = addr;
	so->fport = port;
	so->state = TCP_ESTABLISHED;
	return 0;
}

int dgram_disconnect(struct user_sock *us) {
	struct net_sock *so = &us->so;

	so->faddr = 0;
	so->fport = 0;
	so->state = TCP_CLOSE;
	us->path.generation = 0;
	us->error = 0;
	if (!(so->flags & SO_F_BOUND_ADDR))
		so->laddr = 0;
	return 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

int dgram_destination(struct user_sock *us, const struct net_msg *msg, struct dgram_to *to) {
	struct net_sock *so = &us->so;
	bool named = msg->addr || msg->port;
	struct net_pktinfo info = {0};
	const struct net_if *device;
	bool group;
	int err;

	if (us->error) {
		err = us->error;
		us->error = 0;
		return -err;
	}
	if (us->shutdown & SHUT_SEND)
		return -EPIPE;
	if (!named && !so->faddr)
		return -EDESTADDRREQ;
	err = msg->controllen ? net_pktinfo(msg->control, msg->controllen, &info) : 0;
	if (err)
		return err;
	group = IN_MULTICAST(named ? msg->addr : so->faddr);
	device = info.index ? net_if_by_index(so->st, info.index)
	         : group    ? mcast_device(us)
	                    : us->device;
	if (info.index && !device)
		return -ENODEV;
	to->source = info.source ? info.source : source_of(so);
	if (group && !to->source)
		to->source = mcast_source(us);
	to->addr = path_destination(named ? msg->addr : so->faddr, to->source, device);
	to->port = named ? msg->port : so->fport;
	if (msg->controllen || group || (named && to->addr != so->faddr)) {
		to->path = &to->own;
		to->own = (struct path){0};
	} else {
		to->path = &us->path;
	}
	err = path_find(so->st, to->path, to->addr, to->source, device);
	if (err) {
		so->st->n.ip_no_route++;
		return err;
	}
	if (is_broadcast(so->st, to->addr) && !(so->flags & SO_F_BROADCAST))
		return -EACCES;
	return 0;
}

void dgram_out(struct user_sock *us, const struct dgram_to *to, uint8_t protocol,
               struct ip_out *out) {
	bool group = IN_MULTICAST(to->addr);

	*out = (struct ip_out){
		.src = to->source ? to->source : path_source(to->path, to->addr),
		.dst = to->addr,
		.protocol = protocol,
		.ttl = group ? (uint8_t)mcast_get_number(us, IP_MULTICAST_TTL) : us->ttl,
		.tos = us->tos,
		.no_loop = group && !mcast_get_number(us, IP_MULTICAST_LOOP),
		.df = us_dont_fragment(us),
		.whole = us->pmtudisc == IP_PMTUDISC_DO,
		.from = (struct dgram_sock *)us,
	};
}

/* --- the queue -------------------------------------------------------------------------------- */

static void drop_head(struct dgram_sock *ds) {
	struct dgram *d = ds->head;

	ds->head = d->next;
	ds->queued -= d->len;
	chain_free(d->chain);
	g_free(d);
}

ssize_t dgram_recv(struct user_sock *us, struct net_msg *msg) {
	struct dgram_sock *ds = (struct dgram_sock *)us;
	int want = msg->flags;
	struct dgram *d = ds->head;
	struct cmsg_room control = {msg->control, msg->controllen};
	size_t room = msg_length(msg), at = 0;

	if (want & MSG_ERRQUEUE)
		return dgram_recv_error(ds, msg);
	if (want & MSG_OOB)
		return -EOPNOTSUPP;
	if (us->error) {
		int err = us->error;

		us->error = 0;
		return -err;
	}
	if (!d)
		return us->shutdown & SHUT_RECV ? 0 : -EAGAIN;
	for (const struct frame *f = d->chain; f && at < room; f = f->next) {
		size_t n = MIN(f->len, room - at);

		msg_put(msg, at, f->bytes + f->start, n);
		at += n;
	}
	msg->addr = d->addr;
	msg->port = d->port;
	msg->ifp = d->from.ifp;
	msg->flags = d->len > room ? MSG_TRUNC : 0;
	cmsg_put_arrival(&control, msg, us, &d->from);
	msg->controllen -= control.left;
	if (want & MSG_TRUNC)
		at = d->len;
	if (!(want & MSG_PEEK))
		drop_head(ds);
	return (ssize_t)at;
}

int dgram_shutdown(struct user_sock *us, int bits) {
	us->shutdown |= (uint8_t)bits;
	sock_event(us, NET_EV_READ);
	/* The bits are set and sleepers wake all the same: Linux 2.4, inet_shutdown(). */
	return us->so.state == TCP_ESTABLISHED ? 0 : -ENOTCONN;
}

void dgram_close(struct user_sock *us, bool abort) {
	(void)abort;
	sock_bury(&us->so);
}

unsigned dgram_poll(const struct user_sock *us) {
	const struct dgram_sock *ds = (const struct dgram_sock *)us;
	unsigned mask = 0;

	if (dgram_sending(ds) < us->sndbuf / 2) /* sock_writeable() */
		mask |= POLLOUT | POLLWRNORM | POLLWRBAND;
	if (us->error || ds->errors)
		mask |= POLLERR;
	if (us->shutdown == SHUT_BOTH)
		mask |= POLLHUP;
	if (ds->head || us->shutdown & SHUT_RECV)
		mask |= POLLIN | POLLRDNORM;
	return mask;
}

int dgram_readable(const struct user_sock *us) {
	const struct dgram_sock *ds = (const struct dgram_sock *)us;

	return ds->head ? (int)ds->head->len : 0;
}

int dgram_unsent(const struct user_sock *us) {
	return (int)dgram_sending((const struct dgram_sock *)us);
}

size_t dgram_space(const struct user_sock *us) {
	uint32_t used = dgram_sending((const struct dgram_sock *)us);

	return us->sndbuf > used ? us->sndbuf - used : 0;
}

size_t dgram_memory(const struct user_sock *us) {
	const struct dgram_sock *ds = (const struct dgram_sock *)us;
	size_t bytes = sizeof(*ds);

	for (const struct dgram *d = ds->head; d; d = d->next) {
		bytes += sizeof(*d);
		for (const struct frame *f = d->chain; f; f = f->next)
			bytes += sizeof(*f);
	}
	return bytes;
}

void dgram_fail(struct user_sock *us, int error) {
	us->error = error;
	us->shutdown = SHUT_BOTH;
	sock_event(us, NET_EV_ERROR | NET_EV_READ | NET_EV_WRITE | NET_EV_CLOSED);
}

void dgram_destroy(struct user_sock *us) {
	struct dgram_sock *ds = (struct dgram_sock *)us;

	while (ds->head)
		drop_head(ds);
	dgram_errors_forget(us);
	dgram_buffer_leave(ds);
	g_free(ds);
}
