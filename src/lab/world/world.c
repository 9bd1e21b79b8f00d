/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/world/world.h"

#include <errno.h>
#include <string.h>

#include "host/boot/boot.h"
#include "host/dev/dev.h"
#include "lab/world/lessons.h"
#include "lab/scenario/validate.h"
#include "lab/world/window.h"

/* An errno from the model, told as the fault of a group's key. */
static bool failed(const struct group *group, const char *key, int error, GError **gerror) {
	g_set_error(gerror, LAB_ERROR, LAB_ERROR_INPUT, "%s: [%s] %s: %s; allowed: what the model can "
	            "build (see `sopsim params`)", group->text->entries->len
	            ? ((struct text_entry *)group->text->entries->pdata[0])->origin : "scenario",
	            group->text->name, key, g_strerror(-error));
	return false;
}

/* Locally administered addresses, one after the other. */
static void next_mac(struct world *world, uint8_t mac[6]) {
	unsigned n = ++world->next_mac;

	memcpy(mac, (uint8_t[]){2, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n}, 6);
}

/* --- hosts and buses --------------------------------------------------------------------------- */

/* Machines are not switched on at one instant.  The first one's ticks begin with the clock. */
static sim_time phase_of(const struct world *world, const char *name, sim_time tick) {
	g_autofree char *stream = g_strdup_printf("host.%s.tick", name);
	gsl_rng *rng = sim_rng_new(world->sim, stream);
	sim_time phase = tick > 0 ? (sim_time)(gsl_rng_uniform(rng) * (double)tick) : 0;

	gsl_rng_free(rng);
	return phase;
}

static void build_hosts(struct world *world) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_HOST, i)); i++) {
		struct host_group *host = group->conf;
		const struct group *costs = scenario_find(world->sc, TYPE_COST, host->costs);
		struct kernel *k;

		host->conf.name = group->name;
		if (i > 0)
			host->conf.tick_phase = phase_of(world, group->name, host->conf.tick);
		k = group->live = kernel_new(world->sim, &host->conf);
		if (costs)
			memcpy(k->costs.value, ((struct cost_group *)costs->conf)->value,
			       sizeof(struct cost_group));
	}
}

static void raise_line(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static struct kernel *host_called(const struct world *world, const char *name) {
	return scenario_find(world->sc, TYPE_HOST, name)->live;
}

static void build_buses(struct world *world) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_PCI, i)); i++) {
		const struct pci_group *pci = group->conf;

		group->live = pci_bus_new(world->sim, group->name, &pci->conf);
		pci_bus_on_irq(group->live, raise_line, host_called(world, pci->host));
	}
}

/* --- networks ---------------------------------------------------------------------------------- */

/* Whether the faults of a network are on the link of this machine ("client", "clients.3"). */
static bool is_faulty(const struct network_group *net, const char *machine) {
	bool faulty = !net->faults_at;

	for (unsigned i = 0; !faulty && net->faults_at[i]; i++) {
		size_t length = strlen(net->faults_at[i]);

		faulty = strncmp(machine, net->faults_at[i], length) == 0 &&
			 (machine[length] == '\0' || machine[length] == '.');
	}
	return faulty;
}

/* The link of a machine: forward is what it sends. */
static struct link *add_link(struct world *world, const struct group *group, const char *machine,
			     bool faulty) {
	const struct network_group *net = group->conf;
	g_autofree char *name = g_strdup_printf("%s.%s", group->name, machine);
	struct network *network = group->live;
	struct link_conf conf = net->link;
	struct link *link;

	conf.name = name;
	if (faulty && net->faults_go != FAULTS_BACK)
		conf.fault[0] = net->fault;
	if (faulty && net->faults_go != FAULTS_FORWARD)
		conf.fault[1] = net->fault;
	conf.fault[0].drop = faulty ? net->drop_forward : NULL;
	conf.fault[1].drop = faulty ? net->drop_back : NULL;
	link = link_new(world->sim, &conf);
	g_ptr_array_add(network->links, link);
	return link;
}

static void build_wire(struct world *world, struct group *group, GPtrArray *names) {
	const struct network_group *net = group->conf;
	bool faulty = is_faulty(net, names->pdata[0]) || is_faulty(net, names->pdata[1]);
	struct link *link = add_link(world, group, names->pdata[0], faulty);

	for (unsigned i = 0; i < 2; i++)
		g_hash_table_insert(world->ports, g_strdup(names->pdata[i]), link_port(link, i));
}

static void build_switch(struct world *world, struct group *group, GPtrArray *names) {
	const struct network_group *net = group->conf;
	struct network *network = group->live;

	network->sw = ether_switch_new(world->sim, group->name, net->switch_latency);
	for (guint i = 0; i < names->len; i++) {
		struct link *link =
			add_link(world, group, names->pdata[i], is_faulty(net, names->pdata[i]));

		g_hash_table_insert(world->ports, g_strdup(names->pdata[i]), link_port(link, 0));
		ether_switch_plug(network->sw, link_port(link, 1));
	}
}

