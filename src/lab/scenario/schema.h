/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a scenario may contain: a type for each kind of group, with its table of keys and the
 * struct that the keys fill.
 */
#ifndef LAB_SCHEMA_H
#define LAB_SCHEMA_H

#include "apps/echo.h"
#include "apps/fetch.h"
#include "apps/oplat.h"
#include "apps/sendbench.h"
#include "apps/specweb.h"
#include "apps/streaming.h"
#include "apps/web.h"
#include "host/core/kernel.h"
#include "host/dev/nic.h"
#include "lab/scenario/key.h"
#include "net/wire/link.h"
#include "net/wire/peer.h"
#include "pci/bus.h"
#include "sop/sop.h"
#include "toe/driver/toe.h"

enum type_id {
	TYPE_SCENARIO,
	TYPE_HOST,
	TYPE_COST,
	TYPE_PCI,
	TYPE_NIC,
	TYPE_TOE,
	TYPE_TOECOST,
	TYPE_PEER,
	TYPE_TAP,
	TYPE_NETWORK,
	TYPE_SOP,
	TYPE_FILESET,
	TYPE_WEB,
	TYPE_SPECWEB,
	TYPE_SENDBENCH,
	TYPE_STREAMING,
	TYPE_FETCH,
	TYPE_OPLAT,
	TYPE_PROGRAM,
	TYPE_RUN,
	TYPE_EVENT,
	TYPE_ECHO,
	TYPE_CONFIG,
	TYPE_EXPERIMENT,
	TYPE_CALIBRATE,
	TYPE_COUNT
};

struct type {
	const char *name, *help;
	size_t size; /* of the struct */
	const struct key *keys;
	size_t n_keys;
	void (*init)(void *conf); /* sets defaults; may be NULL */
	size_t net;               /* offset of a struct net_params that tcp.* keys set; 0: none */
	bool named;               /* written [type NAME] and may override keys of other groups */
};

extern const struct type lab_types[TYPE_COUNT];

/* The type called `name`, NULL if there is none. */
const struct type *type_find(const char *name);
const struct key *type_key(const struct type *type, const char *name);
static inline enum type_id type_id(const struct type *type) {
	return (enum type_id)(type - lab_types);
}
/* Programs as text and what belongs to them (lessons.h). */
static inline bool type_is_lesson(const struct type *type) {
	return type_id(type) >= TYPE_PROGRAM && type_id(type) <= TYPE_ECHO;
}

/* Of a file set; each has 36 files. */
#define FILES_MAX_DIRECTORIES 10000
/* What a folder of this machine may have: files and folders below it, one below the other, bytes. */
#define FOLDER_MAX_FILES 10000
#define FOLDER_MAX_DEPTH 32
#define FOLDER_MAX_BYTES (256 << 20)

/* --- the structs ----------------------------------------------------------------------------- */

struct scenario_group {
	char *title;
	sim_time warmup;   /* before the measuring window */
	sim_time duration; /* of the window; 0: until the programs that end have ended */
	sim_time batch;    /* of the window's parts, for confidence intervals; 0: a twentieth of it */
	sim_time limit;    /* a run without duration is given up after this */
	char **sweep;      /* "GROUP.KEY=A;B;C": what `sweep` varies when --vary is not given */
	char **figure;     /* columns that its figure shows; NULL: all */
};

struct host_group {
	struct kernel_conf conf;
	char *costs; /* a [cost] group */
	int stack;   /* preset */
};

struct cost_group {
	struct cost_value value[HOST_COST_COUNT];
};

struct pci_group {
	struct pci_conf conf;
	char *host;
};

struct nic_group {
	struct nic_conf conf;
	char *bus;
	struct net_address address;
	uint32_t gateway;
	unsigned irq;
	bool plugged;
};

struct toe_group {
	struct toe_conf conf;
	char *bus, *costs;
	struct net_address address;
	uint32_t gateway;
	unsigned irq;
	int stack;
	bool plugged;
	sim_time fails_at, removed_at; /* 0: never */
};

struct toecost_group {
	struct cost_value value[TOE_COST_COUNT];
};

struct peer_group {
	unsigned count; /* machines with consecutive addresses */
	struct net_address address;
	uint32_t gateway;
	uint16_t mtu;
	sim_time latency;
	struct net_params net;
	int stack;
};

/* The real kernel's end of a link, when `sopsim live` runs the scenario. */
struct tap_group {
	char *device; /* NULL: called as the group */
	struct net_address address; /* prefix 0: not to be set */
};

enum fault_direction { FAULTS_BOTH, FAULTS_FORWARD, FAULTS_BACK };

struct network_group {
	char **members; /* interfaces and peers; two: a wire, more: a switch */
	struct link_conf link;
	struct fault_conf fault;            /* of each link of `faults_at` (NULL: of all) ... */
	char **faults_at;
	int faults_go;                      /* ... that way */
	uint32_t *drop_forward, *drop_back; /* the frames of each of these links, by number */
	sim_time switch_latency;
};

struct sop_group {
	struct sop_conf conf;
	char *host;
	bool loaded;
	sim_time load_at; /* 0: before everything */
};

struct fileset_group {
	char *host, *path; /* one file of `size`, or the SPECweb99 file set when there is no path */
	char *folder;      /* instead of both: the files of a real folder */
	uint64_t size;
	unsigned directories;
	unsigned seed; /* of the bytes */
};

struct web_group {
	struct web_conf conf;
	char *host;
	int family;
	bool enabled;
};

struct specweb_group {
	struct specweb_conf conf;
	char **peers, **targets;
	double offered; /* requests per second; 0: `connections` counts */
	double class_share[SPECWEB_CLASSES];
	bool enabled;
};

struct sendbench_group {
	struct sendbench_conf conf;
	char *host, *peer;
	int family;
	bool enabled;
};

struct streaming_group {
	struct streaming_conf conf;
	char *host;
	char **peers, **targets;
	int family;
	bool enabled;
};

struct fetch_group {
	struct fetch_conf conf;
	char *peer, *target, *path, *fileset;
	sim_time start;
	bool enabled;
};

struct oplat_group {
	struct oplat_conf conf;
	char *host, *peer, *target;
	int family;
	bool enabled;
};

struct program_group {
	char *machine, *text;
	sim_time at;
	bool background; /* need not end */
	bool enabled;
};

struct run_group {
	char *machine, *command;
	sim_time at;
	bool enabled;
};

enum event_action {
	EVENT_LOAD,
	EVENT_UNLOAD,
	EVENT_FAIL,
	EVENT_REMOVE,
	EVENT_SLOW,
	EVENT_LIE,
	EVENT_INSERT,
};
extern const char *const event_actions[]; /* by action, ends with NULL */

struct event_group {
	char *target;
	sim_time at, time; /* time: of lie */
	int action, expect, lie;
	double factor; /* of slow */
	bool enabled;
};

struct echo_group {
	struct echo_conf conf;
	char *peer, *target;
	int mode, expect;
	bool enabled;
};

struct config_group {
	char *label;
};

struct experiment_group {
	char *title;
	char **configs;
	uint32_t *offered, *quick_offered; /* load points, requests per second */
	char *load;                        /* key that a load point sets */
	bool enabled;
};

struct calibrate_group {
	char *parameter; /* GROUP.KEY, a time or a factor */
	char *experiment, *config, *measure;
	double target, tolerance;
	char *low, *high; /* in the parameter's unit */
	unsigned order;
};

#endif
