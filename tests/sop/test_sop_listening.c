/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Listeners that end while connections are in their queues: a table of where a connection is, how
 * the listener ends, which stack has it, and whether one stack listens or all.  Each cell is a test,
 * with both kinds of card.
 */
#include <poll.h>
#include <sys/select.h>

#include "kinds.h"
#include "net/engine/iface.h"
#include "net/engine/socket_state.h"

#define PORT 80

/* --- the table -------------------------------------------------------------------------------- */

enum place {
	HALF_OPEN, /* our SYN,ACK is not answered */
	QUEUED,    /* established, in the stack's queue */
	WITH_DATA, /* the same, bytes have come */
	WITH_FIN,  /* the same, and the peer's FIN */
	RESET,     /* the peer has taken it back */
	SURPLUS,   /* taken by a thread of SOP's that nobody has asked since */
	PLACES
};

enum how { CLOSED, SHUT_READ, SHUT_BOTH_WAYS, DISCONNECTED, KILLED, HOWS };

static struct cell {
	enum place place;
	enum how how;
	unsigned net;
	bool any;
} cell;

static bool is_cell(int i) {
	cell = (struct cell){.place = (enum place)(i % PLACES),
	                     .how = (enum how)(i / PLACES % HOWS),
	                     .net = (unsigned)(i / PLACES / HOWS) % NETS,
	                     .any = i / PLACES / HOWS / (int)NETS};
	return cell.place != SURPLUS || cell.any; /* one stack needs no threads */
}

enum { CELLS = PLACES * HOWS * (int)NETS * 2 };

/* When what happens. */
static const sim_time arrives = 100 * SIM_MS, ends = 200 * SIM_MS, looks = 300 * SIM_MS;

/* --- the peer --------------------------------------------------------------------------------- */

static struct {
	struct peer_sock ps; /* first */
	bool connected;
	int error;
} caller;

static void heard(struct peer_sock *ps, unsigned events) {
	(void)ps;
	caller.connected |= (events & NET_EV_CONNECTED) != 0;
	if (events & NET_EV_ERROR)
		caller.error = net_take_error(caller.ps.so);
}

static void peer_up(bool up) {
	struct net_if *ifp = net_if_find(peer_stack(m.peer[cell.net]), "eth0");
	struct net_if_config conf;

	net_if_get(ifp, &conf);
	conf.up = up;
	ck_assert_int_eq(net_if_set(ifp, &conf), 0);
}

static void call(struct task *me) {
	memset(&caller, 0, sizeof caller);
	caller.ps.event = heard;
	ck_assert_int_eq(peer_open(m.peer[cell.net], SOCK_STREAM, &caller.ps), 0);
	net_connect(caller.ps.so, own_addr(cell.net), PORT);
	sys_nanosleep(me, 10 * SIM_MS);
}

static void arrive(struct task *me) {
	struct iovec iov = {(char[4]){"data"}, 4};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	if (cell.place ==
	    HALF_OPEN) { /* known by ARP already: the SYN leaves, and the door is shut */
		call(me);
		peer_close(m.peer[cell.net], &caller.ps, true);
		sys_nanosleep(me, 10 * SIM_MS);
		memset(&caller, 0, sizeof caller);
		caller.ps.event = heard;
		ck_assert_int_eq(peer_open(m.peer[cell.net], SOCK_STREAM, &caller.ps), 0);
		net_connect(caller.ps.so, own_addr(cell.net), PORT);
		peer_up(false);
		return;
	}
	call(me);
	ck_assert(caller.connected);
	if (cell.place == WITH_DATA)
		ck_assert_int_eq(net_send(caller.ps.so, &msg), 4);
	else if (cell.place == WITH_FIN)
		ck_assert_int_eq(net_shutdown(caller.ps.so, SHUT_WR), 0);
	else if (cell.place == RESET)
		peer_close(m.peer[cell.net], &caller.ps, true);
}

