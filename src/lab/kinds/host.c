/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host: a processor and a kernel (group->live: struct kernel). */
#include "host/boot/boot.h"
#include "lab/kinds/parts.h"
#include "lab/world/meters.h"
#include "sim/rng.h"

struct conf {
	struct kernel_conf kernel;
	char *costs; /* a [cost] group */
	int stack;   /* preset */
	double speed;
	sim_time trap, exchange, memory_latency;
	uint64_t memory_read, memory_copy; /* bit/s */
	int build;
	bool prefetch;
};

static const char *const build_words[] = {"up", "smp", NULL};

static const struct key keys[] = {
	R("speed", FACTOR, speed, 0.01, 1000,
          "of its processor: cycles in the time that a P6 of 1 GHz needs for one"),
	R("trap", TIME, trap, 0, SIM_MS,
          "into the kernel and back; 0s: as a P6 of that speed, 200 ns at 1 GHz"),
	R("switch", TIME, exchange, 0, SIM_MS,
          "from one address space and its registers to another; 0s: as a P6 of that speed, 256 ns at 1 GHz"),
	R("memory_latency", TIME, memory_latency, 0, SIM_MS,
          "of a cache line from memory; 0s: not known"),
	K("memory_read", RATE, memory_read, "bytes read in a row, such as 373MB/s; 0: not known"),
	K("memory_copy", RATE, memory_copy, "bytes copied in a row; 0: not known"),
	K("prefetch", BOOL, prefetch,
          "bytes in a row are fetched ahead: they take what memory_read says"),
	R("l2", BYTES, kernel.l2, 0, 1 << 30,
          "second-level cache; 0B: no task finds its own displaced, and switches cost mm_switch"),
	R("l2_ways", COUNT, kernel.l2_ways, 1, 1024, "of the second-level cache"),
	R("l2_line", BYTES, kernel.l2_line, 1, 4096, "of a line of the second-level cache"),
	C("kernel", build, build_words, "built for one processor or for several"),
	R("time_slice", TIME, kernel.time_slice, SIM_US, SIM_S, "of a task"),
	R("tick", TIME, kernel.tick, 0, SIM_S, "timer resolution; 0s: exact"),
	R("max_tasks", COUNT, kernel.max_tasks, 1, 1e6, "tasks"),
	R("max_files", COUNT, kernel.max_files, 1, 1e6, "descriptors of a process"),
	REF("costs", TEXT, costs, "cost",
            "the group of type cost that gives the processor's costs"),
	C("stack", stack, stack_words, "preset of the TCP/IP stack"),
};

static void init(void *conf) {
	struct conf *c = conf;

	kernel_conf_default(&c->kernel);
	c->costs = g_strdup("cost");
	c->speed = 1;
}

static double per_byte(const struct group *host, const char *key) {
	double rate = group_number(host, key);

	return rate > 0 ? 8 * (double)SIM_S / rate : 0;
}

struct machine host_machine(const struct group *host) {
	double speed = group_number(host, "speed"), trap = group_number(host, "trap");
	double exchange = group_number(host, "switch");

	return (struct machine){
		.speed = speed,
		.trap = trap > 0 ? trap : TERMS_TRAP_1GHZ / speed,
		.exchange = exchange > 0 ? exchange : TERMS_SWITCH_1GHZ / speed,
		.line = group_number(host, "memory_latency"),
		.read = per_byte(host, "memory_read"),
		.copy = per_byte(host, "memory_copy"),
		.smp = group_number(host, "kernel") == 1,
		.prefetch = group_flag(host, "prefetch"),
	};
}

/* A machine of which nothing is said is like the first, if both have the same costs. */
static void settle(const struct scenario *sc, struct group *group) {
	static const char *const said[] = {
		"speed",    "trap", "switch",  "memory_latency", "memory_read", "memory_copy",
		"prefetch", "l2",   "l2_ways", "l2_line",        "kernel"};
	const struct conf *first = scenario_nth(sc, &kind_host, 0)->conf;
	struct conf *c = group->conf;

	for (unsigned i = 0; i < G_N_ELEMENTS(said); i++)
		if (group_given(group, said[i]))
			return;
	if (g_strcmp0(c->costs, first->costs) != 0)
		return;
	c->speed = first->speed;
	c->trap = first->trap;
	c->exchange = first->exchange;
	c->memory_latency = first->memory_latency;
	c->memory_read = first->memory_read;
	c->memory_copy = first->memory_copy;
	c->prefetch = first->prefetch;
	c->build = first->build;
	c->kernel.l2 = first->kernel.l2;
	c->kernel.l2_ways = first->kernel.l2_ways;
	c->kernel.l2_line = first->kernel.l2_line;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct machine machine = host_machine(group);

	return cost_check(sc, group, &machine, error);
}

struct kernel *host_called(const struct world *world, const char *name) {
	return scenario_find(world->sc, &kind_host, name)->live;
}

/* Machines are not switched on at one instant.  The first one's ticks begin with the clock. */
static sim_time phase_of(const struct world *world, const char *name, sim_time tick) {
	g_autofree char *stream = g_strdup_printf("host.%s.tick", name);
	gsl_rng *rng = sim_rng_new(world->sim, stream);
	sim_time phase = tick > 0 ? (sim_time)(gsl_rng_uniform(rng) * (double)tick) : 0;

	gsl_rng_free(rng);
	return phase;
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct conf *c = group->conf;
	const struct machine machine = host_machine(group);

	(void)error;
	c->kernel.name = group->name;
	if (group != scenario_nth(world->sc, &kind_host, 0))
		c->kernel.tick_phase = phase_of(world, group->name, c->kernel.tick);
	group->live = kernel_new(world->sim, &c->kernel);
	world_stack(world, ((const struct kernel *)group->live)->stack);
	cost_apply(world->sc, c->costs, &machine, group->live);
	return true;
}

