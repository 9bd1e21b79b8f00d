/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the processes of a random sequence call. */
#include "random_world.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>

#include "host/socket/syscalls.h"

/* Is the operation of some use on that descriptor? */
static bool suits(struct task *me, int fd, unsigned kind) {
	int err;
	const struct socket *sock = sockfd_lookup(me, fd, &err);

	switch (kind) {
	case RANDOM_accept:
		return sock->sk->acceptconn;
	case RANDOM_send:
	case RANDOM_writev:
	case RANDOM_sendfile:
		return sock->state == SS_CONNECTED;
	case RANDOM_sendmsg:
	case RANDOM_recv:
	case RANDOM_recvmsg:
	case RANDOM_readv:
		return sock->state == SS_CONNECTED || sock->type != SOCK_STREAM;
	case RANDOM_sendto:
	case RANDOM_join:
	case RANDOM_leave:
	case RANDOM_mcast:
		return sock->type != SOCK_STREAM;
	case RANDOM_bind:
	case RANDOM_connect:
	case RANDOM_listen:
		return sock->state == SS_UNCONNECTED && !sock->sk->acceptconn;
	default:
		return true;
	}
}

/* The n-th descriptor or one after it: mostly one that suits. */
int random_pick(struct task *me, const struct actor *a, const struct random_op *op) {
	int any = -1;

	for (unsigned i = 0; i < SLOTS; i++) {
		int fd = a->fd[(op->a + i) % SLOTS];

		if (fd >= 0 && (op->a / SLOTS % 8 == 0 || suits(me, fd, op->kind)))
			return fd;
		if (fd >= 0 && any < 0)
			any = fd;
	}
	return any;
}

void random_put(struct task *me, struct actor *a, uint32_t n, int fd) {
	if (fd < 0)
		return;
	if (a->fd[n % SLOTS] >= 0)
		sys_close(me, a->fd[n % SLOTS]);
	a->fd[n % SLOTS] = fd;
}

static struct sockaddr_in some_local(const struct random_op *op) {
	const uint32_t addrs[] = {INADDR_ANY, INADDR_ANY, INADDR_ANY,      0x0a000001,
	                          0x0a000101, 0x0a000201, 0x0a000301,      0x0a000103,
	                          0x7f000001, 0x0a090909, random_group(0), 0x0a0001ff};

	return at(addrs[op->b % G_N_ELEMENTS(addrs)],
	          op->c % 6 == 0 ? 0 : (uint16_t)(80 + op->c / 6 % PORTS));
}

struct sockaddr_in random_peer_name(const struct random_op *op) {
	unsigned net = random_net(op->b);

	switch (op->b / 1024 % 8) {
	case 0:
		return at(peer_addr(net) + 7, 7); /* nobody */
	case 1:
		return at(random_addr(net), (uint16_t)(80 + op->c % PORTS));
	case 2:
		return at(op->c % 2 ? 0x0a070707 : peer_addr(net) | 0xff, 7);
	case 3:
		return at(peer_addr(net), 9999); /* refused */
	case 4:
		return at(random_group(op->b / 8192),
		          op->c % 4 ? (uint16_t)(80 + op->c % PORTS) : 7);
	default:
		return at(peer_addr(net), op->c % 4 ? 7 : 8);
	}
}

long random_poll(struct task *me, const struct actor *a, const struct random_op *op) {
	struct pollfd fds[SLOTS];
	unsigned n = 0;
	int ready;

	for (unsigned i = 0; i < SLOTS; i++)
		if (a->fd[i] >= 0 && op->a >> i & 1)
			fds[n++] = (struct pollfd){.fd = a->fd[i],
			                           .events = (short)(op->b & (POLLIN | POLLOUT))};
	ready = sys_poll(me, fds, n, (int)(op->c % 3) * 50);
	for (unsigned i = 0; i < n && ready >= 0; i++)
		random_note((uint64_t)(unsigned short)fds[i].revents);
	return ready;
}

