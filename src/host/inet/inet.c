/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does every INET socket answer, whatever its type?  Life, names, options, poll, ioctls. */
#include "host/inet/inet.h"

#include <errno.h>
#include <glib.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/dev/dev.h"
#include "host/inet/inet_internal.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"

/* Operations that stream, datagram and raw sockets have in common (net/ipv4/af_inet.c of 2.4). */

enum { PROT_SOCK = 1024 }; /* ports below are for the privileged */

struct net_sock *inet_net_sock(const struct socket *sock) {
	return sock->sk ? inet_sk(sock->sk)->so : NULL;
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* release_sock() before each sleep: what has come for a locked socket may be what is waited for. */
static sim_time sleep_unlocked(struct inet_sock *is, bool (*ready)(const struct inet_sock *is),
                               unsigned how, sim_time timeo) {
	struct kernel *k = is->sk.socket->kernel;
	bool locked = inet_host(k)->locked;

	if (!locked)
		return schedule_timeout(k, timeo);
	inet_unlock(k);
	if (!(how & INET_WAIT_LOOKS) || !ready(is))
		timeo = schedule_timeout(k, timeo);
	inet_lock(is);
	return timeo;
}

int inet_wait(struct inet_sock *is, bool (*ready)(const struct inet_sock *is), unsigned how,
              sim_time *timeo) {
	struct socket *sock = is->sk.socket;
	bool exclusive = how & INET_WAIT_EXCLUSIVE;

	return wait_until_on(sock->kernel, &sock->wait, exclusive, TASK_INTERRUPTIBLE, ready(is),
	                     wait_cut(current_task(sock->kernel), *timeo),
	                     *timeo = sleep_unlocked(is, ready, how, *timeo));
}

/* Is there `wanted`, or an end to all waiting?  POLLERR of a datagram socket may be its error queue,
 * which lasts, and which no call but MSG_ERRQUEUE empties: wait_for_packet() and
 * sock_alloc_send_skb() of 2.4 go by the pending error alone. */
static bool wait_is_over(const struct inet_sock *is, unsigned wanted) {
	unsigned ends = is->sk.socket->type == SOCK_STREAM ? POLLERR | POLLHUP : 0;

	return is->sk.err || net_peek_error(is->so) || net_poll(is->so) & (wanted | ends);
}

bool inet_can_read(const struct inet_sock *is) {
	return is->sk.shutdown & RCV_SHUTDOWN || wait_is_over(is, POLLIN);
}

bool inet_can_write(const struct inet_sock *is) {
	return is->sk.shutdown & SEND_SHUTDOWN || wait_is_over(is, POLLOUT);
}

/* For SO_ERROR, which tells soft errors too: an ICMP message that ended nothing (sk->err_soft). */
static void fetch_error(struct sock *sk) {
	struct inet_sock *is = inet_sk(sk);
	int error = 0;
	socklen_t len = sizeof error;

	if (sk->err || !is->so)
		return;
	net_getopt(is->so, SOL_SOCKET, SO_ERROR, &error, &len);
	sk->err = error;
}

int inet_take_error(struct inet_sock *is) {
	if (!is->sk.err && is->so)
		is->sk.err = net_take_error(is->so);
	return sock_error(&is->sk);
}

/* --- vectors ---------------------------------------------------------------------------------- */

void iov_cursor_view(struct iov_cursor *cursor, struct net_msg *msg) {
	if (!cursor->offset) {
		msg->iov = cursor->iov;
		msg->iovlen = cursor->n;
		return;
	}
	cursor->part.iov_base = (uint8_t *)cursor->iov->iov_base + cursor->offset;
	cursor->part.iov_len = cursor->iov->iov_len - cursor->offset;
	msg->iov = &cursor->part;
	msg->iovlen = 1;
}

void iov_cursor_advance(struct iov_cursor *cursor, size_t bytes) {
	cursor->offset += bytes;
	while (cursor->n && cursor->offset >= cursor->iov->iov_len) {
		cursor->offset -= cursor->iov->iov_len;
		cursor->iov++;
		cursor->n--;
	}
}

/* --- create and release ------------------------------------------------------------------------ */

/* The engine counts payload; half of what is shown is overhead.  It may grant less than was asked for:
 * what is shown is in force. */
static void buffer_changed(struct sock *sk, int name) {
	struct net_sock *so = inet_sk(sk)->so;
	uint32_t *shown = name == SO_SNDBUF ? &sk->sndbuf : &sk->rcvbuf;
	int val = (int)*shown / 2;
	socklen_t len = sizeof val;

	net_setopt(so, SOL_SOCKET, name, &val, sizeof val);
	net_getopt(so, SOL_SOCKET, name, &val, &len);
	*shown = (uint32_t)val;
}

/* SOL_SOCKET options that the engine acts upon; linger, time-outs and low-water marks are kept by
 * the family itself. */
static void option_changed(struct sock *sk, int name) {
	struct net_sock *so = inet_sk(sk)->so;
	int val;

	switch (name) {
	case SO_SNDBUF:
	case SO_RCVBUF:
		buffer_changed(sk, name);
		return;
	case SO_REUSEADDR:
		val = sk->reuse;
		break;
	case SO_KEEPALIVE:
		val = sk->keepalive;
		break;
	case SO_OOBINLINE:
		val = sk->oobinline;
		break;
	case SO_BROADCAST:
		val = sk->broadcast;
		break;
	case SO_BINDTODEVICE:
		net_setopt(so, SOL_SOCKET, name, sk->bound_dev,
		           (socklen_t)strlen(sk->bound_dev) + 1);
		return;
	default:
		return;
	}
	net_setopt(so, SOL_SOCKET, name, &val, sizeof val);
}

struct inet_sock *inet_sock_new(struct socket *sock, int protocol) {
	const struct net_params *params = net_stack_params(sock->kernel->stack);
	struct inet_sock *is = g_slice_new0(struct inet_sock);

