/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random_world.h"

#include <stdlib.h>

#include "host/core/task_internal.h"
#include "machine_world.h"

#define PROCESSES 3
#define POKE (300 * SIM_MS)
#define END (3000 * SIM_S)

static struct {
	const struct random_sequence *seq;
	const bool *keep;
	uint64_t digest, calls;
	unsigned started, poked;
	bool forked;
	struct task *task[PROCESSES]; /* NULL: not there */
	struct actor actor[PROCESSES];
} r;

sim_time random_now(void) { return sim_now(m.sim); }

void random_later(sim_time delay, void (*fn)(void *arg), void *arg) {
	sim_call_at(m.sim, sim_now(m.sim) + delay, fn, arg);
}

void random_note(uint64_t value) {
	for (unsigned i = 0; i < 64; i += 8)
		r.digest = (r.digest ^ (value >> i & 0xff)) * UINT64_C(0x100000001b3);
}

struct peer *random_peer(unsigned net) { return m.peer[net]; }

struct toe *random_toe(unsigned net) { return m.toe[net]; }

uint32_t random_addr(unsigned net) { return machine_addr(net); }

unsigned random_home(unsigned net) { return m.twin && net == m.twin ? net - 1 : net; }

unsigned random_net(uint32_t n) { return n / 64 % 16 ? n % (r.seq->setup.cards + 1U) : n % NETS; }

bool random_is_spared(unsigned net) { return r.seq->setup.witness && net == r.seq->setup.spared; }

bool random_is_over(void) { return m.ended == r.started; }

/* --- faults ----------------------------------------------------------------------------------- */

static void plug(void *arg) {
	unsigned n = GPOINTER_TO_UINT(arg);

	if (m.toe[n])
		return;
	m.card.kind = r.seq->setup.card_kind[n];
	machine_plug_card(n);
	toe_set_cost(m.toe[n], "command", (struct cost_value){8 * SIM_US, 0});
	random_watch_card(n);
}

/* In the middle of whatever call it is in. */
static void kill_due(void *arg) {
	unsigned nr = GPOINTER_TO_UINT(arg);

	if (!r.task[nr])
		return;
	send_sig(m.k, r.task[nr], SIGKILL);
	r.task[nr] = NULL;
	r.actor[nr].killed = true;
	m.ended++;
}

static int reload(void) {
	int err = module_unload(m.k, "sop");

	return err ? err : module_load(m.k, m.module);
}

/* --- operations ------------------------------------------------------------------------------- */

static int actor_main(struct task *me, void *arg);

static long do_fork(struct task *me, struct actor *a) {
	pid_t pid;

	if (a->nr != 0 || r.forked)
		return 0;
	r.forked = true;
	r.actor[2] = *a;
	r.actor[2].nr = 2;
	pid = sys_fork(me, actor_main, &r.actor[2]);
	return MIN(pid, 1);
}

static long open_socket(struct task *me, struct actor *a, const struct random_op *op, int family,
                        int type, int protocol) {
	int fd = sys_socket(me, family, type, protocol);

	random_put(me, a, op->a, fd);
	return fd;
}

/* What is no call: things that happen. */
static bool happens(const struct random_op *op) {
	unsigned n = 1 + op->b % (NETS - 1);

	switch (op->kind) {
	case RANDOM_callers:
		random_caller(op);
		return true;
	case RANDOM_datagrams:
		random_datagram(op);
		return true;
	case RANDOM_gatherings:
		random_gathering(op);
		return true;
	case RANDOM_kill:
		random_later(op->c % 3000 * SIM_US, kill_due, GUINT_TO_POINTER(op->b % PROCESSES));
		return true;
	case RANDOM_fault:
	case RANDOM_lie:
		random_fault(op);
		return true;
	case RANDOM_plug:
		if (!random_is_spared(n))
			random_later(SIM_US, plug, GUINT_TO_POINTER(n));
		return true;
	default:
		return false;
	}
}

