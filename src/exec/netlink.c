/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sockets of rtnetlink, after net/netlink/af_netlink.c of Linux 2.4: a request is answered at once, and
 * the answer's datagrams wait in the socket.  As there, who asks without reading what comes loses it.
 */
#include "exec/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#include "exec/log.h"
#include "exec/thread.h"

#define REQUEST_MOST 65536U
#define QUEUE_MOST (256U << 10) /* bytes of answers that wait */

struct netlink_sock {
	struct sock sk; /* first */
	uint32_t port;  /* 0: none yet */
	GQueue waiting; /* GBytes: datagrams, the oldest first */
	size_t queued;  /* their bytes */
};

/* All of one world, for whose programs ports are unique on each machine. */
static struct exec *owner;
static GSList *socks;

static struct netlink_sock *netlink_sk(const struct socket *sock) {
	return (struct netlink_sock *)sock->sk;
}

/* --- names ---------------------------------------------------------------------------------------- */

static bool port_is_taken(const struct socket *sock, uint32_t port) {
	for (const GSList *link = socks; link; link = link->next) {
		const struct netlink_sock *other = link->data;

		if (other->port == port && other->sk.socket->kernel == sock->kernel)
			return true;
	}
	return false;
}

/* The process's number; if that is taken, one that no process has (netlink_autobind() of 2.4). */
static void autobind(struct socket *sock) {
	struct netlink_sock *nl = netlink_sk(sock);
	uint32_t port = (uint32_t)task_group(current_task(sock->kernel));

	if (nl->port)
		return;
	for (uint32_t next = (uint32_t)-4097; port_is_taken(sock, port); next--)
		port = next;
	nl->port = port;
}

static int netlink_name(const struct sockaddr *addr, int len, struct sockaddr_nl *name) {
	if (len < (int)sizeof *name)
		return -EINVAL;
	memcpy(name, addr, sizeof *name);
	return name->nl_family == AF_NETLINK ? 0 : -EINVAL;
}

static int netlink_bind(struct socket *sock, const struct sockaddr *addr, int addr_len) {
	struct netlink_sock *nl = netlink_sk(sock);
	struct sockaddr_nl name;
	int err = netlink_name(addr, addr_len, &name);

	if (err)
		return err;
	if (name.nl_pid && nl->port && nl->port != name.nl_pid)
		return -EINVAL;
	if (name.nl_pid && !nl->port) {
		if (port_is_taken(sock, name.nl_pid))
			return -EADDRINUSE;
		nl->port = name.nl_pid;
	}
	autobind(sock);
	return 0;
}

/* To the kernel alone. */
static int netlink_connect(struct socket *sock, const struct sockaddr *addr, int addr_len,
                           int flags) {
	struct sockaddr_nl name;
	int err = netlink_name(addr, addr_len, &name);

	(void)flags;
	if (err)
		return err;
	autobind(sock);
	return name.nl_pid ? -ECONNREFUSED : 0;
}

static int netlink_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer) {
	struct sockaddr_nl name = {.nl_family = AF_NETLINK,
	                           .nl_pid = peer ? 0 : netlink_sk(sock)->port};

	memcpy(addr, &name, sizeof name);
	*addr_len = sizeof name;
	return 0;
}

/* --- asking and answers --------------------------------------------------------------------------- */

static void queue_reply(void *arg, const void *datagram, size_t len) {
	struct netlink_sock *nl = arg;

	g_queue_push_tail(&nl->waiting, g_bytes_new(datagram, len));
	nl->queued += len;
	nl->sk.data_ready(&nl->sk);
}

static void answer(struct socket *sock, const struct nlmsghdr *request) {
	struct netlink_sock *nl = netlink_sk(sock);
	g_autofree char *what = NULL;

	/* Messages of netlink's own need no answer. */
	if (!(request->nlmsg_flags & NLM_F_REQUEST) || request->nlmsg_type < NLMSG_MIN_TYPE ||
	    owner->netlink(sock->kernel, request, nl->port, queue_reply, nl))
		return;
	what = g_strdup_printf("netlink request %u", request->nlmsg_type);
	log_refused(thread_of(current_task(sock->kernel)), what);
}

