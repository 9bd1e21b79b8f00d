/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options at SOL_SOCKET and IPPROTO_IP.  SO_SNDBUF and SO_RCVBUF are shown doubled, as Linux does,
 * whose second half stands for the overhead of its buffers; the stack counts payload only, so the
 * value set is what fits.
 */
#include "net/engine/iface.h"
#include "net/engine/internal.h"
#include "net/engine/mcast.h"
#include "net/engine/sock.h"
#include "net/engine/socket.h"
#include "net/engine/wire.h"

static int option_int(const void *value, socklen_t len, int *out) {
	if (len < sizeof(int))
		return -EINVAL;
	memcpy(out, value, sizeof(int));
	return 0;
}

int option_put(void *value, socklen_t *len, const void *from, size_t size) {
	if (*len > size)
		*len = (socklen_t)size;
	memcpy(value, from, *len);
	return 0;
}

static void set_flag(struct net_sock *so, unsigned flag, int value) {
	so->flags = (uint16_t)(value ? so->flags | flag : so->flags & ~flag);
}

static int bind_to_device(struct user_sock *us, const void *value, socklen_t len) {
	char name[NET_IF_NAME] = "";
	struct net_if *ifp = NULL;

	memcpy(name, value, MIN(len, sizeof(name) - 1));
	if (name[0]) {
		ifp = net_if_find(us->so.st, name);
		if (!ifp)
			return -ENODEV;
	}
	us->device = ifp;
	us->path.generation = 0;
	return 0;
}

static int set_linger(struct user_sock *us, const void *value, socklen_t len) {
	struct linger linger;

	if (len < sizeof(linger))
		return -EINVAL;
	memcpy(&linger, value, sizeof(linger));
	us->linger_on = linger.l_onoff != 0;
	us->linger_s = linger.l_linger;
	return 0;
}

/* Linux 2.4 compares without sign: a negative size is a huge one, hence the most there is. */
static uint32_t buffer_size(int value, uint32_t least, uint32_t most) {
	return MAX(MIN((uint32_t)value, most), least);
}

