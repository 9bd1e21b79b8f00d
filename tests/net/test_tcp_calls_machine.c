/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every state of a connection meets every socket call, on whole machines: what a card answers,
 * sends and shows afterwards is what the host's INET does, which is the reference.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "meeting_machine.h"
#include "run_suite.h"

/* --- states: the steps of meeting.h ----------------------------------------------------------- */

static const struct state {
	const char *name, *steps;
} states[] = {
	{"CLOSED", ""},
	{"LISTEN", "l"},
	{"LISTEN with a connection", "lSa"},
	{"SYN_SENT", "c"},
	{"SYN_RECEIVED after SYN_SENT", "cS"},
	{"refused", "cR"},
	{"ESTABLISHED", "cAs"},
	{"ESTABLISHED, bytes to read", "cAd"},
	{"FIN_WAIT_1", "cAsw"},
	{"FIN_WAIT_2", "cAswa"},
	{"FIN_WAIT_2, bytes to read", "cAswad"},
	{"CLOSE_WAIT", "cAsF"},
	{"CLOSE_WAIT, bytes to read", "cAdF"},
	{"CLOSING", "cAswF"},
	{"LAST_ACK", "cAsFw"},
	{"TIME_WAIT", "cAswaF"},
	{"reset", "cAsr"},
	{"reset, bytes to read", "cAdr"},
	{"reset behind its end", "cAsFr"},
	{"reset behind a half-close", "cAswar"},
};

/* --- calls ------------------------------------------------------------------------------------ */

static int shut_rd(struct task *me, struct meeting *m) { return sys_shutdown(me, m->fd, SHUT_RD); }
static int shut_wr(struct task *me, struct meeting *m) { return sys_shutdown(me, m->fd, SHUT_WR); }
static int shut_all(struct task *me, struct meeting *m) {
	return sys_shutdown(me, m->fd, SHUT_RDWR);
}

static int connect_again(struct task *me, struct meeting *m) {
	struct sockaddr_in in = inet_address("10.0.0.2", m->fport);

	return sys_connect(me, m->fd, (struct sockaddr *)&in, sizeof in);
}

static int connect_twice(struct task *me, struct meeting *m) {
	connect_again(me, m);
	return connect_again(me, m);
}

static int disconnect(struct task *me, struct meeting *m) {
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	return sys_connect(me, m->fd, &none, sizeof none);
}

static int listen_now(struct task *me, struct meeting *m) { return sys_listen(me, m->fd, 3); }

static int accept_now(struct task *me, struct meeting *m) {
	int fd = sys_accept(me, m->fd, NULL, NULL);

	if (fd >= 0)
		sys_close(me, fd);
	return MIN(fd, 0);
}

static int bind_now(struct task *me, struct meeting *m) {
	struct sockaddr_in in = inet_address("10.0.0.1", (uint16_t)(m->fport + 1000));

	return sys_bind(me, m->fd, (struct sockaddr *)&in, sizeof in);
}

static int peer_port(struct task *me, struct meeting *m) {
	struct sockaddr_in in = {0};
	int len = sizeof in, err = sys_getpeername(me, m->fd, (struct sockaddr *)&in, &len);

	return err ? err : g_ntohs(in.sin_port);
}

/* Whether there is one: those that are drawn differ. */
static int own_port(struct task *me, struct meeting *m) {
	struct sockaddr_in in = {0};
	int len = sizeof in, err = sys_getsockname(me, m->fd, (struct sockaddr *)&in, &len);

	return err ? err : (in.sin_port != 0) + 2 * (in.sin_addr.s_addr != 0);
}

static int sends(struct task *me, struct meeting *m, size_t len, int flags) {
	return (int)sys_send(me, m->fd, "hello", len, flags | MSG_NOSIGNAL);
}
static int send_some(struct task *me, struct meeting *m) { return sends(me, m, 5, 0); }
static int send_none(struct task *me, struct meeting *m) { return sends(me, m, 0, 0); }
static int send_urgent(struct task *me, struct meeting *m) { return sends(me, m, 1, MSG_OOB); }
static int send_twice(struct task *me, struct meeting *m) {
	send_some(me, m);
	return send_some(me, m);
}

