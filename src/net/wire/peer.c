/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does the engine run on a machine that costs nothing? */
#include "net/wire/peer.h"

#include <glib.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#include "net/engine/iface.h"
#include "net/engine/mac_filter.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "net/wire/link_flight.h"
#include "sim/rng.h"
#include "sim/watch.h"

struct peer {
	struct sim *sim;
	struct net_stack *stack;
	struct net_if *ifp;
	struct port *port;
	struct mac_filter filter;
	sim_time latency;
	struct flight processing; /* frames that have arrived; unused without latency */
	struct sim_event timer;
	struct sim_duty duty; /* the stack's timers */
	/* sockets with events to deliver, in the order of their first event */
	struct peer_sock *first, **last;
	struct sim_event later; /* delivers what comes of calls from elsewhere */
	bool delivering;        /* somebody up the stack delivers before he returns */
};

/* --- events -------------------------------------------------------------------------------- */

static struct peer_sock *take_first(struct peer *peer) {
	struct peer_sock *ps = peer->first;

	peer->first = ps->next;
	if (!peer->first)
		peer->last = &peer->first;
	return ps;
}

/* Calls the owners until nothing is left; they may call the stack and cause more. */
static void deliver_all(struct peer *peer) {
	while (peer->first) {
		struct peer_sock *ps = take_first(peer);
		unsigned events = ps->pending;

		ps->pending = 0;
		ps->event(ps, events);
	}
	peer->delivering = false;
}

static void deliver_later(void *arg) {
	struct peer *peer = arg;

	peer->delivering = true;
	deliver_all(peer);
}

static void post(struct peer *peer, struct peer_sock *ps, unsigned events) {
	if (!ps->pending) {
		ps->next = NULL;
		*peer->last = ps;
		peer->last = &ps->next;
	}
	ps->pending |= events;
	if (!peer->delivering && !sim_pending(&peer->later))
		sim_after(peer->sim, &peer->later, 0);
}

static void forget(struct peer *peer, struct peer_sock *ps) {
	struct peer_sock **at = &peer->first;

	if (!ps->pending)
		return;
	while (*at != ps)
		at = &(*at)->next;
	*at = ps->next;
	if (peer->last == &ps->next)
		peer->last = at;
	ps->pending = 0;
}

/* --- the stack's ops ------------------------------------------------------------------------- */

static bool peer_output(void *owner, struct net_if *ifp, struct frame *frame, enum net_kind kind,
                        size_t payload) {
	struct peer *peer = owner;

	(void)ifp, (void)kind, (void)payload;
	frame_orphan(frame);          /* a peer is no machine whose buffers fill */
	port_send(peer->port, frame); /* what a link's queue drops is lost on the net */
	return true;
}

/* Sockets without a user (not yet accepted, or closed) have nobody to tell. */
static void peer_event(void *owner, struct net_sock *so, unsigned events) {
	struct peer_sock *ps = net_sock_user(so);

	if (ps)
		post(owner, ps, events);
}

static void peer_timer(void *owner, sim_time when) {
	struct peer *peer = owner;

	if (when == SIM_NEVER)
		sim_cancel(peer->sim, &peer->timer);
	else
		sim_at(peer->sim, &peer->timer, MAX(when, sim_now(peer->sim)));
}

static void peer_filter(void *owner, struct net_if *ifp) {
	struct peer *peer = owner;

	mac_filter_load(&peer->filter, ifp);
}

static const struct net_ops peer_ops = {
	.output = peer_output,
	.event = peer_event,
	.timer = peer_timer,
	.filter = peer_filter,
};

/* --- the timeline's side --------------------------------------------------------------------- */

static void peer_process(void *arg, struct frame *frame) {
	struct peer *peer = arg;

	peer->delivering = true;
	net_input(peer->stack, peer->ifp, frame);
	deliver_all(peer);
}

static void peer_receive(void *arg, struct frame *frame) {
	struct peer *peer = arg;

	if (!mac_filter_takes(&peer->filter, frame)) {
		net_if_left(peer->ifp, frame);
		frame_free(frame);
	} else if (!net_if_takes(peer->ifp, frame)) {
		frame_free(frame);
	} else if (peer->latency) {
		flight_add(&peer->processing, frame, sim_now(peer->sim) + peer->latency);
	} else {
		peer_process(peer, frame);
	}
}

static void peer_coming(void *arg, const struct frame *frame, bool next) {
	const struct peer *peer = arg;

	net_expect(peer->stack, frame, next);
}

static const struct port_ops port_ops = {.receive = peer_receive, .coming = peer_coming};

