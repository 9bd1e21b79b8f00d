/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kinds of groups: [pci0] is of kind pci, [program NAME] of kind program.
 *
 * A kind is one file of src/lab/kinds/ and one word in the list of src/lab/meson.build.  What it is
 * made of, what it measures and what it can do stands in its `struct kind`; its own structs are
 * known in its file only.  Everything else goes over all kinds and calls what they have.
 */
#ifndef LAB_KIND_H
#define LAB_KIND_H

#include "lab/scenario/key.h"

struct scenario;
struct group;
struct world;     /* lab/world/world.h */
struct reading;   /* lab/world/meters.h */
struct measures;  /* lab/world/measures.h */
struct look;      /* lab/world/verdict.h */
struct captures;  /* lab/world/captures.h */
struct histogram; /* sim/histogram.h */
struct deed;      /* lab/kinds/parts.h */

/* How a measure of several groups of a kind becomes one number. */
enum adds {
	ADDS_NOT, /* it says nothing of several: only one of them is ever told */
	ADDS_SUM,
	ADDS_MEAN, /* weighted by another measure, or all alike */
	ADDS_MAX,
	ADDS_MERGED, /* a percentile: of what all of them saw */
};

/* Over what time a measure is told. */
enum since {
	SINCE_RESET,   /* as the group tells it: its `reset` started it anew, or it is no sum */
	SINCE_OPENING, /* it counts up for ever: what the window saw is told */
	SELDOM,        /* the same, told only if the window saw any */
};

/* A measure that a kind has: the one place that says what it is. */
struct measured {
	const char *name; /* "cpu_user"; a * stands for any letters: "cost.*.us" */
	const char *unit; /* "us", "%", "1/s"; "1" of a count */
	const char *help; /* one line */
	enum adds adds;
	const char *weight; /* of a mean: another measure of the kind; NULL: all alike */
	enum since since;
	bool series; /* a running total is read each batch, for an interval: NAME_ci95 */
	/* A running total is read for the bins of series.csv (of a series it is anyway): what it grows by in a
	 * second is the measure, or, of counts and bytes, what one second saw. */
	bool bins;
	/* Of a series: another measure, whose running total stays near zero for ever, but goes up and down
	 * with the series; what a window's luck with it did to the series is taken off. */
	const char *control;
	/* A percentile: a share (0.99) of the durations that the group calls so does not exceed it. */
	const char *of;
	double share;
	bool fatal;         /* an errno: below zero, the run is worth nothing */
	const char *head;   /* of its column in summaries, before the unit; NULL: not there */
	bool interval;      /* and with its interval */
	bool first;         /* and before all others of its group */
	bool stack;         /* of a TCP/IP stack: its column is in the table of stacks */
	const char *column; /* in sweep.csv, with its interval; NULL: not there */
	const char *axis;   /* title of its panel in a sweep's figure; NULL: none */
};

/* When a kind's groups are built: each stage finds what those before it made. */
enum stage {
	STAGE_NONE, /* never: they only say something */
	STAGE_HOST,
	STAGE_BUS,
	STAGE_NETWORK,
	STAGE_PEER,
	STAGE_CARD,
	STAGE_MODULE,
	STAGE_FILES,
	STAGE_SERVER,
	STAGE_BENCH,
	STAGE_CLIENT,
	STAGE_TOLD,
	STAGES
};

/* When they are freed: programs let go of their sockets while the cards are still there. */
enum ending {
	ENDS_PROGRAM,
	ENDS_OFFLOAD,
	ENDS_CARD,
	ENDS_HOST,
	ENDS_MODULE,
	ENDS_BUS,
	ENDS_PEER,
	ENDS_NETWORK,
	ENDINGS
};

#define TALKS_TO_ALL G_MAXUINT

/* Functions may be NULL: there is nothing to do. */
struct kind {
	const char *name, *help;
	const char *title; /* of its table in summaries; NULL: its name */
	/* What else it passes for, words that keys refer to: "machine" (has an address and is on one
	 * network), "interface" (of a host), "server" (may be asked), "eventful" (takes events), "acts"
	 * (what it says is no parameter of the system, but part of what a scenario means), "endless" (a
	 * run with it needs no end). */
	const char *is;
	bool named; /* written [kind NAME], and may override keys of other groups */