static int receives(struct task *me, struct meeting *m, size_t len, int flags) {
	char buf[16];

	return (int)sys_recv(me, m->fd, buf, len, flags);
}
static int recv_some(struct task *me, struct meeting *m) { return receives(me, m, 16, 0); }
static int recv_none(struct task *me, struct meeting *m) { return receives(me, m, 0, 0); }
static int recv_peek(struct task *me, struct meeting *m) { return receives(me, m, 16, MSG_PEEK); }
static int recv_all(struct task *me, struct meeting *m) { return receives(me, m, 16, MSG_WAITALL); }
static int recv_urgent(struct task *me, struct meeting *m) { return receives(me, m, 1, MSG_OOB); }
static int recv_twice(struct task *me, struct meeting *m) {
	recv_some(me, m);
	return recv_some(me, m);
}
static int recv_then_send(struct task *me, struct meeting *m) {
	recv_some(me, m);
	return send_some(me, m);
}
static int send_then_recv(struct task *me, struct meeting *m) {
	send_some(me, m);
	return recv_some(me, m);
}

static int asks(struct task *me, struct meeting *m, unsigned long what) {
	int value = 0, err = sys_ioctl(me, m->fd, what, &value);

	return err ? err : value;
}
static int readable(struct task *me, struct meeting *m) { return asks(me, m, FIONREAD); }
static int unsent(struct task *me, struct meeting *m) { return asks(me, m, SIOCOUTQ); }
static int at_mark(struct task *me, struct meeting *m) { return asks(me, m, SIOCATMARK); }

