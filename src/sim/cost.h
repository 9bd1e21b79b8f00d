/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Named costs: what a step takes, kept apart from what it does.
 *
 * A room lists its costs once (a table of `struct cost_desc`, indexed by its own enum).  A layer
 * *charges* a cost by index and byte count; the scenario gives the values; the processor that
 * works the charge off (host CPU, card CPU) accounts it here by name.  With all values 0 the same
 * code is a functional test.
 */
#ifndef SIM_COST_H
#define SIM_COST_H

#include <stddef.h>

#include "sim/units.h"

struct cost_desc {
	const char *name; /* key in the scenario, e.g. "tcp_tx_segment" */
	const char
		*layer; /* who charges it: "syscall", "socket", "sop", "tcp", "ip", "driver" ... */
	const char *help; /* one line for people */
};

struct cost_value {
	sim_time each;     /* per charge, >= 0 */
	sim_time per_byte; /* per byte charged, >= 0 */
};

/* What has been worked off under one name since the last reset. */
struct cost_account {
	uint64_t charges;
	uint64_t bytes;
	sim_time time;
};

/* A processor's costs: `n` descriptions, values and accounts, index-parallel. */
struct cost_table {
	size_t n;
	const struct cost_desc *desc;
	struct cost_value *value;
	struct cost_account *account;
};

/* All values 0.  `desc` must outlive the table. */
void cost_table_init(struct cost_table *table, const struct cost_desc *desc, size_t n);
void cost_table_clear(struct cost_table *table);

/* Index of `name`, -1 if there is none. */
int cost_find(const struct cost_table *table, const char *name);

/* Zeroes the accounts, at the start of a measuring window. */
void cost_reset(struct cost_table *table);

static inline sim_time cost_of(const struct cost_table *table, unsigned id, size_t bytes) {
	return table->value[id].each + table->value[id].per_byte * (sim_time)bytes;
}

#endif
