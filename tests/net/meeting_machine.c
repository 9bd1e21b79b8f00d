/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "meeting_machine.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/boot/boot.h"
#include "host/dev/nic.h"
#include "net/engine/route.h"
#include "sop/sop.h"
#include "toe/driver/toe.h"

/* Meeting i has the ports PORT + i and FAR_PORT + i. */
enum { PORT = 2000, FAR_PORT = 3000 };

/* What a call or a segment causes has happened by then, and no timer of a connection has fired. */
#define AFTER (2 * SIM_MS)
#define PATIENCE (100 * SIM_S)

const char *const machine_ways[MACHINE_WAYS] = {"INET", "a card", "a card that is polled",
                                                "SOP over a card"};

static const struct way {
	bool card, sop;
	enum toe_kind kind;
} ways[MACHINE_WAYS] = {
	{false, false, 0},
	{true, false, TOE_KIND_INTERRUPT},
	{true, false, TOE_KIND_POLLING},
	{true, true, TOE_KIND_INTERRUPT},
};

static struct {
	const struct way *way;
	struct sim *sim;
	struct kernel *kernel;
	struct pci_bus *bus;
	struct link *wire; /* end 0: the machine's */
	struct nic *nic;
	struct toe *toe;
	struct module *sop;
	struct task *me;
	uint8_t mac[6]; /* of the machine */
	struct frame_queue heard;
	void (*user)(void *arg);
	void *arg;
	bool ended;
} rig;

struct task *machine_task(void) { return rig.me; }

void machine_pass(void) { sys_nanosleep(rig.me, AFTER); }

/* --- the tester ------------------------------------------------------------------------------- */

static void hear(void *arg, struct frame *f) {
	size_t payload;

	(void)arg;
	if (net_classify(f, &payload) == NET_KIND_OTHER)
		frame_free(f);
	else
		frame_queue_push(&rig.heard, f);
}

static const struct port_ops tester_ops = {.receive = hear};

static void tells(struct meeting *m, const struct seg *s) {
	(void)m;
	port_send(link_port(rig.wire, 1), seg_frame(s, rig.mac));
	machine_pass();
}

/* Connections of earlier meetings may still send. */
static bool hears(struct meeting *m, struct seg *s) {
	for (struct frame *f; (f = frame_queue_pop(&rig.heard));) {
		seg_read(f, s);
		frame_free(f);
		if (s->dport == m->fport)
			return true;
	}
	return false;
}

/* --- the user --------------------------------------------------------------------------------- */

void machine_socket(struct meeting *m) {
	if (m->fd >= 0)
		return;
	m->fd = sys_socket(rig.me, rig.way->card && !rig.way->sop ? AF_TOE : AF_INET, SOCK_STREAM,
	                   0);
	sys_fcntl(rig.me, m->fd, F_SETFL, O_NONBLOCK);
}

static void listens(struct meeting *m) {
	struct sockaddr_in in = inet_address("10.0.0.1", m->lport);

	machine_socket(m);
	sys_bind(rig.me, m->fd, (struct sockaddr *)&in, sizeof in);
	sys_listen(rig.me, m->fd, 5);
}

static void connects(struct meeting *m) {
	struct sockaddr_in in = inet_address("10.0.0.2", m->fport);
	int len = sizeof in;

	machine_socket(m);
	sys_connect(rig.me, m->fd, (struct sockaddr *)&in, sizeof in);
	sys_getsockname(rig.me, m->fd, (struct sockaddr *)&in, &len);
	m->lport = g_ntohs(in.sin_port);
	machine_pass();
}

static void sends(struct meeting *m) {
	sys_send(rig.me, m->fd, "abc", 3, 0);
	machine_pass();
}

static void shuts(struct meeting *m) {
	sys_shutdown(rig.me, m->fd, SHUT_WR);
	machine_pass();
}

static unsigned polls(struct meeting *m) {
	struct pollfd pfd = {.fd = m->fd, .events = POLLIN | POLLOUT | POLLPRI};

	if (m->fd >= 0)
		sys_poll(rig.me, &pfd, 1, 0);
	return (unsigned)pfd.revents;
}

