/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands that may have to wait: each target_...() function here does what can be done now and
 * says TARGET_WAITS if that does not complete the command.  The command then stands in a queue of
 * its socket, in order of arrival, and the function is called again after each event there.
 */
#include "toe/card/target_wait.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "toe/card/data_path.h"
#include "toe/card/internal.h"
#include "toe/card/target.h"

/* --- queues ----------------------------------------------------------------------------------- */

void queue_push(struct card_queue *q, struct card_cmd *cc) {
	if (q->head)
		q->tail->next = cc;
	else
		q->head = cc;
	q->tail = cc;
}

static struct card_cmd *queue_pop(struct card_queue *q) {
	struct card_cmd *cc = q->head;

	q->head = cc->next;
	cc->next = NULL;
	return cc;
}

/* Takes the command with that id out; NULL if it is not there. */
static struct card_cmd *queue_take(struct card_queue *q, uint32_t id) {
	struct card_cmd *before = NULL;

	for (struct card_cmd *cc = q->head; cc; before = cc, cc = cc->next) {
		if (cc->cmd.id != id)
			continue;
		if (before)
			before->next = cc->next;
		else
			q->head = cc->next;
		if (q->tail == cc)
			q->tail = before;
		cc->next = NULL;
		return cc;
	}
	return NULL;
}

/* Serves the head of a queue as long as heads can be completed. */
static void queue_serve(struct card_sock *cs, struct card_queue *q, target_serve serve) {
	while (q->head) {
		int result = serve(cs, q->head);

		if (result == TARGET_WAITS)
			return;
		target_answer(queue_pop(q), result);
	}
}

/* Bytes that go to the host: MSG_TRUNC throws those of a stream away. */
static uint32_t bytes_to_host(const struct card_sock *cs, const struct card_cmd *cc) {
	return cs->type == SOCK_STREAM && (cc->cmd.u.recv.flags & MSG_TRUNC)
	               ? 0
	               : cc->done + cc->answer.control;
}

/* Answers a command that waited in vain: what it has moved so far counts. */
static void answer_early(const struct card_sock *cs, struct card_cmd *cc, int result) {
	cc->to_host = cc->cmd.flags & COMM_TO_HOST ? bytes_to_host(cs, cc) : 0;
	target_answer(cc, cc->done ? (int)cc->done : result);
}

static void queue_flush(const struct card_sock *cs, struct card_queue *q, int result) {
	while (q->head)
		answer_early(cs, queue_pop(q), result);
}

void target_flush(struct card_sock *cs, int result) {
	queue_flush(cs, &cs->accepts, result);
	queue_flush(cs, &cs->connects, result);
	queue_flush(cs, &cs->recvs, result);
	queue_flush(cs, &cs->sends, result);
	queue_flush(cs, &cs->lingers, result);
}

/* The host does not want to wait any longer: it gets what there is.  If the answer is under way
 * already, nothing is left to do, and nothing is lost: the host waits for the answer either way. */
void target_cancel(struct card_sock *cs, uint32_t id) {
	struct card_queue *queues[] = {&cs->accepts, &cs->connects, &cs->recvs, &cs->sends,
	                               &cs->lingers};

	for (size_t i = 0; i < G_N_ELEMENTS(queues); i++) {
		struct card_cmd *cc = queue_take(queues[i], id);

		if (cc) {
			answer_early(cs, cc, -ECANCELED);
			return;
		}
	}
}

static bool nonblock(const struct card_cmd *cc) { return cc->cmd.flags & COMM_NONBLOCK; }

int target_enter(struct card_sock *cs, struct card_queue *q, target_serve serve,
                 struct card_cmd *cc) {
	int result;

	if (q->head) {
		result = nonblock(cc) ? -EAGAIN : TARGET_WAITS;
		cc->here = 0; /* it waits in host memory */
	} else {
		result = serve(cs, cc);
	}
	if (result == TARGET_WAITS) {
		cc->waited = true;
		queue_push(q, cc);
	}
	return result;
}

/* --- accept ----------------------------------------------------------------------------------- */

