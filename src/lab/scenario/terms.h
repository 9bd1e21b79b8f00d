/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Costs by kind: what a charge takes is a sum of terms, each of which scales with another part of the
 * machine: "0.3us@1GHz + 2 lines + 1us", "0.5us@1GHz + 0.018 lines/B", "1 read/B".
 *
 *   10us            whatever the machine: what a bus takes, or a cost given as one time
 *   10us@1GHz       a processor's cycles, as the time of a P6 of 1 GHz: divided by the host's speed
 *   1 trap          ways into the kernel and back, which differ more between processors than clocks do: times trap
 *   1 switch        address spaces and registers exchanged, likewise: times switch
 *   2 lines         cache lines that come from memory, one after the other: times memory_latency; by the byte, on a machine
 *                   that fetches ahead: the first of each 4 KB, and what it reads in a row
 *   1 read, 1 copy  bytes that go by in a row: divided by memory_read, by memory_copy
 *
 * Each may be by the byte (/B) of what is charged for; `smp` behind it: only in a kernel built for several
 * processors.  A scenario's costs become a machine's times once, when the machine is built.
 */
#ifndef LAB_TERMS_H
#define LAB_TERMS_H

#include <stdbool.h>

#include "sim/cost.h"

#define TERMS_MOST 8

enum term_kind {
	TERM_TIME,
	TERM_CPU,
	TERM_TRAP,
	TERM_SWITCH,
	TERM_LINES,
	TERM_READ,
	TERM_COPY,
};

struct term {
	double amount; /* TIME, CPU: ps; TRAP, SWITCH: how many; LINES: lines; READ, COPY: bytes */
	enum term_kind kind;
	bool per_byte, smp;
};

struct terms {
	struct term term[TERMS_MOST];
	unsigned n; /* 0: it costs nothing */
};

/* Of a P6 of 1 GHz: 100 ns to get in and 100 ns to get out (M. Dillon, DragonFly kernel list, 23 Jul 2003). */
#define TERMS_TRAP_1GHZ (200.0 * (double)SIM_NS)
/* Of a P6 too: 177 cycles to load an address space and three entries of its TLB, 79 to store and load registers (measured
 * on a Pentium II of 200 MHz, along with a Pentium 4: 516 and 188). */
#define TERMS_SWITCH_1GHZ (256.0 * (double)SIM_NS)

/* What a host says of its processor, memory and kernel. */
struct machine {
	double speed;      /* > 0: cycles in the time that a P6 of 1 GHz needs for one */
	double trap;       /* ps into the kernel and back, > 0 */
	double exchange;   /* ps that one address space and its registers take for another's, > 0 */
	double line;       /* ps that a cache line from memory takes; 0: not said */
	double read, copy; /* ps a byte in a row takes, read or copied; 0: not said */
	bool smp;          /* its kernel is built for several processors */
	bool prefetch; /* lines in a row are fetched ahead, so that nobody waits but for a page's first */
};

/* Reads a sum of terms.  False and *what: what is wrong, a static string. */
bool terms_read(struct terms *terms, const char *text, const char **what);
/* As terms_read() reads it.  Free with g_free(). */
char *terms_write(const struct terms *terms);

/* What a charge takes on a machine; NULL: on a P6 of 1 GHz, of which nothing else is known. */
struct cost_value terms_on(const struct terms *terms, const struct machine *machine);
/* The key of a host that the terms need and that the machine does not say ("memory_latency"); NULL: none. */
const char *terms_lack(const struct terms *terms, const struct machine *machine);

#endif
