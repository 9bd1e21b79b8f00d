/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations that stream and datagram sockets of a card share. */
#include "toe/driver/toe_sock_ops.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "toe/driver/command.h"
#include "toe/driver/config.h"
#include "toe/driver/driver.h"
#include "toe/driver/toe_sock.h"

#ifndef SIOCGSTAMP
#define SIOCGSTAMP 0x8906
#endif

/* --- release ----------------------------------------------------------------------------------- */

/* SO_LINGER: the close waits until what was sent is acknowledged, if the task does not end. */
static void linger(struct toe_sock *ts) {
	struct toe *toe = ts->toe;
	struct task *me = current_task(toe->kernel);
	sim_time timeout = ts->sk.lingertime;
	struct toe_cmd *cmd;

	if (!me || task_exiting(me))
		return;
	cmd = toe_cmd_new(toe, ts, COMM_LINGER);
	toe_cmd_wait(cmd, &timeout);
	toe_cmd_free(cmd);
}

/* Nobody waits for the card: what it still says about the socket is dropped by its generation. */
int toe_release(struct socket *sock) {
	struct toe_sock *ts = toe_sk(sock);
	struct toe_cmd *cmd;
	bool abort;

	if (!ts)
		return 0;
	abort = ts->sk.linger && ts->sk.lingertime == 0;
	if (ts->sk.linger && !abort && ts->sk.type == SOCK_STREAM)
		linger(ts);
	sock->sk = NULL;
	ts->sk.socket = NULL;
	cmd = toe_cmd_new(ts->toe, ts, COMM_RELEASE);
	if (abort)
		cmd->c.flags |= COMM_ABORT;
	toe_cmd_post(cmd, true);
	toe_sock_free(ts);
	return 0;
}

/* --- names ------------------------------------------------------------------------------------- */

static int bind_check(const struct toe_sock *ts, const struct sockaddr *addr, int addr_len,
                      uint32_t *ip, uint16_t *port) {
	const struct task *me = current_task(ts->toe->kernel);
	int err = sockaddr_get_in(addr, addr_len, ip, port);

	if (err)
		return err;
	return *port && *port < IPPORT_RESERVED && me && !capable(me) ? -EACCES : 0;
}

int toe_bind(struct socket *sock, const struct sockaddr *addr, int addr_len) {
	struct toe_sock *ts = toe_sk(sock);
	struct toe_cmd *cmd;
	uint32_t ip;
	uint16_t port;
	int err = bind_check(ts, addr, addr_len, &ip, &port);

	if (err)
		return err;
	if (ts->movable && toe_sock_unused(ts) && ip != INADDR_ANY &&
	    !config_owns_addr(&ts->toe->td, ip)) {
		struct toe *owner = toe_by_addr(ts->toe->kernel, ip);

		err = owner ? toe_sock_move(ts, owner) : -EADDRNOTAVAIL;
		if (err)
			return err;
	}
	cmd = toe_cmd_new(ts->toe, ts, COMM_BIND);
	cmd->c.u.bind = (struct comm_address){ip, port};
	err = toe_cmd_name(ts, cmd, NULL);
	toe_cmd_free(cmd);
	return err;
}

/* The answer brings the own name up to date in any case.  When the card is dead, or dies over it,
 * what the host knows is as good as ever. */
static int ask_names(struct toe_sock *ts, bool peer) {
	struct toe_cmd *cmd;
	int err;

	if (ts->toe->td.dead)
		return 0;
	cmd = toe_cmd_new(ts->toe, ts, COMM_GETNAME);
	cmd->c.u.getname.peer = peer;
	err = toe_cmd_call(cmd);
	if (!err && peer && !ts->toe->td.dead)
		toe_sock_peer(ts, &cmd->answer);
	toe_cmd_free(cmd);
	return ts->toe->td.dead ? 0 : err;
}

/* `peer` 1 is getpeername(), which fails when the connection is gone: only the card knows.  2 is
 * accept(), which wants the name in any case. */
static int peer_name(struct toe_sock *ts, struct sockaddr *addr, int *addr_len, int peer) {
	int err = peer == 1 ? ask_names(ts, true) : 0;

	if (err)
		return err;
	if (!ts->fport)
		return -ENOTCONN;
	sockaddr_put_in(addr, addr_len, ts->faddr, ts->fport);
	return 0;
}

int toe_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer) {
	struct toe_sock *ts = toe_sk(sock);
	int err;

	if (peer)
		return peer_name(ts, addr, addr_len, peer);
	/* An attempt that fails loses a port that it had drawn. */
	if (ts->state == TCP_SYN_SENT || ts->state == TCP_SYN_RECV) {
		err = ask_names(ts, false);
		if (err)
			return err;
	}
	sockaddr_put_in(addr, addr_len, ts->laddr, ts->lport);
	return 0;
}

/* --- poll -------------------------------------------------------------------------------------- */

/* The card is asked once, and says what changes from then on. */
static void register_interest(struct toe_sock *ts) {
	struct toe_cmd *cmd = toe_cmd_new(ts->toe, ts, COMM_POLL);

	toe_cmd_call(cmd);
	toe_cmd_free(cmd);
}

