/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wire of two machines, or a switch of more. */
#include <string.h>

#include "lab/kinds/parts.h"
#include "lab/world/meters.h"
#include "net/wire/link.h"

enum direction { FAULTS_BOTH, FAULTS_FORWARD, FAULTS_BACK };

struct conf {
	char **members; /* interfaces and peers; two: a wire, more: a switch */
	struct link_conf link;
	struct fault_conf fault; /* of each link of `faults_at` (NULL: of all) ... */
	char **faults_at;
	int faults_go;                      /* ... that way */
	uint32_t *drop_forward, *drop_back; /* the frames of each of these links, by number */
	sim_time switch_latency;
};

struct live {
	GPtrArray *links; /* struct link */
	struct ether_switch *sw;
	const struct sim_track *track;
};

static const char *const directions[] = {"both", "forward", "back", NULL};

static const struct key keys[] = {
	NEED("members", NAMES, members, "machine",
             "interfaces, peers and taps; two machines: a wire, more: a switch"),
	R("rate", RATE, link.bits_per_s, 1e3, 1e12, "of each link"),
	R("propagation", TIME, link.propagation, 0, 10 * SIM_S, "of each link"),
	R("mtu", BYTES, link.mtu, 0, FRAME_MTU_JUMBO,
          "frames with longer packets are dropped; 0B: none"),
	R("queue", BYTES, link.queue_bytes, 0, 4e9, "transmit queue of each end; 0B: no limit"),
	R("switch_latency", TIME, switch_latency, 0, SIM_S, "forwarding time"),
	R("loss", SHARE, fault.loss, 0, 1, "frames lost"),
	R("burst_loss", SHARE, fault.burst_loss, 0, 1, "frames lost in the bad state"),
	R("burst_enter", SHARE, fault.burst_enter, 0, 1, "to the bad state, per frame"),
	R("burst_leave", SHARE, fault.burst_leave, 0, 1, "from the bad state, per frame"),
	R("corrupt", SHARE, fault.corrupt, 0, 1, "frames with a bit flipped"),
	R("duplicate", SHARE, fault.duplicate, 0, 1, "frames sent twice"),
	R("reorder", SHARE, fault.reorder, 0, 1, "frames held back"),
	R("reorder_delay", TIME, fault.reorder_delay, 0, 10 * SIM_S, "for this long"),
	R("jitter", TIME, fault.jitter, 0, 10 * SIM_S, "most extra delay, order kept"),
	REF("faults_at", NAMES, faults_at, "machine",
            "members whose links have these faults; not given: all"),
	C("faults_go", faults_go, directions,
          "both ways, forward (from each member) or back (towards it); on a wire as seen by its first"),
	K("drop_forward", NUMBERS, drop_forward, "numbers of the frames dropped from each member"),
	K("drop_back", NUMBERS, drop_back, "numbers of the frames dropped towards each member"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->link.bits_per_s = 1000000000;
	c->link.propagation = SIM_US;
	c->switch_latency = 10 * SIM_US;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;

	(void)sc;
	for (unsigned i = 0; c->faults_at && c->faults_at[i]; i++)
		if (!g_strv_contains((const char *const *)c->members, c->faults_at[i]))
			return group_wrong(group, "faults_at", error,
			                   "'%s' is not on it; allowed: its members",
			                   c->faults_at[i]);
	return true;
}

/* --- building --------------------------------------------------------------------------------- */

/* Whether the faults of a network are on the link of this machine ("client", "clients.3"). */
static bool is_faulty(const struct conf *c, const char *machine) {
	bool faulty = !c->faults_at;

	for (unsigned i = 0; !faulty && c->faults_at[i]; i++) {
		size_t length = strlen(c->faults_at[i]);

		faulty = strncmp(machine, c->faults_at[i], length) == 0 &&
		         (machine[length] == '\0' || machine[length] == '.');
	}
	return faulty;
}

/* The link of a machine: forward is what it sends. */
static struct link *add_link(struct world *world, const struct group *group, const char *machine,
                             const char *other, bool faulty) {
	const struct conf *c = group->conf;
	g_autofree char *name = g_strdup_printf("%s.%s", group->name, machine);
	struct live *live = group->live;
	struct link_conf conf = c->link;
	struct link *link;

	conf.name = name;
	conf.track = live->track;
	conf.ends[0] = machine;
	conf.ends[1] = other;
	if (faulty && c->faults_go != FAULTS_BACK)
		conf.fault[0] = c->fault;
	if (faulty && c->faults_go != FAULTS_FORWARD)
		conf.fault[1] = c->fault;
	conf.fault[0].drop = faulty ? c->drop_forward : NULL;
	conf.fault[1].drop = faulty ? c->drop_back : NULL;
	link = link_new(world->sim, &conf);
	g_ptr_array_add(live->links, link);
	return link;
}

static void build_wire(struct world *world, struct group *group, GPtrArray *names) {
	const struct conf *c = group->conf;
	bool faulty = is_faulty(c, names->pdata[0]) || is_faulty(c, names->pdata[1]);
	struct link *link = add_link(world, group, names->pdata[0], names->pdata[1], faulty);

	for (unsigned i = 0; i < 2; i++)
		g_hash_table_insert(world->ports, g_strdup(names->pdata[i]), link_port(link, i));
}

static void build_switch(struct world *world, struct group *group, GPtrArray *names) {
	const struct conf *c = group->conf;
	struct live *live = group->live;

	live->sw = ether_switch_new(world->sim, group->name, c->switch_latency);
	for (guint i = 0; i < names->len; i++) {
		struct link *link = add_link(world, group, names->pdata[i], "switch",
		                             is_faulty(c, names->pdata[i]));

		g_hash_table_insert(world->ports, g_strdup(names->pdata[i]), link_port(link, 0));
		ether_switch_plug(live->sw, link_port(link, 1));
	}
}

/* The machines on a network, one name each: "eth0", "clients.0", "clients.1" ... */
static GPtrArray *member_names(const struct world *world, char **members) {
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	for (unsigned i = 0; members[i]; i++) {
		const struct group *m = scenario_machine(world->sc, members[i]);
		unsigned n = group_machines(m);

		if (n == 0)
			g_ptr_array_add(names, g_strdup(m->name));
		for (unsigned j = 0; j < n; j++)
			g_ptr_array_add(names, g_strdup_printf("%s.%u", m->name, j));
	}
	return names;
}

static bool build(struct world *world, struct group *group, GError **error) {
	g_autoptr(GPtrArray) names =
		member_names(world, ((const struct conf *)group->conf)->members);
	struct live *live = g_new0(struct live, 1);

	(void)error;
	live->links = g_ptr_array_new();
	live->track = sim_track(world->sim, NULL, group->name, SIM_RANK_WIRE);
	group->live = live;
	(names->len == 2 ? build_wire : build_switch)(world, group, names);
	return true;
}

static void end(struct group *group) {
	struct live *live = group->live;

	if (live->sw)
		ether_switch_free(live->sw);
	for (guint i = 0; i < live->links->len; i++)
		link_free(live->links->pdata[i]);
	g_ptr_array_unref(live->links);
	g_free(live);
}

/* --- meters: what its links did not bring ----------------------------------------------------- */

#define COUNTED(measure, text, word)                                                               \
	{.name = (measure), .unit = "1", .help = (text), .adds = ADDS_SUM, .since = SELDOM, .head = (word)}

static const struct measured measures[] = {
	COUNTED("dropped", "frames dropped since a queue was full", "queue full"),
	COUNTED("too_long", "frames longer than a link takes", "too long"),
	COUNTED("lost", "frames lost by the faults asked for", "lost"),
	COUNTED("corrupted", "frames damaged by them", "damaged"),
	COUNTED("duplicated", "frames doubled by them", "doubled"),
	COUNTED("reordered", "frames held back by them", "late"),
};

static void tell_network(struct reading *r, const struct group *group) {
	const struct live *live = group->live;
	struct link_counters sum = {0}, c;

	for (guint i = 0; i < live->links->len; i++)
		for (unsigned side = 0; side < 2; side++) {
			port_counters(link_port(live->links->pdata[i], side), &c);
			sum.dropped_full += c.dropped_full;
			sum.too_long += c.too_long;
			sum.lost += c.lost;
			sum.corrupted += c.corrupted;
			sum.duplicated += c.duplicated;
			sum.reordered += c.reordered;
		}
	tell(r, "dropped", (double)sum.dropped_full);
	tell(r, "too_long", (double)sum.too_long);
	tell(r, "lost", (double)sum.lost);
	tell(r, "corrupted", (double)sum.corrupted);
	tell(r, "duplicated", (double)sum.duplicated);
	tell(r, "reordered", (double)sum.reordered);
}

const struct kind kind_network = {
	.name = "network",
	.help = "a wire or a switch",
	.title = "Networks",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
	.stage = STAGE_NETWORK,
	.ends = ENDS_NETWORK,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.tell = tell_network,
};
