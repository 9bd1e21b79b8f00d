/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers as people read them: one unit for a whole column, chosen by its largest value, four digits that
 * mean something, and commas between thousands.
 */
#ifndef LAB_AMOUNT_H
#define LAB_AMOUNT_H

#include <glib.h>

struct amount {
	const char *unit; /* what it is shown in; "1": a mere number */
	double factor;    /* by which a value is multiplied for that */
	int digits;       /* behind the point */
};

/* How values that were told in `unit` ("us", "%", "1/s", "B", "1") are shown, of which `largest` is the
 * largest. */
struct amount amount_of(const char *unit, double largest);
/* The same of a column: that `values` has `n` of, NAN where there is none. */
struct amount amount_of_all(const char *unit, const double *values, size_t n);

/* "1,234.5"; of NAN "-".  To be freed. */
char *amount_text(const struct amount *amount, double value);
/* "12.3 +- 0.1"; of an interval that is NAN the value alone.  To be freed. */
char *amount_interval(const struct amount *amount, double value, double ci95);
/* A heading with its unit: "requests/s", "busy %", "commands".  To be freed. */
char *amount_head(const struct amount *amount, const char *head);

#endif
