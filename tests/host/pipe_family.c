/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipe_family.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

struct pipe_log pipe_log;

static const struct proto_ops pipe_ops;

static void option_changed(struct sock *sk, int name) {
	(void)sk;
	pipe_log.last_option_changed = name;
}

static struct pipe_sock *pipe_new(struct socket *sock) {
	struct pipe_sock *ps = g_new0(struct pipe_sock, 1);

	sock_init_data(sock, &ps->sk, PF_PIPE, SOCK_STREAM, 0);
	ps->sk.option_changed = option_changed;
	ps->data = g_byte_array_new();
	pipe_log.created++;
	return ps;
}

static void pipe_free(struct pipe_sock *ps) {
	if (ps->peer) {
		ps->peer->peer = NULL;
		ps->peer->peer_closed = true;
		ps->peer->sk.state_change(&ps->peer->sk);
	}
	if (ps->port && g_hash_table_lookup(pipe_log.bound, GINT_TO_POINTER(ps->port)) == ps)
		g_hash_table_remove(pipe_log.bound, GINT_TO_POINTER(ps->port));
	g_queue_clear_full(&ps->pending, (GDestroyNotify)pipe_free);
	g_byte_array_unref(ps->data);
	g_free(ps);
}

static int pipe_create(struct kernel *k, struct socket *sock, int protocol) {
	(void)k;
	if (protocol)
		return -EPROTONOSUPPORT;
	pipe_new(sock);
	sock->ops = &pipe_ops;
	return 0;
}

static int pipe_release(struct socket *sock) {
	pipe_log.released++;
	if (!sock->sk) {
		pipe_log.released_without_sk++;
		return 0;
	}
	pipe_free(pipe_sk(sock));
	sock->sk = NULL;
	return 0;
}

static int pipe_bind(struct socket *sock, const struct sockaddr *addr, int addr_len) {
	uint32_t ip;
	uint16_t port;
	int err;

	pipe_log.last_addr_len = addr_len;
	err = sockaddr_get_in(addr, addr_len, &ip, &port);
	if (err < 0)
		return err;
	if (g_hash_table_contains(pipe_log.bound, GINT_TO_POINTER(port)))
		return -EADDRINUSE;
	g_hash_table_insert(pipe_log.bound, GINT_TO_POINTER(port), sock->sk);
	pipe_sk(sock)->port = port;
	return 0;
}

static int pipe_listen(struct socket *sock, int backlog) {
	pipe_sk(sock)->backlog = backlog;
	sock->sk->acceptconn = true;
	pipe_log.last_backlog = backlog;
	return 0;
}

static int pipe_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags) {
	struct pipe_sock *listener, *child;
	uint32_t ip;
	uint16_t port;
	int err = sockaddr_get_in(addr, addr_len, &ip, &port);

	pipe_log.last_flags = flags;
	if (err < 0)
		return err;
	listener = g_hash_table_lookup(pipe_log.bound, GINT_TO_POINTER(port));
	if (!listener || !listener->sk.acceptconn)
		return -ECONNREFUSED;
	child = pipe_new(NULL);
	child->peer = pipe_sk(sock);
	child->peer_port = pipe_sk(sock)->port;
	pipe_sk(sock)->peer = child;
	pipe_sk(sock)->peer_port = port;
	sock->state = SS_CONNECTED;
	g_queue_push_tail(&listener->pending, child);
	listener->sk.data_ready(&listener->sk);
	return 0;
}

static int pipe_socketpair(struct socket *a, struct socket *b) {
	pipe_sk(a)->peer = pipe_sk(b);
	pipe_sk(b)->peer = pipe_sk(a);
	a->state = b->state = SS_CONNECTED;
	return 0;
}

/* Sleeps on the socket until `ready`, its time-out, or a signal. */
static int pipe_wait(struct socket *sock, bool (*ready)(const struct pipe_sock *), sim_time timeo) {
	struct task *me = current_task(sock->kernel);
	struct wait_entry entry;
	int ret = 0;

	wait_entry_init(&entry, me);
	add_wait_queue(&sock->wait, &entry);
	for (;;) {
		set_task_state(me, TASK_INTERRUPTIBLE);
		if (ready(pipe_sk(sock)))
			break;
		ret = timeo == 0 ? -EAGAIN : signal_pending(me) ? sock_intr_errno(timeo) : 0;
		if (ret < 0)
			break;
		timeo = schedule_timeout(sock->kernel, timeo);
	}
	set_task_state(me, TASK_RUNNING);
	remove_wait_queue(&sock->wait, &entry);
	return ret;
}

static bool can_accept(const struct pipe_sock *ps) { return ps->pending.length > 0; }
static bool can_read(const struct pipe_sock *ps) { return ps->data->len > 0 || ps->peer_closed; }
static bool can_write(const struct pipe_sock *ps) {
	return !ps->peer || ps->peer->data->len < PIPE_ROOM;
}

static int pipe_accept(struct socket *sock, struct socket *newsock, int flags) {
	struct pipe_sock *child;
	int err;

	pipe_log.last_flags = flags;
	if (pipe_log.accept_error)
		return pipe_log.accept_error;
	err = pipe_wait(sock, can_accept, sock_rcvtimeo(sock->sk, flags & O_NONBLOCK));
	if (err < 0)
		return err;
	child = g_queue_pop_head(&pipe_sk(sock)->pending);
	child->sk.socket = newsock;
	newsock->sk = &child->sk;
	newsock->state = SS_CONNECTED;
	return 0;
}

