/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes, machines, and the loop that runs the world.
 *
 * A machine is a SimGrid host with one actor on it, and its processes are light contexts that an
 * actor switches to.  (Where the engine was ready before the world was known, machines past the 64th
 * share hosts, which nobody but SimGrid knows of.)  One actor has the turn; it runs the timeline's events
 * by itself, on its own stack, until a process is ready, and then that.  SimGrid follows now and then: its
 * clock is moved to ours, and if the process is another machine's, the turn goes to that one's actor, by
 * SimGrid's semaphores.  Until then, to SimGrid nothing has happened.  All calls of SimGrid are made on
 * an actor's own stack.
 *
 * A context whose function has returned is not given back but parked: workers are forked by the
 * thousand, and a parked one is cheaper than a new one.
 */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/ctx.h"
#include "sim/internal.h"
#include "sim/simgrid.h"

/* How far SimGrid may lag behind us, with its clock and with whose actor has the turn, while a process
 * runs.  Each step costs as much as a hundred switches, and nobody but this file can tell. */
#define SLACK (10 * SIM_MS)

struct sim_machine {
	struct sim *sim;
	char *name;
	sg_sem_t turn;   /* released when its actor has the turn */
	struct ctx *ctx; /* of its actor's own stack */
	struct sim_machine *next;
	struct sim_proc *parked;
};

struct sim_proc {
	struct sim_machine *machine;
	void (*fn)(void *arg); /* NULL: parked */
	void *arg;
	struct ctx *ctx; /* NULL until it first runs */
	bool ready;      /* on the ready list */
	bool token;      /* woken before it blocked */
	bool blocked;
	struct sim_proc *next_ready;
	struct sim_proc *next_parked;
};

struct proc_world {
	struct sim_proc *self; /* the running process */
	struct ctx *carrier;   /* of the actor that switched to it */
	struct sim_proc *ready_head, **ready_tail;
	GPtrArray *all; /* of struct sim_proc, parked ones included */
	size_t live;
	struct sim_machine *machines; /* the world's own, then the others */
	sim_time until;
	sim_time synced; /* our time when SimGrid's clock was moved last */
};

struct sim_machine *sim_machine_new(struct sim *sim, const char *name) {
	struct sim_machine *machine = g_new0(struct sim_machine, 1), **last = &sim->procs->machines;

	machine->sim = sim;
	machine->name = g_strdup(name);
	while (*last)
		last = &(*last)->next;
	*last = machine;
	return machine;
}

struct sim *sim_new(uint64_t seed) {
	struct sim *sim = g_new0(struct sim, 1);

	sim->seed = seed;
	timeline_init(&sim->timeline);
	sim->procs = g_new0(struct proc_world, 1);
	sim->procs->ready_tail = &sim->procs->ready_head;
	sim->procs->all = g_ptr_array_new();
	sim_machine_new(sim, "world");
	watch_init(sim);
	return sim;
}

static void machines_free(struct sim_machine *machine) {
	while (machine) {
		struct sim_machine *next = machine->next;

		if (machine->turn)
			sg.sem_destroy(machine->turn);
		ctx_free(machine->ctx);
		g_free(machine->name);
		g_free(machine);
		machine = next;
	}
}

void sim_free(struct sim *sim) {
	struct proc_world *world = sim->procs;

	for (guint i = 0; i < world->all->len; i++) {
		struct sim_proc *proc = g_ptr_array_index(world->all, i);

		ctx_free(proc->ctx);
		g_free(proc);
	}
	g_ptr_array_free(world->all, TRUE);
	machines_free(world->machines);
	g_free(world);
	one_offs_clear(sim);
	sinks_clear(sim);
	tracks_clear(sim);
	watch_exit(sim);
	timeline_clear(&sim->timeline);
	g_free(sim);
}

void sim_stop(struct sim *sim) {
	sim->stopping = true;
	timeline_limit(&sim->timeline, ASKED);
}

void sim_on_end(struct sim *sim, struct sim_end *end) {
	end->next = sim->ends;
	sim->ends = end;
}

struct sim_proc *sim_self(const struct sim *sim) { return sim->procs->self; }
size_t sim_live_procs(const struct sim *sim) { return sim->procs->live; }

/* --- processes ---------------------------------------------------------------------------- */

static void make_ready(struct proc_world *world, struct sim_proc *proc) {
	proc->ready = true;
	proc->next_ready = NULL;
	*world->ready_tail = proc;
	world->ready_tail = &proc->next_ready;
}

static void proc_main(void *arg) {
	struct sim_proc *proc = arg;
	struct sim_machine *machine = proc->machine;
	struct proc_world *world = machine->sim->procs;

	for (;;) {
		g_assert(proc->fn);
		proc->fn(proc->arg);
		proc->fn = NULL;
		world->live--;
		proc->next_parked = machine->parked;
		machine->parked = proc;
		world->self = NULL;
		ctx_switch(proc->ctx, world->carrier);
	}
}

