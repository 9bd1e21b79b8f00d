/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each command does to the card's stack. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack_ioctl.h"
#include "toe/card/internal.h"
#include "toe/card/target.h"
#include "toe/card/target_wait.h"

typedef int (*action)(struct card_sock *cs, struct card_cmd *cc);

static int do_bind(struct card_sock *cs, struct card_cmd *cc) {
	return net_bind(cs->so, cc->cmd.u.bind.addr, cc->cmd.u.bind.port);
}

static int do_listen(struct card_sock *cs, struct card_cmd *cc) {
	return net_listen(cs->so, cc->cmd.u.listen.backlog);
}

static int do_accept(struct card_sock *cs, struct card_cmd *cc) {
	return target_enter(cs, &cs->accepts, target_accept, cc);
}

static int do_connect(struct card_sock *cs, struct card_cmd *cc) {
	const struct comm_connect *connect = &cc->cmd.u.connect;
	int err;

	if (!connect->again) {
		err = net_connect(cs->so, connect->to.addr, connect->to.port);
		if (err && err != -EINPROGRESS)
			return err;
		if (cs->type != SOCK_STREAM) {
			target_names(cs->so, &cc->answer);
			return 0;
		}
	}
	err = target_connect(cs, cc);
	if (err == TARGET_WAITS)
		queue_push(&cs->connects, cc);
	return err;
}

static int do_disconnect(struct card_sock *cs, struct card_cmd *cc) {
	int err;

	(void)cc;
	target_push(cs);
	err = net_disconnect(cs->so);
	target_touch(cs);
	return err;
}

static int do_send(struct card_sock *cs, struct card_cmd *cc) {
	return target_enter(cs, &cs->sends, target_send, cc);
}

/* The error queue is apart from what others wait for. */
static int do_recv(struct card_sock *cs, struct card_cmd *cc) {
	if (cc->cmd.u.recv.flags & MSG_ERRQUEUE)
		return target_recv(cs, cc);
	return target_enter(cs, &cs->recvs, target_recv, cc);
}

static int do_getname(struct card_sock *cs, struct card_cmd *cc) {
	uint32_t addr;
	uint16_t port;

	target_names(cs->so, &cc->answer);
	return cc->cmd.u.getname.peer ? net_peername(cs->so, &addr, &port) : 0;
}

/* What was written before the cork goes on its way first. */
static int do_setsockopt(struct card_sock *cs, struct card_cmd *cc) {
	const struct comm_option *option = &cc->cmd.u.option;
	bool cork = option->level == IPPROTO_TCP && option->name == TCP_CORK;
	int err;

	if (cork)
		target_push(cs);
	err = net_setopt(cs->so, option->level, option->name, cc->cmd.data, cc->cmd.length);
	if (cork && !err)
		cs->corked = *(const int *)cc->cmd.data != 0;
	return err;
}

