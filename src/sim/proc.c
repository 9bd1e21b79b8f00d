/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes as SimGrid actors, and the loop that runs the world.
 *
 * The timeline is an actor too.  It runs events by itself for as long as no process is ready;
 * SimGrid sees nothing of them.  When one has made processes ready, the timeline lets SimGrid's
 * clock follow, lets them run one after the other, each up to its next sim_block(), and goes on.  A hand-over is a semaphore release and a yield.
 *
 * An actor whose function has returned is not given back but parked: workers are forked by the
 * thousand, and a parked actor is cheaper than a new one.
 */
#include "sim/internal.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/simgrid.h"

/* Programs keep large buffers on the heap, so a process's stack may be small.  (SimGrid takes it in
 * KiB.) */
#define STACK_KIB 256U

/* How far SimGrid's clock may lag behind ours while a process runs. */
#define CLOCK_SLACK (100 * SIM_US)

struct sim_proc {
	char *name;
	void (*fn)(void *arg);
	void *arg;
	sg_sem_t turn; /* released when it may run */
	bool started;  /* has an actor */
	bool ready;    /* on the ready list */
	bool token;    /* woken before it blocked */
	bool blocked;
	struct sim_proc *next_ready;
	struct sim_proc *next_parked;
	struct sim *sim;
};

struct proc_world {
	struct sim_proc *self; /* the running process */
	struct sim_proc *ready_head, **ready_tail;
	struct sim_proc *parked;
	GPtrArray *all; /* of struct sim_proc, parked ones included */
	size_t live;
	sg_host_t host; /* where SimGrid places all actors; NULL before sim_run() */
	sim_time until;
	sim_time synced; /* our time when SimGrid's clock was moved last */
};

struct sim *sim_new(uint64_t seed) {
	struct sim *sim = g_new0(struct sim, 1);

	sim->seed = seed;
	sim->procs = g_new0(struct proc_world, 1);
	sim->procs->ready_tail = &sim->procs->ready_head;
	sim->procs->all = g_ptr_array_new();
	watch_init(sim);
	return sim;
}

void sim_free(struct sim *sim) {
	struct proc_world *world = sim->procs;

	for (guint i = 0; i < world->all->len; i++) {
		struct sim_proc *proc = g_ptr_array_index(world->all, i);
		if (proc->started)
			sg.sem_destroy(proc->turn);
		g_free(proc->name);
		g_free(proc);
	}
	g_ptr_array_free(world->all, TRUE);
	g_free(world);
	one_offs_clear(sim);
	watch_exit(sim);
	timeline_clear(&sim->timeline);
	g_free(sim);
}

void sim_stop(struct sim *sim) { sim->stopping = true; }

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

static void proc_main(int argc, char **argv) {
	struct sim_proc *proc = sg.actor_self_get_data();
	struct proc_world *world = proc->sim->procs;

	(void)argc;
	(void)argv;
	for (;;) {
		sg.sem_acquire(proc->turn);
		g_assert(proc->fn);
		proc->fn(proc->arg);
		proc->fn = NULL;
		world->live--;
		proc->next_parked = world->parked;
		world->parked = proc;
		world->self = NULL;
	}
}

static void start_actor(struct sim_proc *proc) {
	sg_actor_t actor = sg.actor_init(proc->name, proc->sim->procs->host);

	proc->turn = sg.sem_init(0);
	proc->started = true;
	sg.actor_set_data(actor, proc);
	sg.actor_set_stacksize(actor, STACK_KIB);
	sg.actor_start(actor, proc_main, 0, NULL);
}

struct sim_proc *sim_spawn(struct sim *sim, const char *name, void (*fn)(void *arg), void *arg) {
	struct proc_world *world = sim->procs;
	struct sim_proc *proc = world->parked;

	if (proc) {
		world->parked = proc->next_parked;
	} else {
		proc = g_new0(struct sim_proc, 1);
		proc->sim = sim;
		proc->name = g_strdup(name);
		g_ptr_array_add(world->all, proc);
	}
	proc->fn = fn;
	proc->arg = arg;
	proc->token = proc->blocked = false;
	world->live++;
	make_ready(world, proc);
	return proc;
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
	sg.sem_acquire(proc->turn);
}

void sim_wake(struct sim *sim, struct sim_proc *proc) {
	if (proc->ready)
		return;
	if (proc->blocked)
		make_ready(sim->procs, proc);
	else
		proc->token = true;
}

/* --- the loop ------------------------------------------------------------------------------- */

/* Moves SimGrid's clock to ours when it has fallen behind by more than `slack`.  A sleep costs as
 * much as two process switches, and nobody but this file reads SimGrid's clock. */
