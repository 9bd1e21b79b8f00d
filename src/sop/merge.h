/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The merging: how the answers of several stacks become the one that the program gets. */
#ifndef SOP_MERGE_H
#define SOP_MERGE_H

#include "sop/target.h"

typedef ssize_t (*sop_call)(struct sop_leg *leg, void *arg);

/* Each leg in turn until one answers >= 0 or with an error that `goes_on` does not let
 * pass.  The answer of the last leg asked; *who is it. */
ssize_t sop_first_success(const struct sop_set *set, sop_call call, void *arg,
                          bool (*goes_on)(int err, void *judge), void *judge, struct sop_leg **who);
/* All legs, INET last since it has no way back; when one fails those before are undone and its
 * error is the answer. */
int sop_all_or_undo(struct sop_sock *ss, const struct sop_set *set, sop_call call, sop_call undo,
                    void *arg);
/* INET first: its error is the answer and ends the matter.  Then the cards: errors in `ignored`
 * (0-terminated) are counted, of the others the first is the answer, after all were asked. */
int sop_inet_represents(struct sop_sock *ss, const struct sop_set *set, sop_call call, void *arg,
                        const int *ignored);
/* All are called; INET's answer is the answer, whatever the cards say. */
int sop_inet_answers(const struct sop_set *set, sop_call call, void *arg);
/* The masks of all. */
unsigned sop_or_masks(const struct sop_set *set, sop_call call, void *arg);

#endif