/* The machines on a network, one name each: "eth0", "clients.0", "clients.1" ... */
static GPtrArray *member_names(const struct world *world, const struct network_group *net) {
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	for (unsigned i = 0; net->members[i]; i++) {
		const struct group *m = scenario_machine(world->sc, net->members[i]);
		unsigned n = type_id(m->type) == TYPE_PEER ?
			((const struct peer_group *)m->conf)->count : 0;

		if (n == 0)
			g_ptr_array_add(names, g_strdup(m->name));
		for (unsigned j = 0; j < n; j++)
			g_ptr_array_add(names, g_strdup_printf("%s.%u", m->name, j));
	}
	return names;
}

static void build_networks(struct world *world) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_NETWORK, i)); i++) {
		g_autoptr(GPtrArray) names = member_names(world, group->conf);
		struct network *network = g_new0(struct network, 1);

		network->links = g_ptr_array_new();
		group->live = network;
		(names->len == 2 ? build_wire : build_switch)(world, group, names);
	}
}

/* --- machines ---------------------------------------------------------------------------------- */

static void build_peers(struct world *world) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_PEER, i)); i++) {
		const struct peer_group *pg = group->conf;
		struct peer_set *set = g_new0(struct peer_set, 1);

		set->n = pg->count;
		set->peer = g_new0(struct peer *, set->n);
		group->live = set;
		for (unsigned j = 0; j < set->n; j++) {
			g_autofree char *name = g_strdup_printf("%s.%u", group->name, j);
			struct peer_conf conf = {
				.name = name,
				.addr = pg->address.addr + j,
				.netmask = net_address_mask(&pg->address),
				.gateway = pg->gateway,
				.mtu = pg->mtu,
				.params = pg->net,
				.latency = pg->latency,
			};

			next_mac(world, conf.mac);
			set->peer[j] = peer_new(world->sim, &conf, g_hash_table_lookup(world->ports, name));
		}
	}
}

static struct group *bus_called(const struct world *world, const char *name) {
	return scenario_find(world->sc, TYPE_PCI, name);
}

static struct kernel *bus_host(const struct world *world, const struct group *bus) {
	return host_called(world, ((const struct pci_group *)bus->conf)->host);
}

static unsigned pick_irq(struct world *world, const struct group *group, unsigned given) {
	return group_given(group, "irq") ? given : 5 + world->next_irq++ % 27;
}

static int nic_default_route(struct kernel *k, const char *name, uint32_t gateway) {
	struct net_route route = {.gateway = gateway, .ifp = net_if_find(k->stack, name)};

	return gateway ? net_route_add(k->stack, &route) : 0;
}

static bool build_nic(struct world *world, struct group *group, GError **error) {
	struct nic_group *nic = group->conf;
	struct group *bus = bus_called(world, nic->bus);
	struct kernel *k = bus_host(world, bus);
	uint32_t netmask = net_address_mask(&nic->address);
	g_autofree char *addr = quantity_format_address(nic->address.addr);
	g_autofree char *mask = quantity_format_address(netmask);
	int rc;

	if (!nic->plugged)
		return true;
	nic->conf.name = group->name;
	nic->conf.irq = pick_irq(world, group, nic->irq);
	next_mac(world, nic->conf.mac);
	group->live = nic_new(k, bus->live, g_hash_table_lookup(world->ports, group->name), &nic->conf);
	if (nic->address.prefix == 0)
		return true;
	rc = dev_configure(k, group->name, addr, mask);
	if (rc == 0)
		rc = nic_default_route(k, group->name, nic->gateway);
	return rc == 0 || failed(group, "address", rc, error);
}

static void toe_set_costs(const struct world *world, const struct toe_group *toe, struct toe *card) {
	const struct group *costs = scenario_find(world->sc, TYPE_TOECOST, toe->costs);

	for (size_t i = 0; costs && i < costs->type->n_keys; i++)
		toe_set_cost(card, costs->type->keys[i].name,
		             ((const struct toecost_group *)costs->conf)->value[i]);
}

static void fail_card(void *card) { toe_fail(card); }
static void remove_card(void *card) { toe_remove(card); }

static bool build_toe(struct world *world, struct group *group, GError **error) {
	struct toe_group *toe = group->conf;
	struct group *bus = bus_called(world, toe->bus);
	uint32_t netmask = net_address_mask(&toe->address);
	g_autofree char *addr = quantity_format_address(toe->address.addr);
	g_autofree char *mask = quantity_format_address(netmask);
	g_autofree char *gateway = toe->gateway ? quantity_format_address(toe->gateway) : NULL;
	int rc;

	if (!toe->plugged)
		return true;
	toe->conf.name = group->name;
	toe->conf.irq = pick_irq(world, group, toe->irq);
	next_mac(world, toe->conf.mac);
	group->live = toe_new(bus_host(world, bus), bus->live,
	                      g_hash_table_lookup(world->ports, group->name), &toe->conf);
	toe_set_costs(world, toe, group->live);
	if (toe->fails_at)
		sim_call_at(world->sim, toe->fails_at, fail_card, group->live);
	if (toe->removed_at)
		sim_call_at(world->sim, toe->removed_at, remove_card, group->live);
	if (toe->address.prefix == 0)
		return true;
	rc = toe_configure(group->live, addr, mask, gateway);
	return rc == 0 || failed(group, "address", rc, error);
}

