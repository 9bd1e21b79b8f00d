/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_CALIBRATE_H
#define LAB_CALIBRATE_H

#include "lab/campaign/plan.h"

/* Fits the parameters that the text's [calibrate NAME] groups name, and prints each value found.
 * *failed: how many do not agree with their target, and reasons, which were printed, why runs are none
 * to rely on.  False and *error. */
bool calibrate(const struct text *text, uint64_t seed, unsigned *failed, GError **error);

#endif
