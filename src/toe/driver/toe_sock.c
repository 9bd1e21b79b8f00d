/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does the host remember of a card's socket, and how does it ask for the rest? */
#include "toe/driver/toe_sock.h"
#include "net/engine/socket.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "toe/driver/command.h"
#include "toe/driver/config.h"
#include "toe/driver/driver.h"

/* What a program that never polled sees of a card's socket, as tcp_poll() of 2.4 has it. */
#define MASK_FRESH_STREAM (POLLOUT | POLLWRNORM | POLLHUP)
#define MASK_FRESH_DGRAM (POLLOUT | POLLWRNORM | POLLWRBAND)
#define MASK_DEAD (POLLERR | POLLHUP)

/* --- handles ------------------------------------------------------------------------------------- */

static void handle_take(struct toe_sock *ts) {
	struct toe *toe = ts->toe;
	struct toe_slot *slot;

	if (toe->free_slots->len) {
		ts->handle.index =
			g_array_index(toe->free_slots, uint32_t, toe->free_slots->len - 1);
		g_array_set_size(toe->free_slots, toe->free_slots->len - 1);
	} else {
		ts->handle.index = toe->slots->len;
		g_array_set_size(toe->slots, toe->slots->len + 1);
	}
	slot = &g_array_index(toe->slots, struct toe_slot, ts->handle.index);
	slot->ts = ts;
	if (++slot->generation == 0)
		slot->generation = 1; /* 0 stands for no socket */
	ts->handle.generation = slot->generation;
}

/* The card tells of a socket's changes, or does not. */
static void interest_heard(struct toe_sock *ts, bool interest) {
	ts->toe->watched += (unsigned)interest - (unsigned)ts->interest;
	ts->interest = interest;
}

static void handle_give(struct toe_sock *ts) {
	interest_heard(ts, false);
	g_array_index(ts->toe->slots, struct toe_slot, ts->handle.index).ts = NULL;
	g_array_append_val(ts->toe->free_slots, ts->handle.index);
}

static struct toe_sock *handle_find(const struct toe *toe, const struct comm_handle *handle) {
	const struct toe_slot *slot;

	if (handle->index >= toe->slots->len)
		return NULL;
	slot = &g_array_index(toe->slots, struct toe_slot, handle->index);
	return slot->generation == handle->generation ? slot->ts : NULL;
}

/* --- options and errors ---------------------------------------------------------------------------- */

/* SOL_SOCKET options that the card's stack has to know. */
static bool card_option(const struct sock *sk, int name, int *value) {
	switch (name) {
	case SO_REUSEADDR:
		*value = sk->reuse;
		return true;
	case SO_KEEPALIVE:
		*value = sk->keepalive;
		return true;
	case SO_OOBINLINE:
		*value = sk->oobinline;
		return true;
	case SO_BROADCAST:
		*value = sk->broadcast;
		return true;
	case SO_SNDBUF: /* half of what is shown is overhead */
		*value = (int)(sk->sndbuf / 2);
		return true;
	case SO_RCVBUF:
		*value = (int)(sk->rcvbuf / 2);
		return true;
	default:
		return false;
	}
}

/* What is shown is in force: no more than the card's stack grants, which the driver knows. */
static void clamp_buffers(struct toe_sock *ts) {
	const struct net_params *p = &ts->toe->conf.net;

	ts->sk.sndbuf = MIN(ts->sk.sndbuf / 2, p->sndbuf_max) * 2;
	ts->sk.rcvbuf = MIN(ts->sk.rcvbuf / 2, p->rcvbuf_max) * 2;
}

static void tell_option(struct toe_sock *ts, int level, int name, const void *value, size_t len) {
	struct toe_cmd *cmd = toe_cmd_new(ts->toe, ts, COMM_SETSOCKOPT);

	cmd->c.u.option = (struct comm_option){level, name};
	memcpy(toe_cmd_data(cmd, len, COMM_TO_CARD), value, len);
	toe_cmd_post(cmd, true);
}

