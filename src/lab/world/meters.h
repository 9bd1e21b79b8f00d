/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The meters on a world's machines: how the groups are reset and read.
 *
 * Meters of machines and modules only count up: their reading at the start of the window is kept and
 * taken off at its end.  Programs and processors start anew (their means and maxima need it).  What
 * failed is told of the whole run: nobody may fail unseen in the warm-up.
 */
#ifndef LAB_METERS_H
#define LAB_METERS_H

#include "lab/world/measures.h"
#include "lab/world/world.h"
#include "net/engine/iface.h"

struct meters;

/* A duration's quantile in the unit of the measure ("s", "ms", "us"); NAN: nothing was seen. */
struct histogram;
double meters_percentile(const struct measured *measure, const struct histogram *durations);

struct meters *meters_new(struct world *world);
void meters_free(struct meters *meters);

/* Sets every meter to zero: the window begins. */
void meters_reset(struct meters *meters);
/* Reads every meter. */
void meters_tell(const struct meters *meters, struct measures *m);

/* --- for kinds (struct kind's `tell`) --------------------------------------------------------- */

/* Tells what a meter of the group stands at; the kind must have declared the measure, which says what
 * becomes of it. */
void tell(struct reading *r, const char *name, double value);
/* Of a measure that only counts up: what the window saw of `total`. */
double tell_since(const struct reading *r, const char *name, double total);
/* The window until now. */
sim_time tell_window(const struct reading *r);
/* The whole accounts of a processor, by cost name: cost.NAME.us and cost.NAME.count. */
struct cost_table;
void tell_costs(struct reading *r, const struct cost_table *costs);
/* What a TCP/IP stack sent and took. */
struct net_stack;
void tell_stack(struct reading *r, const struct net_stack *stack);
/* Frames that an interface refused. */
struct net_if_counters;
void tell_refused(struct reading *r, const struct net_if_counters *refused);

static inline double percent(sim_time part, sim_time whole) {
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* For tables of measures: of all that have an interface, of all that have named costs. */
#define MEASURES_REFUSED                                                                           \
	{.name = "rx_too_long", .unit = "1", .help = "frames longer than the interface takes",     \
	 .adds = ADDS_SUM, .since = SELDOM, .head = "too long"},                                     \
	{.name = "rx_others", .unit = "1", .help = "frames that came for other stations",          \
	 .adds = ADDS_SUM, .since = SELDOM, .head = "for others"}
/* Percentiles of the durations `name`, as NAME_p50_UNIT and so on. */
#define MEASURE_PERCENTILE(name_, p, unit_, what, share_)                                          \
	{.name = name_ "_p" p "_" unit_, .unit = (unit_),                                          \
	 .help = what ": " p " % were no longer (to 0.4 %)", .adds = ADDS_MERGED, .of = (name_),   \
	 .share = (share_)}
#define MEASURES_PERCENTILES(name, unit, what)                                                     \
	MEASURE_PERCENTILE(name, "50", unit, what, 0.50),                                          \
	MEASURE_PERCENTILE(name, "95", unit, what, 0.95),                                          \
	MEASURE_PERCENTILE(name, "99", unit, what, 0.99)
#define MEASURE_STACK(name_, what, head_)                                                          \
	{.name = (name_), .unit = "1", .help = what ", of its own TCP/IP stack", .adds = ADDS_SUM,   \
	 .since = SINCE_OPENING, .head = (head_), .stack = true}
#define MEASURES_STACK                                                                             \
	MEASURE_STACK("tcp_accepted", "connections that others opened", "accepted"),               \
	MEASURE_STACK("tcp_connected", "connections that it opened", "opened"),                    \
	MEASURE_STACK("tcp_in", "TCP segments received", "segments in"),                           \
	MEASURE_STACK("tcp_out", "TCP segments sent", "out"),                                      \
	MEASURE_STACK("tcp_retransmits", "TCP segments sent again", "again"),                      \
	MEASURE_STACK("udp_in", "datagrams received", "datagrams in"),                             \
	MEASURE_STACK("udp_out", "datagrams sent", "datagrams out")
#define MEASURES_COSTS                                                                             \
	{.name = "cost.*.us", .unit = "us", .help = "processor time charged to the cost *",        \
	 .adds = ADDS_SUM},                                                                        \
	{.name = "cost.*.count", .unit = "1", .help = "charges of the cost *", .adds = ADDS_SUM}

#endif