/* --- the listener ----------------------------------------------------------------------------- */

static pid_t server_pid;

static void until(struct task *me, sim_time when) {
	sys_nanosleep(me, MAX(when - sys_gettime(me), 0));
}

static int make_listener(struct task *me) {
	struct timeval tv = {.tv_usec = 20000};
	int fd = listen_at(me, cell.any ? INADDR_ANY : own_addr(cell.net), PORT);

	if (cell.place != SURPLUS)
		return fd;
	/* A call in vain leaves threads that stand. */
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	return fd;
}

static void end_listener(struct task *me, int fd) {
	struct sockaddr unspec = {.sa_family = AF_UNSPEC};

	switch (cell.how) {
	case SHUT_READ:
		ck_assert_int_eq(sys_shutdown(me, fd, SHUT_RD), 0);
		break;
	case SHUT_BOTH_WAYS:
		ck_assert_int_eq(sys_shutdown(me, fd, SHUT_RDWR), 0);
		break;
	case DISCONNECTED:
		ck_assert_int_eq(sys_connect(me, fd, &unspec, sizeof unspec), 0);
		break;
	default:
		return;
	}
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EINVAL);
	until(me, looks + SIM_S);
	/* The port is still the socket's, and it may listen again. */
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	until(me, looks + 3 * SIM_S);
}

static int server(struct task *me, void *arg) {
	int fd;

	(void)arg;
	server_pid = task_pid(me);
	fd = make_listener(me);
	until(me, cell.how == KILLED ? looks + 9 * SIM_S : ends);
	end_listener(me, fd);
	ck_assert_int_eq(sys_close(me, fd), 0);
	PROGRAM_END();
}

/* --- what is left ----------------------------------------------------------------------------- */

/* Sockets of the stack that have the port, TIME_WAIT and the like included. */
static unsigned left_on(unsigned net) {
	struct net_stack *st = net ? toe_stack(m.toe[net]) : m.k->stack;
	struct net_sock_info info;
	unsigned n = 0;

	for (struct net_sock *so = NULL; (so = net_sock_next(st, so));) {
		net_sock_get(so, &info);
		n += info.lport == PORT && info.fport;
	}
	return n;
}

static void refused(struct task *me) {
	if (caller.ps.so)
		peer_close(m.peer[cell.net], &caller.ps, true);
	call(me);
	ck_assert(!caller.connected);
	ck_assert_int_eq(caller.error, ECONNREFUSED);
	peer_close(m.peer[cell.net], &caller.ps, true);
}

static bool may_listen_again(void) { return cell.how != CLOSED && cell.how != KILLED; }

static int watch(struct task *me, void *arg) {
	int fd;

	(void)arg;
	until(me, arrives);
	arrive(me);
	until(me, ends);
	if (cell.how == KILLED)
		ck_assert_int_eq(sys_kill(me, server_pid, SIGKILL), 0);
	until(me, looks);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(left_on(n), 0);
	if (cell.place == HALF_OPEN)
		peer_up(true);
	else if (cell.place != RESET)
		ck_assert_int_eq(caller.error, ECONNRESET);
	refused(me);
	if (may_listen_again()) {
		until(me, looks + 2 * SIM_S);
		call(me);
		ck_assert(caller.connected);
		peer_close(m.peer[cell.net], &caller.ps, true);
		until(me, looks + 4 * SIM_S);
	}
	fd = listen_at(me, INADDR_ANY, PORT); /* free on every stack */
	ck_assert_int_eq(sys_close(me, fd), 0);
	PROGRAM_END();
}

START_TEST(T13c_T14d_connection_in_a_queue) {
	if (!is_cell(_i))
		return;
	if (cell.place == SURPLUS)
		m.sop.accept = SOP_ACCEPT_STANDING;
	machine_boot();
	machine_start("server", server);
	machine_start("watch", watch);
	machine_run(cell.how == KILLED ? 1 : 2, 3600 * SIM_S);
}
END_TEST