	sock_init_data(sock, &is->sk, AF_INET, sock->type, protocol);
	is->sk.fetch_error = fetch_error;
	is->stamp = SIM_NEVER;
	if (sock->type == SOCK_STREAM) {
		is->sk.sndbuf = 2 * params->sndbuf;
		is->sk.rcvbuf = 2 * params->rcvbuf;
	}
	return is;
}

/* From here on the engine's events and the socket layer's options find each other. */
void inet_sock_attach(struct inet_sock *is, struct net_sock *so) {
	is->so = so;
	is->sk.option_changed = option_changed;
	net_sock_set_user(so, is);
}

bool inet_capable(const struct kernel *k) {
	const struct task *me = current_task(k);

	return !me || capable(me);
}

static bool fin_acknowledged(const struct inet_sock *is) {
	switch (net_state(is->so)) {
	case TCP_FIN_WAIT1:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		return false;
	default:
		return true;
	}
}

/* SO_LINGER: sends what is left and FIN, and waits for the acknowledgement. */
static void linger(struct inet_sock *is) {
	sim_time left = is->sk.lingertime;

	if (net_readable(is->so) > 0 || net_shutdown(is->so, SHUT_WR))
		return;
	inet_wait(is, fin_acknowledged, 0, &left);
}

/* A second call, or one for a socket that accept() never filled, finds sk NULL. */
int inet_release(struct socket *sock) {
	struct inet_sock *is = sock->sk ? inet_sk(sock->sk) : NULL;

	if (!is)
		return 0;
	struct sock *sk = &is->sk;
	struct task *me = current_task(sock->kernel);
	bool abort = sk->linger && !sk->lingertime && sock->type == SOCK_STREAM;
	inet_lock(is);
	if (sk->linger && !abort && sock->type == SOCK_STREAM && me && !task_exiting(me))
		linger(is);
	charge(sock->kernel, COST_INET_RELEASE, 0);
	net_sock_set_user(is->so, NULL);
	net_close(is->so, abort);
	inet_unlock(sock->kernel);
	sock->sk = NULL;
	g_slice_free(struct inet_sock, is);
	return 0;
}

/* --- bind, names -------------------------------------------------------------------------------- */

static bool is_broadcast(const struct net_stack *st, uint32_t addr) {
	if (addr == INADDR_BROADCAST)
		return true;
	for (struct net_if *ifp = net_if_next(st, NULL); ifp; ifp = net_if_next(st, ifp)) {
		struct net_if_config conf;

		net_if_get(ifp, &conf);
		if (conf.addr && conf.broadcast == addr)
			return true;
	}
	return false;
}

static bool may_bind_to(const struct net_stack *st, uint32_t addr) {
	return addr == INADDR_ANY || net_is_local(st, addr) || IN_MULTICAST(addr) ||
	       is_broadcast(st, addr);
}

/* The order of the tests is that of 2.4's inet_bind(): the family is not looked at, and a bad
 * address comes before the lack of rights, and that before a second bind. */
int inet_bind(struct socket *sock, const struct sockaddr *addr, int addr_len) {
	struct kernel *k = sock->kernel;
	struct net_sock *so = inet_net_sock(sock);
	uint32_t ip;
	uint16_t port;
	int err = sockaddr_get_in(addr, addr_len, &ip, &port);

	charge(k, COST_INET_BIND, 0);
	if (err)
		return err;
	if (!may_bind_to(k->stack, ip))
		return -EADDRNOTAVAIL;
	if (sock->type == SOCK_RAW)
		return net_bind(so, ip, 0);
	if (port && port < PROT_SOCK && !inet_capable(k))
		return -EACCES;
	return net_bind(so, ip, port);
}

/* getpeername() (`peer` 1) of a stream that is closed or not yet connected has no peer, whatever
 * addresses the engine still holds; accept() (2) tells that of a connection that is over. */
int inet_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer) {
	struct net_sock *so = inet_net_sock(sock);
	struct net_sock_info info;

	if (peer == 1 && sock->type == SOCK_STREAM &&
	    (net_state(so) == TCP_CLOSE || net_state(so) == TCP_SYN_SENT))
		return -ENOTCONN;
	net_sock_get(so, &info);
	if (peer && !info.fport)
		return -ENOTCONN;
	if (peer)
		sockaddr_put_in(addr, addr_len, info.faddr, info.fport);
	else
		sockaddr_put_in(addr, addr_len, info.laddr, info.lport);
	return 0;
}

