/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A card that is pulled or falls silent while programs sleep in every call; the module loaded and
 * unloaded while traffic flows; ports over an end.  Each test runs with both kinds of card. */
#include "kinds.h"

#include <netinet/tcp.h>
#include <sys/select.h>

#include "host/core/run_queue.h"
#include "host/core/task_internal.h"
#include "toe/card/internal.h"
#include "toe/card/target.h"
#include "toe/driver/command.h"
#include "toe/driver/driver.h"
#include "toe/driver/toe_sock.h"

#define LOST(net) (peer_addr(net) + 7) /* nobody on the net */
#define PULL (10 * SIM_S)
#define TIMEOUT SIM_S

static struct peer_sock server[NETS], conn[NETS][16];

static void take(struct peer_sock *ps, unsigned events) {
	unsigned net = (unsigned)(ps - server);

	(void)events;
	for (unsigned i = 0; i < G_N_ELEMENTS(conn[net]); i++) {
		conn[net][i].event = conn[net][0].event;
		if (!conn[net][i].so && peer_accept(m.peer[net], ps, &conn[net][i]))
			return;
	}
}

static void serve(unsigned net, void (*event)(struct peer_sock *ps, unsigned events)) {
	server[net].event = take;
	conn[net][0].event = event;
	peer_bound(net, SOCK_STREAM, &server[net], 7);
}

/* --- every call that can sleep on a card ------------------------------------------------------ */

static int to_card(struct task *me) {
	int fd = TCP(me);

	ck_assert_int_eq(connect_to(me, fd, peer_addr(1), 7), 0);
	ck_assert_str_eq(stack_of(me, fd), "toe0");
	return fd;
}

static void fill(struct task *me, int fd) {
	static char buf[100000];

	for (int idle = 0; idle < 2; idle++) {
		while (sys_send(me, fd, buf, sizeof buf, MSG_DONTWAIT) > 0)
			idle = 0;
		sys_nanosleep(me, SIM_S);
	}
}

static long in_accept(struct task *me) {
	return sys_accept(me, listen_at(me, own_addr(1), 80), NULL, NULL);
}
static long in_connect(struct task *me) {
	sys_nanosleep(me, PULL - SIM_S); /* nobody answers: ARP gives up after three seconds */
	return connect_to(me, TCP(me), LOST(1), 7);
}
static long in_recv(struct task *me) {
	char byte;

	return sys_recv(me, to_card(me), &byte, 1, 0);
}
static long in_send(struct task *me) {
	static char buf[100000];
	int fd = to_card(me);

	fill(me, fd);
	return sys_send(me, fd, buf, sizeof buf, MSG_NOSIGNAL);
}
static long in_sendfile(struct task *me) {
	int fd = to_card(me), in = sys_open(me, "/file", O_RDONLY);

	fill(me, fd);
	return sys_sendfile(me, fd, in, NULL, 100000);
}
static long in_poll(struct task *me) {
	struct pollfd pfd = {.fd = to_card(me), .events = POLLIN};

	ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
	ck_assert_int_eq(pfd.revents & (POLLERR | POLLHUP), POLLERR | POLLHUP);
	return 0;
}
static long in_select(struct task *me) {
	int fd = to_card(me);
	fd_set set;
	char byte;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	ck_assert_int_eq(sys_select(me, fd + 1, &set, NULL, NULL, NULL), 1);
	return sys_recv(me, fd, &byte, 1, MSG_DONTWAIT);
}
static long in_close(struct task *me) {
	struct linger ling = {1, 3600};
	int fd = to_card(me);

	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, sizeof ling), 0);
	fill(me, fd);
	return sys_close(me, fd);
}
static long in_recvfrom(struct task *me) {
	int fd = UDP(me);
	char byte;

	ck_assert_int_eq(bind_to(me, fd, own_addr(1), 53), 0);
	return sys_recv(me, fd, &byte, 1, 0);
}
static long in_poll_dgram(struct task *me) {
	struct pollfd pfd = {.fd = UDP(me), .events = POLLIN};
	char byte;

	ck_assert_int_eq(bind_to(me, pfd.fd, own_addr(1), 54), 0);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
	return sys_recv(me, pfd.fd, &byte, 1, 0);
}

