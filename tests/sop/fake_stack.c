/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake_stack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/dev/dev.h"

static struct fake_sock *fake_sk(const struct socket *sock) { return (struct fake_sock *)sock->sk; }

static void note(struct fake_stack *st, const char *fmt, ...) {
	va_list ap;

	if (st->log->len)
		g_string_append_c(st->log, ' ');
	va_start(ap, fmt);
	g_string_append_vprintf(st->log, fmt, ap);
	va_end(ap);
}

/* What the script says, 0: nothing. */
static int scripted(const struct fake_stack *st, int *answer) {
	int err = *answer;

	if (st->once)
		*answer = 0;
	return err;
}

/* --- ports ---------------------------------------------------------------------------------- */

static int users_of(const struct fake_stack *st, uint16_t port) {
	return GPOINTER_TO_INT(g_hash_table_lookup(st->ports, GINT_TO_POINTER(port)));
}

static void port_add(struct fake_stack *st, uint16_t port, int n) {
	g_hash_table_insert(st->ports, GINT_TO_POINTER(port),
	                    GINT_TO_POINTER(users_of(st, port) + n));
}

static void port_put(struct fake_sock *fs) {
	if (fs->port)
		port_add(fs->st, fs->port, -1);
	fs->port = 0;
}

static int port_get(struct fake_sock *fs, uint16_t port) {
	struct fake_stack *st = fs->st;

	fs->drawn = !port;
	while (fs->drawn && users_of(st, port = st->next_port))
		st->next_port++;
	if (fs->drawn)
		st->next_port++;
	else if (users_of(st, port) && !fs->sk.reuse)
		return -EADDRINUSE;
	fs->port = port;
	port_add(st, port, 1);
	return 0;
}

/* --- sockets -------------------------------------------------------------------------------- */

static const struct proto_ops fake_stream_ops, fake_dgram_ops;

static void option_changed(struct sock *sk, int name) {
	struct fake_stack *st = ((struct fake_sock *)sk)->st;

	note(st, "option:%d", name);
}

static struct fake_sock *attach(struct fake_stack *st, struct socket *sock, int protocol) {
	struct fake_sock *fs = g_new0(struct fake_sock, 1);

	sock_init_data(sock, &fs->sk, AF_INET, sock->type, protocol);
	sock->sk = &fs->sk;
	sock->ops = sock->type == SOCK_STREAM ? &fake_stream_ops : &fake_dgram_ops;
	fs->sk.option_changed = option_changed;
	fs->st = st;
	st->created++;
	g_ptr_array_add(st->socks, fs);
	return fs;
}

