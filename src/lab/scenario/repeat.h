/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Groups that there are several of: a card, its clients and their wire, four times.
 *
 *   [repeat cards]
 *   groups = toe0, toe_clients, toe_lan
 *   count = 4
 *
 * A copy says what its original says.  Its name is the next one (toe1, toe_clients2), names of others
 * of the set mean their copies of the same number, and its address is in the next network of that
 * size; or, if no network is copied, it is the next free one.  Lists of names elsewhere (`targets = toe0`)
 * get the copies too; where one name stands, it is the original's.
 */
#ifndef LAB_REPEAT_H
#define LAB_REPEAT_H

#include "lab/scenario/scenario.h"

/* Makes the copies of a [repeat NAME] group in the scenario's text, whose other groups are not read yet.
 * False and *error: it names what there is not, or a copy would have a name that is taken. */
bool repeat_make(struct scenario *sc, const struct group *repeat, GError **error);

#endif
