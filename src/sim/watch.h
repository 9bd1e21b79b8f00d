/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules of time (docs/time.md), watched while a world runs.
 *
 * Three things are asked.  Whatever others can see happens behind the charges that made it: at each
 * door to the outside no code that executes may owe anything.  Whoever charges or does a deadline's
 * work does it in a context.  And the clock passes no deadline: when it is about to move on, each
 * clock that serves several deadlines, of whatever grain, has been set for the earliest of them.
 *
 * A world is watched if the environment says SOPSIM_WATCH, as it does in tests, and when somebody
 * asks for it.  Otherwise each door costs a test of a pointer.
 */
#ifndef SIM_WATCH_H
#define SIM_WATCH_H

#include "sim/sim.h"

/* A processor: its code executes in no time, and what it charges is worked off later.  Embed it. */
struct sim_payer {
	/* What the code that executes at this moment has charged last and not paid; NULL: nothing, or no
	 * code of it executes. */
	const char *(*owes)(const void *arg);
	const void *arg;
	struct sim_payer *next;
};
/* Adds it to the world, until it is removed.  Free of charge in a world that nobody watches. */
void sim_payer_add(struct sim *sim, struct sim_payer *payer);
void sim_payer_remove(struct sim *sim, struct sim_payer *payer);

/* Who serves deadlines, and must be woken for the earliest.  Embed it. */
struct sim_duty {
	const char *name;
	/* The earliest deadline that nobody has taken up yet; SIM_NEVER: none. */
	sim_time (*due)(const void *arg);
	const void *arg;
	struct sim_duty *next;
};
void sim_duty_add(struct sim *sim, struct sim_duty *duty);
void sim_duty_remove(struct sim *sim, struct sim_duty *duty);

/* Watches from now on.  `broken` is told in one line which rule was; NULL: that aborts. */
void sim_watch(struct sim *sim, void (*broken)(void *arg, const char *what), void *arg);

/* A door: `what` others see happens now. */
void sim_seen(const struct sim *sim, const char *what);

#endif
