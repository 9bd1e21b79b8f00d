/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What many concurrent connections cost.  Clients open N connections to a server and send requests
 * of 1,000 bytes on one after the other, answered by as many bytes; 64 of them are under way at any
 * time, whatever N is, and every segment is acknowledged at once, so that N changes nothing but N.
 * An address has 28,000 ports, so there are as many clients as that takes, at a switch.  Prints
 * processor time per event, the least of several rounds, and memory per connection, both ends
 * together, for each N and for two servers:
 *
 *   engine  a free-running peer, as the client is: TCP/IP, the wire and the timeline alone
 *   host    a whole machine (kernel, system calls, NIC, bus) with one process that serves the
 *           connections in turn
 *
 *     connections [--step=S] [N...]
 *
 * N: 100 10000 100000 if none is given; with more than 200,000 a single round.  S: a request goes on
 * the S-th connection after the last one's (1); with one like 7919, which shares no factor with N, there
 * is no order that memory could follow.
 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/boot/boot.h"
#include "host/dev/nic.h"
#include "host/socket/syscalls.h"
#include "net/engine/socket.h"
#include "net/wire/peer.h"

enum { PORT = 5001, MESSAGE = 1000, UNDER_WAY = 64, REQUESTS = 100000, ROUNDS = 15 };
enum { MANY = 200000, PORTS = 28000, MOST_CLIENTS = 250 };

#define SERVER 0x0a000002U
#define CLIENT 0x0a000100U
#define NETMASK 0xffff0000U

struct conn {
	struct peer_sock ps; /* first: the socket's events name it */
	uint32_t got;        /* bytes of the message that is coming in */
};

struct bench {
	struct sim *sim;
	struct peer *client[MOST_CLIENTS];
	struct peer *server; /* NULL: a whole machine */
	struct conn *near, *far;
	struct peer_sock listener;
	unsigned n, opened, accepted, next, step;
	uint64_t asked, answered, first_event;
	double started;
	size_t rss_before, rss_open;
	double seconds;
	uint64_t events;
};

static struct bench B = {.step = 1};
static char message[MESSAGE];

