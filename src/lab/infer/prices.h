/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each named cost comes to on a system that is drawn: the first half of the closed form.  Costs are sums of
 * terms (lab/scenario/terms.h), each of them and each number of the host linear in what one unknown sets it
 * to; which, is found out by setting it.
 */
#ifndef LAB_PRICES_H
#define LAB_PRICES_H

#include "lab/infer/numbers.h"
#include "lab/infer/unknowns.h"

struct prices;

/* Of the runs that the numbers take.  NULL and *error: a prior sets what cannot be set, or to what it may not
 * be. */
struct prices *prices_new(const struct text *text, char **sets, const struct unknowns *unknowns,
                          const struct numbers *numbers, GError **error);
void prices_free(struct prices *prices);

/* How many costs there are: of the host's processor, then of the card's. */
unsigned prices_host(const struct prices *prices);
unsigned prices_all(const struct prices *prices);
/* "server.cost.irq": their measures are called so, with .us and .count behind it. */
const char *prices_name(const struct prices *prices, unsigned cost);

/* In a run, microseconds each time and for each byte, at these values of the unknowns. */
void prices_at(const struct prices *prices, unsigned run, const double *values, double *each,
               double *per_byte);

#endif