static int option(struct task *me, struct meeting *m, int level, int name) {
	int value = 0, len = sizeof value;
	int err = sys_getsockopt(me, m->fd, level, name, &value, &len);

	return err ? err : value;
}
static int error_option(struct task *me, struct meeting *m) {
	return option(me, m, SOL_SOCKET, SO_ERROR);
}
static int is_listener(struct task *me, struct meeting *m) {
	return option(me, m, SOL_SOCKET, SO_ACCEPTCONN);
}
/* TCP_INFO begins with the state. */
static int tcp_state(struct task *me, struct meeting *m) {
	return option(me, m, IPPROTO_TCP, TCP_INFO) & 0xff;
}
static int set_nodelay(struct task *me, struct meeting *m) {
	int on = 1;

	return sys_setsockopt(me, m->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}
static int no_call(struct task *me, struct meeting *m) {
	(void)me, (void)m;
	return 0;
}

static int closes(struct task *me, struct meeting *m) {
	int err = sys_close(me, m->fd);

	m->fd = -1;
	return err;
}

/* How long it lingers, in tenths of a second. */
static int lingers(struct task *me, struct meeting *m, int seconds) {
	struct linger linger = {1, seconds};
	sim_time start = sys_gettime(me);

	sys_setsockopt(me, m->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	closes(me, m);
	return (int)((sys_gettime(me) - start) / (100 * SIM_MS));
}
static int close_lingers(struct task *me, struct meeting *m) { return lingers(me, m, 1); }
static int close_aborts(struct task *me, struct meeting *m) { return lingers(me, m, 0); }

static const struct call {
	const char *name;
	int (*act)(struct task *me, struct meeting *m);
} calls[] = {
	{"nothing", no_call},
	{"shutdown(SHUT_RD)", shut_rd},
	{"shutdown(SHUT_WR)", shut_wr},
	{"shutdown(SHUT_RDWR)", shut_all},
	{"connect()", connect_again},
	{"connect() twice", connect_twice},
	{"connect(AF_UNSPEC)", disconnect},
	{"listen()", listen_now},
	{"accept()", accept_now},
	{"bind()", bind_now},
	{"getpeername()", peer_port},
	{"getsockname()", own_port},
	{"send()", send_some},
	{"send() of nothing", send_none},
	{"send(MSG_OOB)", send_urgent},
	{"send() twice", send_twice},
	{"recv()", recv_some},
	{"recv() of nothing", recv_none},
	{"recv(MSG_PEEK)", recv_peek},
	{"recv(MSG_WAITALL)", recv_all},
	{"recv(MSG_OOB)", recv_urgent},
	{"recv() twice", recv_twice},
	{"recv(), send()", recv_then_send},
	{"send(), recv()", send_then_recv},
	{"FIONREAD", readable},
	{"SIOCOUTQ", unsent},
	{"SIOCATMARK", at_mark},
	{"SO_ERROR", error_option},
	{"SO_ACCEPTCONN", is_listener},
	{"TCP_INFO", tcp_state},
	{"TCP_NODELAY", set_nodelay},
	{"close()", closes},
	{"close(), SO_LINGER 1", close_lingers},
	{"close(), SO_LINGER 0", close_aborts},
};

/* --- one machine ------------------------------------------------------------------------------ */

struct round {
	const struct state *state;
	int out; /* pipe */
};

/* The call may end a connection and leave the socket: 2.4 goes on to show POLLIN for unread bytes
 * that are gone, since tcp_poll() looks at their numbers; a socket of SOP is made anew. */
static bool may_start_over(const struct call *call) {
	return call->act == disconnect || call->act == connect_again || call->act == connect_twice;
}

/* What the call gave, what was sent, the state it left, what poll and SO_ERROR say. */
static void describe(struct round *r, const struct call *call, struct meeting *m, int result) {
	char sent[16];
	unsigned mask;

	machine_pass();
	meeting_sent(m, sent, sizeof sent);
	mask = m->place->polls(m);
	if (may_start_over(call))
		mask &= ~(unsigned)POLLIN;
	dprintf(r->out, "%s, %s: %d, sent '%s', state %c, poll 0x%x, error %d\n", r->state->name,
	        call->name, result, sent, meeting_state(m), mask, m->place->error(m));
}

static void make_all_calls(void *arg) {
	struct round *r = arg;

	for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++) {
		struct meeting m = machine_meeting(i, 5000);

		meeting_enter(&m, r->state->steps);
		machine_socket(&m);
		describe(r, &calls[i], &m, calls[i].act(machine_task(), &m));
		machine_end_meeting(&m);
	}
}

/* In a process of its own: its account. */
static char *account_of(unsigned way, const struct state *state) {
	g_autoptr(GString) text = g_string_new(NULL);
	char buf[4096];
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct round r = {state, fds[1]};

		machine_run(way, false, make_all_calls, &r);
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], buf, sizeof buf)) > 0)
		g_string_append_len(text, buf, n);
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Under SOP a port that was drawn for an attempt is put back, on all stacks, when connect() is
 * called again: until then there is one. */
static bool sop_differs(unsigned way, const struct state *state, const struct call *call) {
	return way == MACHINE_SOP && strcmp(state->steps, "cR") == 0 &&
	       (call->act == bind_now || call->act == own_port);
}

START_TEST(state_meets_call) {
	const struct state *state = &states[_i / (MACHINE_WAYS - 1)];
	unsigned way = 1 + (unsigned)_i % (MACHINE_WAYS - 1);
	g_autofree char *inet = account_of(MACHINE_INET, state), *other = account_of(way, state);
	g_auto(GStrv) wanted = g_strsplit(inet, "\n", -1), got = g_strsplit(other, "\n", -1);

	ck_assert_uint_eq(g_strv_length(wanted), G_N_ELEMENTS(calls) + 1);
	for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++)
		ck_assert_msg(sop_differs(way, state, &calls[i]) ||
		                      g_strcmp0(got[i], wanted[i]) == 0,
		              "on %s:\n%s\non INET:\n%s", machine_ways[way], got[i], wanted[i]);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("net-tcp-calls-machine");
	TCase *t = tcase_create("table");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, state_meets_call, 0, (int)G_N_ELEMENTS(states) * (MACHINE_WAYS - 1));
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