static void option_changed(struct sock *sk, int name) {
	struct toe_sock *ts = (struct toe_sock *)sk;
	int value;

	if (name == SO_SNDBUF || name == SO_RCVBUF) {
		clamp_buffers(ts);
		ts->sized[name == SO_RCVBUF] = true;
	}
	if (name == SO_BINDTODEVICE)
		tell_option(ts, SOL_SOCKET, name, sk->bound_dev, sizeof sk->bound_dev);
	else if (card_option(sk, name, &value))
		tell_option(ts, SOL_SOCKET, name, &value, sizeof value);
}

/* An option that only the card has, and its value. */
struct kept_option {
	int level, name;
	GBytes *value;
};

static void kept_option_clear(gpointer data) { g_bytes_unref(((struct kept_option *)data)->value); }

void toe_sock_keep_option(struct toe_sock *ts, int level, int name, const void *val, size_t len) {
	struct kept_option kept = {level, name, NULL};

	if (!ts->movable || !toe_sock_unused(ts))
		return;
	if (!ts->options) {
		ts->options = g_array_new(FALSE, FALSE, sizeof kept);
		g_array_set_clear_func(ts->options, kept_option_clear);
	}
	kept.value = g_bytes_new(val, len);
	g_array_append_val(ts->options, kept);
}

static void forget_options(struct toe_sock *ts) { g_clear_pointer(&ts->options, g_array_unref); }

/* SO_ERROR: the card has the error. */
static void fetch_error(struct sock *sk) {
	struct toe_sock *ts = (struct toe_sock *)sk;
	struct toe_cmd *cmd;
	int error;

	if (sk->err || ts->toe->td.dead)
		return;
	cmd = toe_cmd_new(ts->toe, ts, COMM_GETSOCKOPT);
	cmd->c.u.option = (struct comm_option){SOL_SOCKET, SO_ERROR};
	error = toe_cmd_call(cmd);
	if (error > 0)
		sk->err = error;
	toe_cmd_free(cmd);
}

/* --- life -------------------------------------------------------------------------------------- */

static unsigned fresh_mask(const struct toe_sock *ts) {
	return ts->sk.type == SOCK_STREAM ? MASK_FRESH_STREAM : MASK_FRESH_DGRAM;
}

static void default_buffers(struct toe_sock *ts) {
	if (ts->sk.type != SOCK_STREAM)
		return; /* as on every stack: sock_init_data() */
	if (!ts->sized[0])
		ts->sk.sndbuf = 2 * ts->toe->conf.net.sndbuf;
	if (!ts->sized[1])
		ts->sk.rcvbuf = 2 * ts->toe->conf.net.rcvbuf;
}

struct toe_sock *toe_sock_new(struct toe *toe, struct socket *sock, int family, int type,
                              int protocol) {
	struct toe_sock *ts = g_slice_new0(struct toe_sock);

	charge(toe->kernel, COST_TOE_CREATE, 0);
	sock_init_data(sock, &ts->sk, family, type, protocol);
	ts->sk.option_changed = option_changed;
	ts->sk.fetch_error = fetch_error;
	ts->toe = toe;
	default_buffers(ts);
	ts->mask = fresh_mask(ts);
	ts->state = TCP_CLOSE;
	handle_take(ts);
	return ts;
}

void toe_sock_free(struct toe_sock *ts) {
	handle_give(ts);
	forget_options(ts);
	g_slice_free(struct toe_sock, ts);
}

int toe_sock_init(struct toe_sock *ts) {
	struct toe *toe = ts->toe;
	struct toe_cmd *cmd = toe_cmd_new(toe, ts, COMM_SOCKET);
	int err;

	cmd->c.u.socket = (struct comm_socket){ts->sk.type, ts->sk.protocol};
	if (!toe->conf.sync_init) { /* the first real command's answer brings this one with it */
		toe_cmd_post(cmd, true);
		return 0;
	}
	err = toe_cmd_call(cmd);
	toe_cmd_free(cmd);
	return err;
}

static void options_replay(struct toe_sock *ts) {
	static const int names[] = {SO_REUSEADDR, SO_KEEPALIVE, SO_OOBINLINE, SO_BROADCAST};
	int value;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (card_option(&ts->sk, names[i], &value) && value)
			option_changed(&ts->sk, names[i]);
	default_buffers(ts);
	for (unsigned i = 0; i < 2; i++)
		if (ts->sized[i])
			option_changed(&ts->sk, i ? SO_RCVBUF : SO_SNDBUF);
	if (ts->sk.bound_dev[0])
		option_changed(&ts->sk, SO_BINDTODEVICE);
	for (guint i = 0; ts->options && i < ts->options->len; i++) {
		const struct kept_option *kept = &g_array_index(ts->options, struct kept_option, i);
		size_t len;
		const void *value = g_bytes_get_data(kept->value, &len);

		tell_option(ts, kept->level, kept->name, value, len);
	}
}

