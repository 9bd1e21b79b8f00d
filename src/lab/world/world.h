/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario come alive: machines, buses, cards, wires and programs, built in an order in which
 * each finds what it needs, and taken down in an order in which nobody misses what is gone.  What
 * is built, and how, the kinds say.
 */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H

#include "lab/scenario/scenario.h"
#include "sim/sim.h"

struct bins;
struct window;
struct captures;
struct follow;
struct net_stack;

struct world {
	const struct scenario *sc;
	struct sim *sim;
	GHashTable *ports;         /* name of interface or machine -> struct port */
	struct captures *captures; /* captures.c; NULL: none */
	unsigned next_mac, next_irq;
	bool shown;                                 /* what programs do is printed */
	void (*heard)(void *arg, const char *text); /* is told what programs print; NULL: nobody */
	void *heard_arg;
	bool open_ended; /* the run goes on until somebody ends it, and that cuts nothing short */
	unsigned unfinished;     /* programs that will end by themselves */
	sim_time until;          /* world_run() ends then at the latest */
	struct sim_event finish; /* the end of the run */
	struct window *window;   /* window.c */
	struct bins *bins;       /* bins.c; NULL: none */
	GPtrArray *stacks;       /* struct net_stack: of its hosts, cards and peers */
	struct follow *follow;   /* follow.c; NULL: nobody follows a connection */
};

/* Builds everything; one world at a time in an operating-system process. NULL and *error. */
struct world *world_new(const struct scenario *sc, uint64_t seed, GError **error);
void world_free(struct world *world);

/* What programs do from now on is printed to stdout, in order.  (To be a run's `before`.) */
void world_show(struct world *world, void *unused);
/* Starts the programs, runs to the end of the window or of the programs. */
void world_run(struct world *world);
/* Ends the run of a `struct world` at the present date. */
void world_finish(void *world);

/* --- for kinds that build --------------------------------------------------------------------- */

/* The end of a wire for an interface or machine of that name. */
static inline struct port *world_port(const struct world *world, const char *name) {
	return g_hash_table_lookup(world->ports, name);
}
/* The world has got a TCP/IP stack, for as long as it lasts. */
void world_stack(struct world *world, struct net_stack *stack);
/* Locally administered addresses, one after the other. */
void world_mac(struct world *world, uint8_t mac[6]);
/* The interrupt line that the group's key irq gives, or one of its own. */
unsigned world_irq(struct world *world, const struct group *group);
/* A program that ends by itself has started; has ended (its argument is the world). */
void world_program_runs(struct world *world);
void world_program_done(void *world);
/* Tells a negative errno of the model as the fault of a group's key; false. */
bool world_failed(const struct group *group, const char *key, int error, GError **gerror);

#endif