static int create_on(struct fake_stack *st, struct socket *sock, int protocol) {
	if (st->create_err)
		return st->create_err;
	if (sock->type != SOCK_STREAM && sock->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	note(st, "create");
	attach(st, sock, protocol);
	return 0;
}

static int fake_release(struct socket *sock) {
	struct fake_sock *fs = fake_sk(sock);

	if (!fs)
		return 0;
	note(fs->st, fs->sk.linger && !fs->sk.lingertime ? "reset" : "release");
	port_put(fs);
	fs->st->released++;
	g_ptr_array_remove(fs->st->socks, fs);
	sock->sk = NULL;
	g_free(fs);
	return 0;
}

static int fake_bind(struct socket *sock, const struct sockaddr *addr, int len) {
	struct fake_sock *fs = fake_sk(sock);
	struct fake_stack *st = fs->st;
	uint16_t port;
	int err = sockaddr_get_in(addr, len, &fs->addr, &port);

	note(st, "bind:%u", port);
	if (!err)
		err = scripted(st, &st->bind_err);
	if (!err && fs->port)
		err = -EINVAL;
	return err ? err : port_get(fs, port);
}

static int fake_listen(struct socket *sock, int backlog) {
	struct fake_sock *fs = fake_sk(sock);

	note(fs->st, "listen:%d", backlog);
	if (fs->st->listen_err)
		return fs->st->listen_err;
	fs->listening = true;
	return 0;
}

/* Sleeps until a condition that `ready` reads from the socket holds. */
static int fake_wait(struct socket *sock, bool (*ready)(struct fake_sock *fs), bool noblock) {
	struct kernel *k = sock->kernel;
	struct wait_entry entry;
	int err = 0;

	wait_entry_init(&entry, current_task(k));
	add_wait_queue_exclusive(&sock->wait, &entry);
	for (;;) {
		set_task_state(current_task(k), TASK_INTERRUPTIBLE);
		if (ready(fake_sk(sock)))
			break;
		err = noblock ? -EAGAIN : signal_pending(current_task(k)) ? -EINTR : 0;
		if (err)
			break;
		schedule(k);
	}
	set_task_state(current_task(k), TASK_RUNNING);
	remove_wait_queue(&sock->wait, &entry);
	return err;
}

static bool accept_ready(struct fake_sock *fs) {
	return fs->pending_conns || !fs->listening || fs->st->td.dead || fs->st->accept_err;
}

static int fake_accept(struct socket *sock, struct socket *newsock, int flags) {
	struct fake_sock *fs = fake_sk(sock), *child;
	int err = fake_wait(sock, accept_ready, flags & O_NONBLOCK);

	note(fs->st, "accept");
	if (!err)
		err = scripted(fs->st, &fs->st->accept_err);
	if (!err && fs->st->td.dead)
		err = -ENETDOWN;
	if (!err && !fs->listening)
		err = -EINVAL;
	if (err)
		return err;
	fs->pending_conns--;
	child = newsock->sk ? fake_sk(newsock) : attach(fs->st, newsock, fs->sk.protocol);
	child->connected = true;
	newsock->state = SS_CONNECTED;
	return 0;
}

static bool connect_ready(struct fake_sock *fs) { return !fs->connecting; }

static int fake_connect(struct socket *sock, const struct sockaddr *addr, int len, int flags) {
	struct fake_sock *fs = fake_sk(sock);
	uint16_t port;
	uint32_t ip;
	int err;

	if (addr->sa_family == AF_UNSPEC) {
		note(fs->st, "disconnect");
		fs->connected = fs->connecting = fs->listening = false;
		sock->state = SS_UNCONNECTED;
		return 0;
	}
	if (sock->state == SS_CONNECTED)
		return -EISCONN;
	err = sockaddr_get_in(addr, len, &ip, &port);
	if (err)
		return err;
	if (sock->state == SS_UNCONNECTED) {
		note(fs->st, "connect:%u", port);
		err = fs->st->connect_err;
		if (err && err != -EINPROGRESS)
			return err;
		if (!err || sock->type == SOCK_DGRAM) {
			fs->connected = true;
			sock->state = sock->type == SOCK_STREAM ? SS_CONNECTED : SS_UNCONNECTED;
			return 0;
		}
		fs->connecting = true;
		sock->state = SS_CONNECTING;
		if (flags & O_NONBLOCK)
			return -EINPROGRESS;
	}
	if (fs->connecting && flags & O_NONBLOCK)
		return -EALREADY;
	err = fake_wait(sock, connect_ready, false);
	if (err)
		return err;
	sock->state = fs->connected ? SS_CONNECTED : SS_UNCONNECTED;
	err = sock_error(&fs->sk);
	return fs->connected ? 0 : err ? err : -ECONNABORTED;
}

static int fake_getname(struct socket *sock, struct sockaddr *addr, int *len, int peer) {
	struct fake_sock *fs = fake_sk(sock);

	note(fs->st, "getname");
	if (fs->st->td.dead)
		return -ENETDOWN;
	if (peer && !fs->connected)
		return -ENOTCONN;
	sockaddr_put_in(addr, len,
	                peer            ? fs->st->addr + 1
	                : fs->connected ? fs->st->addr
	                                : fs->addr,
	                peer ? 9999 : fs->port);
	return 0;
}

static unsigned fake_poll(struct file *file, struct socket *sock, struct poll_table *table) {
	struct fake_sock *fs = fake_sk(sock);
	unsigned mask = fs->soft_err || fs->sk.err ? POLLERR : 0;

	poll_wait(file, &sock->wait, table);
	if (fs->listening)
		return mask | (fs->pending_conns ? POLLIN | POLLRDNORM : 0);
	if (fs->queued)
		mask |= POLLIN | POLLRDNORM;
	if (sock->type == SOCK_STREAM && !fs->connected && !fs->connecting)
		mask |= POLLHUP;
	return mask | (fs->connecting ? 0 : POLLOUT | POLLWRNORM);
}

static int fake_ioctl(struct socket *sock, unsigned long cmd, void *arg) {
	struct fake_sock *fs = fake_sk(sock);

	note(fs->st, "ioctl:%lx", cmd);
	if (cmd == SIOCINQ)
		*(int *)arg = fs->queued * 10;
	else if (cmd == SIOCOUTQ)
		*(int *)arg = 7;
	else if (cmd != SIOCGSTAMP && cmd != SIOCATMARK)
		return -EINVAL;
	return 0;
}

static int fake_shutdown(struct socket *sock, int how) {
	struct fake_sock *fs = fake_sk(sock);

	note(fs->st, "shutdown:%d", how);
	if (fs->listening && how == SHUT_WR)
		return 0;
	if (!fs->listening && !fs->connected) {
		fs->sk.shutdown |= (unsigned)how + 1;
		return fs->st->shutdown_err ? fs->st->shutdown_err : -ENOTCONN;
	}
	fs->listening = false;
	fs->sk.state_change(&fs->sk);
	return fs->st->shutdown_err;
}

static int fake_setsockopt(struct socket *sock, int level, int name, const void *val, int len) {
	struct fake_stack *st = fake_sk(sock)->st;

	(void)val;
	(void)len;
	note(st, "set:%d.%d", level, name);
	return st->setsockopt_err;
}

static int fake_getsockopt(struct socket *sock, int level, int name, void *val, int *len) {
	(void)level;
	note(fake_sk(sock)->st, "get:%d", name);
	*(int *)val = (int)fake_sk(sock)->st->addr;
	*len = 4;
	return 0;
}

static ssize_t fake_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	struct fake_sock *fs = fake_sk(sock);

	note(fs->st, "send");
	if (fs->st->send_err)
		return fs->st->send_err;
	if (sock->type == SOCK_STREAM && !fs->connected)
		return -EPIPE;
	if (sock->type == SOCK_DGRAM && !fs->connected && !msg->msg_name)
		return -EDESTADDRREQ;
	return (ssize_t)len;
}