bool toe_sock_unused(const struct toe_sock *ts) {
	return !ts->lport && ts->state == TCP_CLOSE && !ts->naming;
}

int toe_cmd_name(struct toe_sock *ts, struct toe_cmd *cmd, sim_time *timeout) {
	int result;

	ts->naming++;
	result = timeout ? toe_cmd_wait(cmd, timeout) : toe_cmd_call(cmd);
	ts->naming--;
	return result;
}

int toe_sock_move(struct toe_sock *ts, struct toe *toe) {
	struct toe_cmd *cmd;
	int err;

	if (toe->td.dead)
		return -ENETDOWN;
	cmd = toe_cmd_new(ts->toe, ts, COMM_RELEASE);
	toe_cmd_post(cmd, true);
	handle_give(ts);
	ts->toe = toe;
	ts->mask = fresh_mask(ts);
	handle_take(ts);
	err = toe_sock_init(ts);
	if (!err)
		options_replay(ts);
	ts->sk.state_change(&ts->sk); /* who polls asks the new card */
	return err;
}

/* Has the socket gone over to another card since the command was made for it? */
static bool has_moved(const struct toe_sock *ts, const struct toe_cmd *cmd) {
	return ts->toe != cmd->toe || ts->handle.index != cmd->c.sock.index ||
	       ts->handle.generation != cmd->c.sock.generation;
}

/* --- what the card says -------------------------------------------------------------------------- */

void toe_sock_peer(struct toe_sock *ts, const struct comm_completion *answer) {
	ts->faddr = answer->faddr;
	ts->fport = answer->fport;
}

/* Tells whoever sleeps or polls on the socket what is new. */
static void mask_changed(struct toe_sock *ts, unsigned new) {
	struct sock *sk = &ts->sk;

	if (new &POLLERR)
		sk->error_report(sk);
	else if (new &POLLHUP)
		sk->state_change(sk);
	else if (new &POLLIN)
		sk->data_ready(sk);
	if (new &POLLOUT)
		sk->write_space(sk);
}

static void name_heard(struct toe_sock *ts, const struct comm_completion *entry) {
	ts->laddr = entry->laddr;
	ts->lport = entry->lport;
}

/* The connection is there from now on, and what the card says of it may follow at once, before the
 * task that accepts it has come to know of it. */
static void child_heard(struct toe *toe, const struct comm_handle *handle,
                        const struct comm_completion *entry) {
	struct toe_sock *child = handle_find(toe, handle);

	if (!child)
		return;
	name_heard(child, entry);
	toe_sock_peer(child, entry);
	child->state = TCP_ESTABLISHED;
	child->mask = entry->child_poll;
	child->room = entry->room;
	interest_heard(child, entry->child_interest);
}

void toe_sock_heard(struct toe *toe, const struct comm_completion *entry,
                    const struct comm_command *cmd) {
	struct toe_sock *ts = handle_find(toe, &entry->sock);
	unsigned new;

	if (cmd && cmd->opcode == COMM_ACCEPT && entry->result == 0)
		child_heard(toe, &cmd->u.accept.child, entry);
	else if (ts)
		name_heard(ts, entry);
	if (!ts) {
		/* Answers to the release come to the empty slot as well: they are not late. */
		toe->n_late += entry->kind == COMM_EVENT;
		return;
	}
	new = entry->poll & ~ts->mask;
	ts->mask = entry->poll;
	ts->state = entry->state;
	ts->room = entry->room;
	interest_heard(ts, entry->interest);
	if (ts->interest && new)
		mask_changed(ts, new);
	if (entry->urgent)
		ts->sk.urgent(&ts->sk);
}

void toe_sock_answered(struct toe *toe, const struct comm_command *cmd) {
	struct toe_sock *ts = handle_find(toe, &cmd->sock);

	if (ts && cmd->opcode == COMM_SEND)
		ts->unanswered -= cmd->length;
}