static const struct sleep {
	const char *name;
	long (*call)(struct task *me);
	long answer;
} sleeps[] = {
	{"accept", in_accept, -ECONNRESET},     {"connect", in_connect, -ECONNRESET},
	{"recv", in_recv, -ECONNRESET},         {"send", in_send, -ECONNRESET},
	{"sendfile", in_sendfile, -ECONNRESET}, {"poll", in_poll, 0},
	{"select", in_select, -ECONNRESET},     {"close", in_close, 0},
	{"recvfrom", in_recvfrom, -ENETDOWN},   {"poll dgram", in_poll_dgram, -ENETDOWN},
};

static int sleeper(struct task *me, void *arg) {
	const struct sleep *s = arg;
	long answer = s->call(me);
	sim_time now = sys_gettime(me);

	ck_assert_msg(now >= PULL && now < PULL + SIM_MS, "%s returned at %.6f s", s->name,
	              (double)now / SIM_S);
	ck_assert_msg(answer == s->answer, "%s gave %ld, not %ld", s->name, answer, s->answer);
	PROGRAM_END();
}

static void pull(void *unused) {
	(void)unused;
	toe_remove(m.toe[1]);
}

START_TEST(T15_1_T14b_pulled_under_every_call) {
	static const char zeros[100000];

	machine_boot();
	fs_create(m.k, "/file", zeros, sizeof zeros);
	serve(1, peer_ignore);
	for (size_t i = 0; i < G_N_ELEMENTS(sleeps); i++)
		process_start(m.k, sleeps[i].name, sleeper, (void *)&sleeps[i]);
	sim_call_at(m.sim, PULL, pull, NULL);
	machine_run(G_N_ELEMENTS(sleeps), 3600 * SIM_S);
}
END_TEST

/* A card that does not answer: each call that needs it ends with the driver's patience, once; from
 * then on all end at once. */
