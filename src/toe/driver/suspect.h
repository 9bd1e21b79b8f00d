/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is what the card says, or that it says nothing, to be believed?
 */
#ifndef TOE_SUSPECT_H
#define TOE_SUSPECT_H

#include "toe/driver/command.h"

/* What is wrong with an entry, which answers `cmd` if any; NULL: nothing. */
const char *suspect_entry(const struct toe *toe, const struct comm_completion *entry,
                          const struct toe_cmd *cmd);
/* The card has interrupted. */
void suspect_interrupt(struct toe *toe);
/* The watchdog's look at the ring.  When it shall look again, from now; 0: nothing is suspicious, or
 * the card is dead. */
sim_time suspect_silence(struct toe *toe);

#endif