static int set_socket(struct user_sock *us, int name, int value) {
	struct net_sock *so = &us->so;

	switch (name) {
	case SO_REUSEADDR:
		set_flag(so, SO_F_REUSEADDR, value);
		return 0;
	case SO_BROADCAST:
		set_flag(so, SO_F_BROADCAST, value);
		return 0;
	case SO_OOBINLINE:
		set_flag(so, SO_F_OOBINLINE, value);
		return 0;
	case SO_DONTROUTE:
		set_flag(so, SO_F_DONTROUTE, value);
		return 0;
	case SO_KEEPALIVE:
		set_flag(so, SO_F_KEEPALIVE, value);
		if (us->ops->keepalive_changed)
			us->ops->keepalive_changed(us);
		return 0;
	case SO_SNDBUF:
		us->sndbuf = buffer_size(value, 1024, so->st->params.sndbuf_max);
		if (so->kind != SOCK_KIND_TCP) {
			us->sndbuf *= 2; /* overhead counts */
			sock_event(us, NET_EV_WRITE);
		}
		return 0;
	case SO_RCVBUF:
		us->rcvbuf = buffer_size(value, 128, so->st->params.rcvbuf_max);
		if (us->ops->rcvbuf_changed)
			us->ops->rcvbuf_changed(us);
		return 0;
	case SO_RCVLOWAT:
		us->rcvlowat = MAX(value, 1);
		return 0;
	case SO_PRIORITY:
		us->priority = (uint8_t)value;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static unsigned cmsg_flag(int name) {
	return name == IP_PKTINFO ? CMSG_PKTINFO : name == IP_RECVTTL ? CMSG_TTL : CMSG_TOS;
}

static int set_ip(struct user_sock *us, int name, int value) {
	switch (name) {
	case IP_TTL:
		if (value == -1)
			value = DEFAULT_TTL;
		if (value < 1 || value > 255)
			return -EINVAL;
		us->ttl = (uint8_t)value;
		return 0;
	case IP_TOS:
		us->tos = (uint8_t)(value & 0xfc);
		return 0;
	case IP_MTU_DISCOVER:
		if (value < IP_PMTUDISC_DONT || value > IP_PMTUDISC_DO)
			return -EINVAL;
		us->pmtudisc = (uint8_t)value;
		return 0;
	case IP_RECVERR:
		us->recverr = value != 0;
		if (!value && us->ops->forget_errors)
			us->ops->forget_errors(us);
		return 0;
	case IP_PKTINFO:
	case IP_RECVTTL:
	case IP_RECVTOS:
		us->cmsg_flags = (uint8_t)(value ? us->cmsg_flags | cmsg_flag(name)
		                                 : us->cmsg_flags & ~cmsg_flag(name));
		return 0;
	case IP_MULTICAST_TTL:
	case IP_MULTICAST_LOOP:
		return mcast_set_number(us, name, value);
	default:
		return -ENOPROTOOPT;
	}
}

static bool names_interface(int level, int name) {
	return level == IPPROTO_IP &&
	       (name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP || name == IP_MULTICAST_IF);
}

static int set_option(struct user_sock *us, int level, int name, const void *value, socklen_t len) {
	int n, err;

	if (level == SOL_SOCKET && name == SO_BINDTODEVICE)
		return bind_to_device(us, value, len);
	if (level == SOL_SOCKET && name == SO_LINGER)
		return set_linger(us, value, len);
	if (names_interface(level, name))
		return mcast_setopt(us, name, value, len);
	/* Of IP's options one byte is enough (ip_setsockopt()). */
	if (level == IPPROTO_IP && len > 0 && len < sizeof(int)) {
		n = *(const uint8_t *)value;
		return set_ip(us, name, n);
	}
	err = option_int(value, len, &n);
	if (err)
		return err;
	if (level == SOL_SOCKET)
		return set_socket(us, name, n);
	if (level == IPPROTO_IP)
		return set_ip(us, name, n);
	if (level == IPPROTO_TCP && us->ops->setopt)
		return us->ops->setopt(us, name, n);
	return -ENOPROTOOPT;
}

int net_setopt(struct net_sock *so, int level, int name, const void *value, socklen_t len) {
	struct net_stack *st = so->st;
	int err = set_option(user_sock(so), level, name, value, len);

	stack_leave(st);
	return err;
}

static int get_socket(struct user_sock *us, int name, int *n) {
	struct net_sock *so = &us->so;

	switch (name) {
	case SO_REUSEADDR:
		*n = !!(so->flags & SO_F_REUSEADDR);
		return 0;
	case SO_BROADCAST:
		*n = !!(so->flags & SO_F_BROADCAST);
		return 0;
	case SO_OOBINLINE:
		*n = !!(so->flags & SO_F_OOBINLINE);
		return 0;
	case SO_DONTROUTE:
		*n = !!(so->flags & SO_F_DONTROUTE);
		return 0;
	case SO_KEEPALIVE:
		*n = !!(so->flags & SO_F_KEEPALIVE);
		return 0;
	case SO_SNDBUF:
		*n = (int)(so->kind == SOCK_KIND_TCP ? 2 * us->sndbuf : us->sndbuf);
		return 0;
	case SO_RCVBUF:
		*n = (int)(2 * us->rcvbuf);
		return 0;
	case SO_RCVLOWAT:
		*n = us->rcvlowat;
		return 0;
	case SO_SNDLOWAT:
		*n = 1;
		return 0;
	case SO_PRIORITY:
		*n = us->priority;
		return 0;
	case SO_ERROR:
		/* An ICMP error that ended nothing is told here only (sock_getsockopt()). */
		*n = us->error ? us->error : us->soft_error;
		if (us->error)
			us->error = 0;
		else
			us->soft_error = 0;
		return 0;
	case SO_TYPE:
		*n = so->kind == SOCK_KIND_TCP   ? SOCK_STREAM
		     : so->kind == SOCK_KIND_UDP ? SOCK_DGRAM
		                                 : SOCK_RAW;
		return 0;
	case SO_ACCEPTCONN:
		*n = so->state == TCP_LISTEN;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int get_ip(struct user_sock *us, int name, int *n) {
	switch (name) {
	case IP_TTL:
		*n = us->ttl;
		return 0;
	case IP_TOS:
		*n = us->tos;
		return 0;
	case IP_MTU_DISCOVER:
		*n = us->pmtudisc;
		return 0;
	case IP_RECVERR:
		*n = us->recverr;
		return 0;
	case IP_PKTINFO:
	case IP_RECVTTL:
	case IP_RECVTOS:
		*n = (us->cmsg_flags & cmsg_flag(name)) != 0;
		return 0;
	case IP_MULTICAST_TTL:
	case IP_MULTICAST_LOOP:
		*n = mcast_get_number(us, name);
		return 0;
	case IP_MULTICAST_IF:
		*n = (int)g_htonl(mcast_source(us));
		return 0;
	case IP_MTU:
		if (!us->so.faddr ||
		    path_find(us->so.st, &us->path, us->so.faddr, source_of(&us->so), us->device))
			return -ENOTCONN;
		*n = path_mtu(us->so.st, &us->path, us->so.faddr);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int net_getopt(struct net_sock *so, int level, int name, void *value, socklen_t *len) {
	struct user_sock *us = user_sock(so);
	struct linger linger = {us->linger_on, us->linger_s};
	int n = 0, err;

	if ((int)*len < 0)
		return -EINVAL;
	if (level == SOL_SOCKET && name == SO_LINGER)
		return option_put(value, len, &linger, sizeof(linger));
	if (level == IPPROTO_TCP && us->ops->getopt)
		return us->ops->getopt(us, name, value, len);
	err = level == SOL_SOCKET   ? get_socket(us, name, &n)
	      : level == IPPROTO_IP ? get_ip(us, name, &n)
	                            : -EOPNOTSUPP; /* an unknown level: 2.4, ip_getsockopt() */
	/* A small number of IP's fits one byte, if that is all there is room for (ip_getsockopt()). */
	if (!err && level == IPPROTO_IP && *len > 0 && *len < sizeof(n) && n >= 0 && n < 255)
		*len = 1;
	return err ? err : option_put(value, len, &n, sizeof(n));
}