/* SO_ERROR tells soft errors too, which end nothing. */
static int take_error(struct net_sock *so) {
	int error = 0;
	socklen_t len = sizeof error;

	net_getopt(so, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

static int do_getsockopt(struct card_sock *cs, struct card_cmd *cc) {
	const struct comm_option *option = &cc->cmd.u.option;
	socklen_t len = cc->cmd.length;
	int err;

	if (option->level == SOL_SOCKET && option->name == SO_ERROR)
		return take_error(cs->so);
	err = net_getopt(cs->so, option->level, option->name, cc->cmd.data, &len);
	if (!err)
		cc->to_host = len;
	return err;
}

static int do_shutdown(struct card_sock *cs, struct card_cmd *cc) {
	int err;

	target_push(cs);
	err = net_shutdown(cs->so, cc->cmd.u.shutdown.how);
	/* Who waits must look again: a listener is none any more, a reader sees the end. */
	target_touch(cs);
	return err;
}

/* As tcp_close() of 2.4: bytes that nobody will read make it a reset, and there is no waiting. */
static int do_linger(struct card_sock *cs, struct card_cmd *cc) {
	int result;

	target_push(cs);
	if (net_readable(cs->so) > 0 || net_shutdown(cs->so, SHUT_WR))
		return 0;
	target_touch(cs);
	result = target_enter(cs, &cs->lingers, target_linger, cc);
	if (result == TARGET_WAITS && !cs->lingering) {
		cs->lingering = true;
		g_ptr_array_add(cs->card->lingering, cs);
	}
	return result;
}

static int do_release(struct card_sock *cs, struct card_cmd *cc) {
	target_flush(cs, -ECONNABORTED);
	target_push(cs);
	net_sock_set_user(cs->so, NULL);
	net_close(cs->so, cc->cmd.flags & COMM_ABORT);
	target_sock_free(cs);
	return 0;
}

static int do_cancel(struct card_sock *cs, struct card_cmd *cc) {
	target_cancel(cs, cc->cmd.u.cancel.id);
	return 0;
}

static int do_poll(struct card_sock *cs, struct card_cmd *cc) {
	(void)cc; /* the answer carries the mask */
	cs->interest = true;
	return 0;
}

static int do_query(struct card_sock *cs, struct card_cmd *cc) {
	if (net_state(cs->so) == TCP_LISTEN)
		return -EINVAL;
	switch (cc->cmd.u.query.request) {
	case SIOCINQ:
		return net_readable(cs->so);
	case SIOCOUTQ:
		return net_unsent(cs->so);
	default:
		return net_at_mark(cs->so);
	}
}

static int do_socket(struct card *card, struct card_cmd *cc) {
	const struct comm_socket *socket = &cc->cmd.u.socket;
	struct card_sock *cs;
	struct net_sock *so;
	int err;

	err = net_sock_open(card->stack, socket->type, socket->protocol, NULL, &so);
	if (err)
		return err;
	cs = target_sock_new(card, &cc->cmd.sock, socket->type);
	cs->so = so;
	net_sock_set_user(so, cs);
	return 0;
}

/* A route's device comes by name: the pointer is the host's. */
int card_config(struct card *card, struct comm_config *config) {
	if (config->request == SIOCADDRT || config->request == SIOCDELRT)
		config->arg.rt.rt_dev = *config->device ? config->device : NULL;
	return stack_ioctl(card->stack, config->request, &config->arg);
}

static const action actions[COMM_OPCODES] = {
	[COMM_BIND] = do_bind,
	[COMM_LISTEN] = do_listen,
	[COMM_ACCEPT] = do_accept,
	[COMM_CONNECT] = do_connect,
	[COMM_DISCONNECT] = do_disconnect,
	[COMM_SEND] = do_send,
	[COMM_RECV] = do_recv,
	[COMM_GETNAME] = do_getname,
	[COMM_SETSOCKOPT] = do_setsockopt,
	[COMM_GETSOCKOPT] = do_getsockopt,
	[COMM_SHUTDOWN] = do_shutdown,
	[COMM_LINGER] = do_linger,
	[COMM_RELEASE] = do_release,
	[COMM_CANCEL] = do_cancel,
	[COMM_POLL] = do_poll,
	[COMM_QUERY] = do_query,
};

int target_execute(struct card *card, struct card_sock *cs, struct card_cmd *cc) {
	switch (cc->cmd.opcode) {
	case COMM_NOP:
		return 0;
	case COMM_SOCKET:
		return do_socket(card, cc);
	case COMM_CONFIG:
		if (cc->cmd.flags & COMM_TO_HOST)
			cc->to_host = cc->cmd.length;
		return card_config(card, cc->cmd.data);
	default:
		break;
	}
	if (cc->cmd.opcode >= COMM_OPCODES || !actions[cc->cmd.opcode])
		return -EOPNOTSUPP;
	/* The socket could not be initialised, and the host did not know yet. */
	return cs ? actions[cc->cmd.opcode](cs, cc) : -ENOBUFS;
}
