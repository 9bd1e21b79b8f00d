/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A system that the simulator finds a little off, moved to where it would agree: what the simulator said of it less
 * what the closed form says is taken as the same nearby, as nothing of what it has not said yet, and of all moves that
 * lead to the paper's numbers, the shortest is made (Gauss and Newton's, of least length).
 */
#ifndef LAB_CORRECT_H
#define LAB_CORRECT_H

#include "lab/infer/emulator.h"

/* Where the trial should have been: a place, to be freed.  Words stay.  NULL: nothing could be moved. */
double *correct(struct emulator *emulator, const struct unknowns *unknowns,
                const struct numbers *numbers, const struct trial *trial);

#endif