/* The child's socket: a new one, or one that was initialised and never used. */
static struct card_sock *child_sock(struct card_sock *listener, const struct comm_handle *handle) {
	struct card_sock *child = target_find(listener->card, handle);

	if (!child)
		return target_sock_new(listener->card, handle, listener->type);
	net_close(child->so, true);
	child->so = NULL;
	return child;
}

int target_accept(struct card_sock *cs, struct card_cmd *cc) {
	struct net_sock *so;
	struct card_sock *child;
	int err = net_accept(cs->so, NULL, &so);

	if (err == -EAGAIN && !nonblock(cc))
		return TARGET_WAITS;
	if (err)
		return err;
	child = child_sock(cs, &cc->cmd.u.accept.child);
	child->so = so;
	child->interest = cs->interest;
	net_sock_set_user(so, child);
	target_names(so, &cc->answer);
	return 0;
}

/* --- connect ---------------------------------------------------------------------------------- */

/* The socket is as new, but for its options and a port that it was bound to. */
static int connect_failure(struct card_sock *cs) {
	int error = net_take_error(cs->so);

	net_disconnect(cs->so);
	return error ? -error : -ECONNABORTED;
}

int target_connect(struct card_sock *cs, struct card_cmd *cc) {
	switch (net_state(cs->so)) {
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
		if (nonblock(cc))
			return cc->cmd.u.connect.again ? -EALREADY : -EINPROGRESS;
		return TARGET_WAITS;
	case TCP_CLOSE:
		return connect_failure(cs);
	default:
		target_names(cs->so, &cc->answer);
		return 0;
	}
}

/* --- data ------------------------------------------------------------------------------------- */

/* What of the `len` bytes of a command's data is still to be moved; a command without data has no
 * buffer. */
static struct iovec rest(const struct card_cmd *cc, uint32_t len) {
	uint8_t *data = cc->cmd.data;

	return (struct iovec){cc->done ? data + cc->done : data, len - cc->done};
}

/* Room for the bytes of a message; behind it is that for control messages. */
static uint32_t room_of(const struct card_cmd *cc) {
	return cc->cmd.length - cc->cmd.u.recv.control;
}

static ssize_t recv_some(struct card_sock *cs, struct card_cmd *cc) {
	struct iovec iov = rest(cc, room_of(cc));
	uint8_t control[NET_CONTROL_MAX];
	struct net_msg msg = {
		.iov = &iov,
		.iovlen = 1,
		.flags = cc->cmd.u.recv.flags,
		.control = control,
		.controllen = MIN(cc->cmd.u.recv.control, sizeof control),
	};
	ssize_t n = net_recv(cs->so, &msg);

	if (n < 0)
		return n;
	cc->done += (uint32_t)MIN((size_t)n, iov.iov_len);
	cc->answer.faddr = msg.addr;
	cc->answer.fport = msg.port;
	cc->answer.msg_flags =
		(uint16_t)(msg.flags & (MSG_TRUNC | MSG_CTRUNC | MSG_OOB | MSG_ERRQUEUE));
	if (cc->cmd.u.recv.control) {
		cc->answer.control = (uint16_t)msg.controllen;
		memcpy((char *)cc->cmd.data + cc->done, control, msg.controllen);
	}
	return n;
}

/* Has the call moved bytes?  Then an error is for the next one. */
static bool has_moved(const struct card_cmd *cc) {
	return cc->done || cc->cmd.flags & COMM_CONTINUES;
}

/* A stream is read until the bytes that the caller wants at least are there.  Who wants none waits
 * once, whatever comes of it (tcp_recvmsg() of 2.4). */