/* --- poll, ioctl, options ------------------------------------------------------------------------ */

unsigned inet_poll(struct file *file, struct socket *sock, struct poll_table *table) {
	struct inet_sock *is = inet_sk(sock->sk);
	unsigned mask;

	poll_wait(file, &sock->wait, table);
	mask = net_poll(is->so) | (is->sk.err ? POLLERR : 0U);
	if (sock->type != SOCK_STREAM && !(mask & POLLOUT)) /* datagram_poll() */
		sock->async_nospace = true;
	return mask;
}

static int stamp_ioctl(const struct inet_sock *is, struct timeval *tv) {
	if (is->stamp == SIM_NEVER)
		return -ENOENT;
	if (!tv)
		return -EFAULT;
	tv->tv_sec = is->stamp / SIM_S;
	tv->tv_usec = is->stamp % SIM_S / SIM_US;
	return 0;
}

static int queue_ioctl(struct socket *sock, unsigned long cmd, int *answer) {
	struct net_sock *so = inet_net_sock(sock);

	if (net_state(so) == TCP_LISTEN)
		return -EINVAL;
	if (!answer)
		return -EFAULT;
	if (cmd == SIOCINQ)
		*answer = net_readable(so);
	else if (cmd == SIOCOUTQ)
		*answer = net_unsent(so);
	else
		*answer = net_at_mark(so);
	return 0;
}