unsigned toe_poll(struct file *file, struct socket *sock, struct poll_table *table) {
	struct toe_sock *ts = toe_sk(sock);

	if (!ts->interest && !ts->toe->td.dead && current_task(ts->toe->kernel))
		register_interest(ts);
	poll_wait(file, &sock->wait, table);
	return ts->mask | (ts->sk.err ? POLLERR : 0);
}

/* --- ioctl ------------------------------------------------------------------------------------- */

static int query(struct toe_sock *ts, unsigned long what, void *arg) {
	struct toe_cmd *cmd;
	int result;

	cmd = toe_cmd_new(ts->toe, ts, COMM_QUERY);
	cmd->c.u.query.request = (uint32_t)what;
	result = toe_cmd_call(cmd);
	toe_cmd_free(cmd);
	if (result < 0)
		return result;
	if (!arg)
		return -EFAULT;
	memcpy(arg, &result, sizeof result);
	return 0;
}

static int get_stamp(const struct toe_sock *ts, void *arg) {
	struct timeval tv = {.tv_sec = ts->stamp / SIM_S, .tv_usec = ts->stamp % SIM_S / SIM_US};

	if (!ts->stamp)
		return -ENOENT;
	memcpy(arg, &tv, sizeof tv);
	return 0;
}

int toe_ioctl(struct socket *sock, unsigned long cmd, void *arg) {
	struct toe_sock *ts = toe_sk(sock);

	switch (cmd) {
	case SIOCATMARK:
		if (ts->sk.type != SOCK_STREAM)
			return -EINVAL;
		return query(ts, cmd, arg);
	case SIOCINQ:
	case SIOCOUTQ:
		return query(ts, cmd, arg);
	case SIOCGSTAMP:
		return get_stamp(ts, arg);
	default:
		return config_ioctl(&ts->toe->td, cmd, arg);
	}
}

/* --- shutdown and options ------------------------------------------------------------------------ */

/* What inet_shutdown() of 2.4 makes of an attempt to connect that nobody has waited for, by the state
 * in which the card's answer has left it. */
static enum socket_state attempt_after_shutdown(const struct toe_sock *ts, int answer) {
	switch (ts->state) {
	case TCP_CLOSE: /* it was under way and is taken back; or it had failed before */
		return answer == 0 ? SS_UNCONNECTED : SS_DISCONNECTING;
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
		return SS_DISCONNECTING;
	default:
		return SS_CONNECTED;
	}
}

int toe_shutdown(struct socket *sock, int how) {
	struct toe_sock *ts = toe_sk(sock);
	struct toe_cmd *cmd;
	int err;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	cmd = toe_cmd_new(ts->toe, ts, COMM_SHUTDOWN);
	cmd->c.u.shutdown.how = how;
	err = toe_cmd_call(cmd);
	toe_cmd_free(cmd);
	/* 2.4 sets the bits and wakes sleepers even when it says -ENOTCONN. */
	ts->sk.shutdown |= (unsigned)(how + 1);
	if (ts->sk.acceptconn && how != SHUT_WR)
		ts->sk.acceptconn = false;
	if (sock->state == SS_CONNECTING && !ts->toe->td.dead)
		sock->state = attempt_after_shutdown(ts, err);
	ts->sk.state_change(&ts->sk);
	return err;
}

static bool level_known(const struct toe_sock *ts, int level) {
	return level == IPPROTO_IP || (level == IPPROTO_TCP && ts->sk.type == SOCK_STREAM);
}

int toe_setsockopt(struct socket *sock, int level, int name, const void *val, int len) {
	struct toe_sock *ts = toe_sk(sock);
	struct toe_cmd *cmd;
	int err;

	if (!level_known(ts, level))
		return -ENOPROTOOPT;
	if (len < 0 || len > (int)COMM_MAX_DATA)
		return -EINVAL;
	if (!val)
		return -EFAULT;
	cmd = toe_cmd_new(ts->toe, ts, COMM_SETSOCKOPT);
	cmd->c.u.option = (struct comm_option){level, name};
	memcpy(toe_cmd_data(cmd, (size_t)len, COMM_TO_CARD), val, (size_t)len);
	err = toe_cmd_call(cmd);
	if (!err)
		toe_sock_keep_option(ts, level, name, val, (size_t)len);
	toe_cmd_free(cmd);
	return err;
}

int toe_getsockopt(struct socket *sock, int level, int name, void *val, int *len) {
	struct toe_sock *ts = toe_sk(sock);
	struct toe_cmd *cmd;
	int err;

	if (!level_known(ts, level))
		return -EOPNOTSUPP;
	if (!val || !len)
		return -EFAULT;
	if (*len < 0)
		return -EINVAL;
	cmd = toe_cmd_new(ts->toe, ts, COMM_GETSOCKOPT);
	cmd->c.u.option = (struct comm_option){level, name};
	toe_cmd_data(cmd, MIN((size_t)*len, COMM_MAX_DATA), COMM_TO_HOST);
	err = toe_cmd_call(cmd);
	if (!err) {
		*len = (int)MIN((uint32_t)*len, cmd->answer.length);
		memcpy(val, cmd->buffer, (size_t)*len);
	}
	toe_cmd_free(cmd);
	return err;
}