static void peer_tick(void *arg) {
	struct peer *peer = arg;

	peer->delivering = true;
	net_timer(peer->stack);
	deliver_all(peer);
}

/* --- life ------------------------------------------------------------------------------------ */

static uint64_t stack_seed(const struct sim *sim, const char *name) {
	g_autofree char *purpose = g_strdup_printf("peer.%s.stack", name);
	gsl_rng *rng = sim_rng_new(sim, purpose);
	uint64_t seed = (uint64_t)gsl_rng_get(rng) << 32 | gsl_rng_get(rng);

	gsl_rng_free(rng);
	return seed;
}

static void configure(struct peer *peer, const struct peer_conf *conf) {
	uint16_t mtu = conf->mtu ? conf->mtu : FRAME_MTU;
	struct net_if_config config = {
		.addr = conf->addr,
		.netmask = conf->netmask,
		.broadcast = conf->addr | ~conf->netmask,
		.mtu = mtu,
		.up = true,
	};

	memcpy(config.mac, conf->mac, sizeof(config.mac));
	peer->ifp = net_if_add(peer->stack, "eth0", conf->mac, mtu, peer);
	if (net_if_set(peer->ifp, &config))
		g_error("peer %s: bad address or mask", conf->name);
	if (!conf->gateway)
		return;
	struct net_route route = {.gateway = conf->gateway, .ifp = peer->ifp};
	if (net_route_add(peer->stack, &route))
		g_error("peer %s: gateway is not on its net", conf->name);
}

static sim_time peer_due(const void *arg) {
	const struct peer *peer = arg;

	return net_next_timer(peer->stack);
}

struct peer *peer_new(struct sim *sim, const struct peer_conf *conf, struct port *port) {
	struct peer *peer = g_new0(struct peer, 1);
	struct net_conf stack = {
		.name = conf->name,
		.params = conf->params,
		.ops = &peer_ops,
		.owner = peer,
		.clock = sim_clock(sim),
		.seed = stack_seed(sim, conf->name),
	};

	g_assert(conf->latency >= 0);
	peer->sim = sim;
	peer->port = port;
	peer->latency = conf->latency;
	peer->last = &peer->first;
	sim_event_init(&peer->timer, peer_tick, peer);
	sim_event_init(&peer->later, deliver_later, peer);
	flight_init(&peer->processing, sim, peer_process, peer);
	peer->stack = net_stack_new(&stack);
	peer->duty = (struct sim_duty){.name = "timers of a peer", .due = peer_due, .arg = peer};
	sim_duty_add(sim, &peer->duty);
	configure(peer, conf);
	port_attach(port, &port_ops, peer);
	return peer;
}

void peer_free(struct peer *peer) {
	port_attach(peer->port, NULL, NULL); /* what is on the wire finds nobody */
	flight_clear(&peer->processing);
	sim_duty_remove(peer->sim, &peer->duty);
	net_stack_free(peer->stack);
	sim_cancel(peer->sim, &peer->timer);
	sim_cancel(peer->sim, &peer->later);
	g_free(peer);
}

struct net_stack *peer_stack(struct peer *peer) { return peer->stack; }
struct sim *peer_sim(struct peer *peer) { return peer->sim; }

/* --- sockets --------------------------------------------------------------------------------- */

int peer_open(struct peer *peer, int type, struct peer_sock *ps) {
	ps->pending = 0;
	return net_sock_open(peer->stack, type, 0, ps, &ps->so);
}

int peer_accept(struct peer *peer, struct peer_sock *listener, struct peer_sock *child) {
	child->pending = 0;
	int err = net_accept(listener->so, child, &child->so);

	if (err == 0 && (net_poll(child->so) & POLLIN))
		post(peer, child, NET_EV_READ);
	return err;
}

static int group_option(struct peer *peer, struct peer_sock *ps, int name, uint32_t group) {
	struct ip_mreqn mreq = {.imr_multiaddr.s_addr = g_htonl(group),
	                        .imr_ifindex = (int)net_if_index(peer->ifp)};

	return net_setopt(ps->so, IPPROTO_IP, name, &mreq, sizeof mreq);
}

int peer_join(struct peer *peer, struct peer_sock *ps, uint32_t group) {
	return group_option(peer, ps, IP_ADD_MEMBERSHIP, group);
}

int peer_send_to_groups(struct peer *peer, struct peer_sock *ps) {
	return group_option(peer, ps, IP_MULTICAST_IF, 0);
}

void peer_close(struct peer *peer, struct peer_sock *ps, bool abort) {
	struct net_sock *so = ps->so;

	forget(peer, ps);
	ps->so = NULL;
	net_sock_set_user(so, NULL);
	net_close(so, abort);
}