void toe_sock_posted_error(struct toe *toe, const struct comm_command *cmd, int error) {
	struct toe_sock *ts = handle_find(toe, &cmd->sock);

	/* It has taken the socket's error, which is the next call's now; a pipe stays broken by itself. */
	if (ts && cmd->opcode == COMM_SEND && error != -EPIPE)
		ts->sk.err = -error;

	/* The initialisation failed: the next operation finds no socket on the card. */
	if (ts && cmd->opcode == COMM_SOCKET) {
		ts->sk.err = -error;
		ts->mask = POLLERR;
		ts->sk.error_report(&ts->sk);
	}
}

void toe_socks_died(struct toe *toe) {
	for (guint i = 0; i < toe->slots->len; i++) {
		struct toe_sock *ts = g_array_index(toe->slots, struct toe_slot, i).ts;

		if (!ts)
			continue;
		ts->mask = MASK_DEAD;
		ts->sk.err = ts->sk.type == SOCK_STREAM ? ECONNRESET : ENETDOWN;
		ts->sk.error_report(&ts->sk);
	}
}

void toe_socks_exit(struct toe *toe) {
	for (guint i = 0; i < toe->slots->len; i++) {
		struct toe_sock *ts = g_array_index(toe->slots, struct toe_slot, i).ts;

		if (!ts)
			continue;
		if (ts->sk.socket)
			ts->sk.socket->sk = NULL;
		forget_options(ts);
		g_slice_free(struct toe_sock, ts);
	}
}

/* --- which card ------------------------------------------------------------------------------------ */

struct toe *toe_by_addr(const struct kernel *k, uint32_t addr) {
	for (struct toedev *td = toedev_first(k); td; td = td->next)
		if (is_toe(td) && config_owns_addr(td, addr))
			return td_toe(td);
	return NULL;
}

struct toe *toe_by_route(const struct kernel *k, uint32_t dst) {
	struct toe *best = NULL;
	int longest = -1;

	for (struct toedev *td = toedev_first(k); td; td = td->next)
		if (is_toe(td) && !td->dead && config_route(td, dst) > longest) {
			longest = config_route(td, dst);
			best = td_toe(td);
		}
	return best;
}

/* --- data and connections -------------------------------------------------------------------------- */

/* Control messages, or room for them: a stream has none. */
static size_t control_length(const struct toe_sock *ts, const struct msghdr *msg) {
	return ts->sk.type == SOCK_DGRAM && msg->msg_control ? msg->msg_controllen : 0;
}

static bool pinned(const struct toe *toe, size_t len) {
	return toe->conf.pin_from && len >= toe->conf.pin_from;
}

/* Between a program and what the card's DMA reaches: a copy, or the pages themselves. */
static void charge_reach(const struct toe *toe, size_t len) {
	charge(toe->kernel, pinned(toe, len) ? COST_COMM_PIN : COST_COMM_COPY, len);
}

/* The card has room for these bytes and those before them, so it can only take them.  Pinned pages are the
 * program's again when it returns: those are waited for. */
static bool may_post(const struct toe_sock *ts, size_t len, int flags) {
	return ts->toe->conf.posted_sends && !ts->toe->td.dead && !ts->toe->failing &&
	       ts->sk.type == SOCK_STREAM && len && !(flags & MSG_OOB) && !pinned(ts->toe, len) &&
	       (ts->state == TCP_ESTABLISHED || ts->state == TCP_CLOSE_WAIT) &&
	       len + ts->unanswered <= ts->room;
}

int toe_send_part(struct toe_sock *ts, const struct msghdr *msg, size_t offset, size_t len,
                  int flags, uint32_t addr, uint16_t port, sim_time *timeout) {
	size_t control = control_length(ts, msg);
	struct toe_cmd *cmd;
	uint8_t *data;
	int result;

	if (control > NET_CONTROL_MAX)
		return -ENOBUFS;
	cmd = toe_cmd_new(ts->toe, ts, COMM_SEND);
	charge_reach(ts->toe, len);
	data = toe_cmd_data(cmd, len + control, COMM_TO_CARD);
	iov_gather(data, msg->msg_iov, msg->msg_iovlen, offset, len);
	if (control)
		memcpy(data + len, msg->msg_control, control);
	cmd->c.u.send = (struct comm_send){
		.to = {addr, port},
		.flags = flags,
		.control = (uint32_t)control,
	};
	if (offset)
		cmd->c.flags |= COMM_CONTINUES;
	if (may_post(ts, len, flags)) {
		ts->unanswered += (uint32_t)len;
		cmd->patient = true;
		/* quiet answers give no room back by themselves */
		toe_cmd_post(cmd, ts->unanswered < ts->room / 2);
		return (int)len;
	}
	result = toe_cmd_name(ts, cmd, timeout);
	toe_cmd_free(cmd);
	return result;
}