static void halt(struct group *group) { kernel_halt(group->live); }
static void end(struct group *group) { kernel_free(group->live); }

/* --- meters ----------------------------------------------------------------------------------- */

static const struct measured measures[] = {
	{.name = "cpu_user",
         .unit = "%",
         .help = "of its time in user mode",
         .adds = ADDS_MEAN,
         .series = true,
         .head = "user",
         .column = "cpu_user_pct"},
	{.name = "cpu_system",
         .unit = "%",
         .help = "of its time in the kernel: tasks, softirqs, interrupts",
         .adds = ADDS_MEAN,
         .series = true,
         .column = "cpu_system_pct"},
	{.name = "cpu_total",
         .unit = "%",
         .help = "of its time that the processor works",
         .adds = ADDS_MEAN,
         .series = true,
         .first = true,
         .head = "CPU busy",
         .column = "cpu_total_pct",
         .axis = "host CPU, %"},
	{.name = "cpu_process",
         .unit = "%",
         .help = "of its time in the kernel, for a task",
         .adds = ADDS_MEAN,
         .bins = true,
         .head = "system"},
	{.name = "cpu_softirq",
         .unit = "%",
         .help = "of its time in softirqs",
         .adds = ADDS_MEAN,
         .bins = true,
         .head = "softirq"},
	{.name = "cpu_irq",
         .unit = "%",
         .help = "of its time in interrupt handlers",
         .adds = ADDS_MEAN,
         .bins = true,
         .head = "irq"},
	{.name = "busy_us",
         .unit = "us",
         .help = "time that the processor worked",
         .adds = ADDS_SUM},
	{.name = "context_switches",
         .unit = "1",
         .help = "changes of the running task",
         .adds = ADDS_SUM,
         .head = "switches"},
	{.name = "hardirqs", .unit = "1", .help = "interrupts taken", .adds = ADDS_SUM},
	{.name = "softirqs", .unit = "1", .help = "softirqs run", .adds = ADDS_SUM},
	{.name = "syscalls",
         .unit = "1",
         .help = "system calls",
         .adds = ADDS_SUM,
         .head = "system calls"},
	MEASURES_STACK,
	MEASURES_COSTS,
};

static sim_time system_time(const struct cpu_usage *usage) {
	return usage->busy[CPU_SYSTEM] + usage->busy[CPU_SOFTIRQ] + usage->busy[CPU_IRQ];
}

static void tell_host(struct reading *r, const struct group *group) {
	const struct kernel *k = group->live;
	struct cpu_usage usage;
	sim_time system;

	cpu_usage_get(k, &usage);
	system = system_time(&usage);
	tell(r, "cpu_user", percent(usage.busy[CPU_USER], usage.window));
	tell(r, "cpu_system", percent(system, usage.window));
	tell(r, "cpu_total", percent(system + usage.busy[CPU_USER], usage.window));
	tell(r, "cpu_process", percent(usage.busy[CPU_SYSTEM], usage.window));
	tell(r, "cpu_softirq", percent(usage.busy[CPU_SOFTIRQ], usage.window));
	tell(r, "cpu_irq", percent(usage.busy[CPU_IRQ], usage.window));
	tell(r, "busy_us", sim_to_us(system + usage.busy[CPU_USER]));
	tell(r, "context_switches", (double)usage.context_switches);
	tell(r, "hardirqs", (double)usage.hardirqs);
	tell(r, "softirqs", (double)usage.softirqs);
	tell(r, "syscalls", (double)usage.syscalls);
	tell_stack(r, k->stack);
	tell_costs(r, &k->costs);
}

/* In percent-seconds. */
static double total(const struct group *group, const char *measure) {
	struct cpu_usage usage;
	sim_time time;

	cpu_usage_get(group->live, &usage);
	if (g_str_equal(measure, "cpu_user"))
		time = usage.busy[CPU_USER];
	else if (g_str_equal(measure, "cpu_process"))
		time = usage.busy[CPU_SYSTEM];
	else if (g_str_equal(measure, "cpu_softirq"))
		time = usage.busy[CPU_SOFTIRQ];
	else if (g_str_equal(measure, "cpu_irq"))
		time = usage.busy[CPU_IRQ];
	else
		time = system_time(&usage) +
		       (g_str_equal(measure, "cpu_system") ? 0 : usage.busy[CPU_USER]);
	return 100 * sim_to_s(time);
}

static void reset(struct group *group) { cpu_usage_reset(group->live); }

static sim_time busy(const struct group *group) {
	struct cpu_usage usage;
	sim_time sum = 0;

	cpu_usage_get(group->live, &usage);
	for (unsigned mode = 0; mode < CPU_MODES; mode++)
		sum += usage.busy[mode];
	return sum;
}

const struct kind kind_host = {
	.name = "host",
	.help = "a machine with a processor and a kernel",
	.title = "Hosts",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.net = offsetof(struct conf, kernel.net),
	.init = init,
	.settle = settle,
	.check = check,
	.stage = STAGE_HOST,
	.ends = ENDS_HOST,
	.build = build,
	.halt = halt,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.columns_at = 3,
	.reset = reset,
	.tell = tell_host,
	.total = total,
	.busy = busy,
};