/* Calls that name no descriptor. */
static bool elsewhere(struct task *me, struct actor *a, const struct random_op *op, long *result) {
	switch (op->kind) {
	case RANDOM_server:
		*result = random_server(me, a, op);
		return true;
	case RANDOM_client:
		*result = random_client(me, a, op);
		return true;
	case RANDOM_receiver:
		*result = random_receiver(me, a, op);
		return true;
	case RANDOM_member:
		*result = random_member(me, a, op);
		return true;
	case RANDOM_socket:
		*result = open_socket(me, a, op, AF_INET, op->b % 3 ? SOCK_STREAM : SOCK_DGRAM, 0);
		return true;
	case RANDOM_raw:
		*result = open_socket(me, a, op, AF_INET, SOCK_RAW,
		                      op->b % 8 ? IPPROTO_ICMP : IPPROTO_UDP);
		return true;
	case RANDOM_toe:
		*result = open_socket(me, a, op, AF_TOE, op->b % 3 ? SOCK_STREAM : SOCK_DGRAM, 0);
		return true;
	case RANDOM_poll:
		*result = random_poll(me, a, op);
		return true;
	case RANDOM_sleep:
		*result = sys_nanosleep(me, (op->b % 20 ? op->b % 5000 : 200000) * SIM_US);
		return true;
	case RANDOM_select:
		*result = random_select(me, a, op);
		return true;
	case RANDOM_fork:
		*result = do_fork(me, a);
		return true;
	case RANDOM_module:
		*result = reload();
		return true;
	default:
		return false;
	}
}

static void do_op(struct task *me, struct actor *a, unsigned i) {
	const struct random_op *op = &r.seq->op[i];
	int type = SOCK_STREAM, err;
	long result = 0;

	if (!happens(op) && !elsewhere(me, a, op, &result)) {
		int fd = random_pick(me, a, op);

		if (fd < 0)
			return;
		type = sockfd_lookup(me, fd, &err)->type;
		result = random_call(me, a, fd, op);
	}
	if (!random_is_known(op->kind, type, result))
		WRONG("operation %u gave %ld (%s)", i, result, g_strerror((int)-result));
	random_check_sockets(m.k);
	r.calls++;
	random_note(i);
	random_note((uint64_t)result);
	random_note((uint64_t)sys_gettime(me));
}

/* --- processes -------------------------------------------------------------------------------- */

static void on_poke(struct task *me, int sig) { (void)me, (void)sig; }

static int actor_main(struct task *me, void *arg) {
	struct actor *a = arg;

	r.task[a->nr] = me;
	r.started++;
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
			WRONG("process %c has leaked a descriptor: the first free is %d",
			      'A' + a->nr, fd);
	}
	if (a->killed)
		WRONG("process %c has survived SIGKILL", 'A' + a->nr);
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
		random_later(POKE, poke, NULL);
}

static void actor_start(unsigned nr) {
	struct actor *a = &r.actor[nr];

	a->nr = nr;
	for (unsigned i = 0; i < SLOTS; i++)
		a->fd[i] = -1;
	process_start(m.k, "actor", actor_main, a);
}

/* --- a run ------------------------------------------------------------------------------------ */

static void check_machine(void) {
	const char *name;
	uint64_t value;

	if (m.ended != r.started)
		for (unsigned i = 0; i < PROCESSES; i++)
			if (r.task[i])
				WRONG("process %c is stuck in operation %u", 'A' + i,
				      r.actor[i].next_op);
	random_check_kernel(m.k, m.module);
	random_check_faults();
	for (unsigned n = 1; n < NETS; n++)
		if (m.toe[n])
			random_check_card(m.toe[n]);
	for (size_t i = 0; sop_counter(m.module, i, &name, &value); i++)
		random_note(value);
	random_note(sim_events_run(m.sim));
}

uint64_t random_world_run(const struct random_sequence *seq, const bool *keep, uint64_t *calls) {
	const struct random_setup *setup = &seq->setup;

	r.seq = seq;
	r.keep = keep;
	r.digest = UINT64_C(0xcbf29ce484222325);
	machine_defaults();
	m.seed = seq->seed;
	m.cards = 0;
	m.twin = setup->twin;
	if (setup->bad_wire)
		m.fault = (struct fault_conf){.loss = 0.02,
		                              .corrupt = 0.01,
		                              .duplicate = 0.01,
		                              .reorder = 0.02,
		                              .reorder_delay = 300 * SIM_US};
	m.kernel.max_files = setup->few_files ? SLOTS - 1 : 64;
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
	fs_create(m.k, "/file", "ZZZZ", 4);
	random_partners();
	actor_start(0);
	actor_start(1);
	if (setup->witness)
		process_start(m.k, "witness", random_witness, GUINT_TO_POINTER(setup->spared));
	sim_call_at(m.sim, POKE, poke, NULL);
	sim_run(m.sim, END);
	check_machine();
	machine_down();
	*calls = r.calls;
	return r.digest;
}