int target_recv(struct card_sock *cs, struct card_cmd *cc) {
	const struct comm_recv *recv = &cc->cmd.u.recv;
	bool once = cs->type != SOCK_STREAM || (recv->flags & (MSG_PEEK | MSG_OOB));
	ssize_t n;

	if (cs->type == SOCK_STREAM && !cc->cmd.length && cc->waited)
		return net_poll(cs->so) & (POLLIN | POLLERR | POLLHUP) ? 0 : TARGET_WAITS;
	do {
		if (has_moved(cc) && net_only_error(cs->so))
			break;
		n = recv_some(cs, cc);
		if (n == -EAGAIN && !nonblock(cc) && !(recv->flags & MSG_OOB))
			return TARGET_WAITS;
		if (n < 0 && !cc->done)
			return (int)n;
		if (once) {
			cc->to_host = bytes_to_host(cs, cc);
			return (int)n;
		}
	} while (n > 0 && cc->done < room_of(cc) && cc->done < recv->least);
	cc->to_host = bytes_to_host(cs, cc);
	return (int)cc->done;
}

/* --- output ----------------------------------------------------------------------------------- */

static void target_hold(struct card_sock *cs) {
	if (cs->type != SOCK_STREAM || cs->corked || cs->held)
		return;
	cs->held = true;
	net_hold(cs->so, true);
	g_ptr_array_add(cs->card->output, cs);
	if (!path_output_due(cs->card->path))
		fw_kick(cs->card->fw, SOURCE_OUTPUT);
}

void target_push(struct card_sock *cs) {
	if (!cs->held)
		return;
	cs->held = false;
	g_ptr_array_remove(cs->card->output, cs);
	net_hold(cs->so, false);
}

/* --- data that wait in host memory -------------------------------------------------------------- */

static void data_came(void *arg) {
	struct card_fetch *f = arg;
	struct card *card = f->card;

	f->next = NULL;
	if (card->came)
		card->came_last->next = f;
	else
		card->came = f;
	card->came_last = f;
	fw_kick(card->fw, SOURCE_DATA);
}

void target_data_run(void *arg) {
	struct card *card = arg;
	struct card_fetch *f = card->came;
	struct card_sock *cs = target_find(card, &f->sock);
	struct card_cmd *cc = cs ? cs->sends.head : NULL;

	card->came = f->next;
	f->next = card->free_fetches;
	card->free_fetches = f;
	if (!cs)
		return;
	cs->fetching = false;
	if (cc && cc->cmd.id == f->id && cc->cmd.generation == f->generation)
		cc->here = cc->done + f->dma.bytes;
	target_touch(cs);
	target_settle(card);
}

/* Asks for as many of the command's bytes as there is room for; a datagram comes whole. */
static void fetch_again(struct card_sock *cs, const struct card_cmd *cc, size_t room) {
	struct card *card = cs->card;
	struct card_fetch *f = card->free_fetches;
	size_t left = cc->cmd.length - cc->done;

	if (cs->fetching)
		return;
	if (f) {
		card->free_fetches = f->next;
	} else {
		f = g_new(struct card_fetch, 1);
		g_ptr_array_add(card->fetches, f);
	}
	*f = (struct card_fetch){
		.card = card,
		.sock = cs->handle,
		.id = cc->cmd.id,
		.generation = cc->cmd.generation,
		.dma = {.bytes = (uint32_t)(cs->type == SOCK_STREAM ? MIN(left, room) : left),
	                .done = data_came,
	                .arg = f},
	};
	cs->fetching = true;
	comm_read(card->comm, &f->dma);
}

/* A send that waits takes none of the card's memory: what did not fit is let go, and fetched again when
 * there is room. */
int target_send(struct card_sock *cs, struct card_cmd *cc) {
	const struct comm_send *send = &cc->cmd.u.send;
	uint32_t control = send->control, len = cc->cmd.length - control;

	/* With MSG_MORE the stack itself keeps the last, small segment, also from the output item. */
	if (send->flags & MSG_MORE)
		target_push(cs);
	else
		target_hold(cs);
	do {
		size_t room = net_send_space(cs->so);
		struct iovec iov = rest(cc, len);
		struct net_msg msg = {
			.iov = &iov,
			.iovlen = 1,
			.addr = send->to.addr,
			.port = send->to.port,
			.flags = send->flags,
			.control = control ? (char *)cc->cmd.data + len : NULL,
			.controllen = control,
		};
		ssize_t n;

		if (has_moved(cc) && net_peek_error(cs->so))
			break;
		if (cc->here <= cc->done && cc->done < len && room) {
			fetch_again(cs, cc, room);
			return TARGET_WAITS;
		}
		if (cc->here > cc->done && cc->here < len)
			iov.iov_len = cc->here - cc->done;
		n = net_send(cs->so, &msg);
		if (n == -EAGAIN && !nonblock(cc)) {
			cc->here = cc->done;
			return TARGET_WAITS;
		}
		if (n < 0)
			return cc->done ? (int)cc->done : (int)n;
		cc->done += (uint32_t)n;
	} while (cc->done < len);
	return (int)cc->done;
}

