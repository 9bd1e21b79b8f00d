/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures under the eyes of tshark. */
#ifndef EXPERT_H
#define EXPERT_H

#include <stdbool.h>

#include "net/engine/stack.h"

/* Asserts that a capture, taken at the sender `source` (dotted), is clean: nothing malformed, no bad
 * checksum, no ACK of what was not seen, nothing sent beyond the window; and that it holds as many
 * retransmissions of the sender's as its stack counts.  Prints both numbers. */
void expert_judge(const char *path, const char *what, const char *source,
                  const struct net_counters *sender);
/* Whether there is no tshark; says so. */
bool expert_missing(void);

#endif
