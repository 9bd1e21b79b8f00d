/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The meters on a world's machines: how each kind of group is reset and read. */
#ifndef LAB_METERS_H
#define LAB_METERS_H

#include "lab/world/measures.h"
#include "lab/world/world.h"

struct meters;

struct meters *meters_new(struct world *world);
void meters_free(struct meters *meters);

/* Sets every meter to zero: the window begins. */
void meters_reset(struct meters *meters);
/* Reads every meter. */
void meters_tell(const struct meters *meters, struct measures *m);

/* A running total for batches: "cpu_user", "cpu_system", "cpu_total" of a host in percent-seconds,
 * "requests" of clients. */
double meter_read(const struct group *group, const char *name);

#endif
