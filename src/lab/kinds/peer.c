/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines that are not the object of study, with consecutive addresses. */
#include "lab/kinds/parts.h"
#include "lab/world/captures.h"
#include "lab/world/meters.h"

struct conf {
	unsigned count;
	struct net_address address;
	uint32_t gateway;
	uint16_t mtu;
	sim_time latency;
	struct net_params net;
	int stack;
};

struct live {
	unsigned n;
	struct peer **peer;
};

static const struct key keys[] = {
	R("count", COUNT, count, 1, 10000, "machines with consecutive addresses"),
	{"address", VALUE_NETWORK, FIELD(address), 0, 0, NULL, "of the first", NULL, true},
	R("mtu", BYTES, mtu, 68, FRAME_MTU_JUMBO, "of each one's interface"),
	K("gateway", ADDRESS, gateway, "default route, or any for none"),
	R("latency", TIME, latency, 0, SIM_S, "from a frame's arrival to the stack"),
	C("stack", stack, stack_words, "preset of the TCP/IP stack"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->count = 1;
	c->mtu = FRAME_MTU;
	net_params_preset(&c->net, stack_words[0]);
}

struct peer *peer_called(const struct world *world, const char *name) {
	const struct live *live = scenario_find(world->sc, &kind_peer, name)->live;

	return live->peer[0];
}

GPtrArray *peers_called(const struct world *world, char **names) {
	GPtrArray *peers = g_ptr_array_new();

	for (unsigned i = 0; names[i]; i++) {
		const struct live *live = scenario_find(world->sc, &kind_peer, names[i])->live;

		for (unsigned j = 0; j < live->n; j++)
			g_ptr_array_add(peers, live->peer[j]);
	}
	return peers;
}

static struct peer *build_one(struct world *world, const struct group *group, unsigned i) {
	const struct conf *c = group->conf;
	g_autofree char *name = g_strdup_printf("%s.%u", group->name, i);
	struct peer_conf conf = {
		.name = name,
		.addr = c->address.addr + i,
		.netmask = net_address_mask(&c->address),
		.gateway = c->gateway,
		.mtu = c->mtu,
		.params = c->net,
		.latency = c->latency,
	};

	world_mac(world, conf.mac);
	return peer_new(world->sim, &conf, world_port(world, name));
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct live *live = g_new0(struct live, 1);

	(void)error;
	live->n = ((const struct conf *)group->conf)->count;
	live->peer = g_new0(struct peer *, live->n);
	group->live = live;
	for (unsigned i = 0; i < live->n; i++) {
		live->peer[i] = build_one(world, group, i);
		world_stack(world, peer_stack(live->peer[i]));
	}
	return true;
}

static void end(struct group *group) {
	struct live *live = group->live;

	for (unsigned i = 0; i < live->n; i++)
		peer_free(live->peer[i]);
	g_free(live->peer);
	g_free(live);
}

static const struct measured measures[] = {
	MEASURES_REFUSED,
};

static void tell_peers(struct reading *r, const struct group *group) {
	const struct live *live = group->live;
	struct net_if_counters sum = {0}, one = {0};

	for (unsigned i = 0; i < live->n; i++) {
		const struct net_if *ifp = net_if_find(peer_stack(live->peer[i]), "eth0");

		if (ifp)
			net_if_count(ifp, &one);
		sum.rx_others += ifp ? one.rx_others : 0;
		sum.rx_too_long += ifp ? one.rx_too_long : 0;
	}
	tell_refused(r, &sum);
}

const struct kind kind_peer = {
	.name = "peer",
	.help = "machines that are not the object of study",
	.title = "Other machines",
	.is = "machine",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.net = offsetof(struct conf, net),
	.init = init,
	.stage = STAGE_PEER,
	.ends = ENDS_PEER,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.tell = tell_peers,
	.capture = captures_machines,
};
