/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The operations of the inner socket, and what is asked of it.
 */
#include "sop/leg.h"

#include "sop/sock.h"

/* A call in progress inside the inner socket, which stays as long: to the end of the block. */
struct leg_call {
	struct sop_leg *leg;
	struct socket *inner; /* NULL: the leg is absent */
};
#define LEG_CALL struct leg_call __attribute__((cleanup(leave)))

static inline void leave(struct leg_call *call) { call->leg->busy -= call->inner != NULL; }

/* Absent: another process that has the SOP socket has dropped the leg since it was chosen, because
 * its card failed while this one slept in the stack before. */
static inline struct leg_call enter(struct sop_leg *leg) {
	struct leg_call in = {leg, leg->inner};

	if (in.inner) {
		leg->busy++;
		if (leg->opt_seq != leg->ss->sk.opt_seq)
			leg_sync_options(leg);
	}
	return in;
}

/* After a call that may have slept: is it still the same inner socket? */
static inline void advance(const struct leg_call *in, enum sop_leg_state state) {
	if (in->leg->inner == in->inner)
		in->leg->state = state;
}

/* There was no connection to be reset. */
static int unconnected(const struct sop_leg *leg, int err) {
	return card_is_gone(leg, err) ? -ENETDOWN : err;
}

int leg_bind(struct sop_leg *leg, uint32_t addr, uint16_t port) {
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = g_htons(port),
		.sin_addr.s_addr = g_htonl(addr),
	};
	LEG_CALL in = enter(leg);
	int err = in.inner ? in.inner->ops->bind(in.inner, (struct sockaddr *)&sin, sizeof sin)
	                   : -ENETDOWN;

	if (!err)
		advance(&in, LEG_BOUND);
	return unconnected(leg, err);
}

int leg_listen(struct sop_leg *leg, int backlog) {
	LEG_CALL in = enter(leg);
	int err = in.inner ? in.inner->ops->listen(in.inner, backlog) : -ENETDOWN;

	if (!err)
		advance(&in, LEG_LISTENING);
	return unconnected(leg, err);
}

int leg_connect(struct sop_leg *leg, const struct sockaddr *addr, int len, int flags) {
	LEG_CALL in = enter(leg);
	int err = in.inner ? in.inner->ops->connect(in.inner, addr, len, flags) : -ENETDOWN;

	if (!err)
		advance(&in, LEG_CONNECTED);
	return err;
}

int leg_disconnect(struct sop_leg *leg) {
	const struct sockaddr unspec = {.sa_family = AF_UNSPEC};
	LEG_CALL in = enter(leg);
	int err;

	if (!in.inner)
		return -ENETDOWN;
	err = in.inner->ops->connect(in.inner, &unspec, sizeof unspec, 0);
	if (leg->state > LEG_BOUND)
		advance(&in, LEG_BOUND);
	return err;
}

/* Also when a sleeping thread is unwound at the end of a run. */
static void release_new(struct socket **sock) {
	if (*sock)
		sock_release(*sock);
}

/* As sys_accept does it: the new socket has the listener's ops and no sk yet. */
int leg_accept(struct sop_leg *leg, int flags, struct socket **inner) {
	struct socket *new __attribute__((cleanup(release_new))) = NULL;
	LEG_CALL in = enter(leg);
	int err;

	if (!in.inner)
		return -ENETDOWN;
	new = sock_alloc_inner(in.inner->kernel, SOCK_STREAM);
	new->ops = in.inner->ops;
	err = in.inner->ops->accept(in.inner, new, flags);
	if (err)
		return err;
	leg->stack->count[SOP_STACK_accepted]++;
	*inner = new;
	new = NULL;
	return 0;
}

static int make_socket(struct sop_leg *leg) {
	struct socket *new = sock_alloc_inner(sop_kernel(leg->ss), SOCK_STREAM);
	int err = sop_stack_socket(leg->stack, new, leg->ss->sk.protocol);

	if (err)
		sock_release(new);
	else
		leg->made = new;
	return err;
}

static int accept_into(struct sop_leg *leg, struct socket *new) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->accept(in.inner, new, 0) : -ENETDOWN;
}

int leg_accept_made(struct sop_leg *leg, struct socket **inner) {
	int err = leg->made ? 0 : make_socket(leg);

	if (!err)
		err = accept_into(leg, leg->made);
	if (err)
		return err;
	leg->stack->count[SOP_STACK_accepted]++;
	*inner = leg->made;
	leg->made = NULL;
	return 0;
}

void leg_unmake(struct sop_leg *leg) {
	if (leg->made)
		sock_release(leg->made);
	leg->made = NULL;
}

ssize_t leg_sendmsg(struct sop_leg *leg, struct msghdr *msg, size_t len) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->sendmsg(in.inner, msg, len) : -ENETDOWN;
}

ssize_t leg_sendpage(struct sop_leg *leg, const void *page, size_t size, int flags) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->sendpage(in.inner, page, size, flags) : -ENETDOWN;
}

ssize_t leg_recvmsg(struct sop_leg *leg, struct msghdr *msg, size_t len, int flags) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->recvmsg(in.inner, msg, len, flags) : -ENETDOWN;
}

unsigned leg_poll(struct sop_leg *leg, struct file *file, struct poll_table *table) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->poll(file, in.inner, table) : 0;
}

int leg_getname(struct sop_leg *leg, struct sockaddr *addr, int *len, int peer) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->getname(in.inner, addr, len, peer) : -ENETDOWN;
}

int leg_take_error(struct sop_leg *leg) {
	LEG_CALL in = enter(leg);
	struct sock *sk = in.inner ? in.inner->sk : NULL;

	if (!sk)
		return 0;
	if (sk->fetch_error)
		sk->fetch_error(sk);
	return -sock_error(sk);
}

int leg_ioctl(struct sop_leg *leg, unsigned long cmd, void *arg) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->ioctl(in.inner, cmd, arg) : -ENETDOWN;
}

int leg_shutdown(struct sop_leg *leg, int how) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->shutdown(in.inner, how) : -ENETDOWN;
}

int leg_setsockopt(struct sop_leg *leg, int level, int name, const void *val, int len) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->setsockopt(in.inner, level, name, val, len) : -ENETDOWN;
}

int leg_getsockopt(struct sop_leg *leg, int level, int name, void *val, int *len) {
	LEG_CALL in = enter(leg);

	return in.inner ? in.inner->ops->getsockopt(in.inner, level, name, val, len) : -ENETDOWN;
}

static struct sockaddr_in own_name(struct sop_leg *leg) {
	struct sockaddr_in sin;
	int len = sizeof sin;

	return leg_getname(leg, (struct sockaddr *)&sin, &len, 0) ? (struct sockaddr_in){0} : sin;
}

uint16_t leg_port(struct sop_leg *leg) {
	struct sockaddr_in sin = own_name(leg);

	return g_ntohs(sin.sin_port);
}

uint32_t leg_address(struct sop_leg *leg) {
	struct sockaddr_in sin = own_name(leg);

	return g_ntohl(sin.sin_addr.s_addr);
}