long random_select(struct task *me, const struct actor *a, const struct random_op *op) {
	struct timeval tv = {.tv_usec = op->c % 3 * 50000};
	fd_set set[3];
	int most = -1, ready;

	for (unsigned i = 0; i < 3; i++)
		FD_ZERO(&set[i]);
	for (unsigned i = 0; i < SLOTS; i++) {
		if (a->fd[i] < 0 || !(op->a >> i & 1))
			continue;
		most = MAX(most, a->fd[i]);
		for (unsigned j = 0; j < 3; j++)
			if (op->b >> j & 1)
				FD_SET(a->fd[i], &set[j]);
	}
	ready = sys_select(me, most + 1, &set[0], &set[1], &set[2], &tv);
	for (unsigned j = 0; j < 3 && ready >= 0; j++)
		for (int fd = 0; fd <= most; fd++)
			random_note((uint64_t)(FD_ISSET(fd, &set[j]) != 0));
	return ready;
}

static long do_names(struct task *me, int fd, const struct random_op *op) {
	struct sockaddr_in sin;
	int len = sizeof sin, err;

	err = op->b % 2 ? sys_getsockname(me, fd, (struct sockaddr *)&sin, &len)
	                : sys_getpeername(me, fd, (struct sockaddr *)&sin, &len);
	if (!err)
		random_note((uint64_t)sin.sin_addr.s_addr << 16 | sin.sin_port);
	return err;
}

static long do_setsockopt(struct task *me, int fd, const struct random_op *op) {
	struct timeval tv = {.tv_usec = 1000 + op->c % 200000};
	struct linger ling = {op->c % 3 != 0, op->c % 3 == 1 ? 0 : 1};
	int val = (int)(op->c % 2), size = (int)(op->c % 60000);

	switch (op->b % 12) {
	case 0:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &val, sizeof val);
	case 1:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	case 2:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, sizeof ling);
	case 3:
		return sys_setsockopt(me, fd, IPPROTO_TCP, op->c / 2 % 2 ? TCP_NODELAY : TCP_CORK,
		                      &val, sizeof val);
	case 4:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	case 5:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_BROADCAST, &val, sizeof val);
	case 6: {
		const char *dev = op->c % 4 ? "" : op->c / 4 % 2 ? "toe0" : "eth0";

		return sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, dev,
		                      (int)strlen(dev) + 1);
	}
	case 7:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	case 8:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	case 9:
		return sys_setsockopt(me, fd, IPPROTO_IP, op->c / 2 % 2 ? IP_RECVERR : IP_PKTINFO,
		                      &val, sizeof val);
	case 10:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_OOBINLINE, &val, sizeof val);
	default:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, &val, sizeof val);
	}
}

static long do_getsockopt(struct task *me, int fd, const struct random_op *op) {
	struct tcp_info info = {0};
	int val = 0, len = sizeof val, err;

	switch (op->b % 5) {
	case 0:
		err = sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &val, &len);
		break;
	case 1:
		err = sys_getsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &val, &len);
		break;
	case 2:
		err = sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, &len);
		break;
	case 3:
		err = sys_getsockopt(me, fd, SOL_SOCKET, SO_RCVBUF, &val, &len);
		break;
	default:
		len = sizeof info;
		err = sys_getsockopt(me, fd, IPPROTO_TCP, TCP_INFO, &info, &len);
		break;
	}
	random_note((uint64_t)(uint32_t)val);
	return err;
}

static long do_ioctl(struct task *me, int fd, const struct random_op *op) {
	static const unsigned long cmds[] = {SIOCINQ, SIOCOUTQ, SIOCATMARK};
	struct ifreq list[8];
	struct ifconf conf = {.ifc_len = sizeof list, .ifc_buf = (char *)list};
	int val = 0, err;

	if (op->b % 4 == 3) {
		err = sys_ioctl(me, fd, SIOCGIFCONF, &conf);
		random_note((uint64_t)conf.ifc_len);
		return err;
	}
	err = sys_ioctl(me, fd, cmds[op->b % 3], &val);
	random_note((uint64_t)(uint32_t)val);
	return err;
}

