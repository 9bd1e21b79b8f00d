/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs as text, commands, events and small peers of a scenario: [program NAME], [run NAME],
 * [event NAME], [echo NAME].  What they do is told line by line; what they expect is a check.
 */
#ifndef LAB_LESSONS_H
#define LAB_LESSONS_H

#include "lab/world/measures.h"
#include "lab/world/world.h"

void lessons_build_program(struct world *world, struct group *group);
void lessons_build_run(struct world *world, struct group *group);
void lessons_build_event(struct world *world, struct group *group);
void lessons_build_echo(struct world *world, struct group *group);

/* Prints what happens from now on to stdout, in order. */
void lessons_show(struct world *world, void *unused);
/* At the end of a run: tells of each program that has not come to its own where it stands. */
void lessons_cut(struct world *world);

/* Starts a measuring window; what one of these groups measured; its end. */
void lessons_reset(struct group *group);
void lessons_tell(struct measures *m, const struct group *group);
void lessons_free(struct group *group);

/* Reads the texts of all programs. */
bool lessons_validate(const struct scenario *sc, GError **error);

#endif
