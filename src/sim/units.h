/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time as the whole simulator knows it: a signed 64-bit count of picoseconds.
 *
 * One bit of a 10 Gbit/s wire lasts 100 ps and one PCI clock at 133 MHz about 7,519 ps, so a
 * picosecond is fine enough that no device has to carry fractions; 2^63 ps are 106 days, enough
 * for any run.  Doubles appear only where a person reads or writes a number.
 */
#ifndef SIM_UNITS_H
#define SIM_UNITS_H

#include <inttypes.h>
#include <stdint.h>

/* A date or a duration in picoseconds. */
typedef int64_t sim_time;

#define SIM_PS ((sim_time)1)
#define SIM_NS (1000 * SIM_PS)
#define SIM_US (1000 * SIM_NS)
#define SIM_MS (1000 * SIM_US)
#define SIM_S (1000 * SIM_MS)

/* A date that never comes: "no timer is running". */
#define SIM_NEVER INT64_MAX

/* Duration as a double, for people: seconds and microseconds. */
static inline double sim_to_s(sim_time t) { return (double)t / (double)SIM_S; }
static inline double sim_to_us(sim_time t) { return (double)t / (double)SIM_US; }

/* Time that `bytes` (at most 2 MiB: a frame, a burst) occupy a channel of `bits_per_s` (> 0),
 * rounded up to a picosecond. */
static inline sim_time sim_serialise(uint64_t bytes, uint64_t bits_per_s) {
	return (sim_time)((bytes * 8U * (uint64_t)SIM_S + bits_per_s - 1) / bits_per_s);
}

/* Of a clock that ticks at phase + n * tick (tick > 0): time since its last tick, and a duration that
 * a timer of it lasts which is set now: as many ticks as `time` (>= 0) has, parts of one counted as
 * one, from the last tick on. */
static inline sim_time sim_since_tick(sim_time now, sim_time tick, sim_time phase) {
	sim_time part = (now - phase) % tick;

	return part < 0 ? part + tick : part;
}
static inline sim_time sim_in_ticks(sim_time time, sim_time now, sim_time tick, sim_time phase) {
	return (time + tick - 1) / tick * tick - sim_since_tick(now, tick, phase);
}

#endif