static int pipe_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer) {
	const struct pipe_sock *ps = pipe_sk(sock);

	if (pipe_log.getname_error)
		return pipe_log.getname_error;
	if (peer == 1 && !ps->peer)
		return -ENOTCONN;
	sockaddr_put_in(addr, addr_len, INADDR_LOOPBACK, peer ? ps->peer_port : ps->port);
	return 0;
}

static unsigned pipe_poll(struct file *file, struct socket *sock, struct poll_table *table) {
	const struct pipe_sock *ps = pipe_sk(sock);

	poll_wait(file, &sock->wait, table);
	if (sock->sk->acceptconn)
		return can_accept(ps) ? POLLIN | POLLRDNORM : 0;
	return (can_read(ps) ? POLLIN | POLLRDNORM : 0U) | (ps->peer_closed ? POLLHUP : 0U) |
	       (can_write(ps) ? POLLOUT | POLLWRNORM : 0U) | (sock->sk->err ? POLLERR : 0U);
}

static int pipe_ioctl(struct socket *sock, unsigned long cmd, void *arg) {
	if (cmd != FIONREAD)
		return -EINVAL;
	*(int *)arg = (int)pipe_sk(sock)->data->len;
	return 0;
}

static int pipe_shutdown(struct socket *sock, int how) {
	if (how < 0 || how > 2)
		return -EINVAL;
	if (!pipe_sk(sock)->peer)
		return -ENOTCONN;
	pipe_sk(sock)->peer->peer_closed = true;
	pipe_sk(sock)->peer->sk.state_change(&pipe_sk(sock)->peer->sk);
	return 0;
}

static int pipe_setsockopt(struct socket *sock, int level, int name, const void *val, int len) {
	(void)sock;
	(void)level;
	(void)name;
	(void)val;
	(void)len;
	pipe_log.option_calls++;
	return -ENOPROTOOPT;
}

static int pipe_getsockopt(struct socket *sock, int level, int name, void *val, int *len) {
	(void)sock;
	(void)level;
	(void)name;
	(void)val;
	(void)len;
	pipe_log.option_calls++;
	return -EOPNOTSUPP;
}

static ssize_t pipe_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	struct pipe_sock *ps = pipe_sk(sock);
	size_t done = 0;

	pipe_log.last_flags = msg->msg_flags;
	while (done < len) {
		int err = pipe_wait(sock, can_write,
		                    sock_sndtimeo(&ps->sk, msg->msg_flags & MSG_DONTWAIT));
		if (err == -EAGAIN)
			sock->async_nospace = true;
		if (err < 0)
			return done ? (ssize_t)done : err;
		if (!ps->peer)
			return done ? (ssize_t)done : -EPIPE;
		unsigned have = ps->peer->data->len;
		size_t part = MIN(len - done, PIPE_ROOM - have);
		g_byte_array_set_size(ps->peer->data, have + (unsigned)part);
		iov_gather(ps->peer->data->data + have, msg->msg_iov, msg->msg_iovlen, done, part);
		done += part;
		ps->peer->sk.data_ready(&ps->peer->sk);
	}
	return (ssize_t)done;
}

static ssize_t pipe_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	struct pipe_sock *ps = pipe_sk(sock);
	int err;

	pipe_log.last_flags = flags;
	err = pipe_wait(sock, can_read, sock_rcvtimeo(&ps->sk, flags & MSG_DONTWAIT));
	if (err < 0)
		return err;
	len = MIN(len, ps->data->len);
	iov_scatter(msg->msg_iov, msg->msg_iovlen, 0, ps->data->data, len);
	if (msg->msg_name) {
		int name_len;
		sockaddr_put_in(msg->msg_name, &name_len, INADDR_LOOPBACK, ps->peer_port);
		msg->msg_namelen = (socklen_t)name_len;
	}
	if (!(flags & MSG_PEEK) && len)
		g_byte_array_remove_range(ps->data, 0, (unsigned)len);
	if (ps->peer)
		ps->peer->sk.write_space(&ps->peer->sk);
	return (ssize_t)len;
}

static ssize_t pipe_sendpage(struct socket *sock, const void *page, size_t size, int flags) {
	pipe_log.more_pages += (flags & MSG_MORE) != 0;
	return sock_no_sendpage(sock, page, size, flags & ~MSG_MORE);
}

static const struct proto_ops pipe_ops = {
	.family = PF_PIPE,
	.release = pipe_release,
	.bind = pipe_bind,
	.connect = pipe_connect,
	.socketpair = pipe_socketpair,
	.accept = pipe_accept,
	.getname = pipe_getname,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.listen = pipe_listen,
	.shutdown = pipe_shutdown,
	.setsockopt = pipe_setsockopt,
	.getsockopt = pipe_getsockopt,
	.sendmsg = pipe_sendmsg,
	.recvmsg = pipe_recvmsg,
	.mmap = sock_no_mmap,
	.sendpage = pipe_sendpage,
};

static const struct net_proto_family pipe_family = {.family = PF_PIPE, .create = pipe_create};

void pipe_family_init(struct kernel *k) {
	pipe_log = (struct pipe_log){.bound = g_hash_table_new(NULL, NULL)};
	sock_register(k, &pipe_family);
}

void pipe_family_exit(void) {
	g_hash_table_destroy(pipe_log.bound);
	pipe_log.bound = NULL;
}