struct sim_proc *sim_spawn_on(struct sim_machine *machine, void (*fn)(void *arg), void *arg) {
	struct proc_world *world = machine->sim->procs;
	struct sim_proc *proc = machine->parked;

	if (proc) {
		machine->parked = proc->next_parked;
	} else {
		proc = g_new0(struct sim_proc, 1);
		proc->machine = machine;
		g_ptr_array_add(world->all, proc);
	}
	proc->fn = fn;
	proc->arg = arg;
	proc->token = proc->blocked = false;
	world->live++;
	make_ready(world, proc);
	return proc;
}

struct sim_proc *sim_spawn(struct sim *sim, void (*fn)(void *arg), void *arg) {
	return sim_spawn_on(sim->procs->machines, fn, arg);
}

void sim_block(struct sim *sim) {
	struct proc_world *world = sim->procs;
	struct sim_proc *proc = world->self;

	if (!proc)
		g_error("sim_block() outside a process");
	if (proc->token) {
		proc->token = false;
		return;
	}
	proc->blocked = true;
	world->self = NULL;
	ctx_switch(proc->ctx, world->carrier);
}

void sim_wake(struct sim *sim, struct sim_proc *proc) {
	if (proc->ready)
		return;
	if (proc->blocked)
		make_ready(sim->procs, proc);
	else
		proc->token = true;
}

/* On the actor's stack, whosever process it is. */
static void proc_run(struct sim_machine *carrier, struct sim_proc *proc) {
	struct proc_world *world = carrier->sim->procs;

	world->ready_head = proc->next_ready;
	if (!world->ready_head)
		world->ready_tail = &world->ready_head;
	proc->ready = proc->blocked = false;
	if (!proc->ctx)
		proc->ctx = ctx_new(proc_main, proc);
	world->self = proc;
	world->carrier = carrier->ctx;
	carrier->sim->switches++;
	ctx_switch(carrier->ctx, proc->ctx);
}

/* The blocked are unwound, in the order in which they were made. */
static void procs_end(struct sim_machine *machine) {
	struct proc_world *world = machine->sim->procs;

	for (guint i = 0; i < world->all->len; i++) {
		struct sim_proc *proc = g_ptr_array_index(world->all, i);

		if (proc->ctx && proc->fn)
			ctx_end(machine->ctx, proc->ctx);
	}
}

/* --- the loop ------------------------------------------------------------------------------- */

/* Moves SimGrid's clock to ours. */
static void sync_clock(struct sim *sim) {
	struct proc_world *world = sim->procs;

	if (sim->now == world->synced)
		return;
	sg.actor_sleep_for(sim_to_s(sim->now) - sg.get_clock());
	world->synced = sim->now;
}

/* Whether the clock may move on to the next event, or to the end of the run. */
static bool paced(const struct sim *sim, const struct sim_event *first) {
	sim_time next = first ? MIN(first->when, sim->procs->until) : sim->procs->until;

	return next <= sim->now || sim->pace(sim->pace_arg, next);
}

/* The next event where somebody wants to be asked before it, or where the heap may have it: it is taken.
 * NULL with `over`: the world has come to its end; without: look again. */
static __attribute__((noinline)) struct sim_event *next_asked(struct sim *sim, bool *over) {
	struct timeline *tl = &sim->timeline;
	struct sim_event *ev;

	timeline_settle(tl);
	ev = timeline_first(tl);
	*over = sim->stopping || (!ev && !sim->pace);
	if (*over || (sim->pace && !paced(sim, ev)))
		return NULL;
	if (!ev || ev->when > sim->procs->until) {
		sim->now = sim->procs->until;
		*over = true;
		return NULL;
	}
	if (sim->watch && ev->when > sim->now)
		watch_duties(sim, ev->when);
	timeline_take(tl, ev);
	return ev;
}

/* Runs events until a process is ready.  False: the world has come to its end before. */
static bool run_events(struct sim *sim) {
	struct proc_world *world = sim->procs;

	while (!world->ready_head) {
		struct sim_event *ev = timeline_take_soon(&sim->timeline);
		bool over = false;

		if (G_UNLIKELY(!ev))
			ev = next_asked(sim, &over);
		if (G_UNLIKELY(!ev)) {
			if (over)
				return false;
			continue;
		}
		sim->now = ev->when;
		sim->events++;
		ev->fn(ev->arg);
	}
	return true;
}

static void hand_over(struct sim_machine *from, struct sim_machine *to) {
	sg.sem_release(to->turn);
	sg.sem_acquire(from->turn);
}