/* A card's or the NIC's interface is taken down for a while, or up. */
static long do_reconfigure(struct task *me, int fd, const struct random_op *op) {
	unsigned n = op->b % NETS;
	struct ifreq ifr = {.ifr_name = "eth0"};
	int err;

	if (random_is_spared(n))
		return 0;
	if (n)
		snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "toe%u", n - 1);
	err = sys_ioctl(me, fd, SIOCGIFFLAGS, &ifr);
	if (err)
		return err;
	ifr.ifr_flags ^= IFF_UP;
	return sys_ioctl(me, fd, SIOCSIFFLAGS, &ifr);
}

long random_server(struct task *me, struct actor *a, const struct random_op *op) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0), err, on = 1;
	struct sockaddr_in sin = at(op->b % 4 ? INADDR_ANY : random_addr(random_net(op->b / 4)),
	                            (uint16_t)(80 + op->c % PORTS));

	random_put(me, a, op->a, fd);
	if (fd < 0)
		return fd;
	sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (op->c / PORTS % 4 == 0)
		sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
	err = sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
	return err ? err : sys_listen(me, fd, 5);
}

long random_client(struct task *me, struct actor *a, const struct random_op *op) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in sin = at(peer_addr(random_net(op->b)), op->c % 5 ? 7 : 8);

	random_put(me, a, op->a, fd);
	return fd < 0 ? fd : sys_connect(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

long random_receiver(struct task *me, struct actor *a, const struct random_op *op) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in sin = at(op->b % 4 ? INADDR_ANY : random_addr(random_net(op->b / 4)),
	                            (uint16_t)(80 + op->c % PORTS));

	random_put(me, a, op->a, fd);
	return fd < 0 ? fd : sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

static long do_close(struct task *me, struct actor *a, int fd) {
	for (unsigned i = 0; i < SLOTS; i++)
		if (a->fd[i] == fd)
			a->fd[i] = -1;
	return sys_close(me, fd);
}

long random_call(struct task *me, struct actor *a, int fd, const struct random_op *op) {
	struct sockaddr_in sin;
	const struct sockaddr unspec = {.sa_family = AF_UNSPEC};
	int new;

	switch (op->kind) {
	case RANDOM_bind:
		sin = some_local(op);
		return sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
	case RANDOM_listen:
		return sys_listen(me, fd, (int)(op->b % 5));
	case RANDOM_accept:
		new = sys_accept(me, fd, NULL, NULL);
		random_put(me, a, op->b, new);
		return new;
	case RANDOM_connect:
		sin = random_peer_name(op);
		return sys_connect(me, fd, (struct sockaddr *)&sin, sizeof sin);
	case RANDOM_disconnect:
		return sys_connect(me, fd, &unspec, sizeof unspec);
	case RANDOM_names:
		return do_names(me, fd, op);
	case RANDOM_ioctl:
		return do_ioctl(me, fd, op);
	case RANDOM_setsockopt:
		return do_setsockopt(me, fd, op);
	case RANDOM_getsockopt:
		return do_getsockopt(me, fd, op);
	case RANDOM_shutdown:
		return sys_shutdown(me, fd, (int)(op->b % 4));
	case RANDOM_nonblock:
		return sys_fcntl(me, fd, F_SETFL, op->b % 2 ? O_NONBLOCK : 0);
	case RANDOM_async:
		sys_fcntl(me, fd, F_SETOWN, task_pid(me));
		return sys_fcntl(me, fd, F_SETFL, O_ASYNC);
	case RANDOM_dup:
		new = sys_dup(me, fd);
		random_put(me, a, op->b, new);
		return new >= 0 ? 0 : new;
	case RANDOM_close:
		return do_close(me, a, fd);
	case RANDOM_join:
		return random_join(me, fd, op);
	case RANDOM_leave:
		return random_leave(me, fd, op);
	case RANDOM_groute:
		return random_groute(me, fd, op);
	case RANDOM_mcast:
		return random_mcast(me, fd, op);
	case RANDOM_reconfigure:
		return do_reconfigure(me, fd, op);
	default:
		return random_move(me, fd, op);
	}
}
