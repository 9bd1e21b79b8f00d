/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a kernel count time in ticks? */
#include "host/core/kernel.h"

/* The longest time that still counts as one: what is longer never ends. */
static sim_time longest(const struct kernel *k) {
	return SIM_NEVER - sim_now(k->sim) - 2 * k->conf.tick;
}

sim_time kernel_ticks(const struct kernel *k, sim_time time) {
	sim_time tick = k->conf.tick;

	return tick <= 0 || time > longest(k) ? time : (time + tick - 1) / tick * tick;
}

sim_time kernel_ticks_least(const struct kernel *k, sim_time time) {
	return time <= 0 || time > longest(k) ? time : kernel_ticks(k, time) + k->conf.tick;
}

sim_time kernel_last_tick(const struct kernel *k) {
	sim_time now = sim_now(k->sim);

	return k->conf.tick <= 0 ? now
	                         : now - sim_since_tick(now, k->conf.tick, k->conf.tick_phase);
}

sim_time kernel_next_tick(const struct kernel *k) {
	sim_time tick = k->conf.tick > 0 ? k->conf.tick : KERNEL_TICK, now = sim_now(k->sim);

	return now - sim_since_tick(now, tick, k->conf.tick_phase) + tick;
}
