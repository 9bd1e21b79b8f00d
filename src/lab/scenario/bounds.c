/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a value lie where its source says that it may? */
#include "lab/scenario/bounds.h"

#include <math.h>
#include <string.h>

#include "lab/scenario/terms.h"

#define BETWEEN ".."

static bool is_cost(const struct key *key) {
	return key->type == VALUE_COST || key->type == VALUE_WORK;
}

/* The time of a sum, or of a byte of it; false if that is a matter of memory. */
static bool cost_number(const struct terms *terms, bool per_byte, double *number) {
	struct cost_value value = terms_on(terms, NULL);

	for (unsigned i = 0; i < terms->n; i++)
		if (terms->term[i].per_byte == per_byte && terms->term[i].kind >= TERM_LINES)
			return false;
	*number = (double)(per_byte ? value.per_byte : value.each);
	return true;
}

/* An end of a range. */
static bool read_end(const struct key *key, const char *text, double *number, bool *per_byte,
                     const char **why) {
	struct terms terms;

	if (!is_cost(key))
		return quantity_number(key->type, text, number, why);
	if (!terms_read(&terms, text, why))
		return false;
	*per_byte = terms.n && terms.term[0].per_byte;
	*why = "of what depends on memory";
	return cost_number(&terms, *per_byte, number);
}

static bool has_range(const struct key *key) {
	return is_cost(key) || key->type == VALUE_TIME || key->type == VALUE_BYTES ||
	       key->type == VALUE_RATE || key->type == VALUE_FREQUENCY ||
	       key->type == VALUE_PER_SECOND || key->type == VALUE_COUNT ||
	       key->type == VALUE_FACTOR || key->type == VALUE_SHARE;
}

bool bounds_read(const struct key *key, const char *text, struct bounds *range, const char **why) {
	g_auto(GStrv) ends = g_strsplit(text, BETWEEN, 2);
	bool high_per_byte = false;

	*range = (struct bounds){.low = NAN};
	*why = "of a value that is no number";
	if (!has_range(key))
		return false;
	*why = "not two values with .. between";
	if (!ends[0] || !ends[1])
		return false;
	if (!read_end(key, g_strstrip(ends[0]), &range->low, &range->per_byte, why) ||
	    !read_end(key, g_strstrip(ends[1]), &range->high, &high_per_byte, why))
		return false;
	*why = "its low end is above its high one";
	return range->low <= range->high && range->per_byte == high_per_byte;
}

enum bounds_verdict bounds_have(const struct key *key, const struct bounds *range,
                                const char *value) {
	struct terms terms;
	const char *why;
	double number;
	bool known;

	if (is_cost(key))
		known = terms_read(&terms, value, &why) &&
		        cost_number(&terms, range->per_byte, &number);
	else
		known = quantity_number(key->type, value, &number, &why);
	if (!known)
		return BOUNDS_UNTOLD;
	return number >= range->low && number <= range->high ? BOUNDS_INSIDE : BOUNDS_OUTSIDE;
}