/* A machine's actor, when it has the turn: works until the world ends. */
static void machine_work(struct sim_machine *machine) {
	struct sim *sim = machine->sim;
	struct proc_world *world = sim->procs;

	while (run_events(sim)) {
		struct sim_proc *next = world->ready_head;

		if (sim->now - world->synced > SLACK) {
			sync_clock(sim);
			if (next->machine != machine) {
				hand_over(machine, next->machine);
				continue;
			}
		}
		proc_run(machine, next);
	}
}

static void machine_main(int argc, char **argv) {
	struct sim_machine *machine = sg.actor_self_get_data();

	(void)argc;
	(void)argv;
	machine->ctx = ctx_here();
	sg.sem_acquire(machine->turn);
	machine_work(machine);
	/* The world's own machine has the last turn. */
	hand_over(machine, machine->sim->procs->machines);
}

static void world_main(int argc, char **argv) {
	struct sim_machine *machine = sg.actor_self_get_data();
	struct sim *sim = machine->sim;
	const struct timeline *tl = &sim->timeline;

	(void)argc;
	(void)argv;
	machine->ctx = ctx_here();
	machine_work(machine);
	if (sim->watch && !sim->stopping && !timeline_first(tl))
		watch_duties(sim, sim->procs->until);
	sync_clock(sim);
	for (struct sim_end *end = sim->ends; end; end = end->next)
		end->fn(end->arg);
	procs_end(machine);
	/* The other machines' actors, which wait for their turn. */
	sg.actor_kill_all();
}

/* Hosts that are there before it is known how many machines a world has. */
#define HOSTS_READY 64

/* Of SimGrid's platform; 0: it has no engine yet.  There is one in a process. */
static unsigned hosts;

static char *host_name(unsigned nr) { return g_strdup_printf("host-%u", nr); }

/* SimGrid reads its platform from a file only. */
static void load_platform(void) {
	g_autoptr(GString) xml =
		g_string_new("<?xml version='1.0'?>\n"
	                     "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
	                     "<platform version=\"4.1\"><zone id=\"world\" routing=\"None\">");
	g_autofree char *path = NULL;
	/* In memory: a full /tmp is no reason not to run. */
	int fd = memfd_create("platform.xml", MFD_CLOEXEC);

	for (unsigned nr = 0; nr < hosts; nr++) {
		g_autofree char *name = host_name(nr);

		g_string_append_printf(xml, "<host id=\"%s\" speed=\"1Gf\"/>", name);
	}
	g_string_append(xml, "</zone></platform>\n");
	if (fd < 0 || write(fd, xml->str, xml->len) != (ssize_t)xml->len)
		g_error("cannot write SimGrid's platform: %s", g_strerror(errno));
	path = g_strdup_printf("/proc/self/fd/%d", fd);
	sg.load_platform(path);
	close(fd);
}

/* Of a world with more machines than there are hosts, some share one: nobody can tell. */
static void start_machines(struct sim_machine *machines) {
	unsigned nr = 0;

	for (struct sim_machine *m = machines; m; m = m->next) {
		g_autofree char *name = host_name(nr++ % hosts);
		sg_actor_t actor = sg.actor_init(m->name, sg.host_by_name(name));

		m->turn = sg.sem_init(0);
		sg.actor_set_data(actor, m);
		sg.actor_start(actor, m == machines ? world_main : machine_main, 0, NULL);
	}
}

/* Sanitizers know the stacks of threads, and of contexts that say so.  SimGrid's do not. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define THREAD_CONTEXTS "--cfg=contexts/factory:thread",
#else
#define THREAD_CONTEXTS
#endif

static void start_engine(unsigned n) {
	/* KiB, of a machine's actor, whose stack is its events'; SimGrid's own choice is 8192. */
	char *args[] = {"sopsim",
	                "--cfg=surf/precision:1e-12",
	                "--cfg=contexts/stack-size:512",
	                THREAD_CONTEXTS "--log=root.thresh:critical",
	                "--log=no_loc",
	                NULL};
	char *argv[G_N_ELEMENTS(args)];
	int argc = G_N_ELEMENTS(args) - 1;

	memcpy(argv, args, sizeof args);
	sg.init(&argc, argv);
	hosts = n;
	load_platform();
}

const char *sim_ready(void) {
	const char *why = simgrid_bind(true);

	if (!why && !hosts)
		start_engine(HOSTS_READY);
	return why;
}

static unsigned count_machines(const struct sim_machine *machines) {
	unsigned n = 0;

	for (; machines; machines = machines->next)
		n++;
	return n;
}

void sim_run(struct sim *sim, sim_time until) {
	const char *why = sim_load();

	if (why)
		g_error("SimGrid cannot be loaded: %s", why);
	sim->procs->until = until;
	if (sim->timeline.until != ASKED)
		timeline_limit(&sim->timeline, until);
	if (!hosts)
		start_engine(count_machines(sim->procs->machines));
	start_machines(sim->procs->machines);
	sg.run();
}