static bool recv_ready(struct fake_sock *fs) { return fs->queued || fs->soft_err; }

/* Writes a name even when it fails, as a careless stack might. */
static ssize_t fake_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	struct fake_sock *fs = fake_sk(sock);
	int err = fake_wait(sock, recv_ready, flags & MSG_DONTWAIT), n = sizeof(struct sockaddr_in);

	note(fs->st, "recv");
	if (msg->msg_name)
		sockaddr_put_in(msg->msg_name, &n, fs->st->addr + 1, 9999);
	msg->msg_namelen = fs->queued ? (socklen_t)n : 77;
	if (fs->queued) {
		iov_scatter(msg->msg_iov, msg->msg_iovlen, 0, fs->st->td.name, MIN(len, 4));
		fs->queued -= !(flags & MSG_PEEK);
		return (ssize_t)MIN(len, 4);
	}
	if (fs->soft_err) {
		err = -fs->soft_err;
		fs->soft_err = 0;
	}
	return err;
}

#define FAKE_OPS(accept_op, listen_op)                                                             \
	{                                                                                          \
		.family = PF_INET, .release = fake_release, .bind = fake_bind,                     \
		.connect = fake_connect, .socketpair = sock_no_socketpair, .accept = (accept_op),   \
		.getname = fake_getname, .poll = fake_poll, .ioctl = fake_ioctl,                   \
		.listen = (listen_op), .shutdown = fake_shutdown, .setsockopt = fake_setsockopt,     \
		.getsockopt = fake_getsockopt, .sendmsg = fake_sendmsg, .recvmsg = fake_recvmsg,   \
		.mmap = sock_no_mmap, .sendpage = sock_no_sendpage,                                \
	}
static const struct proto_ops fake_stream_ops = FAKE_OPS(fake_accept, fake_listen);
static const struct proto_ops fake_dgram_ops = FAKE_OPS(sock_no_accept, sock_no_listen);

/* --- as a device ---------------------------------------------------------------------------- */

static struct fake_stack *of(struct toedev *td) { return td->priv; }

static int td_create(struct toedev *td, struct socket *sock, int protocol) {
	return td->dead ? -ENETDOWN : create_on(of(td), sock, protocol);
}
static bool td_owns(struct toedev *td, uint32_t addr) { return addr == of(td)->addr; }
static bool td_on_link(struct toedev *td, uint32_t addr) {
	return (addr & 0xffffff00U) == of(td)->net;
}
static int td_route(struct toedev *td, uint32_t dst) {
	return td->dead ? -1 : td_on_link(td, dst) ? 24 : of(td)->default_route ? 0 : -1;
}
static bool td_is_broadcast(struct toedev *td, uint32_t addr) {
	return addr == (of(td)->net | 0xff);
}
static uint32_t td_generation(struct toedev *td) { return of(td)->generation; }

