/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the processes of a random sequence call. */
#include "random_world.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>

#include "host/syscalls.h"

#define ANY_CALL UINT64_MAX
#define CALL(kind) (UINT64_C(1) << RANDOM_##kind)
#define OPENS (CALL(server) | CALL(client) | CALL(receiver) | CALL(socket))
#define BINDS (CALL(bind) | CALL(server) | CALL(receiver))
#define CONNECTS (CALL(connect) | CALL(client))
#define SENDS (CALL(send) | CALL(sendto) | CALL(sendfile))

/* What which call may say: an errno from elsewhere shows a leak between layers. */
bool random_is_known(unsigned kind, long result) {
	static const struct {
		int err;
		uint64_t calls; /* bits */
	} known[] = {
		{EAGAIN, ANY_CALL},        {EINTR, ANY_CALL},       {EINVAL, ANY_CALL},
		{ECONNRESET, ANY_CALL},    {ENETDOWN, ANY_CALL},    {EOPNOTSUPP, ANY_CALL},
		{ENOTCONN, ANY_CALL},      {ENOBUFS, ANY_CALL},     {ECONNREFUSED, ANY_CALL},
		{EHOSTUNREACH, ANY_CALL},  {ETIMEDOUT, ANY_CALL},   {EPIPE, ANY_CALL},
		{EMFILE, OPENS | CALL(accept) | CALL(dup)},
		{EADDRINUSE, BINDS | CALL(listen)},
		{EADDRNOTAVAIL, BINDS | CONNECTS},
		{EACCES, CONNECTS | SENDS},
		{ENETUNREACH, CONNECTS | SENDS},
		{EDESTADDRREQ, SENDS},
		{EMSGSIZE, SENDS},
		{EBADF, CALL(sendfile)}, /* there was no descriptor for the file */
		{EISCONN, CONNECTS | SENDS},
		{EALREADY, CONNECTS},
		{EINPROGRESS, CONNECTS},
		{ECONNABORTED, CONNECTS | CALL(accept) | CALL(recv) | SENDS},
		{ENOPROTOOPT, CALL(setsockopt) | CALL(getsockopt)},
		{ENODEV, CALL(setsockopt) | CALL(reconfigure)},
		{EBUSY, CALL(module)},
	};

	if (result >= 0)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i].err == -result && known[i].calls >> kind & 1)
			return true;
	return false;
}

/* Is the operation of some use on that descriptor? */
static bool suits(struct task *me, int fd, unsigned kind) {
	int err;
	const struct socket *sock = sockfd_lookup(me, fd, &err);

	switch (kind) {
	case RANDOM_accept:
		return sock->sk->acceptconn;
	case RANDOM_send:
	case RANDOM_sendfile:
		return sock->state == SS_CONNECTED;
	case RANDOM_recv:
		return sock->state == SS_CONNECTED || sock->type == SOCK_DGRAM;
	case RANDOM_sendto:
		return sock->type == SOCK_DGRAM;
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
	static const uint32_t addrs[] = {
		INADDR_ANY, INADDR_ANY, INADDR_ANY, 0x0a000001, 0x0a000101, 0x0a000201,
		0x0a000301, 0x7f000001, 0x0a090909, 0xe0000005, 0x0a0001ff};

	return at(addrs[op->b % G_N_ELEMENTS(addrs)],
	          op->c % 6 == 0 ? 0 : (uint16_t)(80 + op->c / 6 % PORTS));
}

static struct sockaddr_in some_peer(const struct random_op *op) {
	unsigned net = op->b % NETS;

	switch (op->b / NETS % 8) {
	case 0:
		return at(peer_addr(net) + 7, 7); /* nobody */
	case 1:
		return at(own_addr(net), (uint16_t)(80 + op->c % PORTS));
	case 2:
		return at(op->c % 2 ? 0x0a070707 : peer_addr(net) | 0xff, 7);
	case 3:
		return at(peer_addr(net), 9999); /* refused */
	default:
		return at(peer_addr(net), op->c % 4 ? 7 : 8);
	}
}

static long do_recv(struct task *me, int fd, const struct random_op *op) {
	static const int flags[] = {0, 0, MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, MSG_OOB};
	struct sockaddr_in sin;
	char buf[3000];
	int len = sizeof sin;

	return sys_recvfrom(me, fd, buf, 1 + op->b % sizeof buf, flags[op->c % G_N_ELEMENTS(flags)],
	                    (struct sockaddr *)&sin, &len);
}

static long do_send(struct task *me, int fd, const struct random_op *op) {
	static const int flags[] = {0, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB};
	static const char zeros[40000];
	size_t len = op->b % 3 ? op->b / 3 % 3000 : op->b / 3 % sizeof zeros;

	return sys_send(me, fd, zeros, len, flags[op->c % G_N_ELEMENTS(flags)]);
}

static long do_sendto(struct task *me, int fd, const struct random_op *op) {
	struct sockaddr_in sin = some_peer(op);

	return sys_sendto(me, fd, "question", 8, op->a % 2 ? MSG_DONTWAIT : 0, (struct sockaddr *)&sin,
	                  sizeof sin);
}

long random_poll(struct task *me, const struct actor *a, const struct random_op *op) {
	struct pollfd fds[SLOTS];
	unsigned n = 0;
	int ready;

	for (unsigned i = 0; i < SLOTS; i++)
		if (a->fd[i] >= 0 && op->a >> i & 1)
			fds[n++] = (struct pollfd){.fd = a->fd[i], .events = (short)(op->b & (POLLIN | POLLOUT))};
	ready = sys_poll(me, fds, n, (int)(op->c % 3) * 50);
	for (unsigned i = 0; i < n && ready >= 0; i++)
		random_note((uint64_t)(unsigned short)fds[i].revents);
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

	switch (op->b % 9) {
	case 0:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &val, sizeof val);
	case 1:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	case 2:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, sizeof ling);
	case 3:
		return sys_setsockopt(me, fd, IPPROTO_TCP, op->c / 2 % 2 ? TCP_NODELAY : TCP_CORK, &val,
		                      sizeof val);
	case 4:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	case 5:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_BROADCAST, &val, sizeof val);
	case 6: {
		const char *dev = op->c % 4 ? "" : op->c / 4 % 2 ? "toe0" : "eth0";

		return sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, dev, (int)strlen(dev) + 1);
	}
	case 7:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	default:
		return sys_setsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, &val, sizeof val);
	}
}