static double processor_s(void) {
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static size_t resident(void) {
	size_t pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%*s %zu", &pages) != 1)
		g_error("no /proc/self/statm");
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void send_message(struct net_sock *so) {
	struct iovec iov = {message, MESSAGE};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	if (net_send(so, &msg) != MESSAGE)
		g_error("a message did not fit a send buffer");
}

/* Messages that were completed by what has come in. */
static unsigned receive_messages(struct conn *c) {
	char data[4096];
	struct iovec iov = {data, sizeof data};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	ssize_t n;

	while ((n = net_recv(c->ps.so, &msg)) > 0)
		c->got += (uint32_t)n;
	unsigned whole = c->got / MESSAGE;
	c->got %= MESSAGE;
	return whole;
}

/* Which connection has its turn so many requests later? */
static unsigned after(unsigned i, unsigned requests) {
	return (unsigned)((i + (uint64_t)B.step * requests) % B.n);
}

/* --- client ----------------------------------------------------------------------------------- */

static void ask(void) {
	if (B.asked == REQUESTS)
		return;
	B.asked++;
	send_message(B.near[B.next].ps.so);
	B.next = after(B.next, 1);
	__builtin_prefetch(&B.near[after(B.next, UNDER_WAY)]);
}

static void finished(void) {
	B.seconds = processor_s() - B.started;
	B.events = sim_events_run(B.sim) - B.first_event;
	sim_stop(B.sim);
}

static void client_event(struct peer_sock *ps, unsigned events) {
	if (events & NET_EV_ERROR)
		g_error("a connection failed");
	if (!(events & NET_EV_READ))
		return;
	for (unsigned n = receive_messages((struct conn *)ps); n > 0; n--) {
		B.answered++;
		ask();
	}
	if (B.answered == REQUESTS)
		finished();
}

static void begin(void *arg) {
	(void)arg;
	B.rss_open = resident();
	B.first_event = sim_events_run(B.sim);
	B.started = processor_s();
	for (unsigned i = 0; i < UNDER_WAY; i++)
		ask();
}

static void open_next(struct peer_sock *ps, unsigned events);

static void open_one(void *arg) {
	struct conn *c = &B.near[B.opened];

	(void)arg;
	c->ps.event = open_next;
	if (peer_open(B.client[B.opened / PORTS], SOCK_STREAM, &c->ps) != 0 ||
	    net_connect(c->ps.so, SERVER, PORT) != -EINPROGRESS)
		g_error("connection %u was not begun", B.opened);
}

/* One connection follows the other, so that the server accepts them in this order. */
static void open_next(struct peer_sock *ps, unsigned events) {
	if (!(events & NET_EV_CONNECTED))
		g_error("connection %u failed", B.opened);
	ps->event = client_event;
	if (++B.opened < B.n)
		open_one(NULL);
	else /* when the last delayed ACKs have gone */
		sim_call_at(B.sim, sim_now(B.sim) + SIM_S, begin, NULL);
}

/* --- servers ---------------------------------------------------------------------------------- */

static void server_event(struct peer_sock *ps, unsigned events) {
	if (events & NET_EV_READ)
		for (unsigned n = receive_messages((struct conn *)ps); n > 0; n--)
			send_message(ps->so);
}

static void listener_event(struct peer_sock *ps, unsigned events) {
	(void)events;
	while (B.accepted < B.n) {
		struct conn *c = &B.far[B.accepted];

		c->ps.event = server_event;
		if (peer_accept(B.server, ps, &c->ps) != 0)
			return;
		B.accepted++;
	}
}

static void serve_with_peer(void *arg) {
	(void)arg;
	B.listener.event = listener_event;
	if (peer_open(B.server, SOCK_STREAM, &B.listener) != 0 ||
	    net_bind(B.listener.so, 0, PORT) != 0 || net_listen(B.listener.so, 100) != 0)
		g_error("the server cannot listen");
}

static int serve_in_turn(struct task *me, void *arg) {
	struct sockaddr_in sin = inet_address("0.0.0.0", PORT);
	g_autofree int *fd = g_new0(int, B.n);
	char data[MESSAGE] = {0};
	int listener = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	(void)arg;
	if (sys_bind(me, listener, (struct sockaddr *)&sin, sizeof sin) < 0 ||
	    sys_listen(me, listener, 100) < 0)
		g_error("the server cannot listen");
	for (unsigned i = 0; i < B.n; i++)
		if ((fd[i] = sys_accept(me, listener, NULL, NULL)) < 0)
			g_error("accept: %s", g_strerror(-fd[i]));
	for (unsigned i = 0;; i = after(i, 1)) {
		size_t got = 0;

		while (got < MESSAGE) {
			ssize_t n = sys_read(me, fd[i], data + got, MESSAGE - got);

			if (n <= 0)
				return 1;
			got += (size_t)n;
		}
		if (sys_write(me, fd[i], data, MESSAGE) != MESSAGE)
			return 1;
	}
}

static void irq(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static void serve_with_machine(struct port *port) {
	struct kernel_conf kc;
	struct pci_conf pc;
	struct nic_conf nc;

	kernel_conf_default(&kc);
	kc.net.delack_segments = 1;
	kc.max_files = B.n + 16;
	struct kernel *k = kernel_new(B.sim, &kc);
	pci_conf_default(&pc);
	struct pci_bus *pci = pci_bus_new(B.sim, "pci0", &pc);
	pci_bus_on_irq(pci, irq, k);
	nic_conf_default(&nc);
	nic_new(k, pci, port, &nc);
	if (dev_configure(k, "eth0", "10.0.0.2", "255.255.0.0") < 0)
		g_error("cannot configure the server");
	process_start(k, "server", serve_in_turn, NULL);
}

/* --- a run ------------------------------------------------------------------------------------ */

struct result {
	double event_ns, events_per_message, bytes;
};

/* An end of a wire whose other end is at the switch. */
static struct port *wire_to(struct ether_switch *sw) {
	struct link_conf wire = {
		.name = "wire", .bits_per_s = 1000000000, .propagation = 25 * SIM_US};
	struct link *link = link_new(B.sim, &wire);

	ether_switch_plug(sw, link_port(link, 1));
	return link_port(link, 0);
}

static struct peer *peer_up(const char *name, uint32_t addr, struct port *port) {
	struct peer_conf conf = {.name = name,
	                         .addr = addr,
	                         .netmask = NETMASK,
	                         .mac = {2, 0, 0, 0, (uint8_t)(addr >> 8), (uint8_t)addr}};

	net_params_preset(&conf.params, "linux-2.4");
	conf.params.delack_segments = 1;
	return peer_new(B.sim, &conf, port);
}

/* The program's own memory is touched before any is counted, and is to cost as little as it can. */
static struct conn *conns_new(unsigned n) {
	enum { LARGE = 2 << 20 };
	size_t size = n * sizeof(struct conn);
	struct conn *conns = g_aligned_alloc(1, size, LARGE);

	madvise(conns, size / LARGE * LARGE, MADV_HUGEPAGE);
	return memset(conns, 0, size);
}

static struct result run(bool whole, unsigned n) {
	struct ether_switch *sw;

	B.sim = sim_new(1);
	B.n = n;
	B.near = conns_new(n);
	B.far = conns_new(n);
	sw = ether_switch_new(B.sim, "switch", SIM_US);
	for (unsigned i = 0; i <= (n - 1) / PORTS; i++)
		B.client[i] = peer_up("client", CLIENT + i, wire_to(sw));
	if (whole)
		serve_with_machine(wire_to(sw));
	else
		B.server = peer_up("server", SERVER, wire_to(sw));
	if (!whole)
		sim_call_at(B.sim, 0, serve_with_peer, NULL);
	sim_call_at(B.sim, SIM_MS, open_one, NULL);
	B.rss_before = resident();
	sim_run(B.sim, 36000 * SIM_S);
	if (B.answered != REQUESTS)
		g_error("%" G_GUINT64_FORMAT " of %d answers", B.answered, REQUESTS);
	return (struct result){
		.event_ns = B.seconds * 1e9 / (double)B.events,
		.events_per_message = (double)B.events / REQUESTS,
		.bytes = (double)(B.rss_open - B.rss_before) / n,
	};
}

/* Each run has a process of its own: memory is then its own too. */
static void run_apart(bool whole, unsigned n, struct result *best) {
	struct result r;
	int ends[2];

	if (pipe(ends) != 0)
		g_error("pipe: %s", g_strerror(errno));
	fflush(stdout); /* or the child has a copy of it to write */
	pid_t pid = fork();
	if (pid == 0) {
		r = run(whole, n);
		_exit(write(ends[1], &r, sizeof r) != sizeof r);
	}
	close(ends[1]);
	if (pid < 0 || read(ends[0], &r, sizeof r) != sizeof r)
		g_error("a run failed");
	close(ends[0]);
	waitpid(pid, NULL, 0);
	if (best->event_ns == 0 || r.event_ns < best->event_ns)
		*best = r;
}

static void compare(bool whole, const unsigned *n, unsigned count) {
	g_autofree struct result *best = g_new0(struct result, count);

	for (int round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < count; i++)
			if (round == 0 || n[i] <= MANY)
				run_apart(whole, n[i], &best[i]);
	for (unsigned i = 0; i < count; i++)
		printf("%-6s  %6u connections  %5.0f ns/event  %5.2f events/message  "
		       "%6.0f ns/message  x %.2f  %6.0f bytes/connection\n",
		       whole ? "host" : "engine", n[i], best[i].event_ns,
		       best[i].events_per_message, best[i].event_ns * best[i].events_per_message,
		       best[i].event_ns / best[0].event_ns, best[i].bytes);
}

int main(int argc, char **argv) {
	unsigned n[16] = {100, 10000, 100000}, count = 3;
	const char *why = sim_load(); /* before any memory is counted */

	if (why)
		g_error("SimGrid: %s", why);
	if (argc > 1 && g_str_has_prefix(argv[1], "--step=")) {
		B.step = (unsigned)MAX(atoi(argv[1] + strlen("--step=")), 1);
		argv++, argc--;
	}
	if (argc > 1)
		for (count = 0; count < G_N_ELEMENTS(n) && (int)count + 1 < argc; count++)
			n[count] = (unsigned)CLAMP(atoi(argv[count + 1]), 1, MOST_CLIENTS * PORTS);
	compare(false, n, count);
	compare(true, n, count);
	return 0;
}