/* --- who waits -------------------------------------------------------------------------------- */

enum waiter { ACCEPTS, ACCEPTS_THREE, SELECTS, POLLS, SELECTS_AND_ACCEPTS, WAITERS };
enum stop { SHUT_BY_ANOTHER, ALL_KILLED, STOPS };

static struct {
	enum waiter waiter;
	enum stop stop;
	bool any, standing;
	int fd;
	unsigned woken;
} w;

static int accepts(struct task *me, void *arg) {
	(void)arg;
	ck_assert_int_eq(sys_accept(me, w.fd, NULL, NULL), -EINVAL);
	w.woken++;
	sys_close(me, w.fd);
	return 0;
}

/* A listener that is none any more is in poll() what tcp_poll() makes of a closed socket. */
static int selects(struct task *me, void *arg) {
	fd_set in;

	(void)arg;
	FD_ZERO(&in);
	FD_SET(w.fd, &in);
	ck_assert_int_eq(sys_select(me, w.fd + 1, &in, NULL, NULL, NULL), 1);
	ck_assert(FD_ISSET(w.fd, &in));
	nonblocking(me, w.fd);
	ck_assert_int_eq(sys_accept(me, w.fd, NULL, NULL), -EINVAL);
	w.woken++;
	return 0;
}

static int polls(struct task *me, void *arg) {
	struct pollfd pfd = {.fd = w.fd, .events = POLLIN};

	(void)arg;
	ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
	ck_assert_int_eq(pfd.revents, POLLHUP);
	w.woken++;
	return 0;
}

static const struct {
	program main[3];
	unsigned n;
} waiters[WAITERS] = {
	[ACCEPTS] = {{accepts}, 1},
	[ACCEPTS_THREE] = {{accepts, accepts, accepts}, 3},
	[SELECTS] = {{selects}, 1},
	[POLLS] = {{polls}, 1},
	[SELECTS_AND_ACCEPTS] = {{selects, accepts, accepts}, 3},
};

static int ends_it(struct task *me, void *arg) {
	pid_t pid[3];
	unsigned n = waiters[w.waiter].n;

	(void)arg;
	w.fd = listen_at(me, w.any ? INADDR_ANY : own_addr(1), PORT);
	for (unsigned i = 0; i < n; i++)
		pid[i] = sys_fork(me, waiters[w.waiter].main[i], NULL);
	sys_nanosleep(me, 100 * SIM_MS);
	if (w.stop == SHUT_BY_ANOTHER)
		ck_assert_int_eq(sys_shutdown(me, w.fd, SHUT_RD), 0);
	for (unsigned i = 0; i < n; i++) {
		if (w.stop == ALL_KILLED)
			ck_assert_int_eq(sys_kill(me, pid[i], SIGKILL), 0);
		ck_assert_int_gt(sys_waitpid(me, -1, NULL, 0), 0);
	}
	ck_assert_uint_eq(w.woken, w.stop == ALL_KILLED ? 0 : n);
	ck_assert_int_eq(sys_close(me, w.fd), 0);
	w.fd = listen_at(me, INADDR_ANY, PORT);
	ck_assert_int_eq(sys_close(me, w.fd), 0);
	PROGRAM_END();
}

START_TEST(T4_6_T10c_whoever_waits_is_woken) {
	w.waiter = (enum waiter)(_i % WAITERS);
	w.stop = (enum stop)(_i / WAITERS % STOPS);
	w.any = _i / WAITERS / STOPS % 2;
	w.standing = _i / WAITERS / STOPS / 2;
	m.sop.accept = w.standing ? SOP_ACCEPT_STANDING : SOP_ACCEPT_PER_CALL;
	machine_do(ends_it);
}
END_TEST

/* --- under load ------------------------------------------------------------------------------- */

#define CALLS 60 /* by each peer */

static struct visitor {
	struct peer_sock ps; /* first */
	unsigned net;
	bool connected, over;
} visitor[NETS][CALLS];

