/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clock, the timeline and the processes: everything that has to do with *when*.
 *
 * Two kinds of activity exist.  What only has times (a wire, a DMA transfer, a doorbell, a TCP
 * timer) is a `struct sim_event`: a callback at a date, embedded in the object that it belongs to,
 * so that scheduling allocates nothing.  What has a thread of control (a process, a kernel thread)
 * is a `struct sim_proc`: a function with a stack of its own that may block in the middle.
 *
 * Threading model.  All of it runs in one operating-system thread and strictly one at a time.  The
 * timeline pops events in the total order (date, sequence number).  An event or a process makes a
 * process ready with sim_wake(); ready processes run, in the order in which they became ready, to
 * their next sim_block(), before the next event.  So between two calls of sim_block() a process
 * sees a world that nothing else changes, and no lock exists anywhere.
 *
 * Under the hood each machine is a SimGrid host with one actor, and actors switch to processes.
 * SimGrid follows within 10 ms whenever a process runs: its clock the timeline's, and the turn goes to
 * the actor whose machine's process that is.  No other room includes SimGrid.
 *
 * A wide door: time and processes, which no one uses apart.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/units.h"

struct sim;
struct sim_machine;
struct sim_proc;

/*
 * A callback at a date.  Embed it, initialise it once with sim_event_init(), then schedule and
 * cancel at will.  The struct must stay put while it is pending.
 */
struct sim_event {
	sim_time when;
	uint64_t seq;
	uint32_t slot; /* the timeline's: where it waits; 0 = not pending */
	void (*fn)(void *arg);
	void *arg;
};

/* --- life -------------------------------------------------------------------------------- */

/* A world with its clock at 0.  `seed` roots every random stream (sim/rng.h).  Aborts on lack of
 * memory, as GLib does.  One world at a time per operating-system process: SimGrid's limit. */
struct sim *sim_new(uint64_t seed);

/* Ends the world.  Processes that still block are unwound by sim_run() before it returns. */
void sim_free(struct sim *sim);

/* Loads SimGrid, which is most of a run's start; sim_run() does where nobody has yet, and aborts if it
 * cannot.  NULL, or why it cannot be loaded. */
const char *sim_load(void);
/* The same, and has its engine ready besides: for a process that worlds are forked from and that runs none
 * itself but, at most, one. */
const char *sim_ready(void);

/* Runs until no event and no ready process is left, the next event lies past `until`, or
 * sim_stop() was called; callable once per world.  The clock ends at the last event run (or at
 * `until` when that was the reason and it is not SIM_NEVER). */
void sim_run(struct sim *sim, sim_time until);

/* Called by sim_run() after the last event, before blocked processes are unwound: whatever their
 * clean-up calls must know that the world has ended.  Embed it; it must stay until then. */
struct sim_end {
	void (*fn)(void *arg);
	void *arg;
	struct sim_end *next; /* the world's own */
};
void sim_on_end(struct sim *sim, struct sim_end *end);

/* Makes sim_run() return after the current event and the processes that it made ready. */
void sim_stop(struct sim *sim);

uint64_t sim_seed(const struct sim *sim);

/* --- the timeline ------------------------------------------------------------------------ */

/* It stands first in a world: reading it costs no call. */
static inline sim_time sim_now(const struct sim *sim) {
	return *(const sim_time *)(const void *)sim;
}

/* Address of the clock, for pure libraries that read the time but own no world. */
const sim_time *sim_clock(const struct sim *sim);

void sim_event_init(struct sim_event *ev, void (*fn)(void *arg), void *arg);

/* Runs `ev` at `when` (>= now; an earlier date is a defect and aborts).  A pending event moves. */
void sim_at(struct sim *sim, struct sim_event *ev, sim_time when);

/* Runs `ev` after `delay` (>= 0). */
void sim_after(struct sim *sim, struct sim_event *ev, sim_time delay);

/* Forgets a pending event; no-op otherwise. */
void sim_cancel(struct sim *sim, struct sim_event *ev);

static inline bool sim_pending(const struct sim_event *ev) { return ev->slot != 0; }

/* Calls `fn(arg)` once at `when`: for the rare one-off (set-up, tests, fault scripts).  Allocates. */
void sim_call_at(struct sim *sim, sim_time when, void (*fn)(void *arg), void *arg);

/*
 * A pacer ties the clock to something outside: real time.  It is asked each time before the clock
 * moves on to `next`, the date of the next event (or the end of the run, if that comes first;
 * SIM_NEVER if there is neither).  It may wait, and schedule events.  True: the clock moves to
 * `next`; false: the timeline looks again (something was scheduled, or sim_stop() was called).  With
 * a pacer a run does not end for lack of events.  Without one it costs a test of a pointer.
 */
typedef bool (*sim_pace_fn)(void *arg, sim_time next);
void sim_set_pacer(struct sim *sim, sim_pace_fn fn, void *arg); /* NULL: none */

/* Events run and process switches made so far: the denominators of speed. */
uint64_t sim_events_run(const struct sim *sim);
uint64_t sim_switches(const struct sim *sim);

/* --- processes --------------------------------------------------------------------------- */

/* A machine, on which processes run: SimGrid's view of one.  To be made before sim_run(); it lasts as
 * long as the world. */
struct sim_machine *sim_machine_new(struct sim *sim, const char *name);

/* Starts `fn(arg)` as a process.  It is ready at once and ends when fn returns.  The returned handle
 * is valid until then.  Its stack has 256 KiB; what runs over it meets a page that may not be touched. */
struct sim_proc *sim_spawn_on(struct sim_machine *machine, void (*fn)(void *arg), void *arg);

/* The same for a process of no machine: it watches over the world, or tests it. */
struct sim_proc *sim_spawn(struct sim *sim, void (*fn)(void *arg), void *arg);

/* The running process, NULL in event context. */
struct sim_proc *sim_self(const struct sim *sim);

/* Blocks the running process until sim_wake().  A wake that came before the block is remembered
 * (one token): block then returns at once. */
void sim_block(struct sim *sim);

/* Makes `proc` ready, or leaves it the token if it runs.  Idempotent until the next block. */
void sim_wake(struct sim *sim, struct sim_proc *proc);

/* For tests: processes that have not returned. */
size_t sim_live_procs(const struct sim *sim);

#endif
