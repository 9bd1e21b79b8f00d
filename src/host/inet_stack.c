/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib.h>

#include "host/dev.h"
#include "host/inet_internal.h"
#include "host/init.h"

/* The kernel's half of the engine: output, events, timers, and its life. */

struct inet_host *inet_host(const struct kernel *k) { return net_stack_owner(k->stack); }

/* --- copies ---------------------------------------------------------------------------------- */

void inet_copy_begin(struct inet_host *host, unsigned cost, size_t bytes) {
	host->copy = (struct inet_copy){.cost = cost, .left = bytes};
}

static void copy_charge(struct inet_host *host, size_t bytes) {
	struct inet_copy *copy = &host->copy;

	bytes = MIN(bytes, copy->left);
	if (!bytes)
		return;
	charge(host->k, copy->cost, bytes);
	copy->left -= bytes;
	copy->charged += bytes;
}

void inet_copy_end(struct inet_host *host, size_t bytes) {
	if (bytes > host->copy.charged)
		charge(host->k, host->copy.cost, bytes - host->copy.charged);
	host->copy.left = 0;
}

/* --- operations of the engine ----------------------------------------------------------------- */

/* A segment of a send leaves when its own bytes have been copied; the window update of a receive
 * when all have. */
static void stack_output(void *owner, struct net_if *ifp, struct frame *frame, enum net_kind kind,
                         size_t payload) {
	struct inet_host *host = owner;

	if (host->copy.left) {
		if (host->copy.cost == COST_COPY_RX)
			copy_charge(host, host->copy.left);
		else if (kind == NET_KIND_DATA || kind == NET_KIND_UDP)
			copy_charge(host, payload);
	}
	dev_output(host->k, ifp, frame, kind, payload);
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

/* The stack's timers are kernel timers: they expire on a tick.  A date that is already due is not a
 * timer but the stack's own queue (loop-back), which the softirq takes at once. */
static void stack_timer(void *owner, sim_time when) {
	struct inet_host *host = owner;
	struct sim *sim = host->k->sim;
	sim_time delay = when - sim_now(sim);

	if (when == SIM_NEVER) {
		sim_cancel(sim, &host->timer);
		return;
	}
	host->timer_waited = delay > 0;
	sim_after(sim, &host->timer, delay > 0 ? kernel_timeout(host->k, delay) : 0);
}

static void stack_filter(void *owner, struct net_if *ifp) {
	(void)owner;
	dev_set_rx_mode(ifp);
}

const struct net_ops inet_net_ops = {
	.output = stack_output,
	.event = stack_event,
	.timer = stack_timer,
	.filter = stack_filter,
};

/* --- timers and loop-back ---------------------------------------------------------------------- */

/* Packets to the machine's own addresses never reach a device; what arrives while the timers run
 * came this way.  Each pays for both halves here, the driver's part excepted; a copy of what was
 * sent to many for its receipt only. */
static void charge_loopback(struct kernel *k, const struct net_counters *before) {
	const struct net_counters *now = net_stack_counters(k->stack);
	uint64_t packets = now->ip_in - before->ip_in;
	uint64_t segments = now->tcp_in - before->tcp_in;
	uint64_t datagrams = now->udp_in - before->udp_in;
	uint64_t copies = now->ip_looped_in - before->ip_looped_in;
	uint64_t bytes = now->tcp_bytes_in - before->tcp_bytes_in;

	for (uint64_t i = 0; i < segments; i++) {
		charge(k, COST_TCP_TX_SEGMENT, 0);
		charge(k, bytes ? COST_TCP_RX_DATA : COST_TCP_RX_ACK, 0);
	}
	for (uint64_t i = 0; i < datagrams; i++) {
		if (i >= copies)
			charge(k, COST_UDP_TX, 0);
		charge(k, COST_UDP_RX, 0);
	}
	for (uint64_t i = segments + datagrams; i < packets; i++)
		charge(k, COST_PACKET_OTHER, 0);
}

void inet_timer_fired(void *arg) {
	struct inet_host *host = arg;

	raise_softirq(host->k, SOFTIRQ_TIMER);
}

bool inet_timer_action(void *arg) {
	struct inet_host *host = arg;
	struct kernel *k = host->k;

	if (net_next_timer(k->stack) > sim_now(k->sim))
		return false;
	struct net_counters before = *net_stack_counters(k->stack);
	if (host->timer_waited)
		charge(k, COST_TIMER, 0);
	net_timer(k->stack);
	charge_loopback(k, &before);
	return false;
}

/* --- life ------------------------------------------------------------------------------------- */

void inet_init(struct kernel *k) {
	struct inet_host *host = g_new0(struct inet_host, 1);
	struct net_conf conf = {
		.name = k->name,
		.params = k->conf.net,
		.ops = &inet_net_ops,
		.owner = host,
		.clock = sim_clock(k->sim),
		.seed = sim_seed(k->sim) ^ g_str_hash(k->name),
	};

	host->k = k;
	sim_event_init(&host->timer, inet_timer_fired, host);
	k->stack = net_stack_new(&conf);
	open_softirq(k, SOFTIRQ_TIMER, inet_timer_action, host);
	sock_register(k, &inet_family_ops);
}

void inet_exit(struct kernel *k) {
	struct inet_host *host = inet_host(k);

	sim_cancel(k->sim, &host->timer);
	net_stack_free(k->stack);
	k->stack = NULL;
	g_free(host);
}