static long do_getsockopt(struct task *me, int fd, const struct random_op *op) {
	struct tcp_info info = {0};
	int val = 0, len = sizeof val, err;

	switch (op->b % 4) {
	case 0:
		err = sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &val, &len);
		break;
	case 1:
		err = sys_getsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &val, &len);
		break;
	case 2:
		err = sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, &len);
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
	static const char *const names[NETS] = {"eth0", "toe0", "toe1", "toe2"};
	struct ifreq ifr = {0};
	int err;

	g_strlcpy(ifr.ifr_name, names[op->b % NETS], sizeof ifr.ifr_name);
	err = sys_ioctl(me, fd, SIOCGIFFLAGS, &ifr);
	if (err)
		return err;
	ifr.ifr_flags ^= IFF_UP;
	return sys_ioctl(me, fd, SIOCSIFFLAGS, &ifr);
}

long random_server(struct task *me, struct actor *a, const struct random_op *op) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0), err, on = 1;
	struct sockaddr_in sin = at(op->b % 4 ? INADDR_ANY : own_addr(op->b / 4 % NETS),
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
	struct sockaddr_in sin = at(peer_addr(op->b % NETS), op->c % 5 ? 7 : 8);

	random_put(me, a, op->a, fd);
	return fd < 0 ? fd : sys_connect(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

long random_receiver(struct task *me, struct actor *a, const struct random_op *op) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in sin = at(op->b % 4 ? INADDR_ANY : own_addr(op->b / 4 % NETS),
	                            (uint16_t)(80 + op->c % PORTS));

	random_put(me, a, op->a, fd);
	return fd < 0 ? fd : sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

static long do_sendfile(struct task *me, int fd, const struct random_op *op) {
	int in = sys_open(me, "/file", O_RDONLY);
	long n = sys_sendfile(me, fd, in, NULL, op->b % 20000);

	sys_close(me, in);
	return n;
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
		sin = some_peer(op);
		return sys_connect(me, fd, (struct sockaddr *)&sin, sizeof sin);
	case RANDOM_disconnect:
		return sys_connect(me, fd, &unspec, sizeof unspec);
	case RANDOM_send:
		return do_send(me, fd, op);
	case RANDOM_sendto:
		return do_sendto(me, fd, op);
	case RANDOM_recv:
		return do_recv(me, fd, op);
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
	case RANDOM_sendfile:
		return do_sendfile(me, fd, op);
	case RANDOM_reconfigure:
		return do_reconfigure(me, fd, op);
	default:
		return 0;
	}
}