static ssize_t netlink_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	g_autofree char *bytes = NULL;
	const struct nlmsghdr *request;
	struct sockaddr_nl name;
	size_t left = len;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (msg->msg_name) {
		int err = netlink_name(msg->msg_name, (int)msg->msg_namelen, &name);
		if (err)
			return err;
		if (name.nl_pid)
			return -ECONNREFUSED;
	}
	if (len > REQUEST_MOST)
		return -EMSGSIZE;
	if (netlink_sk(sock)->queued > QUEUE_MOST)
		return -ENOBUFS;
	autobind(sock);
	bytes = g_malloc(len + 1);
	iov_gather(bytes, msg->msg_iov, msg->msg_iovlen, 0, len);
	for (request = (const struct nlmsghdr *)bytes; NLMSG_OK(request, left);
	     request = NLMSG_NEXT(request, left)) {
		answer(sock, request);
		if (NLMSG_ALIGN(request->nlmsg_len) > left)
			break;
	}
	return (ssize_t)len;
}

/* A datagram; what of it does not fit is lost. */
static ssize_t netlink_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	struct netlink_sock *nl = netlink_sk(sock);
	sim_time timeo = sock_rcvtimeo(&nl->sk, flags & MSG_DONTWAIT);
	GBytes *datagram;
	const void *bytes;
	size_t size;
	int err, name_len;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = wait_event_interruptible_timeout(sock->kernel, &sock->wait, false,
	                                       !g_queue_is_empty(&nl->waiting), &timeo);
	if (err)
		return err;
	datagram = g_queue_peek_head(&nl->waiting);
	bytes = g_bytes_get_data(datagram, &size);
	iov_scatter(msg->msg_iov, msg->msg_iovlen, 0, bytes, MIN(size, len));
	netlink_getname(sock, msg->msg_name, &name_len, 1);
	msg->msg_namelen = (socklen_t)name_len;
	msg->msg_controllen = 0;
	if (size > len)
		msg->msg_flags |= MSG_TRUNC;
	if (!(flags & MSG_PEEK)) {
		nl->queued -= size;
		g_bytes_unref(g_queue_pop_head(&nl->waiting));
	}
	return (ssize_t)(flags & MSG_TRUNC ? size : MIN(size, len));
}

static unsigned netlink_poll(struct file *file, struct socket *sock, struct poll_table *table) {
	poll_wait(file, &sock->wait, table);
	return POLLOUT | POLLWRNORM |
	       (g_queue_is_empty(&netlink_sk(sock)->waiting) ? 0U : POLLIN | POLLRDNORM);
}

/* --- the rest ---------------------------------------------------------------------------------------- */

static int netlink_release(struct socket *sock) {
	struct netlink_sock *nl = netlink_sk(sock);

	socks = g_slist_remove(socks, nl);
	g_queue_clear_full(&nl->waiting, (GDestroyNotify)g_bytes_unref);
	sock->sk = NULL;
	g_free(nl);
	return 0;
}

static const struct proto_ops netlink_ops = {
	.family = AF_NETLINK,
	.release = netlink_release,
	.bind = netlink_bind,
	.connect = netlink_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = netlink_getname,
	.poll = netlink_poll,
	.ioctl = sock_no_ioctl,
	.listen = sock_no_listen,
	.shutdown = sock_no_shutdown,
	.setsockopt = sock_no_setsockopt, /* the first option came with 2.6 */
	.getsockopt = sock_no_getsockopt,
	.sendmsg = netlink_sendmsg,
	.recvmsg = netlink_recvmsg,
	.mmap = sock_no_mmap,
	.sendpage = sock_no_sendpage,
};

/* Programs of scenarios have none, as they have no epoll. */
static int netlink_create(struct kernel *k, struct socket *sock, int protocol) {
	struct netlink_sock *nl;

	if (!task_has_epoll(current_task(k)))
		return -EAFNOSUPPORT;
	if (sock->type != SOCK_RAW && sock->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != NETLINK_ROUTE)
		return -EPROTONOSUPPORT;
	nl = g_new0(struct netlink_sock, 1);
	g_queue_init(&nl->waiting);
	sock->ops = &netlink_ops;
	sock_init_data(sock, &nl->sk, AF_NETLINK, sock->type, protocol);
	socks = g_slist_prepend(socks, nl);
	return 0;
}

void netlink_register(struct exec *exec, struct kernel *k) {
	static const struct net_proto_family family = {.family = PF_NETLINK,
	                                               .create = netlink_create};

	owner = exec;
	if (exec->netlink)
		sock_register(k, &family);
}
