/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine under a random sequence: NIC and up to two cards, a counterpart on each net that
 * answers (port 7), answers and resets (port 8) and calls in, three processes.
 */
#include "random_ops.h"

#include <inttypes.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include "host/core.h"
#include "machine_world.h"
#include "toe/driver.h"

#define SLOTS 6      /* descriptors that a process works with */
#define PROCESSES 3
#define PORTS 2      /* 80 ... : those that processes bind and counterparts call */
#define POKE (300 * SIM_MS)
#define END (3000 * SIM_S)

struct actor {
	unsigned nr;
	int fd[SLOTS];
	unsigned next_op;
};

static struct {
	const struct random_sequence *seq;
	const bool *keep;
	uint64_t digest, calls;
	unsigned started, poked;
	bool forked;
	struct task *task[PROCESSES]; /* NULL: not there */
	struct actor actor[PROCESSES];
	struct peer_sock server[NETS][3]; /* echo stream, rude stream, echo datagrams */
} r;

#define WRONG(...)                                                                                 \
	do {                                                                                           \
		printf("at %" PRId64 " us: ", sim_now(m.sim) / SIM_US);                                    \
		printf(__VA_ARGS__);                                                                       \
		printf("\n");                                                                              \
		fflush(stdout);                                                                            \
		_exit(1);                                                                                  \
	} while (0)

static void note(uint64_t value) {
	for (unsigned i = 0; i < 64; i += 8)
		r.digest = (r.digest ^ (value >> i & 0xff)) * UINT64_C(0x100000001b3);
}

/* --- counterparts ----------------------------------------------------------------------------- */

struct partner {
	struct peer_sock ps; /* first */
	unsigned net;
	bool rude; /* resets after the first data */
};

static void partner_gone(struct partner *p, bool abort) {
	peer_close(m.peer[p->net], &p->ps, abort);
	g_free(p);
}

static void partner_event(struct peer_sock *ps, unsigned events) {
	struct partner *p = (struct partner *)ps;
	char buf[2048];
	ssize_t n;

	for (;;) {
		struct iovec iov = {buf, sizeof buf};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(ps->so, &msg);
		if (n <= 0)
			break;
		iov.iov_len = (size_t)n;
		net_send(ps->so, &msg);
		if (p->rude) {
			partner_gone(p, true);
			return;
		}
	}
	if (n == 0 || n != -EAGAIN || events & (NET_EV_ERROR | NET_EV_CLOSED))
		partner_gone(p, false);
}

static struct partner *partner_new(unsigned net, bool rude) {
	struct partner *p = g_new0(struct partner, 1);

	p->ps.event = partner_event;
	p->net = net;
	p->rude = rude;
	return p;
}

static void serve(struct peer_sock *ps, unsigned events) {
	unsigned at = (unsigned)(ps - &r.server[0][0]), net = at / 3;

	(void)events;
	for (;;) {
		struct partner *p = partner_new(net, at % 3 == 1);

		if (peer_accept(m.peer[net], ps, &p->ps) == 0)
			continue;
		g_free(p);
		return;
	}
}

static void call_in(void *arg) {
	static const char hello[100];
	struct partner *p = arg;
	uint16_t port = (uint16_t)(80 + p->net / NETS);
	struct iovec iov = {(void *)hello, sizeof hello};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	p->net %= NETS;
	if (peer_open(m.peer[p->net], SOCK_STREAM, &p->ps))
		WRONG("a counterpart has no socket");
	if (net_connect(p->ps.so, own_addr(p->net), port) == -EINPROGRESS)
		net_send(p->ps.so, &msg);
	else
		partner_gone(p, true);
}

static void send_datagram(void *arg) {
	unsigned net = GPOINTER_TO_UINT(arg) % NETS;
	struct iovec iov = {"datagram", 8};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = own_addr(net),
	                      .port = (uint16_t)(80 + GPOINTER_TO_UINT(arg) / NETS)};

	net_send(r.server[net][2].so, &msg);
}

static void counterparts(void) {
	for (unsigned net = 0; net < NETS; net++) {
		r.server[net][0].event = r.server[net][1].event = serve;
		r.server[net][2].event = peer_echo;
		peer_bound(net, SOCK_STREAM, &r.server[net][0], 7);
		peer_bound(net, SOCK_STREAM, &r.server[net][1], 8);
		peer_bound(net, SOCK_DGRAM, &r.server[net][2], 7);
	}
}

/* --- faults ----------------------------------------------------------------------------------- */

static void fault(void *arg) {
	unsigned what = GPOINTER_TO_UINT(arg), n = 1 + what % 2;

	if (!m.toe[n])
		return;
	switch (what / 2 % 5) {
	case 0:
		toe_fail(m.toe[n]);
		return;
	case 1:
		if (!m.toe[n]->td.dead)
			toe_remove(m.toe[n]);
		return;
	case 2:
		toe_slow(m.toe[n], 1e5); /* slower than the driver's patience */
		return;
	default:
		toe_slow(m.toe[n], 100);
		return;
	}
}