static unsigned served;

static void visit_heard(struct peer_sock *ps, unsigned events) {
	struct visitor *v = (struct visitor *)ps;
	struct iovec iov = {(char[8]){0}, 8};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	v->connected |= (events & NET_EV_CONNECTED) != 0;
	if (events & NET_EV_ERROR)
		v->over |= net_take_error(ps->so) != 0;
	if (ps->so && net_recv(ps->so, &msg) == 0)
		v->over = true; /* served: the server has closed it */
}

static void visit(void *arg) {
	struct visitor *v = arg;

	v->ps.event = visit_heard;
	ck_assert_int_eq(peer_open(m.peer[v->net], SOCK_STREAM, &v->ps), 0);
	net_connect(v->ps.so, own_addr(v->net), PORT);
}

/* Serves until the listener is none any more, by select and without blocking, or by accept. */
static int serves(struct task *me, void *arg) {
	bool by_select = GPOINTER_TO_UINT(arg);
	int fd = 0;

	for (;;) {
		fd_set in;

		FD_ZERO(&in);
		FD_SET(w.fd, &in);
		if (by_select)
			ck_assert_int_eq(sys_select(me, w.fd + 1, &in, NULL, NULL, NULL), 1);
		fd = sys_accept(me, w.fd, NULL, NULL);
		if (fd == -EINVAL)
			return 0;
		if (fd == -EAGAIN)
			continue;
		ck_assert_int_ge(fd, 0);
		served++;
		sys_close(me, fd);
	}
}

static unsigned over(void) {
	unsigned n = 0;

	for (unsigned i = 0; i < NETS * CALLS; i++)
		n += visitor[i / CALLS][i % CALLS].over;
	return n;
}

static int storm(struct task *me, void *arg) {
	enum { SERVERS = 3 };

	(void)arg;
	w.fd = listen_at(me, INADDR_ANY, PORT);
	if (w.waiter == SELECTS)
		nonblocking(me, w.fd);
	for (int i = 0; i < SERVERS; i++)
		sys_fork(me, serves, GUINT_TO_POINTER(w.waiter == SELECTS));
	for (unsigned i = 0; i < NETS * CALLS; i++) {
		struct visitor *v = &visitor[i / CALLS][i % CALLS];

		v->net = i / CALLS;
		sim_call_at(m.sim, sys_gettime(me) + (i % CALLS + 1) * SIM_MS + i * SIM_US, visit,
		            v);
	}
	sys_nanosleep(me, CALLS / 2 * SIM_MS);
	ck_assert_int_eq(sys_shutdown(me, w.fd, SHUT_RD), 0);
	for (int i = 0; i < SERVERS; i++)
		ck_assert_int_gt(sys_waitpid(me, -1, NULL, 0), 0);
	ck_assert_int_eq(sys_close(me, w.fd), 0);
	sys_nanosleep(me, 20 * SIM_S);
	ck_assert_uint_gt(served, NETS * CALLS / 8);
	ck_assert_uint_lt(served, NETS * CALLS);
	ck_assert_uint_eq(over(), NETS * CALLS); /* nobody waits for ever */
	PROGRAM_END();
}

START_TEST(T4_6_T13c_a_storm_of_connections) {
	w.waiter = _i % 2 ? SELECTS : ACCEPTS;
	m.sop.accept = _i / 2 ? SOP_ACCEPT_STANDING : SOP_ACCEPT_PER_CALL;
	machine_do(storm);
}
END_TEST

static void add_tests(TCase *tc) {
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, T13c_T14d_connection_in_a_queue, 0, CELLS);
	tcase_add_loop_test(tc, T4_6_T10c_whoever_waits_is_woken, 0, WAITERS * STOPS * 4);
	tcase_add_loop_test(tc, T4_6_T13c_a_storm_of_connections, 0, 4);
}

int main(void) { return run_kinds("sop listening", add_tests); }