static int error(struct meeting *m) {
	int err = 0, len = sizeof err;

	if (m->fd >= 0)
		sys_getsockopt(rig.me, m->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

static int readable(struct meeting *m) {
	int bytes = 0;

	sys_ioctl(rig.me, m->fd, FIONREAD, &bytes);
	return bytes;
}

static struct net_stack *stack(struct meeting *m) {
	(void)m;
	return rig.way->card ? toe_stack(rig.toe) : rig.kernel->stack;
}

static const struct meeting_place machine = {
	.listens = listens,
	.connects = connects,
	.sends = sends,
	.shuts = shuts,
	.tells = tells,
	.hears = hears,
	.polls = polls,
	.error = error,
	.readable = readable,
	.stack = stack,
};

struct meeting machine_meeting(unsigned i, uint32_t irs) {
	return (struct meeting){.place = &machine,
	                        .fd = -1,
	                        .irs = irs,
	                        .lport = (uint16_t)(PORT + i),
	                        .fport = (uint16_t)(FAR_PORT + i)};
}

void machine_end_meeting(struct meeting *m) {
	struct linger abort = {1, 0};

	if (m->fd < 0)
		return;
	sys_setsockopt(rig.me, m->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
	sys_close(rig.me, m->fd);
	machine_pass();
}

/* --- the world -------------------------------------------------------------------------------- */

static void irq(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static void nic_up(void) {
	struct nic_conf nc;

	nic_conf_default(&nc);
	memcpy(rig.mac, nc.mac, sizeof rig.mac);
	rig.nic = nic_new(rig.kernel, rig.bus, link_port(rig.wire, 0), &nc);
	ck_assert_int_eq(dev_configure(rig.kernel, nc.name, "10.0.0.1", "255.255.255.0"), 0);
}

static void card_up(const struct net_params *net) {
	struct toe_conf tc;

	toe_conf_default(&tc);
	tc.kind = rig.way->kind;
	tc.net = *net;
	memcpy(rig.mac, tc.mac, sizeof rig.mac);
	rig.toe = toe_new(rig.kernel, rig.bus, link_port(rig.wire, 0), &tc);
	ck_assert_int_eq(toe_configure(rig.toe, "10.0.0.1", "255.255.255.0", NULL), 0);
}

static void sop_up(void) {
	struct sop_conf conf;

	sop_conf_default(&conf);
	rig.sop = sop_module_new(&conf);
	ck_assert_int_eq(module_load(rig.kernel, rig.sop), 0);
}

static void world_up(bool near_wrap) {
	const struct link_conf lc = {
		.name = "wire", .bits_per_s = 1000000000, .propagation = SIM_US};
	static const uint8_t tester[6] = {2, 0, 0, 0, 0, 2};
	struct kernel_conf kc;
	struct pci_conf pc;

	kernel_conf_default(&kc);
	kc.tick = 0; /* programs sleep to the microsecond */
	meeting_parameters(&kc.net);
	if (near_wrap)
		begin_near_wrap(&kc.net, 2);
	rig.sim = sim_new(1);
	rig.kernel = kernel_new(rig.sim, &kc);
	pci_conf_default(&pc);
	rig.bus = pci_bus_new(rig.sim, "pci0", &pc);
	pci_bus_on_irq(rig.bus, irq, rig.kernel);
	rig.wire = link_new(rig.sim, &lc);
	port_attach(link_port(rig.wire, 1), &tester_ops, NULL);
	if (rig.way->card)
		card_up(&kc.net);
	else
		nic_up();
	if (rig.way->sop)
		sop_up();
	net_arp_set(stack(NULL), ADDR_B, tester);
}

static void world_down(void) {
	if (rig.toe)
		toe_free(rig.toe);
	if (rig.nic)
		nic_free(rig.nic);
	kernel_free(rig.kernel);
	frame_queue_flush(&rig.heard);
	link_free(rig.wire);
	pci_bus_free(rig.bus);
	if (rig.sop)
		sop_module_free(rig.sop);
	sim_free(rig.sim);
	frame_pool_drain();
}

static int program_main(struct task *me, void *arg) {
	(void)arg;
	rig.me = me;
	sys_signal(me, SIGPIPE, SIGNAL_IGNORE);
	rig.user(rig.arg);
	rig.ended = true;
	return 0;
}

void machine_run(unsigned way, bool near_wrap, void (*user)(void *arg), void *arg) {
	rig.way = &ways[way];
	rig.user = user;
	rig.arg = arg;
	world_up(near_wrap);
	process_start(rig.kernel, "user", program_main, NULL);
	sim_run(rig.sim, PATIENCE);
	world_down();
	ck_assert_msg(rig.ended, "%s: the program hangs", machine_ways[way]);
}
