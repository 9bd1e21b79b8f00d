/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One machine's kernel: the root object that every part of the host hangs on.
 */
#ifndef HOST_KERNEL_H
#define HOST_KERNEL_H

#include "host/core/costs.h"
#include "host/core/cpu.h"
#include "host/core/task.h"
#include "net/engine/params.h"
#include "sim/rng.h"
#include "sim/trace.h"

#define KERNEL_TICK (10 * SIM_MS) /* HZ = 100 */
#define NPROTO 32 /* size of net_families[], as in Linux 2.4 */

struct net_proto_family;
struct fs;
struct netdevs;
struct toedevs;
struct modules;

struct kernel_conf {
	const char *name;    /* of the machine; copied */
	size_t l2;           /* bytes of the second-level cache; 0: unknown (cache.h) */
	unsigned l2_ways;    /* of it (> 0) */
	size_t l2_line;      /* bytes of one of its lines (> 0) */
	sim_time time_slice; /* of a task (2.4: 60 ms) */
	sim_time tick;       /* of the kernel's timers (2.4: 10 ms); 0: exact */
	sim_time tick_phase; /* ticks come at tick_phase + n * tick (0 .. tick) */
	unsigned max_tasks;
	unsigned max_files;    /* descriptors a process may have (NR_OPEN) */
	struct net_params net; /* of the host's own stack */
};

/* Sensible defaults: "linux-2.4" stack, all costs 0. */
void kernel_conf_default(struct kernel_conf *conf);

/*
 * Fields are read across the host's rooms; beside each stands the file that makes it and
 * takes it down.
 */
struct kernel {
	struct sim *sim;
	struct sim_machine *machine; /* where its processes run */
	struct sim_track *track;     /* of all that is told of it */
	char *name;
	struct kernel_conf conf;
	struct cost_table costs;                             /* kernel_set_cost() */
	struct cpu *cpu;                                     /* cpu.c */
	struct sched *sched;                                 /* sched.c */
	const struct files_ops *files_ops;                   /* fd.c */
	const struct net_proto_family *net_families[NPROTO]; /* socket.c */
	struct net_stack *stack;                             /* inet_stack.c: the INET stack */
	struct fs *fs;                                       /* fs.c */
	struct netdevs *netdevs;                             /* dev.c */
	struct toedevs *toedevs;                             /* toedev.c */
	struct modules *modules;                             /* module.c */
	struct sim_end end;                                  /* kernel.c */
};

/* After sim_run(): ends all programs, which close their sockets without cost or packet.  For who must
 * free what the sockets need (cards) before the kernel; kernel_free() does it too. */
void kernel_halt(struct kernel *k);

/* Sets the value of a cost by key; -ENOENT if there is none of that name. */
int kernel_set_cost(struct kernel *k, const char *name, struct cost_value value);

/* A time (>= 0) in whole ticks, parts of one counted as one: how 2.4 turns the time-out of select() and
 * those of socket options into jiffies.  Without ticks, or for SIM_NEVER: the time itself. */
sim_time kernel_ticks(const struct kernel *k, sim_time time);
/* The same and a tick more, unless the time is 0: sys_nanosleep() and sys_poll() of 2.4, which must not
 * be over too soon although the first tick may come at once. */
sim_time kernel_ticks_least(const struct kernel *k, sim_time time);
/* The date of the last tick; without ticks, now. */
sim_time kernel_last_tick(const struct kernel *k);
/* The date of the next interrupt of the clock, which comes each 10 ms if time-outs are exact. */
sim_time kernel_next_tick(const struct kernel *k);

/* --- loadable modules (module.c) ------------------------------------------------------------ */

struct module {
	const char *name;
	int (*init)(struct kernel *k, void *arg);
	void (*exit)(struct kernel *k, void *arg);
	void *arg;
	int use_count; /* MOD_INC_USE_COUNT, MOD_DEC_USE_COUNT */
};

/* insmod and rmmod: -EEXIST, what init said; -ENOENT, -EBUSY while use_count > 0. */
int module_load(struct kernel *k, struct module *module);
int module_unload(struct kernel *k, const char *name);
struct module *module_find(const struct kernel *k, const char *name);

#endif