	size_t size; /* of what its keys fill (group->conf) */
	const struct key *keys;
	size_t n_keys;
	size_t net;               /* offset of a struct net_params that tcp.* keys set; 0: none */
	void (*init)(void *conf); /* sets defaults */
	/* Tells the paths of the files and folders of this machine that the group takes in. */
	void (*takes)(const struct group *group, void (*fn)(void *arg, const char *path),
	              void *arg);
	/* Gives what the text leaves open and other groups say; before anything is checked. */
	void (*settle)(const struct scenario *sc, struct group *group);
	/* What is wrong beyond single values and references: false and *error. */
	bool (*check)(const struct scenario *sc, const struct group *group, GError **error);

	enum stage stage;
	enum ending ends;
	/* Makes what runs (group->live), which may stay NULL.  False and *error. */
	bool (*build)(struct world *world, struct group *group, GError **error);
	void (*halt)(struct group *group); /* before anything is freed */
	void (*free)(struct group *group);

	const struct measured *measures; /* in the order in which summaries say them */
	size_t n_measures;
	unsigned
		columns_at; /* place of its columns in sweep.csv among the kinds'; 0: behind these */
	void (*reset)(struct group *group); /* the window opens */
	void (*tell)(struct reading *r, const struct group *group);
	double (*total)(const struct group *group, const char *measure); /* running, of a series */
	/* The durations of that name (a measure's `of`) since the reset. */
	const struct histogram *(*durations)(const struct group *group, const char *name);
	void (*over)(struct group *group);      /* the run is over, and nothing is read yet */
	void (*judge)(const struct look *look); /* why the run is none to rely on */

	bool (*capture)(struct captures *captures, const struct group *group, GError **error);
	unsigned deeds; /* the events that it takes, a bit for each enum deed_kind ... */
	int (*act)(struct world *world, struct group *group,
	           const struct deed *deed); /* ... errno */
	/* Connections that it makes, the n-th from the n-th machine of its `peer` or `peers` to the
	 * n-th of its `target` or `targets`; TALKS_TO_ALL: what goes out by the targets is for all peers on
	 * their wires. */
	unsigned (*talks)(const struct group *group);
	sim_time (*busy)(const struct group *group); /* its processor or wires, since the reset */
};

/* Whether it is called `word` or passes for it. */
bool kind_is(const struct kind *kind, const char *word);
/* The kind of that name in a list that ends with NULL; NULL. */
const struct kind *kind_find(const struct kind *const *kinds, const char *name);
const struct key *kind_key(const struct kind *kind, const char *name);
/* The declaration of a measure that a group told; NULL. */
const struct measured *kind_measured(const struct kind *kind, const char *name);
/* How a measure of several groups adds up, in words: "sum", "mean, weighted by completed". */
char *measured_adds(const struct measured *measure);
/* The kind in the list whose name is nearest to `word`; NULL if none is near. */
const char *kind_nearest(const struct kind *const *kinds, const char *word);

/* For tables of keys, in a file whose `struct conf` they fill.  A line each.  K: any value that is
 * not negative; R: with a range; C: one of a list of words; REF: names groups of kind `to` (or that
 * pass for it), which may be missing or, NEED, may not. */
#define FIELD(field) offsetof(struct conf, field), sizeof(((struct conf *)0)->field)
#define K(name, type, field, text) {name, VALUE_##type, FIELD(field), 0, 0, NULL, text, NULL, false}
#define R(name, type, field, low, high, text)                                                      \
	{name, VALUE_##type, FIELD(field), (double)(low), (double)(high), NULL, text, NULL, false}
#define C(name, field, list, text)                                                                 \
	{name, VALUE_CHOICE, FIELD(field), 0, 0, list, text, NULL, false}
#define REF(name, type, field, to, text) {name, VALUE_##type, FIELD(field), 0, 0, NULL, text, to, false}
#define NEED(name, type, field, to, text) {name, VALUE_##type, FIELD(field), 0, 0, NULL, text, to, true}

#define DAY (86400 * SIM_S)

#endif