static int impatient(struct task *me, void *arg) {
	int fd = to_card(me), u = UDP(me), fresh = TCP(me), bound = TCP(me), len = 4, val;
	sim_time start;

	(void)arg;
	ck_assert_int_eq(bind_to(me, u, own_addr(1), 53), 0);
	ck_assert_int_eq(bind_to(me, bound, own_addr(1), 81), 0);
	toe_fail(m.toe[1]);
	start = sys_gettime(me);
	ck_assert_int_eq(sys_send(me, fd, "x", 1, MSG_NOSIGNAL), -ECONNRESET);
	ck_assert_int_ge(sys_gettime(me) - start, TIMEOUT);
	ck_assert_int_lt(sys_gettime(me) - start, 2 * TIMEOUT);
	start = sys_gettime(me);
	struct sockaddr_in to = at(peer_addr(1), 7);
	ck_assert_int_eq(sys_sendto(me, u, "x", 1, 0, (struct sockaddr *)&to, sizeof to),
	                 -ENETDOWN);
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, &len), -ECONNRESET);
	sys_shutdown(me, fd, SHUT_RDWR);
	ck_assert_int_eq(bind_to(me, fresh, own_addr(1), 80), -ENETDOWN);
	ck_assert_int_eq(sys_listen(me, bound, 5), -ENETDOWN);
	sys_close(me, bound);
	sys_close(me, fd);
	sys_close(me, u);
	sys_close(me, fresh);
	ck_assert_int_lt(sys_gettime(me) - start, SIM_MS);
	PROGRAM_END();
}
START_TEST(T15_1_commands_time_out_once) {
	m.card.command_timeout = TIMEOUT;
	machine_boot();
	serve(1, peer_ignore);
	machine_start("test", impatient);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* --- what a card says too late ---------------------------------------------------------------- */

static int waiting_fd;
static int reader(struct task *me, void *arg) {
	char byte;

	(void)arg;
	ck_assert_int_eq(sys_recv(me, waiting_fd, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'x');
	PROGRAM_END();
}

static struct toe_cmd *outstanding(const struct toe *toe) {
	for (guint i = 0; i < toe->cmds->len; i++) {
		struct toe_cmd *cmd = g_ptr_array_index(toe->cmds, i);

		if (cmd->state == TOE_CMD_SENT)
			return cmd;
	}
	return NULL;
}

static uint64_t dropped(void) {
	struct toe_usage usage;

	toe_usage_get(m.toe[1], &usage);
	return usage.late_answers;
}

/* Events of an earlier socket end in nothing: not in the socket that is there now. */
static int too_late(struct task *me, void *arg) {
	struct comm_completion entry = {.kind = COMM_EVENT, .poll = POLLHUP};
	uint64_t before;
	struct toe_cmd *cmd;

	(void)arg;
	waiting_fd = to_card(me);
	ck_assert_int_gt(sys_fork(me, reader, NULL), 0);
	sys_nanosleep(me, SIM_MS);
	before = dropped();
	cmd = outstanding(m.toe[1]);
	ck_assert_ptr_nonnull(cmd);
	entry.sock = cmd->c.sock;
	entry.sock.generation++; /* 0 would say: no socket */
	toe_complete(m.toe[1], &entry);
	ck_assert_int_eq(cmd->state, TOE_CMD_SENT);
	ck_assert_uint_eq(dropped() - before, 1);
	ck_assert_uint_eq(
		g_array_index(m.toe[1]->slots, struct toe_slot, cmd->c.sock.index).ts->mask &
			POLLHUP,
		0);
	/* The card knows handles of earlier sockets as little. */
	ck_assert_ptr_nonnull(target_find(m.toe[1]->card, &cmd->c.sock));
	ck_assert_ptr_null(target_find(m.toe[1]->card, &entry.sock));
	ck_assert_int_eq(sys_send(me, waiting_fd, "x", 1, 0), 1); /* comes back to the reader */
	sys_waitpid(me, -1, NULL, 0);
	sys_close(me, waiting_fd);
	PROGRAM_END();
}
START_TEST(T14f_dropped_by_generation) {
	machine_boot();
	serve(1, peer_echo);
	machine_start("test", too_late);
	machine_run(2, 3600 * SIM_S);
}
END_TEST

/* Each command has exactly one answer and is waited for until it comes.  So an answer to an earlier
 * command of the slot, or to none, is a lie: it does not end in the command that waits now, but the
 * card is taken out. */
static int told_that_it_is_out(struct task *me, void *arg) {
	char byte;

	(void)arg;
	ck_assert_int_eq(sys_recv(me, waiting_fd, &byte, 1, 0), -ECONNRESET);
	PROGRAM_END();
}

static bool of_no_command; /* else of an earlier one */

static int answers_late(struct task *me, void *arg) {
	struct comm_completion entry = {.kind = COMM_ANSWER, .result = 7};
	struct toe_cmd *cmd;

	(void)arg;
	waiting_fd = to_card(me);
	ck_assert_int_gt(sys_fork(me, told_that_it_is_out, NULL), 0);
	sys_nanosleep(me, SIM_MS);
	cmd = outstanding(m.toe[1]);
	ck_assert_ptr_nonnull(cmd);
	entry.sock = cmd->c.sock;
	entry.id = of_no_command ? 9999 : cmd->c.id;
	entry.generation = cmd->c.generation - 1;
	toe_complete(m.toe[1], &entry);
	ck_assert_str_eq(toe_why(m.toe[1]), "it answers what nobody has asked");
	sys_waitpid(me, -1, NULL, 0);
	sys_close(me, waiting_fd);
	PROGRAM_END();
}
START_TEST(T14f_answer_by_generation) {
	of_no_command = _i;
	machine_boot();
	serve(1, peer_echo);
	machine_start("test", answers_late);
	machine_run(2, 3600 * SIM_S);
}
END_TEST

/* --- the module comes and goes while traffic flows -------------------------------------------- */

#define CYCLES 20
static bool over;

static void echo(struct task *me, int fd, unsigned rounds) {
	uint8_t out[1000], in[1000];

	for (unsigned i = 0; i < rounds; i++) {
		pattern_fill((uint64_t)fd, i * sizeof out, out, sizeof out);
		ck_assert_int_eq(sys_send(me, fd, out, sizeof out, 0), sizeof out);
		ck_assert_int_eq(sys_recv(me, fd, in, sizeof in, MSG_WAITALL), sizeof in);
		ck_assert_mem_eq(in, out, sizeof in);
	}
}

/* On INET, from before the module: in the end as at the start. */
static int elder(struct task *me, void *arg) {
	int fd = TCP(me);

	(void)arg;
	ck_assert_int_eq(connect_to(me, fd, peer_addr(0), 7), 0);
	while (!over)
		echo(me, fd, 10);
	ck_assert_ptr_null(stack_of(me, fd));
	sys_close(me, fd);
	PROGRAM_END();
}

static int loader(struct task *me, void *arg) {
	(void)arg;
	sys_nanosleep(me, SIM_MS);
	for (unsigned i = 0; i < CYCLES; i++) {
		int fd;

		ck_assert_int_eq(module_load(m.k, m.module), 0);
		ck_assert_int_eq(module_load(m.k, m.module), -EEXIST);
		fd = TCP(me);
		ck_assert_int_eq(connect_to(me, fd, peer_addr(1 + i % 2), 7), 0);
		ck_assert_str_eq(stack_of(me, fd), stack_names[1 + i % 2]);
		ck_assert_int_eq(sys_send(me, fd, "x", 1, 0), 1); /* under way */
		ck_assert_int_eq(module_unload(m.k, "sop"), -EBUSY);
		ck_assert_int_eq(sys_recv(me, fd, &(char){0}, 1, 0), 1);
		echo(me, fd, 5);
		ck_assert_int_eq(module_unload(m.k, "sop"), -EBUSY);
		sys_close(me, fd);
		ck_assert_int_eq(module_unload(m.k, "sop"), 0);
		ck_assert_ptr_eq(m.k->net_families[PF_INET], &inet_family_ops);
		fd = TCP(me); /* without SOP no card is reached */
		ck_assert_int_eq(connect_to(me, fd, peer_addr(1), 7), -ENETUNREACH);
		sys_close(me, fd);
	}
	over = true;
	ck_assert_int_eq(module_load(m.k, m.module), 0);
	PROGRAM_END();
}
START_TEST(T15_2_T1_4_loaded_while_traffic_flows) {
	machine_boot();
	ck_assert_int_eq(module_unload(m.k, "sop"), 0);
	for (unsigned net = 0; net < NETS; net++)
		serve(net, peer_echo);
	machine_start("elder", elder);
	machine_start("loader", loader);
	machine_run(2, 3600 * SIM_S);
}
END_TEST

/* A listener whose threads sleep, and a process that sleeps in accept, hold the module too; when
 * the listener is closed the threads are gone before the module can be. */
static int listener;
static int holder(struct task *me, void *arg) {
	(void)arg;
	ck_assert_int_eq(sys_accept(me, listener, NULL, NULL), -EINVAL);
	sys_close(me, listener);
	PROGRAM_END();
}
static int holds(struct task *me, void *arg) {
	unsigned before;

	(void)arg;
	listener = listen_at(me, INADDR_ANY, 80);
	ck_assert_int_gt(sys_fork(me, holder, NULL), 0);
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_uint_eq(counter("accept_threads"), 3);
	ck_assert_int_eq(module_unload(m.k, "sop"), -EBUSY);
	ck_assert_int_eq(sys_shutdown(me, listener, SHUT_RDWR), 0);
	sys_close(me, listener);
	sys_waitpid(me, -1, NULL, 0);
	before = m.k->sched->n_tasks;
	ck_assert_uint_eq(before, 1); /* this one */
	ck_assert_int_eq(module_unload(m.k, "sop"), 0);
	ck_assert_int_eq(module_load(m.k, m.module), 0);
	PROGRAM_END();
}
static void run_holds(int accept) {
	m.sop.accept = accept;
	machine_boot();
	machine_start("test", holds);
	machine_run(2, 3600 * SIM_S);
}
START_TEST(T15_2_T14e_threads_hold_the_module) { run_holds(SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T15_2_T14e_standing_threads_hold_the_module) { run_holds(SOP_ACCEPT_STANDING); }
END_TEST

/* --- ports over an end ------------------------------------------------------------------------ */

static uint16_t port_of(struct task *me, int fd) {
	struct sockaddr_in sin;
	int len = sizeof sin;

	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&sin, &len), 0);
	return g_ntohs(sin.sin_port);
}

/* A drawn port is lost by shutdown of a listener and by AF_UNSPEC, on all stacks alike (2.4 drops
 * it on INET); an explicit one stays on all. */
static int ends(struct task *me, void *arg) {
	const struct sockaddr unspec = {.sa_family = AF_UNSPEC};
	int fd = TCP(me), u = UDP(me), again;
	uint16_t port;

	(void)arg;
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	port = port_of(me, fd);
	ck_assert_uint_ne(port, 0);
	ck_assert_int_eq(sys_shutdown(me, fd, SHUT_RD), 0);
	ck_assert_uint_eq(port_of(me, fd), 0);
	for (unsigned net = 0; net < NETS; net++) {
		again = TCP(me);
		ck_assert_int_eq(bind_to(me, again, own_addr(net), port), 0); /* free everywhere */
		sys_close(me, again);
	}
	ck_assert_int_eq(bind_any(me, u, 0), 0);
	port = port_of(me, u);
	ck_assert_int_eq(sys_connect(me, u, &unspec, sizeof unspec), 0);
	ck_assert_uint_eq(port_of(me, u), 0);
	again = UDP(me);
	ck_assert_int_eq(bind_any(me, again, port), 0);
	ck_assert_int_eq(bind_any(me, fd, 80), 0);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	ck_assert_int_eq(sys_shutdown(me, fd, SHUT_RD), 0);
	ck_assert_uint_eq(port_of(me, fd), 80);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	sys_close(me, fd);
	sys_close(me, u);
	sys_close(me, again);
	PROGRAM_END();
}
START_TEST(T13c_T5_14_drawn_ports_end_on_all_stacks) { machine_do(ends); }
END_TEST

/* An unbound datagram socket aimed here and there: one port on all, also on the stack it left. */
static int aims(struct task *me, void *arg) {
	int fd = UDP(me);
	uint16_t port = 0;

	(void)arg;
	for (unsigned i = 0; i < 3 * NETS; i++) {
		ck_assert_int_eq(connect_to(me, fd, peer_addr(i % NETS), 7), 0);
		ck_assert_str_eq(stack_of(me, fd), stack_names[i % NETS]);
		ck_assert_uint_eq(port_of(me, fd), port ? port : port_of(me, fd));
		port = port_of(me, fd);
	}
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T5_15_aimed_here_and_there) { machine_do(aims); }
END_TEST

static void add(TCase *tc) {
	tcase_add_test(tc, T15_1_T14b_pulled_under_every_call);
	tcase_add_test(tc, T15_1_commands_time_out_once);
	tcase_add_test(tc, T14f_dropped_by_generation);
	tcase_add_loop_test(tc, T14f_answer_by_generation, 0, 2);
	tcase_add_test(tc, T15_2_T1_4_loaded_while_traffic_flows);
	tcase_add_test(tc, T15_2_T14e_threads_hold_the_module);
	tcase_add_test(tc, T15_2_T14e_standing_threads_hold_the_module);
	tcase_add_test(tc, T13c_T5_14_drawn_ports_end_on_all_stacks);
	tcase_add_test(tc, T5_15_aimed_here_and_there);
}

int main(void) { return run_kinds("sop_ends", add); }
