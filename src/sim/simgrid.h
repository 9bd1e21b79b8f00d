/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SimGrid, loaded when a world runs.  Debian's needs some forty libraries more, and relocating those
 * is most of what a run's start takes: who asks for help or checks a scenario does not wait for it.
 */
#ifndef SIM_SIMGRID_H
#define SIM_SIMGRID_H

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/semaphore.h>
#include <stdbool.h>

/* All that is called of it, by the name that it has here.  (The headers have sg_actor_start() inline,
 * around the one that a library can have.) */
#define SIMGRID_CALLS(X)                                                                           \
	X(init, simgrid_init)                                                                            \
	X(load_platform, simgrid_load_platform)                                                                   \
	X(run, simgrid_run)                                                                             \
	X(get_clock, simgrid_get_clock)                                                                       \
	X(host_by_name, sg_host_by_name)                                                                         \
	X(actor_init, sg_actor_init)                                                                           \
	X(actor_set_data, sg_actor_set_data)                                                                       \
	X(actor_start, sg_actor_start_)                                                                         \
	X(actor_self_get_data, sg_actor_self_get_data)                                                                  \
	X(actor_sleep_for, sg_actor_sleep_for)                                                                      \
	X(actor_kill_all, sg_actor_kill_all)                                                                       \
	X(sem_init, sg_sem_init)                                                                             \
	X(sem_acquire, sg_sem_acquire)                                                                          \
	X(sem_release, sg_sem_release)                                                                          \
	X(sem_destroy, sg_sem_destroy)

struct simgrid {
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declarator */
#define SIMGRID_CALL(name, symbol) __typeof__(symbol) *name;
	SIMGRID_CALLS(SIMGRID_CALL)
#undef SIMGRID_CALL
};

/* Filled by simgrid_bind(). */
extern struct simgrid sg;

/* Loads it; `at_once`: all of its own calls are bound, where many processes would bind each for itself.
 * NULL, or why it cannot be loaded. */
const char *simgrid_bind(bool at_once);

#endif
