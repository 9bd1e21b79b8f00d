/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does the pure engine live in a kernel?  Its timers, frames, events and copies become
 * softirqs, devices, wake-ups and charges.
 */
#include <errno.h>
#include <glib.h>

#include "host/core/copy.h"
#include "host/dev/dev.h"
#include "host/inet/inet_internal.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"

/* The kernel's half of the engine: output, events, timers, and its life. */

struct inet_host *inet_host(const struct kernel *k) { return net_stack_owner(k->stack); }

/* --- the socket lock --------------------------------------------------------------------------- */

void inet_lock(struct inet_sock *is) {
	struct kernel *k = is->sk.socket->kernel;
	struct inet_host *host = inet_host(k);

	if (is->sk.type != SOCK_STREAM || !current_task(k) || cpu_halted(k))
		return;
	host->locked = true;
	net_lock(is->so);
	softirqs_let_in(k);
}

void inet_unlock(struct kernel *k) {
	struct inet_host *host = inet_host(k);

	if (!host->locked)
		return;
	do
		cpu_settle(k);
	while (net_locked_input(k->stack));
	net_unlock(k->stack);
	host->locked = false;
	softirqs_let_in(k);
}

/* --- copies ---------------------------------------------------------------------------------- */

void inet_copy_begin(struct inet_host *host, unsigned cost, size_t bytes,
                     const struct net_sock *to) {
	host->copy = (struct inet_copy){.cost = cost, .left = bytes, .to = to};
}

static void copy_charge(struct inet_host *host, size_t bytes) {
	struct inet_copy *copy = &host->copy;

	bytes = MIN(bytes, copy->left);
	if (!bytes)
		return;
	copy_bytes(host->k, copy->cost, bytes);
	copy->left -= bytes;
	copy->charged += bytes;
}

void inet_copy_end(struct inet_host *host, size_t bytes) {
	if (bytes > host->copy.charged)
		copy_bytes(host->k, host->copy.cost, bytes - host->copy.charged);
	host->copy.left = 0;
}

/* --- operations of the engine ----------------------------------------------------------------- */

size_t inet_copy_charged(const struct inet_host *host) { return host->copy.charged; }

/* All but the bytes that are left for later segments.  One that is sent again, or that is made of what
 * lay in the buffer before, waits for nothing. */
static void stream_copies(struct inet_host *host) {
	size_t rest = net_send_rest(host->copy.to);

	if (rest < host->copy.left)
		copy_charge(host, host->copy.left - rest);
}

/* A segment, datagram or fragment of a send leaves when its own bytes have been copied; the window update
 * of a receive when all have. */
static void stack_copies(struct inet_host *host, size_t payload) {
	if (!host->copy.left)
		return;
	if (host->copy.cost == COST_COPY_RX)
		copy_charge(host, host->copy.left);
	else if (host->copy.to)
		stream_copies(host);
	else
		copy_charge(host, payload);
}

static bool stack_output(void *owner, struct net_if *ifp, struct frame *frame, enum net_kind kind,
                         size_t payload) {
	struct inet_host *host = owner;

	if (!host->copy.ahead)
		stack_copies(host, payload);
	host->copy.ahead = false;
	return dev_output(host->k, ifp, frame, kind, payload);
}

static void stack_event(void *owner, struct net_sock *so, unsigned events) {
	struct inet_host *host = owner;
	struct inet_sock *is = net_sock_user(so);

	if (!is)
		return;
	struct sock *sk = &is->sk;
	if (events & NET_EV_ERROR)
		sk->error_report(sk);
	if (events & (NET_EV_CONNECTED | NET_EV_HANGUP | NET_EV_CLOSED | NET_EV_FIN_ACKED))
		sk->state_change(sk);
	if (events & NET_EV_READ) {
		is->stamp = sim_now(host->k->sim);
		sk->data_ready(sk);
	}
	if (events & NET_EV_WRITE)
		sk->write_space(sk);
	if (events & NET_EV_URGENT)
		sk->urgent(sk);
}

/* The stack's timers are kernel timers: the dates that it asks for are ticks (net_conf.tick). */
static void stack_timer(void *owner, sim_time when) {
	struct inet_host *host = owner;
	struct sim *sim = host->k->sim;

	if (when == SIM_NEVER)
		sim_cancel(sim, &host->timer);
	else
		sim_at(sim, &host->timer, MAX(when, sim_now(sim)));
}

/* Each timer of a tick pays for itself. */
static void stack_timer_runs(void *owner) {
	struct inet_host *host = owner;

	charge(host->k, COST_TIMER, 0);
}

static void stack_loopback(void *owner, struct net_if *ifp, struct frame *frame, enum net_kind kind,
                           size_t payload) {
	struct inet_host *host = owner;

	stack_copies(host, payload);
	/* A copy goes before its original, whose bytes are the same. */
	host->copy.ahead = frame->looped;
	dev_loopback(host->k, ifp, frame, kind, payload);
}

static void stack_filter(void *owner, struct net_if *ifp) {
	(void)owner;
	dev_set_rx_mode(ifp);
}

static void stack_waiting(void *owner, unsigned connections) {
	const struct inet_host *host = owner;

	sim_count(host->waiting, connections);
}

static const struct net_ops inet_net_ops = {
	.output = stack_output,
	.loopback = stack_loopback,
	.event = stack_event,
	.timer = stack_timer,
	.timer_runs = stack_timer_runs,
	.filter = stack_filter,
	.waiting = stack_waiting,
};

/* --- timers ------------------------------------------------------------------------------------ */

static void inet_timer_fired(void *arg) {
	struct inet_host *host = arg;

	raise_softirq(host->k, SOFTIRQ_TIMER);
}

static bool inet_timer_action(void *arg) {
	struct inet_host *host = arg;
	struct kernel *k = host->k;

	if (net_next_timer(k->stack) > sim_now(k->sim))
		return false;
	net_timer(k->stack);
	return false;
}

/* Taken up by the softirq. */
static sim_time inet_due(const void *arg) {
	const struct kernel *k = arg;

	return softirq_pending(k, SOFTIRQ_TIMER) ? SIM_NEVER : net_next_timer(k->stack);
}

/* --- life ------------------------------------------------------------------------------------- */

struct inet_host *inet_stack_new(struct kernel *k) {
	struct inet_host *host = g_new0(struct inet_host, 1);
	struct net_conf conf = {
		.name = k->name,
		.params = k->conf.net,
		.ops = &inet_net_ops,
		.owner = host,
		.clock = sim_clock(k->sim),
		.tick = k->conf.tick,
		.tick_phase = k->conf.tick_phase,
		.seed = sim_seed(k->sim) ^ g_str_hash(k->name),
	};

	host->k = k;
	host->waiting =
		sim_counter(k->sim, k->track, "accept queue", "connections", SIM_RANK_QUEUES);
	sim_event_init(&host->timer, inet_timer_fired, host);
	k->stack = net_stack_new(&conf);
	host->duty = (struct sim_duty){.name = "timers of INET", .due = inet_due, .arg = k};
	sim_duty_add(k->sim, &host->duty);
	open_softirq(k, SOFTIRQ_TIMER, inet_timer_action, host);
	return host;
}

void inet_stack_free(struct kernel *k) {
	struct inet_host *host = inet_host(k);

	sim_cancel(k->sim, &host->timer);
	sim_duty_remove(k->sim, &host->duty);
	net_stack_free(k->stack);
	k->stack = NULL;
	g_free(host);
}
