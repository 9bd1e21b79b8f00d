/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of the process (ulimit), asked for before it runs into them. */
#ifndef LAB_RLIMITS_H
#define LAB_RLIMITS_H

#include <stdbool.h>

/* False, and one line printed: with so few descriptors, so little memory or stack no command works.
 */
bool limits_suffice(void);
/* Whether memory is limited: what then crashes may have had too little. */
bool limits_memory(void);

#endif