int inet_ioctl(struct socket *sock, unsigned long cmd, void *arg) {
	switch (cmd) {
	case SIOCATMARK:
		if (sock->type != SOCK_STREAM)
			return -EINVAL;
		return queue_ioctl(sock, cmd, arg);
	case SIOCINQ:
	case SIOCOUTQ:
		return queue_ioctl(sock, cmd, arg);
	case SIOCGSTAMP:
		return stamp_ioctl(inet_sk(sock->sk), arg);
	default:
		return dev_ioctl(sock->kernel, cmd, arg);
	}
}

static bool level_known(const struct socket *sock, int level) {
	return level == IPPROTO_IP || (level == IPPROTO_TCP && sock->type == SOCK_STREAM);
}

/* An unknown level is ENOPROTOOPT when set, EOPNOTSUPP when asked (net/ipv4/ip_sockglue.c). */
int inet_setsockopt(struct socket *sock, int level, int name, const void *val, int len) {
	int err;

	if (!level_known(sock, level))
		return -ENOPROTOOPT;
	if (len < 0 || (level == IPPROTO_TCP && len < (int)sizeof(int)))
		return -EINVAL;
	if (!val)
		return -EFAULT;
	inet_lock(inet_sk(sock->sk));
	err = net_setopt(inet_net_sock(sock), level, name, val, (socklen_t)len);
	inet_unlock(sock->kernel);
	return err;
}

int inet_getsockopt(struct socket *sock, int level, int name, void *val, int *len) {
	socklen_t size;
	int err;

	if (!level_known(sock, level))
		return -EOPNOTSUPP;
	if (!len)
		return -EFAULT;
	if (*len < 0)
		return -EINVAL;
	if (!val)
		return -EFAULT;
	size = (socklen_t)*len;
	err = net_getopt(inet_net_sock(sock), level, name, val, &size);
	if (!err)
		*len = (int)size;
	return err;
}

/* --- shutdown ------------------------------------------------------------------------------------ */

static bool connected(const struct inet_sock *is) {
	uint32_t ip;
	uint16_t port;

	return is->sk.type == SOCK_STREAM ? net_state(is->so) != TCP_CLOSE
	                                  : !net_peername(is->so, &ip, &port);
}

/* Listening or connecting: shutdown for reading ends it. */
static int shutdown_unfinished(struct socket *sock) {
	struct inet_sock *is = inet_sk(sock->sk);
	bool connecting = net_state(is->so) == TCP_SYN_SENT;
	int err = net_disconnect(is->so);

	sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	is->sk.acceptconn = false;
	if (connecting)
		is->sk.err = ECONNRESET;
	return err;
}

/* Unconnected sockets get -ENOTCONN, yet their sleepers wake and find the shutdown (the comment in
 * 2.4 calls it a hack for listeners and pollers). */
int inet_shutdown(struct socket *sock, int how) {
	struct inet_sock *is = inet_sk(sock->sk);
	unsigned bits = (unsigned)how + 1;
	int state = net_state(is->so), err = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	inet_lock(is);
	if (sock->state == SS_CONNECTING)
		sock->state = state == TCP_SYN_SENT || state == TCP_SYN_RECV || state == TCP_CLOSE
		                      ? SS_DISCONNECTING
		                      : SS_CONNECTED;
	if (state == TCP_SYN_SENT || (state == TCP_LISTEN && (bits & RCV_SHUTDOWN))) {
		err = shutdown_unfinished(sock);
	} else if (state != TCP_LISTEN) {
		bool was_connected = connected(is);

		is->sk.shutdown |= bits;
		err = net_shutdown(is->so, how);
		if (!was_connected)
			err = -ENOTCONN;
	}
	is->sk.state_change(&is->sk);
	inet_unlock(sock->kernel);
	return err;
}