int world_insert_card(struct world *world, struct group *group) {
	struct toe_group *toe = group->conf;

	if (group->live)
		return -EEXIST;
	toe->plugged = true;
	return build_toe(world, group, NULL) ? 0 : -EINVAL;
}

static bool build_cards(struct world *world, GError **error) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_NIC, i)); i++)
		if (!build_nic(world, group, error))
			return false;
	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_TOE, i)); i++)
		if (!build_toe(world, group, error))
			return false;
	return true;
}

/* --- SOP --------------------------------------------------------------------------------------- */

static void load_sop(void *arg) {
	struct sop_module *sop = arg;

	sop->error = module_load(sop->kernel, sop->module);
}

static bool build_sop(struct world *world, GError **error) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_SOP, i)); i++) {
		const struct sop_group *conf = group->conf;
		struct sop_module *sop;

		if (!conf->loaded)
			continue;
		sop = group->live = g_new0(struct sop_module, 1);
		sop->kernel = host_called(world, conf->host);
		sop->module = sop_module_new(&conf->conf);
		if (conf->load_at)
			sim_call_at(world->sim, conf->load_at, load_sop, sop);
		else
			load_sop(sop);
		if (sop->error)
			return failed(group, "loaded", sop->error, error);
	}
	return true;
}

/* --- life -------------------------------------------------------------------------------------- */

static void finish(void *arg) {
	const struct world *world = arg;

	sim_stop(world->sim);
}

struct world *world_new(const struct scenario *sc, uint64_t seed, GError **error) {
	const struct scenario_group *head = scenario_head(sc);
	struct world *world = g_new0(struct world, 1);

	world->sc = sc;
	world->until = head->duration ? head->warmup + head->duration : head->limit;
	world->sim = sim_new(seed);
	sim_event_init(&world->finish, finish, world);
	world->ports = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	world->captures = g_ptr_array_new();
	world->capture_names = g_ptr_array_new_with_free_func(g_free);
	build_hosts(world);
	build_buses(world);
	build_networks(world);
	build_peers(world);
	if (build_cards(world, error) && build_sop(world, error) && programs_build(world, error)) {
		world->window = window_new(world);
		return world;
	}
	return NULL; /* the process of the run ends with it */
}

void world_finish(void *arg) {
	struct world *world = arg;

	sim_at(world->sim, &world->finish, sim_now(world->sim));
}

void world_program_done(void *arg) {
	struct world *world = arg;

	if (--world->unfinished == 0 && scenario_head(world->sc)->duration == 0)
		world_finish(world);
}

void world_run(struct world *world) {
	if (world->until != SIM_NEVER)
		sim_at(world->sim, &world->finish, world->until);
	sim_run(world->sim, world->until);
	lessons_cut(world);
	window_close(world->window);
}

static void each_live(struct world *world, enum type_id type, void (*fn)(struct group *group)) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, type, i)); i++) {
		if (group->live)
			fn(group);
		group->live = NULL;
	}
}

static void free_host(struct group *group) { kernel_free(group->live); }
static void free_bus(struct group *group) { pci_bus_free(group->live); }
static void free_nic(struct group *group) { nic_free(group->live); }
static void free_toe(struct group *group) { toe_free(group->live); }

static void free_sop(struct group *group) {
	sop_module_free(((struct sop_module *)group->live)->module);
	g_free(group->live);
}

static void free_network(struct group *group) {
	struct network *network = group->live;

	if (network->sw)
		ether_switch_free(network->sw);
	for (guint i = 0; i < network->links->len; i++)
		link_free(network->links->pdata[i]);
	g_ptr_array_unref(network->links);
	g_free(network);
}

static void free_peers(struct group *group) {
	struct peer_set *set = group->live;

	for (unsigned i = 0; i < set->n; i++)
		peer_free(set->peer[i]);
	g_free(set->peer);
	g_free(set);
}

void world_free(struct world *world) {
	struct group *group;

	window_free(world->window);
	/* Programs let go of their sockets while the cards are still there. */
	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_HOST, i)); i++)
		kernel_halt(group->live);
	programs_free(world);
	each_live(world, TYPE_TOE, free_toe);
	each_live(world, TYPE_NIC, free_nic);
	each_live(world, TYPE_HOST, free_host);
	each_live(world, TYPE_SOP, free_sop);
	each_live(world, TYPE_PCI, free_bus);
	each_live(world, TYPE_PEER, free_peers);
	each_live(world, TYPE_NETWORK, free_network);
	g_ptr_array_unref(world->captures);
	g_ptr_array_unref(world->capture_names);
	g_hash_table_unref(world->ports);
	sim_free(world->sim);
	frame_pool_drain();
	g_free(world);
}
