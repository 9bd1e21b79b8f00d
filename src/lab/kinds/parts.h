/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What kinds ask of each other when they build: each line is answered by the file of the kind that it
 * names, and no other file knows more of it.
 */
#ifndef LAB_PARTS_H
#define LAB_PARTS_H

#include <stdio.h>

#include "host/core/kernel.h"
#include "lab/kinds/kinds.h"
#include "lab/world/world.h"
#include "net/wire/peer.h"
#include "pci/bus.h"

/* host.c: the kernel of a host. */
struct kernel *host_called(const struct world *world, const char *name);
/* What it says of its processor, memory and kernel. */
struct machine host_machine(const struct group *host);
/* cost.c, toecost.c: sets the costs that the group of that name gives; nothing if there is none. */
void cost_apply(const struct scenario *sc, const char *name, const struct machine *machine,
                struct kernel *k);
/* cost.c: a host that does not say what the group's costs need; false and *error. */
bool cost_check(const struct scenario *sc, const struct group *host, const struct machine *machine,
                GError **error);
struct toe;
void toecost_apply(const struct scenario *sc, const char *name, struct toe *toe);
/* pci.c: a bus, and the kernel of its host. */
struct pci_bus *pci_called(const struct world *world, const char *name);
struct kernel *pci_host(const struct world *world, const char *name);

/* peer.c: the first machine of a group; the machines of several, one after the other. */
struct peer *peer_called(const struct world *world, const char *name);
GPtrArray *peers_called(const struct world *world, char **names);
/* parts.c: the addresses (uint32_t) of interfaces. */
GArray *targets_called(const struct world *world, char **names);
/* The addresses of one. */
uint32_t target_called(const struct world *world, const char *name);

/* AF_INET or AF_TOE, of a key with these words. */
extern const char *const family_words[];
int family_number(int choice);
/* Presets of TCP/IP stacks. */
extern const char *const stack_words[];

/* fileset.c: for a group with the keys fileset and path, of which one must be given; then path and key of the
 * bytes (pattern_check()) of the set's one file.  A path's key is 0: its bytes are not checked. */
bool file_check(const struct group *group, GError **error);
void file_called(const struct scenario *sc, const struct group *group, const char **path,
                 uint64_t *pattern_key);
/* Of a file set; each directory has 36 files. */
#define FILES_MAX_DIRECTORIES 10000
/* specweb.c: directories of SPECweb99's file set that its clients ask for. */
unsigned specweb_asks(const struct group *group);

/* sendbench.c: the benchmark itself, for an observer. */
struct sendbench;
struct sendbench *sendbench_of(const struct group *group);

/* scenario.c: what the calendar shows when the run begins, seconds since 1970. */
int64_t scenario_epoch(const struct scenario *sc);

/* exec.c: how the world's real programs, if it has any, are watched. */
struct exec_watched {
	FILE *log;      /* a line per system call; NULL: none */
	bool check_fds; /* their descriptors are compared with the real kernel's after each call */
};
void exec_watch(const struct exec_watched *watched);

/* --- events ----------------------------------------------------------------------------------- */

/* In the order of the words of [event]'s key do. */
enum deed_kind { DEED_LOAD, DEED_UNLOAD, DEED_FAIL, DEED_REMOVE, DEED_SLOW, DEED_LIE, DEED_INSERT };

/* What an event does to a group that takes it. */
struct deed {
	enum deed_kind what;
	double factor; /* of slow */
	int lie;       /* enum comm_fault */
	sim_time time; /* of lie */
	/* To be called when the card is taken out, with what its driver says of it. */
	void (*taken_out)(void *arg, const char *why);
	void *arg;
};

/* A client comes when the server listens. */
#define CLIENT_START (10 * SIM_MS)

#endif
