/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What nobody knows of a system, as its [prior NAME] groups say it, and a system drawn from that: a
 * place in the unit cube, one coordinate for each unknown, all places alike.
 */
#ifndef LAB_UNKNOWNS_H
#define LAB_UNKNOWNS_H

#include "lab/kinds/kinds.h"

enum unknown_law { UNKNOWN_LINEAR, UNKNOWN_LOG, UNKNOWN_WORDS };

struct unknown {
	const char *name, *label;
	enum unknown_law law;
	double low, high;
	double step; /* what depends on it may jump at its multiples; 0: at none */
	bool whole;
	char **words; /* UNKNOWN_WORDS: what it may be */
	unsigned n_words;
	const char *set;
	char **kinds; /* names of parts of the range; NULL: none */
};

struct unknowns {
	unsigned n;
	struct unknown *list; /* texts are the scenario's */
};

/* The scenario must stay.  NULL and *error: it has none, or what one sets is not to be understood. */
struct unknowns *unknowns_new(const struct scenario *sc, GError **error);
void unknowns_free(struct unknowns *unknowns);

/* At a coordinate, 0 <= x < 1: the number that it is, or which of the words. */
double unknown_value(const struct unknown *u, double x);
unsigned unknown_word(const struct unknown *u, double x);
/* The coordinate of a number or, WORDS, of the middle of the word of that index. */
double unknown_at(const struct unknown *u, double value);
/* "0.412", "prefork"; to be freed. */
char *unknown_text(const struct unknown *u, double x);
/* Name of the part of the range that the value lies in; NULL: it has no parts. */
char *unknown_kind(const struct unknown *u, double value);

/* "GROUP.KEY=VALUE" of a whole system, n coordinates; ends with NULL, to be freed with g_strfreev(). */
char **unknowns_settings(const struct unknowns *unknowns, const double *x);

#endif