static void sync_clock(struct sim *sim, sim_time slack) {
	struct proc_world *world = sim->procs;

	if (sim->now - world->synced <= slack)
		return;
	sg.actor_sleep_for(sim_to_s(sim->now) - sg.get_clock());
	world->synced = sim->now;
}

static void run_ready(struct sim *sim) {
	struct proc_world *world = sim->procs;

	sync_clock(sim, CLOCK_SLACK);
	while (world->ready_head) {
		struct sim_proc *proc = world->ready_head;

		world->ready_head = proc->next_ready;
		if (!world->ready_head)
			world->ready_tail = &world->ready_head;
		proc->ready = proc->blocked = false;
		if (!proc->started)
			start_actor(proc);
		world->self = proc;
		sim->switches++;
		sg.sem_release(proc->turn);
		while (world->self)
			sg.actor_yield();
	}
}

/* Whether the clock may move on to the next event, or to the end of the run. */
static bool paced(const struct sim *sim) {
	const struct timeline *tl = &sim->timeline;
	sim_time next = tl->n > 0 ? MIN(tl->heap[0].when, sim->procs->until) : sim->procs->until;

	return next <= sim->now || sim->pace(sim->pace_arg, next);
}

static void timeline_main(int argc, char **argv) {
	struct sim *sim = sg.actor_self_get_data();
	struct timeline *tl = &sim->timeline;

	(void)argc;
	(void)argv;
	for (;;) {
		if (sim->procs->ready_head)
			run_ready(sim);
		timeline_settle(tl);
		if (sim->stopping || (tl->n == 0 && !sim->pace))
			break;
		if (sim->pace && !paced(sim))
			continue;
		if (tl->n == 0 || tl->heap[0].when > sim->procs->until) {
			sim->now = sim->procs->until;
			break;
		}
		if (sim->watch && tl->heap[0].when > sim->now)
			watch_duties(sim, tl->heap[0].when);
		struct sim_event *ev = timeline_pop(tl);
		sim->now = ev->when;
		sim->events++;
		ev->fn(ev->arg);
	}
	if (sim->watch && !sim->stopping && tl->n == 0)
		watch_duties(sim, sim->procs->until);
	sync_clock(sim, 0);
	for (struct sim_end *end = sim->ends; end; end = end->next)
		end->fn(end->arg);
	/* The parked and the blocked are unwound.  (As SimGrid's daemons they would be too, but 3.32
	 * walks its list of daemons while it changes.) */
	sg.actor_kill_all();
}

/* SimGrid reads its platform from a file only: one host, since all actors are ours to schedule. */
static void load_platform(void) {
	static const char xml[] = "<?xml version='1.0'?>\n"
				  "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
				  "<platform version=\"4.1\"><zone id=\"world\" routing=\"None\">"
				  "<host id=\"machine\" speed=\"1Gf\"/></zone></platform>\n";
	g_autofree char *path = NULL;
	/* In memory: a full /tmp is no reason not to run. */
	int fd = memfd_create("platform.xml", MFD_CLOEXEC);

	if (fd < 0 || write(fd, xml, sizeof xml - 1) != (ssize_t)(sizeof xml - 1))
		g_error("cannot write SimGrid's platform: %s", g_strerror(errno));
	path = g_strdup_printf("/proc/self/fd/%d", fd);
	sg.load_platform(path);
	close(fd);
}

/* AddressSanitizer knows the stacks of threads only: on one that SimGrid switched to itself it takes
 * what unwinds, or jumps, for an overflow. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define THREAD_CONTEXTS "--cfg=contexts/factory:thread",
#else
#define THREAD_CONTEXTS
#endif

void sim_run(struct sim *sim, sim_time until) {
	char *args[] = {"sopsim",
	                "--cfg=surf/precision:1e-12",
	                "--cfg=contexts/guard-size:0",
	                THREAD_CONTEXTS "--log=root.thresh:critical",
	                "--log=no_loc",
	                NULL};
	char *argv[G_N_ELEMENTS(args)];
	int argc = G_N_ELEMENTS(args) - 1;

	const char *why = sim_load();

	if (why)
		g_error("SimGrid cannot be loaded: %s", why);
	memcpy(argv, args, sizeof args);
	sim->procs->until = until;
	sg.init(&argc, argv);
	load_platform();
	sim->procs->host = sg.host_by_name("machine");
	sg_actor_t timeline = sg.actor_init("timeline", sim->procs->host);
	sg.actor_set_data(timeline, sim);
	sg.actor_start(timeline, timeline_main, 0, NULL);
	sg.run();
}