/* What came with a receive: bytes, then control messages. */
static void take_received(struct toe_sock *ts, const struct toe_cmd *cmd, struct msghdr *msg,
                          size_t offset) {
	size_t control = cmd->answer.control, bytes = cmd->answer.length - control;

	if (bytes) {
		charge_reach(ts->toe, bytes);
		iov_scatter(msg->msg_iov, msg->msg_iovlen, offset, cmd->buffer, bytes);
	}
	if (control)
		memcpy(msg->msg_control, cmd->buffer + bytes, control);
	if (ts->sk.type == SOCK_DGRAM)
		msg->msg_controllen = control;
	ts->stamp = sim_now(ts->toe->kernel->sim);
}

/* *moved: the socket went over to another card, and is to be asked there. */
static int recv_once(struct toe_sock *ts, struct msghdr *msg, size_t offset, size_t len, int flags,
                     size_t least, sim_time *timeout, struct comm_completion *answer, bool *moved) {
	struct toe_cmd *cmd = toe_cmd_new(ts->toe, ts, COMM_RECV);
	size_t room = MIN(control_length(ts, msg), NET_CONTROL_MAX);
	int result;

	toe_cmd_data(cmd, len + room, COMM_TO_HOST);
	cmd->c.u.recv = (struct comm_recv){
		.flags = flags,
		.least = (uint32_t)MIN(least, len),
		.control = (uint32_t)room,
	};
	if (offset)
		cmd->c.flags |= COMM_CONTINUES;
	result = toe_cmd_wait(cmd, timeout);
	if (result >= 0)
		take_received(ts, cmd, msg, offset);
	*answer = cmd->answer;
	*moved = result == -ECONNABORTED && has_moved(ts, cmd);
	toe_cmd_free(cmd);
	return result;
}

int toe_recv_part(struct toe_sock *ts, struct msghdr *msg, size_t offset, size_t len, int flags,
                  size_t least, sim_time *timeout, struct comm_completion *answer) {
	bool moved;
	int result;

	do
		result = recv_once(ts, msg, offset, len, flags, least, timeout, answer, &moved);
	while (moved);
	return result;
}

int toe_connect_addr(const struct sockaddr *addr, int addr_len, uint32_t *ip, uint16_t *port,
                     bool *unspec) {
	*unspec = false;
	if (!addr || addr_len < (int)sizeof addr->sa_family)
		return -EINVAL;
	*unspec = addr->sa_family == AF_UNSPEC;
	if (*unspec)
		return 0;
	if (addr_len < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	if (addr->sa_family != AF_INET && addr->sa_family != AF_TOE)
		return -EAFNOSUPPORT;
	return sockaddr_get_in(addr, addr_len, ip, port);
}

int toe_connect_command(struct toe_sock *ts, uint32_t addr, uint16_t port, bool again,
                        sim_time *timeout) {
	struct toe_cmd *cmd = toe_cmd_new(ts->toe, ts, COMM_CONNECT);
	int err;

	cmd->c.u.connect = (struct comm_connect){{addr, port}, again};
	ts->sk.shutdown = 0;
	err = toe_cmd_name(ts, cmd, timeout);
	if (!err)
		toe_sock_peer(ts, &cmd->answer);
	toe_cmd_free(cmd);
	return err;
}

int toe_disconnect(struct toe_sock *ts) {
	struct toe_cmd *cmd = toe_cmd_new(ts->toe, ts, COMM_DISCONNECT);
	int err = toe_cmd_call(cmd);

	if (!err) {
		ts->faddr = ts->fport = 0;
		ts->sk.shutdown = 0;
		ts->sk.acceptconn = false;
	}
	toe_cmd_free(cmd);
	return err;
}
