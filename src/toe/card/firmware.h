/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The card's processor: one core with two levels of work, each in the order of arrival.
 *
 * Base work is a loop that asks its sources (frames, output, timers) in turn and runs one item of
 * each to its end.  Urgent work interrupts it, as a doorbell's interrupt does under an embedded
 * operating system: what is left of the base item is worked off afterwards.
 *
 * As on the host, an item's code is plain C that executes in no simulated time, charges named costs
 * and puts what others can see behind the charges so far: a frame for the wire or a completion as an
 * effect (fw_defer), a change of what other items look at as the rest of the item (fw_then).  The
 * next item of a level is taken when the charges of the one before are worked off.
 *
 * Accounts and spans follow the work as it is done: what urgent work interrupts goes on after it.
 */
#ifndef TOE_FIRMWARE_H
#define TOE_FIRMWARE_H

#include "sim/cost.h"
#include "sim/trace.h"

struct firmware;

#define FW_SOURCES 8U

/* In the world and on the line that `track` is.  `costs` are its owner's, who may share them among several
 * processors, and must outlive it.  `clock_scale` > 0 divides all costs. */
struct firmware *fw_new(const struct sim_track *track, struct cost_table *costs,
                        double clock_scale);
void fw_free(struct firmware *fw);

enum fw_level { FW_BASE, FW_URGENT, FW_LEVELS };

/* Names a source 0..FW_SOURCES-1 of a level: `run` takes one item of it. */
void fw_source(struct firmware *fw, unsigned source, enum fw_level level, void (*run)(void *arg),
               void *arg);
/* One more item of a source waits. */
void fw_kick(struct firmware *fw, unsigned source);

/* Whether an item's code runs, which may charge and defer. */
bool fw_working(const struct firmware *fw);
/* From an item's code: what it charges from now on is for that command or frame, in traces. */
void fw_flow(struct firmware *fw, sim_flow flow);
/* From an item's code: charges cost `id` for `bytes`. */
void fw_charge(struct firmware *fw, unsigned id, size_t bytes);
/* The same for the first, or the second, half of a cost: both are one charge in the accounts. */
void fw_charge_half(struct firmware *fw, unsigned id, bool first);
/* From an item's code: runs fn(a, b) when the charges so far have been worked off; at once if that
 * is now. */
void fw_defer(struct firmware *fw, void (*fn)(void *a, void *b), void *a, void *b);

/* From an item's code: goes on with fn(a, b) when the charges so far have been worked off, as the
 * rest of the item: it may charge and defer.  The last thing that the item's code does. */
void fw_then(struct firmware *fw, void (*fn)(void *a, void *b), void *a, void *b);

/* Multiplies all costs charged from now on. */
void fw_slow(struct firmware *fw, double factor);
/* It hangs: nothing new is taken.  Effects and rests of items that are not due yet run now, so that
 * they can free what they carry; the owner sees to it that they do nothing else. */
void fw_stop(struct firmware *fw);
bool fw_stopped(const struct firmware *fw);

/* Time worked since the last reset, work in progress up to now; start of that window. */
sim_time fw_busy(struct firmware *fw);
sim_time fw_window_start(const struct firmware *fw);
void fw_reset(struct firmware *fw); /* the cost accounts too */
/* With the accounts brought up to now. */
struct cost_table *fw_costs(struct firmware *fw);

#endif
