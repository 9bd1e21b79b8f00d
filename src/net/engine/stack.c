/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is there when a stack begins, and what is told to whom when it ends? */
#include "net/engine/arp.h"
#include "net/engine/internal.h"
#include "net/engine/ip.h"
#include "net/engine/netif.h"
#include "net/engine/wire.h"

/* --- what stays inside ----------------------------------------------------------------------- */

static void lo_fire(struct net_stack *st, struct net_timer *t) {
	struct frame_queue q = st->lo_queue;
	struct frame *f;

	(void)t;
	/* What these packets cause comes with the next firing, so that no packet overtakes. */
	st->lo_queue = (struct frame_queue){0};
	while ((f = frame_queue_pop(&q))) {
		struct net_if *ifp = net_if_by_index(st, f->mark);

		frame_pull(f, ETH_HEADER);
		if (ifp == st->lo) {
			ifp->count.rx_packets++;
			ifp->count.rx_bytes += f->len;
		}
		if (ifp)
			ip_input(st, ifp, f, f->looped);
		else
			frame_free(f);
		stack_look(st);
	}
}

/* --- life ------------------------------------------------------------------------------------- */

/* What is above IP: IP, ICMP and the sockets reach it by this table alone. */
static const struct protocols protocols = {
	.of =
		{
			[IPPROTO_ICMP] = &icmp_protocol,
			[IPPROTO_IGMP] = &igmp_protocol,
			[IPPROTO_TCP] = &tcp_protocol,
			[IPPROTO_UDP] = &udp_protocol,
		},
	.raw = &raw_protocol,
};

struct net_stack *net_stack_new(const struct net_conf *conf) {
	static const uint8_t no_mac[6];
	struct net_stack *st = g_new0(struct net_stack, 1);

	st->name = g_strdup(conf->name);
	st->params = conf->params;
	st->ops = conf->ops;
	st->protocols = &protocols;
	st->forward = conf->params.forward ? ip_forward : NULL;
	st->owner = conf->owner;
	st->clock = conf->clock;
	st->tick = conf->tick;
	st->tick_phase = conf->tick_phase;
	st->seed = stack_mix(conf->seed ^ 0x6e6574U);
	st->random = st->seed;
	st->timers.reported = SIM_NEVER;
	st->generation = st->path_generation = 1;
	st->event_tail = &st->event_head;
	st->waiting_last = &st->waiting;
	st->arp = g_hash_table_new_full(NULL, NULL, NULL, arp_entry_free);
	st->pmtu = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	st->reassembly =
		g_hash_table_new_full(reassembly_hash, reassembly_equal, NULL, reassembly_free);
	for (int i = 0; i < 2; i++)
		st->ports[i] = g_hash_table_new_full(NULL, NULL, NULL, port_bucket_free);
	st->lo_timer.fire = lo_fire;
	for (size_t i = 0; i < G_N_ELEMENTS(protocols.of); i++)
		if (protocols.of[i] && protocols.of[i]->init)
			protocols.of[i]->init(st);

	st->lo = net_if_add(st, "lo", no_mac, FRAME_MTU, NULL);
	st->lo->loopback = true;
	net_if_set(st->lo, &(struct net_if_config){.addr = INADDR_LOOPBACK,
	                                           .netmask = 0xff000000U,
	                                           .mtu = FRAME_MTU_MAX,
	                                           .up = true});
	return st;
}

static bool ignore_output(void *owner, struct net_if *ifp, struct frame *f, enum net_kind kind,
                          size_t payload) {
	(void)owner, (void)ifp, (void)kind, (void)payload;
	frame_free(f);
	return true;
}
static void ignore_event(void *owner, struct net_sock *so, unsigned events) {
	(void)owner, (void)so, (void)events;
}
static void ignore_timer(void *owner, sim_time when) { (void)owner, (void)when; }

const struct net_ops net_silent_ops = {
	.output = ignore_output,
	.event = ignore_event,
	.timer = ignore_timer,
};

/* From now on nobody holds a socket: what was to be told is forgotten while its sockets are there, and
 * the end of one (of the frames that it had sent) is no news for another. */
static void disown(struct net_stack *st) {
	for (struct net_sock *so = st->socks; so; so = so->all_next)
		so->flags &= (uint16_t)~SO_F_OWNED;
	stack_leave(st);
}

void net_stack_free(struct net_stack *st) {
	st->look = NULL;
	g_slist_free_full(st->followed, g_free);
	st->ops = &net_silent_ops;
	disown(st);
	while (st->socks) {
		struct net_sock *so = st->socks;

		sock_unlink(so);
		sock_free(so);
	}
	stack_leave(st);
	for (size_t i = 0; i < G_N_ELEMENTS(protocols.of); i++)
		if (protocols.of[i] && protocols.of[i]->exit)
			protocols.of[i]->exit(st);
	frame_queue_flush(&st->lo_queue);
	g_hash_table_destroy(st->reassembly);
	g_hash_table_destroy(st->arp);
	g_hash_table_destroy(st->pmtu);
	for (int i = 0; i < 2; i++)
		g_hash_table_destroy(st->ports[i]);
	pairs_free(&st->tcp_pairs);
	table_free(&st->listen_table);
	table_free(&st->udp_table);
	while (st->routes) {
		struct route *r = st->routes;

		st->routes = r->next;
		g_free(r);
	}
	while (st->ifs) {
		struct net_if *ifp = st->ifs;

		st->ifs = ifp->next;
		if_groups_free(ifp);
		g_free(ifp);
	}
	spares_clear(&st->spare_socks, g_aligned_free);
	ring_pool_clear(&st->rings);
	timers_free(st);
	slab_clear(&st->tcp_slab);
	g_free(st->name);
	g_free(st);
}

void *net_stack_owner(const struct net_stack *st) { return st->owner; }
struct net_params *net_stack_params(struct net_stack *st) { return &st->params; }
const struct net_counters *net_stack_counters(const struct net_stack *st) { return &st->n; }

void net_stack_fail(struct net_stack *st, int error) {
	struct net_sock *so = st->socks;

	while (so) {
		struct net_sock *next = so->all_next;

		if (sock_is_user(so)) {
			user_sock(so)->ops->fail(user_sock(so), error);
		} else {
			sock_unlink(so);
			sock_free(so);
		}
		so = next;
	}
	stack_leave(st);
}

/* --- time ------------------------------------------------------------------------------------- */

void net_timer(struct net_stack *st) {
	timers_run(st);
	stack_leave(st);
}

/* --- input ------------------------------------------------------------------------------------ */

inline void net_input(struct net_stack *st, struct net_if *ifp, struct frame *f) {
	uint16_t type;

	if (!ifp->up || f->len < ETH_HEADER) {
		frame_free(f);
		return;
	}
	if (!f->looped) {
		ifp->count.rx_packets++;
		ifp->count.rx_bytes += f->len - (ifp->loopback ? ETH_HEADER : 0);
	}
	/* What a controller takes because somebody watches the net (PACKET_OTHERHOST of 2.4). */
	if (!ifp->loopback && !f->looped && !(frame_data(f)[0] & 1) &&
	    memcmp(frame_data(f), ifp->mac, 6) != 0) {
		st->n.other_host++;
		ifp->count.rx_others++;
		frame_free(f);
		return;
	}
	type = get16(frame_data(f) + 12);
	frame_pull(f, ETH_HEADER);
	if (type == ETH_IP)
		ip_input(st, ifp, f, f->looped);
	else if (type == ETH_ARP)
		arp_input(st, ifp, f);
	else
		frame_free(f);
	stack_leave(st);
}
