/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happens, told line by line: of programs as text, commands, events and small peers.  Programs and
 * commands are one thing, a run of a script; told.c has what they share.
 */
#ifndef LAB_TOLD_H
#define LAB_TOLD_H

#include "lab/kinds/parts.h"
#include "lab/world/meters.h"
#include "script/script.h"

/* When a program ends, its last packets and the commands that close its sockets are under way. */
#define SETTLE (10 * SIM_MS)

/* Prints it, if what happens is to be shown; who listens to what programs print is told. */
void told_show(const struct world *world, const struct script_event *event);

/* A script that runs (group->live). */
struct told;

struct told *told_new(struct world *world, struct group *group, bool background);
/* script_start() or script_start_command() with these; `done` is told_done, its argument the told. */
void told_take(struct told *told, struct script *script, struct script_run *run);
void told_event(void *told, const struct script_event *event);
void told_done(void *told);

/* For the kinds' tables. */
extern const struct measured told_measures[];
#define TOLD_MEASURES 5
void told_over(struct group *group);
void told_tell(struct reading *r, const struct group *group);
void told_free(struct group *group);

#endif