static void plug(void *arg) {
	unsigned n = GPOINTER_TO_UINT(arg);

	if (m.toe[n])
		return;
	m.card.kind = r.seq->setup.card_kind[n];
	machine_plug_card(n);
	toe_set_cost(m.toe[n], "command", (struct cost_value){8 * SIM_US, 0});
}

static int reload(void) {
	int err = module_unload(m.k, "sop");

	return err ? err : module_load(m.k, m.module);
}

/* --- calls ------------------------------------------------------------------------------------ */

/* What a call of ours may say: an errno from elsewhere shows a leak between layers. */
static bool is_known(long result) {
	static const int known[] = {
		EAGAIN, EINTR, EINVAL, EBADF, EMFILE, EACCES, EADDRINUSE, EADDRNOTAVAIL, ECONNREFUSED,
		ECONNRESET, ECONNABORTED, ENETDOWN, ENETUNREACH, EHOSTUNREACH, ENOTCONN, EISCONN, EALREADY,
		EINPROGRESS, EPIPE, EDESTADDRREQ, EMSGSIZE, EOPNOTSUPP, ENOPROTOOPT, ENOBUFS, ETIMEDOUT,
		EBUSY, ENOENT, EFAULT, ENODEV, EEXIST, ESRCH};

	if (result >= 0)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i] == -result)
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
static int pick(struct task *me, const struct actor *a, const struct random_op *op) {
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

static void put(struct task *me, struct actor *a, uint32_t n, int fd) {
	if (fd < 0)
		return;
	if (a->fd[n % SLOTS] >= 0)
		sys_close(me, a->fd[n % SLOTS]);
	a->fd[n % SLOTS] = fd;
}

static struct sockaddr_in some_local(const struct random_op *op) {
	static const uint32_t addrs[] = {INADDR_ANY, INADDR_ANY, INADDR_ANY, 0x0a000001, 0x0a000101,
	                                 0x0a000201, 0x7f000001, 0x0a090909, 0xe0000005, 0x0a0001ff};

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

static long do_poll(struct task *me, const struct actor *a, const struct random_op *op) {
	struct pollfd fds[SLOTS];
	unsigned n = 0;
	int ready;

	for (unsigned i = 0; i < SLOTS; i++)
		if (a->fd[i] >= 0 && op->a >> i & 1)
			fds[n++] = (struct pollfd){.fd = a->fd[i], .events = (short)(op->b & (POLLIN | POLLOUT))};
	ready = sys_poll(me, fds, n, (int)(op->c % 3) * 50);
	for (unsigned i = 0; i < n && ready >= 0; i++)
		note((uint64_t)(unsigned short)fds[i].revents);
	return ready;
}

static long do_names(struct task *me, int fd, const struct random_op *op) {
	struct sockaddr_in sin;
	int len = sizeof sin, err;

	err = op->b % 2 ? sys_getsockname(me, fd, (struct sockaddr *)&sin, &len)
	                : sys_getpeername(me, fd, (struct sockaddr *)&sin, &len);
	if (!err)
		note((uint64_t)sin.sin_addr.s_addr << 16 | sin.sin_port);
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
	note((uint64_t)(uint32_t)val);
	return err;
}

static long do_ioctl(struct task *me, int fd, const struct random_op *op) {
	static const unsigned long cmds[] = {SIOCINQ, SIOCOUTQ, SIOCATMARK};
	struct ifreq list[8];
	struct ifconf conf = {.ifc_len = sizeof list, .ifc_buf = (char *)list};
	int val = 0, err;

	if (op->b % 4 == 3) {
		err = sys_ioctl(me, fd, SIOCGIFCONF, &conf);
		note((uint64_t)conf.ifc_len);
		return err;
	}
	err = sys_ioctl(me, fd, cmds[op->b % 3], &val);
	note((uint64_t)(uint32_t)val);
	return err;
}

/* A card's or the NIC's interface is taken down for a while, or up. */
static long do_reconfigure(struct task *me, int fd, const struct random_op *op) {
	struct ifreq ifr = {0};
	int err;

	g_strlcpy(ifr.ifr_name, op->b % 3 == 0 ? "eth0" : op->b % 3 == 1 ? "toe0" : "toe1", IFNAMSIZ);
	err = sys_ioctl(me, fd, SIOCGIFFLAGS, &ifr);
	if (err)
		return err;
	ifr.ifr_flags ^= IFF_UP;
	return sys_ioctl(me, fd, SIOCSIFFLAGS, &ifr);
}

static int actor_main(struct task *me, void *arg);

static long do_fork(struct task *me, struct actor *a) {
	pid_t pid;

	if (a->nr != 0 || r.forked)
		return 0;
	r.forked = true;
	r.actor[2] = *a;
	r.actor[2].nr = 2;
	pid = sys_fork(me, actor_main, &r.actor[2]);
	r.started += pid > 0;
	return pid > 0;
}

static void later(sim_time delay, void (*fn)(void *arg), void *arg) {
	sim_call_at(m.sim, sim_now(m.sim) + delay, fn, arg);
}

static long do_callers(const struct random_op *op) {
	struct partner *p = partner_new(op->b % (NETS * PORTS), op->c % 8 == 0);

	later((1 + op->c / 8 % 1000) * SIM_US, call_in, p);
	return 0;
}

static long do_server(struct task *me, struct actor *a, const struct random_op *op) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0), err, on = 1;
	struct sockaddr_in sin = at(op->b % 4 ? INADDR_ANY : own_addr(op->b / 4 % NETS),
	                            (uint16_t)(80 + op->c % PORTS));

	put(me, a, op->a, fd);
	if (fd < 0)
		return fd;
	sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (op->c / PORTS % 4 == 0)
		sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
	err = sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
	return err ? err : sys_listen(me, fd, 5);
}