static int td_ioctl(struct toedev *td, unsigned long cmd, void *arg) {
	if (cmd == SIOCGIFINDEX)
		return 0; /* asked by SOP itself, of no interest */
	note(of(td), "dev:%lx", cmd);
	if (cmd == SIOCGIFCONF) {
		struct ifconf *conf = arg;
		int room = conf->ifc_buf ? conf->ifc_len : (int)sizeof(struct ifreq);

		conf->ifc_len = 0;
		if (room >= (int)sizeof(struct ifreq)) {
			conf->ifc_len = sizeof(struct ifreq);
			if (conf->ifc_buf)
				g_strlcpy(conf->ifc_req->ifr_name, td->name, IFNAMSIZ);
		}
	}
	return 0;
}

static const struct toedev_ops fake_toedev_ops = {
	.create = td_create,
	.accepts_into_made = true,
	.owns_addr = td_owns,
	.route = td_route,
	.is_broadcast = td_is_broadcast,
	.on_link = td_on_link,
	.ioctl = td_ioctl,
	.generation = td_generation,
};

/* --- life ----------------------------------------------------------------------------------- */

static struct fake_stack *the_inet; /* net_proto_family has no room for an owner */

static int inet_family_create(struct kernel *k, struct socket *sock, int protocol) {
	(void)k;
	return create_on(the_inet, sock, protocol);
}

static const struct net_proto_family fake_family = {.family = PF_INET,
                                                    .create = inet_family_create};

static struct fake_stack *fake_new(struct kernel *k, const char *name, uint32_t addr) {
	struct fake_stack *st = g_new0(struct fake_stack, 1);

	g_strlcpy(st->td.name, name, sizeof st->td.name);
	st->td.ops = &fake_toedev_ops;
	st->td.priv = st;
	st->k = k;
	st->addr = addr;
	st->net = addr & 0xffffff00U;
	st->log = g_string_new(NULL);
	st->ports = g_hash_table_new(NULL, NULL);
	st->socks = g_ptr_array_new();
	st->next_port = 1024;
	return st;
}

struct fake_stack *fake_inet_new(struct kernel *k, uint32_t addr) {
	static struct toedev_ops ops;

	the_inet = fake_new(k, "inet", addr);
	ops = *toedev_host(k)->ops; /* addresses and routes are the real one's */
	ops.create = td_create;
	the_inet->td.ops = &ops;
	register_toedev_host(k, &the_inet->td);
	sock_unregister(k, PF_INET);
	sock_register(k, &fake_family);
	return the_inet;
}

struct fake_stack *fake_card_new(struct kernel *k, const char *name, uint32_t addr) {
	return fake_new(k, name, addr);
}

void fake_free(struct fake_stack *st) {
	g_string_free(st->log, TRUE);
	g_hash_table_destroy(st->ports);
	g_ptr_array_free(st->socks, TRUE);
	g_free(st);
}

const char *fake_log(struct fake_stack *st) {
	static char last[4096];

	g_strlcpy(last, st->log->str, sizeof last);
	g_string_truncate(st->log, 0);
	return last;
}

struct fake_sock *fake_find(struct fake_stack *st, uint16_t port) {
	struct fake_sock *found = NULL;

	for (guint i = 0; i < st->socks->len; i++) {
		struct fake_sock *fs = g_ptr_array_index(st->socks, i);

		if (fs->port == port && (!found || fs->listening))
			found = fs;
	}
	return found;
}

unsigned fake_live(const struct fake_stack *st) { return st->socks->len; }

void fake_connections(struct fake_stack *st, uint16_t port, int n) {
	struct fake_sock *fs = fake_find(st, port);

	g_assert(fs);
	fs->pending_conns += n;
	while (n-- > 0)
		fs->sk.data_ready(&fs->sk);
}

void fake_datagrams(struct fake_stack *st, uint16_t port, int n) {
	struct fake_sock *fs = fake_find(st, port);

	g_assert(fs);
	fs->queued += n;
	fs->sk.data_ready(&fs->sk);
}

void fake_error(struct fake_stack *st, uint16_t port, int err) {
	struct fake_sock *fs = fake_find(st, port);

	g_assert(fs);
	fs->soft_err = err;
	fs->sk.error_report(&fs->sk);
}

void fake_connected(struct fake_stack *st, uint16_t port, int err) {
	struct fake_sock *fs = fake_find(st, port);

	g_assert(fs);
	fs->connecting = false;
	fs->connected = !err;
	fs->sk.err = err;
	if (err && fs->drawn)
		port_put(fs); /* as tcp_set_state(TCP_CLOSE) */
	fs->sk.state_change(&fs->sk);
}
