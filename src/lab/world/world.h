/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario come alive: machines, buses, cards, wires and programs, built in an order in which
 * each finds what it needs, and taken down in the reverse one.
 */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H

#include "lab/scenario/scenario.h"
#include "net/wire/capture.h"

struct window;

struct world {
	const struct scenario *sc;
	struct sim *sim;
	GHashTable *ports;    /* name of interface or machine -> struct port */
	GPtrArray *captures;  /* struct capture */
	GPtrArray *capture_names; /* of their files */
	unsigned next_mac, next_irq;
	bool shown;           /* what programs do is printed */
	bool open_ended;      /* the run goes on until somebody ends it, and that cuts nothing short */
	unsigned unfinished;  /* programs that will end by themselves */
	sim_time until;       /* world_run() ends then at the latest */
	struct sim_event finish; /* the end of the run */
	struct window *window; /* window.c */
};

/* The machines of a peer group (group->live). */
struct peer_set {
	unsigned n;
	struct peer **peer;
};

/* A network (group->live). */
struct network {
	GPtrArray *links; /* struct link */
	struct ether_switch *sw;
};

/* The SOP module of a host (group->live); no live object: not to be loaded. */
struct sop_module {
	struct kernel *kernel;
	struct module *module;
	int error; /* of module_load() */
};

/* The send benchmark and the sink that it talks to (group->live). */
struct sendbench_pair {
	struct sendbench *bench;
	struct sink *sink;
};

/* A client that fetches files from its start on (group->live). */
struct fetch_run {
	struct world *world;
	struct peer *peer;
	struct fetch_conf conf;
	struct fetch *fetch; /* NULL before the start */
};

/* Builds everything; one world at a time in an operating-system process. NULL and *error. */
struct world *world_new(const struct scenario *sc, uint64_t seed, GError **error);
void world_free(struct world *world);

/* captures.c: writes what passes each interface of a host and each tap to DIR/NAME.pcap, a peer group
 * to DIR/PEERS.pcap, what passes between a card and its host to DIR/CARD-pci.pcap; before world_run(). */
bool world_capture(struct world *world, const char *dir, GError **error);
/* Ends all captures. */
bool world_capture_close(struct world *world, GError **error);
/* After the run, in any process: gives the captures in `dir` their names, all of them or none. */
bool world_capture_keep(const char *dir, GError **error);
/* Removes what a run that failed or was interrupted left of its captures. */
void world_capture_discard(const char *dir); /* NULL: there was none */

/* Plugs in a card of the scenario that was left out (plugged = no): 0, -EEXIST, or what its
 * configuration said. */
int world_insert_card(struct world *world, struct group *group);

/* Starts the programs, runs to the end of the window or of the programs. */
void world_run(struct world *world);

/* files.c: puts a scenario's files on its hosts. */
bool files_build(struct world *world, GError **error);
/* Key of the bytes of a file set's one file, for pattern_check(). */
uint64_t files_pattern_key(const struct fileset_group *files);
/* Connections of a group of SPECweb99 clients. */
unsigned specweb_group_connections(const struct specweb_group *web);

/* Ends the run of a `struct world` at the present date. */
void world_finish(void *world);

/* programs.c: what runs on the machines. */
bool programs_build(struct world *world, GError **error);
void programs_free(struct world *world);
/* A program that ends by itself has ended. */
void world_program_done(void *world);

#endif
