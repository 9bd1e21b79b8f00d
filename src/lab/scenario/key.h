/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys: one line of a table says what a value is, where it lives in a struct, and what it may be.
 * The parser, `params`, the error messages and --help all read the same table.
 */
#ifndef LAB_KEY_H
#define LAB_KEY_H

#include <stddef.h>

#include "lab/scenario/quantity.h"
#include "net/engine/params.h"

struct key {
	const char *name;
	enum value_type type;
	size_t offset, size;        /* of the field in the group's struct */
	double min, max;            /* in base units; both 0: any value that is not negative */
	const char *const *choices; /* VALUE_CHOICE: NULL-terminated; the value is the index */
	const char *help;           /* one line */
	const char *to; /* its words are names of groups of this kind; NULL: they are not */
	bool needed;    /* and there must be one */
};

/* Reads `text` into the key's field of `conf`.  On failure false and *why set: what is wrong and
 * what is allowed, in one line. */
bool key_set(const struct key *key, void *conf, const char *text, char **why);

/* What the field of a value that is a number holds, in base units. */
double key_number(const struct key *key, const void *conf);
/* The field as text that key_set() reads back. */
char *key_get(const struct key *key, const void *conf);
/* Frees what key_set() allocated, if anything. */
void key_clear(const struct key *key, void *conf);

/* What is allowed, for messages and help: "a time such as 10us, 10ns to 10us". */
char *key_allowed(const struct key *key);

/* The same for parameters of a TCP/IP stack ("rto_min"), which the engine itself lists. */
bool key_set_net(struct net_params *params, const char *name, const char *text, char **why);
/* Whether a stack has a parameter of that name, and the type of its values (NULL: never mind). */
bool key_net_find(const char *name, enum value_type *type);
/* Type of a unit that net_params_get() names. */
enum value_type key_net_type(const char *unit);

/* The candidate nearest to `word` by edit distance, never `word` itself; NULL when none is near. */
const char *nearest_word(const char *word, const char *const *candidates, size_t n);

#endif