/* --- close with SO_LINGER --------------------------------------------------------------------- */

/* As tcp_close() of 2.4: until the FIN is acknowledged. */
int target_linger(struct card_sock *cs, struct card_cmd *cc) {
	int state = net_state(cs->so);

	(void)cc;
	return state == TCP_FIN_WAIT1 || state == TCP_CLOSING || state == TCP_LAST_ACK
	               ? TARGET_WAITS
	               : 0;
}

static void serve_lingering(struct card *card) {
	for (guint i = card->lingering->len; i-- > 0;) {
		struct card_sock *cs = g_ptr_array_index(card->lingering, i);

		queue_serve(cs, &cs->lingers, target_linger);
		if (cs->lingers.head)
			continue;
		cs->lingering = false;
		g_ptr_array_remove_index(card->lingering, i);
	}
}

/* --- events ----------------------------------------------------------------------------------- */

void target_touch(struct card_sock *cs) {
	if (cs->dirty)
		return;
	cs->dirty = true;
	g_ptr_array_add(cs->card->dirty, cs);
}

void target_event(void *owner, struct net_sock *so, unsigned events) {
	struct card_sock *cs = net_sock_user(so);

	(void)owner;
	if (!cs)
		return;
	cs->events |= events;
	target_touch(cs);
}

/* A message that no command asked for.  One at a time is under way for a socket: it carries the
 * mask of the moment when it leaves. */
static void tell(struct card_sock *cs, bool urgent) {
	struct card_cmd *cc = card_cmd_new(cs->card);

	cc->answer.kind = COMM_EVENT;
	cc->answer.sock = cs->handle;
	cc->answer.urgent = urgent;
	cs->telling = true;
	cs->card->n_events++;
	fw_charge(cs->card->fw, TOE_COST_EVENT, 0);
	fw_defer(cs->card->fw, target_post, cs->card, cc);
}

/* Bits that went away are news only with the next answer: nobody waits for them. */
static void tell_changes(struct card_sock *cs, bool urgent) {
	bool more = cs->interest && !cs->telling && (net_poll(cs->so) & ~cs->told);

	if (more || urgent)
		tell(cs, urgent);
}

static void serve(struct card_sock *cs) {
	bool urgent = cs->events & NET_EV_URGENT;

	cs->events = 0;
	queue_serve(cs, &cs->accepts, target_accept);
	queue_serve(cs, &cs->connects, target_connect);
	queue_serve(cs, &cs->recvs, target_recv);
	queue_serve(cs, &cs->sends, target_send);
	tell_changes(cs, urgent);
}

static void serve_all(struct card *card) {
	/* Serving may cause more events, at the end of the array. */
	for (guint i = 0; i < card->dirty->len; i++) {
		struct card_sock *cs = g_ptr_array_index(card->dirty, i);

		cs->dirty = false;
		serve(cs);
	}
	g_ptr_array_set_size(card->dirty, 0);
	if (card->lingering->len)
		serve_lingering(card);
}

void target_settle(struct card *card) {
	card_charge_begun(card);
	serve_all(card);
	card_charge_over(card);
}

void target_due(struct card *card) {
	if (card->dirty->len || card->lingering->len || card_charges_due(card))
		fw_kick(card->fw, SOURCE_CAME);
}

/* Data and room for data wait for nothing; a connection that is over costs time, which has some. */
void target_came_run(void *arg) {
	struct card *card = arg;

	serve_all(card);
	if (card_charges_due(card))
		fw_kick(card->fw, SOURCE_SENT);
}