static long do_client(struct task *me, struct actor *a, const struct random_op *op) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in sin = at(peer_addr(op->b % NETS), op->c % 5 ? 7 : 8);

	put(me, a, op->a, fd);
	return fd < 0 ? fd : sys_connect(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

static long do_receiver(struct task *me, struct actor *a, const struct random_op *op) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in sin = at(op->b % 4 ? INADDR_ANY : own_addr(op->b / 4 % NETS),
	                            (uint16_t)(80 + op->c % PORTS));

	put(me, a, op->a, fd);
	return fd < 0 ? fd : sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

/* Calls that name no descriptor. */
static bool elsewhere(struct task *me, struct actor *a, const struct random_op *op, long *result) {
	switch (op->kind) {
	case RANDOM_server:
		*result = do_server(me, a, op);
		return true;
	case RANDOM_client:
		*result = do_client(me, a, op);
		return true;
	case RANDOM_receiver:
		*result = do_receiver(me, a, op);
		return true;
	case RANDOM_socket:
		*result = sys_socket(me, AF_INET, op->b % 3 ? SOCK_STREAM : SOCK_DGRAM, 0);
		put(me, a, op->a, (int)*result);
		return true;
	case RANDOM_poll:
		*result = do_poll(me, a, op);
		return true;
	case RANDOM_sleep:
		*result = sys_nanosleep(me, (op->b % 20 ? op->b % 5000 : 200000) * SIM_US);
		return true;
	case RANDOM_callers:
		*result = do_callers(op);
		return true;
	case RANDOM_datagrams:
		later((1 + op->c % 1000) * SIM_US, send_datagram, GUINT_TO_POINTER(op->b % (NETS * PORTS)));
		return true;
	case RANDOM_fork:
		*result = do_fork(me, a);
		return true;
	case RANDOM_fault:
		later(SIM_US, fault, GUINT_TO_POINTER(op->b));
		return true;
	case RANDOM_plug:
		later(SIM_US, plug, GUINT_TO_POINTER(1 + op->b % 2));
		return true;
	case RANDOM_module:
		*result = reload();
		return true;
	default:
		return false;
	}
}

static long on_descriptor(struct task *me, struct actor *a, int fd, const struct random_op *op) {
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
		put(me, a, op->b, new);
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
		put(me, a, op->b, new);
		return new >= 0 ? 0 : new;
	case RANDOM_reconfigure:
		return do_reconfigure(me, fd, op);
	default:
		return 0;
	}
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

static void do_op(struct task *me, struct actor *a, unsigned i) {
	const struct random_op *op = &r.seq->op[i];
	long result = 0;

	if (!elsewhere(me, a, op, &result)) {
		int fd = pick(me, a, op);

		if (fd < 0)
			return;
		result = op->kind == RANDOM_close      ? do_close(me, a, fd)
		         : op->kind == RANDOM_sendfile ? do_sendfile(me, fd, op)
		                                       : on_descriptor(me, a, fd, op);
	}
	if (!is_known(result))
		WRONG("operation %u gave %ld (%s)", i, result, g_strerror((int)-result));
	r.calls++;
	note(i);
	note((uint64_t)result);
	note((uint64_t)sys_gettime(me));
}

/* --- processes -------------------------------------------------------------------------------- */

static void on_poke(struct task *me, int sig) { (void)me, (void)sig; }

static int actor_main(struct task *me, void *arg) {
	struct actor *a = arg;

	r.task[a->nr] = me;
	sys_signal(me, SIGUSR1, on_poke);
	sys_signal(me, SIGPIPE, SIGNAL_IGNORE);
	sys_signal(me, SIGIO, SIGNAL_IGNORE);
	sys_signal(me, SIGCHLD, SIGNAL_IGNORE);
	for (; a->next_op < r.seq->n; a->next_op++) {
		unsigned i = a->next_op;

		if (r.seq->op[i].process == a->nr && r.keep[i])
			do_op(me, a, i);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		if (a->fd[i] >= 0)
			sys_close(me, a->fd[i]);
	if (a->nr != 2 || !r.forked) {
		int fd = sys_open(me, "/file", O_RDONLY);

		if (fd != 0)
			WRONG("process %c has leaked a descriptor: the first free is %d", 'A' + a->nr, fd);
	}
	r.task[a->nr] = NULL;
	m.ended++;
	return 0;
}

/* Nothing sleeps for ever: now and then each process gets a signal. */
static void poke(void *unused) {
	(void)unused;
	for (unsigned i = 0; i < PROCESSES; i++)
		if (r.task[i])
			send_sig(m.k, r.task[i], SIGUSR1);
	if (m.ended < r.started && ++r.poked < 20000)
		later(POKE, poke, NULL);
}

static void actor_start(unsigned nr) {
	struct actor *a = &r.actor[nr];

	a->nr = nr;
	for (unsigned i = 0; i < SLOTS; i++)
		a->fd[i] = -1;
	process_start(m.k, "actor", actor_main, a);
	r.started++;
}

/* --- afterwards ------------------------------------------------------------------------------- */

static void check_stack(const char *name, struct net_stack *st) {
	for (struct net_sock *so = NULL; (so = net_sock_next(st, so));)
		if (net_state(so) != TCP_TIME_WAIT) {
			uint32_t addr = 0;
			uint16_t port = 0;

			net_sockname(so, &addr, &port);
			WRONG("%s has a socket left: port %u, state %d", name, port, net_state(so));
		}
}

static void check_card(const struct toe *toe) {
	unsigned live = 0, busy = 0;

	for (guint i = 0; i < toe->slots->len; i++)
		live += g_array_index(toe->slots, struct toe_slot, i).ts != NULL;
	for (guint i = 0; i < toe->cmds->len; i++)
		busy += ((struct toe_cmd *)g_ptr_array_index(toe->cmds, i))->state != TOE_CMD_FREE;
	if (live || busy || (toe->outstanding && !toe->td.dead))
		WRONG("%s: %u sockets, %u commands, %u outstanding are left", toe->td.name, live, busy,
		      toe->outstanding);
	if (!toe->card->silent)
		check_stack(toe->td.name, toe->card->stack);
}

static void check_machine(void) {
	const char *name;
	uint64_t value;

	if (m.ended != r.started)
		for (unsigned i = 0; i < PROCESSES; i++)
			if (r.task[i])
				WRONG("process %c is stuck in operation %u", 'A' + i, r.actor[i].next_op);
	if (m.k->sched->n_tasks)
		WRONG("%u tasks are left", m.k->sched->n_tasks);
	if (m.module->use_count)
		WRONG("the module's use count is %d", m.module->use_count);
	check_stack("inet", m.k->stack);
	for (unsigned n = 1; n < NETS; n++)
		if (m.toe[n])
			check_card(m.toe[n]);
	for (size_t i = 0; sop_counter(m.module, i, &name, &value); i++)
		note(value);
	note(sim_events_run(m.sim));
}

uint64_t random_world_run(const struct random_sequence *seq, const bool *keep, uint64_t *calls) {
	const struct random_setup *setup = &seq->setup;

	r.seq = seq;
	r.keep = keep;
	r.digest = UINT64_C(0xcbf29ce484222325);
	machine_defaults();
	m.seed = seq->seed;
	m.cards = 0;
	m.kernel.max_files = 64;
	if (seq->seed & 1) /* every other begins just below 2^32 */
		m.peer_isn = m.kernel.net.isn = m.card.net.isn = UINT32_MAX - 50;
	m.sop.accept = setup->accept;
	m.sop.receive = setup->receive;
	m.sop.listen_all_or_nothing = setup->listen_all;
	m.sop.connect_on_refused_only = setup->refused_only;
	m.card.sync_init = setup->sync_init;
	m.card.max_sockets = setup->max_sockets;
	m.card.command_timeout = SIM_S;
	machine_power();
	for (unsigned n = 1; n <= setup->cards; n++)
		plug(GUINT_TO_POINTER(n));
	machine_load();
	fs_create(m.k, "/file", "file", 4);
	counterparts();
	actor_start(0);
	actor_start(1);
	sim_call_at(m.sim, POKE, poke, NULL);
	sim_run(m.sim, END);
	check_machine();
	machine_down();
	*calls = r.calls;
	return r.digest;
}
