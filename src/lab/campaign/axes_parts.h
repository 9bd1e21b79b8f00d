/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the axes have in common: dimensions, which become one axis of the points or several. */
#ifndef LAB_AXES_PARTS_H
#define LAB_AXES_PARTS_H

#include "lab/campaign/axes.h"

/* --- axes_asked.c ------------------------------------------------------------------------------ */

/* What is asked for, wherever it is said. */
struct axes_asked {
	struct axes_wanted words;
	const struct group *group; /* whose words hold; NULL: none */
	char *in; /* "a.ini: [sweep buses] ": in front of its words in messages; NULL: there is no group */
	const struct axes_wanted *line; /* what the command line says of it */
	char **of_group[4];             /* to be freed */
};

/* False and *error: nothing is, or there is no such group. */
bool axes_ask(struct axes_asked *asked, const struct scenario *sc, const struct axes_wanted *line,
              GError **error);
void axes_asked_clear(struct axes_asked *asked);
/* How a word is called: "--vary", "a.ini: [sweep buses] vary".  To be freed. */
char *axes_word(const struct axes_asked *asked, const char *word);
/* "--vary: what is wrong"; false. */
bool axes_wrong(const struct axes_asked *asked, const char *word, GError **error,
                const char *format, ...) G_GNUC_PRINTF(4, 5);

/* --- axes_range.c ------------------------------------------------------------------------------ */

/* "10ns..10us log 13". */
struct range {
	enum value_type type;
	bool per_byte;    /* of a cost: both ends are times per byte */
	double low, high; /* in base units */
	bool logarithmic; /* even ratios instead of even steps */
	double step;      /* > 0: from low on */
	unsigned n;       /* values, both ends among them; 0: by step, or open */
};

/* Whether values of the type can make a range, and `text` is written as one. */
bool range_is(enum value_type type, const char *text);
/* False and *why: what is wrong and what is allowed. */
bool range_read(struct range *range, enum value_type type, const char *text, char **why);
static inline bool range_is_open(const struct range *r) { return r->n == 0 && r->step == 0; }
/* Values of one that is not open; to be freed. */
unsigned range_count(const struct range *range);
char *range_nth(const struct range *range, unsigned i);
/* The value at a share of the way, 0 to 1, of one that is open; to be freed. */
char *range_draw(const struct range *range, double share);

/* --- axes_parse.c ------------------------------------------------------------------------------ */

/* "pci0.latency"; or "config" and "experiment". */
struct dim_key {
	char *name;
	enum value_type type;
};

struct dim_point {
	char *name;    /* NULL: none was given */
	char **values; /* of each key, as a scenario has it: "33MHz" */
};

/* What is varied by itself: a key, or several that change together. */
struct dim {
	GArray *keys;   /* struct dim_key */
	GArray *points; /* struct dim_point */
	bool drawn;     /* by --sample */
};

struct axes {
	GPtrArray *dims; /* struct dim */
	GArray *at;      /* guint: which point of each dimension, for each combination */
	guint n;         /* combinations */
};

static inline const struct dim *axes_dim(const struct axes *axes, guint d) {
	return axes->dims->pdata[d];
}
static inline const struct dim_key *dim_key(const struct dim *dim, guint k) {
	return &g_array_index(dim->keys, struct dim_key, k);
}
static inline const struct dim_point *dim_point(const struct dim *dim, guint p) {
	return &g_array_index(dim->points, struct dim_point, p);
}

/* A key with an open range, from which values are to be drawn. */
struct dim_open {
	struct dim_key key;
	struct range range;
};

/* Where dimensions are read from, and to. */
struct axes_reader {
	const struct text *text;
	const struct scenario *sc;
	unsigned sample;  /* values to be drawn from each open range; 0: none */
	const char *word; /* "--vary" */
	struct axes *axes;
	GArray *open;  /* struct dim_open */
	guint open_at; /* place of their dimension */
};

struct dim *dim_new(void);
void dim_free(struct dim *dim);
void dim_add_key(struct dim *dim, const char *name, enum value_type type);
/* A value for each key.  Names and values are copied. */
void dim_add_point(struct dim *dim, const char *name, const char *const *values);
/* Its name, or its values with commas; to be freed. */
char *dim_label(const struct dim_point *point);

/* "GROUP.KEY=A,B" and its sisters.  False and *error. */
bool axes_parse(struct axes_reader *r, const char *words, GError **error);

/* --- axes_sample.c ----------------------------------------------------------------------------- */

/* Draws the points of all open ranges: a Latin hypercube. */
struct dim *axes_sample(const GArray *open, unsigned n, uint64_t seed);

/* --- axes_except.c ----------------------------------------------------------------------------- */

struct exception;
/* NULL and *error, which begins with `word`. */
struct exception *exception_new(const struct axes *axes, const char *words, const char *word,
                                GError **error);
/* Whether it holds for the points of that number on each dimension. */
bool exception_holds(const struct exception *exception, const struct axes *axes, const guint *at);
void exception_free(struct exception *exception);

#endif
