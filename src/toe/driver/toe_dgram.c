/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do datagram sockets do on a card? */
#include <errno.h>
#include <string.h>

#include "toe/driver/toe_sock.h"
#include "toe/driver/toe_sock_ops.h"

static int dgram_connect(struct socket *sock, const struct sockaddr *addr, int addr_len,
                         int flags) {
	struct toe_sock *ts = toe_sk(sock);
	sim_time timeout = SIM_NEVER;
	uint32_t ip;
	uint16_t port;
	bool unspec;
	int err = toe_connect_addr(addr, addr_len, &ip, &port, &unspec);

	(void)flags; /* nothing to wait for but the card */
	if (err)
		return err;
	if (unspec)
		err = toe_disconnect(ts);
	else
		err = toe_connect_command(ts, ip, port, false, &timeout);
	if (!err)
		sock->state = unspec ? SS_UNCONNECTED : SS_CONNECTED;
	return err;
}

/* Where a datagram shall go: 0 and 0 for the address of connect(). */
static int dgram_to(const struct msghdr *msg, uint32_t *ip, uint16_t *port) {
	const struct sockaddr_in *in = msg->msg_name;

	*ip = *port = 0;
	if (!in)
		return 0;
	if (msg->msg_namelen < sizeof *in)
		return -EINVAL;
	if (in->sin_family != AF_INET && in->sin_family != AF_TOE && in->sin_family != AF_UNSPEC)
		return -EINVAL;
	sockaddr_get_in(msg->msg_name, (int)msg->msg_namelen, ip, port);
	return *port ? 0 : -EINVAL;
}

static ssize_t dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	struct toe_sock *ts = toe_sk(sock);
	int flags = (int)msg->msg_flags;
	sim_time timeout = sock_sndtimeo(&ts->sk, flags & MSG_DONTWAIT);
	uint32_t ip;
	uint16_t port;
	int err;

	if (len > 65535) /* udp_sendmsg() */
		return -EMSGSIZE;
	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = dgram_to(msg, &ip, &port);
	if (err)
		return err;
	return toe_send_part(ts, msg, 0, len, flags & MSG_DONTROUTE, ip, port, &timeout);
}

/* The card tells of the first datagram only, as long as there is one; 2.4 wakes a reader for each.
 * Who takes one passes the word on. */
static void tell_of_more(struct toe_sock *ts, int flags) {
	if (ts->interest && (ts->mask & POLLIN) && !(flags & MSG_PEEK))
		ts->sk.data_ready(&ts->sk);
}

static ssize_t dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	struct toe_sock *ts = toe_sk(sock);
	sim_time timeout = sock_rcvtimeo(&ts->sk, flags & MSG_DONTWAIT);
	struct comm_completion answer;
	int n, name_len;

	if (flags & MSG_ERRQUEUE)
		timeout = 0; /* never waits */
	else if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	n = toe_recv_part(ts, msg, 0, MIN(len, COMM_MAX_DATA),
	                  flags & (MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE), 0, &timeout, &answer);
	if (n < 0)
		return n;
	if (flags & MSG_ERRQUEUE)
		ts->sk.err = 0; /* the card has that of the next one */
	else
		tell_of_more(ts, flags);
	msg->msg_flags = answer.msg_flags;
	if (msg->msg_name) {
		sockaddr_put_in(msg->msg_name, &name_len, answer.faddr, answer.fport);
		msg->msg_namelen = (socklen_t)name_len;
	}
	return n;
}

const struct proto_ops toe_dgram_ops = {
	.family = AF_TOE,
	.release = toe_release,
	.bind = toe_bind,
	.connect = dgram_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = toe_getname,
	.poll = toe_poll,
	.ioctl = toe_ioctl,
	.listen = sock_no_listen,
	.shutdown = toe_shutdown,
	.setsockopt = toe_setsockopt,
	.getsockopt = toe_getsockopt,
	.sendmsg = dgram_sendmsg,
	.recvmsg = dgram_recvmsg,
	.mmap = sock_no_mmap,
	.sendpage = sock_no_sendpage,
};
